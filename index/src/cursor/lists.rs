//! Lists of documents: those with any of some terms, those with some terms beside others.

use tantivy::{
    DocId, DocSet as _, SegmentReader, TERMINATED, TantivyError, Term,
    postings::{Postings as _, SegmentPostings},
    schema::IndexRecordOption,
};

use super::{Code, Detail, Level, Source, Span, code};

/// Documents with any of some terms.
#[derive(Clone)]
pub(super) struct AnyOf {
    pub(super) lists: Vec<SegmentPostings>,
    pub(super) doc: DocId,
}

/// Documents with any of some terms directly beside any of others, or with one word between.
#[derive(Clone)]
pub(super) struct Beside {
    terms: AnyOf,
    others: AnyOf,
    pub(super) doc: DocId,
    /// Where the terms stand so.
    pub(super) places: Vec<u32>,
    positions: Vec<u32>,
}

/// How far a word stands from the one beside it, at most: over an initial, or `nr.`
const BESIDE: u32 = 2;

/// Twice a position, and 1 where a part stands there only misread.
pub(super) type Marked = u32;

/// Enters a list from where it is to its end; the best of several stays.
pub(super) fn mark(list: &mut SegmentPostings, level: Level, codes: &mut [Code]) {
    let mut doc = list.doc();
    while doc != TERMINATED {
        let known = &mut codes[doc as usize];
        *known = code(level, list.term_freq()).max(*known);
        doc = list.advance();
    }
}

impl AnyOf {
    /// `None` where the segment has none of the terms; fields share their positions.
    pub(super) fn open(
        segment: &SegmentReader,
        sources: &[Source<'_>],
        detail: Detail,
    ) -> Result<Option<Self>, TantivyError> {
        let record = match detail {
            Detail::Counts => IndexRecordOption::WithFreqs,
            Detail::Positions => IndexRecordOption::WithFreqsAndPositions,
        };
        let mut lists = Vec::new();
        for &(field, terms) in sources.iter().filter(|(_, terms)| !terms.is_empty()) {
            let index = segment.inverted_index(field)?;
            for term in terms {
                lists.extend(index.read_postings(&Term::from_field_text(field, term), record)?);
            }
        }
        let doc = lists.iter().map(|list| list.doc()).min();
        Ok(doc.map(|doc| Self { lists, doc }))
    }

    /// No documents.
    pub(super) const fn none() -> Self {
        Self {
            lists: Vec::new(),
            doc: TERMINATED,
        }
    }

    pub(super) fn seek(&mut self, target: DocId) -> DocId {
        if self.doc < target {
            let mut first = TERMINATED;
            for list in &mut self.lists {
                let doc = if list.doc() < target {
                    list.seek(target)
                } else {
                    list.doc()
                };
                first = first.min(doc);
            }
            self.doc = first;
        }
        self.doc
    }

    pub(super) fn advance(&mut self) -> DocId {
        if let [only] = self.lists.as_mut_slice() {
            self.doc = only.advance();
            return self.doc;
        }
        self.seek(self.doc + 1)
    }

    /// Of several spellings at the same places the commonest counts.
    pub(super) fn count(&self) -> u32 {
        let here = self.lists.iter().filter(|list| list.doc() == self.doc);
        here.map(|list| list.term_freq()).max().unwrap_or(0)
    }

    pub(super) fn positions(&mut self, positions: &mut Vec<u32>) {
        positions.clear();
        let mut lists = 0;
        for list in self.lists.iter_mut().filter(|list| list.doc() == self.doc) {
            list.append_positions_with_offset(0, positions);
            lists += 1;
        }
        if lists > 1 {
            positions.sort_unstable();
        }
        positions.dedup();
    }

    /// The lists of both, this one's first.
    pub(super) fn with(mut self, other: Self) -> Self {
        self.doc = self.doc.min(other.doc);
        self.lists.extend(other.lists);
        self
    }

    /// Where it stands here, in rising order; only by one of the lists behind the first `exact`, where no other does.
    pub(super) fn marked_positions(&mut self, exact: usize, positions: &mut Vec<Marked>) {
        positions.clear();
        let here = |(_, list): &(usize, &mut SegmentPostings)| list.doc() == self.doc;
        let mut lists = 0;
        for (at, list) in self.lists.iter_mut().enumerate().filter(here) {
            let first = positions.len();
            list.append_positions_with_offset(0, positions);
            let mark = u32::from(at >= exact);
            positions[first..]
                .iter_mut()
                .for_each(|position| *position = *position << 1 | mark);
            lists += 1;
        }
        if lists > 1 {
            positions.sort_unstable();
            positions.dedup_by_key(|marked| *marked >> 1);
        }
    }

    pub(super) fn spans(&mut self) -> Vec<Span> {
        let mut positions = Vec::new();
        self.positions(&mut positions);
        positions
            .into_iter()
            .map(|position| (position, position))
            .collect()
    }

    pub(super) fn doc_freq(&self) -> u32 {
        self.lists.iter().map(|list| list.doc_freq()).sum()
    }
}

impl Beside {
    pub(super) fn new(terms: AnyOf, others: AnyOf) -> Self {
        let mut beside = Self {
            terms,
            others,
            doc: 0,
            places: Vec::new(),
            positions: Vec::new(),
        };
        beside.settle(0);
        beside
    }

    pub(super) fn seek(&mut self, target: DocId) -> DocId {
        if self.doc < target {
            self.settle(target);
        }
        self.doc
    }

    /// Enters all from where it is to its end; what stands there better stays.
    pub(super) fn mark(&mut self, codes: &mut [Code]) {
        while self.doc != TERMINATED {
            let known = &mut codes[self.doc as usize];
            *known = code(Level::Near, self.places.len() as u32).max(*known);
            self.seek(self.doc + 1);
        }
    }

    pub(super) fn doc_freq(&self) -> u32 {
        self.terms.doc_freq().min(self.others.doc_freq())
    }

    fn settle(&mut self, mut target: DocId) {
        loop {
            let doc = self.terms.seek(target);
            if doc == TERMINATED {
                break;
            }
            target = self.others.seek(doc);
            if target == doc {
                self.find_places();
                if !self.places.is_empty() {
                    self.doc = doc;
                    return;
                }
                target = doc + 1;
            }
            if target == TERMINATED {
                break;
            }
        }
        self.doc = TERMINATED;
    }

    fn find_places(&mut self) {
        self.terms.positions(&mut self.places);
        self.others.positions(&mut self.positions);
        let others = &self.positions;
        self.places.retain(|&place| {
            let nearby = place.saturating_sub(BESIDE)..=place + BESIDE;
            let first = others.partition_point(|other| other < nearby.start());
            others[first..]
                .iter()
                .take_while(|other| nearby.contains(other))
                .any(|&other| other != place)
        });
    }
}
