//! The one writer: entries to documents.

use hrisov_model::{DossierId, PageId, PageText};
use serde::{Deserialize, Serialize};
use tantivy::{
    TantivyDocument, TantivyError, Term,
    directory::error::LockError,
    indexer::{IndexWriterOptions, LogMergePolicy},
    schema::Field,
};

use crate::{
    DossierEntry, DossierFacets, IndexError, IndexKey, PageEntry,
    analyser::{self, KeyCache, Offer, Offered},
    completion,
    fields::{Fields, TextPair},
    stored_page::StoredPage,
    tokens::{Indexed, Tokens},
};

/// Memory for entries not yet on disk. One thread: recognition, which feeds us, is a thousand times slower.
const BUFFER_BYTES: usize = 48 * 1024 * 1024;

/// The one writer of an index. Nothing is seen by searchers, nor kept after a crash, before
/// [`IndexWriter::commit`]; dropping it forgets what was not committed. Every call may be repeated.
pub struct IndexWriter {
    engine: tantivy::IndexWriter,
    fields: Fields,
    key: IndexKey,
    cache: KeyCache,
    stamp: u64,
}

/// What a description keeps beside its indexed words.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredDossier {
    pub(crate) fonds: String,
    pub(crate) box_name: String,
    pub(crate) reference: String,
    pub(crate) title: String,
    pub(crate) page_count: u32,
    pub(crate) unreadable_pages: u32,
    pub(crate) facets: DossierFacets,
}

impl IndexWriter {
    /// Takes the index's lock.
    pub(crate) fn open(index: &tantivy::Index, fields: Fields, key: IndexKey) -> Result<Self, IndexError> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .memory_budget_per_thread(BUFFER_BYTES)
            .num_merge_threads(1)
            .build();
        let engine = index.writer_with_options(options).map_err(|error| match error {
            TantivyError::LockFailure(LockError::LockBusy, _) => IndexError::WriterBusy,
            other => IndexError::Engine(other),
        })?;
        engine.set_merge_policy(Box::new(LogMergePolicy::default()));
        let stamp = committed_stamp(index)?;
        Ok(Self {
            engine,
            fields,
            key,
            cache: KeyCache::default(),
            stamp,
        })
    }

    /// Puts or replaces the description of a dossier; its pages stay as they are.
    pub fn put_dossier(&mut self, dossier: &DossierEntry) -> Result<(), IndexError> {
        let key = dossier_key(dossier.id);
        let mut document = self.document(&key, dossier.id);
        let fields = self.fields;
        let said = self.add_texts(&mut document, fields.about, &[&dossier.reference, &dossier.title]);
        let department = dossier.facets.department.as_deref().unwrap_or_default();
        self.add_texts(
            &mut document,
            fields.place,
            &[&dossier.box_name, &dossier.fonds, department],
        );
        let days = match dossier.facets.years {
            Some((first, last)) => vec![10_000 * u32::from(first), 10_000 * u32::from(last)],
            None => said,
        };
        add_days(&mut document, fields.days, &days);
        let reference = completion::terms(vec![Offered {
            offer: Offer::Reference,
            folded: analyser::folded(&dossier.reference),
            shown: dossier.reference.clone(),
        }]);
        reference
            .into_iter()
            .for_each(|term| document.add_text(fields.complete, term));
        document.add_u64(fields.unreadable, dossier.unreadable_pages.into());
        for (field, value) in [
            (fields.fonds_facet, Some(&dossier.fonds)),
            (fields.box_facet, Some(&dossier.box_name)),
            (fields.department_facet, dossier.facets.department.as_ref()),
            (fields.kind_facet, dossier.facets.kind.as_ref()),
        ] {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                document.add_text(field, value);
            }
        }
        let stored = StoredDossier {
            fonds: dossier.fonds.clone(),
            box_name: dossier.box_name.clone(),
            reference: dossier.reference.clone(),
            title: dossier.title.clone(),
            page_count: dossier.page_count,
            unreadable_pages: dossier.unreadable_pages,
            facets: dossier.facets.clone(),
        };
        let json = serde_json::to_vec(&stored).expect("strings and numbers always become JSON");
        document.add_bytes(self.fields.stored, &json);
        self.replace(&key, document)
    }

    /// Puts or replaces one page.
    pub fn put_page(&mut self, page: &PageEntry<'_>) -> Result<(), IndexError> {
        let key = page_key(page.id);
        let mut document = self.document(&key, page.dossier);
        let words = page_tokens(page.text, &mut self.cache, &self.key);
        let stored = StoredPage::encode(page.id, page.revision, page.text, &words.hidden_words);
        add_days(&mut document, self.fields.days, &words.days);
        document.add_pre_tokenized_text(self.fields.complete, words.completions.clone());
        self.add_words(&mut document, self.fields.body, words);
        document.add_u64(self.fields.number, page.number.into());
        if let Some(confidence) = page.text.mean_confidence() {
            document.add_u64(self.fields.quality, (100.0 * confidence).round() as u64);
        }
        let headings = page.text.lines().take(analyser::HEADING_LINES);
        let kind = headings
            .filter_map(|line| analyser::kind_of_heading(line.words.iter().map(|word| word.text.as_str())))
            .next();
        if let Some(kind) = kind {
            document.add_text(self.fields.kind_facet, kind);
        }
        document.add_bytes(self.fields.stored, &stored);
        self.replace(&key, document)
    }

    /// Takes one page out; nothing happens where it is not there.
    pub fn delete_page(&mut self, page: PageId) -> Result<(), IndexError> {
        self.engine
            .delete_term(Term::from_field_bytes(self.fields.key, &page_key(page)));
        Ok(())
    }

    /// Takes a dossier out, description and pages; nothing happens where it is not there.
    pub fn delete_dossier(&mut self, dossier: DossierId) -> Result<(), IndexError> {
        self.engine.delete_term(Term::from_field_bytes(
            self.fields.dossier,
            dossier.uuid().as_bytes(),
        ));
        Ok(())
    }

    /// Takes everything out, as a rebuild begins.
    pub fn clear(&mut self) -> Result<(), IndexError> {
        self.engine.delete_all_documents()?;
        Ok(())
    }

    /// Makes everything put so far durable (files synced) and visible to searchers, together with the
    /// outbox position that it stands for.
    pub fn commit(&mut self, stamp: u64) -> Result<(), IndexError> {
        let mut prepared = self.engine.prepare_commit()?;
        prepared.set_payload(&stamp.to_string());
        prepared.commit()?;
        self.stamp = stamp;
        Ok(())
    }

    /// The stamp of the last commit; 0 before the first.
    #[must_use]
    pub fn committed_stamp(&self) -> u64 {
        self.stamp
    }

    /// Waits until merging under way has ended, then closes: a bench or a rebuild ends so.
    pub fn close(self) -> Result<(), IndexError> {
        Ok(self.engine.wait_merging_threads()?)
    }

    fn document(&self, key: &[u8], dossier: DossierId) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        document.add_bytes(self.fields.key, key);
        document.add_bytes(self.fields.dossier, dossier.uuid().as_bytes());
        document
    }

    /// Gives the days that the texts name.
    fn add_texts(&mut self, document: &mut TantivyDocument, pair: TextPair, texts: &[&str]) -> Vec<u32> {
        let mut tokens = Tokens::new(&mut self.cache, &self.key);
        texts.iter().for_each(|text| tokens.push_text(text));
        let words = tokens.finish();
        let days = words.days.clone();
        self.add_words(document, pair, words);
        days
    }

    fn add_words(&self, document: &mut TantivyDocument, pair: TextPair, words: Indexed) {
        document.add_pre_tokenized_text(pair.exact, words.exact);
        document.add_pre_tokenized_text(pair.stem, words.stems);
        document.add_pre_tokenized_text(pair.ids, words.ids);
        document.add_pre_tokenized_text(pair.links, words.links);
        document.add_pre_tokenized_text(self.fields.spelling, words.spellings);
    }

    fn replace(&mut self, key: &[u8], document: TantivyDocument) -> Result<(), IndexError> {
        self.engine
            .delete_term(Term::from_field_bytes(self.fields.key, key));
        self.engine.add_document(document)?;
        Ok(())
    }
}

impl std::fmt::Debug for IndexWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IndexWriter")
            .field("stamp", &self.stamp)
            .finish_non_exhaustive()
    }
}

/// The stamp in the last commit's payload; 0 before the first commit.
pub(crate) fn committed_stamp(index: &tantivy::Index) -> Result<u64, IndexError> {
    match index.load_metas()?.payload {
        None => Ok(0),
        Some(payload) => payload.parse().map_err(|_| IndexError::Damaged {
            what: "the commit stamp",
        }),
    }
}

/// Days of one text that are kept.
const DAYS_MAX: usize = 24;

fn add_days(document: &mut TantivyDocument, field: Field, days: &[u32]) {
    days.iter()
        .take(DAYS_MAX)
        .for_each(|&day| document.add_u64(field, day.into()));
}

/// The `key` of a description.
pub(crate) fn dossier_key(dossier: DossierId) -> Vec<u8> {
    [b"d", dossier.uuid().as_bytes().as_slice()].concat()
}

/// The `key` of a page.
pub(crate) fn page_key(page: PageId) -> Vec<u8> {
    [b"p", page.uuid().as_bytes().as_slice()].concat()
}

/// A word read with less confidence may hide another: its numbers are indexed by what they may have been as well. On
/// generated pages 48 of 141 dates below it are wrong, and 8 of 415 above.
const SURE: f32 = 0.85;

/// The keys of a page, with words broken at line ends of a block joined.
fn page_tokens(text: &PageText, cache: &mut KeyCache, key: &IndexKey) -> Indexed {
    let mut tokens = Tokens::new(cache, key);
    for block in &text.blocks {
        tokens.push_break();
        let mut before = None;
        for line in &block.lines {
            for (at, word) in line.words.iter().enumerate() {
                let broken = before.filter(|_| at == 0);
                if let Some(joined) = broken.and_then(|first| analyser::join_broken(first, &word.text)) {
                    tokens.push_joined(joined);
                }
                tokens.push_word(&word.text, word.confidence < SURE);
                word.alternatives
                    .iter()
                    .for_each(|other| tokens.push_alternative(other));
            }
            before = line.words.last().map(|word| word.text.as_str());
        }
    }
    tokens.finish()
}
