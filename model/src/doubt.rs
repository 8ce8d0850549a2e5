//! Why a page should be looked at, and perhaps scanned again: every doubt has a name.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// One reason to doubt a page. A page can have several; none of them keeps it from being stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// The file is damaged: a part of the page is not shown.
    Incomplete,
    /// Nothing is written on it.
    Blank,
    /// There is a mark or a line on it, and nothing else.
    NearlyBlank,
    /// The paper itself is so dark that writing drowns.
    TooDark,
    /// The writing is hardly darker than the paper.
    TooFaint,
    /// Letters have no sharp edge.
    Blurred,
    /// Lines lean.
    Skewed,
    /// Writing runs over an edge of the picture.
    CutOff,
    /// It stands on its head.
    UpsideDown,
    /// Letters have too few pixels.
    LowResolution,
    /// Text was read, with little confidence.
    LowConfidence,
    /// There is writing on it, and no text was read.
    NothingRecognised,
    /// Its text is in none of the languages that were expected.
    LanguageUnexpected,
    /// It looks like another page that is held.
    MayDuplicate,
    /// It could not be shown or read at all; its state says why.
    Unreadable,
}

impl Doubt {
    /// Every doubt, in the order in which they are told.
    pub const ALL: [Self; 15] = [
        Self::Incomplete,
        Self::Blank,
        Self::NearlyBlank,
        Self::TooDark,
        Self::TooFaint,
        Self::Blurred,
        Self::Skewed,
        Self::CutOff,
        Self::UpsideDown,
        Self::LowResolution,
        Self::LowConfidence,
        Self::NothingRecognised,
        Self::LanguageUnexpected,
        Self::MayDuplicate,
        Self::Unreadable,
    ];

    /// Its name as programs see it: on the wire, in the catalog, in lists. Never changes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::Blank => "blank",
            Self::NearlyBlank => "nearly_blank",
            Self::TooDark => "too_dark",
            Self::TooFaint => "too_faint",
            Self::Blurred => "blurred",
            Self::Skewed => "skewed",
            Self::CutOff => "cut_off",
            Self::UpsideDown => "upside_down",
            Self::LowResolution => "low_resolution",
            Self::LowConfidence => "low_confidence",
            Self::NothingRecognised => "nothing_recognised",
            Self::LanguageUnexpected => "language_unexpected",
            Self::MayDuplicate => "may_duplicate",
            Self::Unreadable => "unreadable",
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no doubt's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no doubt is called {name:?}")]
pub struct ParseDoubtError {
    /// What was given.
    pub name: String,
}

impl FromStr for Doubt {
    type Err = ParseDoubtError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|doubt| doubt.name() == name);
        found.ok_or_else(|| ParseDoubtError {
            name: name.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_and_is_the_name_on_the_wire() {
        for doubt in Doubt::ALL {
            assert_eq!(doubt.name().parse(), Ok(doubt));
            assert_eq!(serde_json::to_string(&doubt).unwrap(), format!("\"{doubt}\""));
        }
        assert!("Blank".parse::<Doubt>().is_err());
    }
}
