//! Answers queries from the last commit.

use std::sync::{Arc, Mutex, PoisonError};

use hrisov_model::{Digest, DossierId, PageId};
use tantivy::{DocId, IndexReader, ReloadPolicy, TantivyDocument, TantivyError, schema::Value as _};

use crate::{
    DossierEntry, DossierHit, IndexError, IndexKey, PageHit, SearchHits, SearchQuery,
    cursor::{Detail, Span, UnitCursor},
    evaluate::{Evaluation, RankedDossier, RankedPage},
    fields::Fields,
    page_hit,
    query::{Query, Unit},
    snapshot::{Group, GroupTable, Snapshot},
    spelling,
    stored_page::StoredPage,
    writer::{self, StoredDossier},
};

/// Searches what the last commit left, by whichever process; every search looks whether there is a
/// newer one. Shared freely between threads.
pub struct Searcher {
    index: tantivy::Index,
    fields: Fields,
    key: IndexKey,
    reader: IndexReader,
    state: Mutex<State>,
}

/// What the index holds of one dossier, for checking it against the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IndexedDossier {
    /// Its description, if there.
    pub description: Option<DossierEntry>,
    /// Its pages by number.
    pub pages: Vec<IndexedPage>,
}

/// One page in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexedPage {
    /// The page.
    pub id: PageId,
    /// Its number in the dossier, from 1.
    pub number: u32,
    /// SHA-256 of the ALTO file that its text came from.
    pub revision: Digest,
}

struct State {
    snapshot: Arc<Snapshot>,
    groups: GroupTable,
}

impl Searcher {
    pub(crate) fn open(index: &tantivy::Index, fields: Fields, key: IndexKey) -> Result<Self, IndexError> {
        let reader: IndexReader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        let mut groups = GroupTable::default();
        let snapshot = Arc::new(Snapshot::open(reader.searcher(), fields, &mut groups)?);
        Ok(Self {
            index: index.clone(),
            fields,
            key,
            reader,
            state: Mutex::new(State { snapshot, groups }),
        })
    }

    /// Answers a query from the last commit. A query of no words has no hits; none is an error.
    ///
    /// # Errors
    /// Only where the index itself cannot be read.
    pub fn search(&self, query: &SearchQuery) -> Result<SearchHits, IndexError> {
        let snapshot = self.current()?;
        let mut understood = Query::read(&query.text, &self.key);
        spelling::widen(&mut understood.units, &snapshot)?;
        let units = &understood.units;
        let Some(evaluation) = Evaluation::new(&snapshot, &understood)? else {
            return Ok(SearchHits::default());
        };
        let dossiers = evaluation.dossiers()?;
        let total = dossiers.len() as u64;
        let pages_total = dossiers.iter().map(|dossier| dossier.page_hits).sum();
        let wanted = best(&snapshot, dossiers, query.offset, query.limit);
        let groups: Vec<Group> = wanted.iter().map(|dossier| dossier.group).collect();
        let pages = evaluation.pages(&groups, query.pages_per_dossier)?;
        let hits = wanted
            .iter()
            .zip(pages)
            .map(|(dossier, pages)| dossier_hit(&snapshot, units, dossier, &pages))
            .collect::<Result<_, _>>()?;
        Ok(SearchHits {
            total,
            pages_total,
            hits,
        })
    }

    /// The stamp of the last commit; 0 before the first.
    pub fn committed_stamp(&self) -> Result<u64, IndexError> {
        writer::committed_stamp(&self.index)
    }

    /// Every dossier with a description or a page in the index, by identifier.
    pub fn dossiers(&self) -> Result<Vec<DossierId>, IndexError> {
        let snapshot = self.current()?;
        let mut groups: Vec<Group> = Vec::new();
        for segment in &snapshot.segments {
            groups.extend(
                segment
                    .reader
                    .doc_ids_alive()
                    .filter_map(|doc| segment.group(doc)),
            );
            groups.sort_unstable();
            groups.dedup();
        }
        let mut dossiers: Vec<_> = groups
            .iter()
            .map(|&group| snapshot.dossiers[group as usize])
            .collect();
        dossiers.sort_unstable();
        Ok(dossiers)
    }

    /// What the index holds of one dossier; nothing where it does not know it.
    pub fn dossier(&self, dossier: DossierId) -> Result<IndexedDossier, IndexError> {
        let snapshot = self.current()?;
        let mut indexed = IndexedDossier {
            description: description(&snapshot, dossier)?.map(|stored| DossierEntry {
                id: dossier,
                fonds: stored.fonds,
                box_name: stored.box_name,
                reference: stored.reference,
                title: stored.title,
                page_count: stored.page_count,
                unreadable_pages: stored.unreadable_pages,
            }),
            pages: Vec::new(),
        };
        for (at, docs) in snapshot.documents_of_dossier(dossier)?.into_iter().enumerate() {
            for doc in docs {
                // Only pages have a number.
                let Some(number) = snapshot.segments[at].numbers.first(doc) else {
                    continue;
                };
                let (id, revision) = StoredPage::decode_identity(&stored(&snapshot, at, doc)?)?;
                indexed.pages.push(IndexedPage {
                    id,
                    number: number as u32,
                    revision,
                });
            }
        }
        indexed.pages.sort_unstable_by_key(|page| (page.number, page.id));
        Ok(indexed)
    }

    /// The newest committed state.
    fn current(&self) -> Result<Arc<Snapshot>, IndexError> {
        // A panic while the state was replaced leaves the old one whole.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_outdated(&state.snapshot)? {
            self.reader.reload()?;
            let snapshot = Snapshot::open(self.reader.searcher(), self.fields, &mut state.groups)?;
            state.snapshot = Arc::new(snapshot);
        }
        Ok(Arc::clone(&state.snapshot))
    }

    /// Whether the files on disk name other segments, or other deletions, than those that are open.
    fn is_outdated(&self, snapshot: &Snapshot) -> Result<bool, TantivyError> {
        let on_disk = self.index.load_metas()?;
        let open = snapshot.engine.generation().segments();
        let known = on_disk
            .segments
            .iter()
            .filter(|meta| open.get(&meta.id()) == Some(&meta.delete_opstamp()));
        Ok(known.count() != open.len() || on_disk.segments.len() != open.len())
    }
}

impl std::fmt::Debug for Searcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Searcher").finish_non_exhaustive()
    }
}

/// The dossiers asked for, best first; equal ones by identifier, so that answers can be repeated.
fn best(
    snapshot: &Snapshot,
    mut dossiers: Vec<RankedDossier>,
    offset: usize,
    limit: usize,
) -> Vec<RankedDossier> {
    let id = |dossier: &RankedDossier| snapshot.dossiers[dossier.group as usize];
    let order =
        |a: &RankedDossier, b: &RankedDossier| b.score.total_cmp(&a.score).then_with(|| id(a).cmp(&id(b)));
    let end = offset.saturating_add(limit);
    if end < dossiers.len() {
        dossiers.select_nth_unstable_by(end, order);
        dossiers.truncate(end);
    }
    dossiers.sort_unstable_by(order);
    dossiers.split_off(offset.min(dossiers.len()))
}

fn dossier_hit(
    snapshot: &Snapshot,
    units: &[Unit],
    ranked: &RankedDossier,
    pages: &[RankedPage],
) -> Result<DossierHit, IndexError> {
    let dossier = snapshot.dossiers[ranked.group as usize];
    let described = description(snapshot, dossier)?;
    let mut hit = DossierHit {
        dossier,
        reference: String::new(),
        title: String::new(),
        box_name: String::new(),
        fonds: String::new(),
        score: ranked.score,
        page_hits: ranked.page_hits,
        unreadable_pages: 0,
        pages: pages
            .iter()
            .map(|page| page_hit(snapshot, units, page))
            .collect::<Result<_, _>>()?,
    };
    if let Some(stored) = described {
        hit.reference = stored.reference;
        hit.title = stored.title;
        hit.box_name = stored.box_name;
        hit.fonds = stored.fonds;
        hit.unreadable_pages = stored.unreadable_pages;
    }
    Ok(hit)
}

fn page_hit(snapshot: &Snapshot, units: &[Unit], ranked: &RankedPage) -> Result<PageHit, IndexError> {
    let page = StoredPage::decode(&stored(snapshot, ranked.segment, ranked.doc)?)?;
    let places = page.places();
    let spans = units
        .iter()
        .map(|unit| spans(snapshot, unit, ranked))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(PageHit {
        page: ranked.number,
        page_id: page.id,
        score: ranked.score,
        snippet: page_hit::snippet(&page, &places, &spans),
        boxes: page_hit::boxes(&page, &places, &spans),
    })
}

/// Where a unit stands on a page.
fn spans(snapshot: &Snapshot, unit: &Unit, page: &RankedPage) -> Result<Vec<Span>, TantivyError> {
    let reader = &snapshot.segments[page.segment].reader;
    let cursor = UnitCursor::open(reader, snapshot.fields.body, unit, Detail::Positions, 1.0)?;
    let standing = cursor.and_then(|mut cursor| (cursor.seek(page.doc) == page.doc).then(|| cursor.spans()));
    Ok(standing.unwrap_or_default())
}

fn description(snapshot: &Snapshot, dossier: DossierId) -> Result<Option<StoredDossier>, IndexError> {
    let Some((segment, doc)) = snapshot.find(&writer::dossier_key(dossier))? else {
        return Ok(None);
    };
    let json = stored(snapshot, segment, doc)?;
    serde_json::from_slice(&json)
        .map(Some)
        .map_err(|_| IndexError::Damaged {
            what: "a stored description",
        })
}

/// The stored value of a document.
fn stored(snapshot: &Snapshot, segment: usize, doc: DocId) -> Result<Vec<u8>, IndexError> {
    let address = tantivy::DocAddress::new(segment as u32, doc);
    let document: TantivyDocument = snapshot.engine.doc(address)?;
    let value = document
        .get_first(snapshot.fields.stored)
        .and_then(|value| value.as_bytes().map(<[u8]>::to_vec));
    value.ok_or(IndexError::Damaged {
        what: "a stored value",
    })
}
