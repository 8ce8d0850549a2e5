//! Times that cannot be right: the order of the log is by index, and its times are the archive's own clock.

use std::collections::HashMap;

use hrisov_ledger::{Leaf, LeafKind, LeafObject};
use jiff::{SignedDuration, Timestamp};

/// A clock that is set right moves by less.
const CORRECTION: SignedDuration = SignedDuration::from_secs(60);

/// Follows the times of what is logged of each object. Events of different objects may wait for the log for different
/// times; those of one object come in their order.
#[derive(Debug, Default)]
pub(crate) struct Times {
    latest: HashMap<Option<LeafObject>, Timestamp>,
    doubtful: u64,
}

impl Times {
    /// The next leaf, in the order of the log.
    pub(crate) fn add(&mut self, leaf: &Leaf) {
        let of = match leaf.kind {
            // It has the time at which the log began, its object's other events are older.
            // A load that was interrupted at its very end keeps the time of that.
            LeafKind::Adoption | LeafKind::Closing => return,
            // Each has an object of its own, and none waits for long.
            LeafKind::FixityCheck => None,
            _ => Some(leaf.object),
        };
        let latest = self.latest.entry(of).or_insert(leaf.time);
        if leaf.time + CORRECTION < *latest {
            self.doubtful += 1;
        }
        *latest = leaf.time.max(*latest);
    }

    /// How many leaves have an earlier time than one before them.
    pub(crate) const fn doubtful(&self) -> u64 {
        self.doubtful
    }
}

#[cfg(test)]
mod tests {
    use hrisov_ledger::Commitment;
    use hrisov_model::{Digest, DossierId, Salt};

    use super::*;

    /// Kinds, objects and seconds of leaves, and how many times are doubtful.
    type Row<'a> = (&'a [(LeafKind, u8, i64)], u64);

    #[test]
    fn only_a_step_back_of_one_object_is_doubtful() {
        use LeafKind::{Adoption, FixityCheck, Ingestion, Transcription};
        let rows: [Row<'_>; 6] = [
            (&[(Ingestion, 1, 1000), (Transcription, 1, 2000)], 0),
            (&[(Ingestion, 1, 1000), (Transcription, 1, 941)], 0),
            (
                &[
                    (Ingestion, 1, 1000),
                    (Transcription, 1, 900),
                    (Transcription, 1, 950),
                ],
                1,
            ),
            (
                &[(Ingestion, 1, 1000), (Ingestion, 2, 10), (Transcription, 2, 20)],
                0,
            ),
            (&[(Adoption, 1, 9000), (Transcription, 1, 20)], 0),
            (&[(FixityCheck, 1, 9000), (FixityCheck, 2, 20)], 1),
        ];
        for (leaves, doubtful) in rows {
            let mut times = Times::default();
            for (kind, object, second) in leaves {
                times.add(&Leaf {
                    kind: *kind,
                    object: DossierId::derived(uuid::Uuid::nil(), &object.to_string()).into(),
                    commitment: Commitment::new(&Salt::new([0; 32]), &Digest::of(b"")),
                    time: Timestamp::from_second(*second).unwrap(),
                });
            }
            assert_eq!(times.doubtful(), doubtful, "{leaves:?}");
        }
    }
}
