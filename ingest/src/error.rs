//! Why a load could not go on. What is wrong with a single file or page is never an error but its state.

use std::{io, path::PathBuf};

use hrisov_catalog::CatalogError;
use hrisov_imaging::worker::WorkerError;
use hrisov_index::IndexError;
use hrisov_ledger::LedgerError;
use hrisov_ocr::worker::RecogniseError;
use hrisov_store::{DossierError, StoreError};
use jiff::Timestamp;

use crate::ReplaceError;

/// Why a load could not go on; repeating it takes up where it stopped.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The box cannot be listed.
    #[error("cannot read the box {path}: check the path and the rights on it", path = path.display())]
    NoBox {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is nothing in the box.
    #[error("the box {path} is empty: check that it is the right folder and that the share is mounted", path = path.display())]
    EmptyBox {
        /// The folder.
        path: PathBuf,
    },
    /// Another folder was loaded under that name before, and nothing in it looks the same.
    #[error(
        "a box {name:?} of fonds {fonds:?} was loaded before from {before}, and no file of {now} was in it: give this \
         box a name of its own with --box NAME (or another --fonds), or repeat with --same-box if it is the same one"
    )]
    OtherBox {
        /// The fonds.
        fonds: String,
        /// The name that both have.
        name: String,
        /// Where the first came from.
        before: String,
        /// Where this one lies.
        now: String,
    },
    /// The box takes in nothing more.
    #[error(
        "the box {name:?} of fonds {fonds:?} was closed on {day}: nothing more is taken in; open it again with `hrisov \
         box reopen BOX --name YOU --reason WHY`, or load the files as another box with --box NAME",
        day = at.strftime("%d.%m.%Y")
    )]
    ClosedBox {
        /// The fonds.
        fonds: String,
        /// The box's name.
        name: String,
        /// When it was closed.
        at: Timestamp,
    },
    /// Files or pages of the box still wait.
    #[error(
        "the box {name:?} of fonds {fonds:?} is not loaded to its end: repeat `hrisov ingest`, then close it"
    )]
    BoxUnfinished {
        /// The fonds.
        fonds: String,
        /// The box's name.
        name: String,
    },
    /// Work was given up after several tries; it is kept and taken up by the next load.
    #[error(
        "work failed again and again ({parked} of the files and pages), the last with: {last}; mend that and repeat the \
         command"
    )]
    Parked {
        /// How many.
        parked: u64,
        /// The last error of one of them.
        last: String,
    },
    /// A file will not do in the place of a page; nothing was changed.
    #[error(transparent)]
    Replace(#[from] ReplaceError),
    /// The random source failed.
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
    /// What a worker process answered or the staged result says is not understood.
    #[error("a staged page result at {key} is not understood: delete it and repeat")]
    Staged {
        /// Where it lies.
        key: String,
    },
    /// No file can be looked at now.
    #[error(transparent)]
    Worker(#[from] WorkerError),
    /// No page can be read now.
    #[error(transparent)]
    Recognise(#[from] RecogniseError),
    /// Something of ours stopped unexpectedly.
    #[error("internal error: {0}")]
    Internal(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A dossier cannot be read back.
    #[error(transparent)]
    Dossier(#[from] DossierError),
    /// The catalog failed.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The index failed.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The log failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}
