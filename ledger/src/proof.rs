//! tlog-proof: a text that shows, without network, that an entry is in a log.

use std::{fmt, fmt::Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hrisov_model::Digest;

use crate::{
    FormatError, ProofError, SignedCheckpoint, Signers, TrustError, VerifierKey,
    checkpoint::{parse_decimal, parse_hash},
    note::MAX_NOTE_BYTES,
    tree::{ProofFault, check_inclusion, leaf_hash},
};

/// tlog-proof, section Format: the first line.
const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// A path has a hash for each level at most; with the checkpoint and a little extra data.
pub const MAX_PROOF_BYTES: usize = MAX_NOTE_BYTES + (1 << 16);
/// RFC 6962 section 2.1.1: a tree of 2^63 leaves has so many levels below its root.
const MAX_PATH: usize = 63;

/// That the entry at an index is under a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Bytes without meaning to the proof; not signed by anyone.
    pub extra: Option<Vec<u8>>,
    index: u64,
    path: Vec<Digest>,
    checkpoint: SignedCheckpoint,
}

/// What a proof shows, given the keys that the asker trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The entry is in the log of a trusted key.
    Proven(Signers),
    /// Entry, path, root and signature fit together, but nobody vouches for the key: anyone could have made
    /// all of it. This is no success.
    SignerUnknown {
        /// The log that the checkpoint names.
        origin: String,
        /// The key that did sign, to be compared with one published elsewhere.
        key: VerifierKey,
    },
}

impl Proof {
    pub(crate) const fn new(index: u64, path: Vec<Digest>, checkpoint: SignedCheckpoint) -> Self {
        Self {
            extra: None,
            index,
            path,
            checkpoint,
        }
    }

    /// tlog-proof, section Format, to the byte.
    ///
    /// # Errors
    /// Where it differs from that, or is beyond [`MAX_PROOF_BYTES`].
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let fault = |place: &str, reason| FormatError::new("proof", place, reason);
        if bytes.len() > MAX_PROOF_BYTES {
            return Err(fault("the whole", "longer than 320 KiB"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| fault("the whole", "not UTF-8"))?;
        let (head, checkpoint) = text
            .split_once("\n\n")
            .ok_or_else(|| fault("the whole", "no empty line before the checkpoint"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(fault("line 1", "expected c2sp.org/tlog-proof@v1"));
        }
        let extra = lines.next_if(|line| line.starts_with("extra ")).map(|line| {
            let decoded = STANDARD.decode(&line["extra ".len()..]);
            decoded.map_err(|_| fault("line 2, the extra data", "not base64"))
        });
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index = index
            .and_then(parse_decimal)
            .ok_or_else(|| fault("the index line", "expected index and a decimal number"))?;
        let path: Option<Vec<_>> = lines.map(parse_hash).collect();
        let path = path.ok_or_else(|| fault("the path", "a line is not the base64 of 32 bytes"))?;
        if path.len() > MAX_PATH {
            return Err(fault("the path", "more than 63 hashes"));
        }
        Ok(Self {
            extra: extra.transpose()?,
            index,
            path,
            checkpoint: SignedCheckpoint::parse(checkpoint.as_bytes())?,
        })
    }

    /// Place of the entry in the log, from 0.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// The hashes from the leaf's sibling to the root's child.
    #[must_use]
    pub fn path(&self) -> &[Digest] {
        &self.path
    }

    /// The checkpoint that it leads to, signatures and all.
    #[must_use]
    pub const fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// RFC 6962 section 2.1.1: whether the entry with these bytes is under the checkpoint, whoever signed it.
    ///
    /// # Errors
    /// [`ProofFault`].
    pub fn check_entry(&self, entry: &[u8]) -> Result<(), ProofFault> {
        let head = self.checkpoint.checkpoint();
        check_inclusion(&leaf_hash(entry), self.index, head.size, &self.path, &head.root)
    }

    /// Whether the entry is in the log of one of the `trusted` keys (of logs and witnesses). The `enclosed`
    /// keys came with the proof: they show only that it is whole.
    ///
    /// # Errors
    /// [`ProofError::Fault`] for another entry; [`ProofError::Trust`] where a signature is wrong, or no key
    /// at all belongs to one.
    pub fn verify(
        &self,
        entry: &[u8],
        trusted: &[VerifierKey],
        enclosed: &[VerifierKey],
    ) -> Result<Verdict, ProofError> {
        self.check_entry(entry)?;
        match self.checkpoint.verify(trusted) {
            Ok(signers) => Ok(Verdict::Proven(signers)),
            Err(TrustError::UnknownSigner { .. }) => {
                let signers = self.checkpoint.verify(enclosed)?;
                Ok(Verdict::SignerUnknown {
                    origin: self.checkpoint.checkpoint().origin.clone(),
                    key: signers
                        .log
                        .into_iter()
                        .next()
                        .expect("verify gives at least one key of the log"),
                })
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.path {
            writeln!(f, "{}", STANDARD.encode(hash.as_bytes()))?;
        }
        f.write_char('\n')?;
        self.checkpoint.fmt(f)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Proven(signers) => {
                let names: Vec<_> = signers.log.iter().map(VerifierKey::fingerprint).collect();
                write!(f, "proven, signed by {}", names[0])
            }
            Self::SignerUnknown { key, .. } => write!(f, "consistent, signer unknown: {}", key.fingerprint()),
        }
    }
}
