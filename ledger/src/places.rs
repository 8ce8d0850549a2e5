//! Where the log lies in the store.

use hrisov_store::Key;

/// Everything of the log lies below `ledger/`; a web server that serves this folder is a log as tlog-tiles
/// (section APIs) describes it.
pub(crate) fn folder() -> Key {
    Key::literal("ledger")
}

/// tlog-tiles, section Checkpoints: the newest signed tree head. Replaced by every batch, as the last write.
pub(crate) fn checkpoint() -> Key {
    Key::literal("ledger/checkpoint")
}

/// The newest checkpoint that a witness has cosigned. Not part of tlog-tiles.
pub(crate) fn witnessed() -> Key {
    Key::literal("ledger/witnessed")
}

/// The batch that was begun last, so that it is finished and no other one in its place. Not part of tlog-tiles.
pub(crate) fn pending() -> Key {
    Key::literal("ledger/pending")
}

/// The public keys of the log, one a line. Not trusted: for people, and for proof bundles.
pub(crate) fn keys() -> Key {
    Key::literal("ledger/keys")
}

/// tlog-tiles, section Merkle Tree: below this lie tiles and entry bundles.
pub(crate) fn tiles() -> Key {
    Key::literal("ledger/tile")
}

/// Where the answers of time-stamping authorities lie. Not part of tlog-tiles.
pub(crate) fn stamps() -> Key {
    Key::literal("ledger/stamps")
}

/// The checkpoint of that size as it was stamped.
pub(crate) fn stamped(size: u64) -> Key {
    stamps()
        .child(&format!("{size}.checkpoint"))
        .expect("a number is part of a key")
}

/// The size of the checkpoint that an answer is for; `None` of what is no answer.
pub(crate) fn stamped_size(answer: &Key) -> Option<u64> {
    answer.name().strip_suffix(".tsr")?.parse().ok()
}

/// A time-stamping authority's answer for the checkpoint of that size. Not part of tlog-tiles.
pub(crate) fn stamp(size: u64) -> Key {
    Key::literal("ledger/stamps")
        .child(&format!("{size}.tsr"))
        .expect("a number is part of a key")
}

/// Where the checkpoints lie that a witness or an authority was asked to sign by files. Not part of tlog-tiles.
pub(crate) fn asked() -> Key {
    Key::literal("ledger/asked")
}

/// The checkpoint of that size as it went out to be signed.
pub(crate) fn asked_of(size: u64) -> Key {
    asked()
        .child(&size.to_string())
        .expect("a number is part of a key")
}
