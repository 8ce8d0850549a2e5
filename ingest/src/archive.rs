//! What a load works on: store, catalog, staging, and one writer at a time for each dossier.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use hrisov_catalog::Catalog;
use hrisov_model::{Digest, DossierId};
use hrisov_store::{Blobs, ocfl::StorageRoot};
use tokio::sync::OwnedMutexGuard;

use crate::staging::Staging;

/// An archive opened for loading; its opener holds the archive's writer lock.
#[derive(Debug)]
pub struct Archive {
    /// All objects.
    pub blobs: Arc<dyn Blobs>,
    /// The dossiers.
    pub root: StorageRoot,
    /// What is held.
    pub catalog: Catalog,
    pub(crate) staging: Staging,
    pub(crate) retry_pause: Duration,
    pub(crate) dossiers: DossierLocks,
    /// Held from the search for a reference until its new dossier is recorded: no two dossiers share one.
    pub(crate) naming: tokio::sync::Mutex<()>,
}

impl Archive {
    /// Joins the parts; `recipe` is the digest of everything that determines a page's text.
    #[must_use]
    pub fn new(root: StorageRoot, catalog: Catalog, recipe: Digest) -> Self {
        let blobs = Arc::clone(root.blobs());
        let staging = Staging::new(Arc::clone(&blobs), recipe);
        Self {
            blobs,
            root,
            catalog,
            staging,
            retry_pause: RETRY_PAUSE,
            dossiers: DossierLocks::default(),
            naming: tokio::sync::Mutex::default(),
        }
    }

    /// Waits so long before a failed job is tried again, and twice as long before each further try.
    #[must_use]
    pub fn with_retry_pause(mut self, pause: Duration) -> Self {
        self.retry_pause = pause;
        self
    }
}

/// Pause before a failed job is tried again where nobody says otherwise.
pub const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// One lock for each dossier that is being written: two versions of one dossier are never under way at once.
#[derive(Debug, Default)]
pub(crate) struct DossierLocks {
    locks: Mutex<HashMap<DossierId, Weak<tokio::sync::Mutex<()>>>>,
}

impl DossierLocks {
    pub(crate) async fn lock(&self, id: DossierId) -> OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
            locks.retain(|_, lock| lock.strong_count() > 0);
            let held = locks.get(&id).and_then(Weak::upgrade);
            let lock = held.unwrap_or_default();
            locks.insert(id, Arc::downgrade(&lock));
            lock
        };
        lock.lock_owned().await
    }
}
