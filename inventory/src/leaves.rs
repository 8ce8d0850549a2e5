//! From page images to the leaves that they can come from.

use serde::{Deserialize, Serialize};

/// How a box was scanned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sides {
    /// Fronts alone: a page a leaf.
    Simplex,
    /// Front and back of each leaf.
    Duplex,
    /// Nobody said.
    #[default]
    Unknown,
}

/// Leaves that a number of page images can come from, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeafRange {
    /// The fewest.
    pub least: u32,
    /// The most; less than `least` where no number of leaves fits, as with an odd number of sides.
    pub most: u32,
}

impl LeafRange {
    /// The leaves that `pages` images can come from, of which `blank_pages` show nothing.
    ///
    /// A blank page may be a leaf of its own or none: a back, or an empty leaf that nobody numbered. Written
    /// pages are half a leaf at least and one at most. Scanned on both sides, two images are a leaf, and an odd
    /// number of images without a blank one fits no number of leaves.
    #[must_use]
    pub fn of(pages: u32, blank_pages: u32, sides: Sides) -> Self {
        let written = pages - blank_pages.min(pages);
        let (least, most) = match sides {
            Sides::Simplex => (written, pages),
            Sides::Duplex => (written.div_ceil(2), pages / 2),
            Sides::Unknown => (written.div_ceil(2), pages),
        };
        Self { least, most }
    }

    /// Whether it can be that many leaves.
    #[must_use]
    pub fn contains(self, leaves: u32) -> bool {
        (self.least..=self.most).contains(&leaves)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_leaves() {
        use Sides::{Duplex, Simplex, Unknown};
        for (pages, blank, sides, least, most) in [
            (10, 0, Simplex, 10, 10),
            (10, 3, Simplex, 7, 10),
            (10, 0, Duplex, 5, 5),
            (10, 4, Duplex, 3, 5),
            (9, 0, Duplex, 5, 4),
            (9, 1, Duplex, 4, 4),
            (10, 0, Unknown, 5, 10),
            (9, 0, Unknown, 5, 9),
            (9, 3, Unknown, 3, 9),
            (0, 0, Unknown, 0, 0),
            (2, 5, Simplex, 0, 2),
        ] {
            assert_eq!(
                LeafRange::of(pages, blank, sides),
                LeafRange { least, most },
                "{pages} {blank} {sides:?}"
            );
        }
    }
}
