//! Where figures become doubts.

use serde::{Deserialize, Serialize};

/// Where a figure becomes a doubt. docs/doubts.md says how the defaults were measured: each lies between the
/// figures of pages made with that fault and of all others, in boxes made for choosing it, and was then tried
/// on boxes that had no part in that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// A page without lines of writing whose strokes are weaker than this share of the paper's level is blank. 0.25:
    /// what shines through from the other side, folds and stains have up to 0.247, pens and pencils 0.251 and more.
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
    /// Ink weaker than this share of the paper's level is too faint, a little more or less by its strokes. 0.265: worn
    /// typewriter ribbons have 0.23 and more with strokes of 0.43 and more, ink that is all but gone up to 0.28 with
    /// strokes up to 0.31.
    pub faint_contrast: f32,
    /// Letters softer than this are blurred. 1.65: old carbon copies have 1.68 and more, other pages 2.3 and more, pages
    /// out of focus by 0.3 mm and more 1.0 to 1.43, pale ones up to 1.62.
    pub blurred_sharpness: f32,
    /// Lines that lean by more degrees are skewed. 4: sheets laid down by hand lean by up to 3; reading
    /// suffers from 5 on.
    pub skew_degrees: f32,
    /// From so many words that end at one edge of the picture on, a page is cut off. 3: whole pages have up to 2, cut
    /// ones 3 and more.
    pub cut_words: u32,
    /// Where too little was read to tell: from so many letters cut through on one edge on, a page is cut off. 3: whole pages have up to 2, of
    /// dirt and signatures, cut ones 4 and more.
    pub cut_letters: u32,
    /// Letters lower than this, in pixels, are too small. 10.5: at 72 and 96 dpi they have up to 10, at 150 dpi 11 and
    /// more. Less where the file states a resolution that is high enough, and in black and white, where letters may be
    /// broken.
    pub low_letter_height_px: f32,
    /// A resolution that is too low where no letters are seen. 120: common scanners have
    /// 75, 100, 150, 200.
    pub low_dpi: u32,
    /// Text read with less confidence than this, in percent, is told of pages whose picture gives no reason for
    /// it. 80: confidence is the share of words that are right of those that were read; others were not read at all, so that
    /// a quarter is wrong of what stands on such a page and what was read.
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
            blank_contrast: 0.25,
            line_share: 0.018,
            nearly_blank_ink_share: 0.006,
            dark_paper_level: 0.45,
            dark_black_share: 0.17,
            faint_contrast: 0.265,
            blurred_sharpness: 1.65,
            skew_degrees: 4.0,
            cut_words: 3,
            cut_letters: 3,
            low_letter_height_px: 10.5,
            low_dpi: 120,
            low_confidence_percent: 80,
            foreign_percent: 4,
            duplicate_distance: 0.46,
            duplicate_words: 0.8,
            duplicate_own_words: 0.6,
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
