//! From figures to names.

use serde::Serialize;

use crate::{Doubt, PageCondition, PageRecord, PageState, Rotation, Thresholds, UnreadableReason, sheet};

/// Strokes decide about ink that is hardly darker than paper: where they are as weak the threshold is higher by
/// this factor, where they stand out lower, for the ink then is mostly that of the other side or of a tinted sheet.
const FAINT_RANGE: (f32, f32) = (0.8, 1.15);
/// Worn letters in black and white are broken: their pieces are lower than they by this factor.
const BROKEN_LETTERS: f32 = 0.6;
/// Small sheets and what shines through have smaller marks than letters: files that state enough pixels to the inch
/// are believed down to this factor.
const STATED_LETTERS: f32 = 0.8;
/// Letters of large type are believed to be small up to this factor where the low resolution that the file states makes the
/// picture a sheet of a standard format: at 96 dpi they have up to 11.2 pixels.
const STATED_LOW: f32 = 1.2;
/// Letters of few pixels have abrupt edges: where those of small marks are softer than so many times the threshold of
/// blurred letters, the marks are dirt and dots for a part.
const SOFT_EDGES: f32 = 1.7;
/// Softer marks than those of small letters are believed to be these down to this factor.
const SOFT_LETTERS: f32 = 0.8;
/// Pale marks beside strokes so many times as dark as the threshold of faint ink are of the other side, where their edges
/// are soft: paper blurs what shines through it. Ink that is faint is faint in its strokes as well.
const INK_BESIDE: f32 = 1.5;
/// Both paper and ink of black and white pages are at least that pure.
const PURE: f32 = 0.995;
/// Grain makes the edges of pale letters look sharper than they are: they are blurred up to so many times the threshold.
const PALE_SHARPNESS: f32 = 1.38;
/// Nothing but dust and grit has edges as abrupt as this; pens and print have up to 7.8 among it.
const GRIT_SHARPNESS: f32 = 8.0;
/// Ink of print is at least so much darker than paper, as a share of the paper's level.
const PRINT_CONTRAST: f32 = 0.6;
/// Letters that a line has which is cut through along an edge: on pages with words, none of them there, 20 and more. Grit makes
/// 11 at most on 6,400 generated pages, what shines through up to 37: on pale pages that is no line.
const SEVERED_LETTERS: u32 = 16;
const SEVERED_LETTERS_OF_PALE: u32 = 40;
/// A leaf number, a stroke or a stain is read as so many words at most.
pub const NEARLY_BLANK_WORDS: u32 = 4;

/// A doubt with the figure that raised it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Doubted {
    /// Why the page should be looked at.
    pub doubt: Doubt,
    /// What was measured; `None` where it is no matter of more or less.
    pub figure: Option<f32>,
    /// The threshold that it is beyond.
    pub limit: Option<f32>,
}

impl Doubted {
    /// A doubt that has no figure.
    #[must_use]
    pub const fn plain(doubt: Doubt) -> Self {
        Self {
            doubt,
            figure: None,
            limit: None,
        }
    }

    /// A doubt that a figure raised by being beyond a limit.
    #[must_use]
    pub const fn by(doubt: Doubt, figure: f32, limit: f32) -> Self {
        Self {
            doubt,
            figure: Some(figure),
            limit: Some(limit),
        }
    }
}

/// Everything that is doubted about a page by itself, in the order of [`Doubt::ALL`]. What reading has to say is
/// told only where the picture gives no reason for it: of a blurred page nobody wonders that it was read poorly.
#[must_use]
pub fn page_doubts(page: &PageRecord, thresholds: &Thresholds) -> Vec<Doubted> {
    if page
        .figures
        .as_ref()
        .is_some_and(|figures| figures.separator.is_some())
    {
        return Vec::new();
    }
    let condition = page.figures.as_ref().map(|figures| &figures.condition);
    let mut found = condition.map_or_else(Vec::new, |condition| {
        let is_sheet = condition.dpi.is_some_and(|dpi| sheet::is_standard(page, dpi));
        of_picture(condition, is_sheet, thresholds)
    });
    if let Some(words) = page.figures.as_ref().and_then(|figures| figures.edge_words) {
        // Where words stand tells better than marks at the edge, of which grit makes some and a clean cut few; but of a line
        // that is cut through along an edge no words are read.
        let least = thresholds.cut_words.max(1);
        let is_severed = condition.is_some_and(|condition| is_severed(condition, thresholds));
        if (words == 0 && !is_severed) || words >= least {
            found.retain(|doubted| doubted.doubt != Doubt::CutOff);
        }
        if words >= least {
            found.push(Doubted::by(Doubt::CutOff, words as f32, least as f32));
        }
    }
    if let Some(lost) = condition
        .map(|condition| condition.lost_percent)
        .filter(|lost| *lost > 0)
    {
        found.push(Doubted::by(Doubt::Incomplete, f32::from(lost), 0.0));
    }
    let is_explained = !found.is_empty();
    let turn = page.figures.as_ref().and_then(|figures| figures.turn);
    if turn == Some(Rotation::Half) && !found.iter().any(|doubted| doubted.doubt == Doubt::Blank) {
        found.push(Doubted::plain(Doubt::UpsideDown));
    }
    if !is_explained {
        found.extend(of_reading(page, thresholds));
    }
    found.sort_by_key(|doubted| doubted.doubt);
    found
}

fn of_reading(page: &PageRecord, thresholds: &Thresholds) -> Option<Doubted> {
    match &page.state {
        PageState::Waiting => None,
        PageState::Blank => Some(Doubted::plain(Doubt::Blank)),
        PageState::Unreadable {
            reason: UnreadableReason::NothingRecognised,
            ..
        } => Some(Doubted::plain(Doubt::NothingRecognised)),
        PageState::Unreadable { .. } => Some(Doubted::plain(Doubt::Unreadable)),
        PageState::Recognised => {
            let low = thresholds.low_confidence_percent;
            let confidence = page.confidence_percent.filter(|percent| *percent < low);
            let foreign = page.figures.as_ref().and_then(|figures| figures.foreign_percent);
            let foreign = foreign.filter(|percent| *percent > thresholds.foreign_percent);
            let by = |doubt, figure: u8, limit: u8| Doubted::by(doubt, f32::from(figure), f32::from(limit));
            // Letters that were hardly made out form no words of any language.
            confidence
                .map(|percent| by(Doubt::LowConfidence, percent, low))
                .or_else(|| {
                    foreign.map(|percent| by(Doubt::LanguageUnexpected, percent, thresholds.foreign_percent))
                })
        }
    }
}

/// Whether a page shows nothing or next to nothing: a leaf that whoever counted by hand may have counted or not. What
/// is configured does not matter here, so that a comparison comes out the same wherever it is made.
#[must_use]
pub fn is_nearly_blank(page: &PageRecord) -> bool {
    let has_text = match &page.state {
        PageState::Blank => return true,
        PageState::Recognised => page.words > NEARLY_BLANK_WORDS,
        PageState::Unreadable { reason, .. } => *reason != UnreadableReason::NothingRecognised,
        PageState::Waiting => true,
    };
    let condition = page.figures.as_ref().map(|figures| &figures.condition);
    let looks_blank = |condition| {
        let seen = nothing_to_see(condition, &Thresholds::default());
        seen.is_some_and(|doubted| matches!(doubted.doubt, Doubt::Blank | Doubt::NearlyBlank))
    };
    !has_text && condition.is_some_and(looks_blank)
}

/// The doubts about a page that its picture alone raises, in the order of [`Doubt::ALL`]. The first of blank,
/// nearly blank and too dark that holds is the only one: letters that are not there or not seen have no
/// figures. Blurred letters are pale as well, and faint ones fall to pieces and may end at an edge, which is not
/// said.
#[must_use]
pub fn doubts(page: &PageCondition, thresholds: &Thresholds) -> Vec<Doubt> {
    let found = of_picture(page, false, thresholds);
    found.into_iter().map(|doubted| doubted.doubt).collect()
}

fn of_picture(page: &PageCondition, is_sheet: bool, thresholds: &Thresholds) -> Vec<Doubted> {
    if let Some(doubted) = nothing_to_see(page, thresholds) {
        return vec![doubted];
    }
    let below = |doubt, figure: Option<f32>, limit: f32| {
        let figure = figure.filter(|figure| *figure < limit);
        figure.map(|figure| Doubted::by(doubt, figure, limit))
    };
    let faint = below(
        Doubt::TooFaint,
        Some(page.contrast),
        faint_limit(page, thresholds),
    )
    .filter(|_| !shines_through(page, thresholds));
    let pale = if faint.is_some() { PALE_SHARPNESS } else { 1.0 };
    let blurred = below(
        Doubt::Blurred,
        page.sharpness,
        thresholds.blurred_sharpness * pale,
    );
    let small = small_letters(page, is_sheet, thresholds);
    let leaning = page
        .skew_degrees
        .filter(|skew| skew.abs() > thresholds.skew_degrees);
    let cut = page.cut_letters >= thresholds.cut_letters.max(1);
    let found = [
        faint.filter(|_| blurred.is_none()),
        blurred,
        leaning.map(|skew| Doubted::by(Doubt::Skewed, skew, thresholds.skew_degrees)),
        cut.then(|| {
            let limit = thresholds.cut_letters as f32;
            Doubted::by(Doubt::CutOff, page.cut_letters as f32, limit)
        })
        .filter(|_| faint.is_none()),
        small.filter(|_| faint.is_none()),
    ];
    found.into_iter().flatten().collect()
}

fn nothing_to_see(page: &PageCondition, thresholds: &Thresholds) -> Option<Doubted> {
    let is_dark = page.paper_level < thresholds.dark_paper_level;
    if is_dark {
        let (figure, limit) = (page.paper_level, thresholds.dark_paper_level);
        return Some(Doubted::by(Doubt::TooDark, figure, limit));
    }
    if page.black_share > thresholds.dark_black_share {
        let (figure, limit) = (page.black_share, thresholds.dark_black_share);
        return Some(Doubted::by(Doubt::TooDark, figure, limit));
    }
    let has_ink = page.ink_share >= thresholds.nearly_blank_ink_share;
    let has_lines = page
        .line_share
        .map_or(has_ink, |share| share >= thresholds.line_share);
    let is_pale = page.contrast < thresholds.faint_contrast;
    if has_ink && (has_lines || !is_pale) {
        return None;
    }
    let is_grit = page.sharpness.is_some_and(|sharpness| sharpness > GRIT_SHARPNESS);
    let strokes = page
        .stroke_contrast
        .map_or(page.contrast, |strokes| if is_grit { 0.0 } else { strokes });
    // Half a line of small print has no stroke as long as those of a pen, but letters with the edges of print.
    let is_print = page.contrast >= PRINT_CONTRAST && page.sharpness.is_some() && !is_grit;
    Some(
        match (has_lines, strokes < thresholds.blank_contrast && !is_print) {
            // Letter by letter it does not stand out, line by line it does.
            (true, _) if is_pale => Doubted::by(Doubt::TooFaint, page.contrast, thresholds.faint_contrast),
            (true, _) => Doubted::plain(Doubt::TooFaint),
            (false, true) => Doubted::by(Doubt::Blank, strokes, thresholds.blank_contrast),
            (false, false) => Doubted::by(
                Doubt::NearlyBlank,
                page.ink_share,
                thresholds.nearly_blank_ink_share,
            ),
        },
    )
}

/// The contrast below which a page is too faint: that at which it and the strokes' have a mean of the upper end of the
/// range, within the range.
fn faint_limit(page: &PageCondition, thresholds: &Thresholds) -> f32 {
    let limit = thresholds.faint_contrast;
    let (least, most) = (limit * FAINT_RANGE.0, limit * FAINT_RANGE.1);
    page.stroke_contrast
        .map_or(limit, |strokes| (2.0 * most - strokes).clamp(least, most))
}

/// Whether most marks are of the other side.
fn shines_through(page: &PageCondition, thresholds: &Thresholds) -> bool {
    let strokes = page.stroke_contrast.unwrap_or(page.contrast);
    page.contrast < thresholds.faint_contrast
        && strokes > thresholds.faint_contrast * INK_BESIDE
        && is_soft(page, thresholds)
}

fn is_soft(page: &PageCondition, thresholds: &Thresholds) -> bool {
    let limit = thresholds.blurred_sharpness * SOFT_EDGES;
    page.sharpness.is_some_and(|sharpness| sharpness < limit)
}

/// Whether a line is cut through along an edge of a page on which no word stands there.
fn is_severed(page: &PageCondition, thresholds: &Thresholds) -> bool {
    let is_pale = page.contrast < thresholds.faint_contrast;
    page.cut_letters
        >= match is_pale {
            true => SEVERED_LETTERS_OF_PALE,
            false => SEVERED_LETTERS,
        }
}

/// The height of letters, or the resolution that the file states where none are seen. Of broken letters in black and white a
/// file that states enough is believed.
fn small_letters(page: &PageCondition, is_sheet: bool, thresholds: &Thresholds) -> Option<Doubted> {
    let is_bilevel = page.paper_level > PURE && page.contrast > PURE;
    let low_dpi = page.dpi.filter(|dpi| *dpi < thresholds.low_dpi);
    let is_stated = page.dpi.is_some() && low_dpi.is_none();
    let share = match (is_bilevel, is_stated) {
        (true, true) => return None,
        (true, false) => BROKEN_LETTERS,
        (false, true) => STATED_LETTERS,
        (false, false) if low_dpi.is_some() && is_sheet => STATED_LOW,
        (false, false) => 1.0,
    };
    let softness = if is_soft(page, thresholds) {
        SOFT_LETTERS
    } else {
        1.0
    };
    let share = share * softness;
    let height = page
        .letter_height_px
        .filter(|_| !shines_through(page, thresholds));
    let (figure, limit) = match height {
        Some(height) => (height, thresholds.low_letter_height_px * share),
        None => (low_dpi? as f32, thresholds.low_dpi as f32),
    };
    (figure < limit).then(|| Doubted::by(Doubt::LowResolution, figure, limit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FileId, PageFigures, PageId};

    /// A page that nobody doubts.
    fn clean() -> PageRecord {
        let condition = PageCondition {
            marks: 900,
            ink_share: 0.04,
            paper_level: 0.9,
            contrast: 0.7,
            black_share: 0.02,
            sharpness: Some(3.0),
            letter_height_px: Some(14.0),
            skew_degrees: Some(0.4),
            ..PageCondition::unseen(Some(150))
        };
        PageRecord {
            id: PageId::random(),
            file: FileId::random(),
            index: 0,
            width_px: 1240,
            height_px: 1754,
            dpi: Some(150),
            state: PageState::Recognised,
            text_path: None,
            text_digest: None,
            words: 200,
            confidence_percent: Some(91),
            figures: Some(PageFigures {
                condition,
                turn: Some(Rotation::None),
                foreign_percent: Some(0),
                edge_words: Some(0),
                separator: None,
                words: None,
            }),
        }
    }

    fn page(change: impl FnOnce(&mut PageRecord)) -> PageRecord {
        let mut page = clean();
        change(&mut page);
        page
    }

    fn picture(change: impl FnOnce(&mut PageCondition)) -> PageRecord {
        page(|page| change(&mut page.figures.as_mut().expect("it has figures").condition))
    }

    fn unreadable(reason: UnreadableReason) -> PageState {
        let detail = String::new();
        PageState::Unreadable { reason, detail }
    }

    #[test]
    fn each_doubt_has_its_figure_and_what_follows_from_another_is_not_told() {
        let figures = |page: &mut PageRecord, change: fn(&mut PageFigures)| {
            change(page.figures.as_mut().expect("it has figures"));
        };
        for (what, page, expected) in [
            ("clean", clean(), vec![]),
            (
                "faint, and so read poorly",
                page(|page| {
                    page.confidence_percent = Some(40);
                    figures(page, |figures| figures.condition.contrast = 0.2);
                }),
                vec![Doubted::by(Doubt::TooFaint, 0.2, 0.265)],
            ),
            (
                "blurred letters are pale",
                picture(|picture| {
                    picture.contrast = 0.2;
                    picture.sharpness = Some(1.2);
                }),
                vec![Doubted::by(Doubt::Blurred, 1.2, 1.65 * PALE_SHARPNESS)],
            ),
            (
                "letters drown in the grain, lines do not",
                picture(|picture| {
                    (picture.ink_share, picture.contrast) = (0.0, 0.0);
                    (picture.line_share, picture.stroke_contrast) = (Some(0.05), Some(0.0));
                }),
                vec![Doubted::by(Doubt::TooFaint, 0.0, 0.265)],
            ),
            (
                "the other side shines through",
                picture(|picture| {
                    (picture.ink_share, picture.contrast) = (0.02, 0.12);
                    (picture.line_share, picture.stroke_contrast) = (Some(0.006), Some(0.2));
                }),
                vec![Doubted::by(Doubt::Blank, 0.2, 0.25)],
            ),
            (
                "the same with a stroke of a pen",
                picture(|picture| {
                    (picture.ink_share, picture.contrast) = (0.02, 0.12);
                    (picture.line_share, picture.stroke_contrast) = (Some(0.011), Some(0.5));
                }),
                vec![Doubted::by(Doubt::NearlyBlank, 0.02, 0.006)],
            ),
            (
                "small letters",
                picture(|picture| (picture.letter_height_px, picture.dpi) = (Some(9.0), Some(96))),
                vec![Doubted::by(Doubt::LowResolution, 9.0, 10.5)],
            ),
            (
                "large type at a low resolution that makes it a sheet of A4",
                page(|page| {
                    (page.width_px, page.height_px) = (794, 1123);
                    figures(page, |figures| {
                        let picture = &mut figures.condition;
                        (picture.letter_height_px, picture.dpi) = (Some(11.2), Some(96));
                    });
                }),
                vec![Doubted::by(Doubt::LowResolution, 11.2, 10.5 * STATED_LOW)],
            ),
            (
                "a receipt of 150 dpi that is stated as one of 96",
                picture(|picture| (picture.letter_height_px, picture.dpi) = (Some(10.8), Some(96))),
                vec![],
            ),
            (
                "small letters of a file that states nothing",
                picture(|picture| (picture.letter_height_px, picture.dpi) = (Some(9.0), None)),
                vec![Doubted::by(Doubt::LowResolution, 9.0, 10.5)],
            ),
            (
                "small letters on a small sheet",
                picture(|picture| picture.letter_height_px = Some(9.0)),
                vec![],
            ),
            (
                "letters so small that what the file states is not believed",
                picture(|picture| picture.letter_height_px = Some(8.0)),
                vec![Doubted::by(Doubt::LowResolution, 8.0, 10.5 * STATED_LETTERS)],
            ),
            (
                "small soft dirt on a small sheet",
                picture(|picture| {
                    picture.letter_height_px = Some(7.5);
                    picture.sharpness = Some(2.2);
                }),
                vec![],
            ),
            (
                "what shines through, and ink beside it",
                picture(|picture| {
                    (picture.contrast, picture.stroke_contrast) = (0.14, Some(0.43));
                    (picture.letter_height_px, picture.sharpness) = (Some(4.4), Some(2.6));
                }),
                vec![],
            ),
            (
                "faint ink, and a darker stroke",
                picture(|picture| (picture.contrast, picture.stroke_contrast) = (0.14, Some(0.43))),
                vec![Doubted::by(Doubt::TooFaint, 0.14, 0.265 * FAINT_RANGE.0)],
            ),
            (
                "pale ink whose strokes stand out",
                picture(|picture| (picture.contrast, picture.stroke_contrast) = (0.24, Some(0.45))),
                vec![],
            ),
            (
                "ink less pale, whose strokes are as pale",
                picture(|picture| (picture.contrast, picture.stroke_contrast) = (0.28, Some(0.31))),
                vec![Doubted::by(
                    Doubt::TooFaint,
                    0.28,
                    2.0 * 0.265 * FAINT_RANGE.1 - 0.31,
                )],
            ),
            (
                "broken letters in black and white",
                picture(|picture| {
                    (picture.paper_level, picture.contrast) = (1.0, 1.0);
                    picture.letter_height_px = Some(9.0);
                }),
                vec![],
            ),
            (
                "damaged, and so read poorly",
                page(|page| {
                    page.confidence_percent = Some(40);
                    figures(page, |figures| figures.condition.lost_percent = 60);
                }),
                vec![Doubted::by(Doubt::Incomplete, 60.0, 0.0)],
            ),
            (
                "on its head and leaning",
                page(|page| {
                    figures(page, |figures| {
                        figures.turn = Some(Rotation::Half);
                        figures.condition.skew_degrees = Some(-7.0);
                    });
                }),
                vec![
                    Doubted::by(Doubt::Skewed, -7.0, 4.0),
                    Doubted::plain(Doubt::UpsideDown),
                ],
            ),
            (
                "words at an edge",
                page(|page| figures(page, |figures| figures.edge_words = Some(7))),
                vec![Doubted::by(Doubt::CutOff, 7.0, 3.0)],
            ),
            (
                "grit at an edge, and no word",
                picture(|picture| picture.cut_letters = 12),
                vec![],
            ),
            (
                "a line cut through along an edge",
                picture(|picture| picture.cut_letters = 20),
                vec![Doubted::by(Doubt::CutOff, 20.0, 3.0)],
            ),
            (
                "what shines through at an edge",
                picture(|picture| (picture.cut_letters, picture.contrast) = (37, 0.25)),
                vec![Doubted::by(Doubt::TooFaint, 0.25, 0.265)],
            ),
            (
                "letters at an edge, and too little read",
                page(|page| {
                    figures(page, |figures| {
                        figures.edge_words = None;
                        figures.condition.cut_letters = 12;
                    });
                }),
                vec![Doubted::by(Doubt::CutOff, 12.0, 3.0)],
            ),
            (
                "read poorly, nobody knows why",
                page(|page| {
                    page.confidence_percent = Some(61);
                    figures(page, |figures| figures.foreign_percent = Some(10));
                }),
                vec![Doubted::by(Doubt::LowConfidence, 61.0, 80.0)],
            ),
            (
                "another language",
                page(|page| figures(page, |figures| figures.foreign_percent = Some(10))),
                vec![Doubted::by(Doubt::LanguageUnexpected, 10.0, 4.0)],
            ),
            (
                "nothing read of letters",
                page(|page| page.state = unreadable(UnreadableReason::NothingRecognised)),
                vec![Doubted::plain(Doubt::NothingRecognised)],
            ),
            (
                "nothing read of a stroke",
                page(|page| {
                    page.state = unreadable(UnreadableReason::NothingRecognised);
                    figures(page, |figures| figures.condition.ink_share = 0.001);
                }),
                vec![Doubted::by(Doubt::NearlyBlank, 0.001, 0.006)],
            ),
            (
                "broken",
                page(|page| {
                    page.state = unreadable(UnreadableReason::Damaged);
                    page.figures = None;
                }),
                vec![Doubted::plain(Doubt::Unreadable)],
            ),
            ("without figures", page(|page| page.figures = None), vec![]),
        ] {
            assert_eq!(page_doubts(&page, &Thresholds::default()), expected, "{what}");
        }
    }

    #[test]
    fn figures_survive_the_description_and_older_ones_have_none() {
        let mut page = picture(|picture| picture.ink_share = 0.012_345_678);
        let figures = page.figures.as_mut().unwrap();
        figures.condition = figures.condition.clone().rounded();
        let json = serde_json::to_string(&page).unwrap();
        assert!(json.contains("\"ink_share\":0.01235,"), "{json}");
        assert_eq!(serde_json::from_str::<PageRecord>(&json).unwrap(), page);
        page.figures = None;
        let json = serde_json::to_string(&page).unwrap();
        assert!(!json.contains("figures"), "{json}");
        assert_eq!(serde_json::from_str::<PageRecord>(&json).unwrap(), page);
    }
}
