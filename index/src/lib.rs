//! Page text to search index to hits. The only crate that knows tantivy.
//!
//! ```text
//! PageText --tokens--> positioned keys of words, identifiers, names -+
//!                                                                    +-> page document         (one per page)
//! PageText --stored_page--> words, boxes ----------------------------+
//! reference, title, box, fonds, facets --> description document  (one per dossier)
//!
//! query text --query--> units --spelling, near--> wider units --cursor--> postings
//!   --evaluate--> ranked dossiers --facets, paging--> the ones asked for --page_hit--> boxes, snippet --> SearchHits
//! ```
//!
//! *Invariants.* A page and a description are separate documents that share only the dossier's identifier:
//! an edited title touches one document. Words are cut and spelt in one place, `analyser`, for both
//! sides. Boxes come from the index; ALTO is never opened. Everything put becomes visible, and durable,
//! together at a commit, with the outbox position it stands for. Personal numbers of pages are kept only as
//! hashes under a key that is not in the index. What the index answers depends on what
//! it holds, not on the order or number of its writes: a rebuild answers alike. Nothing here is the
//! only copy of anything.

mod analyser;
mod answer;
mod completion;
mod cursor;
mod entry;
mod error;
mod evaluate;
mod facets;
mod facts;
mod fields;
mod hits;
mod index;
mod key;
mod links;
mod near;
mod page_hit;
mod paging;
mod proximity;
mod query;
mod searcher;
mod shown;
mod snapshot;
mod spelling;
mod stored_page;
mod tokens;
mod writer;

pub use completion::{Completion, CompletionKind};
pub use entry::{DossierEntry, DossierFacets, PageEntry};
pub use error::IndexError;
pub use facets::{Facet, FacetCounts, FacetField, FacetValue, Filters, Quality};
pub use hits::{DossierHit, HitContext, NearMatch, NearReason, PageHit, SearchHits, SearchQuery, Sort};
pub use index::SearchIndex;
pub use key::IndexKey;
pub use paging::SearchCursor;
pub use searcher::{IndexedDossier, IndexedPage, Searcher};
pub use writer::IndexWriter;
