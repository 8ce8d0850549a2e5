//! How soft the edges of letters are.

use super::reduced::Reduced;
use crate::marks::Mark;

/// More letters make the figure no surer.
const MOST_LETTERS: usize = 1200;
/// Fewer say too little.
const FEWEST_LETTERS: usize = 12;
/// Paper around a letter that is looked at as well, in reduced pixels.
const RIM_PX: usize = 3;
/// Longest distance of the two pixels that are compared.
const FAR_PX: usize = 3;
/// Mean squares of differences below this are rounding.
const LEAST_ENERGY: f64 = 1.0;

/// The steepness of letters' edges along rows and columns, the lesser of both: nine times the energy of
/// differences between neighbours over that between pixels three apart. 1 where edges are wider than that
/// (every near difference is a third of the far one), 3 for single abrupt steps, more for strokes of a
/// pixel. Neither the number of letters nor their contrast enters, and the copy's scale is that of the page.
pub(crate) fn sharpness(page: &Reduced<'_>, letters: &[Mark], grain: f32) -> Option<f32> {
    if letters.len() < FEWEST_LETTERS {
        return None;
    }
    let step = letters.len().div_ceil(MOST_LETTERS);
    let (mut along, mut across) = (Energies::default(), Energies::default());
    for letter in letters.iter().step_by(step) {
        let left = (letter.left as usize).saturating_sub(RIM_PX);
        let top = (letter.top as usize).saturating_sub(RIM_PX);
        let right = (letter.right as usize + RIM_PX + 1).min(page.width);
        let bottom = (letter.bottom as usize + RIM_PX + 1).min(page.height);
        for y in top..bottom {
            let row = &page.grey[y * page.width + left..y * page.width + right];
            along.add(row, &row[1..], FAR_PX);
            let below = |distance: usize| {
                let y = (y + distance).min(bottom - 1);
                &page.grey[y * page.width + left..y * page.width + right]
            };
            if y + FAR_PX < bottom {
                across.add_rows(row, below(1), below(FAR_PX));
            }
        }
    }
    let noise = 2.0 * f64::from(grain).powi(2);
    Some(along.steepness(noise).min(across.steepness(noise)) as f32)
}

/// Sums of squared differences.
#[derive(Default)]
struct Energies {
    near: u64,
    far: u64,
    pairs: u64,
}

impl Energies {
    fn add(&mut self, row: &[u8], next: &[u8], far: usize) {
        let Some(beyond) = row.get(far..) else {
            return;
        };
        self.add_rows(&row[..beyond.len()], &next[..beyond.len()], beyond);
    }

    fn add_rows(&mut self, here: &[u8], near: &[u8], far: &[u8]) {
        let square = |one: u8, other: u8| u64::from(one.abs_diff(other)).pow(2);
        for ((&here, &near), &far) in here.iter().zip(near).zip(far) {
            self.near += square(here, near);
            self.far += square(here, far);
        }
        self.pairs += here.len() as u64;
    }

    fn steepness(&self, noise: f64) -> f64 {
        let mean = |sum: u64| (sum as f64 / self.pairs.max(1) as f64 - noise).max(LEAST_ENERGY);
        let distance = FAR_PX as f64;
        mean(self.near) * distance * distance / mean(self.far)
    }
}
