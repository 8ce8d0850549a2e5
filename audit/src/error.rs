//! Why an audit could not look.

use hrisov_catalog::CatalogError;
use hrisov_index::IndexError;
use hrisov_ledger::LedgerError;
use hrisov_store::{DossierError, StoreError};

/// Why an audit could not look. What it found is never an error.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A dossier cannot be read.
    #[error(transparent)]
    Dossier(#[from] DossierError),
    /// The catalog failed.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The index failed.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The log cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Something that should be proven cannot be.
    #[error("this cannot be proven: {reason}")]
    NotProvable {
        /// What is missing or wrong, and what to do.
        reason: String,
    },
    /// The log's checkpoint is not signed by its own key.
    #[error("the log's checkpoint cannot be trusted: {0}")]
    Trust(#[from] hrisov_ledger::TrustError),
    /// The bundle cannot be read or written.
    #[error("cannot read or write the bundle: {0}")]
    Bundle(#[from] std::io::Error),
    /// A task stopped unexpectedly.
    #[error("internal error: {0}")]
    Internal(String),
}
