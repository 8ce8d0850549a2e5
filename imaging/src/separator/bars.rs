//! Code 128 and Code 39: places with many strokes all in one direction, straightened and read.

use std::f32::consts::FRAC_PI_2;

use rxing::{
    DecodeHints,
    common::BitArray,
    oned::{Code39Reader, Code128Reader, OneDReader},
};

use super::guarded;
use crate::condition::{GreyPage, Reduced};

/// Side of the squares that are judged as one, in reduced pixels: 4 mm of A4.
const TILE: usize = 16;
/// Mean difference of neighbours along one direction in a square full of bars, of 255.
const LEAST_STEP: u32 = 14;
/// And so many times larger than in the other direction: 3 for bars at 15 degrees; letters have 1 to 2.
const MOST_CROSSWISE: f32 = 0.4;
/// A code is at least so many squares long and high.
const LEAST_LONG: usize = 6;
const LEAST_HIGH: usize = 2;
/// Only the largest places are read.
const MOST_PLACES: usize = 4;
/// Lines read across the bars.
const LINES: i32 = 9;
/// Parallel samples that make up one point of a line: specks go under in their mean.
const SAMPLES: i32 = 7;
/// Points of a line for each pixel of the page: bars at 150 dpi are two pixels wide.
const POINTS_PER_PX: f32 = 2.0;
/// What lies beside a place is read with it, as a share of its length: quiet zones, and bars in squares that
/// were missed.
const OVERHANG: f32 = 0.2;
/// More points than this are no page's.
const MOST_POINTS: usize = 30_000;

/// A place full of bars, in reduced pixels.
#[derive(Debug, Clone, Copy)]
struct Place {
    middle: (f32, f32),
    /// Direction across the bars, in radians from the x axis.
    angle: f32,
    long: f32,
    high: f32,
}

/// The texts of all bar codes that can be read.
pub(crate) fn read(page: &GreyPage<'_>) -> Vec<String> {
    let reduced = page.reduced();
    let places = places(&reduced);
    let full = page.full();
    places
        .iter()
        .filter_map(|place| read_place(&full, place, 1.0 / reduced.scale))
        .collect()
}

/// Sums of differences in one square.
#[derive(Debug, Clone, Copy, Default)]
struct Steps {
    across: u32,
    down: u32,
}

impl Steps {
    /// Bars that stand upright make steps across.
    fn are_bars(self, is_down: bool) -> bool {
        let (along, crosswise) = match is_down {
            false => (self.across, self.down),
            true => (self.down, self.across),
        };
        along >= LEAST_STEP * (TILE * TILE) as u32 && crosswise as f32 <= MOST_CROSSWISE * along as f32
    }
}

fn places(page: &Reduced<'_>) -> Vec<Place> {
    let (wide, high) = (page.width / TILE, page.height / TILE);
    let mut steps = vec![Steps::default(); wide * high];
    for y in 0..(high * TILE).min(page.height - 1) {
        let row = &page.grey[y * page.width..(y + 1) * page.width];
        let below = &page.grey[(y + 1) * page.width..(y + 2) * page.width];
        for (tile, sums) in steps[y / TILE * wide..(y / TILE + 1) * wide]
            .iter_mut()
            .enumerate()
        {
            let columns = tile * TILE..((tile + 1) * TILE).min(page.width - 1);
            let next = columns.start + 1..columns.end + 1;
            let sum = |one: &[u8], other: &[u8]| -> u32 {
                let pairs = one.iter().zip(other);
                pairs.map(|(one, other)| u32::from(one.abs_diff(*other))).sum()
            };
            sums.across += sum(&row[columns.clone()], &row[next]);
            sums.down += sum(&row[columns.clone()], &below[columns]);
        }
    }
    let mut places = Vec::new();
    for is_down in [false, true] {
        let mut left: Vec<bool> = steps.iter().map(|steps| steps.are_bars(is_down)).collect();
        for start in 0..left.len() {
            if left[start] {
                places.extend(place(page, &mut left, start, wide, is_down));
            }
        }
    }
    places.sort_by(|one, other| (other.long * other.high).total_cmp(&(one.long * one.high)));
    places.truncate(MOST_PLACES);
    places
}

/// Takes the connected squares around `start` out of `left`; a place where they have the shape of a code.
fn place(page: &Reduced<'_>, left: &mut [bool], start: usize, wide: usize, is_down: bool) -> Option<Place> {
    let mut tiles = vec![start];
    left[start] = false;
    let mut next = 0;
    while let Some(&tile) = tiles.get(next) {
        next += 1;
        let (x, y) = (tile % wide, tile / wide);
        for near_y in y.saturating_sub(1)..(y + 2).min(left.len() / wide) {
            for near_x in x.saturating_sub(1)..(x + 2).min(wide) {
                let near = near_y * wide + near_x;
                if std::mem::take(&mut left[near]) {
                    tiles.push(near);
                }
            }
        }
    }
    let (columns, rows) = (
        extent(tiles.iter().map(|tile| tile % wide)),
        extent(tiles.iter().map(|tile| tile / wide)),
    );
    let (long, high) = if is_down {
        (rows.1, columns.1)
    } else {
        (columns.1, rows.1)
    };
    if long < LEAST_LONG || high < LEAST_HIGH || tiles.len() * 3 < long * high {
        return None;
    }
    let middle = |(first, count): (usize, usize)| (first as f32 + count as f32 / 2.0) * TILE as f32;
    let angle = angle(page, &tiles, wide);
    Some(Place {
        middle: (middle(columns), middle(rows)),
        angle,
        long: (long * TILE) as f32,
        high: (tiles.len() * TILE) as f32 / long as f32,
    })
}

/// The first of these and how many there are up to the last.
fn extent(places: impl Iterator<Item = usize> + Clone) -> (usize, usize) {
    let (first, last) = (places.clone().min().unwrap_or(0), places.max().unwrap_or(0));
    (first, last - first + 1)
}

/// The direction in which grey changes most (the structure tensor's main axis).
fn angle(page: &Reduced<'_>, tiles: &[usize], wide: usize) -> f32 {
    let (mut xx, mut yy, mut xy) = (0_i64, 0_i64, 0_i64);
    for tile in tiles {
        let (left, top) = (tile % wide * TILE, tile / wide * TILE);
        for y in top.max(1)..(top + TILE).min(page.height - 1) {
            for x in left.max(1)..(left + TILE).min(page.width - 1) {
                let at = |x: usize, y: usize| i64::from(page.grey[y * page.width + x]);
                let (dx, dy) = (at(x + 1, y) - at(x - 1, y), at(x, y + 1) - at(x, y - 1));
                xx += dx * dx;
                yy += dy * dy;
                xy += dx * dy;
            }
        }
    }
    0.5 * (2.0 * xy as f32).atan2((xx - yy) as f32)
}

fn read_place(page: &Reduced<'_>, place: &Place, scale: f32) -> Option<String> {
    let half = place.long * scale * (0.5 + OVERHANG);
    let points = ((2.0 * half * POINTS_PER_PX) as usize).min(MOST_POINTS);
    let (sin, cos) = place.angle.sin_cos();
    let (up_sin, up_cos) = (place.angle + FRAC_PI_2).sin_cos();
    let (middle_x, middle_y) = (place.middle.0 * scale, place.middle.1 * scale);
    (-LINES / 2..=LINES / 2).find_map(|line| {
        let offset = place.high * scale * 0.8 * line as f32 / LINES as f32;
        let mut luma = Vec::with_capacity(points);
        for point in 0..points {
            let along = point as f32 / POINTS_PER_PX - half;
            let mean = (-SAMPLES / 2..=SAMPLES / 2).map(|sample| {
                let up = offset + sample as f32;
                page.sample(
                    middle_x + along * cos + up * up_cos,
                    middle_y + along * sin + up * up_sin,
                )
            });
            luma.push(mean.sum::<f32>() / SAMPLES as f32);
        }
        read_line(&luma, (scale * 12.0 * POINTS_PER_PX) as usize)
    })
}

/// Reads a line in both directions; black is what is nearer to the darkest than to the lightest point
/// within `reach`.
fn read_line(luma: &[f32], reach: usize) -> Option<String> {
    let mut bits = Vec::with_capacity(luma.len());
    for (at, value) in luma.iter().enumerate() {
        let near = &luma[at.saturating_sub(reach)..(at + reach + 1).min(luma.len())];
        let (low, high) = near
            .iter()
            .step_by(2)
            .fold((f32::MAX, f32::MIN), |(low, high), &near| {
                (low.min(near), high.max(near))
            });
        bits.push(high - low > 40.0 && *value < (low + high) / 2.0);
    }
    let forwards = decode(bits.iter().copied());
    forwards.or_else(|| decode(bits.iter().rev().copied()))
}

fn decode(bits: impl ExactSizeIterator<Item = bool>) -> Option<String> {
    let mut row = BitArray::with_size(bits.len());
    for (at, is_black) in bits.enumerate() {
        if is_black {
            row.set(at);
        }
    }
    let hints = DecodeHints::default();
    let code_128 = guarded(|| Code128Reader.decode_row(0, &row, &hints).ok());
    let result = code_128.or_else(|| guarded(|| Code39Reader::default().decode_row(0, &row, &hints).ok()))?;
    Some(result.getText().to_owned())
}

impl Reduced<'_> {
    /// The value at a place between pixels; white outside.
    fn sample(&self, x: f32, y: f32) -> f32 {
        let (x, y) = (x - 0.5, y - 0.5);
        if x < 0.0 || y < 0.0 || x >= (self.width - 1) as f32 || y >= (self.height - 1) as f32 {
            return 255.0;
        }
        let at = y as usize * self.width + x as usize;
        let (right, below) = (x.fract(), y.fract());
        let value = |at: usize| f32::from(self.grey[at]);
        let above = value(at) * (1.0 - right) + value(at + 1) * right;
        let under = value(at + self.width) * (1.0 - right) + value(at + self.width + 1) * right;
        above * (1.0 - below) + under * below
    }
}
