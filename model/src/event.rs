//! PREMIS events: every act on a dossier, with agent, time and outcome.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Digest, EventId, FileId, PageId};

/// One act on a dossier, in the terms of PREMIS 3 (semantic unit `event`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// `eventIdentifier`.
    pub id: EventId,
    /// `eventType`.
    pub kind: EventKind,
    /// `eventDateTime`, UTC.
    pub at: Timestamp,
    /// `linkingAgentIdentifier`.
    pub agent: Agent,
    /// `eventOutcome`.
    pub outcome: Outcome,
    /// `eventDetail`: the particulars in plain words, nothing of the document's content. May be empty.
    pub detail: String,
    /// The file it is about, if one.
    pub file: Option<FileId>,
    /// The page it is about, if one.
    pub page: Option<PageId>,
    /// SHA-256 of the bytes it is about, if any.
    pub digest: Option<Digest>,
    /// Random bytes that blind the ledger's commitment; they travel with the proof.
    pub salt: Salt,
}

/// `eventType`, from the PREMIS vocabulary (id.loc.gov/vocabulary/preservation/eventType).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// `ingestion`: a master became part of the archive.
    Ingestion,
    /// `quarantine`: a master is kept but cannot be shown.
    Quarantine,
    /// `transcription`: text was recognised (new text version of the dossier).
    Transcription,
    /// `replacement`: the source file changed; the new bytes are a new master, the old one stays.
    Replacement,
    /// `metadata modification`: the description changed.
    MetadataModification,
    /// `recovery`: stored bytes were damaged or gone and were put back, bit for bit, from another copy.
    Recovery,
}

/// `eventOutcome`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As intended.
    Success,
    /// In part; the detail says what is missing.
    Warning,
    /// Not.
    Failure,
}

/// Who or what acted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// A program with version (`hrisov 0.1.0`) or an account name.
    pub name: String,
}

/// 32 random bytes; written as 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Salt(Digest);

impl Salt {
    /// Wraps bytes that a cryptographic random source gave.
    #[must_use]
    pub fn new(random: [u8; 32]) -> Self {
        Self(random.into())
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl Event {
    /// What the ledger commits to: the digest of the bytes that the event is about; where it is about none, that of
    /// its detail as text.
    #[must_use]
    pub fn committed_digest(&self) -> Digest {
        self.digest.unwrap_or_else(|| Digest::of(self.detail.as_bytes()))
    }
}

impl EventKind {
    /// Every kind there is, in the order in which a dossier usually meets them.
    pub const ALL: [Self; 6] = [
        Self::Ingestion,
        Self::Quarantine,
        Self::Transcription,
        Self::Replacement,
        Self::MetadataModification,
        Self::Recovery,
    ];

    /// The kind that a term of the PREMIS vocabulary names; `None` for terms that are not used here.
    #[must_use]
    pub fn from_premis_term(term: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.premis_term() == term)
    }

    /// The term of the PREMIS vocabulary.
    #[must_use]
    pub const fn premis_term(self) -> &'static str {
        match self {
            Self::Ingestion => "ingestion",
            Self::Quarantine => "quarantine",
            Self::Transcription => "transcription",
            Self::Replacement => "replacement",
            Self::MetadataModification => "metadata modification",
            Self::Recovery => "recovery",
        }
    }
}
