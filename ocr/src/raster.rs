//! Grey rasters and the three things done to them before reading: turn, scale, reduce.

use std::borrow::Cow;

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use hrisov_imaging::condition::GreyPage;
use hrisov_model::{Rect, Rotation};

/// Side of the squares in which a quarter turn is copied: source and target rows both stay in the cache.
const TURN_TILE: usize = 64;
/// Squares about as wide as a letter at 300 dpi are part of a solid area where they are so dark: the boldest print covers
/// less than half of its ground.
const SOLID_SQUARE_PX: u32 = 32;
const SOLID: u8 = 128;

/// One byte a pixel, 0 black to 255 white, rows from top to bottom without padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Raster<'a> {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) grey: Cow<'a, [u8]>,
}

/// Steps of a pixel's value that blurring leaves.
const FINE_STEPS: usize = 16;
/// How much darker than paper faint ink becomes, of 255, and how much darker it is at least.
const ALMOST_BLACK: f32 = 220.0;
const LEAST_INK: f32 = 4.0;

impl<'a> Raster<'a> {
    /// The luma of a page.
    pub(crate) fn of(page: &'a GreyPage<'_>) -> Self {
        Self {
            width: page.width_px(),
            height: page.height_px(),
            grey: page.luma().into(),
        }
    }

    pub(crate) fn borrowed(&self) -> Raster<'_> {
        Raster {
            width: self.width,
            height: self.height,
            grey: Cow::Borrowed(&self.grey),
        }
    }

    /// Turned clockwise by quarters.
    pub(crate) fn turned(&self, rotation: Rotation) -> Raster<'_> {
        let (width, height) = (self.width as usize, self.height as usize);
        let grey: Cow<'_, [u8]> = match rotation {
            Rotation::None => Cow::Borrowed(&self.grey),
            Rotation::Half => self.grey.iter().rev().copied().collect(),
            Rotation::Right => self.transposed(|x, y| x * height + (height - 1 - y)).into(),
            Rotation::Left => self.transposed(|x, y| (width - 1 - x) * height + y).into(),
        };
        let (width, height) = match rotation {
            Rotation::None | Rotation::Half => (self.width, self.height),
            Rotation::Right | Rotation::Left => (self.height, self.width),
        };
        Raster { width, height, grey }
    }

    /// Copies every pixel to the place that `target` gives for its column and row.
    fn transposed(&self, target: impl Fn(usize, usize) -> usize) -> Vec<u8> {
        let (width, height) = (self.width as usize, self.height as usize);
        let mut turned = vec![0; width * height];
        for top in (0..height).step_by(TURN_TILE) {
            for left in (0..width).step_by(TURN_TILE) {
                for y in top..(top + TURN_TILE).min(height) {
                    for x in left..(left + TURN_TILE).min(width) {
                        turned[target(x, y)] = self.grey[y * width + x];
                    }
                }
            }
        }
        turned
    }

    /// The part inside a rectangle, which must not reach beyond the raster.
    pub(crate) fn cropped(&self, part: Rect) -> Raster<'static> {
        let rows = self
            .grey
            .chunks_exact(self.width.max(1) as usize)
            .skip(part.y as usize)
            .take(part.height as usize);
        let columns = part.x as usize..(part.x + part.width) as usize;
        Raster {
            width: part.width,
            height: part.height,
            grey: rows.flat_map(|row| &row[columns.clone()]).copied().collect(),
        }
    }

    /// The middle of all values inside a rectangle: its ground, where letters stand on it.
    pub(crate) fn middle_value(&self, part: Rect) -> u8 {
        let mut values = self.cropped(part).grey.into_owned();
        let middle = values.len() / 2;
        match values.is_empty() {
            true => 255,
            false => *values.select_nth_unstable(middle).1,
        }
    }

    /// With each of these rectangles filled with a value.
    pub(crate) fn painted(self, places: &[(Rect, u8)]) -> Raster<'a> {
        if places.is_empty() {
            return self;
        }
        let mut grey = self.grey.into_owned();
        let width = self.width as usize;
        for (place, value) in places {
            let columns = place.x as usize..((place.x + place.width) as usize).min(width);
            for y in place.y..(place.y + place.height).min(self.height) {
                grey[y as usize * width..][columns.clone()].fill(*value);
            }
        }
        Raster {
            grey: grey.into(),
            ..self
        }
    }

    /// Resampled to another size; Catmull-Rom, which keeps thin strokes thin when enlarging.
    pub(crate) fn scaled(&self, width: u32, height: u32) -> Raster<'_> {
        if (width, height) == (self.width, self.height) {
            return self.borrowed();
        }
        let source = ImageRef::new(self.width, self.height, &self.grey, PixelType::U8)
            .expect("a raster has as many bytes as pixels");
        let mut target = Image::new(width, height, PixelType::U8);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
        Resizer::new()
            .resize(&source, &mut target, &options)
            .expect("both sides are grey and the whole source is taken");
        Raster {
            width,
            height,
            grey: target.into_vec().into(),
        }
    }

    /// Each pixel with a quarter of its neighbours' values on either side, along rows and then along columns: a
    /// deviation of 0.7 pixels. Grain of paper and ribbon is halved, letters of 12 pixels lose nothing.
    pub(crate) fn softened(self) -> Raster<'a> {
        let width = self.width as usize;
        if self.width < 3 || self.height < 3 {
            return self;
        }
        let mut grey = self.grey.into_owned();
        let mean = |left: u8, middle: u8, right: u8| {
            ((u16::from(left) + 2 * u16::from(middle) + u16::from(right) + 2) >> 2) as u8
        };
        let mut source = vec![0; width];
        for row in grey.chunks_exact_mut(width) {
            source.copy_from_slice(row);
            for (value, around) in row[1..].iter_mut().zip(source.windows(3)) {
                *value = mean(around[0], around[1], around[2]);
            }
        }
        let mut above = grey[..width].to_vec();
        for y in 1..self.height as usize - 1 {
            let (row, below) = grey[y * width..].split_at_mut(width);
            source.copy_from_slice(row);
            for (x, value) in row.iter_mut().enumerate() {
                *value = mean(above[x], *value, below[x]);
            }
            above.copy_from_slice(&source);
        }
        Raster {
            grey: grey.into(),
            ..self
        }
    }

    /// Faint ink brought out of the grain: blurred by a deviation in pixels, and what is then darker than paper stretched so
    /// that ink of a contrast, as a share of the paper's level, becomes almost black; what is darker than that (borders,
    /// punch holes) is no blacker. Finer steps than a pixel's value matter here: the ink of such pages is 10 to 40 of 255
    /// darker than paper, their grain as much.
    pub(crate) fn brought_out(&self, deviation: f32, contrast: f32) -> Raster<'static> {
        let (width, height) = (self.width as usize, self.height as usize);
        let weights = bell(deviation);
        let grey: Vec<f32> = self.grey.iter().map(|&value| f32::from(value)).collect();
        let mut along_rows = vec![0.0; grey.len()];
        for (row, blurred) in grey.chunks_exact(width).zip(along_rows.chunks_exact_mut(width)) {
            for (shift, weight) in (0..).zip(&weights) {
                let ahead = &row[shift.min(width)..];
                add(&mut blurred[..ahead.len()], ahead, *weight);
                let last = row[width - 1];
                blurred[ahead.len()..]
                    .iter_mut()
                    .for_each(|value| *value += weight * last);
                if shift > 0 {
                    let behind = &row[..width - shift.min(width)];
                    add(&mut blurred[width - behind.len()..], behind, *weight);
                    let (first, kept) = (row[0], width - behind.len());
                    blurred[..kept]
                        .iter_mut()
                        .for_each(|value| *value += weight * first);
                }
            }
        }
        let mut blurred = vec![0.0; grey.len()];
        for (y, row) in blurred.chunks_exact_mut(width).enumerate() {
            for (shift, weight) in (0..).zip(&weights) {
                let below = (y + shift).min(height - 1);
                add(row, &along_rows[below * width..][..width], *weight);
                if shift > 0 {
                    let above = y.saturating_sub(shift);
                    add(row, &along_rows[above * width..][..width], *weight);
                }
            }
        }
        stretched(self, &blurred, contrast)
    }

    /// Whether there is nothing between black and white.
    pub(crate) fn is_black_and_white(&self) -> bool {
        self.grey.iter().all(|value| matches!(value, 0 | 255))
    }

    /// Each pixel as dark as the darkest of itself and so many to the right and below: strokes grow by so many pixels.
    /// Solid areas stay as they are, since light letters in them would become thinner.
    pub(crate) fn thickened(self, pixels: u32) -> Raster<'a> {
        let (width, reach) = (self.width as usize, pixels as usize);
        if reach == 0 || self.width <= pixels || self.height <= pixels {
            return self;
        }
        let mut grown = self.grey.to_vec();
        for row in grown.chunks_exact_mut(width) {
            for x in 0..width {
                let end = (x + reach + 1).min(width);
                row[x] = row[x..end].iter().copied().min().unwrap_or(255);
            }
        }
        for y in 0..self.height as usize {
            let (row, below) = grown[y * width..].split_at_mut(width);
            for other in below.chunks_exact(width).take(reach) {
                for (value, other) in row.iter_mut().zip(other) {
                    *value = (*value).min(*other);
                }
            }
        }
        let squares = self.reduced(SOLID_SQUARE_PX);
        let side = SOLID_SQUARE_PX as usize;
        for (at, _) in squares.grey.iter().enumerate().filter(|(_, mean)| **mean < SOLID) {
            let (column, row) = (at % squares.width as usize, at / squares.width as usize);
            for y in row * side..(row + 1) * side {
                let pixels = y * width + column * side..y * width + (column + 1) * side;
                grown[pixels.clone()].copy_from_slice(&self.grey[pixels]);
            }
        }
        Raster {
            grey: grown.into(),
            ..self
        }
    }

    /// Means of squares of `factor` x `factor` pixels; an incomplete last row or column is left out.
    pub(crate) fn reduced(&self, factor: u32) -> Raster<'static> {
        let factor = factor.clamp(1, self.width.min(self.height).max(1));
        let (width, height) = (self.width / factor, self.height / factor);
        let side = factor as usize;
        let mut sums = vec![0_u32; width as usize];
        let mut grey = Vec::with_capacity(width as usize * height as usize);
        for rows in self
            .grey
            .chunks_exact(self.width.max(1) as usize * side)
            .take(height as usize)
        {
            sums.fill(0);
            for row in rows.chunks_exact(self.width as usize) {
                for (sum, square) in sums.iter_mut().zip(row.chunks_exact(side)) {
                    *sum += square.iter().map(|&value| u32::from(value)).sum::<u32>();
                }
            }
            grey.extend(sums.iter().map(|sum| (sum / (factor * factor)) as u8));
        }
        Raster {
            width,
            height,
            grey: grey.into(),
        }
    }
}

/// Half of a bell curve, its middle first; with its other half the weights add up to 1.
fn bell(deviation: f32) -> Vec<f32> {
    let reach = (deviation * 3.0).ceil() as usize;
    let mut weights: Vec<f32> = (0..=reach)
        .map(|at| (-0.5 * (at as f32 / deviation).powi(2)).exp())
        .collect();
    let sum = 2.0 * weights.iter().sum::<f32>() - weights[0];
    weights.iter_mut().for_each(|weight| *weight /= sum);
    weights
}

fn add(sums: &mut [f32], values: &[f32], weight: f32) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += weight * value;
    }
}

/// Paper becomes white, and ink of a contrast almost black.
fn stretched(of: &Raster<'_>, values: &[f32], contrast: f32) -> Raster<'static> {
    let mut steps = vec![0_usize; 256 * FINE_STEPS];
    for &value in values {
        steps[((value * FINE_STEPS as f32) as usize).min(256 * FINE_STEPS - 1)] += 1;
    }
    let mut darker = 0;
    let paper = steps.iter().position(|count| {
        darker += count;
        2 * darker > values.len()
    });
    let paper = paper.unwrap_or(0) as f32 / FINE_STEPS as f32;
    let gain = ALMOST_BLACK / (paper * contrast).max(LEAST_INK);
    let grey: Vec<u8> = values
        .iter()
        .map(|value| (255.0 - (paper - value) * gain).clamp(0.0, 255.0) as u8)
        .collect();
    Raster {
        width: of.width,
        height: of.height,
        grey: grey.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raster(width: u32, height: u32, grey: &[u8]) -> Raster<'_> {
        Raster {
            width,
            height,
            grey: Cow::Borrowed(grey),
        }
    }

    #[test]
    fn turns_go_clockwise() {
        let page = raster(3, 2, &[1, 2, 3, 4, 5, 6]);
        for (rotation, expected) in [
            (Rotation::None, raster(3, 2, &[1, 2, 3, 4, 5, 6])),
            (Rotation::Right, raster(2, 3, &[4, 1, 5, 2, 6, 3])),
            (Rotation::Half, raster(3, 2, &[6, 5, 4, 3, 2, 1])),
            (Rotation::Left, raster(2, 3, &[3, 6, 2, 5, 1, 4])),
        ] {
            assert_eq!(page.turned(rotation), expected, "{rotation:?}");
        }
        let wide: Vec<u8> = (0..200_u32 * 130).map(|at| (at % 255) as u8).collect();
        let wide = raster(200, 130, &wide);
        let around = wide.turned(Rotation::Right);
        assert_eq!(around.turned(Rotation::Left), wide);
    }

    #[test]
    fn strokes_grow_except_in_solid_areas() {
        let side = SOLID_SQUARE_PX;
        let at = |x: u32, y: u32| (y * side + x) as usize;
        for (ground, letter, grown) in [(255, 0, true), (0, 255, false)] {
            let mut grey = vec![ground; (side * side) as usize];
            grey[at(10, 10)] = letter;
            let page = raster(side, side, &grey);
            let thicker = page.borrowed().thickened(2);
            let values = [(10, 10), (8, 8), (7, 8), (11, 10)].map(|(x, y)| thicker.grey[at(x, y)]);
            let expected = [letter, if grown { letter } else { ground }, ground, ground];
            assert_eq!(values, expected, "letters of {letter} on {ground}");
            assert_eq!(page.borrowed().thickened(0), page);
            assert_eq!(page.borrowed().thickened(side), page, "as high as the page");
        }
        let page = raster(2, 1, &[0, 90]);
        assert!(!page.is_black_and_white());
        assert!(raster(2, 1, &[0, 255]).is_black_and_white());
    }

    #[test]
    fn faint_strokes_become_dark_and_grain_does_not() {
        let side = 40;
        let value = |at: usize| {
            let (x, y) = (at % side, at / side);
            let grain = if (x + y) % 2 == 0 { 12 } else { 0 };
            let ink = if (18..22).contains(&x) { 24 } else { 0 };
            let border = if y < 2 { 200 } else { 0 };
            228_u8.saturating_sub(grain + ink + border)
        };
        let grey: Vec<u8> = (0..side * side).map(value).collect();
        let out = raster(side as u32, side as u32, &grey).brought_out(1.0, 0.1);
        let at = |x: usize, y: usize| out.grey[y * side + x];
        for y in 10..side {
            assert!(at(20, y) < 60, "a stroke in row {y}: {}", at(20, y));
            assert!(
                at(5, y) > 230 && at(38, y) > 230,
                "paper in row {y}: {}, {}",
                at(5, y),
                at(38, y)
            );
        }
        assert_eq!(at(5, 0), 0, "what is darker than ink is black");
        let flat = [90; 9];
        assert_eq!(raster(3, 3, &flat).brought_out(6.0, 0.2), raster(3, 3, &[255; 9]));
    }

    #[test]
    fn reducing_takes_means_cropping_copies_and_scaling_keeps_flat_areas() {
        let page = raster(5, 3, &[0, 10, 20, 30, 99, 20, 30, 40, 50, 99, 99, 99, 99, 99, 99]);
        assert_eq!(page.reduced(2), raster(2, 1, &[15, 35]));
        assert_eq!(page.reduced(1), page);
        let part = Rect {
            x: 1,
            y: 0,
            width: 2,
            height: 2,
        };
        assert_eq!(page.cropped(part), raster(2, 2, &[10, 20, 30, 40]));
        let dot = Rect {
            x: 4,
            y: 0,
            width: 1,
            height: 1,
        };
        let painted = page.clone().painted(&[(dot, 255)]);
        assert_eq!(painted.grey[..6], [0, 10, 20, 30, 255, 20]);
        let flat = [77; 12];
        let scaled = raster(4, 3, &flat).scaled(8, 6).into_owned_bytes();
        assert_eq!(scaled, [77; 48]);
    }

    /// Grain that changes from pixel to pixel is gone, the edge of a stroke stays where it was.
    #[test]
    fn softening_takes_grain_and_keeps_edges() {
        let grain: Vec<u8> = (0..64_u32)
            .map(|at| if (at % 8 + at / 8) % 2 == 0 { 120 } else { 140 })
            .collect();
        let soft = raster(8, 8, &grain).softened();
        assert_eq!(soft.grey[3 * 8 + 3], 130);
        let edge: Vec<u8> = (0..64_u32).map(|at| if at % 8 < 4 { 0 } else { 200 }).collect();
        let soft = raster(8, 8, &edge).softened();
        assert_eq!(soft.grey[3 * 8..][1..7], [0, 0, 50, 150, 200, 200]);
        assert_eq!(
            raster(8, 8, &edge).middle_value(Rect {
                x: 3,
                y: 0,
                width: 5,
                height: 8
            }),
            200
        );
    }

    impl Raster<'_> {
        fn into_owned_bytes(self) -> Vec<u8> {
            self.grey.into_owned()
        }
    }
}
