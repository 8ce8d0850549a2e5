//! Appending to the log.
//!
//! The order of writing, each step durable before the next: the batch as *pending*, its tiles, the memory of
//! what is about to be signed, the checkpoint. A crash after the first step is healed by finishing that batch;
//! before it nothing happened. So no leaf that was acknowledged is lost, and no size is signed twice.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use hrisov_model::Digest;
use hrisov_store::{Blobs, Key, Source, StoreError};

use crate::{
    Checkpoint, FormatError, Leaf, LedgerError, Reader, SignedCheckpoint, SigningKey, TrustError,
    VerifierKey,
    edge::{Edge, TileWrite},
    last_signed::LastSigned,
    note::parse_signatures,
    pending::{MAX_BATCH, Pending},
    places,
    reader::{read_checkpoint, read_keys, read_pending},
    tile::{TILE_WIDTH, TileKind, TilePath},
    tree::{empty_root, leaf_hash},
};

/// Tiles written at a time.
const WRITTEN_AT_ONCE: usize = 8;

/// The one writer of a log. The caller holds the lease that makes it the only one.
#[derive(Debug)]
pub struct Log {
    blobs: Arc<dyn Blobs>,
    key: SigningKey,
    /// Public keys that signed this log before, in order of age.
    earlier: Vec<VerifierKey>,
    last_signed: LastSigned,
    head: SignedCheckpoint,
    edge: Edge,
    knowledge: Knowledge,
}

/// Whether what is in memory is what is in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Knowledge {
    Sure,
    /// A write failed, or was told to have failed: the store is asked before going on.
    Doubtful,
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The index of each leaf of the batch, in its order; of those too that were in the log already.
    pub indexes: Vec<u64>,
    /// The checkpoint that covers them all.
    pub checkpoint: SignedCheckpoint,
}

impl Log {
    /// Starts a log: signs the empty tree. The key's name becomes the log's origin. `memory` is a folder apart
    /// from the store, best the one of the key, where the last signed size and root are remembered.
    ///
    /// # Errors
    /// [`LedgerError::LostCheckpoint`] and [`LedgerError::RolledBack`] where there was a log already; where
    /// there is one, it is opened.
    pub async fn create(
        blobs: Arc<dyn Blobs>,
        key: SigningKey,
        memory: Arc<dyn Blobs>,
    ) -> Result<Self, LedgerError> {
        if read_checkpoint(&*blobs, &places::checkpoint()).await?.is_none() {
            if let Some(found) = first_below(&*blobs, &places::tiles()).await? {
                return Err(LedgerError::LostCheckpoint {
                    key: places::checkpoint(),
                    found,
                });
            }
            let origin = key.verifier().name().to_owned();
            let mut last_signed = LastSigned::read(Arc::clone(&memory), &origin).await?;
            let empty = Checkpoint::new(origin, 0, empty_root());
            last_signed.record(&empty).await?;
            let head = SignedCheckpoint::sign(empty, &key)?;
            blobs
                .replace(&places::checkpoint(), head.to_string().into())
                .await?;
        }
        Self::open(blobs, key, memory, &[]).await
    }

    /// Opens a log and finishes the batch that a crash left. `earlier` are the public keys of the same log that
    /// `key` took over from; then the newest checkpoint is signed anew by `key`.
    ///
    /// # Errors
    /// [`LedgerError::NoLog`]; [`LedgerError::Trust`] where the checkpoint is signed by none of the keys;
    /// [`LedgerError::RolledBack`], [`LedgerError::Forked`] and [`LedgerError::RootDiffers`] where signing
    /// would make a second history.
    pub async fn open(
        blobs: Arc<dyn Blobs>,
        key: SigningKey,
        memory: Arc<dyn Blobs>,
        earlier: &[VerifierKey],
    ) -> Result<Self, LedgerError> {
        let last_signed = LastSigned::read(memory, key.verifier().name()).await?;
        let head = Reader::open(Arc::clone(&blobs)).await?.head().clone();
        let mut log = Self {
            blobs,
            key,
            earlier: earlier.to_vec(),
            last_signed,
            head,
            edge: Edge::default(),
            knowledge: Knowledge::Doubtful,
        };
        log.settle().await?;
        log.publish_key().await?;
        Ok(log)
    }

    /// Leaves under the newest checkpoint.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.head.checkpoint().size
    }

    /// The newest checkpoint.
    #[must_use]
    pub const fn head(&self) -> &SignedCheckpoint {
        &self.head
    }

    /// The log up to the newest checkpoint, for reading.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader::at(Arc::clone(&self.blobs), self.head.clone())
    }

    /// Appends what is not yet in the log. `recorded` is how many leaves the caller knows to be there: those
    /// from that index on are read back, so that a batch repeated after a failure goes in once. Leaves with
    /// equal bytes are the same leaf (their commitments are salted).
    ///
    /// # Errors
    /// [`LedgerError::Moved`] where another writer is at work; [`LedgerError::AheadOfLog`]. After an error of
    /// the store the same call may be made again.
    pub async fn append(&mut self, recorded: u64, leaves: &[Leaf]) -> Result<Appended, LedgerError> {
        let entries: Vec<Bytes> = leaves.iter().map(|leaf| leaf.to_bytes().into()).collect();
        self.append_entries(recorded, &entries).await
    }

    /// As [`Log::append`], for entries of any form.
    ///
    /// # Errors
    /// As [`Log::append`]; [`LedgerError::EntryTooLong`].
    pub async fn append_entries(
        &mut self,
        recorded: u64,
        entries: &[Bytes],
    ) -> Result<Appended, LedgerError> {
        match self.knowledge {
            Knowledge::Sure => self.check_not_moved().await?,
            Knowledge::Doubtful => self.settle().await?,
        }
        let size = self.size();
        if recorded > size {
            return Err(LedgerError::AheadOfLog { recorded, size });
        }
        let hashes: Vec<Digest> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        let wanted: HashSet<Digest> = hashes.iter().copied().collect();
        let mut places: HashMap<Digest, u64> = self.reader().locate(recorded, &wanted).await?;
        let mut fresh = Vec::new();
        for (hash, entry) in hashes.iter().zip(entries) {
            places.entry(*hash).or_insert_with(|| {
                fresh.push(entry.clone());
                size + fresh.len() as u64 - 1
            });
        }
        for batch in fresh.chunks(MAX_BATCH) {
            self.begin(batch).await?;
        }
        Ok(Appended {
            indexes: hashes.iter().map(|hash| places[hash]).collect(),
            checkpoint: self.head.clone(),
        })
    }

    /// Takes a witness's answer for a checkpoint that this log signed: its signature lines, of which those of
    /// trusted witnesses are kept. Says which checkpoint is now the newest witnessed one.
    ///
    /// # Errors
    /// [`LedgerError::Trust`] where no line is by a trusted witness, or the checkpoint is not ours;
    /// [`LedgerError::Forked`] where it is ours but of another history.
    pub async fn add_cosignatures(
        &mut self,
        checkpoint: &SignedCheckpoint,
        lines: &str,
        witnesses: &[VerifierKey],
    ) -> Result<SignedCheckpoint, LedgerError> {
        checkpoint.verify(&self.own_keys())?;
        let Checkpoint { size, root, .. } = checkpoint.checkpoint();
        let stored = self.reader().root_at(*size).await?;
        if stored != *root {
            return Err(LedgerError::Forked {
                size: *size,
                signed: *root,
                stored,
            });
        }
        let answer = checkpoint.note().with_signatures(parse_signatures(lines)?);
        let signers = answer.verify(witnesses)?;
        let known = answer
            .signatures()
            .iter()
            .filter(|s| signers.iter().any(|signer| s.is_by(&signer.key)));
        let known: Vec<_> = known.cloned().collect();
        if known.is_empty() {
            return Err(TrustError::UnknownSigner {
                signatures: answer.signature_count(),
            }
            .into());
        }
        let mut merged = match self.reader().witnessed().await? {
            Some(before) if before.checkpoint().size > *size => return Ok(before),
            Some(before) if before.note().text() == checkpoint.note().text() => before,
            _ => checkpoint.clone(),
        };
        known
            .iter()
            .for_each(|signature| merged.note_mut().add(signature.clone()));
        self.blobs
            .replace(&places::witnessed(), merged.to_string().into())
            .await?;
        if merged.note().text() == self.head.note().text() {
            self.replace_head(merged.clone()).await?;
        }
        Ok(merged)
    }

    /// First step of a batch, the point from which on it will be finished.
    async fn begin(&mut self, batch: &[Bytes]) -> Result<(), LedgerError> {
        let pending = Pending {
            from: self.edge.size(),
            root: self.edge.root(),
            entries: batch.to_vec(),
        };
        let bytes = pending.to_bytes()?;
        self.knowledge = Knowledge::Doubtful;
        self.blobs.replace(&places::pending(), bytes).await?;
        self.finish(&pending).await?;
        self.knowledge = Knowledge::Sure;
        Ok(())
    }

    /// The other steps of a batch. They write the same bytes however often they are repeated.
    async fn finish(&mut self, pending: &Pending) -> Result<(), LedgerError> {
        let mut edge = self.edge.clone();
        let writes = edge.extend(&pending.entries)?;
        self.put_tiles(writes).await?;
        let origin = self.key.verifier().name().to_owned();
        let next = Checkpoint::new(origin, edge.size(), edge.root());
        self.last_signed.record(&next).await?;
        self.replace_head(SignedCheckpoint::sign(next, &self.key)?)
            .await?;
        self.edge = edge;
        self.remove_superseded(pending.from).await;
        Ok(())
    }

    /// Brings memory and store together: reads the edge, checks it against what was signed, finishes the
    /// pending batch.
    async fn settle(&mut self) -> Result<(), LedgerError> {
        let reader = Reader::open(Arc::clone(&self.blobs)).await?;
        reader.verify(&self.own_keys())?;
        self.head = reader.head().clone();
        self.edge = read_edge(&reader).await?;
        let Checkpoint { size, root, .. } = self.head.checkpoint().clone();
        let found = self.edge.root();
        if found != root {
            return Err(LedgerError::RootDiffers {
                size,
                expected: root,
                found,
            });
        }
        if let Some(index) = self.edge.damaged_entry() {
            let key = TilePath::in_tree(TileKind::Entries, index / TILE_WIDTH, size)
                .expect("an entry of the tree lies in a bundle of it")
                .key();
            let source = FormatError::new(
                "entry bundle",
                format!("entry {index}"),
                "it is not the one that was logged",
            );
            return Err(LedgerError::Damaged { key, source });
        }
        self.check_extends_last_signed(&reader).await?;
        let pending = match read_pending(&*self.blobs).await {
            // Of a batch that is in the log as it was signed last: nothing is left to be finished.
            Err(LedgerError::Damaged { .. }) if self.last_signed.last() == Some(self.head.checkpoint()) => {
                None
            }
            pending => pending?,
        };
        match pending {
            Some(pending) if pending.from > size => {
                return Err(LedgerError::RolledBack {
                    stored: size,
                    signed: pending.from,
                });
            }
            Some(pending) if pending.from == size && pending.root != root => {
                return Err(LedgerError::Forked {
                    size,
                    signed: pending.root,
                    stored: root,
                });
            }
            Some(pending) if pending.from == size => self.finish(&pending).await?,
            Some(pending) if pending.end() > size => {
                return Err(LedgerError::Moved {
                    expected: pending.end(),
                    found: size,
                });
            }
            Some(pending) => self.remove_superseded(pending.from).await,
            None => {}
        }
        // Refuses where the store is behind what was signed.
        self.last_signed.record(&self.head.checkpoint().clone()).await?;
        if self
            .head
            .verify(std::slice::from_ref(self.key.verifier()))
            .is_err()
        {
            self.sign_anew().await?;
        }
        self.knowledge = Knowledge::Sure;
        Ok(())
    }

    /// The stored log must extend what was signed last, as far as it is that long; if it is shorter, the pending
    /// batch must lead there, which is checked when it is finished.
    async fn check_extends_last_signed(&self, reader: &Reader) -> Result<(), LedgerError> {
        let Some(last) = self.last_signed.last().filter(|last| last.size <= reader.size()) else {
            return Ok(());
        };
        let stored = reader.root_at(last.size).await?;
        match stored == last.root {
            true => Ok(()),
            false => Err(LedgerError::Forked {
                size: last.size,
                signed: last.root,
                stored,
            }),
        }
    }

    /// A new key takes over: it signs the newest checkpoint, as the last, and before it those that others vouched for, so
    /// that proofs go on to have their signatures. The earlier key's stand under the same texts.
    async fn sign_anew(&mut self) -> Result<(), LedgerError> {
        let reader = self.reader();
        for vouched in [reader.witnessed().await, reader.stamped().await] {
            let head = match vouched {
                Ok(Some(head)) => head,
                // What is damaged is for `check` to find.
                Ok(None) | Err(LedgerError::Damaged { .. }) => continue,
                Err(error) => return Err(error),
            };
            let Checkpoint { size, root, .. } = *head.checkpoint();
            let is_ours = size <= reader.size() && head.verify(&self.own_keys()).is_ok();
            if !is_ours || reader.root_at(size).await? != root {
                continue;
            }
            for key in [places::witnessed(), places::stamped(size)] {
                match read_checkpoint(&*self.blobs, &key).await {
                    Ok(Some(kept)) if kept.note().text() == head.note().text() => {
                        let signed = self.signed_too(kept).to_string();
                        self.blobs.replace(&key, signed.into()).await?;
                    }
                    Ok(_) | Err(LedgerError::Damaged { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        let head = self.signed_too(self.head.clone());
        self.replace_head(head).await
    }

    fn signed_too(&self, mut checkpoint: SignedCheckpoint) -> SignedCheckpoint {
        checkpoint.note_mut().sign(&self.key);
        checkpoint
    }

    async fn publish_key(&self) -> Result<(), LedgerError> {
        // The list is made again where it is damaged.
        let mut keys = match read_keys(&*self.blobs).await {
            Err(LedgerError::Damaged { .. }) => Vec::new(),
            keys => keys?,
        };
        let own = self.own_keys();
        if own.iter().all(|key| keys.contains(key)) {
            return Ok(());
        }
        keys.extend(
            own.into_iter()
                .filter(|key| !keys.contains(key))
                .collect::<Vec<_>>(),
        );
        let lines: String = keys.iter().map(|key| format!("{key}\n")).collect();
        self.blobs.replace(&places::keys(), lines.into()).await?;
        Ok(())
    }

    async fn check_not_moved(&self) -> Result<(), LedgerError> {
        let key = places::checkpoint();
        let stored = read_checkpoint(&*self.blobs, &key).await?;
        let stored = stored.ok_or(LedgerError::NoLog { key })?;
        match stored.note().text() == self.head.note().text() {
            true => Ok(()),
            false => Err(LedgerError::Moved {
                expected: self.size(),
                found: stored.checkpoint().size,
            }),
        }
    }

    async fn replace_head(&mut self, head: SignedCheckpoint) -> Result<(), LedgerError> {
        self.blobs
            .replace(&places::checkpoint(), head.to_string().into())
            .await?;
        self.head = head;
        Ok(())
    }

    async fn put_tiles(&self, writes: Vec<TileWrite>) -> Result<(), LedgerError> {
        let puts = writes.into_iter().map(|(path, bytes)| async move {
            let digest = Digest::of(&bytes);
            self.blobs
                .put_immutable(&path.key(), Source::Bytes(bytes), digest)
                .await
        });
        let written: Result<Vec<_>, StoreError> = stream::iter(puts)
            .buffer_unordered(WRITTEN_AT_ONCE)
            .try_collect()
            .await;
        written.map(|_| ()).map_err(LedgerError::from)
    }

    /// tlog-tiles, section Partial Tiles: partial tiles may go once the full one is there. What fails here
    /// costs only space; the leaves are in the log.
    async fn remove_superseded(&self, from: u64) {
        let full = |path: &TilePath| {
            TilePath::in_tree(path.kind, path.index, self.size()).is_some_and(TilePath::is_full)
        };
        for path in Edge::paths(from).into_iter().filter(full) {
            if let Err(error) = self.remove_partials(path).await {
                tracing::warn!(%error, tile = %path.full(), "superseded partial tiles stay in the store");
            }
        }
    }

    async fn remove_partials(&self, path: TilePath) -> Result<(), StoreError> {
        let found: Vec<_> = self.blobs.list(&path.partials()).try_collect().await?;
        for object in found {
            self.blobs.delete(&object.key).await?;
        }
        Ok(())
    }

    fn own_keys(&self) -> Vec<VerifierKey> {
        self.earlier
            .iter()
            .chain([self.key.verifier()])
            .cloned()
            .collect()
    }
}

async fn read_edge(reader: &Reader) -> Result<Edge, LedgerError> {
    let (mut entries, mut tiles) = (Vec::new(), Vec::new());
    for path in Edge::paths(reader.size()) {
        match path.kind {
            TileKind::Entries => entries = reader.bundle(path).await?,
            TileKind::Hashes(_) => tiles.push((path, reader.tile(path).await?)),
        }
    }
    Ok(Edge::new(reader.size(), entries, tiles))
}

/// Any object below a prefix.
async fn first_below(blobs: &dyn Blobs, prefix: &Key) -> Result<Option<Key>, StoreError> {
    Ok(blobs.list(prefix).try_next().await?.map(|object| object.key))
}
