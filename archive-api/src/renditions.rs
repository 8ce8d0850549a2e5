//! Pictures made lately, kept in memory within a bound.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::conditional::EntityTag;

/// Renditions, the one used last at the back; those at the front go first.
#[derive(Debug)]
pub(crate) struct Renditions {
    entries: VecDeque<(EntityTag, Bytes)>,
    bytes: usize,
    max_bytes: usize,
}

impl Renditions {
    /// Keeps at most that many bytes.
    pub(crate) const fn within(max_bytes: usize) -> Self {
        Self {
            entries: VecDeque::new(),
            bytes: 0,
            max_bytes,
        }
    }

    /// The rendition with that tag, which counts as a use.
    pub(crate) fn get(&mut self, tag: &EntityTag) -> Option<Bytes> {
        let at = self.entries.iter().position(|(known, _)| known == tag)?;
        let entry = self.entries.remove(at)?;
        let bytes = entry.1.clone();
        self.entries.push_back(entry);
        Some(bytes)
    }

    /// Keeps a rendition, unless it is larger than all that may be kept.
    pub(crate) fn put(&mut self, tag: EntityTag, bytes: Bytes) {
        if bytes.len() > self.max_bytes || self.get(&tag).is_some() {
            return;
        }
        self.bytes += bytes.len();
        self.entries.push_back((tag, bytes));
        while self.bytes > self.max_bytes {
            let oldest = self.entries.pop_front();
            self.bytes -= oldest.map_or(self.bytes, |(_, bytes)| bytes.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use hrisov_model::Digest;

    use super::*;

    #[test]
    fn what_was_used_last_stays_and_the_bound_holds() {
        let tag = |name: &str| EntityTag::of(Digest::of(name.as_bytes()));
        let mut kept = Renditions::within(10);
        kept.put(tag("a"), Bytes::from_static(b"aaaa"));
        kept.put(tag("b"), Bytes::from_static(b"bbbb"));
        assert!(kept.get(&tag("a")).is_some());
        kept.put(tag("c"), Bytes::from_static(b"cccc"));
        assert_eq!(kept.get(&tag("b")), None);
        assert_eq!(kept.get(&tag("a")).unwrap(), "aaaa");
        kept.put(tag("a"), Bytes::from_static(b"aaaa"));
        kept.put(tag("huge"), Bytes::from_static(b"hhhhhhhhhhh"));
        assert_eq!(kept.get(&tag("huge")), None);
        assert_eq!((kept.entries.len(), kept.bytes), (2, 8));
    }
}
