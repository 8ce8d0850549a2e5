//! The second look: how near the units stand on the best pages, and which dossiers hold what they must not.

use std::{cmp::Ordering, collections::HashMap};

use rayon::prelude::*;
use tantivy::{DocId, TERMINATED, TantivyError};

use super::{Evaluation, NEARNESS_PART, tally::Tally};
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
    score: f32,
}

/// The best pages with several units.
#[derive(Default)]
pub(super) struct Candidates {
    pages: Vec<Candidate>,
    /// The worst of those that stay in any case.
    worst: Option<Candidate>,
}

impl Candidates {
    /// Whether a page with a score may be among the best.
    pub(super) fn may_take(&self, score: f32) -> bool {
        self.worst.is_none_or(|worst| score >= worst.score)
    }

    /// Takes a page of a segment in where it may be among the best; from time to time only these stay.
    pub(super) fn push(&mut self, snapshot: &Snapshot, (at, doc): (usize, DocId), group: Group, score: f32) {
        if !self.may_take(score) {
            return;
        }
        let page = Candidate {
            group,
            segment: at,
            doc,
            score,
        };
        if self
            .worst
            .is_some_and(|worst| order(snapshot, &page, &worst).is_gt())
        {
            return;
        }
        self.pages.push(page);
        self.keep_best(snapshot, 4 * NEARNESS_PAGES_MAX);
    }

    /// Takes in those of another segment.
    pub(super) fn join(&mut self, others: Self) {
        self.pages.extend(others.pages);
    }

    /// Once there are more than `limit`, only the best are kept.
    fn keep_best(&mut self, snapshot: &Snapshot, limit: usize) {
        if self.pages.len() <= limit {
            return;
        }
        let (_, worst, _) = self
            .pages
            .select_nth_unstable_by(NEARNESS_PAGES_MAX - 1, |a, b| order(snapshot, a, b));
        self.worst = Some(*worst);
        self.pages.truncate(NEARNESS_PAGES_MAX);
    }
}

/// Best first; pages that score the same in the order of dossiers and pages, whatever segment they lie in.
fn order(snapshot: &Snapshot, a: &Candidate, b: &Candidate) -> Ordering {
    let dossier = |page: &Candidate| snapshot.dossiers[page.group as usize];
    let number = |page: &Candidate| snapshot.segments[page.segment].numbers.first(page.doc);
    let by_place = || {
        dossier(a)
            .cmp(&dossier(b))
            .then_with(|| number(a).cmp(&number(b)))
    };
    b.score.total_cmp(&a.score).then_with(by_place)
}

impl Evaluation<'_> {
    /// Adds to the scores of dossiers how near the units stand on their best pages.
    pub(super) fn add_nearness(&self, tally: &mut Tally) -> Result<(), IndexError> {
        tally.candidates.keep_best(self.snapshot, NEARNESS_PAGES_MAX);
        let candidates = &mut tally.candidates.pages;
        candidates.sort_unstable_by_key(|candidate| (candidate.segment, candidate.doc));
        let of_segments: Vec<&[Candidate]> = candidates.chunk_by(|a, b| a.segment == b.segment).collect();
        let near = |of_segment: &&[Candidate]| {
            let docs: Vec<DocId> = of_segment.iter().map(|candidate| candidate.doc).collect();
            self.nearness(of_segment[0].segment, &docs)
        };
        let near = of_segments.par_iter().map(near).collect::<Result<Vec<_>, _>>()?;
        for (of_segment, near) in of_segments.into_iter().zip(near) {
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
