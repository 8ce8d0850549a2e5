//! A hash of what is written on a page that a second scan of the same sheet keeps.

use hrisov_model::{LineDirection, PageHash};

use crate::marks::{Mark, Marks};

/// Cells across and down, a bit each: a cell is a word wide and a line high on a full page.
const COLUMNS: usize = 32;
const ROWS: usize = 32;
/// The cells span so many standard deviations of the ink to each side of its centre.
const SPREAD: f32 = 2.2;
/// Less ink than this, in reduced pixels, has no pattern: a page number, a stroke.
const LEAST_INK_PX: u32 = 1500;

/// How the writing lies in the raster.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pose {
    pub(crate) direction: LineDirection,
    pub(crate) skew_degrees: f32,
}

/// The hash of the ink of these letters, among all marks of a raster `width` wide; `None` where there is too
/// little of it.
pub(crate) fn hash(all: &Marks, letters: &[Mark], width: usize, pose: Pose) -> Option<PageHash> {
    let ink: u32 = letters.iter().map(|mark| mark.area).sum();
    if ink < LEAST_INK_PX {
        return None;
    }
    let (sin, cos) = pose.skew_degrees.to_radians().sin_cos();
    let upright = |x: f32, y: f32| {
        let (x, y) = match pose.direction {
            LineDirection::Across => (x, y),
            LineDirection::Down => (y, -x),
        };
        (x * cos + y * sin, y * cos - x * sin)
    };
    // Seals, signatures and rules are pale and fall away in another scan, which must not move the grid.
    let middles: Vec<Weighed> = letters
        .iter()
        .map(|letter| {
            let (x, y) = upright(
                (letter.left + letter.right) as f32 / 2.0,
                (letter.top + letter.bottom) as f32 / 2.0,
            );
            let weight = f64::from(letter.width().max(letter.height()));
            Weighed { x, y, weight }
        })
        .collect();
    let columns = Axis::of(
        middles.iter().map(|middle| (middle.x, middle.weight)),
        COLUMNS + 1,
    );
    let rows = Axis::of(middles.iter().map(|middle| (middle.y, middle.weight)), ROWS);
    let pixels = letters.iter().flat_map(|letter| all.pixels(letter));
    let mut cells = [[0.0_f32; COLUMNS + 1]; ROWS];
    for &at in pixels {
        let (x, y) = upright((at as usize % width) as f32, (at as usize / width) as f32);
        let (Some((column, right)), Some((row, below))) = (columns.cell(x), rows.cell(y)) else {
            continue;
        };
        // Shared between the four nearest cells, so that a small shift changes little.
        cells[row][column] += (1.0 - right) * (1.0 - below);
        cells[row][column + 1] += right * (1.0 - below);
        cells[row + 1][column] += (1.0 - right) * below;
        cells[row + 1][column + 1] += right * below;
    }
    let cells = smoothed(&cells);
    let mut words = [0_u64; ROWS * COLUMNS / 64];
    for (row, cells) in cells.iter().enumerate() {
        for (column, pair) in cells.windows(2).enumerate() {
            let bit = row * COLUMNS + column;
            words[bit / 64] |= u64::from(pair[0] > pair[1]) << (63 - bit % 64);
        }
    }
    Some(PageHash::from_words(words))
}

/// Each cell with its neighbours (1, 2, 1 along both axes): a shift by part of a cell changes fewer bits.
fn smoothed(cells: &[[f32; COLUMNS + 1]; ROWS]) -> [[f32; COLUMNS + 1]; ROWS] {
    let weigh = |before: f32, here: f32, after: f32| before + 2.0 * here + after;
    let across = cells.map(|row| {
        std::array::from_fn::<f32, { COLUMNS + 1 }, _>(|at| {
            weigh(row[at.saturating_sub(1)], row[at], row[(at + 1).min(COLUMNS)])
        })
    });
    std::array::from_fn(|row| {
        let (above, below) = (&across[row.saturating_sub(1)], &across[(row + 1).min(ROWS - 1)]);
        std::array::from_fn(|at| weigh(above[at], across[row][at], below[at]))
    })
}

/// Where a letter stands, and how long it is: several that touch count as several.
struct Weighed {
    x: f32,
    y: f32,
    weight: f64,
}

/// Places along one axis to cells.
struct Axis {
    start: f32,
    cells_per_px: f32,
    cells: usize,
}

impl Axis {
    fn of(places: impl Iterator<Item = (f32, f64)> + Clone, cells: usize) -> Self {
        let sum = |of: &dyn Fn(f64) -> f64| -> f64 {
            let weighed = places.clone().map(|(at, weight)| of(f64::from(at)) * weight);
            weighed.sum()
        };
        let total = sum(&|_| 1.0).max(1.0);
        let mean = sum(&|at| at) / total;
        let variance = sum(&|at| (at - mean).powi(2)) / total;
        let half = (variance.sqrt() as f32 * SPREAD).max(1.0);
        Self {
            start: mean as f32 - half,
            cells_per_px: (cells - 1) as f32 / (2.0 * half),
            cells,
        }
    }

    /// The cell whose middle lies before a place, and how far beyond it the place is, in cells.
    fn cell(&self, place: f32) -> Option<(usize, f32)> {
        let at = (place - self.start) * self.cells_per_px;
        let is_inside = at >= 0.0 && at < (self.cells - 1) as f32;
        is_inside.then(|| (at as usize, at.fract()))
    }
}
