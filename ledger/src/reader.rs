//! Reading the log: entries, roots and proofs from stored tiles.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    ops::Range,
    sync::Arc,
};

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use hrisov_model::Digest;
use hrisov_store::{Blobs, Key, Source, StoreError};

use crate::{
    Leaf, LedgerError, Proof, SignedCheckpoint, Signers, TrustError, VerifierKey,
    note::MAX_NOTE_BYTES,
    pending::{MAX_PENDING_BYTES, Pending},
    places,
    tile::{MAX_BUNDLE_BYTES, TILE_WIDTH, Tile, TileKind, TilePath, bundle_from_bytes, tile_of},
    timestamp::MAX_ANSWER_BYTES,
    tree::{
        ProofFault, check_consistency, check_inclusion, complete_nodes, consistency_ranges, empty_root,
        inclusion_ranges, join, leaf_hash,
    },
};

/// Tiles fetched at a time: enough to hide a distant store's latency, few enough for its limits.
const FETCHED_AT_ONCE: usize = 8;

/// Checkpoints that others were asked to sign by files, and may still answer: who asks every day gets answers of some weeks.
const ASKED_MAX: usize = 64;

/// The log up to one checkpoint. What is appended later does not change what it says.
#[derive(Debug, Clone)]
pub struct Reader {
    blobs: Arc<dyn Blobs>,
    head: SignedCheckpoint,
}

impl Reader {
    /// The log up to the store's newest checkpoint. The signature is for [`Reader::verify`] to check: a log can
    /// be read without any key.
    ///
    /// # Errors
    /// [`LedgerError::NoLog`]; [`LedgerError::Damaged`] where the checkpoint cannot be read.
    pub async fn open(blobs: Arc<dyn Blobs>) -> Result<Self, LedgerError> {
        let key = places::checkpoint();
        match read_checkpoint(&*blobs, &key).await? {
            Some(head) => Ok(Self { blobs, head }),
            None => Err(LedgerError::NoLog { key }),
        }
    }

    /// The log up to a checkpoint at hand, for example the last one that a witness cosigned.
    #[must_use]
    pub const fn at(blobs: Arc<dyn Blobs>, head: SignedCheckpoint) -> Self {
        Self { blobs, head }
    }

    /// The store that it reads.
    #[must_use]
    pub const fn blobs(&self) -> &Arc<dyn Blobs> {
        &self.blobs
    }

    /// Who signed the checkpoint, of these keys of the log and of witnesses.
    ///
    /// # Errors
    /// As [`SignedCheckpoint::verify`].
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<Signers, TrustError> {
        self.head.verify(keys)
    }

    /// The checkpoint up to which it reads.
    #[must_use]
    pub const fn head(&self) -> &SignedCheckpoint {
        &self.head
    }

    /// Leaves up to the checkpoint.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.head.checkpoint().size
    }

    /// The newest checkpoint that a witness cosigned; `None` where none ever did.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] and what the store says.
    pub async fn witnessed(&self) -> Result<Option<SignedCheckpoint>, LedgerError> {
        read_checkpoint(&*self.blobs, &places::witnessed()).await
    }

    /// The time-stamping authority's answer for this very checkpoint, as it was kept; `None` where there is none.
    ///
    /// # Errors
    /// What the store says.
    pub async fn stamp(&self) -> Result<Option<Bytes>, LedgerError> {
        match self
            .blobs
            .get_bytes(&places::stamp(self.size()), MAX_ANSWER_BYTES as u64)
            .await
        {
            Ok(answer) => Ok(Some(answer)),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps an authority's answer for this checkpoint, which the caller has checked, and the checkpoint before it: the
    /// log goes on, and the stamp is of the log of then.
    ///
    /// # Errors
    /// What the store says; a checkpoint's first stamp is never replaced.
    pub async fn keep_stamp(&self, answer: Bytes) -> Result<(), LedgerError> {
        self.keep_head(&places::stamped(self.size())).await?;
        let digest = Digest::of(&answer);
        let key = places::stamp(self.size());
        self.blobs
            .put_immutable(&key, Source::Bytes(answer), digest)
            .await?;
        Ok(())
    }

    /// Sizes of all checkpoints that an authority's stamp is kept of, the newest first; also such as this log does not have.
    ///
    /// # Errors
    /// What the store says.
    pub async fn stamped_sizes(&self) -> Result<Vec<u64>, LedgerError> {
        self.sizes_below(&places::stamps(), places::stamped_size).await
    }

    /// The checkpoint of that size as the log signed it when it was stamped; `None` where it is not kept.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] and what the store says.
    pub async fn stamped_at(&self, size: u64) -> Result<Option<SignedCheckpoint>, LedgerError> {
        match read_checkpoint(&*self.blobs, &places::stamped(size)).await? {
            None if size == self.size() => Ok(Some(self.head.clone())),
            kept => Ok(kept),
        }
    }

    /// The newest checkpoint that a time-stamping authority stamped; `None` where there is none.
    ///
    /// # Errors
    /// As [`Reader::stamped_at`].
    pub async fn stamped(&self) -> Result<Option<SignedCheckpoint>, LedgerError> {
        let sizes = self.stamped_sizes().await?;
        match sizes.into_iter().find(|size| *size <= self.size()) {
            None => Ok(None),
            Some(size) => self.stamped_at(size).await,
        }
    }

    /// Remembers that others were asked to sign this checkpoint: their answer may come back when the log has gone on.
    ///
    /// # Errors
    /// What the store says.
    pub async fn keep_asked(&self) -> Result<(), LedgerError> {
        self.keep_head(&places::asked_of(self.size())).await
    }

    /// Sizes of the newest checkpoints that others were asked to sign by files, the newest first; also such as this log does
    /// not have.
    ///
    /// # Errors
    /// What the store says.
    pub async fn asked_sizes(&self) -> Result<Vec<u64>, LedgerError> {
        let mut sizes = self
            .sizes_below(&places::asked(), |key| key.name().parse().ok())
            .await?;
        sizes.truncate(ASKED_MAX);
        Ok(sizes)
    }

    /// The checkpoint of that size as it went out to be signed; `None` where it is not kept.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] and what the store says.
    pub async fn asked_at(&self, size: u64) -> Result<Option<SignedCheckpoint>, LedgerError> {
        read_checkpoint(&*self.blobs, &places::asked_of(size)).await
    }

    /// The checkpoints that an answer may be to: this one, then those that others were asked to sign by files, the newest
    /// first.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] and what the store says.
    pub async fn asked(&self) -> Result<Vec<SignedCheckpoint>, LedgerError> {
        let mut asked = vec![self.head.clone()];
        for size in self.asked_sizes().await? {
            if size < self.size() {
                asked.extend(self.asked_at(size).await?);
            }
        }
        Ok(asked)
    }

    /// The public keys that the store names as the log's, the newest last: to be shown and bundled, not to
    /// be trusted.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] and what the store says.
    pub async fn stored_keys(&self) -> Result<Vec<VerifierKey>, LedgerError> {
        read_keys(&*self.blobs).await
    }

    /// The places of the batch that the store holds as begun last: finished where this log is that long, else left by
    /// a crash, for the log's writer to finish.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] and what the store says.
    pub async fn pending_batch(&self) -> Result<Option<Range<u64>>, LedgerError> {
        Ok(read_pending(&*self.blobs)
            .await?
            .map(|pending| pending.from..pending.end()))
    }

    /// The entries of a range, as they were hashed. What they hash to is not compared with the tree here.
    ///
    /// # Errors
    /// [`LedgerError::NoLeaf`] where the range ends beyond the log; [`LedgerError::Damaged`].
    pub async fn entries(&self, range: Range<u64>) -> Result<Vec<Bytes>, LedgerError> {
        if range.end > self.size() {
            return Err(self.no_leaf(range.end.saturating_sub(1)));
        }
        let bundles = range.start / TILE_WIDTH..range.end.div_ceil(TILE_WIDTH);
        let paths = bundles.filter_map(|index| TilePath::in_tree(TileKind::Entries, index, self.size()));
        let read = paths.map(|path| async move { self.bundle(path).await.map(|entries| (path, entries)) });
        let mut entries = Vec::new();
        let mut bundles = stream::iter(read).buffered(FETCHED_AT_ONCE);
        while let Some((path, bundle)) = bundles.try_next().await? {
            let indexed = (path.index * TILE_WIDTH..).zip(bundle);
            entries.extend(
                indexed
                    .filter(|(index, _)| range.contains(index))
                    .map(|(_, entry)| entry),
            );
        }
        Ok(entries)
    }

    /// One leaf, checked against the tree.
    ///
    /// # Errors
    /// [`LedgerError::NoLeaf`]; [`LedgerError::Leaf`]; [`LedgerError::RootDiffers`] where the stored entry is
    /// not the one that was logged.
    pub async fn leaf(&self, index: u64) -> Result<Leaf, LedgerError> {
        let entry = self.entries(index..index.saturating_add(1)).await?.remove(0);
        let path = self.inclusion(index).await?;
        self.check_inclusion(&leaf_hash(&entry), index, &path)?;
        Leaf::from_bytes(&entry).map_err(|source| LedgerError::Leaf { index, source })
    }

    /// Where entries with these hashes lie, from `start` on. What is not there is not in the answer.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] and what the store says.
    pub async fn locate(
        &self,
        start: u64,
        wanted: &HashSet<Digest>,
    ) -> Result<HashMap<Digest, u64>, LedgerError> {
        let mut found = HashMap::new();
        let mut next = start;
        while next < self.size() && found.len() < wanted.len() {
            let end = (next - next % TILE_WIDTH + TILE_WIDTH * FETCHED_AT_ONCE as u64).min(self.size());
            for (index, entry) in (next..end).zip(self.entries(next..end).await?) {
                let hash = leaf_hash(&entry);
                if wanted.contains(&hash) {
                    found.entry(hash).or_insert(index);
                }
            }
            next = end;
        }
        Ok(found)
    }

    /// RFC 6962 section 2.1: the root of the first `size` leaves, from the stored tiles.
    ///
    /// # Errors
    /// [`LedgerError::NoLeaf`] where the log is shorter; [`LedgerError::Damaged`].
    pub async fn root_at(&self, size: u64) -> Result<Digest, LedgerError> {
        if size > self.size() {
            return Err(self.no_leaf(size - 1));
        }
        match size {
            0 => Ok(empty_root()),
            _ => Ok(self.roots(std::slice::from_ref(&(0..size))).await?.remove(0)),
        }
    }

    /// RFC 6962 section 2.1.1: the inclusion proof of a leaf under this checkpoint, checked before it is
    /// given away.
    ///
    /// # Errors
    /// [`LedgerError::NoLeaf`]; [`LedgerError::RootDiffers`] where the stored tiles do not add up.
    pub async fn inclusion(&self, index: u64) -> Result<Vec<Digest>, LedgerError> {
        if index >= self.size() {
            return Err(self.no_leaf(index));
        }
        let mut ranges = inclusion_ranges(index, self.size());
        ranges.push(index..index + 1);
        let mut path = self.roots(&ranges).await?;
        let leaf = path.pop().expect("the leaf's own hash was asked for last");
        self.check_inclusion(&leaf, index, &path)?;
        Ok(path)
    }

    /// RFC 6962 section 2.1.2: the consistency proof from the first `old` leaves to this checkpoint, checked
    /// before it is given away.
    ///
    /// # Errors
    /// As [`Reader::inclusion`].
    pub async fn consistency(&self, old: u64) -> Result<Vec<Digest>, LedgerError> {
        let old_root = self.root_at(old).await?;
        let proof = self.roots(&consistency_ranges(old, self.size())).await?;
        let root = &self.head.checkpoint().root;
        check_consistency((old, &old_root), (self.size(), root), &proof)
            .map_err(|fault| self.root_differs(&fault))?;
        Ok(proof)
    }

    /// tlog-proof: everything that shows that a leaf is in the log, but the leaf itself.
    ///
    /// # Errors
    /// As [`Reader::inclusion`].
    pub async fn prove(&self, index: u64) -> Result<Proof, LedgerError> {
        Ok(Proof::new(index, self.inclusion(index).await?, self.head.clone()))
    }

    /// The checkpoint as it is, in a place that stays; its first form there is never replaced.
    async fn keep_head(&self, key: &Key) -> Result<(), LedgerError> {
        if self.blobs.head(key).await?.is_none() {
            let bytes = Bytes::from(self.head.to_string());
            let digest = Digest::of(&bytes);
            self.blobs
                .put_immutable(key, Source::Bytes(bytes), digest)
                .await?;
        }
        Ok(())
    }

    /// What the names below a place tell of sizes, the largest first.
    async fn sizes_below(
        &self,
        place: &Key,
        size_of: impl Fn(&Key) -> Option<u64>,
    ) -> Result<Vec<u64>, LedgerError> {
        let listed: Vec<_> = self.blobs.list(place).try_collect().await?;
        let mut sizes: Vec<u64> = listed.iter().filter_map(|object| size_of(&object.key)).collect();
        sizes.sort_unstable_by_key(|size| Reverse(*size));
        Ok(sizes)
    }

    /// Hash of every range, from as few tiles as hold them.
    async fn roots(&self, ranges: &[Range<u64>]) -> Result<Vec<Digest>, LedgerError> {
        let nodes: Vec<Vec<_>> = ranges.iter().cloned().map(complete_nodes).collect();
        let place = |node| tile_of(node, self.size()).expect("proofs ask for nodes of the tree");
        let paths: HashSet<TilePath> = nodes.iter().flatten().copied().map(place).collect();
        let read = paths
            .into_iter()
            .map(|path| async move { self.tile(path).await.map(|tile| (path, tile)) });
        let tiles: HashMap<TilePath, Tile> = stream::iter(read)
            .buffer_unordered(FETCHED_AT_ONCE)
            .try_collect()
            .await?;
        let hash = |node| {
            tiles[&place(node)]
                .node(node)
                .expect("a tile is as wide as the tree makes it")
        };
        Ok(nodes
            .into_iter()
            .map(|range| join(&range.into_iter().map(hash).collect::<Vec<_>>()))
            .collect())
    }

    /// A tile of hashes under this checkpoint.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] and what the store says.
    pub async fn tile(&self, path: TilePath) -> Result<Tile, LedgerError> {
        let (key, stored, bytes) = self.fetch(path, TILE_WIDTH * 32).await?;
        let tile =
            Tile::from_bytes(&bytes, stored.width).map_err(|source| LedgerError::Damaged { key, source })?;
        Ok(tile
            .narrowed(path.width)
            .expect("what is stored is at least as wide"))
    }

    /// The entries of a bundle under this checkpoint.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] and what the store says.
    pub async fn bundle(&self, path: TilePath) -> Result<Vec<Bytes>, LedgerError> {
        let (key, stored, bytes) = self.fetch(path, MAX_BUNDLE_BYTES).await?;
        let mut entries =
            bundle_from_bytes(bytes, stored.width).map_err(|source| LedgerError::Damaged { key, source })?;
        entries.truncate(usize::try_from(path.width).expect("at most 256"));
        Ok(entries)
    }

    /// tlog-tiles, section Partial Tiles: a partial tile may be gone once it is full; then that one holds it.
    async fn fetch(&self, path: TilePath, max_bytes: u64) -> Result<(Key, TilePath, Bytes), LedgerError> {
        match self.blobs.get_bytes(&path.key(), max_bytes).await {
            Err(StoreError::NotFound { key }) if !path.is_full() => {
                let full = path.full();
                match self.blobs.get_bytes(&full.key(), max_bytes).await {
                    Err(StoreError::NotFound { .. }) => Err(StoreError::NotFound { key }.into()),
                    read => Ok((full.key(), full, read?)),
                }
            }
            read => Ok((path.key(), path, read?)),
        }
    }

    fn check_inclusion(&self, leaf: &Digest, index: u64, path: &[Digest]) -> Result<(), LedgerError> {
        let root = &self.head.checkpoint().root;
        check_inclusion(leaf, index, self.size(), path, root).map_err(|fault| self.root_differs(&fault))
    }

    fn root_differs(&self, fault: &ProofFault) -> LedgerError {
        let expected = self.head.checkpoint().root;
        let found = match fault {
            ProofFault::Root { found, .. } => *found,
            ProofFault::Outside { .. } | ProofFault::Length { .. } => expected,
        };
        LedgerError::RootDiffers {
            size: self.size(),
            expected,
            found,
        }
    }

    const fn no_leaf(&self, index: u64) -> LedgerError {
        LedgerError::NoLeaf {
            index,
            size: self.size(),
        }
    }
}

/// A stored checkpoint; `None` where there is none.
pub(crate) async fn read_checkpoint(
    blobs: &dyn Blobs,
    key: &Key,
) -> Result<Option<SignedCheckpoint>, LedgerError> {
    let bytes = match blobs.get_bytes(key, MAX_NOTE_BYTES as u64).await {
        Ok(bytes) => bytes,
        Err(StoreError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let checkpoint = SignedCheckpoint::parse(&bytes).map_err(|source| LedgerError::Damaged {
        key: key.clone(),
        source,
    })?;
    Ok(Some(checkpoint))
}

/// The batch that was begun last.
pub(crate) async fn read_pending(blobs: &dyn Blobs) -> Result<Option<Pending>, LedgerError> {
    let key = places::pending();
    match blobs.get_bytes(&key, MAX_PENDING_BYTES).await {
        Ok(bytes) => Pending::from_bytes(bytes)
            .map(Some)
            .map_err(|source| LedgerError::Damaged { key, source }),
        Err(StoreError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The stored public keys, one a line.
pub(crate) async fn read_keys(blobs: &dyn Blobs) -> Result<Vec<VerifierKey>, LedgerError> {
    let key = places::keys();
    let bytes = match blobs.get_bytes(&key, MAX_NOTE_BYTES as u64).await {
        Ok(bytes) => bytes,
        Err(StoreError::NotFound { .. }) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let keys: Result<_, _> = String::from_utf8_lossy(&bytes).lines().map(str::parse).collect();
    keys.map_err(|source| LedgerError::Damaged { key, source })
}
