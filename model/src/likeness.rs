//! Which pages of a box may be second scans of the same sheet.

use std::collections::HashMap;

use crate::{PageHash, Thresholds, WordSketch};

/// What a page is compared by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Likeness {
    /// How the writing stands on it.
    pub hash: Option<PageHash>,
    /// Its words.
    pub words: Option<WordSketch>,
}

/// Two pages that may be scans of the same sheet, by their places in what was looked through.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SecondScan {
    /// The one that is doubted.
    pub later: usize,
    /// The one that was there before.
    pub earlier: usize,
    /// How far their hashes are apart, 0 to 1.
    pub distance: f32,
}

/// For each page the nearest earlier one that it may be a second scan of, in the order of pages.
#[must_use]
pub fn second_scans(_pages: &[Likeness], _thresholds: &Thresholds) -> Vec<SecondScan> {
    Vec::new()
}
