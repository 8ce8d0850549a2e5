//! Page text to search index to hits. The only crate that knows tantivy.

mod entry;
mod error;
mod hits;
mod index;

pub use entry::{DossierEntry, PageEntry};
pub use error::IndexError;
pub use hits::{DossierHit, PageHit, SearchHits, SearchQuery};
pub use index::{IndexWriter, SearchIndex, Searcher};
