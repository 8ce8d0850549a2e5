//! Unit by unit over a whole segment: the way where units stand on many pages.
//!
//! Each unit's lists are entered into an array of one byte a document; then the documents are gone through once, with
//! what each byte is worth looked up in tables: nothing is computed, and hardly anything branched on, a million times. A
//! word on every one of a million pages costs some milliseconds so.

use tantivy::{DocId, TantivyError};

use super::{Description, Evaluation, PageTally, Ranked, Run, Tally, Units};
use crate::{
    cursor::{CODES, Code, Dampings, Detail, Level, Standing},
    query::UNITS_MAX,
    snapshot::Group,
};

/// Documents that are skipped together where no unit stands on any.
const STRIDE: usize = 8;

/// How one unit stands in every document of a segment.
struct UnitCodes {
    unit: usize,
    codes: Vec<Code>,
    /// What each code adds to the score of a text, by the number of its length; a length's are filled in when first
    /// needed.
    worth: Box<[[f32; CODES]]>,
}

/// The dossier whose pages are gone through.
struct Current<'a> {
    run: Run,
    description: Option<&'a Description>,
    /// Whether its rank matters; not known before somebody asks.
    matters: Option<bool>,
}

impl PageTally {
    fn end(&mut self, current: Option<Current<'_>>) {
        let run = current.map(|current| current.run);
        self.runs.extend(run.filter(|run| run.page_hits > 0));
    }
}

impl Evaluation<'_> {
    /// Tallies the living pages of a segment that hold any of the units.
    pub(super) fn sweep(
        &self,
        at: usize,
        field: Ranked,
        tally: &Tally,
        matters: &(dyn Fn(Group) -> bool + Sync),
    ) -> Result<PageTally, TantivyError> {
        let segment = &self.snapshot.segments[at];
        let reader = &segment.reader;
        let mut pages = PageTally::default();
        let Some(norms) = reader.fieldnorms_readers().get_field(field.pair.exact)? else {
            return Ok(pages);
        };
        let dampings = Dampings::new(field.typical_length);
        let mut units = self.codes(at, field)?;
        let mut is_filled = [false; CODES];
        let mut current: Option<Current<'_>> = None;
        for begin in (0..reader.max_doc()).step_by(STRIDE) {
            if units.iter().all(|unit| !stands_anywhere(&unit.codes, begin)) {
                continue;
            }
            for doc in (begin..reader.max_doc()).take(STRIDE) {
                let length_id = norms.fieldnorm_id(doc);
                let length = usize::from(length_id);
                if !is_filled[length] {
                    is_filled[length] = true;
                    for unit in &mut units {
                        let worth = |code| dampings.standing(code as Code, length_id);
                        let worth = |code| worth(code).map(|standing| self.worth(unit.unit, field, standing));
                        unit.worth[length] = std::array::from_fn(|code| worth(code).unwrap_or(0.0));
                    }
                }
                let (mut found, mut score) = (Units::default(), 0.0);
                for unit in &units {
                    let code = unit.codes[doc as usize];
                    found.any |= u64::from(code != 0) << unit.unit;
                    found.sure |= u64::from(Level::is_sure(code)) << unit.unit;
                    score += unit.worth[length][usize::from(code)];
                }
                // Whether any unit stands there is as likely as not: it is entered without asking.
                if reader.is_deleted(doc) {
                    continue;
                }
                let Some(group) = segment.group(doc) else { continue };
                if current.as_ref().is_none_or(|current| current.run.group != group) {
                    pages.end(current.take());
                }
                let current = current.get_or_insert_with(|| Current {
                    run: Run::new(group),
                    description: tally.description(group),
                    matters: None,
                });
                if let Some(description) = current.description.filter(|_| found.any != 0) {
                    let mut qualities = [0.0_f32; UNITS_MAX];
                    for unit in &units {
                        let standing = dampings.standing(unit.codes[doc as usize], length_id);
                        let quality = standing.map(|standing| field.quality(standing));
                        qualities[unit.unit] = quality.unwrap_or(0.0);
                    }
                    score = self.joint_score(found, &qualities[..self.units.len()], description);
                }
                current.run.enter(found, score);
                if pages.candidates.may_take(score)
                    && self.has_several(found)
                    && *current.matters.get_or_insert_with(|| matters(group))
                {
                    pages.candidates.push(self.snapshot, (at, doc), group, score);
                }
            }
        }
        pages.end(current);
        Ok(pages)
    }

    /// What a unit adds to the score of a page where it stands so.
    fn worth(&self, unit: usize, field: Ranked, standing: Standing) -> f32 {
        let found = Units {
            any: 1 << unit,
            sure: u64::from(standing.level != Level::Near) << unit,
        };
        self.unit_score(unit, found, field.quality(standing))
    }

    fn codes(&self, at: usize, field: Ranked) -> Result<Vec<UnitCodes>, TantivyError> {
        let reader = &self.snapshot.segments[at].reader;
        let mut units = Vec::new();
        for unit in 0..self.units.len() {
            let cursor = self.cursors.open(unit, at, field.pair, Detail::Counts)?;
            units.extend(cursor.map(|cursor| UnitCodes {
                unit,
                codes: cursor.codes(reader.max_doc()),
                worth: vec![[0.0; CODES]; CODES].into_boxed_slice(),
            }));
        }
        Ok(units)
    }
}

/// Whether a unit stands on any of the documents from one on.
fn stands_anywhere(codes: &[Code], begin: DocId) -> bool {
    let stride = codes[begin as usize..].first_chunk::<STRIDE>();
    stride.is_none_or(|stride| u64::from_ne_bytes(*stride) != 0)
}
