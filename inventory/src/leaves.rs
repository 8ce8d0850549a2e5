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

/// The page images of a dossier, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Images {
    /// All of them.
    pub pages: u32,
    /// Those that show nothing or next to nothing.
    pub blank_pages: u32,
    /// Pairs of a first and second, third and fourth page and so on of which both are such.
    pub blank_leaves: u32,
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
    /// The leaves that these images can come from.
    ///
    /// A blank page, or nearly blank one, may be a leaf of its own or none: a back, or an empty leaf that nobody
    /// numbered. Written pages are half a leaf at least and one at most. Scanned on both sides, two images are a leaf,
    /// which is perhaps not numbered where both are blank; where their number is odd, backs without writing were left
    /// out, and without a blank one it fits no number of leaves.
    #[must_use]
    pub fn of(images: Images, sides: Sides) -> Self {
        let pages = images.pages;
        let written = pages.saturating_sub(images.blank_pages);
        let (least, most) = match sides {
            Sides::Simplex => (written, pages),
            Sides::Duplex if pages.is_multiple_of(2) => {
                ((pages / 2).saturating_sub(images.blank_leaves), pages / 2)
            }
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
        for (pages, blank_pages, blank_leaves, sides, least, most) in [
            (10, 0, 0, Simplex, 10, 10),
            (10, 3, 1, Simplex, 7, 10),
            (10, 0, 0, Duplex, 5, 5),
            (10, 4, 0, Duplex, 5, 5),
            (10, 6, 1, Duplex, 4, 5),
            (9, 0, 0, Duplex, 5, 4),
            (9, 1, 0, Duplex, 4, 4),
            (10, 0, 0, Unknown, 5, 10),
            (9, 0, 0, Unknown, 5, 9),
            (9, 3, 1, Unknown, 3, 9),
            (0, 0, 0, Unknown, 0, 0),
            (2, 5, 2, Simplex, 0, 2),
            (2, 5, 2, Duplex, 0, 1),
        ] {
            let images = Images {
                pages,
                blank_pages,
                blank_leaves,
            };
            assert_eq!(
                LeafRange::of(images, sides),
                LeafRange { least, most },
                "{images:?} {sides:?}"
            );
        }
    }
}
