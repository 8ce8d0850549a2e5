//! How good a reading is, so that readings of the same page can be compared.

use hrisov_model::Word;

use crate::tesseract::{RawPage, letter_count};

/// What is read where there is no text has about this confidence or less.
const NONSENSE: f32 = 0.4;

/// What a reading gave, in letters and figures.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Quality {
    /// All letters and figures.
    pub(crate) letters: u32,
    /// Those in words of the dictionary.
    pub(crate) dictionary_letters: u32,
    /// Mean confidence of all words weighted by their letters, 0 to 1.
    pub(crate) confidence: f32,
    /// Letters weighted by how far their word's confidence lies above that of nonsense.
    pub(crate) score: f32,
}

impl Quality {
    pub(crate) fn of(page: &RawPage) -> Self {
        let lines = page.blocks.iter().flat_map(|block| &block.lines);
        Self::of_words(lines.flat_map(|line| &line.words), page.dictionary_letters)
    }

    pub(crate) fn of_words<'a>(words: impl Iterator<Item = &'a Word>, dictionary_letters: u32) -> Self {
        let mut quality = Self {
            dictionary_letters,
            ..Self::default()
        };
        let mut confidence = 0.0;
        for word in words {
            let letters = letter_count(&word.text);
            quality.letters += letters;
            quality.score += letters as f32 * (word.confidence - NONSENSE).max(0.0);
            confidence += letters as f32 * word.confidence;
        }
        quality.confidence = confidence / quality.letters.max(1) as f32;
        quality
    }

    /// Share of the letters in words of the dictionary, 0 to 1.
    pub(crate) fn dictionary_share(&self) -> f32 {
        self.dictionary_letters as f32 / self.letters.max(1) as f32
    }
}
