//! Permanent identifiers: random UUIDs, told apart by type so that none stands in for another.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is no identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an identifier: expected a UUID such as 0190f3a0-7c4e-4f0a-9a54-3a1d6f0c2b11")]
pub struct ParseIdError {
    text: String,
}

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A fresh random identifier (UUID version 4).
            #[must_use]
            pub fn random() -> Self {
                Self(Uuid::new_v4())
            }

            /// The identifier of the part of `whole` that `name` names (UUID version 5): the same
            /// inputs always give the same identifier.
            #[must_use]
            pub fn derived(whole: Uuid, name: &str) -> Self {
                Self(Uuid::new_v5(&whole, name.as_bytes()))
            }

            /// The UUID itself.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                Uuid::try_parse(text).map(Self).map_err(|_| ParseIdError { text: text.to_owned() })
            }
        }
    )+};
}

identifiers! {
    /// A dossier (*dosar*, *unitate arhivistică*; ISAD(G) "file").
    DossierId,
    /// One page of a dossier; survives renumbering and new texts.
    PageId,
    /// One received byte stream.
    FileId,
    /// One run of loading a box.
    BatchId,
    /// One PREMIS event.
    EventId,
    /// One act on a box: it was compared with its inventory, closed or opened again.
    BoxRecordId,
    /// One record of how verifications ended.
    FixityRecordId,
    /// What a person decided of some doubtful pages at once.
    ReviewId,
}

impl DossierId {
    /// The OCFL object identifier: the UUID as a URN (RFC 9562).
    #[must_use]
    pub fn object_id(self) -> String {
        format!("urn:uuid:{self}")
    }

    /// The dossier that an OCFL object identifier names; `None` where it is not one of ours.
    #[must_use]
    pub fn from_object_id(object_id: &str) -> Option<Self> {
        object_id.strip_prefix("urn:uuid:")?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn object_identifiers_round_trip_and_foreign_ones_are_not_ours() {
        let id = DossierId::random();
        assert_eq!(DossierId::from_object_id(&id.object_id()), Some(id));
        assert_eq!(DossierId::from_object_id("info:fedora/1"), None);
        assert!("dosar 17".parse::<PageId>().is_err());
    }
}
