//! Page text to search index to hits. The only crate that knows tantivy.

mod analyser;
mod cursor;
mod entry;
mod error;
mod evaluate;
mod fields;
mod hits;
mod index;
mod page_hit;
mod query;
mod searcher;
mod snapshot;
mod spelling;
mod stored_page;
mod tokens;
mod writer;

pub use entry::{DossierEntry, PageEntry};
pub use error::IndexError;
pub use hits::{DossierHit, PageHit, SearchHits, SearchQuery};
pub use index::SearchIndex;
pub use searcher::{IndexedDossier, IndexedPage, Searcher};
pub use writer::IndexWriter;
