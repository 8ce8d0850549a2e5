//! The whole log read back against itself: every entry, every tile, the root.

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use hrisov_model::Digest;
use hrisov_store::{Key, StoreError};

use crate::{
    FormatError, Leaf, LedgerError, Reader,
    edge::Edge,
    tile::{MAX_BUNDLE_BYTES, TILE_WIDTH, Tile, TileKind, TilePath, bundle_to_bytes},
    tree::leaf_hash,
};

/// Bundles and tiles read at a time.
const READ_AT_ONCE: usize = 8;

/// Something that is not as it was logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// The checkpoint counts leaves that need this object.
    #[error("{key} is missing")]
    Missing {
        /// Its name.
        key: Key,
    },
    /// An object has the wrong size or form.
    #[error("{key} is damaged: {fault}")]
    Damaged {
        /// Its name.
        key: Key,
        /// What is wrong.
        fault: FormatError,
    },
    /// An entry has not the hash that the tree holds: it was changed, or its tile was.
    #[error("entry {index} in {bundle} is not the one that {tile} holds the hash of")]
    EntryDiffers {
        /// Which entry of the log, from 0.
        index: u64,
        /// Where it lies.
        bundle: Key,
        /// Where its hash lies.
        tile: Key,
    },
    /// An entry is sound but says nothing that this program reads.
    #[error("entry {index} is no leaf: {reason}")]
    NotALeaf {
        /// Which entry of the log, from 0.
        index: u64,
        /// Why.
        reason: String,
    },
    /// A tile has not the hash that the tile above holds: one of the two was changed.
    #[error("{tile} does not have the hash that {above} holds of it")]
    TileDiffers {
        /// The lower tile.
        tile: Key,
        /// The upper tile.
        above: Key,
    },
    /// A partial tile or bundle that an earlier checkpoint ended in is not what the log was then.
    #[error("{key} is not the beginning of what took its place")]
    Superseded {
        /// Its name.
        key: Key,
    },
    /// The tiles do not lead to the root that was signed.
    #[error("the tiles give the root {stored}, but {signed} was signed")]
    RootDiffers {
        /// The checkpoint's root.
        signed: Digest,
        /// The root of the tiles.
        stored: Digest,
    },
}

/// What [`check`] looked at and found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Entries that were hashed.
    pub entries: u64,
    /// What is wrong, from the first entry to the root; empty where all is well.
    pub findings: Vec<Finding>,
}

/// Reads all entries and tiles below the reader's checkpoint and compares each with the hash above it. Who
/// signed the checkpoint is for [`Reader::verify`].
///
/// # Errors
/// Only where the store could not be asked.
pub async fn check(reader: &Reader) -> Result<Checked, LedgerError> {
    let mut walk = Walk {
        reader,
        entries: 0,
        findings: Vec::new(),
    };
    let mut below = walk.leaves().await?;
    let mut level = 1;
    while let Some(first) = TilePath::in_tree(TileKind::Hashes(level), 0, reader.size()) {
        below = walk.level(first, &below).await?;
        level += 1;
    }
    walk.root().await?;
    // Only what is right itself tells what its beginning was.
    if walk.findings.is_empty() {
        let altered = altered_partials(reader).await?;
        let altered = altered.into_iter().map(|(key, _)| Finding::Superseded { key });
        walk.findings.extend(altered);
    }
    Ok(Checked {
        entries: walk.entries,
        findings: walk.findings,
    })
}

struct Walk<'a> {
    reader: &'a Reader,
    entries: u64,
    findings: Vec<Finding>,
}

impl Walk<'_> {
    /// Level 0: entries against hashes. Gives the root of each full tile, `None` for one that cannot be read.
    async fn leaves(&mut self) -> Result<Vec<Option<Digest>>, LedgerError> {
        let reader = self.reader;
        let paths = tiles(TileKind::Hashes(0), reader.size());
        let mut read = stream::iter(paths.map(|path| async move {
            let bundle = TilePath {
                kind: TileKind::Entries,
                ..path
            };
            (path, bundle, reader.tile(path).await, reader.bundle(bundle).await)
        }))
        .buffered(READ_AT_ONCE);
        let mut roots = Vec::new();
        while let Some((path, bundle, tile, entries)) = read.next().await {
            let (tile, entries) = (self.found(tile)?, self.found(entries)?);
            let hashes = tile.as_ref().map_or(&[][..], |tile| tile.hashes());
            for (place, entry) in entries.unwrap_or_default().iter().enumerate() {
                let index = path.index * TILE_WIDTH + place as u64;
                self.entries += 1;
                if hashes.get(place).is_some_and(|hash| *hash != leaf_hash(entry)) {
                    self.findings.push(Finding::EntryDiffers {
                        index,
                        bundle: bundle.key(),
                        tile: path.key(),
                    });
                } else if let Err(error) = Leaf::from_bytes(entry) {
                    let reason = error.to_string();
                    self.findings.push(Finding::NotALeaf { index, reason });
                }
            }
            if path.is_full() {
                roots.push(tile.map(|tile| tile.root()));
            }
        }
        Ok(roots)
    }

    /// A higher level against the roots of the tiles below it.
    async fn level(
        &mut self,
        first: TilePath,
        below: &[Option<Digest>],
    ) -> Result<Vec<Option<Digest>>, LedgerError> {
        let mut roots = Vec::new();
        for path in tiles(first.kind, self.reader.size()) {
            let tile = self.reader.tile(path).await;
            let tile = self.found(tile)?;
            let hashes = tile.as_ref().map_or(&[][..], |tile| tile.hashes());
            for (place, hash) in (path.index * TILE_WIDTH..).zip(hashes) {
                let root = usize::try_from(place)
                    .ok()
                    .and_then(|place| below.get(place).copied().flatten());
                if root.is_some_and(|root| root != *hash) {
                    self.findings.push(Finding::TileDiffers {
                        tile: below_path(path.kind, place).key(),
                        above: path.key(),
                    });
                }
            }
            if path.is_full() {
                roots.push(tile.map(|tile| tile.root()));
            }
        }
        Ok(roots)
    }

    async fn root(&mut self) -> Result<(), LedgerError> {
        let head = self.reader.head().checkpoint();
        let stored = self.reader.root_at(head.size).await;
        // What is missing or damaged has been reported by now.
        let mut quiet = Walk {
            reader: self.reader,
            entries: 0,
            findings: Vec::new(),
        };
        if let Some(stored) = quiet.found(stored)?.filter(|stored| *stored != head.root) {
            self.findings.push(Finding::RootDiffers {
                signed: head.root,
                stored,
            });
        }
        Ok(())
    }

    fn found<T>(&mut self, read: Result<T, LedgerError>) -> Result<Option<T>, LedgerError> {
        match read {
            Ok(read) => return Ok(Some(read)),
            Err(LedgerError::Store(StoreError::NotFound { key })) => {
                self.findings.push(Finding::Missing { key })
            }
            // A tile of more bytes than a tile can have.
            Err(LedgerError::Store(StoreError::TooLarge { key, .. })) => {
                let fault = FormatError::new("tile", "its size", "more bytes than a tile can have");
                self.findings.push(Finding::Damaged { key, fault });
            }
            Err(LedgerError::Damaged { key, source: fault }) => {
                self.findings.push(Finding::Damaged { key, fault })
            }
            Err(error) => return Err(error),
        }
        Ok(None)
    }
}

/// tlog-tiles, section Partial Tiles: of those that earlier checkpoints ended in and that are still there the ones that are not
/// the beginning of what took their place, each with what it would have to be.
pub(crate) async fn altered_partials(reader: &Reader) -> Result<Vec<(Key, Bytes)>, LedgerError> {
    let mut altered = Vec::new();
    for path in Edge::paths(reader.size()) {
        // What cannot be read is found as such.
        let whole = match path.kind {
            TileKind::Entries => Whole::Entries(reader.bundle(path).await.unwrap_or_default()),
            TileKind::Hashes(_) => Whole::Hashes(reader.tile(path).await.ok()),
        };
        let partials: Vec<_> = reader.blobs().list(&path.partials()).try_collect().await?;
        for object in partials {
            let width = object.key.name().parse().ok();
            let Some(right) = width
                .filter(|width| *width < path.width)
                .and_then(|width| whole.first(width))
            else {
                continue;
            };
            match reader.blobs().get_bytes(&object.key, MAX_BUNDLE_BYTES).await {
                Ok(found) if found == right => {}
                // The log's writer removes them meanwhile.
                Err(StoreError::NotFound { .. }) => {}
                Err(error) if error.is_transient() => return Err(error.into()),
                _ => altered.push((object.key, right)),
            }
        }
    }
    Ok(altered)
}

/// What stands at the log's edge now.
enum Whole {
    Entries(Vec<Bytes>),
    Hashes(Option<Tile>),
}

impl Whole {
    /// Its first so many entries or hashes as they would be stored.
    fn first(&self, width: u64) -> Option<Bytes> {
        match self {
            Self::Entries(entries) => bundle_to_bytes(entries.get(..usize::try_from(width).ok()?)?).ok(),
            Self::Hashes(tile) => {
                let hashes = tile.as_ref()?.hashes().get(..usize::try_from(width).ok()?)?;
                Some(Tile::new(hashes.to_vec()).to_bytes())
            }
        }
    }
}

/// The tiles of one kind in a tree, from the left.
pub(crate) fn tiles(kind: TileKind, size: u64) -> impl Iterator<Item = TilePath> {
    (0..).map_while(move |index| TilePath::in_tree(kind, index, size))
}

/// The full tile one level below whose root has this place.
const fn below_path(kind: TileKind, index: u64) -> TilePath {
    let level = match kind {
        TileKind::Hashes(level) => level.saturating_sub(1),
        TileKind::Entries => 0,
    };
    TilePath {
        kind: TileKind::Hashes(level),
        index,
        width: TILE_WIDTH,
    }
}
