//! Objects in memory, for tests.

use std::{
    collections::BTreeMap,
    ops::Range,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use hrisov_model::Digest;

use crate::{
    Blobs, ByteStream, Key, ObjectMeta, Source, StoreError, StoredObject,
    blobs::{check_digest, check_not_root},
};

/// A store that ends with the process. Clones share their objects.
#[derive(Debug, Clone, Default)]
pub struct MemoryBlobs {
    objects: Arc<Mutex<BTreeMap<Key, Bytes>>>,
}

impl MemoryBlobs {
    /// All objects as they are now, to compare whole stores.
    #[must_use]
    pub fn snapshot(&self) -> BTreeMap<Key, Bytes> {
        self.objects().clone()
    }

    fn objects(&self) -> MutexGuard<'_, BTreeMap<Key, Bytes>> {
        // Every change is one call on the map, whole after any panic.
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bytes(&self, key: &Key) -> Result<Bytes, StoreError> {
        let found = self.objects().get(key).cloned();
        found.ok_or_else(|| StoreError::NotFound { key: key.clone() })
    }
}

#[async_trait]
impl Blobs for MemoryBlobs {
    async fn put_immutable(
        &self,
        key: &Key,
        source: Source,
        expected: Digest,
    ) -> Result<StoredObject, StoreError> {
        check_not_root(key)?;
        let bytes = source_bytes(source).await?;
        check_digest(key, expected, Digest::of(&bytes))?;
        let size_bytes = bytes.len() as u64;
        let mut objects = self.objects();
        let found = Digest::of(objects.entry(key.clone()).or_insert(bytes));
        if found != expected {
            return Err(StoreError::Conflict {
                key: key.clone(),
                expected,
                found,
            });
        }
        Ok(StoredObject {
            key: key.clone(),
            digest: expected,
            size_bytes,
        })
    }

    async fn restore(&self, key: &Key, source: Source, expected: Digest) -> Result<(), StoreError> {
        check_not_root(key)?;
        let bytes = source_bytes(source).await?;
        check_digest(key, expected, Digest::of(&bytes))?;
        self.objects().insert(key.clone(), bytes);
        Ok(())
    }

    async fn replace(&self, key: &Key, bytes: Bytes) -> Result<(), StoreError> {
        check_not_root(key)?;
        self.objects().insert(key.clone(), bytes);
        Ok(())
    }

    async fn get(&self, key: &Key) -> Result<ByteStream, StoreError> {
        let bytes = self.bytes(key)?;
        Ok(stream::iter(Some(Ok(bytes))).boxed())
    }

    async fn range(&self, key: &Key, range: Range<u64>) -> Result<ByteStream, StoreError> {
        let bytes = self.bytes(key)?;
        if range.is_empty() {
            return Ok(stream::empty().boxed());
        }
        let end = usize::try_from(range.end).unwrap_or(usize::MAX).min(bytes.len());
        match usize::try_from(range.start) {
            Ok(start) if start < bytes.len() => Ok(stream::iter(Some(Ok(bytes.slice(start..end)))).boxed()),
            _ => Err(StoreError::OutOfRange {
                key: key.clone(),
                start: range.start,
            }),
        }
    }

    async fn head(&self, key: &Key) -> Result<Option<ObjectMeta>, StoreError> {
        let size = self.objects().get(key).map(|bytes| bytes.len() as u64);
        Ok(size.map(|size_bytes| ObjectMeta {
            key: key.clone(),
            size_bytes,
        }))
    }

    fn list(&self, prefix: &Key) -> BoxStream<'static, Result<ObjectMeta, StoreError>> {
        let objects = self.objects();
        let found = objects
            .iter()
            .filter(|(key, _)| key.below(prefix).is_some_and(|rest| !rest.is_root()))
            .map(|(key, bytes)| {
                Ok(ObjectMeta {
                    key: key.clone(),
                    size_bytes: bytes.len() as u64,
                })
            })
            .collect::<Vec<_>>();
        stream::iter(found).boxed()
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        check_not_root(key)?;
        self.objects().remove(key);
        Ok(())
    }

    fn local_path(&self, _key: &Key) -> Option<PathBuf> {
        None
    }

    async fn remove_leftovers(&self) -> Result<u64, StoreError> {
        Ok(0)
    }
}

async fn source_bytes(source: Source) -> Result<Bytes, StoreError> {
    match source {
        Source::Bytes(bytes) => Ok(bytes),
        Source::File(path) => {
            let read = tokio::fs::read(&path).await;
            Ok(read.map_err(|e| StoreError::io("read", path, e))?.into())
        }
    }
}
