//! The paper's own value all over a page, and how much darker than it each pixel is.

use super::reduced::Reduced;

/// Side of the squares that share one value of paper, in reduced pixels: 4 mm of an A4 page, wider than
/// strokes and narrower than folds, shadows and stains.
pub(crate) const TILE_PX: usize = 16;
/// A mark is darker than the paper around it by this much, of 255, however calm the paper.
const LEAST_CONTRAST: f32 = 10.0;
/// And by this many standard deviations of the paper's own grain: one pixel in three million by chance.
const GRAIN_SIGMAS: f32 = 5.0;
/// Median to standard deviation of a normal distribution, over the difference of two pixels.
const MEDIAN_STEP_TO_SIGMA: f32 = 1.0 / (0.6745 * std::f32::consts::SQRT_2);
/// Rows of which the grain is taken: every so many.
const GRAIN_ROWS: usize = 4;

/// The paper's own value in each tile, and its grain.
#[derive(Debug)]
pub(crate) struct Paper {
    pub(crate) tiles_wide: usize,
    pub(crate) tiles_high: usize,
    /// Row by row, 0 to 255.
    pub(crate) values: Vec<u8>,
    /// By so much, of 255, a pixel must be darker than paper to be a mark.
    pub(crate) least_contrast: u8,
    /// Standard deviation of its grain.
    pub(crate) grain: f32,
    /// That of a third of all tiles, or lighter: a small sheet on a black ground is no dark paper.
    pub(crate) level: u8,
}

impl Paper {
    pub(crate) fn of(page: &Reduced<'_>) -> Self {
        let (tiles_wide, tiles_high) = (page.width.div_ceil(TILE_PX), page.height.div_ceil(TILE_PX));
        let mut values = Vec::with_capacity(tiles_wide * tiles_high);
        let mut pixels = Vec::with_capacity(TILE_PX * TILE_PX / 4);
        for tile_y in 0..tiles_high {
            for tile_x in 0..tiles_wide {
                pixels.clear();
                // Every fourth pixel, in a chessboard of rows, tells a quartile as well as all of them.
                for y in (tile_y * TILE_PX..((tile_y + 1) * TILE_PX).min(page.height)).step_by(2) {
                    let row = &page.grey[y * page.width..(y + 1) * page.width];
                    let (left, right) = (tile_x * TILE_PX, ((tile_x + 1) * TILE_PX).min(page.width));
                    pixels.extend(row[left..right].iter().step_by(2));
                }
                // Three of four pixels of a tile full of print are paper.
                let at = pixels.len() * 3 / 4;
                values.push(*pixels.select_nth_unstable(at).1);
            }
        }
        let grain = grain(page);
        let mut paper = Self {
            tiles_wide,
            tiles_high,
            values,
            least_contrast: (GRAIN_SIGMAS * grain).clamp(LEAST_CONTRAST, 255.0) as u8,
            grain,
            level: 0,
        };
        paper.smooth();
        paper.level = paper.lightest_third();
        paper
    }

    /// Each tile takes the median of its neighbourhood: a stamp that fills a tile is no paper.
    fn smooth(&mut self) {
        let around = |at: usize, end: usize| at.saturating_sub(1)..(at + 2).min(end);
        let mut near = Vec::with_capacity(9);
        let mut smoothed = Vec::with_capacity(self.values.len());
        for y in 0..self.tiles_high {
            for x in 0..self.tiles_wide {
                near.clear();
                for row in around(y, self.tiles_high) {
                    let columns = around(x, self.tiles_wide);
                    near.extend_from_slice(&self.values[row * self.tiles_wide..][columns]);
                }
                let middle = near.len() / 2;
                smoothed.push(*near.select_nth_unstable(middle).1);
            }
        }
        self.values = smoothed;
    }

    fn lightest_third(&self) -> u8 {
        let mut values = self.values.clone();
        let at = values.len() * 2 / 3;
        *values.select_nth_unstable(at).1
    }

    /// By how much each pixel is darker than the paper around it, 0 to 255.
    pub(crate) fn darkness(&self, page: &Reduced<'_>) -> Vec<u8> {
        let mut darkness = Vec::with_capacity(page.grey.len());
        for (y, row) in page.grey.chunks_exact(page.width).enumerate() {
            let papers = &self.values[y / TILE_PX * self.tiles_wide..];
            for (tile, &paper) in row.chunks(TILE_PX).zip(papers) {
                darkness.extend(tile.iter().map(|&value| paper.saturating_sub(value)));
            }
        }
        darkness
    }

    pub(crate) fn at(&self, x: usize, y: usize) -> u8 {
        self.values[y / TILE_PX * self.tiles_wide + x / TILE_PX]
    }
}

/// Standard deviation of the paper's grain, from the median step between neighbours: writing covers far
/// less than half of any page.
fn grain(page: &Reduced<'_>) -> f32 {
    let mut steps = [0_u32; 256];
    for row in page.grey.chunks_exact(page.width).step_by(GRAIN_ROWS) {
        for pair in row.windows(2) {
            steps[usize::from(pair[0].abs_diff(pair[1]))] += 1;
        }
    }
    quantile(&steps, 0.5) as f32 * MEDIAN_STEP_TO_SIGMA
}

/// The first value that has more than this share of all counts at or below it; 0 where nothing was counted.
pub(crate) fn quantile(histogram: &[u32; 256], share: f32) -> u8 {
    let wanted = (histogram.iter().sum::<u32>() as f32 * share) as u32;
    let mut seen = 0;
    let place = histogram.iter().position(|count| {
        seen += count;
        seen > wanted
    });
    place.unwrap_or(0) as u8
}
