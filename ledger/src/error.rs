//! What can go wrong with the log.

use std::io;

use hrisov_model::Digest;
use hrisov_store::{Key, StoreError};

use crate::{LeafError, ProofFault};

/// Why bytes or a text are not what they should be. Nothing was changed by finding out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {what}: {place}: {reason}")]
pub struct FormatError {
    /// What it should be: `signed note`, `checkpoint`, `tile`, ...
    pub what: &'static str,
    /// Which part of it: `line 2`, `entry 7`.
    pub place: String,
    /// What is wrong with that part.
    pub reason: &'static str,
}

impl FormatError {
    pub(crate) fn new(what: &'static str, place: impl Into<String>, reason: &'static str) -> Self {
        Self {
            what,
            place: place.into(),
            reason,
        }
    }
}

/// Why a signed text is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// No signature is by a key that the caller trusts.
    #[error("none of the {signatures} signatures is by a trusted key")]
    UnknownSigner {
        /// Signatures on the note.
        signatures: usize,
    },
    /// A signature bears a trusted key's name and identifier, but was not made by it over this text.
    #[error("the signature of {name} (key {id}) is wrong: the text or the signature was changed")]
    WrongSignature {
        /// The key's name.
        name: String,
        /// The key's identifier, eight hexadecimal digits.
        id: String,
    },
    /// Signed, but for another log.
    #[error("it is of the log {found}, not of {expected}")]
    OtherLog {
        /// The origin asked for.
        expected: String,
        /// The origin that the checkpoint names.
        found: String,
    },
}

/// Why a proof does not show that an entry is in a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Not the text of a proof.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// Its checkpoint is not to be believed.
    #[error("its checkpoint cannot be trusted: {0}")]
    Trust(#[from] TrustError),
    /// Its hashes do not lead from the entry to the checkpoint's root: the entry, the index, a hash or the root
    /// was changed, or it is the proof of another entry.
    #[error("the entry is not at this place of the log: {0}")]
    Fault(#[from] ProofFault),
}

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file system refused.
    #[error("cannot {action} the signing key {path}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The key file.
        path: std::path::PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no key file.
    #[error(
        "no signing key at {path}: the log can still be read and checked; restore the key from its copy, or \
         make a new one with `hrisov audit new-key`"
    )]
    Missing {
        /// Where it was looked for.
        path: std::path::PathBuf,
    },
    /// A key file is there already; keys are never overwritten.
    #[error("a signing key is already at {path}: move it away first if it is to be replaced")]
    Exists {
        /// Where.
        path: std::path::PathBuf,
    },
    /// Others than the owner can read it.
    #[error("the signing key {path} can be read by others (mode {mode:o}): run chmod 600 on it")]
    Exposed {
        /// Where.
        path: std::path::PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Not the text of a key.
    #[error("the signing key cannot be read")]
    Format(#[from] FormatError),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes for a new key")]
    NoRandom,
}

/// Why the log cannot be read, proven or extended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An object of the log is not what it should be.
    #[error("{key} of the log is damaged: `hrisov repair --from` puts it right from a second store")]
    Damaged {
        /// Which.
        key: Key,
        /// What is wrong.
        source: FormatError,
    },
    /// A text handed in is not what it should be.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// A signature handed in, or the stored checkpoint's, is not to be believed.
    #[error("the checkpoint cannot be trusted: {0}")]
    Trust(#[from] TrustError),
    /// The store holds no log.
    #[error("there is no log at {key}: make one, or check that this is the right store")]
    NoLog {
        /// Where its checkpoint should be.
        key: Key,
    },
    /// There are tiles but no checkpoint: making a new log would be a fork.
    #[error(
        "the log has lost its checkpoint {key}, while {found} is there: restore it from a copy of the store"
    )]
    LostCheckpoint {
        /// Where the checkpoint should be.
        key: Key,
        /// An object that shows that there was a log.
        found: Key,
    },
    /// What is stored does not add up to the root that was signed.
    #[error(
        "the log's stored hashes give the root {found} at size {size}, but {expected} was signed: run verify"
    )]
    RootDiffers {
        /// Leaves under the root.
        size: u64,
        /// The root signed.
        expected: Digest,
        /// The root that the stored tiles give.
        found: Digest,
    },
    /// Another writer is at work.
    #[error("the log moved from {expected} to {found} leaves under this writer: another one is at work")]
    Moved {
        /// Leaves that this writer knew.
        expected: u64,
        /// Leaves that the store's checkpoint counts now.
        found: u64,
    },
    /// The store is older than what was signed: going on would fork the log.
    #[error(
        "the store's log has {stored} leaves, but {signed} were already signed: an older copy was restored; \
         restore the newest one, nothing was signed"
    )]
    RolledBack {
        /// Leaves in the store.
        stored: u64,
        /// Leaves under the last signature.
        signed: u64,
    },
    /// The store's history is another one than was signed.
    #[error(
        "the log's first {size} leaves are not those that were signed ({signed}, now {stored}): nothing was signed"
    )]
    Forked {
        /// Leaves compared.
        size: u64,
        /// The root signed.
        signed: Digest,
        /// The root that the store gives.
        stored: Digest,
    },
    /// There is no such leaf under this checkpoint.
    #[error("leaf {index} is not in the log, which has {size}")]
    NoLeaf {
        /// Asked for.
        index: u64,
        /// Leaves in the log.
        size: u64,
    },
    /// The caller says that it recorded more leaves than there are.
    #[error(
        "{recorded} leaves are recorded in the catalog, but the log has {size}: catalog and log do not belong together"
    )]
    AheadOfLog {
        /// Leaves recorded by the caller.
        recorded: u64,
        /// Leaves in the log.
        size: u64,
    },
    /// An entry is not a leaf.
    #[error("entry {index} of the log is no leaf")]
    Leaf {
        /// Its index.
        index: u64,
        /// What is wrong.
        source: LeafError,
    },
    /// An entry is longer than a bundle can say.
    #[error("an entry of {size_bytes} bytes; none is longer than 65535")]
    EntryTooLong {
        /// Its size.
        size_bytes: usize,
    },
}
