//! The Merkle tree of RFC 6962 section 2.1: hashes, and which hashes a proof consists of.
//!
//! Everything here is arithmetic on hashes at hand; where they are stored is the business of tiles.

use std::ops::Range;

use hrisov_model::{Digest, Hasher};

/// The root of a complete subtree: of the leaves `index << level .. (index + 1) << level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Node {
    /// Height above the leaves, 0 to 63.
    pub level: u32,
    /// Place among the nodes of that height, from 0 on the left.
    pub index: u64,
}

/// Why hashes are not the proof that they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofFault {
    /// A leaf that the tree does not have, or a tree that shrank.
    #[error("leaf or size {inner} lies outside the tree of {size} leaves")]
    Outside {
        /// The index of the leaf, or the size of the older tree.
        inner: u64,
        /// Leaves of the tree.
        size: u64,
    },
    /// Too many or too few hashes for these sizes.
    #[error("the proof has {found} hashes, which is not the number that these sizes need")]
    Length {
        /// Hashes in the proof.
        found: usize,
    },
    /// The hashes lead to another root than that of the tree.
    #[error("the proof leads to the root {found}, not to {expected}")]
    Root {
        /// The root to be reached.
        expected: Digest,
        /// The root reached.
        found: Digest,
    },
}

/// RFC 6962 section 2.1: the hash of a leaf, `SHA-256(0x00 || entry)`.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Digest {
    let mut hasher = Hasher::default();
    hasher.update(&[0]);
    hasher.update(entry);
    hasher.finish()
}

/// RFC 6962 section 2.1: the hash over two subtrees, `SHA-256(0x01 || left || right)`.
#[must_use]
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let mut joined = [1; 65];
    joined[1..33].copy_from_slice(left.as_bytes());
    joined[33..].copy_from_slice(right.as_bytes());
    Digest::of(&joined)
}

/// RFC 6962 section 2.1: the root of a tree without leaves, `SHA-256("")`.
#[must_use]
pub fn empty_root() -> Digest {
    Digest::of(b"")
}

/// RFC 6962 section 2.1: the root over any number of neighbouring hashes of one height.
#[must_use]
pub fn root_of(hashes: &[Digest]) -> Digest {
    match hashes {
        [] => empty_root(),
        [only] => *only,
        _ => {
            let (left, right) = hashes.split_at(split(hashes.len() as u64) as usize);
            node_hash(&root_of(left), &root_of(right))
        }
    }
}

/// The complete subtrees that make up a range of leaves, from left to right, the largest first. The range
/// begins at a multiple of the power of two at or above its length, as every range of a proof does.
#[must_use]
pub fn complete_nodes(range: Range<u64>) -> Vec<Node> {
    let mut start = range.start;
    let length = range.end - range.start;
    let levels = (0..u64::BITS).rev().filter(|level| length >> level & 1 == 1);
    levels
        .map(|level| {
            let node = Node {
                level,
                index: start >> level,
            };
            start += 1 << level;
            node
        })
        .collect()
}

/// The root over the complete subtrees of a range, as [`complete_nodes`] orders them.
#[must_use]
pub fn join(nodes: &[Digest]) -> Digest {
    let mut from_right = nodes.iter().rev();
    let Some(last) = from_right.next() else {
        return empty_root();
    };
    from_right.fold(*last, |right, left| node_hash(left, &right))
}

/// RFC 6962 section 2.1.1, `PATH(index, D[size])`: the ranges of leaves whose roots are the inclusion proof,
/// from the leaf's sibling upwards. Empty unless the index lies in the tree.
#[must_use]
pub fn inclusion_ranges(index: u64, size: u64) -> Vec<Range<u64>> {
    let mut ranges = Vec::new();
    if index >= size {
        return ranges;
    }
    let mut tree = 0..size;
    while tree.end - tree.start > 1 {
        let middle = tree.start + split(tree.end - tree.start);
        if index < middle {
            ranges.push(middle..tree.end);
            tree.end = middle;
        } else {
            ranges.push(tree.start..middle);
            tree.start = middle;
        }
    }
    ranges.reverse();
    ranges
}

/// RFC 6962 section 2.1.2, `PROOF(old, D[size])`: the ranges of leaves whose roots are the consistency proof.
/// Empty where `old` is 0 or `size`.
#[must_use]
pub fn consistency_ranges(old: u64, size: u64) -> Vec<Range<u64>> {
    let mut ranges = Vec::new();
    if old == 0 || old >= size {
        return ranges;
    }
    let mut tree = 0..size;
    while tree.end != old {
        let middle = tree.start + split(tree.end - tree.start);
        if old <= middle {
            ranges.push(middle..tree.end);
            tree.end = middle;
        } else {
            ranges.push(tree.start..middle);
            tree.start = middle;
        }
    }
    // The old tree is a subtree of the new one only if it was never left for its right side.
    if tree.start != 0 {
        ranges.push(tree);
    }
    ranges.reverse();
    ranges
}

/// Whether a leaf lies at that place of the tree with that root (RFC 6962 section 2.1.1; the algorithm is that
/// of RFC 9162 section 2.1.3.2 for the same tree).
///
/// # Errors
/// [`ProofFault`], which says what is wrong with the proof.
pub fn check_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: &Digest,
) -> Result<(), ProofFault> {
    if index >= size {
        return Err(ProofFault::Outside { inner: index, size });
    }
    let length = ProofFault::Length { found: proof.len() };
    let (mut place, mut last, mut hash) = (index, size - 1, *leaf);
    for step in proof {
        if last == 0 {
            return Err(length);
        }
        if place & 1 == 1 || place == last {
            hash = node_hash(step, &hash);
            while place & 1 == 0 && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, step);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    match last {
        0 => same_root(root, hash),
        _ => Err(length),
    }
}

/// Whether the tree with the one root extends the tree with the other (RFC 6962 section 2.1.2; the algorithm is
/// that of RFC 9162 section 2.1.4.2 for the same tree). Every tree extends the empty one.
///
/// # Errors
/// [`ProofFault`], which says what is wrong with the proof.
pub fn check_consistency(
    (old, old_root): (u64, &Digest),
    (size, root): (u64, &Digest),
    proof: &[Digest],
) -> Result<(), ProofFault> {
    let length = ProofFault::Length { found: proof.len() };
    if old > size {
        return Err(ProofFault::Outside { inner: old, size });
    }
    if old == 0 || old == size {
        return match proof {
            [] if old == size => same_root(root, *old_root),
            [] => same_root(&empty_root(), *old_root),
            _ => Err(length),
        };
    }
    let (mut place, mut last) = (old - 1, size - 1);
    let skipped = place.trailing_ones();
    (place, last) = (place >> skipped, last >> skipped);
    let (start, steps) = match proof.split_first() {
        _ if old.is_power_of_two() => (old_root, proof),
        Some((first, steps)) => (first, steps),
        None => return Err(length),
    };
    let (mut old_hash, mut hash) = (*start, *start);
    for step in steps {
        if last == 0 {
            return Err(length);
        }
        if place & 1 == 1 || place == last {
            (old_hash, hash) = (node_hash(step, &old_hash), node_hash(step, &hash));
            while place & 1 == 0 && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, step);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    if last != 0 {
        return Err(length);
    }
    same_root(old_root, old_hash)?;
    same_root(root, hash)
}

/// RFC 6962 section 2.1: the largest power of two below `length`, which is at least 2.
const fn split(length: u64) -> u64 {
    1 << (length - 1).ilog2()
}

fn same_root(expected: &Digest, found: Digest) -> Result<(), ProofFault> {
    match *expected == found {
        true => Ok(()),
        false => Err(ProofFault::Root {
            expected: *expected,
            found,
        }),
    }
}
