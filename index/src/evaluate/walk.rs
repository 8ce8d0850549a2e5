//! Document by document, all units side by side: the way where few documents are looked at.

use tantivy::{DocId, TERMINATED, TantivyError};

use super::{Evaluation, Ranked, Scope, Units};
use crate::{
    cursor::{Detail, Level, UnitCursor},
    snapshot::Segment,
};

impl Evaluation<'_> {
    /// Walks the living documents of a segment that hold any of the units in any of the fields, in
    /// order; `visit` gets which units, and each one's best quality there (0 where it is not, else 0 to 1).
    pub(super) fn walk(
        &self,
        at: usize,
        fields: &[Ranked],
        units: &[usize],
        scope: &Scope,
        mut visit: impl FnMut(&Segment, DocId, Units, &[f32]),
    ) -> Result<(), TantivyError> {
        let segment = &self.snapshot.segments[at];
        let mut cursors = Vec::new();
        for (&unit, field) in units
            .iter()
            .flat_map(|unit| fields.iter().map(move |field| (unit, field)))
        {
            let cursor = self.cursors.open(unit, at, field.pair, Detail::Counts)?;
            cursors.extend(cursor.map(|cursor| (unit, *field, cursor)));
        }
        if cursors.is_empty() {
            return Ok(());
        }
        let mut quality = vec![0.0_f32; self.units.len()];
        let mut look = |cursors: &mut [(usize, Ranked, UnitCursor)], doc| {
            quality.fill(0.0);
            let mut found = Units::default();
            for (unit, field, cursor) in cursors.iter_mut().filter(|(_, _, cursor)| cursor.doc() == doc) {
                let standing = cursor.standing(field.typical_length);
                found.any |= 1 << *unit;
                found.sure |= u64::from(standing.level != Level::Near) << *unit;
                quality[*unit] = quality[*unit].max(field.quality(standing));
            }
            if found.any != 0 {
                visit(segment, doc, found, &quality);
            }
        };
        match scope {
            Scope::Only(docs) => {
                for &doc in &docs[at] {
                    cursors.iter_mut().for_each(|(_, _, cursor)| _ = cursor.seek(doc));
                    look(&mut cursors, doc);
                }
            }
            Scope::All => {
                let next = |cursors: &[(usize, Ranked, UnitCursor)]| {
                    cursors.iter().map(|(_, _, cursor)| cursor.doc()).min()
                };
                while let Some(doc) = next(&cursors).filter(|&doc| doc != TERMINATED) {
                    if !segment.reader.is_deleted(doc) {
                        look(&mut cursors, doc);
                    }
                    for (_, _, cursor) in cursors.iter_mut().filter(|(_, _, cursor)| cursor.doc() == doc) {
                        cursor.advance();
                    }
                }
            }
        }
        Ok(())
    }
}
