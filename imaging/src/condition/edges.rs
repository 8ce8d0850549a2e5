//! What happens at the edges of the picture: letters cut through, dark borders.

use super::paper::{Paper, TILE_PX};
use crate::marks::Mark;

/// Paper darker than this share of the page's is no paper but what lies around it.
const BORDER_LEVEL: f32 = 0.5;
/// A cut letter is at least this high and at most that, in shares of the letters' height.
const LETTER_SIZES: std::ops::RangeInclusive<f32> = 0.4..=2.2;
/// And reaches into the page by at least so many reduced pixels.
const LEAST_DEPTH_PX: u32 = 1;
/// Along edges in shadow, black and white scanners make grit, some grains of which are as large as letters.
/// Grains smaller than this share of a letter are counted in a strip of so many letters' heights; text has
/// few (dots, accents), grit has many for each large grain.
const DUST_SIZE: f32 = 0.3;
const DUST_STRIP: f32 = 3.0;
const DUST_PER_LETTER: u32 = 4;

/// Share of the page, 0 to 1, that is dark and reaches it from an edge: an open lid, a table top.
pub(crate) fn dark_border(paper: &Paper) -> f32 {
    let dark: Vec<bool> = is_border(paper);
    dark.iter().filter(|&&is_dark| is_dark).count() as f32 / dark.len().max(1) as f32
}

/// Which tiles belong to a dark border.
fn is_border(paper: &Paper) -> Vec<bool> {
    let limit = f32::from(paper.level) * BORDER_LEVEL;
    let (wide, high) = (paper.tiles_wide, paper.tiles_high);
    let mut border = vec![false; paper.values.len()];
    let mut waiting: Vec<usize> = (0..paper.values.len())
        .filter(|tile| {
            let (x, y) = (tile % wide, tile / wide);
            x == 0 || y == 0 || x + 1 == wide || y + 1 == high
        })
        .collect();
    while let Some(tile) = waiting.pop() {
        if border[tile] || f32::from(paper.values[tile]) >= limit {
            continue;
        }
        border[tile] = true;
        let (x, y) = (tile % wide, tile / wide);
        waiting.extend((x > 0).then(|| tile - 1));
        waiting.extend((x + 1 < wide).then(|| tile + 1));
        waiting.extend((y > 0).then(|| tile - wide));
        waiting.extend((y + 1 < high).then(|| tile + wide));
    }
    border
}

/// How many letters the picture's edge cuts through, on the edge that cuts the most.
pub(crate) fn cut_letters(marks: &[Mark], letter_height: f32, paper: &Paper, size: (usize, usize)) -> u32 {
    let border = is_border(paper);
    let (width, height) = (size.0 as u32, size.1 as u32);
    let mut cut = [0_u32; 4];
    let mut dust = [0_u32; 4];
    let strip = (letter_height * DUST_STRIP) as u32;
    for mark in marks {
        let sides = [
            (mark.left == 0, mark.height(), mark.width()),
            (mark.right + 1 == width, mark.height(), mark.width()),
            (mark.top == 0, mark.width(), mark.height()),
            (mark.bottom + 1 == height, mark.width(), mark.height()),
        ];
        let tile = mark.top as usize / TILE_PX * paper.tiles_wide + mark.left as usize / TILE_PX;
        if border[tile] {
            continue;
        }
        if mark.width().max(mark.height()) as f32 <= letter_height * DUST_SIZE {
            let near = [
                mark.left < strip,
                mark.right + strip >= width,
                mark.top < strip,
                mark.bottom + strip >= height,
            ];
            dust.iter_mut()
                .zip(near)
                .for_each(|(dust, is_near)| *dust += u32::from(is_near));
        }
        for (count, (touches, along, depth)) in cut.iter_mut().zip(sides) {
            let is_letter = LETTER_SIZES.contains(&(along as f32 / letter_height))
                && depth >= LEAST_DEPTH_PX
                && depth as f32 <= letter_height * LETTER_SIZES.end();
            *count += u32::from(touches && is_letter);
        }
    }
    let plain = cut
        .into_iter()
        .zip(dust)
        .map(|(cut, dust)| cut.saturating_sub(dust / DUST_PER_LETTER));
    plain.max().unwrap_or(0)
}
