//! The journal: accounts of finished batches and acts on boxes, kept in the store beside the dossiers.

use futures::TryStreamExt as _;
use hrisov_catalog::{BATCH_FORMAT, Batch, BatchAccount, BatchFile, BoxRecord, Closing, ClosingOf};
use hrisov_model::Digest;
use hrisov_store::{
    Blobs, Key, Source, StoreError,
    dossier::{ClosingSalt, SALT_MAX_BYTES, account_key, box_record_key, closing_salt_key},
};
use jiff::Timestamp;

use crate::{IngestError, moment::salt};

/// Most bytes of one account that are read back: a box of a million files.
const ACCOUNT_MAX_BYTES: u64 = 512 << 20;

/// Writes the account of a batch that finishes `at`, and beside it the salt of its leaf. The closing that counts is that
/// of an earlier try where its account was the same. A differing one is superseded by the later.
///
/// # Errors
/// Where the store or the random source fails.
pub async fn write_batch(
    blobs: &dyn Blobs,
    batch: &Batch,
    files: Vec<BatchFile>,
    at: Timestamp,
) -> Result<Closing, IngestError> {
    let place = Key::literal("journal/batches").child(&batch.id.to_string())?;
    let mut written = blobs.list(&place);
    while let Some(object) = written.try_next().await? {
        let json = blobs.get_bytes(&object.key, ACCOUNT_MAX_BYTES).await?;
        if let Ok(earlier) = serde_json::from_slice::<BatchAccount>(&json)
            && let Some(finished_at) = earlier.batch.finished_at
            && are_alike(&earlier.files, &files)
        {
            return closing(blobs, ClosingOf::Load(batch.id), Digest::of(&json), finished_at).await;
        }
    }
    let account = BatchAccount {
        format: BATCH_FORMAT.to_owned(),
        batch: Batch {
            finished_at: Some(at),
            ..batch.clone()
        },
        files,
    };
    let json = serde_json::to_vec(&account).map_err(|error| IngestError::Internal(error.to_string()))?;
    let digest = Digest::of(&json);
    let key = account_key(batch.id, at)?;
    blobs
        .put_immutable(&key, Source::Bytes(json.into()), digest)
        .await?;
    closing(blobs, ClosingOf::Load(batch.id), digest, at).await
}

/// Writes the record of an act on a box; one that closes it gives what the log is to learn. Repeatable.
///
/// # Errors
/// Where the store or the random source fails.
pub async fn write_box_record(blobs: &dyn Blobs, record: &BoxRecord) -> Result<Option<Closing>, IngestError> {
    let json = record.to_json().into_bytes();
    let digest = Digest::of(&json);
    blobs
        .put_immutable(&box_record_key(record.id)?, Source::Bytes(json.into()), digest)
        .await?;
    match record.closing() {
        None => Ok(None),
        Some(_) => closing(blobs, ClosingOf::Box(record.id), digest, record.at)
            .await
            .map(Some),
    }
}

/// The closing with its salt, which is made once and kept.
async fn closing(
    blobs: &dyn Blobs,
    of: ClosingOf,
    digest: Digest,
    at: Timestamp,
) -> Result<Closing, IngestError> {
    let key = closing_salt_key(of.uuid(), at)?;
    let salt = match blobs.get_bytes(&key, SALT_MAX_BYTES).await {
        Ok(json) => {
            serde_json::from_slice::<ClosingSalt>(&json)
                .map_err(|_| IngestError::Internal(format!("{key} holds no salt")))?
                .salt
        }
        Err(StoreError::NotFound { .. }) => {
            let salt = salt()?;
            let json = serde_json::to_vec(&ClosingSalt { salt })
                .map_err(|error| IngestError::Internal(error.to_string()))?;
            let digest = Digest::of(&json);
            blobs
                .put_immutable(&key, Source::Bytes(json.into()), digest)
                .await?;
            salt
        }
        Err(error) => return Err(error.into()),
    };
    Ok(Closing {
        of,
        digest,
        salt,
        at,
        leaf: None,
    })
}

/// Whether two accounts say the same, whenever each file was looked at.
fn are_alike(a: &[BatchFile], b: &[BatchFile]) -> bool {
    let same = |a: &BatchFile, b: &BatchFile| {
        BatchFile {
            at: b.at,
            ..a.clone()
        } == *b
    };
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}
