//! Pages that lean: turned by a few degrees until their lines run level, and places brought back.
//!
//! Tesseract cuts each line out by an upright rectangle: of a line that leans by one degree over the width of a page, half
//! of what it sees is the lines above and below.

use hrisov_model::Rect;

use crate::{paper::EVEN_WHITE, raster::Raster};

/// Lines that lean by less, in degrees, fit their rectangles: a quarter of a letter over half a line.
const LEAST_DEGREES: f32 = 0.3;
/// Binary places of positions between pixels.
const PLACE_BITS: u32 = 16;
const ONE: i64 = 1 << PLACE_BITS;
/// Binary places of the shares that neighbouring pixels have in one between them.
const SHARE_BITS: u32 = 8;

/// How a page leans.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lean {
    /// Clockwise.
    pub(crate) degrees: f32,
    sin: f32,
    cos: f32,
    /// Size of the page in pixels, and of the upright raster that holds all of it.
    page: (u32, u32),
    level: (u32, u32),
}

impl Lean {
    /// Of a page of that size whose lines lean clockwise by so many degrees; `None` where that changes nothing.
    pub(crate) fn of(degrees: f32, width: u32, height: u32) -> Option<Self> {
        if degrees.abs() < LEAST_DEGREES || width == 0 || height == 0 {
            return None;
        }
        let (sin, cos) = degrees.to_radians().sin_cos();
        let side = |along: u32, across: u32| (along as f32 * cos + across as f32 * sin.abs()).ceil() as u32;
        Some(Self {
            degrees,
            sin,
            cos,
            page: (width, height),
            level: (side(width, height), side(height, width)),
        })
    }

    /// Width and height of the page in pixels.
    pub(crate) const fn page(&self) -> (u32, u32) {
        self.page
    }

    /// The page with level lines, a little larger so that its corners stay. Between pixels the four around are mixed, or
    /// the sixteen around where `fine`: for letters of few pixels.
    pub(crate) fn level(&self, page: &Raster<'_>, fine: bool) -> Raster<'static> {
        let (width, height) = self.level;
        let mut grey = Vec::with_capacity(width as usize * height as usize);
        let fixed = |value: f32| (f64::from(value) * ONE as f64).round() as i64;
        let (step_x, step_y) = (fixed(self.cos), fixed(self.sin));
        let pixels = Pixels {
            grey: &page.grey,
            width: i64::from(page.width),
            height: i64::from(page.height),
        };
        for row in 0..height {
            let (x, y) = self.on_page(0.5, row as f32 + 0.5);
            // From middles of pixels to their numbers.
            let (mut x, mut y) = (fixed(x - 0.5), fixed(y - 0.5));
            for _ in 0..width {
                grey.push(match fine {
                    true => pixels.of_sixteen(x, y),
                    false => pixels.of_four(x, y),
                });
                x += step_x;
                y += step_y;
            }
        }
        Raster {
            width,
            height,
            grey: grey.into(),
        }
    }

    /// The place on the page of a rectangle of the level raster: the upright rectangle around it, cut to the page, at
    /// least one pixel large.
    pub(crate) fn to_page(self, rect: Rect) -> Rect {
        let (left, top) = (rect.x as f32, rect.y as f32);
        let (right, bottom) = (left + rect.width as f32, top + rect.height as f32);
        let corners =
            [(left, top), (right, top), (left, bottom), (right, bottom)].map(|(x, y)| self.on_page(x, y));
        let span = |values: [f32; 4], length: u32| {
            let low = values.iter().copied().fold(f32::MAX, f32::min).floor().max(0.0) as u32;
            let high = values.iter().copied().fold(f32::MIN, f32::max).ceil().max(0.0) as u32;
            let low = low.min(length - 1);
            (low, high.clamp(low + 1, length) - low)
        };
        let (x, width) = span(corners.map(|(x, _)| x), self.page.0);
        let (y, height) = span(corners.map(|(_, y)| y), self.page.1);
        Rect { x, y, width, height }
    }

    /// The place on the level raster of a small rectangle of the page: its middle is turned, its size stays.
    pub(crate) fn to_level(self, rect: Rect) -> Rect {
        let (width, height) = (rect.width as f32, rect.height as f32);
        let x = rect.x as f32 + width / 2.0 - self.page.0 as f32 / 2.0;
        let y = rect.y as f32 + height / 2.0 - self.page.1 as f32 / 2.0;
        let on_level = |middle: f32, side: u32, size: f32| (middle + side as f32 / 2.0 - size / 2.0).max(0.0);
        Rect {
            x: on_level(x * self.cos + y * self.sin, self.level.0, width) as u32,
            y: on_level(y * self.cos - x * self.sin, self.level.1, height) as u32,
            ..rect
        }
    }

    /// A point of the level raster on the page: both turn around their middles.
    fn on_page(&self, x: f32, y: f32) -> (f32, f32) {
        let (x, y) = (x - self.level.0 as f32 / 2.0, y - self.level.1 as f32 / 2.0);
        (
            x * self.cos - y * self.sin + self.page.0 as f32 / 2.0,
            x * self.sin + y * self.cos + self.page.1 as f32 / 2.0,
        )
    }
}

struct Pixels<'a> {
    grey: &'a [u8],
    width: i64,
    height: i64,
}

impl Pixels<'_> {
    fn at(&self, x: i64, y: i64) -> u8 {
        match (0..self.width).contains(&x) && (0..self.height).contains(&y) {
            true => self.grey[(y * self.width + x) as usize],
            false => EVEN_WHITE,
        }
    }

    /// Mixed in proportion to how near the four pixels around lie.
    fn of_four(&self, x: i64, y: i64) -> u8 {
        let (column, row) = (x >> PLACE_BITS, y >> PLACE_BITS);
        let (right, below) = (share(x), share(y));
        let [above_left, above_right, below_left, below_right] =
            if column >= 0 && row >= 0 && column + 1 < self.width && row + 1 < self.height {
                let at = (row * self.width + column) as usize;
                let next = at + self.width as usize;
                [
                    self.grey[at],
                    self.grey[at + 1],
                    self.grey[next],
                    self.grey[next + 1],
                ]
            } else {
                [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| self.at(column + dx, row + dy))
            };
        let one = 1 << SHARE_BITS;
        let mixed = |left_value: u8, right_value: u8| {
            i32::from(left_value) * (one - right) + i32::from(right_value) * right
        };
        let value = mixed(above_left, above_right) * (one - below) + mixed(below_left, below_right) * below;
        (value >> (2 * SHARE_BITS)) as u8
    }

    /// Catmull-Rom over the sixteen pixels around (Keys, 1981: cubic convolution with a = -1/2).
    fn of_sixteen(&self, x: i64, y: i64) -> u8 {
        let (column, row) = (x >> PLACE_BITS, y >> PLACE_BITS);
        let (across, down) = (cubic(share(x)), cubic(share(y)));
        let along = |row: i64| -> f32 {
            (-1..)
                .zip(across)
                .map(|(dx, weight)| f32::from(self.at(column + dx, row)) * weight)
                .sum()
        };
        let value: f32 = (-1..)
            .zip(down)
            .map(|(dy, weight)| along(row + dy) * weight)
            .sum();
        value.round().clamp(0.0, 255.0) as u8
    }
}

/// How far a position is past its pixel, of 256.
fn share(at: i64) -> i32 {
    ((at & (ONE - 1)) >> (PLACE_BITS - SHARE_BITS)) as i32
}

fn cubic(share: i32) -> [f32; 4] {
    let t = share as f32 / (1 << SHARE_BITS) as f32;
    [
        0.5 * t * (-1.0 + t * (2.0 - t)),
        1.0 + 0.5 * t * t * (-5.0 + 3.0 * t),
        0.5 * t * (1.0 + t * (4.0 - 3.0 * t)),
        0.5 * t * t * (t - 1.0),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEGREES: [f32; 6] = [0.3, -0.7, 2.0, -4.5, 10.0, -15.0];

    /// A page with a dark rule from one end to the other that leans as told, one pixel and more thick.
    fn ruled(width: u32, height: u32, degrees: f32) -> Raster<'static> {
        let slope = degrees.to_radians().tan();
        let is_dark = |x: u32, y: u32| {
            let rule = height as f32 / 2.0 + (x as f32 + 0.5 - width as f32 / 2.0) * slope;
            (y as f32 + 0.5 - rule).abs() < 1.6
        };
        let grey = (0..width * height)
            .map(|at| if is_dark(at % width, at / width) { 0 } else { 255 })
            .collect::<Vec<u8>>();
        Raster {
            width,
            height,
            grey: grey.into(),
        }
    }

    #[test]
    fn a_rule_that_leans_becomes_level() {
        for degrees in DEGREES {
            let page = ruled(300, 200, degrees);
            let lean = Lean::of(degrees, 300, 200).unwrap();
            for fine in [false, true] {
                let level = lean.level(&page, fine);
                let dark_rows = (0..level.height as usize)
                    .filter(|y| {
                        let row = &level.grey[y * level.width as usize..][..level.width as usize];
                        row.iter().filter(|value| **value < 128).count() > 250
                    })
                    .count();
                assert!((2..=4).contains(&dark_rows), "{degrees} {fine}: {dark_rows}");
                let dark = level.grey.iter().filter(|value| **value < 64).count();
                assert!(dark < 5 * 330, "{degrees} {fine}: {dark}");
            }
        }
        assert_eq!(Lean::of(0.2, 300, 200), None);
        assert_eq!(Lean::of(3.0, 0, 200), None);
    }

    /// A mark anywhere on the page is found on the level raster, and its place there leads back to it.
    #[test]
    fn places_come_back_to_where_they_were() {
        for degrees in DEGREES {
            for (x, y) in [(0, 0), (290, 0), (0, 190), (290, 190), (120, 64)] {
                let mark = Rect {
                    x,
                    y,
                    width: 10,
                    height: 10,
                };
                let white = Raster {
                    width: 300,
                    height: 200,
                    grey: vec![255; 300 * 200].into(),
                };
                let lean = Lean::of(degrees, 300, 200).unwrap();
                let level = lean.level(&white.painted(&[(mark, 0)]), false);
                let dark = level.grey.iter().enumerate().filter(|(_, value)| **value < 128);
                let found = Rect::bounding(dark.map(|(at, _)| Rect {
                    x: at as u32 % level.width,
                    y: at as u32 / level.width,
                    width: 1,
                    height: 1,
                }))
                .unwrap();
                let on_level = lean.to_level(mark);
                assert!(on_level.overlap(found) >= 70, "{degrees} {mark:?}: {on_level:?}");
                let place = lean.to_page(found);
                assert_eq!(place.overlap(mark), 100, "{degrees} {mark:?}: {place:?}");
                assert!(
                    place.width <= 16 && place.height <= 16,
                    "{degrees} {mark:?}: {place:?}"
                );
            }
        }
    }

    #[test]
    fn any_rectangle_ends_on_the_page() {
        let lean = Lean::of(7.0, 30, 20).unwrap();
        for (x, y, side) in [(0, 0, 0), (0, 0, 500), (31, 0, 1), (0, 25, 3), (400, 400, 9)] {
            let place = lean.to_page(Rect {
                x,
                y,
                width: side,
                height: side,
            });
            assert!(place.width > 0 && place.height > 0, "{place:?}");
            assert!(
                place.x + place.width <= 30 && place.y + place.height <= 20,
                "{place:?}"
            );
        }
    }
}
