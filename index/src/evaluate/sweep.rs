//! Unit by unit over a whole segment: the way where units stand on many pages.
//!
//! Each unit's lists are entered into an array of one byte a document; then the documents are gone through once. A word
//! on every one of a million pages costs some milliseconds so.

use tantivy::{DocId, TantivyError};

use super::{Evaluation, Ranked, STEPS, Units, step};
use crate::{
    cursor::{Code, Dampings, Detail, Level},
    query::UNITS_MAX,
};

/// Documents that are skipped together where no unit stands on any.
const STRIDE: usize = 8;

impl Evaluation<'_> {
    /// Visits the living documents of a segment that hold any of the units in a field, in order: which units, and each
    /// one's quality there (0 where it is not, else 0 to 1).
    pub(super) fn sweep(
        &self,
        at: usize,
        field: Ranked,
        visit: &mut dyn FnMut(DocId, Units, &[f32]),
    ) -> Result<(), TantivyError> {
        let reader = &self.snapshot.segments[at].reader;
        let mut codes: Vec<(usize, Vec<Code>)> = Vec::new();
        for unit in 0..self.units.len() {
            let cursor = self.cursors.open(unit, at, field.pair, Detail::Counts)?;
            codes.extend(cursor.map(|cursor| (unit, cursor.codes(reader.max_doc()))));
        }
        let Some(norms) = reader.fieldnorms_readers().get_field(field.pair.exact)? else {
            return Ok(());
        };
        let dampings = Dampings::new(field.typical_length);
        let mut quality = [0.0_f32; UNITS_MAX];
        for begin in (0..reader.max_doc()).step_by(STRIDE) {
            if codes.iter().all(|(_, codes)| !stands_anywhere(codes, begin)) {
                continue;
            }
            for doc in (begin..reader.max_doc()).take(STRIDE) {
                let mut found = Units::default();
                for (unit, codes) in &codes {
                    let standing = dampings.standing(codes[doc as usize], norms.fieldnorm_id(doc));
                    quality[*unit] = standing.map_or(0.0, |standing| step(field.base, standing) / STEPS);
                    found.any |= u64::from(standing.is_some()) << unit;
                    let is_sure = standing.is_some_and(|standing| standing.level != Level::Near);
                    found.sure |= u64::from(is_sure) << unit;
                }
                if found.any != 0 && !reader.is_deleted(doc) {
                    visit(doc, found, &quality[..self.units.len()]);
                }
            }
        }
        Ok(())
    }
}

/// Whether a unit stands on any of the documents from one on.
fn stands_anywhere(codes: &[Code], begin: DocId) -> bool {
    let stride = codes[begin as usize..].first_chunk::<STRIDE>();
    stride.is_none_or(|stride| u64::from_ne_bytes(*stride) != 0)
}
