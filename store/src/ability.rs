//! What a store can do beyond keeping objects.

use serde::Serialize;

use crate::{S3Blobs, StoreError, StoreUrl};

/// Something that makes a store safer. Nothing here is needed: what is missing is said, so that whoever runs the
/// archive can decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ability {
    /// An upload whose bytes do not have the SHA-256 sent along is refused. Without it, every object is read back
    /// after writing.
    RefusesWrongChecksum,
    /// `If-None-Match: *` keeps an object from being overwritten. Never relied upon.
    ConditionalPut,
    /// Overwritten and deleted objects stay as old versions, out of reach of this program.
    Versioning,
    /// Objects can be kept from deletion for a time by the server itself.
    ObjectLock,
}

/// Whether a store has an ability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// Seen to hold.
    Yes,
    /// Seen not to hold.
    No,
    /// The server does not let us find out.
    Unknown,
}

/// Tries what the store at an address can do; empty for a local folder. Leaves nothing behind.
///
/// # Errors
/// [`StoreError::Unreachable`], [`StoreError::Denied`], [`StoreError::NoStore`].
pub async fn probe(url: &StoreUrl) -> Result<Vec<(Ability, Holds)>, StoreError> {
    match url {
        StoreUrl::Local(_) => Ok(Vec::new()),
        StoreUrl::S3(address) => S3Blobs::open(address).await?.probe().await,
    }
}
