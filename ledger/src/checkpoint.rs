//! Checkpoints: the size and root of a log, signed.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hrisov_model::Digest;

use crate::{FormatError, KeyKind, Note, Signer, SigningKey, TrustError, VerifierKey, key::check_name};

/// What a log commits to: this many leaves, under this root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// tlog-checkpoint, section Note text: the name of the log, the same for ever.
    pub origin: String,
    /// Leaves.
    pub size: u64,
    /// RFC 6962 section 2.1: the root over them.
    pub root: Digest,
    /// Lines after the root. This program writes none and gives them no meaning.
    pub extensions: Vec<String>,
}

/// A checkpoint with signatures, as it was read: believed only after [`SignedCheckpoint::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

/// Whose signatures under a checkpoint were checked and are right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signers {
    /// Keys of the log itself: at least one.
    pub log: Vec<VerifierKey>,
    /// Witnesses, each with its time; may be empty.
    pub witnesses: Vec<Signer>,
}

impl Checkpoint {
    /// A checkpoint without extension lines.
    #[must_use]
    pub const fn new(origin: String, size: u64, root: Digest) -> Self {
        Self {
            origin,
            size,
            root,
            extensions: Vec::new(),
        }
    }
}

/// tlog-checkpoint, section Note text: origin, size, root, extensions, each line with its newline.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = STANDARD.encode(self.root.as_bytes());
        writeln!(f, "{}\n{}\n{root}", self.origin, self.size)?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// tlog-checkpoint, section Note text, to the byte.
impl FromStr for Checkpoint {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let fault = |place: &str, reason| FormatError::new("checkpoint", place, reason);
        let text = text
            .strip_suffix('\n')
            .ok_or_else(|| fault("its end", "it does not end in a newline"))?;
        let mut lines = text.split('\n');
        let mut line = |place| lines.next().ok_or_else(|| fault(place, "it is missing"));
        let origin = line("line 1, the origin")?.to_owned();
        if origin.is_empty() {
            return Err(fault("line 1, the origin", "it is empty"));
        }
        let size = parse_decimal(line("line 2, the size")?)
            .ok_or_else(|| fault("line 2, the size", "not a decimal number without leading zeros"))?;
        let root = parse_hash(line("line 3, the root")?)
            .ok_or_else(|| fault("line 3, the root", "not the base64 of 32 bytes"))?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(fault("an extension line", "it is empty"));
        }
        Ok(Self {
            origin,
            size,
            root,
            extensions,
        })
    }
}

impl SignedCheckpoint {
    /// Signs a checkpoint. tlog-checkpoint, section Signatures: only the log's writer may, once it knows that
    /// the tree extends every tree that was signed before.
    ///
    /// # Errors
    /// Where the origin cannot be the name of a log.
    pub fn sign(checkpoint: Checkpoint, key: &SigningKey) -> Result<Self, FormatError> {
        check_name("checkpoint", &checkpoint.origin)?;
        let mut note = Note::new(checkpoint.to_string())?;
        note.sign(key);
        Ok(Self { checkpoint, note })
    }

    /// Reads a checkpoint, to the byte.
    ///
    /// # Errors
    /// Where it is no signed note, or its text no checkpoint.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let note = Note::parse(bytes)?;
        Ok(Self {
            checkpoint: note.text().parse()?,
            note,
        })
    }

    /// What it says; not to be believed before [`SignedCheckpoint::verify`].
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note that it is.
    #[must_use]
    pub const fn note(&self) -> &Note {
        &self.note
    }

    pub(crate) const fn note_mut(&mut self) -> &mut Note {
        &mut self.note
    }

    /// Who signed it, of these keys of logs and witnesses. A log's key bears its origin as its name.
    ///
    /// # Errors
    /// [`TrustError::UnknownSigner`] without a signature by a log's key; [`TrustError::OtherLog`] where all
    /// such keys are those of another log; [`TrustError::WrongSignature`].
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<Signers, TrustError> {
        let (log, witnesses): (Vec<_>, Vec<_>) = self
            .note
            .verify(keys)?
            .into_iter()
            .partition(|signer| signer.key.kind() == KeyKind::Log);
        let mut log: Vec<VerifierKey> = log.into_iter().map(|signer| signer.key).collect();
        let Some(first) = log.first().map(|key| key.name().to_owned()) else {
            return Err(TrustError::UnknownSigner {
                signatures: self.note.signature_count(),
            });
        };
        log.retain(|key| key.name() == self.checkpoint.origin);
        match log.is_empty() {
            false => Ok(Signers { log, witnesses }),
            true => Err(TrustError::OtherLog {
                expected: first,
                found: self.checkpoint.origin.clone(),
            }),
        }
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

/// A number as all these formats write it: ASCII digits, no leading zero, below 2^63 as other programs'
/// signed numbers need it.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number <= i64::MAX as u64 && number.to_string() == text).then_some(number)
}

/// A hash as all these formats write it: base64 of 32 bytes.
pub(crate) fn parse_hash(text: &str) -> Option<Digest> {
    let bytes: [u8; 32] = STANDARD.decode(text).ok()?.try_into().ok()?;
    Some(Digest::from(bytes))
}
