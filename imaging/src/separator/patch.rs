//! Patch code T: four bars, narrow, wide, narrow, wide.
//!
//! Kodak's specification (A-61599, *Patch Code Information*): wide bars of 0.20 inch, narrow bars and spaces of
//! 0.08 inch, each within 0.01 inch, so 0.80 inch together; bars at least 0.75 inch long. Upside down it reads
//! as patch 3, which separates batches: both begin something new.

use super::Black;

/// Widths of bars and spaces in turn, in narrow bars.
const PATCH_T: [f32; 7] = [1.0, 1.0, 2.5, 1.0, 1.0, 1.0, 2.5];
/// A narrow bar in pixels of the reduced copy: 8 on A4; smaller and larger sheets and prints.
const NARROW_PX: std::ops::RangeInclusive<f32> = 4.5..=14.0;
/// How far each width may be off, in narrow bars: blur and threshold move edges alike.
const TOLERANCE: f32 = 0.45;
/// Rows that are looked at: every so many.
const STEP: usize = 6;
/// The pattern must go on for so many narrow bars' widths: 0.6 inch, a little less than the specification.
const LEAST_LENGTH: f32 = 7.5;
/// From one row looked at to the next it moves sideways by at most that share of the step: 15 degrees.
const MOST_SLOPE: f32 = 0.27;
/// Clear space beside it, in narrow bars.
const QUIET: f32 = 1.5;

/// Where a row crosses the pattern.
#[derive(Clone, Copy)]
struct Crossing {
    start: f32,
    narrow: f32,
}

/// A pattern followed from row to row.
struct Track {
    last: Crossing,
    first_row: usize,
    last_row: usize,
}

/// Whether patch code T is on the page, in any of four directions.
pub(crate) fn is_patch_t(page: &Black) -> bool {
    has_upright_bars(page) || has_upright_bars(&page.transposed())
}

fn has_upright_bars(page: &Black) -> bool {
    let mut runs = Vec::new();
    let mut tracks: Vec<Track> = Vec::new();
    for y in (0..page.height).step_by(STEP) {
        page.runs(y, &mut runs);
        // A missed row in between is forgiven: dust.
        tracks.retain(|track| y - track.last_row <= 2 * STEP);
        for crossing in crossings(&runs) {
            let continued = tracks.iter_mut().find(|track| {
                let moved = (crossing.start - track.last.start).abs();
                moved <= (y - track.last_row) as f32 * MOST_SLOPE + 2.0
                    && (crossing.narrow - track.last.narrow).abs() < 0.2 * crossing.narrow
            });
            match continued {
                Some(track) => {
                    track.last = crossing;
                    track.last_row = y;
                    if (y - track.first_row) as f32 >= LEAST_LENGTH * crossing.narrow {
                        return true;
                    }
                }
                None => tracks.push(Track {
                    last: crossing,
                    first_row: y,
                    last_row: y,
                }),
            }
        }
    }
    false
}

/// Where these runs, of which every second is black, are those of the pattern.
fn crossings(runs: &[(usize, usize)]) -> Vec<Crossing> {
    let mut found = Vec::new();
    for first in (1..runs.len().saturating_sub(PATCH_T.len())).step_by(2) {
        let widths: [f32; 7] = std::array::from_fn(|at| runs[first + at].1 as f32);
        let narrow = widths.iter().sum::<f32>() / PATCH_T.iter().sum::<f32>();
        let fits = |pattern: &mut dyn Iterator<Item = &f32>| {
            widths
                .iter()
                .zip(pattern)
                .all(|(width, wanted)| (width / narrow - wanted).abs() <= TOLERANCE)
        };
        let is_quiet = runs[first - 1].1.min(runs[first + 7].1) as f32 >= QUIET * narrow;
        if NARROW_PX.contains(&narrow)
            && is_quiet
            && (fits(&mut PATCH_T.iter()) || fits(&mut PATCH_T.iter().rev()))
        {
            found.push(Crossing {
                start: runs[first].0 as f32,
                narrow,
            });
        }
    }
    found
}
