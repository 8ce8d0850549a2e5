//! Objects as files that a worker process can open: in place where the store is a folder, else a copy.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Weak},
};

use futures::TryStreamExt as _;
use hrisov_model::{Digest, Hasher};
use tempfile::TempPath;
use tokio::{io::AsyncWriteExt as _, sync::Mutex};

use crate::{Blobs, Key, StoreError};

/// A master on the local disk for as long as this value lives.
#[derive(Debug, Clone)]
pub enum LocalMaster {
    /// The store's own file.
    InPlace(PathBuf),
    /// A checked copy, removed with its last user.
    Copy(Arc<TempPath>),
}

/// Makes local copies in the system's temporary folder, one for each master however many read it at once.
#[derive(Debug, Default)]
pub struct Spool {
    copies: Mutex<HashMap<Digest, Weak<TempPath>>>,
}

impl LocalMaster {
    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::InPlace(path) => path,
            Self::Copy(path) => path,
        }
    }
}

impl Spool {
    /// The master stored at `key`, whose bytes have `digest`. Only copies are checked; in place, nothing is read.
    ///
    /// # Errors
    /// Where the store fails, its bytes are damaged, or the temporary folder is full.
    pub async fn local(
        &self,
        blobs: &dyn Blobs,
        key: &Key,
        digest: Digest,
    ) -> Result<LocalMaster, StoreError> {
        if let Some(path) = blobs.local_path(key) {
            return Ok(LocalMaster::InPlace(path));
        }
        // Held while copying, so that a master is fetched once; others wait, but the store's bandwidth is
        // shared anyway.
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

async fn fetch(blobs: &dyn Blobs, key: &Key, expected: Digest) -> Result<TempPath, StoreError> {
    let failed = |source: io::Error| StoreError::io("make a temporary copy in", std::env::temp_dir(), source);
    let copy = tempfile::Builder::new()
        .prefix("hrisov-")
        .tempfile()
        .map_err(failed)?;
    let (file, path) = copy.into_parts();
    let mut file = tokio::fs::File::from_std(file);
    let mut hasher = Hasher::default();
    let mut stream = blobs.get(key).await?;
    while let Some(piece) = stream.try_next().await? {
        hasher.update(&piece);
        file.write_all(&piece).await.map_err(failed)?;
    }
    file.flush().await.map_err(failed)?;
    match hasher.finish() {
        found if found == expected => Ok(path),
        found => Err(StoreError::DigestMismatch {
            key: key.clone(),
            expected,
            found,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LocalBlobs, MemoryBlobs, Source};

    const BYTES: &[u8] = b"a scanned page";

    async fn stored(blobs: &dyn Blobs) -> Key {
        let key = Key::literal("masters/1.tif");
        blobs
            .put_immutable(&key, Source::Bytes(BYTES.into()), Digest::of(BYTES))
            .await
            .unwrap();
        key
    }

    #[tokio::test]
    async fn a_copy_is_made_once_checked_and_removed_with_its_last_user() {
        let blobs = MemoryBlobs::default();
        let (key, digest) = (stored(&blobs).await, Digest::of(BYTES));
        let spool = Spool::default();
        let first = spool.local(&blobs, &key, digest).await.unwrap();
        let second = spool.local(&blobs, &key, digest).await.unwrap();
        assert_eq!(first.path(), second.path());
        assert_eq!(std::fs::read(first.path()).unwrap(), BYTES);
        let path = first.path().to_owned();
        drop(first);
        assert!(path.exists());
        drop(second);
        assert!(!path.exists());
        let other = spool.local(&blobs, &key, Digest::of(b"other")).await;
        assert!(matches!(other, Err(StoreError::DigestMismatch { .. })));
    }

    #[tokio::test]
    async fn a_folder_needs_no_copy() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = LocalBlobs::create(folder.path()).unwrap();
        let key = stored(&blobs).await;
        let local = Spool::default()
            .local(&blobs, &key, Digest::of(BYTES))
            .await
            .unwrap();
        assert!(matches!(&local, LocalMaster::InPlace(_)));
        assert_eq!(std::fs::read(local.path()).unwrap(), BYTES);
    }
}
