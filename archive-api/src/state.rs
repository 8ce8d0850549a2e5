//! What the handlers work on.

use std::sync::Arc;

use hrisov_catalog::Catalog;
use hrisov_imaging::worker::WorkerPool;
use hrisov_index::Searcher;
use hrisov_ledger::VerifierKey;
use hrisov_model::Thresholds;
use hrisov_store::ocfl::StorageRoot;

use crate::{images::Pictures, search::Searches};

/// An archive opened for reading, as all requests share it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ApiState {
    /// The dossiers' objects.
    pub(crate) root: StorageRoot,
    /// What is held.
    pub(crate) catalog: Catalog,
    pub(crate) searches: Arc<Searches>,
    pub(crate) pictures: Arc<Pictures>,
    /// Origins of other sites whose viewers are let in.
    pub(crate) viewer_origins: Arc<[String]>,
    /// From figures of pages to doubts.
    pub(crate) thresholds: Arc<Thresholds>,
    /// The public keys of the log, the newest last, and of its witnesses.
    pub(crate) log_keys: Arc<[VerifierKey]>,
}

impl ApiState {
    /// Joins the parts. The pool's program must answer [`hrisov_imaging::worker::Request`]s; its size bounds
    /// how many pictures are made at once.
    #[must_use]
    pub fn new(root: StorageRoot, catalog: Catalog, searcher: Arc<Searcher>, pool: WorkerPool) -> Self {
        Self {
            root,
            catalog,
            searches: Arc::new(Searches::new(searcher)),
            pictures: Arc::new(Pictures::new(pool)),
            viewer_origins: Arc::default(),
            thresholds: Arc::default(),
            log_keys: Arc::default(),
        }
    }

    /// Proves by the log of these keys: its own, the newest last, and those of witnesses. Without it nothing is proven.
    #[must_use]
    pub fn with_log_keys(self, keys: Vec<VerifierKey>) -> Self {
        Self {
            log_keys: keys.into(),
            ..self
        }
    }

    /// Doubts pages by these thresholds instead of the defaults.
    #[must_use]
    pub fn with_thresholds(self, thresholds: Thresholds) -> Self {
        Self {
            thresholds: Arc::new(thresholds),
            ..self
        }
    }

    /// Lets IIIF viewers of these origins (`https://viewer.example`, or `*` for every site) read pages; without it none
    /// of another site can.
    #[must_use]
    pub fn with_viewer_origins(self, origins: Vec<String>) -> Self {
        Self {
            viewer_origins: origins.into(),
            ..self
        }
    }
}
