//! Whether anything is written on a page, decided in milliseconds.
//!
//! The cost of a mistake is not even: a blank page that is read costs a fraction of a second, a line of
//! faint text that is dropped is lost. So a page is blank at once only where nothing but paper, dust, dark
//! edges and punch holes is left; in every other case it is read first (see [`Ink::is_faint`]).

use crate::raster::Raster;

/// Pixels of the longer side after reduction: 100 dpi for A4, where a stroke of a pen is one pixel wide.
const REDUCED_SIDE_PX: u32 = 1200;
/// Side of the squares that share one value of paper, in reduced pixels: 4 mm of an A4 page, wider than
/// strokes and narrower than folds, shadows and stains.
const TILE_PX: usize = 16;
/// A mark is darker than the paper around it by this much, of 255, however calm the paper.
const LEAST_CONTRAST: f32 = 10.0;
/// And by this many standard deviations of the paper's own grain: one pixel in three million by chance.
const GRAIN_SIGMAS: f32 = 5.0;
/// Median to standard deviation of a normal distribution, over the difference of two pixels.
const MEDIAN_STEP_TO_SIGMA: f32 = 1.0 / (0.6745 * std::f32::consts::SQRT_2);
/// Marks up to this many reduced pixels in both directions are dust: half a millimetre.
const SPECK_PX: u32 = 2;
/// A punch hole is 5 to 8 mm wide and lies within 25 mm of an edge: in shares of the longer side of A4.
const HOLE_SIDE: std::ops::RangeInclusive<f32> = 0.014..=0.032;
const HOLE_MARGIN: f32 = 0.085;
/// Share of its square that a disc fills is 0.785; a letter fills much less.
const HOLE_FILL: f32 = 0.65;
/// A page is blank after a fruitless reading if its marks are weaker than this share of the paper's
/// value (bleed-through, pencil dust) or cover less than that share of the page.
const FAINT_CONTRAST: f32 = 0.25;
const FAINT_SHARE: f32 = 0.000_2;

/// What is darker than paper on a page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ink {
    /// Marks that may be writing.
    pub(crate) marks: u32,
    /// Share of the page that they cover.
    pub(crate) share: f32,
    /// How much darker than paper the darker half of them is, as a share of the paper's value.
    pub(crate) contrast: f32,
    /// Whether there is more dust in some place than chance would put there.
    pub(crate) clustered_dust: bool,
}

impl Ink {
    /// Looks at a page.
    pub(crate) fn of(page: &Raster<'_>) -> Self {
        let factor = page.width.max(page.height).div_ceil(REDUCED_SIDE_PX);
        let reduced = page.reduced(factor);
        let paper = Paper::of(&reduced);
        let mask = paper.darker(&reduced);
        sift(&mask, &reduced, &paper)
    }

    /// Nothing that could be writing, without any reading.
    pub(crate) const fn is_none(&self) -> bool {
        self.marks == 0 && !self.clustered_dust
    }

    /// So little or so weak that a page on which no word was found counts as blank.
    pub(crate) fn is_faint(&self) -> bool {
        self.contrast < FAINT_CONTRAST || self.share < FAINT_SHARE
    }
}

/// The paper's own value in each tile, and its grain.
struct Paper {
    tiles_wide: usize,
    tiles_high: usize,
    values: Vec<u8>,
    least_contrast: f32,
}

impl Paper {
    fn of(page: &Raster<'_>) -> Self {
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

    fn at(&self, x: usize, y: usize) -> u8 {
        self.values[y / TILE_PX * self.tiles_wide + x / TILE_PX]
    }

    fn darker(&self, page: &Raster<'_>) -> Vec<bool> {
        let width = page.width as usize;
        let is_dark = |(at, &value): (usize, &u8)| {
            f32::from(self.at(at % width, at / width)) - f32::from(value) > self.least_contrast
        };
        page.grey.iter().enumerate().map(is_dark).collect()
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

/// One connected patch of dark pixels.
#[derive(Debug, Clone, Copy)]
struct Patch {
    left: u32,
    right: u32,
    top: u32,
    bottom: u32,
    area: u32,
}

impl Patch {
    const fn width(&self) -> u32 {
        self.right - self.left + 1
    }

    const fn height(&self) -> u32 {
        self.bottom - self.top + 1
    }

    fn is_speck(&self) -> bool {
        self.width().max(self.height()) <= SPECK_PX
    }

    fn touches_edge(&self, page: &Raster<'_>) -> bool {
        self.left == 0 || self.top == 0 || self.right + 1 == page.width || self.bottom + 1 == page.height
    }

    fn is_punch_hole(&self, page: &Raster<'_>) -> bool {
        let longer = page.width.max(page.height) as f32;
        let margin = (longer * HOLE_MARGIN) as u32;
        let is_near_edge = self.left < margin
            || self.top < margin
            || self.right + margin > page.width
            || self.bottom + margin > page.height;
        let is_round = self.width().abs_diff(self.height()) * 4 <= self.width()
            && self.area as f32 >= HOLE_FILL * (self.width() * self.height()) as f32;
        is_near_edge && is_round && HOLE_SIDE.contains(&(self.width() as f32 / longer))
    }
}

fn sift(mask: &[bool], page: &Raster<'_>, paper: &Paper) -> Ink {
    let width = page.width as usize;
    let mut left = mask.to_vec();
    let mut dust = vec![0_u32; paper.values.len()];
    let mut contrasts = [0_u32; 256];
    let (mut marks, mut area) = (0, 0);
    let mut pixels = Vec::new();
    for start in 0..mask.len() {
        if !left[start] {
            continue;
        }
        let patch = take_patch(start, width, &mut left, &mut pixels);
        if patch.touches_edge(page) || patch.is_punch_hole(page) {
            continue;
        }
        if patch.is_speck() {
            let (x, y) = (patch.left as usize / TILE_PX, patch.top as usize / TILE_PX);
            dust[y * paper.tiles_wide + x] += 1;
            continue;
        }
        marks += 1;
        area += patch.area;
        for &at in &pixels {
            let value = paper.at(at % width, at / width);
            let contrast = u32::from(value.saturating_sub(page.grey[at])) * 255 / u32::from(value.max(1));
            contrasts[contrast.min(255) as usize] += 1;
        }
    }
    Ink {
        marks,
        share: area as f32 / mask.len().max(1) as f32,
        contrast: upper_quartile(&contrasts) / 255.0,
        clustered_dust: is_clustered(&dust),
    }
}

/// Removes from `left` the patch around `start`, eight neighbours each, and lists its pixels.
fn take_patch(start: usize, width: usize, left: &mut [bool], pixels: &mut Vec<usize>) -> Patch {
    pixels.clear();
    pixels.push(start);
    left[start] = false;
    let (x, y) = ((start % width) as u32, (start / width) as u32);
    let mut patch = Patch {
        left: x,
        right: x,
        top: y,
        bottom: y,
        area: 0,
    };
    let height = left.len() / width;
    let mut next = 0;
    while let Some(&at) = pixels.get(next) {
        next += 1;
        let (x, y) = (at % width, at / width);
        patch.left = patch.left.min(x as u32);
        patch.right = patch.right.max(x as u32);
        patch.bottom = patch.bottom.max(y as u32);
        patch.area += 1;
        for neighbour_y in y.saturating_sub(1)..(y + 2).min(height) {
            for neighbour_x in x.saturating_sub(1)..(x + 2).min(width) {
                let neighbour = neighbour_y * width + neighbour_x;
                if std::mem::take(&mut left[neighbour]) {
                    pixels.push(neighbour);
                }
            }
        }
    }
    patch
}

fn upper_quartile(histogram: &[u32; 256]) -> f32 {
    let wanted = histogram.iter().sum::<u32>() / 4 * 3;
    let mut seen = 0;
    let place = histogram.iter().position(|count| {
        seen += count;
        seen > wanted
    });
    place.unwrap_or(0) as f32
}

/// Whether some tile holds more specks than chance: mean and five Poisson deviations, and three specks
/// whatever the mean. Letters so faint that they fall to pieces lie together, dust does not.
fn is_clustered(dust: &[u32]) -> bool {
    let mean = dust.iter().sum::<u32>() as f32 / dust.len().max(1) as f32;
    let most = mean + 5.0 * mean.sqrt() + 3.0;
    dust.iter().any(|&count| count as f32 > most)
}
