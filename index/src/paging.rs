//! Where an answer goes on.

use std::{fmt, str::FromStr};

use hrisov_model::DossierId;
use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::IndexError;

/// A place in an answer: behind a dossier with its rank. It stays right while the archive grows, and costs
/// the same however deep it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchCursor {
    pub(crate) rank: Rank,
    pub(crate) dossier: DossierId,
}

/// What dossiers are ordered by: greater comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank(pub(crate) u32);

impl Rank {
    /// The rank of a score, which is never negative.
    pub(crate) const fn of_score(score: f32) -> Self {
        // Bits of floats that are not negative are ordered as the floats are.
        Self(score.max(0.0).to_bits())
    }
}

impl fmt::Display for SearchCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}{}", self.rank.0, self.dossier.uuid().simple())
    }
}

impl FromStr for SearchCursor {
    type Err = IndexError;

    fn from_str(text: &str) -> Result<Self, IndexError> {
        let read = || {
            let (rank, dossier) = text.split_at_checked(8)?;
            let is_hex = text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            Some(Self {
                rank: Rank(u32::from_str_radix(rank, 16).ok().filter(|_| is_hex)?),
                dossier: Uuid::try_parse(dossier).ok()?.into(),
            })
        };
        read().ok_or(IndexError::Cursor)
    }
}

impl Serialize for SearchCursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_survive_being_written_and_others_are_refused() {
        let cursor = SearchCursor {
            rank: Rank::of_score(2.75),
            dossier: DossierId::random(),
        };
        assert_eq!(cursor.to_string().parse::<SearchCursor>().unwrap(), cursor);
        for wrong in ["", "x", &"g".repeat(40), &"0".repeat(39), &"ă".repeat(20)] {
            assert!(wrong.parse::<SearchCursor>().is_err(), "{wrong}");
        }
        assert!(Rank::of_score(2.5) < Rank::of_score(2.75) && Rank::of_score(0.0) < Rank::of_score(0.1));
    }
}
