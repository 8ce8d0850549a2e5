//! Writing so pale that no letter of it stands out from the grain: seen by its lines, as eyes see it.

use super::{
    paper::{Paper, TILE_PX},
    reduced::Reduced,
};

/// Everything is looked at in squares of so many reduced pixels a side: half the height of small letters.
const CELL_PX: usize = 4;
/// A word is at least so many cells long.
const WORD_CELLS: usize = 4;
/// The space above and below a line of writing is so many cells away from its middle.
const SPACE_CELLS: usize = 2;
/// A line is darker than the spaces around it by this share of the paper's level. What shines through from the back is
/// paler.
const LEAST_SHARE: f32 = 0.02;
/// And by so many standard deviations of what the grain leaves in a word.
const GRAIN_SIGMAS: f32 = 4.0;
/// What is nearer to the picture's edge than this is shadow more often than writing.
const MARGIN_CELLS: usize = 8;
/// Darker than this share of the page's paper is no paper but what lies around it.
const BORDER_LEVEL: f32 = 0.6;

/// Share of the page, 0 to 1, that is darker than what lies above and below it, or to its left and right, as lines of
/// writing are and stains, folds and light from one side are not: the greater of both.
pub(crate) fn line_share(page: &Reduced<'_>, paper: &Paper) -> f32 {
    let across = Cells::of(page, paper);
    across.line_share(paper).max(across.turned().line_share(paper))
}

/// Means of squares, and whether each is paper.
struct Cells {
    wide: usize,
    high: usize,
    means: Vec<f32>,
    is_paper: Vec<bool>,
}

impl Cells {
    fn of(page: &Reduced<'_>, paper: &Paper) -> Self {
        let (wide, high) = (page.width / CELL_PX, page.height / CELL_PX);
        let least = f32::from(paper.level) * BORDER_LEVEL;
        let mut means = Vec::with_capacity(wide * high);
        let mut is_paper = Vec::with_capacity(wide * high);
        for row in 0..high {
            for column in 0..wide {
                let (x, y) = (column * CELL_PX, row * CELL_PX);
                let rows = (y..y + CELL_PX).map(|y| &page.grey[y * page.width + x..][..CELL_PX]);
                let sum: u32 = rows.flatten().map(|&value| u32::from(value)).sum();
                means.push(sum as f32 / (CELL_PX * CELL_PX) as f32);
                let tile = y / TILE_PX * paper.tiles_wide + x / TILE_PX;
                is_paper.push(f32::from(paper.values[tile]) >= least);
            }
        }
        Self {
            wide,
            high,
            means,
            is_paper,
        }
    }

    fn turned(&self) -> Self {
        let places = (0..self.wide).flat_map(|x| (0..self.high).map(move |y| y * self.wide + x));
        Self {
            wide: self.high,
            high: self.wide,
            means: places.clone().map(|at| self.means[at]).collect(),
            is_paper: places.map(|at| self.is_paper[at]).collect(),
        }
    }

    fn line_share(&self, paper: &Paper) -> f32 {
        // A word's mean less half of those above and below it.
        let left_of_grain = (1.5 / (CELL_PX * CELL_PX * WORD_CELLS) as f32).sqrt();
        let least = (LEAST_SHARE * f32::from(paper.level)).max(GRAIN_SIGMAS * paper.grain * left_of_grain);
        let (mut looked_at, mut lines) = (0_u32, 0_u32);
        for row in MARGIN_CELLS..self.high.saturating_sub(MARGIN_CELLS) {
            for column in MARGIN_CELLS..self.wide.saturating_sub(MARGIN_CELLS + WORD_CELLS) {
                let word = |row: usize| row * self.wide + column..row * self.wide + column + WORD_CELLS;
                let rows = [row - SPACE_CELLS, row, row + SPACE_CELLS];
                if !rows
                    .iter()
                    .all(|&row| self.is_paper[word(row)].iter().all(|&paper| paper))
                {
                    continue;
                }
                let mean = |row: usize| self.means[word(row)].iter().sum::<f32>() / WORD_CELLS as f32;
                let [above, here, below] = rows.map(mean);
                looked_at += 1;
                lines += u32::from((above + below) / 2.0 - here >= least);
            }
        }
        lines as f32 / looked_at.max(1) as f32
    }
}
