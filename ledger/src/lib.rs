//! The tamper-evident log: for now the types of what is logged.
//!
//! The log is public to auditors and can never be changed, so nothing in it may tell who or what a
//! document is about: a [`Leaf`] names a random identifier and a [`Commitment`] blinded by 32 random
//! bytes. Destroying file and random bytes at a lawful disposal leaves the log whole and silent.

mod commitment;
mod leaf;

pub use commitment::{Commitment, ParseCommitmentError};
pub use leaf::{LEAF_VERSION, Leaf, LeafError, LeafKind, MAX_LEAF_BYTES};
