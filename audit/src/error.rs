//! Why an audit could not look.

use hrisov_catalog::CatalogError;
use hrisov_index::IndexError;
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
    /// A task stopped unexpectedly.
    #[error("internal error: {0}")]
    Internal(String),
}
