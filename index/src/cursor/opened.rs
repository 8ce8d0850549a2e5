//! The cursors of a query's units, opened once: looking up the terms of a word with all its forms costs more than walking
//! most lists.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use tantivy::{TantivyError, schema::Field};

use super::{Detail, UnitCursor};
use crate::{fields::TextPair, query::Unit, snapshot::Snapshot};

/// Unit, field and detail.
type Key = (usize, Field, Detail);

/// Cursors of the units of one query over one state of the index, each at its first document.
pub(crate) struct Cursors<'a> {
    snapshot: &'a Snapshot,
    units: &'a [Unit],
    /// Per segment.
    opened: Vec<Mutex<HashMap<Key, Option<UnitCursor>>>>,
}

impl<'a> Cursors<'a> {
    /// None opened yet.
    pub(crate) fn new(snapshot: &'a Snapshot, units: &'a [Unit]) -> Self {
        Self {
            snapshot,
            units,
            opened: snapshot.segments.iter().map(|_| Mutex::default()).collect(),
        }
    }

    /// A cursor of its own; `None` where the segment cannot hold the unit.
    pub(crate) fn open(
        &self,
        unit: usize,
        segment: usize,
        pair: TextPair,
        detail: Detail,
    ) -> Result<Option<UnitCursor>, TantivyError> {
        let key = (unit, pair.exact, detail);
        // What a panic left is whole: cursors are put in ready.
        let opened = || {
            self.opened[segment]
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(cursor) = opened().get(&key) {
            return Ok(cursor.clone());
        }
        let reader = &self.snapshot.segments[segment].reader;
        let cursor = UnitCursor::open(reader, pair, &self.units[unit], detail)?;
        opened().insert(key, cursor.clone());
        Ok(cursor)
    }
}
