//! Which words a page has, in a few bytes: enough to tell a second scan of a sheet from another page.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use crate::PageText;

/// Words that are kept: all of most pages; of others enough for shares in common that are right within 0.05.
const WORDS_KEPT: usize = 128;
/// Less sure words are as often misread as not, each time in another way.
const LEAST_CONFIDENCE: f32 = 0.64;
/// Of pages with a lower mean there are too few sure words: all count, and what other readings made of them. What is misread
/// stands on no other page, so that it does no harm; a third to all of what a second scan has in common is among it.
pub(crate) const LEAST_MEAN_PERCENT: u8 = 80;
/// Shorter words stand on every page.
const LEAST_LETTERS: usize = 3;
/// Hexadecimal digits of one word.
const DIGITS: usize = 6;

/// Up to 128 of a page's distinct words that were read with confidence (of a poorly read page: all, with what less sure
/// readings made of them), each as a number of 24 bits: those with the smallest numbers. Two pages keep the same words of
/// those that both have, so that sketches are compared as the pages would be.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WordSketch(Vec<u32>);

impl WordSketch {
    /// That of a page's text; `None` where no word of three letters was read with
    /// confidence.
    #[must_use]
    pub fn of(text: &PageText) -> Option<Self> {
        let is_poor = text
            .mean_confidence()
            .is_some_and(|mean| 100.0 * mean < f32::from(LEAST_MEAN_PERCENT));
        let known = text
            .words()
            .filter(|word| is_poor || word.confidence >= LEAST_CONFIDENCE);
        let readings = known.flat_map(|word| {
            let others = word.alternatives.iter().filter(|_| is_poor);
            std::iter::once(&word.text).chain(others)
        });
        let words = readings.map(|reading| folded(reading));
        let long = words.filter(|word| word.chars().count() >= LEAST_LETTERS);
        let numbers: BTreeSet<u32> = long.map(|word| number(&word)).collect();
        let kept: Vec<u32> = numbers.into_iter().take(WORDS_KEPT).collect();
        (!kept.is_empty()).then_some(Self(kept))
    }

    /// The words kept, as numbers, in rising order.
    #[must_use]
    pub fn words(&self) -> &[u32] {
        &self.0
    }

    /// Words that both pages have, as a share of those of the page with fewer, 0 to 1.
    #[must_use]
    pub fn share_in_common(&self, other: &Self) -> f32 {
        let (both, fewer) = self.in_common(other, |_| true);
        both as f32 / fewer.max(1) as f32
    }

    /// How many of the wanted words both pages have, and how many of them the page with fewer has.
    #[must_use]
    pub fn in_common(&self, other: &Self, is_wanted: impl Fn(u32) -> bool) -> (usize, usize) {
        // Where a sketch is full, larger numbers were left out of it.
        let last = |sketch: &Self| match sketch.0.len() {
            WORDS_KEPT => sketch.0.last().copied(),
            _ => None,
        };
        let end = last(self)
            .into_iter()
            .chain(last(other))
            .min()
            .unwrap_or(u32::MAX);
        let within = |sketch: &Self| -> Vec<u32> {
            let comparable = &sketch.0[..sketch.0.partition_point(|word| *word <= end)];
            comparable
                .iter()
                .copied()
                .filter(|word| is_wanted(*word))
                .collect()
        };
        let (own, others) = (within(self), within(other));
        let both = own.iter().filter(|word| other.has(**word)).count();
        (both, own.len().min(others.len()))
    }

    /// Whether it keeps this word.
    #[must_use]
    pub fn has(&self, word: u32) -> bool {
        self.0.binary_search(&word).is_ok()
    }
}

/// Letters and figures alone, small, without marks: what a second reading of the same word is likely to keep.
fn folded(word: &str) -> String {
    let bare = word.nfd().filter(|c| !is_combining_mark(*c));
    bare.flat_map(char::to_lowercase)
        .filter(|c| c.is_alphanumeric())
        .collect()
}

/// FNV-1a with its bits mixed once more: kept in descriptions, so it never changes.
fn number(word: &str) -> u32 {
    let hash = word.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mixed = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    (mixed >> 40) as u32
}

impl From<WordSketch> for String {
    fn from(sketch: WordSketch) -> Self {
        sketch.0.iter().map(|word| format!("{word:06x}")).collect()
    }
}

impl TryFrom<String> for WordSketch {
    type Error = &'static str;

    fn try_from(hex: String) -> Result<Self, Self::Error> {
        let word = |digits: &[u8]| {
            let digits = std::str::from_utf8(digits).ok()?;
            u32::from_str_radix(digits, 16).ok()
        };
        let words: Option<Vec<u32>> = hex.as_bytes().chunks(DIGITS).map(word).collect();
        let sketch = words.map(Self).filter(|sketch| {
            let words = &sketch.0;
            !words.is_empty() && words.len() <= WORDS_KEPT && words.is_sorted_by(|one, two| one < two)
        });
        let sketch = sketch.filter(|sketch| String::from(sketch.clone()) == hex);
        sketch.ok_or("a word sketch has six hexadecimal digits for each word, in rising order")
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{Block, BlockKind, Languages, Line, Processing, Rect, Rotation, Word};

    fn word(text: String, confidence: f32) -> Word {
        Word {
            text,
            confidence,
            ..Word::default()
        }
    }

    fn sketch(words: impl IntoIterator<Item = String>) -> WordSketch {
        sketch_of(words.into_iter().map(|text| word(text, 0.9)).collect())
    }

    fn sketch_of(words: Vec<Word>) -> WordSketch {
        let rect = Rect::default();
        let lines = vec![Line { rect, words }];
        let text = PageText {
            width_px: 10,
            height_px: 10,
            blocks: vec![Block {
                rect,
                kind: BlockKind::Text,
                lines,
            }],
            processing: Processing {
                engine: "none".to_owned(),
                engine_version: "1".to_owned(),
                languages: Languages::default(),
                recipe: "none".to_owned(),
                rotation: Rotation::None,
                read_at: Timestamp::UNIX_EPOCH,
            },
        };
        WordSketch::of(&text).expect("long words")
    }

    fn words(range: std::ops::Range<u32>) -> impl Iterator<Item = String> {
        range.map(|number| format!("cuvântul{number}"))
    }

    #[test]
    fn the_share_in_common_is_that_of_the_pages() {
        for (one, two, expected) in [
            (0..40, 0..40, 1.0),
            (0..40, 40..80, 0.0),
            (0..400, 0..400, 1.0),
            (0..300, 100..400, 0.67),
            (0..20, 10..40, 0.5),
            (0..20, 0..10, 1.0),
        ] {
            let found = sketch(words(one.clone())).share_in_common(&sketch(words(two.clone())));
            assert!((found - expected).abs() < 0.15, "{one:?} {two:?}: {found}");
        }
        let other_spelling = sketch(["HOTĂRÂRE.", "nr.", "Șoseaua"].map(str::to_owned));
        assert_eq!(
            other_spelling,
            sketch(["hotarare", "soseaua,"].map(str::to_owned))
        );
    }

    #[test]
    fn of_a_poorly_read_page_every_reading_counts() {
        let doubtful = |text: &str, other: &str| Word {
            alternatives: vec![other.to_owned()],
            ..word(text.to_owned(), 0.5)
        };
        let sure = ["cerere", "strada", "Morii", "Turda"].map(|text| word(text.to_owned(), 0.9));
        let well_read = sketch_of([sure.to_vec(), vec![doubtful("Bălcescn", "Bălcescu")]].concat());
        assert_eq!(
            well_read,
            sketch(["cerere", "strada", "morii", "turda"].map(str::to_owned))
        );
        let poor = sketch_of(vec![
            word("cerere".to_owned(), 0.9),
            doubtful("Bălcescn", "Bălcescu"),
            doubtful("strabă", "strada"),
        ]);
        let every = ["cerere", "bălcescn", "bălcescu", "strabă", "strada"];
        assert_eq!(poor, sketch(every.map(str::to_owned)));
    }

    #[test]
    fn it_reads_back_and_nothing_else_does() {
        let kept = sketch(words(0..200));
        assert_eq!(kept.words().len(), WORDS_KEPT);
        let json = serde_json::to_string(&kept).unwrap();
        assert_eq!(serde_json::from_str::<WordSketch>(&json).unwrap(), kept);
        for wrong in ["", "00000", "00000g", "000002000001", "+00001"] {
            assert!(WordSketch::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn numbers_of_words_never_change() {
        assert_eq!(number("hotarare"), 0x0025_A4D0);
    }
}
