//! What a search asks and what it answers.

use hrisov_model::{DossierId, PageId, Rect};
use serde::Serialize;

/// A question to the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchQuery {
    /// Words as a person types them; quotes make a phrase. Anything else is taken literally.
    pub text: String,
    /// Dossiers wanted.
    pub limit: usize,
    /// Dossiers to leave out from the front.
    pub offset: usize,
    /// Best pages wanted of each dossier.
    pub pages_per_dossier: usize,
}

/// The answer: dossiers, best first.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct SearchHits {
    /// Dossiers in which every word of the query occurs.
    pub total: u64,
    /// Pages of those dossiers with at least one word of the query.
    pub pages_total: u64,
    /// The dossiers asked for.
    pub hits: Vec<DossierHit>,
}

/// A dossier in which every word of the query occurs, on any page or in its description.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DossierHit {
    /// The dossier.
    pub dossier: DossierId,
    /// Reference within the box; empty while pages are indexed and the description is not yet.
    pub reference: String,
    /// Title.
    pub title: String,
    /// Name of the box.
    #[serde(rename = "box")]
    pub box_name: String,
    /// Code of the fonds.
    pub fonds: String,
    /// Words of the query on the dossier's best page and in its description, plus a fraction below 1 for
    /// how well they match: comparable within one answer only.
    pub score: f32,
    /// Pages with at least one word of the query.
    pub page_hits: u64,
    /// Pages of the dossier that could not be read.
    pub unreadable_pages: u32,
    /// The best pages, best first; empty where the description alone matches.
    pub pages: Vec<PageHit>,
}

/// A page with at least one word of the query.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PageHit {
    /// Number of the page in its dossier, from 1.
    pub page: u32,
    /// The page.
    pub page_id: PageId,
    /// Different words of the query on this page, plus a fraction below 1 for how well they match.
    pub score: f32,
    /// The recognised lines around the best hit: plain text, unescaped.
    pub snippet: String,
    /// One rectangle per hit word, for a phrase one per line, in pixels of the page raster, in reading order.
    pub boxes: Vec<Rect>,
}

impl SearchQuery {
    /// The first ten dossiers with their five best pages.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            limit: 10,
            offset: 0,
            pages_per_dossier: 5,
        }
    }
}
