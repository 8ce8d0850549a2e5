//! Records in the store's journal that have a leaf in the log.

use hrisov_catalog::{Closing, ClosingOf};
use hrisov_model::{Digest, Salt};
use hrisov_store::{
    Blobs, Source,
    dossier::{ClosingSalt, closing_salt_key},
};
use jiff::Timestamp;
use serde::Serialize;

use crate::{AuditError, log::closed_key};

/// Writes a record to its place, and gives what the log is to learn of it. The salt first: a record without one has no
/// leaf.
///
/// # Errors
/// Where the store or the random source fails.
pub(crate) async fn write_record(
    blobs: &dyn Blobs,
    of: ClosingOf,
    at: Timestamp,
    record: &impl Serialize,
) -> Result<Closing, AuditError> {
    let internal = |error: serde_json::Error| AuditError::Internal(error.to_string());
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| AuditError::Internal(error.to_string()))?;
    let salt = Salt::new(random);
    let json = serde_json::to_vec(&ClosingSalt { salt }).map_err(internal)?;
    let digest = Digest::of(&json);
    blobs
        .put_immutable(
            &closing_salt_key(of.uuid(), at)?,
            Source::Bytes(json.into()),
            digest,
        )
        .await?;
    let json = serde_json::to_vec(record).map_err(internal)?;
    let digest = Digest::of(&json);
    blobs
        .put_immutable(&closed_key(of, at)?, Source::Bytes(json.into()), digest)
        .await?;
    Ok(Closing {
        of,
        digest,
        salt,
        at,
        leaf: None,
    })
}
