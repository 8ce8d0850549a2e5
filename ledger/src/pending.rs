//! The batch that is being appended.
//!
//! It is durable before anything is signed, so that after a crash the same batch is finished: a log never
//! signs two roots for one size, and no tile is ever written with two contents.

use bytes::{Buf as _, Bytes};
use hrisov_model::Digest;

use crate::{
    FormatError, LedgerError,
    checkpoint::{parse_decimal, parse_hash},
    tile::{bundle_from_bytes, bundle_to_bytes},
};

/// First line of the object; the number counts its formats.
const HEADER: &str = "hrisov-ledger-pending 1";
/// The five lines before the entries are shorter than this.
const MAX_HEADER_BYTES: usize = 256;

/// Entries of one batch: enough that a million leaves need few checkpoints, few enough for memory.
pub(crate) const MAX_BATCH: usize = 4096;
/// Such a batch, had every entry its greatest size.
pub(crate) const MAX_PENDING_BYTES: u64 = MAX_HEADER_BYTES as u64 + MAX_BATCH as u64 * (2 + u16::MAX as u64);

/// Entries that go onto a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pending {
    /// Size of the tree that they go onto.
    pub(crate) from: u64,
    /// Root of that tree.
    pub(crate) root: Digest,
    /// At least one.
    pub(crate) entries: Vec<Bytes>,
}

impl Pending {
    /// Size of the tree with them.
    pub(crate) const fn end(&self) -> u64 {
        self.from + self.entries.len() as u64
    }

    /// Header, size, root, number of entries, SHA-256 of the entries, then the entries as in a bundle.
    pub(crate) fn to_bytes(&self) -> Result<Bytes, LedgerError> {
        let entries = bundle_to_bytes(&self.entries)?;
        let mut bytes = format!(
            "{HEADER}\n{}\n{}\n{}\n{}\n",
            self.from,
            base64_of(&self.root),
            self.entries.len(),
            base64_of(&Digest::of(&entries))
        )
        .into_bytes();
        bytes.extend_from_slice(&entries);
        Ok(bytes.into())
    }

    pub(crate) fn from_bytes(mut bytes: Bytes) -> Result<Self, FormatError> {
        let fault = |place: &str, reason| FormatError::new("pending batch", place, reason);
        let mut line = |place: &str| {
            let head = &bytes[..bytes.len().min(MAX_HEADER_BYTES)];
            let end = head.iter().position(|byte| *byte == b'\n');
            let end = end.ok_or_else(|| fault(place, "it is missing"))?;
            let text = String::from_utf8(head[..end].to_vec()).map_err(|_| fault(place, "not UTF-8"))?;
            bytes.advance(end + 1);
            Ok(text)
        };
        if line("its header")? != HEADER {
            return Err(fault("its header", "written by another version of the program"));
        }
        let from = parse_decimal(&line("its size")?).ok_or_else(|| fault("its size", "not a number"))?;
        let root = parse_hash(&line("its root")?).ok_or_else(|| fault("its root", "not a hash"))?;
        let count = parse_decimal(&line("its count")?)
            .filter(|count| (1..=MAX_BATCH as u64).contains(count))
            .ok_or_else(|| fault("its count", "not a number from 1 to 4096"))?;
        let digest = parse_hash(&line("its digest")?).ok_or_else(|| fault("its digest", "not a hash"))?;
        if Digest::of(&bytes) != digest {
            return Err(fault(
                "its entries",
                "they do not have the SHA-256 that is written before them",
            ));
        }
        Ok(Self {
            from,
            root,
            entries: bundle_from_bytes(bytes, count)?,
        })
    }
}

fn base64_of(digest: &Digest) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    STANDARD.encode(digest.as_bytes())
}
