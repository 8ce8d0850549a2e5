//! How good a reading is, so that readings of the same page can be compared.

use hrisov_model::Line;

use crate::tesseract::letter_count;

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
    /// Of lines, each with its letters in words of the dictionary.
    pub(crate) fn of<'a>(lines: impl Iterator<Item = (&'a Line, u32)>) -> Self {
        let mut quality = Self::default();
        let mut confidence = 0.0;
        for (line, dictionary_letters) in lines {
            quality.dictionary_letters += dictionary_letters;
            for word in &line.words {
                let letters = letter_count(&word.text);
                quality.letters += letters;
                quality.score += letters as f32 * (word.confidence - NONSENSE).max(0.0);
                confidence += letters as f32 * word.confidence;
            }
        }
        quality.confidence = confidence / quality.letters.max(1) as f32;
        quality
    }

    /// Share of the letters in words of the dictionary, 0 to 1.
    pub(crate) fn dictionary_share(&self) -> f32 {
        self.dictionary_letters as f32 / self.letters.max(1) as f32
    }
}
