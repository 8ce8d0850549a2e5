//! The second look: how near the units stand on the best pages, and which dossiers hold what they must not.

use std::collections::HashMap;

use tantivy::{DocId, TERMINATED, TantivyError};

use super::{Evaluation, NEARNESS_PART, Tally};
use crate::{
    IndexError,
    cursor::{Detail, Span, UnitCursor},
    proximity::nearness,
    snapshot::Group,
};

/// Best pages with several units on which it is looked at how near these stand to each other.
pub(super) const NEARNESS_PAGES_MAX: usize = 1_000;

/// A page on which the units may stand near to each other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) group: Group,
    pub(super) segment: usize,
    pub(super) doc: DocId,
    pub(super) number: u32,
    pub(super) score: f32,
}

impl Evaluation<'_> {
    /// Once there are more than `limit`, only the best are kept.
    pub(super) fn keep_best(&self, candidates: &mut Vec<Candidate>, limit: usize) {
        if candidates.len() <= limit {
            return;
        }
        let dossier = |candidate: &Candidate| self.snapshot.dossiers[candidate.group as usize];
        candidates.select_nth_unstable_by(NEARNESS_PAGES_MAX, |a, b| {
            let by_score = b.score.total_cmp(&a.score);
            by_score.then_with(|| (dossier(a), a.number).cmp(&(dossier(b), b.number)))
        });
        candidates.truncate(NEARNESS_PAGES_MAX);
    }

    /// Adds to the scores of dossiers how near the units stand on their best pages.
    pub(super) fn add_nearness(&self, tally: &mut Tally) -> Result<(), IndexError> {
        self.keep_best(&mut tally.candidates, NEARNESS_PAGES_MAX);
        tally
            .candidates
            .sort_unstable_by_key(|candidate| (candidate.segment, candidate.doc));
        for of_segment in tally.candidates.chunk_by(|a, b| a.segment == b.segment) {
            let docs: Vec<DocId> = of_segment.iter().map(|candidate| candidate.doc).collect();
            let near = self.nearness(of_segment[0].segment, &docs)?;
            for candidate in of_segment {
                let near = near.get(&candidate.doc).copied().unwrap_or(0.0);
                let best = &mut tally.best[candidate.group as usize];
                *best = best.max(candidate.score + NEARNESS_PART * near);
            }
        }
        Ok(())
    }

    /// How near the units stand on pages, given in rising order.
    pub(super) fn nearness(
        &self,
        segment: usize,
        docs: &[DocId],
    ) -> Result<HashMap<DocId, f32>, TantivyError> {
        let mut near = HashMap::new();
        if self.units.len() < 2 {
            return Ok(near);
        }
        let reader = &self.snapshot.segments[segment].reader;
        let open = |unit| UnitCursor::open(reader, self.body().pair, unit, Detail::Positions, 1.0);
        let mut cursors = self.units.iter().map(open).collect::<Result<Vec<_>, _>>()?;
        for &doc in docs {
            let mut spans: Vec<Vec<Span>> = vec![Vec::new(); cursors.len()];
            for (cursor, spans) in cursors.iter_mut().zip(&mut spans) {
                if let Some(cursor) = cursor
                    && cursor.seek(doc) == doc
                {
                    *spans = cursor.spans();
                }
            }
            near.insert(doc, nearness(&spans));
        }
        Ok(near)
    }

    /// Which dossiers hold anything that they must not; empty where nothing is excluded.
    pub(super) fn excluded_groups(&self) -> Result<Vec<bool>, TantivyError> {
        let mut excluded = Vec::new();
        if self.excluded.is_empty() {
            return Ok(excluded);
        }
        excluded.resize(self.snapshot.dossiers.len(), false);
        let [about, place] = self.description();
        for segment in &self.snapshot.segments {
            for (unit, field) in self
                .excluded
                .iter()
                .flat_map(|unit| [self.body(), about, place].map(|field| (unit, field)))
            {
                let cursor = UnitCursor::open(&segment.reader, field.pair, unit, Detail::Counts, 1.0)?;
                let Some(mut cursor) = cursor else { continue };
                while cursor.doc() != TERMINATED {
                    let doc = cursor.doc();
                    if let Some(group) = segment.group(doc).filter(|_| !segment.reader.is_deleted(doc)) {
                        excluded[group as usize] = true;
                    }
                    cursor.advance();
                }
            }
        }
        Ok(excluded)
    }
}
