//! What can go wrong with a store.

use std::{io, path::PathBuf};

use hrisov_model::Digest;

use crate::Key;

/// Why the store could not do what was asked. What a check finds is never an error: see
/// [`crate::ocfl::Finding`].
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The text names no object.
    #[error("{text:?} cannot name an object: {reason}")]
    InvalidKey {
        /// The text.
        text: String,
        /// Which rule it breaks.
        reason: &'static str,
    },
    /// The address of a store is not understood.
    #[error(
        "{url:?} is no address of a store: {reason}; expected a folder such as /srv/archive or file:///srv/archive, \
         or s3://bucket/prefix?endpoint=https://host:port&region=name"
    )]
    InvalidUrl {
        /// The address.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The folder or bucket of the store is not there.
    #[error("the store {place} is not there: mount or create it, or correct the address")]
    NoStore {
        /// Folder or bucket.
        place: String,
    },
    /// There is no object of that name.
    #[error("no object {key} in the store")]
    NotFound {
        /// Its name.
        key: Key,
    },
    /// The bytes given or read are not those that were announced.
    #[error("bytes of {key} have SHA-256 {found}, expected {expected}: nothing was stored")]
    DigestMismatch {
        /// The object.
        key: Key,
        /// What was announced.
        expected: Digest,
        /// What the bytes have.
        found: Digest,
    },
    /// Other bytes are stored under that name, and stored bytes are never replaced.
    #[error("{key} is already there with other bytes: it has SHA-256 {found}, {expected} was to be stored")]
    Conflict {
        /// The object.
        key: Key,
        /// What was to be stored.
        expected: Digest,
        /// What is stored.
        found: Digest,
    },
    /// An object is larger than the reader allows.
    #[error("{key} has more than the {max_bytes} bytes that are read at once")]
    TooLarge {
        /// The object.
        key: Key,
        /// The reader's limit.
        max_bytes: u64,
    },
    /// The object ends before the range asked for begins.
    #[error("{key} has no byte {start}")]
    OutOfRange {
        /// The object.
        key: Key,
        /// First byte asked for, from 0.
        start: u64,
    },
    /// The disk, or the user's share of it, is full.
    #[error("no space left to write {place}: free some or give the archive a larger disk, then repeat")]
    NoSpace {
        /// What was being written.
        place: String,
        /// What the system said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file system refused.
    #[error("cannot {action} {path}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No answer from the object store.
    #[error(
        "the object store at {endpoint} cannot be reached: check that it runs, that address and port are right, \
         and that no firewall stands between"
    )]
    Unreachable {
        /// Its address, or the provider's default for the region.
        endpoint: String,
        /// What the connection said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The object store does not let us.
    #[error(
        "the object store at {endpoint} refused to {action} {place}: check the access key \
         (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or AWS_PROFILE), its rights on the bucket, and this machine's clock"
    )]
    Denied {
        /// Its address.
        endpoint: String,
        /// What was tried.
        action: &'static str,
        /// On what.
        place: String,
        /// What the store said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The object store answered with an error.
    #[error("the object store at {endpoint} failed to {action} {place}")]
    Remote {
        /// Its address.
        endpoint: String,
        /// What was tried.
        action: &'static str,
        /// On what.
        place: String,
        /// What the store said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A test asked for this failure.
    #[error("injected failure at call {call}")]
    Injected {
        /// Which call, from 0.
        call: u64,
    },
    /// The storage root is of a kind that this program does not know.
    #[error("{place} is no OCFL 1.1 storage root that this program can use: {reason}")]
    UnsupportedRoot {
        /// Where it lies.
        place: Key,
        /// What was found, and what to do.
        reason: String,
    },
    /// A plan does not follow from what is stored.
    #[error("version {version} of {object_id} cannot be written: {reason}")]
    PlanRefused {
        /// The object.
        object_id: String,
        /// The version planned.
        version: u32,
        /// Why.
        reason: String,
    },
    /// An inventory cannot be read.
    #[error("the inventory {key} is not valid: {reason}")]
    InvalidInventory {
        /// Where it lies.
        key: Key,
        /// What is wrong.
        reason: String,
    },
}

impl StoreError {
    /// An error of the file system, a full disk told apart from all others.
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        let path = path.into();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace {
                place: path.display().to_string(),
                source: Box::new(source),
            },
            _ => Self::Io { action, path, source },
        }
    }

    /// Whether the same call may succeed later without anybody changing anything.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. } | Self::Remote { .. } | Self::Injected { .. } | Self::NoSpace { .. }
        )
    }
}
