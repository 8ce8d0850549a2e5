//! What a page's picture is like, in figures from which doubts are named.
//!
//! ```text
//! GreyPage --reduced--> about 100 dpi --Paper--> darkness --Marks--> letters, lines, borders
//!     --> PageCondition --doubts(Thresholds)--> names
//! ```
//!
//! Everything is measured on the reduced copy, relative to the paper around each pixel and to the size of
//! the letters, so that neither resolution nor the amount of text changes a figure.

mod doubts;
mod edges;
mod hash;
mod marks;
mod paper;
mod reduced;
mod sharpness;
mod text;

use serde::{Deserialize, Serialize};

pub use doubts::{Thresholds, doubts};
pub use hash::PageHash;
pub use reduced::GreyPage;
pub use text::LineDirection;

use hash::Pose;
use marks::{Mark, Marks};
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
/// Darker than this is black, whatever the paper, of 255.
const BLACK: usize = 80;

/// The figures of one page. None of them says anything about what is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageCondition {
    /// Marks that may be writing: everything darker than paper but dust, holes and what touches an edge.
    pub marks: u32,
    /// Share of the page that they cover, 0 to 1; 0.01 to 0.08 on pages of text.
    pub ink_share: f32,
    /// How light the paper is: the median over the page, 0 black to 1 white.
    pub paper_level: f32,
    /// How much darker than paper the ink is, as a share of the paper's own level, 0 to 1, at about 100 dpi.
    pub contrast: f32,
    /// Share of the page that is black, 0 to 1, dark borders left out.
    pub black_share: f32,
    /// Share of the page that is dark and begins at an edge, 0 to 1: an open lid, a table top.
    pub dark_border: f32,
    /// How abrupt the edges of letters are: 1 (softer than 0.7 mm) to 9 (nothing but dust); print has 2.3 to 5.
    /// `None` where there are too few letters.
    pub sharpness: Option<f32>,
    /// Middle height of letters, between that of an x and of a capital, in pixels of the page as scanned.
    /// `None` where there are too few letters.
    pub letter_height_px: Option<f32>,
    /// Which way lines run; `None` where no lines are seen.
    pub lines: Option<LineDirection>,
    /// Clockwise lean of the lines against the nearest side, -15 to 15 degrees.
    pub skew_degrees: Option<f32>,
    /// Letters that the edge of the picture cuts through, on the edge with the most.
    pub cut_letters: u32,
    /// Dots per inch where the metadata gives a value that can be believed.
    pub dpi: Option<u32>,
    /// What is written, for comparison with other pages; `None` where it is too little.
    pub hash: Option<PageHash>,
}

impl PageCondition {
    /// Looks at a page. Costs a few milliseconds; a page without pixels has no marks.
    #[must_use]
    pub fn of(page: &GreyPage<'_>) -> Self {
        let mut condition = Self::empty(page.dpi());
        let reduced = page.reduced();
        if reduced.grey.is_empty() {
            return condition;
        }
        let paper = Paper::of(&reduced);
        let darkness = paper.darkness(&reduced);
        condition.paper_level = f32::from(paper.level) / 255.0;
        condition.dark_border = edges::dark_border(&paper);
        condition.black_share = (black_share(&reduced) - condition.dark_border).max(0.0);
        let all = Marks::of(&darkness, reduced.width, paper.least_contrast);
        let size = (reduced.width, reduced.height);
        condition.count_ink(&all, &darkness, &paper, size);
        let strong = f32::from(paper.level) * condition.contrast * LETTER_DARKNESS;
        let marks = Marks::of(&darkness, size.0, (strong as u8).max(paper.least_contrast));
        condition.look_at_letters(&marks, &reduced, &paper);
        condition
    }

    fn empty(dpi: Option<u32>) -> Self {
        Self {
            marks: 0,
            ink_share: 0.0,
            paper_level: 0.0,
            contrast: 0.0,
            black_share: 0.0,
            dark_border: 0.0,
            sharpness: None,
            letter_height_px: None,
            lines: None,
            skew_degrees: None,
            cut_letters: 0,
            dpi,
            hash: None,
        }
    }

    fn count_ink(&mut self, all: &Marks, darkness: &[u8], paper: &Paper, (width, height): (usize, usize)) {
        let mut contrasts = [0_u32; 256];
        let mut area = 0;
        let contrast = |at: u32| {
            let at = at as usize;
            let paper = u32::from(paper.at(at % width, at / width)).max(1);
            (u32::from(darkness[at]) * 255 / paper).min(255) as usize
        };
        for mark in written(&all.all, width, height) {
            let darkest = all.pixels(mark).iter().map(|&at| contrast(at)).max();
            if darkest.unwrap_or(0) < LEAST_MARK {
                continue;
            }
            self.marks += 1;
            area += mark.area;
            for &at in all.pixels(mark) {
                contrasts[contrast(at)] += 1;
            }
        }
        self.ink_share = area as f32 / darkness.len() as f32;
        self.contrast = f32::from(quantile(&contrasts, INK_QUANTILE)) / 255.0;
    }

    fn look_at_letters(&mut self, marks: &Marks, reduced: &Reduced<'_>, paper: &Paper) {
        let (width, height) = (reduced.width, reduced.height);
        let written: Vec<Mark> = written(&marks.all, width, height).copied().collect();
        let letters = text::letters(&written);
        self.sharpness = sharpness::sharpness(reduced, &letters, f32::from(paper.least_contrast) / 5.0);
        let Some(lines) = text::lines(&letters) else {
            return;
        };
        self.lines = Some(lines.direction);
        self.skew_degrees = Some(lines.skew_degrees);
        let letter_height = text::letter_height(&letters, lines.direction);
        self.letter_height_px = letter_height.map(|height| height / reduced.scale);
        if let Some(letter_height) = letter_height {
            self.cut_letters = edges::cut_letters(&marks.all, letter_height, paper, (width, height));
        }
        let pose = Pose {
            direction: lines.direction,
            skew_degrees: lines.skew_degrees,
        };
        self.hash = hash::hash(marks, &letters, width, pose);
    }
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
