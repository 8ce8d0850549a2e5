//! What a recogniser is.

use std::time::Duration;

use hrisov_imaging::{condition::GreyPage, worker::SourcePath};
use hrisov_model::{Languages, PageCondition, PageText, Rect, UnreadableReason};
use serde::{Deserialize, Serialize};

use crate::OcrError;

/// Reads pages. One engine serves one thread; its models stay loaded between pages.
///
/// The result depends on the page and the options alone, never on the pages read before: results are staged by [`crate::Recipe`] and never made twice.
pub trait Engine {
    /// Reads one page.
    ///
    /// # Errors
    /// Where the engine itself does not work, for instance for want of a language model. A page that
    /// cannot be read is a [`Reading`].
    fn recognise(&mut self, page: &Page<'_>, options: &RecogniseOptions) -> Result<Reading, OcrError>;

    /// Processor time that the page recognised last took after its first reading; zero where one was enough.
    fn time_again(&self) -> Duration {
        Duration::ZERO
    }
}

/// A decoded page and where it came from.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// Its luma, upright after the orientation tag.
    pub grey: &'a GreyPage<'a>,
    /// What its picture is like.
    pub condition: &'a PageCondition,
    /// The file.
    pub path: &'a SourcePath,
    /// Which page of the file, from 0.
    pub index: u32,
    /// Whether to read it in lines from edge to edge: the search for columns had its time and came to no end.
    pub one_block: bool,
}

/// What may be chosen about recognition. Everything in it is part of the [`crate::Recipe`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RecogniseOptions {
    /// Language models, the most likely first.
    pub languages: Languages,
}

/// How the reading of a page ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// Text with at least one word.
    Text(PageText),
    /// Nothing is written on the page.
    Blank,
    /// The page could not be read.
    Unreadable {
        /// Why.
        reason: UnreadableReason,
        /// In plain words, without anything of the document's content.
        detail: String,
    },
}

impl Reading {
    /// That of a part of a page, as one of the page; of `None` it is that already.
    #[must_use]
    pub fn on_page(self, part: Option<Rect>, (width_px, height_px): (u32, u32)) -> Self {
        match (self, part) {
            (Self::Text(text), Some(part)) => Self::Text(text.on_page(part, width_px, height_px)),
            (reading, _) => reading,
        }
    }
}
