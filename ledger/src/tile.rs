//! Tiles of hashes and bundles of entries, as tlog-tiles lays them out.

use std::{fmt, str::FromStr};

use bytes::Bytes;
use hrisov_model::Digest;
use hrisov_store::Key;

use crate::{
    FormatError, LedgerError, places,
    tree::{Node, root_of},
};

/// tlog-tiles, section Merkle Tree: hashes in a full tile, entries in a full bundle.
pub const TILE_WIDTH: u64 = 256;
/// Height of the subtree that a full tile spans.
const TILE_HEIGHT: u32 = 8;
/// tlog-tiles, section Merkle Tree: `<L>` is at most 63; 2^64 leaves need no more than 8 levels of tiles.
const MAX_LEVEL: u32 = 7;
/// Bytes of one hash.
const HASH_BYTES: usize = 32;
/// A bundle of 256 entries of 65,535 bytes, each with its two bytes of length.
pub(crate) const MAX_BUNDLE_BYTES: u64 = TILE_WIDTH * (2 + u16::MAX as u64);

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Hashes; level 0 are those of the leaves, each hash of level `n` is the root of a full tile of `n - 1`.
    Hashes(u32),
    /// The entries themselves.
    Entries,
}

/// The name of a tile: `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TilePath {
    /// What it holds.
    pub kind: TileKind,
    /// Its place in its level, from 0.
    pub index: u64,
    /// Hashes or entries in it, 1 to 256; fewer than 256 make it partial.
    pub width: u64,
}

/// Neighbouring hashes of one height: 1 to 256 of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile(Vec<Digest>);

impl TilePath {
    /// tlog-tiles, section Partial Tiles: the tile of that level and index in a tree of `size` leaves; `None`
    /// where it would be empty.
    #[must_use]
    pub fn in_tree(kind: TileKind, index: u64, size: u64) -> Option<Self> {
        let level = match kind {
            TileKind::Hashes(level) => level,
            TileKind::Entries => 0,
        };
        let hashes = size.checked_shr(level * TILE_HEIGHT).unwrap_or(0);
        let width = hashes
            .saturating_sub(index.saturating_mul(TILE_WIDTH))
            .min(TILE_WIDTH);
        (width > 0).then_some(Self { kind, index, width })
    }

    /// The same tile when it is full.
    #[must_use]
    pub const fn full(self) -> Self {
        Self {
            width: TILE_WIDTH,
            ..self
        }
    }

    /// Whether nothing can be added to it.
    #[must_use]
    pub const fn is_full(self) -> bool {
        self.width == TILE_WIDTH
    }

    /// Where it lies in the store.
    #[must_use]
    pub fn key(self) -> Key {
        let below = self
            .to_string()
            .parse()
            .expect("digits, letters and dots are a key");
        places::folder().join(&below)
    }

    /// Where its partial forms lie in the store.
    pub(crate) fn partials(self) -> Key {
        let below = format!("{}.p", self.full());
        places::folder().join(&below.parse().expect("digits, letters and dots are a key"))
    }
}

/// tlog-tiles, section Merkle Tree: the index in groups of three digits, all but the last marked by an `x`.
impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes(level) => write!(f, "tile/{level}/")?,
            TileKind::Entries => f.write_str("tile/entries/")?,
        }
        let mut groups = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        for group in groups[1..].iter().rev() {
            write!(f, "x{group:03}/")?;
        }
        write!(f, "{:03}", groups[0])?;
        match self.is_full() {
            true => Ok(()),
            false => write!(f, ".p/{}", self.width),
        }
    }
}

impl FromStr for TilePath {
    type Err = FormatError;

    /// Takes only what [`TilePath`]'s `Display` writes.
    fn from_str(text: &str) -> Result<Self, FormatError> {
        let path = parse_path(text);
        path.filter(|path| path.to_string() == text)
            .ok_or_else(|| FormatError::new("tile path", text, "expected tile/<L>/<N>[.p/<W>]"))
    }
}

fn parse_path(text: &str) -> Option<TilePath> {
    let (level, rest) = text.strip_prefix("tile/")?.split_once('/')?;
    let kind = match level {
        "entries" => TileKind::Entries,
        _ => TileKind::Hashes(level.parse().ok().filter(|level| *level <= MAX_LEVEL)?),
    };
    let (index, width) = match rest.split_once(".p/") {
        Some((index, width)) => (
            index,
            width
                .parse()
                .ok()
                .filter(|width| (1..TILE_WIDTH).contains(width))?,
        ),
        None => (rest, TILE_WIDTH),
    };
    let mut number = 0_u64;
    for group in index.split('/') {
        let group: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
        number = number.checked_mul(1000)?.checked_add(group)?;
    }
    Some(TilePath {
        kind,
        index: number,
        width,
    })
}

impl Tile {
    /// tlog-tiles, section Merkle Tree: hashes one after the other, 32 bytes each.
    ///
    /// # Errors
    /// Where there are not exactly `width` hashes.
    pub fn from_bytes(bytes: &[u8], width: u64) -> Result<Self, FormatError> {
        if bytes.len() as u64 != width * HASH_BYTES as u64 {
            let place = format!("{} bytes", bytes.len());
            return Err(FormatError::new(
                "tile",
                place,
                "the size is not 32 bytes for each hash",
            ));
        }
        let (hashes, _) = bytes.as_chunks::<HASH_BYTES>();
        Ok(Self(hashes.iter().map(|hash| Digest::from(*hash)).collect()))
    }

    /// A tile of these hashes.
    #[must_use]
    pub const fn new(hashes: Vec<Digest>) -> Self {
        Self(hashes)
    }

    /// Its bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        self.0.iter().flat_map(|hash| *hash.as_bytes()).collect()
    }

    /// The hashes from left to right.
    #[must_use]
    pub fn hashes(&self) -> &[Digest] {
        &self.0
    }

    /// The same tile when it was narrower; `None` where it never was that wide.
    #[must_use]
    pub fn narrowed(mut self, width: u64) -> Option<Self> {
        let width = usize::try_from(width).ok()?;
        (width <= self.0.len()).then(|| {
            self.0.truncate(width);
            self
        })
    }

    /// The root over all its hashes.
    #[must_use]
    pub fn root(&self) -> Digest {
        root_of(&self.0)
    }

    /// The hash of a node of the tree that this tile spans; `None` where the tile is too narrow.
    /// tlog-tiles, section Merkle Tree: levels between those of tiles are reconstructed by hashing.
    #[must_use]
    pub fn node(&self, node: Node) -> Option<Digest> {
        let height = node.level % TILE_HEIGHT;
        let start = usize::try_from((node.index << height) % TILE_WIDTH).ok()?;
        self.0.get(start..start + (1 << height)).map(root_of)
    }
}

/// The tile of a tree of `size` leaves that holds what a node is made of.
pub(crate) fn tile_of(node: Node, size: u64) -> Option<TilePath> {
    let height = node.level % TILE_HEIGHT;
    let index = (node.index << height) / TILE_WIDTH;
    TilePath::in_tree(TileKind::Hashes(node.level / TILE_HEIGHT), index, size)
}

/// tlog-tiles, section Log entries: each entry after its length in two bytes, the high one first.
///
/// # Errors
/// [`LedgerError::EntryTooLong`].
pub fn bundle_to_bytes(entries: &[Bytes]) -> Result<Bytes, LedgerError> {
    let mut bytes = Vec::with_capacity(entries.iter().map(|entry| entry.len() + 2).sum());
    for entry in entries {
        let length = u16::try_from(entry.len()).map_err(|_| LedgerError::EntryTooLong {
            size_bytes: entry.len(),
        })?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Ok(bytes.into())
}

/// tlog-tiles, section Log entries: the entries of a bundle, without copying them.
///
/// # Errors
/// Where there are not exactly `count` entries and nothing after them.
pub fn bundle_from_bytes(mut bytes: Bytes, count: u64) -> Result<Vec<Bytes>, FormatError> {
    let fault = |place: u64, reason| FormatError::new("entry bundle", format!("entry {place}"), reason);
    let mut entries = Vec::new();
    for place in 0..count {
        let Some(length) = bytes.first_chunk::<2>().map(|length| u16::from_be_bytes(*length)) else {
            return Err(fault(place, "the bundle ends before it"));
        };
        let end = 2 + usize::from(length);
        if bytes.len() < end {
            return Err(fault(place, "the bundle ends within it"));
        }
        entries.push(bytes.split_to(end).slice(2..));
    }
    match bytes.is_empty() {
        true => Ok(entries),
        false => Err(fault(count, "bytes follow the last entry")),
    }
}

/// The entries of a bundle as far as they can be told apart, for putting together a damaged one: what each is, only its hash
/// can tell.
pub(crate) fn leading_entries(mut bytes: Bytes) -> Vec<Bytes> {
    let mut entries = Vec::new();
    while let Some(length) = bytes.first_chunk::<2>().map(|length| u16::from_be_bytes(*length)) {
        let end = 2 + usize::from(length);
        if bytes.len() < end || entries.len() as u64 == TILE_WIDTH {
            break;
        }
        entries.push(bytes.split_to(end).slice(2..));
    }
    entries
}
