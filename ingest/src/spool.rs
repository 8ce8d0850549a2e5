//! Masters as files that a worker process can open: in place where the store is a folder, else a copy.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Weak},
};

use futures::TryStreamExt as _;
use hrisov_model::{Digest, Hasher};
use hrisov_store::{Blobs, Key, StoreError};
use tempfile::TempPath;
use tokio::{io::AsyncWriteExt as _, sync::Mutex};

use crate::IngestError;

/// A master on the local disk for as long as this value lives.
#[derive(Debug, Clone)]
pub enum LocalMaster {
    /// The store's own file.
    InPlace(PathBuf),
    /// A checked copy, removed with its last user.
    Copy(Arc<TempPath>),
}

/// Makes local copies, one for each master however many pages of it are read at once.
#[derive(Debug, Default)]
pub struct Spool {
    copies: Mutex<HashMap<Digest, Weak<TempPath>>>,
}

impl LocalMaster {
    /// Where it lies.
    pub fn path(&self) -> &Path {
        match self {
            Self::InPlace(path) => path,
            Self::Copy(path) => path,
        }
    }
}

impl Spool {
    /// The master stored at `key`, whose bytes have `digest`.
    ///
    /// # Errors
    /// Where the store fails, its bytes are damaged, or the temporary folder is full.
    pub async fn local(
        &self,
        blobs: &dyn Blobs,
        key: &Key,
        digest: Digest,
    ) -> Result<LocalMaster, IngestError> {
        if let Some(path) = blobs.local_path(key) {
            return Ok(LocalMaster::InPlace(path));
        }
        // Held while copying, so that a master is fetched once; pages of others wait, but the store's
        // bandwidth is shared anyway.
        let mut copies = self.copies.lock().await;
        if let Some(copy) = copies.get(&digest).and_then(Weak::upgrade) {
            return Ok(LocalMaster::Copy(copy));
        }
        let copy = Arc::new(fetch(blobs, key, digest).await?);
        copies.retain(|_, copy| copy.strong_count() > 0);
        copies.insert(digest, Arc::downgrade(&copy));
        Ok(LocalMaster::Copy(copy))
    }
}

async fn fetch(blobs: &dyn Blobs, key: &Key, expected: Digest) -> Result<TempPath, IngestError> {
    let copy = tempfile::Builder::new()
        .prefix("hrisov-")
        .tempfile()
        .map_err(IngestError::Spool)?;
    let (file, path) = copy.into_parts();
    let mut file = tokio::fs::File::from_std(file);
    let mut hasher = Hasher::default();
    let mut stream = blobs.get(key).await?;
    while let Some(piece) = stream.try_next().await? {
        hasher.update(&piece);
        file.write_all(&piece).await.map_err(IngestError::Spool)?;
    }
    file.flush().await.map_err(IngestError::Spool)?;
    match hasher.finish() {
        found if found == expected => Ok(path),
        found => Err(StoreError::DigestMismatch {
            key: key.clone(),
            expected,
            found,
        }
        .into()),
    }
}
