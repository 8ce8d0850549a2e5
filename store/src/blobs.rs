//! What every store of objects can do.

use std::{fmt::Debug, ops::Range, path::PathBuf};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::{TryStreamExt as _, stream::BoxStream};
use hrisov_model::{Digest, Hasher};
use serde::Serialize;

use crate::{Key, StoreError};

/// The bytes of an object, in pieces of at most about a megabyte.
pub type ByteStream = BoxStream<'static, Result<Bytes, StoreError>>;

/// Bytes to be stored.
#[derive(Debug, Clone)]
pub enum Source {
    /// Small bytes at hand.
    Bytes(Bytes),
    /// A file on this machine, read in pieces and never held whole in memory.
    File(PathBuf),
}

/// Proof that bytes are durable: only [`Blobs::put_immutable`] makes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StoredObject {
    /// Its name.
    pub key: Key,
    /// SHA-256 of the bytes that were stored.
    pub digest: Digest,
    /// Its size.
    pub size_bytes: u64,
}

/// What a store says of an object without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectMeta {
    /// Its name.
    pub key: Key,
    /// Its size.
    pub size_bytes: u64,
}

/// A store of immutable objects: a local folder, a bucket, memory.
///
/// An `Ok` from a writing call means that the bytes survive the loss of power. Every call may be
/// repeated after a failure; repeating a call that did succeed changes nothing.
#[async_trait]
pub trait Blobs: Send + Sync + Debug {
    /// Stores bytes under a name for good. Hashes while streaming.
    ///
    /// Where the same bytes are already there, does nothing and says so by succeeding.
    ///
    /// # Errors
    /// [`StoreError::DigestMismatch`] where the bytes are not `expected` (nothing is stored),
    /// [`StoreError::Conflict`] where other bytes have that name (they stay), and what the store says.
    async fn put_immutable(
        &self,
        key: &Key,
        source: Source,
        expected: Digest,
    ) -> Result<StoredObject, StoreError>;

    /// Puts the right bytes where damaged ones lie, or none: all at once, so that a reader sees the old bytes or the
    /// right ones. The one way in which an immutable name gets other bytes, for repairs alone. Where the right bytes
    /// are there already, does nothing, whatever the source has, and says so by succeeding.
    ///
    /// # Errors
    /// [`StoreError::DigestMismatch`] where the bytes are not `expected` (nothing is changed), and what the store says.
    async fn restore(&self, key: &Key, source: Source, expected: Digest) -> Result<(), StoreError>;

    /// Writes bytes over whatever has that name, all at once: a reader sees the old bytes or the new.
    /// Meant for the few names that are *pointers* (an object's root inventory and its sidecar, the log's
    /// checkpoint).
    ///
    /// # Errors
    /// What the store says.
    async fn replace(&self, key: &Key, bytes: Bytes) -> Result<(), StoreError>;

    /// Streams the bytes of an object.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; later failures come as items of the stream.
    async fn get(&self, key: &Key) -> Result<ByteStream, StoreError>;

    /// Streams a part of an object. An end beyond the object's is clipped; an empty range gives nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::OutOfRange`] where the object has no byte `range.start`.
    async fn range(&self, key: &Key, range: Range<u64>) -> Result<ByteStream, StoreError>;

    /// Size of an object; `None` where there is none.
    ///
    /// # Errors
    /// What the store says.
    async fn head(&self, key: &Key) -> Result<Option<ObjectMeta>, StoreError>;

    /// Every object below a prefix, at any depth. What lies below one folder comes together; the order is
    /// otherwise open. Nothing below the prefix is no error; what cannot be an object's name is an error in its
    /// place, and the listing goes on.
    fn list(&self, prefix: &Key) -> BoxStream<'static, Result<ObjectMeta, StoreError>>;

    /// Removes an object; that it is not there is no error.
    ///
    /// # Errors
    /// What the store says.
    async fn delete(&self, key: &Key) -> Result<(), StoreError>;

    /// The file that holds an object, for programs that open it without a copy; `None` where the
    /// store has no files. Says nothing about whether the object is there.
    fn local_path(&self, key: &Key) -> Option<PathBuf>;

    /// Deletes what writers that died left unfinished, nothing that an object needs and nothing of writers
    /// that live; says how much. To be called at every start.
    ///
    /// # Errors
    /// What the store says.
    async fn remove_leftovers(&self) -> Result<u64, StoreError>;

    /// The whole of a small object.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::TooLarge`] beyond `max_bytes`.
    async fn get_bytes(&self, key: &Key, max_bytes: u64) -> Result<Bytes, StoreError> {
        let mut stream = self.get(key).await?;
        let mut whole = BytesMut::new();
        while let Some(piece) = stream.try_next().await? {
            if (whole.len() + piece.len()) as u64 > max_bytes {
                return Err(StoreError::TooLarge {
                    key: key.clone(),
                    max_bytes,
                });
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    }

    /// SHA-256 and size of an object as it is read back now.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] and what the store says.
    async fn digest(&self, key: &Key) -> Result<(Digest, u64), StoreError> {
        let mut stream = self.get(key).await?;
        let mut hasher = Hasher::default();
        let mut size_bytes = 0;
        while let Some(piece) = stream.try_next().await? {
            size_bytes += piece.len() as u64;
            hasher.update(&piece);
        }
        Ok((hasher.finish(), size_bytes))
    }
}

/// Fails unless the bytes are those that were announced.
pub(crate) fn check_digest(key: &Key, expected: Digest, found: Digest) -> Result<(), StoreError> {
    if expected == found {
        return Ok(());
    }
    Err(StoreError::DigestMismatch {
        key: key.clone(),
        expected,
        found,
    })
}

/// Fails where the name of no object is to be written.
pub(crate) fn check_not_root(key: &Key) -> Result<(), StoreError> {
    if !key.is_root() {
        return Ok(());
    }
    Err(StoreError::InvalidKey {
        text: String::new(),
        reason: "it is the store itself",
    })
}
