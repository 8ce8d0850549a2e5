//! Everything that can go wrong with the index; a query itself never fails.

use std::path::PathBuf;

/// Why the index could not be opened, written or read.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The folder cannot be made or entered.
    #[error("cannot use the index folder {}: check that it exists and may be written", path.display())]
    Folder {
        /// The index folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// No index lies there yet.
    #[error("no search index in {}: load a box or rebuild first", path.display())]
    Missing {
        /// The folder that was asked for.
        path: PathBuf,
    },
    /// The key that personal numbers are indexed under cannot be made or read.
    #[error("cannot use the index key {}: check the file, or delete it and rebuild the index", path.display())]
    Key {
        /// The key file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The index was made with other fields or another analyser than this version has, or under another key.
    #[error("the search index in {} belongs to another version or key: make it again with `hrisov rebuild`", path.display())]
    OtherVersion {
        /// The index folder; empty for an index in memory.
        path: PathBuf,
    },
    /// Another process, or another writer in this one, holds the index.
    #[error("another writer has the search index open: wait for it to end")]
    WriterBusy,
    /// A cursor that no answer gave.
    #[error("the cursor is not one of this program's: begin at the first page of the answer")]
    Cursor,
    /// What the index holds cannot be read back.
    #[error("the search index is damaged ({what}): make it again with `hrisov rebuild`")]
    Damaged {
        /// Which part, never its content.
        what: &'static str,
    },
    /// The engine failed: disk full, file vanished and the like.
    #[error("the search index failed: check the disk, then repeat; if it stays, run `hrisov rebuild`")]
    Engine(#[from] tantivy::TantivyError),
}
