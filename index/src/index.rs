//! The index on a folder or in memory: one writer, any number of searchers that follow its commits.

use std::path::Path;

use hrisov_model::{DossierId, PageId};

use crate::{DossierEntry, IndexError, PageEntry, SearchHits, SearchQuery};

/// A search index, opened for writing and searching.
#[derive(Debug)]
pub struct SearchIndex;

/// The one writer. Nothing is seen by searchers, or kept after a crash, before [`IndexWriter::commit`].
pub struct IndexWriter;

/// Searches what the last commit left, by whichever process.
pub struct Searcher;

impl SearchIndex {
    /// Opens the index in a folder, or makes folder and index where there is none.
    pub fn create_or_open(_path: &Path) -> Result<Self, IndexError> {
        todo!()
    }
    /// An empty index in memory.
    pub fn in_ram() -> Result<Self, IndexError> {
        todo!()
    }
    /// The writer.
    pub fn writer(&self) -> Result<IndexWriter, IndexError> {
        todo!()
    }
    /// A searcher over this index.
    pub fn searcher(&self) -> Result<Searcher, IndexError> {
        todo!()
    }
    /// A searcher over the index in a folder that another process may be writing.
    pub fn open_reader(_path: &Path) -> Result<Searcher, IndexError> {
        todo!()
    }
    /// The stamp of the last commit; 0 before the first.
    pub fn committed_stamp(&self) -> Result<u64, IndexError> {
        todo!()
    }
}

impl IndexWriter {
    /// Puts or replaces the dossier's description; its pages stay as they are.
    pub fn put_dossier(&mut self, _dossier: &DossierEntry) -> Result<(), IndexError> {
        todo!()
    }
    /// Puts or replaces one page.
    pub fn put_page(&mut self, _page: &PageEntry<'_>) -> Result<(), IndexError> {
        todo!()
    }
    /// Takes one page out.
    pub fn delete_page(&mut self, _page: PageId) -> Result<(), IndexError> {
        todo!()
    }
    /// Takes a dossier out: description and pages.
    pub fn delete_dossier(&mut self, _dossier: DossierId) -> Result<(), IndexError> {
        todo!()
    }
    /// Takes everything out, as for a rebuild.
    pub fn clear(&mut self) -> Result<(), IndexError> {
        todo!()
    }
    /// Makes everything put so far durable and visible, together with the outbox position it stands for.
    pub fn commit(&mut self, _stamp: u64) -> Result<(), IndexError> {
        todo!()
    }
    /// The stamp of the last commit; 0 before the first.
    #[must_use]
    pub fn committed_stamp(&self) -> u64 {
        todo!()
    }
}

impl Searcher {
    /// Answers a query from the last commit.
    pub fn search(&self, _query: &SearchQuery) -> Result<SearchHits, IndexError> {
        todo!()
    }
}
