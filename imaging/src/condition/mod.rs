//! What a page's picture is like, in figures from which doubts are named.
//!
//! ```text
//! GreyPage --sheet--> what of it is no dark ground --reduced--> about 100 dpi --Paper--> darkness --Marks--> letters, lines, borders
//!     --> PageCondition --model::doubts(Thresholds)--> names
//! ```
//!
//! Everything is measured on the reduced copy, relative to the paper around each pixel and to the size of
//! the letters, so that neither resolution nor the amount of text changes a figure.

mod bands;
mod edges;
mod hash;
mod paper;
mod reduced;
mod sharpness;
mod sheet;
mod text;

use hrisov_model::PageCondition;

pub use reduced::GreyPage;
pub use sheet::sheet;

use crate::marks::{Mark, Marks};
use hash::Pose;
use paper::Paper;
pub(crate) use paper::quantile;
pub(crate) use reduced::Reduced;

/// Marks that make up letters are at least this dark, as a share of the ink's own darkness: what shines
/// through from the back and the shade along folds are not.
const LETTER_DARKNESS: f32 = 0.4;
/// Ink is as dark as the darkest fifth of all that is darker than paper.
const INK_QUANTILE: f32 = 0.8;
/// A mark of which even the darkest pixel is lighter than this, of 255 parts of the paper's level, was not
/// written on this side: grain, what shines through.
const LEAST_MARK: usize = 28;
/// Folds, stains and what shines through are mostly weaker than this share of the paper's level.
const LEAST_STROKE_CONTRAST: f32 = 0.15;
/// Shorter marks are grit more often than a stroke of a pen: 2.5 mm of an A4 page.
const LEAST_STROKE_PX: u32 = 10;
/// A stroke or a number covers this share of a page at least.
const LEAST_STROKES: f32 = 0.000_3;
/// Darker than this is black, whatever the paper, of 255.
const BLACK: usize = 80;

/// Looks at a page. Costs a few milliseconds; a page without pixels has no marks.
#[must_use]
pub fn measure(page: &GreyPage<'_>) -> PageCondition {
    let mut condition = PageCondition {
        lost_percent: page.lost_percent(),
        ..PageCondition::unseen(page.dpi())
    };
    let reduced = page.reduced();
    if reduced.grey.is_empty() {
        return condition;
    }
    let paper = Paper::of(&reduced);
    let darkness = paper.darkness(&reduced);
    condition.paper_level = f32::from(paper.level) / 255.0;
    condition.line_share = Some(bands::line_share(&reduced, &paper));
    condition.dark_border = edges::dark_border(&paper);
    condition.black_share = (black_share(&reduced) - condition.dark_border).max(0.0);
    let all = dark_marks(&darkness, reduced.width, paper.least_contrast);
    let size = (reduced.width, reduced.height);
    count_ink(&mut condition, &all, &darkness, &paper, size);
    condition.stroke_contrast = Some(stroke_contrast(&darkness, &paper, size));
    let strong = f32::from(paper.level) * condition.contrast * LETTER_DARKNESS;
    let marks = dark_marks(&darkness, size.0, (strong as u8).max(paper.least_contrast));
    look_at_letters(&mut condition, &marks, &reduced, &paper);
    condition.rounded()
}

fn count_ink(
    condition: &mut PageCondition,
    all: &Marks,
    darkness: &[u8],
    paper: &Paper,
    (width, height): (usize, usize),
) {
    let mut contrasts = [0_u32; 256];
    let mut area = 0;
    let contrast = |at: u32| contrast(darkness, paper, width, at);
    for mark in written(&all.all, width, height) {
        let darkest = all.pixels(mark).iter().map(|&at| contrast(at)).max();
        if darkest.unwrap_or(0) < LEAST_MARK {
            continue;
        }
        condition.marks += 1;
        area += mark.area;
        for &at in all.pixels(mark) {
            contrasts[contrast(at)] += 1;
        }
    }
    condition.ink_share = area as f32 / darkness.len() as f32;
    condition.contrast = f32::from(quantile(&contrasts, INK_QUANTILE)) / 255.0;
}

/// How much darker a pixel is than the paper around it, as a share of the paper's level, of 255.
fn contrast(darkness: &[u8], paper: &Paper, width: usize, at: u32) -> usize {
    let at = at as usize;
    let paper = u32::from(paper.at(at % width, at / width)).max(1);
    (u32::from(darkness[at]) * 255 / paper).min(255) as usize
}

/// The contrast that so many pixels have at least, as a share; 0 where there are not so many.
fn darkest(contrasts: &[u32; 256], pixels: u32) -> f32 {
    let mut left = pixels.max(1);
    for (contrast, &count) in contrasts.iter().enumerate().rev() {
        if count >= left {
            return contrast as f32 / 255.0;
        }
        left -= count;
    }
    0.0
}

/// The marks that are darker than paper by at least `least`.
fn dark_marks(darkness: &[u8], width: usize, least: u8) -> Marks {
    Marks::of(darkness.iter().map(|&value| value >= least), width)
}

/// The contrast of the darkest strokes. Among marks as weak as any a punch hole hangs together with a fold.
fn stroke_contrast(darkness: &[u8], paper: &Paper, (width, height): (usize, usize)) -> f32 {
    let least = (f32::from(paper.level) * LEAST_STROKE_CONTRAST) as u8;
    let marks = dark_marks(darkness, width, least.max(paper.least_contrast));
    let mut contrasts = [0_u32; 256];
    for mark in written(&marks.all, width, height) {
        if mark.width().max(mark.height()) < LEAST_STROKE_PX || mark.hugs_edge(width, height) {
            continue;
        }
        for &at in marks.pixels(mark) {
            contrasts[contrast(darkness, paper, width, at)] += 1;
        }
    }
    darkest(&contrasts, (darkness.len() as f32 * LEAST_STROKES) as u32)
}

fn look_at_letters(condition: &mut PageCondition, marks: &Marks, reduced: &Reduced<'_>, paper: &Paper) {
    let (width, height) = (reduced.width, reduced.height);
    let written: Vec<Mark> = written(&marks.all, width, height).copied().collect();
    let letters = text::letters(&written);
    condition.sharpness = sharpness::sharpness(reduced, &letters, f32::from(paper.least_contrast) / 5.0);
    let Some(lines) = text::lines(&letters) else {
        return;
    };
    condition.lines = Some(lines.direction);
    condition.skew_degrees = Some(lines.skew_degrees);
    let letter_height = text::letter_height(&letters, lines.direction);
    condition.letter_height_px = letter_height.map(|height| height / reduced.scale);
    if let Some(letter_height) = letter_height {
        condition.cut_letters = edges::cut_letters(&marks.all, letter_height, paper, (width, height));
    }
    let pose = Pose {
        direction: lines.direction,
        skew_degrees: lines.skew_degrees,
    };
    condition.hash = hash::hash(marks, &letters, width, pose);
}

/// Everything that may be writing.
fn written(marks: &[Mark], width: usize, height: usize) -> impl Iterator<Item = &Mark> {
    marks.iter().filter(move |mark| {
        !mark.is_speck() && !mark.touches_edge(width, height) && !mark.is_punch_hole(width, height)
    })
}

fn black_share(page: &Reduced<'_>) -> f32 {
    let mut black = 0_u32;
    for &value in page.grey {
        black += u32::from(usize::from(value) < BLACK);
    }
    black as f32 / page.grey.len() as f32
}
