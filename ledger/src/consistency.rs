//! Whether today's log extends the one that an auditor saw earlier.

use std::fmt;

use hrisov_model::Digest;
use hrisov_store::{Key, StoreError};

use crate::{
    Checkpoint, FormatError, LedgerError, Reader,
    tile::{TILE_WIDTH, TileKind, TilePath},
    tree::check_consistency,
};

/// What the comparison with an earlier checkpoint found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Extension {
    /// The same leaves in the same order, and none since.
    Same,
    /// All leaves of then are there, unchanged and in their order, and `added` more after them.
    Extends {
        /// Leaves since.
        added: u64,
        /// RFC 6962 section 2.1.2: the proof, for other programs.
        proof: Vec<Digest>,
    },
    /// The earlier checkpoint is of another log.
    OtherLog {
        /// The origin that the earlier checkpoint names.
        earlier: String,
        /// This log's origin.
        today: String,
    },
    /// The log is shorter than it was: an older copy was put in its place.
    RolledBack {
        /// Leaves then.
        earlier: u64,
        /// Leaves today.
        today: u64,
    },
    /// The leaves of then are not the first leaves of today: history was written anew. Both checkpoints
    /// together, with their signatures, convict the log's operator.
    Fork {
        /// Leaves compared.
        size: u64,
        /// Their root then.
        earlier: Digest,
        /// Their root today.
        today: Digest,
    },
    /// The checkpoint counts leaves that are no longer stored.
    Truncated {
        /// A tile or bundle that is missing.
        missing: Key,
    },
    /// An object of the log cannot be read.
    Damaged {
        /// Which.
        key: Key,
        /// What is wrong with it.
        fault: FormatError,
    },
    /// What is stored does not lead to the root of today's own checkpoint: tiles were changed.
    RootDiffers {
        /// The root of today's checkpoint.
        signed: Digest,
        /// The root that the tiles give.
        stored: Digest,
    },
}

impl Extension {
    /// Whether nothing that was there is missing or changed.
    #[must_use]
    pub const fn holds(&self) -> bool {
        matches!(self, Self::Same | Self::Extends { .. })
    }
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same => write!(f, "the same log, and nothing was added since"),
            Self::Extends { added, .. } => write!(f, "the same log, with {added} leaves added since"),
            Self::OtherLog { earlier, today } => {
                write!(
                    f,
                    "the earlier checkpoint is of the log {earlier}, this is {today}"
                )
            }
            Self::RolledBack { earlier, today } => write!(
                f,
                "the log had {earlier} leaves and has {today}: an older copy was put in its place"
            ),
            Self::Fork { size, earlier, today } => write!(
                f,
                "the first {size} leaves are not those of then (root {earlier}, now {today}): history was written anew"
            ),
            Self::Truncated { missing } => {
                write!(
                    f,
                    "{missing} is missing: leaves that were signed are no longer there"
                )
            }
            Self::Damaged { key, fault } => write!(f, "{key} is damaged: {fault}"),
            Self::RootDiffers { signed, stored } => write!(
                f,
                "the stored tiles give the root {stored}, but {signed} was signed: they were changed"
            ),
        }
    }
}

/// RFC 6962 section 2.1.2: whether the log extends the earlier checkpoint, which may come from a file or from
/// paper. Who signed the two is for their own `verify`.
///
/// # Errors
/// Only where the store could not be asked.
pub async fn compare(reader: &Reader, earlier: &Checkpoint) -> Result<Extension, LedgerError> {
    let today = reader.head().checkpoint();
    if earlier.origin != today.origin {
        return Ok(Extension::OtherLog {
            earlier: earlier.origin.clone(),
            today: today.origin.clone(),
        });
    }
    if earlier.size > today.size {
        return Ok(Extension::RolledBack {
            earlier: earlier.size,
            today: today.size,
        });
    }
    match compare_trees(reader, earlier).await {
        Err(LedgerError::Store(StoreError::NotFound { key })) => Ok(Extension::Truncated { missing: key }),
        Err(LedgerError::Damaged { key, source: fault }) => Ok(Extension::Damaged { key, fault }),
        Err(LedgerError::RootDiffers { expected, found, .. }) => Ok(Extension::RootDiffers {
            signed: expected,
            stored: found,
        }),
        found => found,
    }
}

async fn compare_trees(reader: &Reader, earlier: &Checkpoint) -> Result<Extension, LedgerError> {
    let today = reader.head().checkpoint();
    let stored = reader.root_at(today.size).await?;
    if stored != today.root {
        return Ok(Extension::RootDiffers {
            signed: today.root,
            stored,
        });
    }
    let then = reader.root_at(earlier.size).await?;
    if then != earlier.root {
        return Ok(Extension::Fork {
            size: earlier.size,
            earlier: earlier.root,
            today: then,
        });
    }
    // The tiles speak of hashes alone: the leaves at both ends must still be there.
    for size in [earlier.size, today.size] {
        let last = size.saturating_sub(1) / TILE_WIDTH;
        if let Some(path) = TilePath::in_tree(TileKind::Entries, last, today.size) {
            reader.bundle(path).await?;
        }
    }
    if earlier.size == today.size {
        return Ok(Extension::Same);
    }
    let proof = reader.consistency(earlier.size).await?;
    check_consistency((earlier.size, &earlier.root), (today.size, &today.root), &proof)
        .expect("the reader gives only proofs that it checked for these roots");
    Ok(Extension::Extends {
        added: today.size - earlier.size,
        proof,
    })
}
