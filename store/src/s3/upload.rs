//! Uploads: small ones in one request, large ones in parts that become an object only when complete.

use std::{fs::File, io::Read as _, path::PathBuf};

use aws_sdk_s3::{
    primitives::{ByteStream as S3Stream, DateTime},
    types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use hrisov_model::{Digest, Hasher};
use jiff::Timestamp;
use sha2::Digest as _;
use tokio::task;

use super::connection::Connection;
use crate::{Key, Source, StoreError, blobs::check_digest};

/// Objects up to this size go in one request, larger ones in parts of at least this size: few requests,
/// and little memory for each upload under way.
const PART_BYTES: u64 = 16 << 20;
/// Most parts of one upload (Amazon's limit, which the others keep).
const PARTS_MAX: u64 = 10_000;

/// Uploads, and makes sure that the server has the right bytes; the size.
pub(super) async fn put(
    connection: &Connection,
    key: &Key,
    source: Source,
    expected: Digest,
) -> Result<u64, StoreError> {
    let parts = Parts::open(source).await?;
    if parts.size_bytes > PART_BYTES {
        return put_in_parts(connection, key, parts, expected).await;
    }
    let (parts, only) = parts.next().await?;
    check_digest(key, expected, parts.whole.finish())?;
    let bytes = only.map(|part| part.bytes).unwrap_or_default();
    let size_bytes = bytes.len() as u64;
    let checksum = BASE64_STANDARD.encode(expected.as_bytes());
    let request = connection
        .client
        .put_object()
        .bucket(&connection.bucket)
        .key(connection.name(key));
    let request = request
        .checksum_sha256(&checksum)
        .content_length(bytes.len() as i64);
    let answer = request
        .body(S3Stream::from(bytes))
        .send()
        .await
        .map_err(|e| connection.failed("write", key, e))?;
    if answer.checksum_sha256() != Some(&checksum) {
        read_back(connection, key, expected).await?;
    }
    Ok(size_bytes)
}

/// Fails unless the bytes are the expected ones.
pub(super) async fn check_source(key: &Key, source: Source, expected: Digest) -> Result<(), StoreError> {
    let mut parts = Parts::open(source).await?;
    loop {
        let (rest, part) = parts.next().await?;
        if part.is_none() {
            return check_digest(key, expected, rest.whole.finish());
        }
        parts = rest;
    }
}

/// Gives up uploads in parts that were begun before a time and never finished; says how many.
pub(super) async fn abort_older_than(
    connection: &Connection,
    begun_before: Timestamp,
) -> Result<u64, StoreError> {
    let mut aborted = 0;
    let (mut key_marker, mut id_marker) = (None, None);
    loop {
        let request = connection
            .client
            .list_multipart_uploads()
            .bucket(&connection.bucket);
        let request = request.prefix(connection.name(&Key::root()));
        let page = request
            .set_key_marker(key_marker)
            .set_upload_id_marker(id_marker)
            .send()
            .await;
        let page = page.map_err(|e| connection.failed("list uploads to", &Key::root(), e))?;
        for upload in page.uploads() {
            let begun = upload.initiated().map_or(i64::MAX, DateTime::secs);
            if let (Some(name), Some(id)) = (upload.key(), upload.upload_id())
                && begun < begun_before.as_second()
            {
                abort(connection, name, id).await?;
                aborted += 1;
            }
        }
        if page.is_truncated() != Some(true) {
            return Ok(aborted);
        }
        (key_marker, id_marker) = (page.next_key_marker, page.next_upload_id_marker);
    }
}

async fn abort(connection: &Connection, name: &str, id: &str) -> Result<(), StoreError> {
    let request = connection
        .client
        .abort_multipart_upload()
        .bucket(&connection.bucket);
    let aborted = request.key(name).upload_id(id).send().await;
    aborted
        .map(|_| ())
        .map_err(|e| connection.failed("give up an upload to", &Key::root(), e))
}

async fn put_in_parts(
    connection: &Connection,
    key: &Key,
    parts: Parts,
    expected: Digest,
) -> Result<u64, StoreError> {
    let name = connection.name(key);
    let request = connection
        .client
        .create_multipart_upload()
        .bucket(&connection.bucket)
        .key(&name);
    let begun = request.checksum_algorithm(ChecksumAlgorithm::Sha256).send().await;
    let begun = begun.map_err(|e| connection.failed("write", key, e))?;
    let id = begun.upload_id().unwrap_or_default();
    let put = put_all_parts(connection, key, parts, expected, id).await;
    if put.is_err()
        && let Err(left) = abort(connection, &name, id).await
    {
        tracing::warn!(%key, error = %left, "an unfinished upload stays at the object store until the next clean-up");
    }
    put
}

async fn put_all_parts(
    connection: &Connection,
    key: &Key,
    mut parts: Parts,
    expected: Digest,
    id: &str,
) -> Result<u64, StoreError> {
    let name = connection.name(key);
    let mut completed = CompletedMultipartUpload::builder();
    let mut checksums = sha2::Sha256::new();
    let mut number = 0;
    let mut size_bytes = 0;
    loop {
        let (rest, part) = parts.next().await?;
        parts = rest;
        let Some(part) = part else { break };
        number += 1;
        size_bytes += part.bytes.len() as u64;
        checksums.update(part.digest.as_bytes());
        completed = completed.parts(put_part(connection, key, id, number, part).await?);
    }
    // Before the parts become an object: of wrong bytes nothing stays.
    check_digest(key, expected, parts.whole.finish())?;
    let request = connection
        .client
        .complete_multipart_upload()
        .bucket(&connection.bucket)
        .key(&name);
    let done = request
        .upload_id(id)
        .multipart_upload(completed.build())
        .send()
        .await;
    let done = done.map_err(|e| connection.failed("write", key, e))?;
    // Amazon's checksum of an object in parts is that of the parts' checksums.
    let composite = format!("{}-{number}", BASE64_STANDARD.encode(checksums.finalize()));
    if done.checksum_sha256() != Some(&composite) {
        read_back(connection, key, expected).await?;
    }
    Ok(size_bytes)
}

async fn put_part(
    connection: &Connection,
    key: &Key,
    id: &str,
    number: i32,
    part: Part,
) -> Result<CompletedPart, StoreError> {
    let checksum = BASE64_STANDARD.encode(part.digest.as_bytes());
    let request = connection
        .client
        .upload_part()
        .bucket(&connection.bucket)
        .key(connection.name(key));
    let request = request
        .upload_id(id)
        .part_number(number)
        .checksum_sha256(&checksum);
    let request = request
        .content_length(part.bytes.len() as i64)
        .body(S3Stream::from(part.bytes));
    let sent = request
        .send()
        .await
        .map_err(|e| connection.failed("write", key, e))?;
    let part = CompletedPart::builder()
        .part_number(number)
        .checksum_sha256(checksum);
    Ok(part.set_e_tag(sent.e_tag).build())
}

/// For servers that do not say which SHA-256 they stored.
async fn read_back(connection: &Connection, key: &Key, expected: Digest) -> Result<(), StoreError> {
    let request = connection
        .client
        .get_object()
        .bucket(&connection.bucket)
        .key(connection.name(key));
    let mut body = request
        .send()
        .await
        .map_err(|e| connection.failed("read back", key, e))?
        .body;
    let mut hasher = Hasher::default();
    while let Some(piece) = body.try_next().await.map_err(|e| connection.broken_off(key, e))? {
        hasher.update(&piece);
    }
    let found = hasher.finish();
    if found != expected {
        return Err(StoreError::Conflict {
            key: key.clone(),
            expected,
            found,
        });
    }
    Ok(())
}

/// A source cut into parts, hashed as they pass.
struct Parts {
    size_bytes: u64,
    part_bytes: u64,
    rest: Rest,
    whole: Hasher,
}

enum Rest {
    Bytes(Bytes),
    File(File, PathBuf),
}

/// Bytes of a source and their own digest.
struct Part {
    bytes: Bytes,
    digest: Digest,
}

impl Parts {
    async fn open(source: Source) -> Result<Self, StoreError> {
        blocking(move || {
            let (size_bytes, rest) = match source {
                Source::Bytes(bytes) => (bytes.len() as u64, Rest::Bytes(bytes)),
                Source::File(path) => {
                    let file = File::open(&path).map_err(|e| StoreError::io("read", &path, e))?;
                    let meta = file.metadata().map_err(|e| StoreError::io("read", &path, e))?;
                    (meta.len(), Rest::File(file, path))
                }
            };
            let part_bytes = PART_BYTES.max(size_bytes.div_ceil(PARTS_MAX));
            Ok(Self {
                size_bytes,
                part_bytes,
                rest,
                whole: Hasher::default(),
            })
        })
        .await
    }

    /// The next part and what comes after it; all but the last part are of the same size.
    async fn next(mut self) -> Result<(Self, Option<Part>), StoreError> {
        blocking(move || {
            let bytes = match &mut self.rest {
                Rest::Bytes(bytes) => bytes.split_to(
                    usize::try_from(self.part_bytes)
                        .unwrap_or(usize::MAX)
                        .min(bytes.len()),
                ),
                Rest::File(file, path) => {
                    let mut part = Vec::new();
                    file.take(self.part_bytes)
                        .read_to_end(&mut part)
                        .map_err(|e| StoreError::io("read", &*path, e))?;
                    part.into()
                }
            };
            self.whole.update(&bytes);
            let digest = Digest::of(&bytes);
            let part = (!bytes.is_empty()).then_some(Part { bytes, digest });
            Ok((self, part))
        })
        .await
    }
}

/// Reading and hashing keep off the threads that talk to the server.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
}
