//! Lists of documents: those with any of some terms, those with parts one after the other.

use tantivy::{
    DocId, DocSet as _, SegmentReader, TERMINATED, TantivyError, Term,
    postings::{Postings as _, SegmentPostings},
    schema::{Field, IndexRecordOption},
};

use super::{Code, Detail, Level, Source, Span, code};

/// Documents with any of some terms.
#[derive(Clone)]
pub(super) struct AnyOf {
    pub(super) lists: Vec<SegmentPostings>,
    pub(super) doc: DocId,
}

/// Documents with parts one after the other.
#[derive(Clone)]
pub(super) struct Phrase {
    pub(super) parts: Vec<AnyOf>,
    /// Indices into `parts`, rarest first.
    order: Vec<usize>,
    pub(super) doc: DocId,
    pub(super) occurrences: Vec<Span>,
    positions: Vec<u32>,
}

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
        for list in self.lists.iter_mut().filter(|list| list.doc() == self.doc) {
            list.append_positions_with_offset(0, positions);
        }
        positions.sort_unstable();
        positions.dedup();
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

impl Phrase {
    /// `None` where the segment misses a part altogether.
    pub(super) fn open(
        segment: &SegmentReader,
        field: Field,
        parts: &[Vec<String>],
    ) -> Result<Option<Self>, TantivyError> {
        let mut lists = Vec::with_capacity(parts.len());
        for terms in parts {
            match AnyOf::open(segment, &[(field, terms)], Detail::Positions)? {
                Some(list) => lists.push(list),
                None => return Ok(None),
            }
        }
        let mut order: Vec<usize> = (0..lists.len()).collect();
        order.sort_by_key(|&part| lists[part].doc_freq());
        let mut phrase = Self {
            parts: lists,
            order,
            doc: 0,
            occurrences: Vec::new(),
            positions: Vec::new(),
        };
        phrase.settle(0);
        Ok(Some(phrase))
    }

    pub(super) fn seek(&mut self, target: DocId) -> DocId {
        if self.doc < target {
            self.settle(target);
        }
        self.doc
    }

    /// Goes to the first document from `target` on where the parts follow each other.
    pub(super) fn settle(&mut self, mut target: DocId) {
        while target != TERMINATED {
            let common =
                self.order
                    .iter()
                    .try_fold(target, |target, &part| match self.parts[part].seek(target) {
                        doc if doc == target => Ok(target),
                        later => Err(later),
                    });
            target = match common {
                Err(later) => later,
                Ok(doc) => {
                    self.find_occurrences();
                    if !self.occurrences.is_empty() {
                        self.doc = doc;
                        return;
                    }
                    doc + 1
                }
            };
        }
        self.doc = TERMINATED;
    }

    /// A word broken at a line end stands at two positions: from one that also stands at the next, the
    /// phrase may go on from either.
    pub(super) fn find_occurrences(&mut self) {
        self.occurrences.clear();
        let Self {
            parts,
            occurrences,
            positions,
            ..
        } = self;
        for (at, part) in parts.iter_mut().enumerate() {
            part.positions(positions);
            let stands = |position: u32| positions.binary_search(&position).is_ok();
            let reached: Vec<Span> = match at {
                0 => positions.iter().map(|&position| (position, position)).collect(),
                _ => occurrences
                    .iter()
                    .map(|&(first, last)| (first, last + 1))
                    .filter(|&(_, next)| stands(next))
                    .collect(),
            };
            let stretched = reached
                .iter()
                .map(|&(first, last)| (first, last + 1))
                .filter(|&(_, next)| stands(next));
            *occurrences = reached.iter().copied().chain(stretched).collect();
            occurrences.sort_unstable_by_key(|&(first, last)| (last, first));
            occurrences.dedup_by_key(|&mut (_, last)| last);
            if occurrences.is_empty() {
                return;
            }
        }
    }
}
