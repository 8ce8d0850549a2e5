//! One entry of the log and its canonical bytes.

use std::fmt;

use hrisov_model::{BatchId, BoxRecordId, DossierId, Event, EventKind, FixityRecordId, ReviewId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Commitment;

/// The version of the leaf format that is written and read.
pub const LEAF_VERSION: u32 = 1;

/// No leaf is longer; entry bundles (tlog-tiles) count an entry's bytes in 16 bits anyway.
pub const MAX_LEAF_BYTES: usize = 1024;

/// That something happened to an object at a time, without saying to whom it belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    /// What happened.
    pub kind: LeafKind,
    /// The object it happened to.
    pub object: LeafObject,
    /// What it happened to, blinded.
    pub commitment: Commitment,
    /// When it happened (UTC).
    pub time: Timestamp,
}

/// What a leaf is about: the random identifier of a dossier, of the load of a box, or of the record that closes a box,
/// tells of verifications, or settles doubts about pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LeafObject(Uuid);

/// What happened, in PREMIS terms where there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeafKind {
    /// A master became part of the archive.
    Ingestion,
    /// A master is kept but cannot be shown.
    Quarantine,
    /// A new text version.
    Transcription,
    /// New bytes took the place of older ones, which stay.
    Replacement,
    /// The description changed.
    MetadataModification,
    /// An object was lawfully destroyed with its salts.
    Erasure,
    /// A master that was in the archive before it had a log: the leaf says nothing of the time before it.
    Adoption,
    /// Stored bytes were hashed again and compared; the commitment is to the record of how that ended.
    FixityCheck,
    /// Stored bytes were damaged or gone and were put back from another copy.
    Recovery,
    /// A box was loaded and accounted for, or closed for good, or doubts about pages were settled by name; the commitment
    /// is to the record of it.
    Closing,
    /// Somebody looked at restricted data; who it was stays in the archive's own records.
    Access,
}

impl From<DossierId> for LeafObject {
    fn from(id: DossierId) -> Self {
        Self(id.uuid())
    }
}

impl From<BatchId> for LeafObject {
    fn from(id: BatchId) -> Self {
        Self(id.uuid())
    }
}

impl From<BoxRecordId> for LeafObject {
    fn from(id: BoxRecordId) -> Self {
        Self(id.uuid())
    }
}

impl From<FixityRecordId> for LeafObject {
    fn from(id: FixityRecordId) -> Self {
        Self(id.uuid())
    }
}

impl From<ReviewId> for LeafObject {
    fn from(id: ReviewId) -> Self {
        Self(id.uuid())
    }
}

impl LeafObject {
    /// The identifier itself.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for LeafObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// Why bytes are not a leaf.
#[derive(Debug, thiserror::Error)]
pub enum LeafError {
    /// Longer than [`MAX_LEAF_BYTES`].
    #[error("a leaf of {size_bytes} bytes; none is longer than {MAX_LEAF_BYTES}")]
    TooLong {
        /// Its size.
        size_bytes: usize,
    },
    /// Not the JSON of a leaf.
    #[error("not the JSON of a ledger leaf")]
    Json(#[source] serde_json::Error),
    /// Written by another version of the program.
    #[error("a leaf of version {found}; this program reads version {LEAF_VERSION}")]
    Version {
        /// The version it gives.
        found: u32,
    },
    /// The same values in other bytes: their hash would be another one.
    #[error("a leaf that is not in canonical form")]
    NotCanonical,
}

/// A leaf as JSON. RFC 8785: members sorted by name, no white space; all values are ASCII strings and a
/// small number, so nothing else of that document applies. `serde_json` writes members in this order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    commitment: Commitment,
    kind: LeafKind,
    object: LeafObject,
    time: Timestamp,
    version: u32,
}

impl Leaf {
    /// The leaf of an event in a dossier's history. An event that is about no bytes is committed to by its detail.
    #[must_use]
    pub fn of_event(dossier: DossierId, event: &Event) -> Self {
        Self {
            kind: event.kind.into(),
            object: dossier.into(),
            commitment: Commitment::of_event(event),
            time: event.at,
        }
    }

    /// The leaf of a master that was in the archive when its log began, `at` that time. `event` is its deposit.
    #[must_use]
    pub fn of_adoption(dossier: DossierId, event: &Event, at: Timestamp) -> Self {
        Self {
            kind: LeafKind::Adoption,
            time: at,
            ..Self::of_event(dossier, event)
        }
    }

    /// The leaf of the closing of a load or of a box: the commitment is to its account or record.
    #[must_use]
    pub fn of_closing(closed: impl Into<LeafObject>, commitment: Commitment, at: Timestamp) -> Self {
        Self {
            kind: LeafKind::Closing,
            object: closed.into(),
            commitment,
            time: at,
        }
    }

    /// The leaf of a record of verifications: the commitment is to it.
    #[must_use]
    pub fn of_fixity_check(record: FixityRecordId, commitment: Commitment, at: Timestamp) -> Self {
        Self {
            kind: LeafKind::FixityCheck,
            ..Self::of_closing(record, commitment, at)
        }
    }

    /// The canonical JSON bytes, which are hashed into the log.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let wire = Wire {
            commitment: self.commitment,
            kind: self.kind,
            object: self.object,
            time: self.time,
            version: LEAF_VERSION,
        };
        serde_json::to_vec(&wire).expect("strings and a number always become JSON")
    }

    /// The leaf with these bytes.
    ///
    /// # Errors
    /// Where [`Leaf::to_bytes`] of no leaf gives exactly these bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LeafError> {
        if bytes.len() > MAX_LEAF_BYTES {
            return Err(LeafError::TooLong {
                size_bytes: bytes.len(),
            });
        }
        let wire: Wire = serde_json::from_slice(bytes).map_err(LeafError::Json)?;
        if wire.version != LEAF_VERSION {
            return Err(LeafError::Version { found: wire.version });
        }
        let leaf = Self {
            kind: wire.kind,
            object: wire.object,
            commitment: wire.commitment,
            time: wire.time,
        };
        match leaf.to_bytes() == bytes {
            true => Ok(leaf),
            false => Err(LeafError::NotCanonical),
        }
    }
}

impl From<EventKind> for LeafKind {
    fn from(kind: EventKind) -> Self {
        match kind {
            EventKind::Ingestion => Self::Ingestion,
            EventKind::Quarantine => Self::Quarantine,
            EventKind::Transcription => Self::Transcription,
            EventKind::Replacement => Self::Replacement,
            EventKind::MetadataModification => Self::MetadataModification,
            EventKind::Recovery => Self::Recovery,
        }
    }
}

#[cfg(test)]
mod tests {
    use hrisov_model::{Digest, Salt};
    use proptest::prelude::*;

    use super::*;

    const CANONICAL: &str = concat!(
        r#"{"commitment":"1c9ecec90e28d2461650418635878a5c91e49f47586ecf75f2b0cbb94e897112","#,
        r#""kind":"metadata_modification","object":"0190f3a0-7c4e-4f0a-9a54-3a1d6f0c2b11","#,
        r#""time":"2024-03-05T10:20:30.5Z","version":1}"#,
    );

    fn leaf() -> Leaf {
        Leaf {
            kind: LeafKind::MetadataModification,
            object: "0190f3a0-7c4e-4f0a-9a54-3a1d6f0c2b11"
                .parse::<DossierId>()
                .unwrap()
                .into(),
            commitment: Commitment::new(&Salt::new([0; 32]), &Digest::of(b"")),
            time: "2024-03-05T10:20:30.5Z".parse().unwrap(),
        }
    }

    /// The commitment is `(head -c 32 /dev/zero; openssl dgst -sha256 -binary /dev/null) | openssl dgst -sha256`.
    #[test]
    fn bytes_stay_the_same_for_ever() {
        assert_eq!(String::from_utf8(leaf().to_bytes()).unwrap(), CANONICAL);
        assert_eq!(Leaf::from_bytes(CANONICAL.as_bytes()).unwrap(), leaf());
    }

    #[test]
    fn members_are_sorted_by_name() {
        let value: serde_json::Value = serde_json::from_str(CANONICAL).unwrap();
        let sorted: std::collections::BTreeMap<_, _> =
            value.as_object().unwrap().clone().into_iter().collect();
        assert_eq!(serde_json::to_string(&sorted).unwrap(), CANONICAL);
    }

    #[test]
    fn other_bytes_are_refused() {
        for (from, to, expected) in [
            (",", ", ", "not in canonical form"),
            ("30.5Z", "30.50Z", "not in canonical form"),
            ("\"version\":1", "\"version\":2", "version 2"),
            ("metadata_modification", "gossip", "not the JSON"),
            ("\"version\":1", "\"version\":1,\"name\":\"x\"", "not the JSON"),
            (
                "{",
                &format!("{}{{", " ".repeat(MAX_LEAF_BYTES)),
                "none is longer",
            ),
        ] {
            assert!(CANONICAL.contains(from), "{from}");
            let error = Leaf::from_bytes(CANONICAL.replacen(from, to, 1).as_bytes()).unwrap_err();
            assert!(error.to_string().contains(expected), "{to}: {error}");
        }
    }

    proptest! {
        #[test]
        fn every_leaf_is_read_back(
            kind in prop::sample::select(vec![
                LeafKind::Ingestion, LeafKind::Quarantine, LeafKind::Transcription,
                LeafKind::Replacement, LeafKind::MetadataModification, LeafKind::Erasure,
                LeafKind::Adoption, LeafKind::FixityCheck, LeafKind::Closing, LeafKind::Access,
                LeafKind::Recovery,
            ]),
            object in any::<u128>(),
            salt in any::<[u8; 32]>(),
            second in Timestamp::MIN.as_second()..Timestamp::MAX.as_second(),
            nanosecond in 0..1_000_000_000,
        ) {
            let leaf = Leaf {
                kind,
                object: DossierId::from(Uuid::from_u128(object)).into(),
                commitment: Commitment::new(&Salt::new(salt), &Digest::of(b"scan")),
                time: Timestamp::new(second, nanosecond).unwrap(),
            };
            let bytes = leaf.to_bytes();
            prop_assert!(bytes.len() <= MAX_LEAF_BYTES);
            prop_assert_eq!(Leaf::from_bytes(&bytes).unwrap(), leaf);
        }
    }
}
