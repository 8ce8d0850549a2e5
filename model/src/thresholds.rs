//! From figures to names.

use serde::{Deserialize, Serialize};

use crate::{Doubt, PageCondition, PageRecord, PageState, Rotation, UnreadableReason};

/// Where a figure becomes a doubt. docs/doubts.md says how the defaults were measured: each lies between the
/// figures of pages made with that fault and of all others, in boxes made for choosing it, and was then tried
/// on boxes that had no part in that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// A page without lines of writing whose strokes are weaker than this share of the paper's level is blank. 0.28:
    /// what shines through from the other side, folds and stains have up to 0.25, pens and pencils 0.31 and more.
    pub blank_contrast: f32,
    /// A page of which a smaller share than this lies in lines has no lines of writing. 0.018: strokes, folds and what
    /// shines through have up to 0.013, the shortest and the faintest texts 0.029.
    pub line_share: f32,
    /// A page of which ink covers less than this share is nearly blank. 0.006: strokes and numbers have up
    /// to 0.003, the shortest texts 0.01.
    pub nearly_blank_ink_share: f32,
    /// Paper darker than this, of 1, is too dark. 0.45: brown and tinted paper has 0.65 and more, real
    /// browned pages 0.5, underexposed ones up to 0.35.
    pub dark_paper_level: f32,
    /// A page of which more than this share is black is too dark. 0.17: text and seals have up to 0.06, a
    /// page with a photograph 0.16, underexposed ones in black and white 0.19 and more.
    pub dark_black_share: f32,
    /// Ink weaker than this share of the paper's level is too faint. 0.265: worn typewriter ribbons have 0.28
    /// and more, ink that is all but gone 0.25 and less.
    pub faint_contrast: f32,
    /// Letters softer than this are blurred. 1.75: old carbon copies have 1.78, other pages 2.3 and more, pages
    /// out of focus by 0.3 mm and more 1.0 to 1.72.
    pub blurred_sharpness: f32,
    /// Lines that lean by more degrees are skewed. 4: sheets laid down by hand lean by up to 3; reading
    /// suffers from 5 on.
    pub skew_degrees: f32,
    /// From so many words that end at one edge of the picture on, a page is cut off. 3: whole pages have 0, cut
    /// ones 5 and more.
    pub cut_words: u32,
    /// Where too little was read to tell: from so many letters cut through on one edge on, a page is cut off. 3: whole pages have up to 2, of
    /// dirt and signatures, cut ones 4 and more.
    pub cut_letters: u32,
    /// Letters lower than this, in pixels, are too small. 10.5: at 72 and 96 dpi they have up to 10, at 150 dpi 11 and
    /// more. Less in black and white, where letters may be broken.
    pub low_letter_height_px: f32,
    /// A resolution that is too low where no letters are seen. 120: common scanners have
    /// 75, 100, 150, 200.
    pub low_dpi: u32,
    /// Text read with less confidence than this, in percent, is told of pages whose picture gives no reason for
    /// it. 75: confidence is the share of words that are right, and a page of which a quarter is wrong is scanned again.
    pub low_confidence_percent: u8,
    /// Text with more small words of other languages than this, in percent of its words, less those of the
    /// expected ones, is of another language. 4: Romanian has 0, French, German, Italian and Spanish 8 and more.
    pub foreign_percent: u8,
    /// Pages whose hashes are nearer than this: 0.46. Most second scans are 0.1 to 0.3 apart, of poor ones 0.45,
    /// other pages 0.35 and more; copies of one printed form lie between (0.22 and more).
    pub duplicate_distance: f32,
    /// And which have this share of their words in common may be the same sheet; less where they were read
    /// poorly. 0.8: second scans have 0.9 and more, copies of one form up to 0.75.
    pub duplicate_words: f32,
    /// And this share of the words that hardly any other page of the box has. 0.6: second scans have 0.85 and more,
    /// forms filled in for the same person up to 0.5.
    pub duplicate_own_words: f32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            blank_contrast: 0.28,
            line_share: 0.018,
            nearly_blank_ink_share: 0.006,
            dark_paper_level: 0.45,
            dark_black_share: 0.17,
            faint_contrast: 0.265,
            blurred_sharpness: 1.75,
            skew_degrees: 4.0,
            cut_words: 3,
            cut_letters: 3,
            low_letter_height_px: 10.5,
            low_dpi: 120,
            low_confidence_percent: 75,
            foreign_percent: 4,
            duplicate_distance: 0.46,
            duplicate_words: 0.8,
            duplicate_own_words: 0.6,
        }
    }
}

/// Worn letters in black and white are broken: their pieces are lower than they by this factor.
const BROKEN_LETTERS: f32 = 0.75;
/// Both paper and ink of black and white pages are at least that pure.
const PURE: f32 = 0.995;
/// Grain makes the edges of pale letters look sharper than they are: they are blurred up to so many times the threshold.
const PALE_SHARPNESS: f32 = 1.3;
/// Nothing but dust and grit has edges as abrupt as this; pens and print have up to 7.8 among it.
const GRIT_SHARPNESS: f32 = 8.0;
/// Ink of print is at least so much darker than paper, as a share of the paper's level.
const PRINT_CONTRAST: f32 = 0.6;

/// A threshold that no figure can be compared with.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{key} is {value}: give a number from {least} to {most}")]
pub struct InvalidThreshold {
    /// Its key in the configuration.
    pub key: &'static str,
    /// What was given.
    pub value: f32,
    /// The least that means something.
    pub least: f32,
    /// The most that means something.
    pub most: f32,
}

impl Thresholds {
    /// Each by its key, in the order in which they are listed, with the most that means something; the least is 0.
    #[must_use]
    pub fn by_key(&self) -> [(&'static str, f32, f32); 17] {
        const SHARE: f32 = 1.0;
        [
            ("blank_contrast", self.blank_contrast, SHARE),
            ("line_share", self.line_share, SHARE),
            ("nearly_blank_ink_share", self.nearly_blank_ink_share, SHARE),
            ("dark_paper_level", self.dark_paper_level, SHARE),
            ("dark_black_share", self.dark_black_share, SHARE),
            ("faint_contrast", self.faint_contrast, SHARE),
            ("blurred_sharpness", self.blurred_sharpness, 9.0),
            ("skew_degrees", self.skew_degrees, 45.0),
            ("cut_words", self.cut_words as f32, 10_000.0),
            ("cut_letters", self.cut_letters as f32, 10_000.0),
            ("low_letter_height_px", self.low_letter_height_px, 1_000.0),
            ("low_dpi", self.low_dpi as f32, 10_000.0),
            (
                "low_confidence_percent",
                f32::from(self.low_confidence_percent),
                100.0,
            ),
            ("foreign_percent", f32::from(self.foreign_percent), 100.0),
            ("duplicate_distance", self.duplicate_distance, SHARE),
            ("duplicate_words", self.duplicate_words, SHARE),
            ("duplicate_own_words", self.duplicate_own_words, SHARE),
        ]
    }

    /// Refuses figures outside of what is measured, which a slip of the comma makes.
    ///
    /// # Errors
    /// The first threshold that means nothing.
    pub fn checked(self) -> Result<Self, InvalidThreshold> {
        for (key, value, most) in self.by_key() {
            if !(0.0..=most).contains(&value) {
                return Err(InvalidThreshold {
                    key,
                    value,
                    least: 0.0,
                    most,
                });
            }
        }
        Ok(self)
    }
}

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
    let mut found = condition.map_or_else(Vec::new, |condition| of_picture(condition, thresholds));
    if let Some(words) = page.figures.as_ref().and_then(|figures| figures.edge_words) {
        // Where words stand tells better than marks at the edge, of which grit makes some and a clean cut few.
        let least = thresholds.cut_words.max(1);
        if words == 0 || words >= least {
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

/// The doubts about a page that its picture alone raises, in the order of [`Doubt::ALL`]. The first of blank,
/// nearly blank and too dark that holds is the only one: letters that are not there or not seen have no
/// figures. Blurred letters are pale as well, and faint ones fall to pieces and may end at an edge, which is not
/// said.
#[must_use]
pub fn doubts(page: &PageCondition, thresholds: &Thresholds) -> Vec<Doubt> {
    let found = of_picture(page, thresholds);
    found.into_iter().map(|doubted| doubted.doubt).collect()
}

fn of_picture(page: &PageCondition, thresholds: &Thresholds) -> Vec<Doubted> {
    if let Some(doubted) = nothing_to_see(page, thresholds) {
        return vec![doubted];
    }
    let below = |doubt, figure: Option<f32>, limit: f32| {
        let figure = figure.filter(|figure| *figure < limit);
        figure.map(|figure| Doubted::by(doubt, figure, limit))
    };
    let faint = below(Doubt::TooFaint, Some(page.contrast), thresholds.faint_contrast);
    let pale = if faint.is_some() { PALE_SHARPNESS } else { 1.0 };
    let blurred = below(
        Doubt::Blurred,
        page.sharpness,
        thresholds.blurred_sharpness * pale,
    );
    let small = small_letters(page, thresholds);
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

fn small_letters(page: &PageCondition, thresholds: &Thresholds) -> Option<Doubted> {
    let low_dpi = page.dpi.filter(|dpi| *dpi < thresholds.low_dpi);
    let is_bilevel = page.paper_level > PURE && page.contrast > PURE;
    let whole = if is_bilevel { BROKEN_LETTERS } else { 1.0 };
    let (figure, limit) = match page.letter_height_px {
        Some(height) => (height, thresholds.low_letter_height_px * whole),
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
                vec![Doubted::by(Doubt::Blurred, 1.2, 1.75 * PALE_SHARPNESS)],
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
                vec![Doubted::by(Doubt::Blank, 0.2, 0.28)],
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
                picture(|picture| picture.letter_height_px = Some(9.0)),
                vec![Doubted::by(Doubt::LowResolution, 9.0, 10.5)],
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
                vec![Doubted::by(Doubt::LowConfidence, 61.0, 75.0)],
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
    fn thresholds_have_a_key_each_and_a_slip_of_the_comma_is_refused() {
        let defaults = Thresholds::default();
        let json = serde_json::to_value(&defaults).unwrap();
        let keys: Vec<&str> = defaults.by_key().iter().map(|(key, ..)| *key).collect();
        let fields = json.as_object().unwrap();
        assert_eq!(fields.len(), keys.len());
        assert!(keys.iter().all(|key| fields.contains_key(*key)), "{keys:?}");
        assert_eq!(defaults.clone().checked().unwrap(), defaults);
        for wrong in [25.0, -0.1, f32::NAN] {
            let slipped = Thresholds {
                faint_contrast: wrong,
                ..Thresholds::default()
            };
            assert_eq!(slipped.checked().unwrap_err().key, "faint_contrast");
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
