//! Walking the index: where a unit of the query stands, document by document.

use tantivy::{
    DocId, DocSet as _, SegmentReader, TERMINATED, TantivyError, Term,
    fieldnorm::FieldNormReader,
    postings::{Postings as _, SegmentPostings},
    schema::{Field, IndexRecordOption},
};

use crate::{fields::TextPair, query::Unit};

/// BM25's saturation of repeated words, and its weight of a text's length (the usual values).
const SATURATION: f32 = 1.2;
const LENGTH_WEIGHT: f32 = 0.75;

/// First and last position of an occurrence.
pub(crate) type Span = (u32, u32);

/// What is read from the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// How often a word stands in a document.
    Counts,
    /// Where it stands as well.
    Positions,
}

/// Documents with any of some terms.
pub(crate) struct AnyOf {
    lists: Vec<SegmentPostings>,
    doc: DocId,
}

/// Documents with parts one after the other.
struct Phrase {
    parts: Vec<AnyOf>,
    /// Indices into `parts`, rarest first.
    order: Vec<usize>,
    doc: DocId,
    occurrences: Vec<Span>,
    positions: Vec<u32>,
}

enum Matcher {
    Word(AnyOf),
    Phrase(Phrase),
}

/// When an occurrence counts as exact.
enum Exactness {
    Always,
    Where(AnyOf),
    Never,
}

/// Where one unit stands in one field pair of one segment.
pub(crate) struct UnitCursor {
    matcher: Matcher,
    exactness: Exactness,
    norms: Option<FieldNormReader>,
    typical_length: f32,
}

impl AnyOf {
    /// `None` where the segment has none of the terms.
    fn open(
        segment: &SegmentReader,
        field: Field,
        terms: &[String],
        detail: Detail,
    ) -> Result<Option<Self>, TantivyError> {
        let index = segment.inverted_index(field)?;
        let record = match detail {
            Detail::Counts => IndexRecordOption::WithFreqs,
            Detail::Positions => IndexRecordOption::WithFreqsAndPositions,
        };
        let mut lists = Vec::with_capacity(terms.len());
        for term in terms {
            lists.extend(index.read_postings(&Term::from_field_text(field, term), record)?);
        }
        let doc = lists.iter().map(|list| list.doc()).min();
        Ok(doc.map(|doc| Self { lists, doc }))
    }

    fn seek(&mut self, target: DocId) -> DocId {
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

    fn advance(&mut self) -> DocId {
        if let [only] = self.lists.as_mut_slice() {
            self.doc = only.advance();
            return self.doc;
        }
        self.seek(self.doc + 1)
    }

    /// Of several spellings at the same places the commonest counts.
    fn count(&self) -> u32 {
        let here = self.lists.iter().filter(|list| list.doc() == self.doc);
        here.map(|list| list.term_freq()).max().unwrap_or(0)
    }

    fn positions(&mut self, positions: &mut Vec<u32>) {
        positions.clear();
        for list in self.lists.iter_mut().filter(|list| list.doc() == self.doc) {
            list.append_positions_with_offset(0, positions);
        }
        positions.sort_unstable();
        positions.dedup();
    }

    fn doc_freq(&self) -> u32 {
        self.lists.iter().map(|list| list.doc_freq()).sum()
    }
}

impl Phrase {
    /// `None` where the segment misses a part altogether.
    fn open(
        segment: &SegmentReader,
        field: Field,
        parts: &[Vec<String>],
    ) -> Result<Option<Self>, TantivyError> {
        let mut lists = Vec::with_capacity(parts.len());
        for terms in parts {
            match AnyOf::open(segment, field, terms, Detail::Positions)? {
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

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc < target {
            self.settle(target);
        }
        self.doc
    }

    /// Goes to the first document from `target` on where the parts follow each other.
    fn settle(&mut self, mut target: DocId) {
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
    fn find_occurrences(&mut self) {
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

impl UnitCursor {
    /// `None` where the segment cannot hold the unit.
    pub(crate) fn open(
        segment: &SegmentReader,
        pair: TextPair,
        unit: &Unit,
        detail: Detail,
        typical_length: f32,
    ) -> Result<Option<Self>, TantivyError> {
        let (matcher, exactness) = match unit {
            Unit::Word { exact, stems, .. } if stems.is_empty() => (
                AnyOf::open(segment, pair.exact, exact, detail)?.map(Matcher::Word),
                Exactness::Always,
            ),
            Unit::Word { exact, stems, .. } => {
                let exact = AnyOf::open(segment, pair.exact, exact, Detail::Counts)?;
                let exactness = exact.map_or(Exactness::Never, Exactness::Where);
                (
                    AnyOf::open(segment, pair.stem, stems, detail)?.map(Matcher::Word),
                    exactness,
                )
            }
            Unit::Phrase(parts) => (phrase(segment, pair, parts, detail)?, Exactness::Always),
            Unit::Identifier { whole, parts } => {
                let whole = AnyOf::open(segment, pair.exact, std::slice::from_ref(whole), Detail::Counts)?;
                (
                    phrase(segment, pair, parts, detail)?,
                    whole.map_or(Exactness::Never, Exactness::Where),
                )
            }
        };
        let norms = segment.fieldnorms_readers().get_field(pair.exact)?;
        Ok(matcher.map(|matcher| Self {
            matcher,
            exactness,
            norms,
            typical_length,
        }))
    }

    pub(crate) fn doc(&self) -> DocId {
        match &self.matcher {
            Matcher::Word(word) => word.doc,
            Matcher::Phrase(phrase) => phrase.doc,
        }
    }

    pub(crate) fn advance(&mut self) -> DocId {
        match &mut self.matcher {
            Matcher::Word(word) => word.advance(),
            Matcher::Phrase(phrase) => phrase.seek(phrase.doc + 1),
        }
    }

    pub(crate) fn seek(&mut self, target: DocId) -> DocId {
        match &mut self.matcher {
            Matcher::Word(word) => word.seek(target),
            Matcher::Phrase(phrase) => phrase.seek(target),
        }
    }

    /// How well the unit stands in the current document: 0 to 1 by how often in how long a text (BM25's
    /// curve against a fixed typical length, so that it depends on nothing but the document), plus 1
    /// where it stands there exactly.
    pub(crate) fn quality(&mut self) -> f32 {
        let doc = self.doc();
        let exact = match &mut self.exactness {
            Exactness::Always => Some(self.matcher.count()),
            Exactness::Where(list) => (list.seek(doc) == doc).then(|| list.count()),
            Exactness::Never => None,
        };
        let count = exact.unwrap_or_else(|| self.matcher.count()) as f32;
        let length = self.norms.as_ref().map_or(0, |norms| norms.fieldnorm(doc)) as f32;
        let damping = SATURATION * (1.0 - LENGTH_WEIGHT + LENGTH_WEIGHT * length / self.typical_length);
        f32::from(u8::from(exact.is_some())) + count / (count + damping)
    }

    /// Where the unit stands in the current document; asks for [`Detail::Positions`].
    pub(crate) fn spans(&mut self) -> Vec<Span> {
        match &mut self.matcher {
            Matcher::Word(word) => {
                let mut positions = Vec::new();
                word.positions(&mut positions);
                positions
                    .into_iter()
                    .map(|position| (position, position))
                    .collect()
            }
            Matcher::Phrase(phrase) => phrase.occurrences.clone(),
        }
    }

    /// Documents that may hold the unit, deleted ones included: an upper bound.
    pub(crate) fn doc_freq(&self) -> u32 {
        match &self.matcher {
            Matcher::Word(word) => word.doc_freq(),
            Matcher::Phrase(phrase) => phrase.parts.iter().map(AnyOf::doc_freq).min().unwrap_or(0),
        }
    }
}

impl Matcher {
    fn count(&self) -> u32 {
        match self {
            Self::Word(word) => word.count(),
            Self::Phrase(phrase) => phrase.occurrences.len() as u32,
        }
    }
}

/// A phrase of one part is an exact word.
fn phrase(
    segment: &SegmentReader,
    pair: TextPair,
    parts: &[Vec<String>],
    detail: Detail,
) -> Result<Option<Matcher>, TantivyError> {
    Ok(match parts {
        [only] => AnyOf::open(segment, pair.exact, only, detail)?.map(Matcher::Word),
        several => Phrase::open(segment, pair.exact, several)?.map(Matcher::Phrase),
    })
}
