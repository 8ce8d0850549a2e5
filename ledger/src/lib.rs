//! The tamper-evident log: a tree of hashes that anyone can check without this program.
//!
//! The log is public to auditors and can never be changed, so nothing in it may tell who or what a
//! document is about: a [`Leaf`] names a random identifier and a [`Commitment`] blinded by 32 random
//! bytes. Destroying file and random bytes at a lawful disposal leaves the log whole and silent.
//!
//! The formats are public: RFC 6962 section 2.1 for the tree, and from C2SP `tlog-tiles`,
//! `tlog-checkpoint`, `signed-note`, `tlog-proof`, `tlog-cosignature` and `tlog-witness`; each function
//! names its section. [`Log`] writes, [`Reader`] reads and proves, everything else needs no archive.

mod check;
mod checkpoint;
mod commitment;
mod consistency;
mod cosignature;
mod der;
mod edge;
mod error;
mod flaws;
mod key;
mod last_signed;
mod leaf;
mod log;
mod note;
mod pending;
mod places;
pub mod printed;
mod proof;
mod reader;
pub mod tile;
mod timestamp;
pub mod tree;
mod witness;

pub use check::{Checked, Finding, check};
pub use checkpoint::{Checkpoint, SignedCheckpoint, Signers};
pub use commitment::{Commitment, ParseCommitmentError};
pub use consistency::{Extension, compare};
pub use error::{FormatError, KeyError, LedgerError, ProofError, TrustError};
pub use flaws::{Flaw, flaws};
pub use key::{KeyKind, SigningKey, VerifierKey};
pub use last_signed::last_signed;
pub use leaf::{LEAF_VERSION, Leaf, LeafError, LeafKind, LeafObject, MAX_LEAF_BYTES};
pub use log::{Appended, Log};
pub use note::{MAX_NOTE_BYTES, Note, Signature, Signer};
pub use proof::{MAX_PROOF_BYTES, Proof, Verdict};
pub use reader::Reader;
/// A certificate of a time-stamping authority.
pub use rustls_pki_types::CertificateDer as Certificate;
pub use timestamp::{MAX_ANSWER_BYTES, Stamp, TimestampError, TimestampRequest, check_timestamp, read_roots};
pub use tree::ProofFault;
pub use witness::{MAX_REQUEST_BYTES, Witness, WitnessAnswer, WitnessRequest, decide};
