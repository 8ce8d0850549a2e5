//! Unit by unit over whole segments: the way where units stand on many pages.
//!
//! Each unit's lists are entered into an array of one byte a document. Dossier by dossier these are then put together, many
//! bytes at a time, which tells what each dossier holds; only the pages of those that hold everything are gone through one
//! by one, with what each byte is worth looked up in tables. A word on every one of a million pages costs some
//! milliseconds so, and words that seldom meet hardly more than their lists.

use rayon::prelude::*;
use tantivy::TantivyError;

use super::{
    Evaluation, Ranked, Units,
    tally::{Description, PageTally, Run, Tally},
};
use crate::{
    cursor::{CODES, Code, Dampings, Detail, Level, Standing},
    query::UNITS_MAX,
    snapshot::Group,
};

/// How the units stand in every document of a segment.
struct Swept {
    units: Vec<UnitCodes>,
    /// Per document the codes of all of them in one.
    any: Vec<Code>,
}

struct UnitCodes {
    unit: usize,
    codes: Vec<Code>,
}

/// What each code of a unit adds to the score of a text, by the number of its length; a length's are filled in when first
/// needed.
type Worth = Box<[[f32; CODES]]>;

impl Evaluation<'_> {
    /// Tallies the living pages of all segments. Only the dossiers that hold all units, and of which `matters` says so,
    /// are ranked.
    pub(super) fn sweep(
        &self,
        field: Ranked,
        tally: &mut Tally,
        matters: &(dyn Fn(Group) -> bool + Sync),
    ) -> Result<(), TantivyError> {
        let segments = (0..self.snapshot.segments.len()).into_par_iter();
        let swept = segments.map(|at| {
            let swept = self.codes(at, field)?;
            Ok((self.held(at, &swept), swept))
        });
        let swept = swept.collect::<Result<Vec<(PageTally, Swept)>, TantivyError>>()?;
        let (held, swept): (Vec<PageTally>, Vec<Swept>) = swept.into_iter().unzip();
        held.into_iter().for_each(|pages| tally.take(pages));
        let known = &*tally;
        let is_ranked = |group: Group| self.missing(known.found[group as usize].any) == 0 && matters(group);
        let scored = swept.into_par_iter().enumerate();
        let scored = scored.map(|(at, swept)| self.scored(at, field, &swept, known, &is_ranked));
        let scored = scored.collect::<Result<Vec<_>, _>>()?;
        scored.into_iter().for_each(|pages| tally.take(pages));
        Ok(())
    }

    /// Which units the dossiers of a segment hold there, on how many pages.
    fn held(&self, at: usize, swept: &Swept) -> PageTally {
        let mut pages = PageTally::default();
        for (group, docs) in self.snapshot.segments[at].runs() {
            let any = &swept.any[docs.clone()];
            if together(any) == 0 {
                continue;
            }
            let mut run = Run::new(group);
            run.page_hits = any.iter().map(|&code| u32::from(code != 0)).sum();
            for unit in &swept.units {
                let code = together(&unit.codes[docs.clone()]);
                run.found.any |= u64::from(code != 0) << unit.unit;
                run.found.sure |= u64::from(Level::is_sure(code)) << unit.unit;
            }
            pages.runs.push(run);
        }
        pages
    }

    /// The best page of each dossier of a segment that is ranked, and those to be looked at again.
    fn scored(
        &self,
        at: usize,
        field: Ranked,
        swept: &Swept,
        tally: &Tally,
        is_ranked: &dyn Fn(Group) -> bool,
    ) -> Result<PageTally, TantivyError> {
        let segment = &self.snapshot.segments[at];
        let mut pages = PageTally::default();
        let Some(norms) = segment.reader.fieldnorms_readers().get_field(field.pair.exact)? else {
            return Ok(pages);
        };
        let dampings = Dampings::new(field.typical_length);
        let empty = || vec![[0.0; CODES]; CODES].into_boxed_slice();
        let mut worths: Vec<Worth> = swept.units.iter().map(|_| empty()).collect();
        let mut is_filled = [false; CODES];
        for (group, docs) in segment.runs() {
            if together(&swept.any[docs.clone()]) == 0 || !is_ranked(group) {
                continue;
            }
            let description = tally.description(group);
            let mut run = Run::new(group);
            for doc in docs {
                let length_id = norms.fieldnorm_id(doc as u32);
                let length = usize::from(length_id);
                if !is_filled[length] {
                    is_filled[length] = true;
                    for (unit, worth) in swept.units.iter().zip(&mut worths) {
                        let of_code = |code| dampings.standing(code as Code, length_id);
                        let of_code =
                            |code| of_code(code).map(|standing| self.worth(unit.unit, field, standing));
                        worth[length] = std::array::from_fn(|code| of_code(code).unwrap_or(0.0));
                    }
                }
                let (mut found, mut score) = (Units::default(), 0.0);
                for (unit, worth) in swept.units.iter().zip(&worths) {
                    let code = unit.codes[doc];
                    found.any |= u64::from(code != 0) << unit.unit;
                    found.sure |= u64::from(Level::is_sure(code)) << unit.unit;
                    score += worth[length][usize::from(code)];
                }
                // Whether any unit stands there is as likely as not: it is entered without asking.
                if let Some(description) = description.filter(|_| found.any != 0) {
                    let standing = |code| dampings.standing(code, length_id);
                    score = self.score_with(description, found, field, swept, doc, &standing);
                }
                run.best = run.best.max(score);
                if pages.candidates.may_take(score) && self.has_several(found) {
                    pages
                        .candidates
                        .push(self.snapshot, (at, doc as u32), group, score);
                }
            }
            pages.runs.push(run);
        }
        Ok(pages)
    }

    /// The score of a page whose dossier's description holds some of the units as well.
    fn score_with(
        &self,
        description: &Description,
        found: Units,
        field: Ranked,
        swept: &Swept,
        doc: usize,
        standing: &dyn Fn(Code) -> Option<Standing>,
    ) -> f32 {
        let mut qualities = [0.0_f32; UNITS_MAX];
        for unit in &swept.units {
            let quality = standing(unit.codes[doc]).map(|standing| field.quality(standing));
            qualities[unit.unit] = quality.unwrap_or(0.0);
        }
        self.joint_score(found, &qualities[..self.units.len()], description)
    }

    /// What a unit adds to the score of a page where it stands so.
    fn worth(&self, unit: usize, field: Ranked, standing: Standing) -> f32 {
        let found = Units {
            any: 1 << unit,
            sure: u64::from(standing.level != Level::Near) << unit,
        };
        self.unit_score(unit, found, field.quality(standing))
    }

    /// Nothing stands in documents that were deleted.
    fn codes(&self, at: usize, field: Ranked) -> Result<Swept, TantivyError> {
        let reader = &self.snapshot.segments[at].reader;
        let mut units = Vec::new();
        for unit in 0..self.units.len() {
            let cursor = self.cursors.open(unit, at, field.pair, Detail::Counts)?;
            units.extend(cursor.map(|cursor| UnitCodes {
                unit,
                codes: cursor.codes(reader.max_doc()),
            }));
        }
        if let Some(alive) = reader.alive_bitset() {
            let deleted = |doc: &u32| !alive.is_alive(*doc);
            for doc in (0..reader.max_doc()).filter(deleted) {
                units.iter_mut().for_each(|unit| unit.codes[doc as usize] = 0);
            }
        }
        let mut any = vec![0; reader.max_doc() as usize];
        for unit in &units {
            any.iter_mut()
                .zip(&unit.codes)
                .for_each(|(any, &code)| *any |= code);
        }
        Ok(Swept { units, any })
    }
}

/// Several codes in one: where any has a bit. Many at a time, as the compiler makes it.
fn together(codes: &[Code]) -> Code {
    codes.iter().fold(0, |all, &code| all | code)
}
