//! What a search asks and what it answers.

use hrisov_model::{DossierId, PageId, Rect};
use serde::Serialize;

use crate::{Facet, FacetCounts, Filters, SearchCursor};

/// A question to the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchQuery {
    /// Words as a person types them; quotes make a phrase, a minus leaves out, `an:1978`, `nr:` and `cnp:` say
    /// what is meant. Anything else is taken literally. Empty with filters: every dossier that they let pass.
    pub text: String,
    /// Dossiers wanted.
    pub limit: usize,
    /// Dossiers to leave out from the front.
    pub offset: usize,
    /// Best pages wanted of each dossier.
    pub pages_per_dossier: usize,
    /// What the dossiers must have beside the words.
    pub filters: Filters,
    /// Which dossiers come first.
    pub sort: Sort,
    /// The answer goes on behind this place; `offset` counts from there.
    pub after: Option<SearchCursor>,
    /// Whether facets are counted.
    pub facets: FacetCounts,
}

/// Which dossiers come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// The best match.
    #[default]
    Relevance,
    /// The oldest; those without any date last.
    Oldest,
    /// The newest; those without any date last.
    Newest,
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
    /// With the first of few dossiers, those that lack one word of the query: it may have been misread beyond knowing.
    /// Best first; not counted in `total`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub partial: Vec<DossierHit>,
    /// What the dossiers found can be narrowed by, where it was asked for: facets with at least one value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub facets: Vec<Facet>,
    /// The query as it was perhaps meant, where no dossier holds all its words but by likeness.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub did_you_mean: Option<String>,
    /// Where the answer goes on; `None` at its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<SearchCursor>,
}

/// A dossier in which the words of the query occur, on any page or in its description.
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
    /// how well they match, plus all the words where none is found by likeness alone: comparable within one
    /// answer only.
    pub score: f32,
    /// Pages with at least one word of the query.
    pub page_hits: u64,
    /// Pages of the dossier, read or not.
    pub page_count: u32,
    /// Pages of the dossier that could not be read.
    pub unreadable_pages: u32,
    /// First and last year of the dossier as described, or else of the dates on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub years: Option<(u16, u16)>,
    /// Words of the query that it lacks; a personal number is an empty one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
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
    /// Which of the boxes is the best hit, the one that the snippet is of; 0 where there is none.
    pub best: usize,
    /// What stands at each of the boxes, with the rest of its line; of a word that nobody may read, dots.
    #[serde(skip)]
    pub contexts: Vec<HitContext>,
    /// Words of the query that stand here only by likeness, and what stands here instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub near: Vec<NearMatch>,
}

/// A hit within its recognised line: plain text, unescaped.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HitContext {
    /// The line up to the hit.
    pub before: String,
    /// The hit itself.
    pub found: String,
    /// The rest of the line.
    pub after: String,
}

/// A word that was found by likeness: "Balcescn ≈ Bălcescu".
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NearMatch {
    /// The word of the query; empty for a personal number.
    pub asked: String,
    /// What was read on the page; a personal number as dots.
    pub found: String,
    /// Why it may be the same.
    pub reason: NearReason,
}

/// Why something read may be what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NearReason {
    /// It looks alike: recognition may have misread it, or the query is misspelt.
    LooksAlike,
    /// An initial stands for the name.
    Initial,
    /// A number with letters or digits that look like others, or one digit changed so that the check digit
    /// holds.
    DoubtfulDigit,
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
            filters: Filters::default(),
            sort: Sort::default(),
            after: None,
            facets: FacetCounts::default(),
        }
    }
}
