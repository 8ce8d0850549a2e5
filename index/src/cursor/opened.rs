//! The cursors of a query's units, opened once: looking up the terms of a word with all its forms costs more than walking
//! most lists.

use std::{cell::RefCell, collections::HashMap};

use tantivy::{TantivyError, schema::Field};

use super::{Detail, UnitCursor};
use crate::{fields::TextPair, query::Unit, snapshot::Snapshot};

/// Unit, segment, field and detail.
type Key = (usize, usize, Field, Detail);

/// Cursors of the units of one query over one state of the index, each at its first document.
pub(crate) struct Cursors<'a> {
    snapshot: &'a Snapshot,
    units: &'a [Unit],
    opened: RefCell<HashMap<Key, Option<UnitCursor>>>,
}

impl<'a> Cursors<'a> {
    /// None opened yet.
    pub(crate) fn new(snapshot: &'a Snapshot, units: &'a [Unit]) -> Self {
        Self {
            snapshot,
            units,
            opened: RefCell::default(),
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
        let key = (unit, segment, pair.exact, detail);
        if let Some(cursor) = self.opened.borrow().get(&key) {
            return Ok(cursor.clone());
        }
        let reader = &self.snapshot.segments[segment].reader;
        let cursor = UnitCursor::open(reader, pair, &self.units[unit], detail)?;
        self.opened.borrow_mut().insert(key, cursor.clone());
        Ok(cursor)
    }
}
