//! QR codes: their three corners are looked for first, which no page of text has.

use std::collections::HashSet;

use rxing::{
    BarcodeFormat, BinaryBitmap, DecodeHints, Luma8Source, Reader, common::HybridBinarizer,
    qrcode::cpp_port::QrReader,
};

use super::{Black, guarded};
use crate::condition::{GreyPage, Reduced};

/// Widths of dark and light in a corner, in modules.
const CORNER: [f32; 5] = [1.0, 1.0, 3.0, 1.0, 1.0];
/// How far each may be off, in modules.
const TOLERANCE: f32 = 0.6;
/// Width of a corner in pixels of half the reduced copy: 5 to 40 mm of A4.
const CORNER_PX: std::ops::RangeInclusive<usize> = 10..=80;
/// Hits of rows that lie nearer than this share of a corner's width are the same corner.
const SAME: f32 = 0.4;
/// Rows that must hit a corner.
const LEAST_HITS: u32 = 2;
/// With fewer corners in sight a page is not looked at any further.
const LEAST_CORNERS: usize = 2;
/// More corners than this are a pattern of some kind, not a code.
const MOST_CORNERS: usize = 24;
/// Space around the corners' middles that is read with them, as a share of the code's side: half a corner
/// and the quiet zone.
const MARGIN: f32 = 0.45;

#[derive(Debug, Clone, Copy)]
struct Corner {
    x: f32,
    y: f32,
    width: f32,
    hits: u32,
}

/// The text of the first code on the page that can be read.
pub(crate) fn read(page: &GreyPage<'_>) -> Option<String> {
    let reduced = page.reduced();
    let (grey, width) = halved(&reduced);
    let half = Reduced {
        width,
        height: reduced.height / 2,
        grey: &grey,
        scale: reduced.scale / 2.0,
    };
    let black = Black::of(&grey, width);
    // Dust may break the pattern along rows and leave it whole along columns.
    let (by_rows, by_columns) = (corners(&black), corners(&black.transposed()));
    if by_rows.len().max(by_columns.len()) < LEAST_CORNERS {
        return None;
    }
    let place = triangle(&by_rows).or_else(|| {
        let (top, left, bottom, right) = triangle(&by_columns)?;
        Some((left, top, right, bottom))
    });
    // Where one corner is missed the library may still see it.
    let whole = (0.0, 0.0, width as f32, half.height as f32);
    // The smaller the copy, the less noise; the larger, the more pixels a module.
    let full = page.full();
    let closely = place
        .into_iter()
        .flat_map(|place| [(half, place), (reduced, place), (full, place)]);
    let tries = closely.chain([(half, whole), (reduced, whole)]);
    let mut texts = tries.filter_map(|(raster, (left, top, right, bottom))| {
        let scale = raster.scale / half.scale;
        let pixel = |at: f32| (at * scale).max(0.0) as usize;
        let columns = pixel(left)..pixel(right).min(raster.width);
        decode(&raster, columns, pixel(top)..pixel(bottom).min(raster.height))
    });
    texts.next()
}

/// Means of two by two pixels, in which dust goes under, and the new width.
fn halved(page: &Reduced<'_>) -> (Vec<u8>, usize) {
    let width = page.width / 2;
    let mut grey = Vec::with_capacity(width * (page.height / 2));
    for rows in page.grey.chunks_exact(2 * page.width) {
        let (above, below) = rows.split_at(page.width);
        let pairs = above.as_chunks::<2>().0.iter().zip(below.as_chunks::<2>().0);
        let sum = |pair: &[u8; 2]| u16::from(pair[0]) + u16::from(pair[1]);
        grey.extend(pairs.map(|(above, below)| ((sum(above) + sum(below)) / 4) as u8));
    }
    (grey, width)
}

fn decode(
    raster: &Reduced<'_>,
    columns: std::ops::Range<usize>,
    rows: std::ops::Range<usize>,
) -> Option<String> {
    let (width, height) = (columns.len(), rows.len());
    let mut luma = Vec::with_capacity(width * height);
    for y in rows {
        luma.extend_from_slice(&raster.grey[y * raster.width..][columns.clone()]);
    }
    let hints = DecodeHints {
        PossibleFormats: Some(HashSet::from([BarcodeFormat::QR_CODE])),
        TryHarder: Some(true),
        ..DecodeHints::default()
    };
    let softened = softened(&luma, width);
    [luma, softened].into_iter().find_map(|luma| {
        guarded(|| {
            let source = Luma8Source::new(luma, width as u32, height as u32).ok()?;
            let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
            let result = QrReader.decode_with_hints(&mut bitmap, &hints).ok()?;
            Some(result.getText().to_owned())
        })
    })
}

/// Means of three by three pixels, the rim left as it is: what dust is left goes under, at the cost of
/// small modules.
fn softened(luma: &[u8], width: usize) -> Vec<u8> {
    let mut soft = luma.to_vec();
    let last = luma.len().saturating_sub(width + 1);
    for (at, value) in soft.iter_mut().enumerate().take(last).skip(width + 1) {
        let rows = [at - width, at, at + width].map(|middle| &luma[middle - 1..=middle + 1]);
        let sum: u32 = rows.into_iter().flatten().map(|&near| u32::from(near)).sum();
        *value = (sum / 9) as u8;
    }
    soft
}

/// Places where a row and the column through its middle both have the corner's pattern.
fn corners(page: &Black) -> Vec<Corner> {
    let mut corners: Vec<Corner> = Vec::new();
    let mut runs = Vec::new();
    for y in 0..page.height {
        page.runs(y, &mut runs);
        for first in (1..runs.len().saturating_sub(4)).step_by(2) {
            let widths: [usize; 5] = std::array::from_fn(|at| runs[first + at].1);
            let width: usize = widths.iter().sum();
            if !CORNER_PX.contains(&width) || !is_corner(&widths, width) {
                continue;
            }
            let x = runs[first].0 + width / 2;
            let Some((middle, height)) = column(page, x, y) else {
                continue;
            };
            let size = (width + height) as f32 / 2.0;
            if width.abs_diff(height) as f32 > 0.35 * size {
                continue;
            }
            add(&mut corners, x as f32, middle, size);
        }
    }
    corners.retain(|corner| corner.hits >= LEAST_HITS);
    corners
}

fn add(corners: &mut Vec<Corner>, x: f32, y: f32, width: f32) {
    let is_same = |corner: &&mut Corner| {
        (corner.x - x).abs().max((corner.y - y).abs()) < SAME * width
            && (corner.width - width).abs() < SAME * width
    };
    match corners.iter_mut().find(is_same) {
        Some(corner) => corner.hits += 1,
        None => corners.push(Corner { x, y, width, hits: 1 }),
    }
}

fn is_corner(widths: &[usize; 5], total: usize) -> bool {
    let module = total as f32 / CORNER.iter().sum::<f32>();
    let is_near = |(width, wanted): (&usize, &f32)| (*width as f32 / module - wanted).abs() <= TOLERANCE;
    widths.iter().zip(&CORNER).all(is_near)
}

/// The corner's pattern along a column through a place in its middle: its own middle and its height.
fn column(page: &Black, x: usize, y: usize) -> Option<(f32, usize)> {
    let run = |from: usize, is_black: bool, step: isize| {
        let mut at = from as isize;
        while (0..page.height as isize).contains(&at) && page.is_black(x, at as usize) == is_black {
            at += step;
        }
        at
    };
    if !page.is_black(x, y) {
        return None;
    }
    // Edges outwards from the middle: of the core, of the light ring, of the dark ring.
    let up = run(y, true, -1);
    let up_ring = run(usize::try_from(up).ok()?, false, -1);
    let up_end = run(usize::try_from(up_ring).ok()?, true, -1);
    let down = run(y, true, 1);
    let down_ring = run(down as usize, false, 1);
    let down_end = run(down_ring as usize, true, 1);
    let widths = [
        (up_ring - up_end) as usize,
        (up - up_ring) as usize,
        (down - up - 1) as usize,
        (down_ring - down) as usize,
        (down_end - down_ring) as usize,
    ];
    let height = widths.iter().sum();
    is_corner(&widths, height).then_some(((up_end + down_end) as f32 / 2.0, height))
}

/// The rectangle around three corners that stand as those of a code do: left, top, right, bottom.
fn triangle(corners: &[Corner]) -> Option<(f32, f32, f32, f32)> {
    if corners.len() > MOST_CORNERS {
        return None;
    }
    for one in corners {
        for two in corners {
            for three in corners {
                if let Some(side) = leg(one, two, three) {
                    // The fourth corner of the square, opposite to `one`.
                    let fourth = (two.x + three.x - one.x, two.y + three.y - one.y);
                    let margin = side * MARGIN;
                    let xs = [one.x, two.x, three.x, fourth.0];
                    let ys = [one.y, two.y, three.y, fourth.1];
                    let least = |of: [f32; 4]| of.into_iter().fold(f32::MAX, f32::min) - margin;
                    let most = |of: [f32; 4]| of.into_iter().fold(f32::MIN, f32::max) + margin;
                    return Some((least(xs), least(ys), most(xs), most(ys)));
                }
            }
        }
    }
    None
}

/// The side of the square of which these are three corners, the right angle being at the first.
fn leg(one: &Corner, two: &Corner, three: &Corner) -> Option<f32> {
    let (a, b) = ((two.x - one.x, two.y - one.y), (three.x - one.x, three.y - one.y));
    let (first, second) = (a.0.hypot(a.1), b.0.hypot(b.1));
    let side = (first + second) / 2.0;
    let widths = [one.width, two.width, three.width];
    let width = widths.iter().sum::<f32>() / 3.0;
    let is_alike = widths.iter().all(|other| (other - width).abs() < 0.25 * width);
    let is_square =
        (first - second).abs() < 0.15 * side && (a.0 * b.0 + a.1 * b.1).abs() < 0.15 * side * side;
    // The middles of the corners of the smallest code are 14 modules apart, of the largest sensible 60.
    let is_code = (1.8..=9.5).contains(&(side / width));
    (is_alike && is_square && is_code).then_some(side)
}
