//! The journal: accounts of finished batches, kept in the store beside the dossiers.

use hrisov_catalog::{BATCH_FORMAT, Batch, BatchAccount, BatchFile};
use hrisov_model::Digest;
use hrisov_store::{Blobs, Key, Source};
use jiff::Timestamp;

use crate::IngestError;

/// Writes the account of a batch that finishes `at`. A crash before the catalog knows of it leaves an account
/// that a later one of the same batch supersedes.
///
/// # Errors
/// Where the store fails.
pub async fn write_batch(
    blobs: &dyn Blobs,
    batch: &Batch,
    files: Vec<BatchFile>,
    at: Timestamp,
) -> Result<(), IngestError> {
    let account = BatchAccount {
        format: BATCH_FORMAT.to_owned(),
        batch: batch.clone(),
        files,
    };
    let json = serde_json::to_vec(&account).map_err(|error| IngestError::Internal(error.to_string()))?;
    let digest = Digest::of(&json);
    let name = format!("{}-{}.json", batch.id, at.as_millisecond());
    let key = Key::literal("journal/batches").child(&name)?;
    blobs
        .put_immutable(&key, Source::Bytes(json.into()), digest)
        .await?;
    Ok(())
}
