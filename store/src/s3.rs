//! Objects in a bucket of an S3-compatible server.

mod connection;
mod failure;
mod probe;
mod upload;

use std::{ops::Range, path::PathBuf, sync::Arc};

use async_trait::async_trait;
use aws_sdk_s3::{operation::get_object::GetObjectOutput, types::ChecksumMode};
use bytes::Bytes;
use futures::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use hrisov_model::Digest;
use jiff::{SignedDuration, Timestamp};

use self::connection::Connection;
use crate::{
    Ability, Blobs, ByteStream, Holds, Key, ObjectMeta, S3Address, Source, StoreError, StoredObject,
    blobs::check_not_root,
};

/// Uploads in parts that are older than this belong to no living writer.
const ABANDONED_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Objects in a bucket. Two writers of the same name with different bytes at the same moment are not
/// told apart (no server can be trusted with conditional writes): the archive gives every name one
/// writer, and names that derive from their content cannot differ.
#[derive(Debug, Clone)]
pub struct S3Blobs {
    connection: Arc<Connection>,
}

impl S3Blobs {
    /// Connects, and asks for the bucket. Waits at most about 20 seconds for a server that does not answer.
    ///
    /// # Errors
    /// [`StoreError::NoStore`], [`StoreError::Unreachable`], [`StoreError::Denied`].
    pub async fn open(address: &S3Address) -> Result<Self, StoreError> {
        let connection = Arc::new(Connection::open(address).await?);
        connection.check_bucket().await?;
        Ok(Self { connection })
    }

    /// As [`Self::open`], but makes a bucket that is not there, with the server's own defaults: private.
    ///
    /// # Errors
    /// As [`Self::open`]; [`StoreError::Denied`] where the access key may not make buckets.
    pub async fn create(address: &S3Address) -> Result<Self, StoreError> {
        let connection = Arc::new(Connection::open(address).await?);
        match connection.check_bucket().await {
            Err(StoreError::NoStore { .. }) => connection.create_bucket(address).await?,
            other => other?,
        }
        Ok(Self { connection })
    }

    /// Tries what the server can do beyond keeping objects; leaves nothing behind.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`], [`StoreError::Denied`].
    pub async fn probe(&self) -> Result<Vec<(Ability, Holds)>, StoreError> {
        probe::probe(&self.connection).await
    }

    async fn get_part(&self, key: &Key, range: Option<&Range<u64>>) -> Result<GetObjectOutput, StoreError> {
        let connection = &self.connection;
        let request = connection
            .client
            .get_object()
            .bucket(&connection.bucket)
            .key(connection.name(key));
        let request = match range {
            Some(range) => request.range(http_range(range)),
            None => request.checksum_mode(ChecksumMode::Enabled),
        };
        request
            .send()
            .await
            .map_err(|e| connection.failed("read", key, e))
    }
}

#[async_trait]
impl Blobs for S3Blobs {
    async fn put_immutable(
        &self,
        key: &Key,
        source: Source,
        expected: Digest,
    ) -> Result<StoredObject, StoreError> {
        check_not_root(key)?;
        let stored = |size_bytes| StoredObject {
            key: key.clone(),
            digest: expected,
            size_bytes,
        };
        if self.head(key).await?.is_none() {
            return upload::put(&self.connection, key, source, expected)
                .await
                .map(stored);
        }
        upload::check_source(key, source, expected).await?;
        match self.digest(key).await? {
            (found, size_bytes) if found == expected => Ok(stored(size_bytes)),
            (found, _) => Err(StoreError::Conflict {
                key: key.clone(),
                expected,
                found,
            }),
        }
    }

    async fn restore(&self, key: &Key, source: Source, expected: Digest) -> Result<(), StoreError> {
        check_not_root(key)?;
        if let Ok((found, _)) = self.digest(key).await
            && found == expected
        {
            return Ok(());
        }
        // Damaged, gone, or what the server itself no longer gives back whole.
        upload::put(&self.connection, key, source, expected)
            .await
            .map(|_| ())
    }

    async fn replace(&self, key: &Key, bytes: Bytes) -> Result<(), StoreError> {
        check_not_root(key)?;
        let digest = Digest::of(&bytes);
        upload::put(&self.connection, key, Source::Bytes(bytes), digest)
            .await
            .map(|_| ())
    }

    async fn get(&self, key: &Key) -> Result<ByteStream, StoreError> {
        check_not_root(key)?;
        let found = self.get_part(key, None).await?;
        Ok(self.connection.pieces(key, found.body))
    }

    async fn range(&self, key: &Key, range: Range<u64>) -> Result<ByteStream, StoreError> {
        check_not_root(key)?;
        if range.is_empty() {
            return match self.head(key).await? {
                Some(_) => Ok(stream::empty().boxed()),
                None => Err(StoreError::NotFound { key: key.clone() }),
            };
        }
        match self.get_part(key, Some(&range)).await {
            Ok(found) => Ok(self.connection.pieces(key, found.body)),
            Err(StoreError::OutOfRange { key, .. }) => Err(StoreError::OutOfRange {
                key,
                start: range.start,
            }),
            Err(other) => Err(other),
        }
    }

    async fn head(&self, key: &Key) -> Result<Option<ObjectMeta>, StoreError> {
        check_not_root(key)?;
        let connection = &self.connection;
        let request = connection
            .client
            .head_object()
            .bucket(&connection.bucket)
            .key(connection.name(key));
        match request.send().await {
            Ok(found) => {
                let size_bytes = found
                    .content_length()
                    .and_then(|size| u64::try_from(size).ok())
                    .unwrap_or(0);
                Ok(Some(ObjectMeta {
                    key: key.clone(),
                    size_bytes,
                }))
            }
            Err(e) => match connection.failed("look at", key, e) {
                StoreError::NotFound { .. } => Ok(None),
                other => Err(other),
            },
        }
    }

    fn list(&self, prefix: &Key) -> BoxStream<'static, Result<ObjectMeta, StoreError>> {
        self.connection.list(prefix)
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        check_not_root(key)?;
        let connection = &self.connection;
        let request = connection
            .client
            .delete_object()
            .bucket(&connection.bucket)
            .key(connection.name(key));
        match request
            .send()
            .await
            .map_err(|e| connection.failed("delete", key, e))
        {
            Ok(_) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(other) => Err(other),
        }
    }

    fn local_path(&self, _key: &Key) -> Option<PathBuf> {
        None
    }

    async fn remove_leftovers(&self) -> Result<u64, StoreError> {
        upload::abort_older_than(&self.connection, Timestamp::now() - ABANDONED_AFTER).await
    }
}

/// The range as HTTP writes it: the last byte counts in, and no end means the object's.
fn http_range(range: &Range<u64>) -> String {
    // Servers calculate with signed numbers.
    match i64::try_from(range.end) {
        Ok(end) => format!("bytes={}-{}", range.start, end - 1),
        Err(_) => format!("bytes={}-", range.start),
    }
}
