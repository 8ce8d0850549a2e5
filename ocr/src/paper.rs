//! The paper under the writing: its own value in each place, and the page as if it were white.

use hrisov_model::Rect;

use crate::raster::Raster;

/// Side of the squares that share one value of paper, in reduced pixels: 4 mm of an A4 page, wider than
/// strokes and narrower than folds, shadows and stains.
pub(crate) const TILE_PX: usize = 16;
/// A mark is darker than the paper around it by this much, of 255, however calm the paper.
const LEAST_CONTRAST: f32 = 10.0;
/// And by this many standard deviations of the paper's own grain: one pixel in three million by chance.
const GRAIN_SIGMAS: f32 = 5.0;
/// Median to standard deviation of a normal distribution, over the difference of two pixels.
const MEDIAN_STEP_TO_SIGMA: f32 = 1.0 / (0.6745 * std::f32::consts::SQRT_2);
/// A place so much darker than the page may hold light letters.
const SOLID_GROUND: f32 = 0.6;
/// Dark edges reach that far into a page, as a share of its sides; what reaches further may be a picture
/// in white on black.
pub(crate) const EDGE_MARGIN: f32 = 0.08;
/// Paper darker than this is not paper.
const DARKEST_PAPER: u8 = 80;
/// What paper becomes where the page is made even.
pub(crate) const EVEN_WHITE: u8 = 255;
/// Places darker than this share of the page's usual paper are no paper (a lid, a heading in white on black): they
/// keep their distance to it.
const LEAST_OF_USUAL: f32 = 0.5;
/// Binary places of a gain.
const GAIN_BITS: u32 = 12;

/// The paper's own value in each tile, and its grain.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Paper {
    /// Pixels of the page per reduced pixel.
    pub(crate) factor: u32,
    pub(crate) tiles_wide: usize,
    tiles_high: usize,
    pub(crate) values: Vec<u8>,
    /// What is darker than paper by less, of 255, is grain.
    pub(crate) least_contrast: f32,
}

impl Paper {
    /// Of a page reduced by a factor.
    pub(crate) fn of(page: &Raster<'_>, factor: u32) -> Self {
        let (width, height) = (page.width as usize, page.height as usize);
        let (tiles_wide, tiles_high) = (width.div_ceil(TILE_PX), height.div_ceil(TILE_PX));
        let mut tiles = Vec::with_capacity(tiles_wide * tiles_high);
        for tile_y in 0..tiles_high {
            for tile_x in 0..tiles_wide {
                let rows = tile_y * TILE_PX..((tile_y + 1) * TILE_PX).min(height);
                let columns = tile_x * TILE_PX..((tile_x + 1) * TILE_PX).min(width);
                let mut pixels: Vec<u8> = rows
                    .flat_map(|y| &page.grey[y * width + columns.start..y * width + columns.end])
                    .copied()
                    .collect();
                // Three of four pixels of a tile full of print are paper.
                let at = pixels.len() * 3 / 4;
                tiles.push(*pixels.select_nth_unstable(at).1);
            }
        }
        let mut paper = Self {
            factor,
            tiles_wide,
            tiles_high,
            values: tiles,
            least_contrast: (GRAIN_SIGMAS * grain(page)).max(LEAST_CONTRAST),
        };
        paper.smooth();
        paper
    }

    /// Each tile takes the median of its neighbourhood: a stamp that fills a tile is no paper.
    fn smooth(&mut self) {
        let around = |at: usize, end: usize| at.saturating_sub(1)..(at + 2).min(end);
        let median = |tile: usize| {
            let (x, y) = (tile % self.tiles_wide, tile / self.tiles_wide);
            let mut values: Vec<u8> = around(y, self.tiles_high)
                .flat_map(|y| around(x, self.tiles_wide).map(move |x| (x, y)))
                .map(|(x, y)| self.values[y * self.tiles_wide + x])
                .collect();
            let middle = values.len() / 2;
            *values.select_nth_unstable(middle).1
        };
        self.values = (0..self.values.len()).map(median).collect();
    }

    /// Pixels in tiles of which even the lightest quarter is dark.
    pub(crate) fn dark_pixels(&self) -> u32 {
        let is_inside = |at: usize| {
            let inside = |tile: usize, tiles: usize| {
                let margin = (tiles as f32 * EDGE_MARGIN).ceil() as usize;
                tile >= margin && tile + margin < tiles
            };
            inside(at % self.tiles_wide, self.tiles_wide) && inside(at / self.tiles_wide, self.tiles_high)
        };
        let dark = |(at, value): &(usize, &u8)| **value < DARKEST_PAPER && is_inside(*at);
        let tiles = self.values.iter().enumerate().filter(dark).count();
        (tiles * TILE_PX * TILE_PX) as u32
    }

    /// Whether some place is much darker than most of the page.
    pub(crate) fn has_dark_ground(&self) -> bool {
        let usual = f32::from(self.usual());
        self.values
            .iter()
            .any(|value| f32::from(*value) < SOLID_GROUND * usual)
    }

    /// Its value on most of the page.
    fn usual(&self) -> u8 {
        let mut values = self.values.clone();
        let middle = values.len() / 2;
        *values.select_nth_unstable(middle).1
    }

    /// The page on paper that is white all over: each pixel as a share of the paper around it. What is lighter than
    /// paper, grain above all, becomes white.
    ///
    /// Brown and grey paper, shadows and folds no longer meet a threshold, and the grain of carbon copies is halved.
    pub(crate) fn even<'a>(&self, page: Raster<'a>) -> Raster<'a> {
        let usual = self.usual();
        if usual < DARKEST_PAPER {
            return page;
        }
        let least = ((f32::from(usual) * LEAST_OF_USUAL) as u32).max(1);
        let gain = |value: &u8| (u32::from(EVEN_WHITE) << GAIN_BITS) / u32::from(*value).max(least);
        let gains: Vec<u32> = self.values.iter().map(gain).collect();
        if gains.iter().all(|gain| *gain == 1 << GAIN_BITS) {
            return page;
        }
        let width = page.width as usize;
        let tile = TILE_PX * self.factor as usize;
        let columns: Vec<Between> = (0..width)
            .map(|x| Between::tiles(x, tile, self.tiles_wide))
            .collect();
        let mut grey = page.grey.into_owned();
        for (y, row) in grey.chunks_exact_mut(width.max(1)).enumerate() {
            let rows = Between::tiles(y, tile, self.tiles_high);
            let gain = |x: usize| {
                rows.mean(
                    gains[rows.first * self.tiles_wide + x],
                    gains[rows.second * self.tiles_wide + x],
                )
            };
            let gains: Vec<u32> = (0..self.tiles_wide).map(gain).collect();
            for (value, column) in row.iter_mut().zip(&columns) {
                let gain = column.mean(gains[column.first], gains[column.second]);
                *value = ((u32::from(*value) * gain) >> GAIN_BITS).min(u32::from(EVEN_WHITE)) as u8;
            }
        }
        Raster {
            grey: grey.into(),
            ..page
        }
    }

    pub(crate) fn at(&self, x: usize, y: usize) -> u8 {
        self.values[self.tile(x, y)]
    }

    /// The tile around a reduced pixel.
    pub(crate) const fn tile(&self, x: usize, y: usize) -> usize {
        y / TILE_PX * self.tiles_wide + x / TILE_PX
    }

    /// Where a tile lies, in pixels of the page; the last ones of a row or column may reach beyond it.
    pub(crate) fn place(&self, tile: usize) -> Rect {
        let side = TILE_PX as u32 * self.factor;
        Rect {
            x: (tile % self.tiles_wide) as u32 * side,
            y: (tile / self.tiles_wide) as u32 * side,
            width: side,
            height: side,
        }
    }

    pub(crate) fn darker(&self, page: &Raster<'_>) -> Vec<bool> {
        let width = page.width as usize;
        let is_dark = |(at, &value): (usize, &u8)| {
            f32::from(self.at(at % width, at / width)) - f32::from(value) > self.least_contrast
        };
        page.grey.iter().enumerate().map(is_dark).collect()
    }
}

/// Two tiles between whose middles a pixel lies.
#[derive(Debug, Clone, Copy)]
struct Between {
    first: usize,
    second: usize,
    /// How far it is from the first, of 256.
    share: u32,
}

impl Between {
    fn tiles(at: usize, tile: usize, tiles: usize) -> Self {
        let from_first = at.saturating_sub(tile / 2);
        let first = (from_first / tile).min(tiles - 1);
        Self {
            first,
            second: (first + 1).min(tiles - 1),
            share: (from_first % tile * 256 / tile) as u32,
        }
    }

    const fn mean(&self, first: u32, second: u32) -> u32 {
        (first * (256 - self.share) + second * self.share) >> 8
    }
}

/// Standard deviation of the paper's grain, from the median step between neighbours: writing covers far
/// less than half of any page.
fn grain(page: &Raster<'_>) -> f32 {
    let mut steps = [0_u32; 256];
    for row in page.grey.chunks_exact(page.width.max(1) as usize) {
        for pair in row.windows(2) {
            steps[usize::from(pair[0].abs_diff(pair[1]))] += 1;
        }
    }
    let half = steps.iter().sum::<u32>() / 2;
    let mut seen = 0;
    let median = steps.iter().position(|count| {
        seen += count;
        seen > half
    });
    median.unwrap_or(0) as f32 * MEDIAN_STEP_TO_SIGMA
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paper that darkens from 200 to 100 across the page, with strokes of half its value: after evening all paper is
    /// white and all strokes are alike; before, the lighter strokes were as light as the darker paper.
    #[test]
    fn uneven_paper_becomes_white_and_ink_keeps_its_share() {
        let (width, height) = (640_u32, 320_u32);
        let is_ink = |at: u32| at % width % 40 < 4 && at / width % 40 < 24;
        let paper = |at: u32| 200 - (at % width * 100 / width) as u8;
        let value = |at: u32| if is_ink(at) { paper(at) / 2 } else { paper(at) };
        let page = Raster {
            width,
            height,
            grey: (0..width * height).map(value).collect(),
        };
        let even = Paper::of(&page, 1).even(page);
        for at in 0..width * height {
            let value = even.grey[at as usize];
            let inner = (32..width - 32).contains(&(at % width));
            match is_ink(at) {
                true => assert!(!inner || (115..145).contains(&value), "ink {value} at {at}"),
                false => assert!(!inner || value >= 240, "paper {value} at {at}"),
            }
        }
    }

    #[test]
    fn white_pages_dark_pages_and_dark_places_stay_as_they_are() {
        let page = |value: &dyn Fn(u32, u32) -> u8| Raster {
            width: 320,
            height: 320,
            grey: (0..320 * 320).map(|at| value(at % 320, at / 320)).collect(),
        };
        for (what, page) in [
            ("white", page(&|_, _| 255)),
            ("black", page(&|x, _| if x % 20 == 0 { 250 } else { 10 })),
        ] {
            assert_eq!(Paper::of(&page, 1).even(page.clone()), page, "{what}");
        }
        let bar = page(&|_, y| if (100..200).contains(&y) { 20 } else { 255 });
        let even = Paper::of(&bar, 1).even(bar);
        assert!(even.grey[150 * 320 + 160] < 60, "a dark bar stays dark");
    }
}
