//! The right edge of the tree, which is all that a writer must know to go on.

use bytes::Bytes;
use hrisov_model::Digest;

use crate::{
    LedgerError,
    tile::{TILE_WIDTH, Tile, TileKind, TilePath, bundle_to_bytes, tile_of},
    tree::{complete_nodes, join, leaf_hash},
};

/// The last tile of each level while it is partial, and the last entries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Edge {
    size: u64,
    /// The entries of the last bundle: fewer than 256.
    entries: Vec<Bytes>,
    /// The hashes of the last tile of each level, level 0 first: fewer than 256 each.
    levels: Vec<Vec<Digest>>,
}

/// A tile to be stored.
pub(crate) type TileWrite = (TilePath, Bytes);

impl Edge {
    /// The edge of a stored tree. `levels` are the tiles that [`Edge::paths`] names, in that order.
    pub(crate) fn new(size: u64, entries: Vec<Bytes>, tiles: Vec<(TilePath, Tile)>) -> Self {
        let mut levels = vec![Vec::new(); level_count(size)];
        for (path, tile) in tiles {
            if let TileKind::Hashes(level) = path.kind {
                levels[level as usize] = tile.hashes().to_vec();
            }
        }
        Self {
            size,
            entries,
            levels,
        }
    }

    /// tlog-tiles, section Partial Tiles: the tiles that are partial in a tree of `size` leaves.
    pub(crate) fn paths(size: u64) -> Vec<TilePath> {
        let last = |kind, level: u32| {
            let index = size.checked_shr(8 * (level + 1)).unwrap_or(0);
            TilePath::in_tree(kind, index, size)
        };
        let levels = u32::try_from(level_count(size)).expect("at most 8 levels");
        let hashes = (0..levels).filter_map(|level| last(TileKind::Hashes(level), level));
        last(TileKind::Entries, 0).into_iter().chain(hashes).collect()
    }

    /// The first of the last entries that has another hash than its tile holds: it must not go into the next bundle.
    pub(crate) fn damaged_entry(&self) -> Option<u64> {
        let hashes = self.levels.first().map_or(&[][..], Vec::as_slice);
        let place = self
            .entries
            .iter()
            .zip(hashes)
            .position(|(entry, hash)| leaf_hash(entry) != *hash)?;
        Some(self.size - self.entries.len() as u64 + place as u64)
    }

    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    /// RFC 6962 section 2.1: the root over all leaves.
    pub(crate) fn root(&self) -> Digest {
        let nodes = complete_nodes(0..self.size).into_iter().map(|node| {
            let path = tile_of(node, self.size).expect("a node of the tree lies in a tile of it");
            let TileKind::Hashes(level) = path.kind else {
                unreachable!("nodes are made of hashes")
            };
            let tile = Tile::new(self.levels[level as usize].clone());
            tile.node(node)
                .expect("the edge holds what the last nodes are made of")
        });
        join(&nodes.collect::<Vec<_>>())
    }

    /// Adds entries; what is to be stored is every tile and bundle that this filled, and the last ones as far
    /// as they changed.
    ///
    /// # Errors
    /// [`LedgerError::EntryTooLong`]; then the edge is to be thrown away.
    pub(crate) fn extend(&mut self, entries: &[Bytes]) -> Result<Vec<TileWrite>, LedgerError> {
        let mut writes = Vec::new();
        let mut changed = 0;
        for entry in entries {
            self.entries.push(entry.clone());
            changed = changed.max(self.push(leaf_hash(entry), &mut writes));
            self.size += 1;
            if self.entries.len() as u64 == TILE_WIDTH {
                let path = TilePath {
                    kind: TileKind::Entries,
                    index: self.size / TILE_WIDTH - 1,
                    width: TILE_WIDTH,
                };
                writes.push((path, bundle_to_bytes(&self.entries)?));
                self.entries.clear();
            }
        }
        for path in Self::paths(self.size) {
            match path.kind {
                TileKind::Entries => writes.push((path, bundle_to_bytes(&self.entries)?)),
                TileKind::Hashes(level) if (level as usize) < changed => {
                    writes.push((path, Tile::new(self.levels[level as usize].clone()).to_bytes()));
                }
                TileKind::Hashes(_) => {}
            }
        }
        Ok(writes)
    }

    /// Adds a leaf's hash and every hash above that it completes; says how many levels changed.
    fn push(&mut self, leaf: Digest, writes: &mut Vec<TileWrite>) -> usize {
        let mut hash = leaf;
        for level in 0_u32.. {
            let place = level as usize;
            if self.levels.len() == place {
                self.levels.push(Vec::new());
            }
            self.levels[place].push(hash);
            if (self.levels[place].len() as u64) < TILE_WIDTH {
                return place + 1;
            }
            let tile = Tile::new(std::mem::take(&mut self.levels[place]));
            let path = TilePath {
                kind: TileKind::Hashes(level),
                index: self.size >> (8 * (level + 1)),
                width: TILE_WIDTH,
            };
            hash = tile.root();
            writes.push((path, tile.to_bytes()));
        }
        unreachable!("a tree of 2^64 leaves has 8 levels of tiles")
    }
}

/// Levels of tiles in a tree of `size` leaves: 1 up to 255 leaves, 2 from 256 on.
pub(crate) const fn level_count(size: u64) -> usize {
    match size.checked_ilog2() {
        Some(log) => log as usize / 8 + 1,
        None => 0,
    }
}
