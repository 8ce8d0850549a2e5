//! Answers queries from the last commit.

use std::sync::{Arc, Mutex, PoisonError};

use hrisov_model::{Digest, DossierId, PageId};
use tantivy::{DocId, IndexReader, ReloadPolicy, TantivyDocument, TantivyError, schema::Value as _};

use crate::{
    Completion, DossierEntry, IndexError, IndexKey, PageHit, SearchHits, SearchQuery, answer, completion,
    fields::Fields,
    snapshot::{Group, GroupTable, Snapshot},
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

    /// Reads what the first question would have to wait for: by what dossiers are narrowed and sorted. A second for a
    /// million pages.
    ///
    /// # Errors
    /// Only where the index itself cannot be read.
    pub fn warm(&self) -> Result<(), IndexError> {
        self.current()?.facts().map(drop)
    }

    /// Answers a query from the last commit. A query of no words has no hits; none is an error.
    ///
    /// # Errors
    /// Only where the index itself cannot be read.
    pub fn search(&self, query: &SearchQuery) -> Result<SearchHits, IndexError> {
        let snapshot = self.current()?;
        answer::answer(&snapshot, query, &self.key)
    }

    /// The pages of one dossier with at least one word of a query, by their number, with their boxes: at most
    /// `limit`, the best ones where there are more. Filters within the query do not matter here.
    ///
    /// # Errors
    /// Only where the index itself cannot be read.
    pub fn search_within(
        &self,
        dossier: DossierId,
        text: &str,
        limit: usize,
    ) -> Result<Vec<PageHit>, IndexError> {
        answer::within(&*self.current()?, dossier, text, limit, &self.key)
    }

    /// References, names and streets that begin with a text, folded on both sides; at most `limit` of each
    /// kind, the most frequent first. Of a street its name is enough; a name is found in either order.
    ///
    /// # Errors
    /// Only where the index itself cannot be read.
    pub fn complete(&self, text: &str, limit: usize) -> Result<Vec<Completion>, IndexError> {
        completion::complete(&*self.current()?, text, limit)
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
                facets: stored.facets,
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

pub(crate) fn description(
    snapshot: &Snapshot,
    dossier: DossierId,
) -> Result<Option<StoredDossier>, IndexError> {
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
pub(crate) fn stored(snapshot: &Snapshot, segment: usize, doc: DocId) -> Result<Vec<u8>, IndexError> {
    let address = tantivy::DocAddress::new(segment as u32, doc);
    let document: TantivyDocument = snapshot.engine.doc(address)?;
    let value = document
        .get_first(snapshot.fields.stored)
        .and_then(|value| value.as_bytes().map(<[u8]>::to_vec));
    value.ok_or(IndexError::Damaged {
        what: "a stored value",
    })
}
