//! What of the stored log is not as it was logged, and what it has to be, from what is still right here and in a second
//! store.
//!
//! Nothing is believed but the signed root: the last tiles are right where they lead to it together, every other tile
//! where the one above has its hash, an entry where its tile has its hash.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use bytes::Bytes;
use futures::TryStreamExt as _;
use hrisov_model::Digest;
use hrisov_store::{Blobs, Key};

use crate::{
    LedgerError, Reader,
    check::{altered_partials, tiles},
    edge::{Edge, level_count},
    reader::read_pending,
    tile::{MAX_BUNDLE_BYTES, TILE_WIDTH, Tile, TileKind, TilePath, bundle_to_bytes, leading_entries},
    tree::{leaf_hash, root_of},
};

/// An object of the log that is not as it was logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Which.
    pub key: Key,
    /// The bytes that it has to have; `None` where neither store gives them.
    pub right: Option<Bytes>,
}

/// Looks at every tile and bundle below the reader's checkpoint, whose signature is for [`Reader::verify`], and finds what
/// each that is wrong has to be. Below a tile that neither store gives nothing can be judged.
///
/// # Errors
/// Only where one of the stores could not be asked.
pub async fn flaws(reader: &Reader, second: &Arc<dyn Blobs>) -> Result<Vec<Flaw>, LedgerError> {
    let mut search = Search {
        reader,
        second,
        theirs: readable(Reader::open(Arc::clone(second)).await)?,
        flaws: Vec::new(),
    };
    let last = search.last_tiles().await?;
    let mut above = Vec::new();
    for level in (0..level_count(reader.size())).rev() {
        let level = u32::try_from(level).expect("at most 8 levels");
        let mut hashes = Vec::new();
        for path in tiles(TileKind::Hashes(level), reader.size()) {
            let right = match path.is_full() {
                false => last.get(&path).cloned(),
                true => search.full_tile(path, above[path.index as usize]).await?,
            };
            let is_known = !path.is_full() || above[path.index as usize].is_some();
            if is_known {
                search.judge_tile(path, right.as_deref()).await?;
            }
            match right {
                Some(right) if level == 0 => search.judge_bundle(path, &right).await?,
                Some(right) => hashes.extend(right.into_iter().map(Some)),
                None => hashes.extend((0..path.width).map(|_| None)),
            }
        }
        above = hashes;
    }
    // Only what is right itself tells what its beginning was.
    if search.flaws.is_empty() {
        let altered = altered_partials(reader).await?.into_iter();
        search.flaws.extend(altered.map(|(key, right)| Flaw {
            key,
            right: Some(right),
        }));
    }
    Ok(search.flaws)
}

struct Search<'a> {
    reader: &'a Reader,
    second: &'a Arc<dyn Blobs>,
    /// The second store's log, where it has one that can be read.
    theirs: Option<Reader>,
    flaws: Vec<Flaw>,
}

impl Search<'_> {
    /// The tiles that are not full: right are those that lead to the root together. Empty where none do.
    async fn last_tiles(&self) -> Result<BTreeMap<TilePath, Vec<Digest>>, LedgerError> {
        let size = self.reader.size();
        let mut choices: Vec<Vec<(TilePath, Tile)>> = vec![Vec::new()];
        for path in Edge::paths(size) {
            if path.kind == TileKind::Entries {
                continue;
            }
            let candidates = self.candidates(path).await?;
            let with = |chosen: &Vec<_>, hashes: &Vec<_>| {
                let mut chosen = chosen.clone();
                chosen.push((path, Tile::new(hashes.clone())));
                chosen
            };
            let next = choices
                .iter()
                .flat_map(|chosen| candidates.iter().map(move |hashes| with(chosen, hashes)));
            choices = next.collect();
        }
        let root = self.reader.head().checkpoint().root;
        let right = choices
            .into_iter()
            .find(|chosen| Edge::new(size, Vec::new(), chosen.clone()).root() == root);
        Ok(right
            .into_iter()
            .flatten()
            .map(|(path, tile)| (path, tile.hashes().to_vec()))
            .collect())
    }

    async fn full_tile(
        &self,
        path: TilePath,
        root: Option<Digest>,
    ) -> Result<Option<Vec<Digest>>, LedgerError> {
        let Some(root) = root else { return Ok(None) };
        if let Some(own) = readable(self.reader.tile(path).await)?
            && own.root() == root
        {
            return Ok(Some(own.hashes().to_vec()));
        }
        let candidates = self.candidates(path).await?;
        Ok(candidates.into_iter().find(|hashes| root_of(hashes) == root))
    }

    /// What a tile may have to be: as it lies here, as it follows from what it is the hashes of, and as the second store
    /// has it, which may be shorter.
    async fn candidates(&self, path: TilePath) -> Result<Vec<Vec<Digest>>, LedgerError> {
        let own = readable(self.reader.tile(path).await)?.map(|tile| tile.hashes().to_vec());
        let mut candidates: Vec<_> = own.into_iter().chain(self.hashed_below(path).await?).collect();
        let Some(theirs) = &self.theirs else {
            return Ok(candidates);
        };
        let size = theirs.size().min(self.reader.size());
        if let Some(part) = TilePath::in_tree(path.kind, path.index, size)
            && let Some(tile) = readable(theirs.tile(part).await)?
        {
            let begun = tile.hashes();
            let completed = |rest: &Vec<Digest>| [begun, &rest[begun.len()..]].concat();
            let mut completed: Vec<_> = candidates.iter().map(completed).collect();
            if part.width == path.width {
                completed.push(begun.to_vec());
            }
            candidates.extend(completed);
        }
        Ok(candidates)
    }

    async fn hashed_below(&self, path: TilePath) -> Result<Option<Vec<Digest>>, LedgerError> {
        let level = match path.kind {
            TileKind::Hashes(0) => {
                let entries = readable(self.reader.bundle(bundle_of(path)).await)?;
                return Ok(entries.map(|entries| entries.iter().map(|entry| leaf_hash(entry)).collect()));
            }
            TileKind::Hashes(level) => level - 1,
            TileKind::Entries => return Ok(None),
        };
        let first = path.index * TILE_WIDTH;
        let mut hashes = Vec::new();
        for index in first..first + path.width {
            let below = TilePath {
                kind: TileKind::Hashes(level),
                index,
                width: TILE_WIDTH,
            };
            match readable(self.reader.tile(below).await)? {
                Some(tile) => hashes.push(tile.root()),
                None => return Ok(None),
            }
        }
        Ok(Some(hashes))
    }

    async fn judge_tile(&mut self, path: TilePath, right: Option<&[Digest]>) -> Result<(), LedgerError> {
        let own = readable(self.reader.tile(path).await)?;
        if right.is_none() || own.as_ref().map(Tile::hashes) != right {
            self.flaws.push(Flaw {
                key: path.key(),
                right: right.map(|hashes| Tile::new(hashes.to_vec()).to_bytes()),
            });
        }
        Ok(())
    }

    async fn judge_bundle(&mut self, tile: TilePath, hashes: &[Digest]) -> Result<(), LedgerError> {
        let path = bundle_of(tile);
        let own = readable(self.reader.bundle(path).await)?;
        let is_right = |entries: Vec<Bytes>| {
            entries
                .iter()
                .map(|entry| leaf_hash(entry))
                .eq(hashes.iter().copied())
        };
        if own.is_some_and(is_right) {
            return Ok(());
        }
        let found = self.entries(path).await?;
        let entries: Option<Vec<Bytes>> = hashes.iter().map(|hash| found.get(hash).cloned()).collect();
        let right = entries.map(|entries| bundle_to_bytes(&entries)).transpose()?;
        self.flaws.push(Flaw {
            key: path.key(),
            right,
        });
        Ok(())
    }

    /// Whatever may be an entry of a bundle, by its hash: of every form of it in both stores, and of the batches that were
    /// begun last.
    async fn entries(&self, path: TilePath) -> Result<HashMap<Digest, Bytes>, LedgerError> {
        let mut found = HashMap::new();
        for blobs in [self.reader.blobs(), self.second] {
            let partials: Vec<_> = blobs.list(&path.partials()).try_collect().await?;
            let partials = partials.into_iter().map(|object| object.key);
            for key in partials.chain([path.full().key()]) {
                let bytes = blobs.get_bytes(&key, MAX_BUNDLE_BYTES).await;
                let entries = readable(bytes.map_err(LedgerError::from))?.map(leading_entries);
                found.extend(
                    entries
                        .into_iter()
                        .flatten()
                        .map(|entry| (leaf_hash(&entry), entry)),
                );
            }
            let pending = readable(read_pending(&**blobs).await)?.flatten();
            let entries = pending.map(|pending| pending.entries).unwrap_or_default();
            found.extend(entries.into_iter().map(|entry| (leaf_hash(&entry), entry)));
        }
        Ok(found)
    }
}

const fn bundle_of(tile: TilePath) -> TilePath {
    TilePath {
        kind: TileKind::Entries,
        ..tile
    }
}

/// What is missing or damaged is not there; a store that does not answer is an error.
fn readable<T>(read: Result<T, LedgerError>) -> Result<Option<T>, LedgerError> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(LedgerError::Store(error)) if error.is_transient() => Err(error.into()),
        Err(_) => Ok(None),
    }
}
