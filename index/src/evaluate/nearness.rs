//! The second look: how near the units stand on the best pages, and which dossiers hold what they must not.

use std::collections::HashMap;

use tantivy::{DocId, TERMINATED, TantivyError};

use super::{Evaluation, NEARNESS_PART, Tally};
use crate::{
    IndexError,
    cursor::{Detail, Span, UnitCursor},
    proximity::nearness,
    snapshot::{Group, Snapshot},
};

/// Best pages with several units on which it is looked at how near these stand to each other.
const NEARNESS_PAGES_MAX: usize = 1_000;

/// A page on which the units may stand near to each other.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    group: Group,
    segment: usize,
    doc: DocId,
    number: u32,
    score: f32,
}

/// The best pages with several units.
#[derive(Default)]
pub(super) struct Candidates {
    pages: Vec<Candidate>,
    /// The score of the worst of those that stay in any case.
    least: f32,
}

impl Candidates {
    /// Whether a page with a score may be among the best.
    pub(super) fn may_take(&self, score: f32) -> bool {
        score >= self.least
    }

    /// Takes a page of a segment in; from time to time only the best stay.
    pub(super) fn push(&mut self, snapshot: &Snapshot, (at, doc): (usize, DocId), score: f32) {
        let segment = &snapshot.segments[at];
        let Some(group) = segment.group(doc) else { return };
        self.pages.push(Candidate {
            group,
            segment: at,
            doc,
            number: segment.numbers.first(doc).unwrap_or(0) as u32,
            score,
        });
        self.keep_best(snapshot, 4 * NEARNESS_PAGES_MAX);
    }

    /// Once there are more than `limit`, only the best are kept.
    fn keep_best(&mut self, snapshot: &Snapshot, limit: usize) {
        if self.pages.len() <= limit {
            return;
        }
        let dossier = |candidate: &Candidate| snapshot.dossiers[candidate.group as usize];
        self.pages.select_nth_unstable_by(NEARNESS_PAGES_MAX, |a, b| {
            let by_score = b.score.total_cmp(&a.score);
            by_score.then_with(|| (dossier(a), a.number).cmp(&(dossier(b), b.number)))
        });
        self.pages.truncate(NEARNESS_PAGES_MAX);
        self.least = self
            .pages
            .iter()
            .fold(f32::MAX, |least, page| least.min(page.score));
    }
}

impl Evaluation<'_> {
    /// Adds to the scores of dossiers how near the units stand on their best pages.
    pub(super) fn add_nearness(&self, tally: &mut Tally) -> Result<(), IndexError> {
        tally.candidates.keep_best(self.snapshot, NEARNESS_PAGES_MAX);
        let candidates = &mut tally.candidates.pages;
        candidates.sort_unstable_by_key(|candidate| (candidate.segment, candidate.doc));
        for of_segment in candidates.chunk_by(|a, b| a.segment == b.segment) {
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
        let mut cursors = self.page_cursors(segment, Detail::Positions)?;
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
                let cursor = UnitCursor::open(&segment.reader, field.pair, unit, Detail::Counts)?;
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
