//! One committed state of the index, with its documents grouped by dossier.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
    sync::{Arc, OnceLock},
};

use hrisov_model::DossierId;
use tantivy::{
    DocId, DocSet as _, SegmentReader, TERMINATED, TantivyError, Term,
    columnar::{BytesColumn, Column},
    index::SegmentId,
    postings::SegmentPostings,
    schema::IndexRecordOption,
};
use uuid::Uuid;

use crate::{
    IndexError,
    facts::{Facts, SegmentFacts},
    fields::Fields,
    near::{Alike, SegmentAlike},
};

/// Up to so many documents of a term are counted without the deleted ones, so that a small archive ranks
/// the same before and after a rebuild.
pub(crate) const EXACT_COUNT_MAX: u32 = 4_096;

/// The number that a searcher gives a dossier: dense, so that tallies are arrays.
pub(crate) type Group = u32;

/// A committed state, open for reading; it does not change.
pub(crate) struct Snapshot {
    pub(crate) engine: tantivy::Searcher,
    pub(crate) fields: Fields,
    pub(crate) segments: Vec<Segment>,
    pub(crate) dossiers: Arc<Vec<DossierId>>,
    facts: OnceLock<Arc<Facts>>,
    /// Words that look like words asked before.
    pub(crate) look_alikes: Alike,
}

/// One segment with the dossier of each document.
pub(crate) struct Segment {
    pub(crate) reader: SegmentReader,
    grouping: Arc<Grouping>,
    pub(crate) numbers: Column<u64>,
    facts: Arc<OnceLock<SegmentFacts>>,
    /// What the segment said before documents of it were deleted, and as which it was open then.
    before: Option<Before>,
    /// Words of the segment that look like words asked before.
    pub(crate) look_alikes: Arc<SegmentAlike>,
}

/// The facts of an earlier state of a segment.
type Before = (SegmentReader, Arc<OnceLock<SegmentFacts>>);

/// What is kept of a segment from one state of the index to the next.
struct Kept {
    reader: SegmentReader,
    grouping: Arc<Grouping>,
    facts: Arc<OnceLock<SegmentFacts>>,
    before: Option<Before>,
    look_alikes: Arc<SegmentAlike>,
}

/// Which documents of a segment belong to which dossier, deleted ones included: 8 bytes a document.
#[derive(Default)]
struct Grouping {
    /// Per document its dossier, or [`NO_GROUP`].
    groups: Vec<Group>,
    /// Documents by dossier, in rising order within one.
    docs: Vec<DocId>,
    /// Each dossier with the place in `docs` behind its last document; in rising order.
    ends: Vec<(Group, u32)>,
    /// Each row of documents of one dossier with the document behind its last one, in the order of documents.
    runs: Vec<(Group, DocId)>,
}

/// No dossier.
const NO_GROUP: Group = Group::MAX;

/// Numbers dossiers as they come; numbers stay as long as the searcher lives.
#[derive(Default)]
pub(crate) struct GroupTable {
    dossiers: Arc<Vec<DossierId>>,
    numbers: HashMap<DossierId, Group>,
    segments: BTreeMap<SegmentId, Kept>,
}

impl Segment {
    /// The dossiers that documents belong to, deleted ones included, in rising order.
    pub(crate) fn groups(&self) -> impl Iterator<Item = Group> {
        let groups = self.grouping.ends.iter().map(|&(group, _)| group);
        groups.filter(|&group| group != NO_GROUP)
    }

    /// What its documents say of their dossiers; read when first asked for.
    pub(crate) fn facts(&self) -> Result<&SegmentFacts, IndexError> {
        if let Some(facts) = self.facts.get() {
            return Ok(facts);
        }
        let facts = match self
            .before
            .as_ref()
            .and_then(|(reader, facts)| Some((reader, facts.get()?)))
        {
            Some((reader, before)) => before.read_again(self, &self.deleted_since(reader))?,
            None => SegmentFacts::read(self)?,
        };
        Ok(self.facts.get_or_init(|| facts))
    }

    /// The dossiers of documents that lived in an earlier state and no longer do, in rising order.
    fn deleted_since(&self, before: &SegmentReader) -> Vec<Group> {
        let gone = before.doc_ids_alive().filter(|&doc| self.reader.is_deleted(doc));
        let mut groups: Vec<Group> = gone.filter_map(|doc| self.group(doc)).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    /// Whether a document is a page: only pages have a number.
    pub(crate) fn is_page(&self, doc: DocId) -> bool {
        self.numbers.first(doc).is_some()
    }

    /// The dossier of a document.
    pub(crate) fn group(&self, doc: DocId) -> Option<Group> {
        let group = self.grouping.groups.get(doc as usize).copied();
        group.filter(|&group| group != NO_GROUP)
    }

    /// The rows of documents of one dossier, deleted ones included, in their order: most dossiers are one row.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (Group, Range<usize>)> {
        let mut begin = 0;
        let runs = self.grouping.runs.iter().map(move |&(group, end)| {
            let docs = begin..end as usize;
            begin = docs.end;
            (group, docs)
        });
        runs.filter(|&(group, _)| group != NO_GROUP)
    }

    /// The living documents of a dossier, in rising order.
    pub(crate) fn documents(&self, group: Group) -> impl Iterator<Item = DocId> {
        let docs = self.grouping.documents(group).iter().copied();
        docs.filter(|&doc| !self.reader.is_deleted(doc))
    }

    /// Living documents with a term.
    pub(crate) fn living_count(&self, term: &Term) -> Result<u64, TantivyError> {
        Ok(living(self, term)?.count() as u64)
    }
}

impl Snapshot {
    /// Opens the state that `engine` sees.
    pub(crate) fn open(
        engine: tantivy::Searcher,
        fields: Fields,
        table: &mut GroupTable,
    ) -> Result<Self, IndexError> {
        let mut segments = Vec::with_capacity(engine.segment_readers().len());
        let mut known = BTreeMap::new();
        for reader in engine.segment_readers() {
            let columns = reader.fast_fields();
            let dossiers = columns.bytes("dossier")?.ok_or(IndexError::Damaged {
                what: "the dossier column",
            })?;
            let kept = match table.segments.remove(&reader.segment_id()) {
                Some(kept) => kept.reopened(reader),
                None => Kept {
                    reader: reader.clone(),
                    grouping: Arc::new(Grouping::new(reader, &dossiers, &table.number(&dossiers)?)),
                    facts: Arc::default(),
                    before: None,
                    look_alikes: Arc::default(),
                },
            };
            segments.push(Segment {
                numbers: columns.u64("number")?,
                reader: reader.clone(),
                grouping: Arc::clone(&kept.grouping),
                facts: Arc::clone(&kept.facts),
                before: kept.before.clone(),
                look_alikes: Arc::clone(&kept.look_alikes),
            });
            known.insert(reader.segment_id(), kept);
        }
        table.segments = known;
        Ok(Self {
            engine,
            fields,
            segments,
            dossiers: Arc::clone(&table.dossiers),
            facts: OnceLock::new(),
            look_alikes: Alike::default(),
        })
    }

    /// What the dossiers are narrowed and sorted by; read when first asked for.
    pub(crate) fn facts(&self) -> Result<Arc<Facts>, IndexError> {
        if let Some(facts) = self.facts.get() {
            return Ok(Arc::clone(facts));
        }
        let facts = Arc::new(Facts::read(&self.segments, self.dossiers.len())?);
        Ok(Arc::clone(self.facts.get_or_init(|| facts)))
    }

    /// Documents with a term: without the deleted ones while there are few.
    pub(crate) fn living_count(&self, term: &Term) -> Result<u64, TantivyError> {
        let mut count = 0;
        for segment in &self.segments {
            let index = segment.reader.inverted_index(term.field())?;
            count += match index.doc_freq(term)? {
                1..=EXACT_COUNT_MAX if segment.reader.has_deletes() => segment.living_count(term)?,
                many => many.into(),
            };
        }
        Ok(count)
    }

    /// The documents of some dossiers, pages and descriptions, per segment in rising order.
    pub(crate) fn documents_of(&self, groups: &[Group]) -> Vec<Vec<DocId>> {
        let of_segment = |segment: &Segment| {
            let mut docs: Vec<DocId> = groups
                .iter()
                .flat_map(|&group| segment.documents(group))
                .collect();
            docs.sort_unstable();
            docs
        };
        self.segments.iter().map(of_segment).collect()
    }

    /// The documents of one dossier, known or not, per segment in rising order.
    pub(crate) fn documents_of_dossier(&self, dossier: DossierId) -> Result<Vec<Vec<DocId>>, IndexError> {
        let term = Term::from_field_bytes(self.fields.dossier, dossier.uuid().as_bytes());
        let collect = |segment| Ok(living(segment, &term)?.collect());
        self.segments.iter().map(collect).collect()
    }

    /// Whether a document that is not deleted has the term.
    pub(crate) fn holds(&self, term: &Term) -> Result<bool, TantivyError> {
        for segment in &self.segments {
            if living(segment, term)?.next().is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Where the one document with that key lies: segment and document.
    pub(crate) fn find(&self, key: &[u8]) -> Result<Option<(usize, DocId)>, IndexError> {
        let term = Term::from_field_bytes(self.fields.key, key);
        for (at, segment) in self.segments.iter().enumerate() {
            if let Some(doc) = living(segment, &term)?.next() {
                return Ok(Some((at, doc)));
            }
        }
        Ok(None)
    }
}

impl Kept {
    /// The same segment as it is open now.
    fn reopened(self, reader: &SegmentReader) -> Self {
        if self.reader.delete_opstamp() == reader.delete_opstamp() {
            return self;
        }
        // Facts that were never read are none to go on from.
        let before = match self.facts.get() {
            Some(_) => Some((self.reader, self.facts)),
            None => self.before,
        };
        Self {
            reader: reader.clone(),
            grouping: self.grouping,
            facts: Arc::default(),
            before,
            look_alikes: self.look_alikes,
        }
    }
}

impl Grouping {
    /// `groups` has the dossier of each ordinal of the column.
    fn new(reader: &SegmentReader, column: &BytesColumn, groups: &[Group]) -> Self {
        let group = |doc| {
            let ordinal = column
                .ords()
                .first(doc)
                .and_then(|ordinal| usize::try_from(ordinal).ok());
            ordinal
                .and_then(|ordinal| groups.get(ordinal))
                .copied()
                .unwrap_or(NO_GROUP)
        };
        let groups: Vec<Group> = (0..reader.max_doc()).map(group).collect();
        let mut docs: Vec<DocId> = (0..reader.max_doc()).collect();
        docs.sort_by_key(|&doc| groups[doc as usize]);
        let mut ends: Vec<(Group, u32)> = Vec::new();
        for (at, &doc) in (1..).zip(&docs) {
            let group = groups[doc as usize];
            match ends.last_mut() {
                Some((last, end)) if *last == group => *end = at,
                _ => ends.push((group, at)),
            }
        }
        let mut runs: Vec<(Group, DocId)> = Vec::new();
        for (end, &group) in (1..).zip(&groups) {
            match runs.last_mut() {
                Some((last, behind)) if *last == group => *behind = end,
                _ => runs.push((group, end)),
            }
        }
        Self {
            groups,
            docs,
            ends,
            runs,
        }
    }

    fn documents(&self, group: Group) -> &[DocId] {
        let Ok(at) = self.ends.binary_search_by_key(&group, |&(group, _)| group) else {
            return &[];
        };
        let begin = at.checked_sub(1).map_or(0, |before| self.ends[before].1);
        &self.docs[begin as usize..self.ends[at].1 as usize]
    }
}

impl GroupTable {
    /// The group of each ordinal of a column.
    fn number(&mut self, column: &BytesColumn) -> Result<Vec<Group>, IndexError> {
        let damaged = || IndexError::Damaged {
            what: "the dossier column",
        };
        let mut groups = Vec::with_capacity(column.num_terms());
        let mut terms = column.dictionary().stream().map_err(|_| damaged())?;
        while terms.advance() {
            let dossier = DossierId::from(Uuid::from_slice(terms.key()).map_err(|_| damaged())?);
            let next = self.dossiers.len() as Group;
            groups.push(*self.numbers.entry(dossier).or_insert_with(|| {
                Arc::make_mut(&mut self.dossiers).push(dossier);
                next
            }));
        }
        Ok(groups)
    }
}

/// The documents with a term that are not deleted, in rising order.
fn living<'a>(
    segment: &'a Segment,
    term: &Term,
) -> Result<impl Iterator<Item = DocId> + use<'a>, TantivyError> {
    let index = segment.reader.inverted_index(term.field())?;
    let list = index.read_postings(term, IndexRecordOption::Basic)?;
    let mut list = list.unwrap_or_else(SegmentPostings::empty);
    let docs = std::iter::from_fn(move || {
        let doc = list.doc();
        list.advance();
        (doc != TERMINATED).then_some(doc)
    });
    Ok(docs.filter(|&doc| !segment.reader.is_deleted(doc)))
}
