//! Work: probes, readings and commits, taken as jobs from the catalog until none is left.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hrisov_catalog::{CatalogError, Job, JobKind, PageResult, Probe};
use hrisov_model::{
    Digest, DossierDescription, DossierId, Event, EventId, EventKind, FileId, FileRecord, FileState, Outcome,
    PageId, PageRecord, PageState, QuarantineReason, UnreadableReason,
};
use hrisov_store::{Key, Spool, dossier::DossierObject};
use tokio::sync::Notify;

use crate::{
    Archive, IngestError, Progress,
    moment::{now, salt},
    names::natural_order,
    reading::{Reader, ReadingSession},
    recovery::{Settled, settle},
    staging::StagedPage,
    version::{VersionIntent, VersionKind, agent, write_version},
};

/// Pages of one reading job: small enough that a long dossier uses every core, large enough that the
/// file is opened rarely.
const PAGES_PER_RANGE: u32 = 16;
/// How long a claimed job may go without a sign of life.
const LEASE_MS: i64 = 15 * 60_000;
/// Tries before a job is parked.
const TRIES: u32 = 3;

/// Runs jobs; shared by all tasks that take them.
#[derive(Debug)]
pub struct Workshop {
    pub archive: Arc<Archive>,
    pub reader: Reader,
    pub progress: Arc<Progress>,
    pub spool: Spool,
    /// The object of the last job: those of a dossier follow each other, and the inventory of a long one is large.
    seen: Mutex<Option<(DossierId, Arc<DossierObject>)>>,
    /// Woken whenever there may be a new job, or a reason to stop.
    pub wake: Notify,
    /// No more jobs will come but those that jobs make.
    closing: AtomicBool,
    /// Stop after the job at hand.
    stopping: AtomicBool,
    /// No more versions will be recorded.
    applied: AtomicBool,
}

impl Workshop {
    pub fn new(archive: Arc<Archive>, reader: Reader, progress: Arc<Progress>) -> Self {
        Self {
            archive,
            reader,
            progress,
            spool: Spool::default(),
            seen: Mutex::default(),
            wake: Notify::new(),
            closing: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            applied: AtomicBool::new(false),
        }
    }

    /// Takes jobs until none is left and none will come.
    ///
    /// # Errors
    /// Where the catalog fails; a job that fails is tried again and then parked.
    pub async fn take_jobs(&self) -> Result<(), IngestError> {
        while !self.stopping.load(Ordering::Relaxed) {
            let woken = self.wake.notified();
            match self.archive.catalog.claim_job(now(), LEASE_MS).await? {
                Some(job) => {
                    self.attempt(&job).await?;
                    self.wake.notify_waiters();
                }
                None if self.is_done().await? => break,
                // Another task's job may make new ones; a failed one waits for its time.
                None => drop(tokio::time::timeout(Duration::from_millis(200), woken).await),
            }
        }
        self.wake.notify_waiters();
        Ok(())
    }

    /// Lets the tasks end once the jobs are done.
    pub fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
        self.wake.notify_waiters();
    }

    /// Lets the tasks end after the job at hand.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.wake.notify_waiters();
    }

    pub fn has_stopped(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Lets the applier end once it has taken what was recorded.
    pub fn end_applying(&self) {
        self.applied.store(true, Ordering::Relaxed);
        self.wake.notify_waiters();
    }

    pub fn has_ended_applying(&self) -> bool {
        self.applied.load(Ordering::Relaxed)
    }

    async fn is_done(&self) -> Result<bool, IngestError> {
        Ok(self.closing.load(Ordering::Relaxed) && self.archive.catalog.job_counts().await?.open == 0)
    }

    async fn attempt(&self, job: &Job) -> Result<(), IngestError> {
        let done = match job.work.kind {
            JobKind::Probe => self.probe(job).await,
            JobKind::Recognise => self.recognise(job).await,
            JobKind::Commit => self.commit(job).await,
        };
        let Err(error) = done else { return Ok(()) };
        tracing::warn!(dossier = %job.work.dossier, kind = ?job.work.kind, attempt = job.attempts, %error, "a job failed");
        let pause = i64::try_from(self.archive.retry_pause.as_millis()).unwrap_or(i64::MAX >> 6);
        let delay = pause << job.attempts.saturating_sub(1).min(6);
        let failed = self
            .archive
            .catalog
            .fail_job(job, &chain(&error), now(), delay, TRIES)
            .await;
        match failed {
            // The job itself was done; what failed was the clearing up after it, which the load's end repeats.
            Err(CatalogError::StaleLease { .. }) => Ok(()),
            other => Ok(other?),
        }
    }

    /// Looks at a file: its pages, or why it cannot be shown.
    async fn probe(&self, job: &Job) -> Result<(), IngestError> {
        let master = self.master(job).await?;
        let local = self
            .spool
            .local(self.archive.blobs.as_ref(), &master.key, master.file.digest)
            .await?;
        let probed = self.reader.probe(local.path()).await?;
        let page = |(index, seen): (u32, &crate::reading::SeenPage)| PageRecord {
            id: PageId::derived(master.file.id.uuid(), &format!("page {index}")),
            file: master.file.id,
            index,
            width_px: seen.width_px,
            height_px: seen.height_px,
            dpi: seen.dpi,
            state: PageState::Waiting,
            text_path: None,
            text_digest: None,
            words: 0,
            confidence_percent: None,
            figures: None,
        };
        let rescanned = self.archive.catalog.rescanned_pages(master.file.id).await?;
        let is_shown = |page: &PageRecord| !rescanned.contains(&page.index);
        let pages: Vec<_> = (0..).zip(&probed.pages).map(page).filter(is_shown).collect();
        self.progress.add_pages(pages.len() as u64);
        let probe = Probe {
            file: master.file.id,
            media_type: probed.media_type,
            state: probed.state,
            pages,
        };
        Ok(self
            .archive
            .catalog
            .complete_probe(job, &probe, PAGES_PER_RANGE)
            .await?)
    }

    /// Reads a range of pages; what was staged before is not read again.
    async fn recognise(&self, job: &Job) -> Result<(), IngestError> {
        let master = self.master(job).await?;
        let range = job.work.first_page..job.work.first_page + job.work.page_count;
        let mut pages = self.archive.catalog.pages_of_file(master.file.id).await?;
        pages.retain(|page| range.contains(&page.index));
        let mut session = self.session(&master);
        let mut results = Vec::with_capacity(pages.len());
        for page in pages {
            let staged = session.page(page.index).await?;
            results.push(result(page.id, &staged));
            self.progress.page_done();
            self.archive.catalog.renew_job(job, now(), LEASE_MS).await?;
        }
        Ok(self.archive.catalog.complete_recognise(job, &results).await?)
    }

    /// Writes the dossier's next version with all that was read since the last.
    async fn commit(&self, job: &Job) -> Result<(), IngestError> {
        let id = job.work.dossier;
        let _writing = self.archive.dossiers.lock(id).await;
        let settled = settle(&self.archive, id).await?;
        let held = self.archive.catalog.dossier(id).await?;
        let held =
            held.ok_or_else(|| IngestError::Internal(format!("dossier {id} is not in the catalog")))?;
        if settled == Settled::Text {
            // An earlier try had got so far that only this was left.
            return self.clear_staging(&held.description).await;
        }
        let earlier = self.archive.catalog.events(id).await?;
        let object = self.object(id, held.version).await?;
        let mut description = in_order(without_undecodable(held.description));
        let texts = self.texts(&mut description, &object).await?;
        let created = now();
        let new = new_events(&description, &earlier, created)?;
        let events = (earlier, new);
        let message = format!("text of {} pages", texts.len());
        let pages = texts.iter().map(|text| (text.digest, text.page)).collect();
        let kind = VersionKind::Text { pages };
        let mut intent = VersionIntent::new(
            Some(object.inventory()),
            description,
            events,
            created,
            message,
            kind,
        );
        for text in &texts {
            intent.set_text_size(text.digest, text.size_bytes);
        }
        let recorded = write_version(
            &intent,
            &self.archive.catalog,
            &self.archive.root,
            &self.archive.staging,
        )
        .await?;
        self.archive.catalog.complete_commit(job, &recorded).await?;
        self.clear_staging(&intent.description).await
    }

    /// Makes each newly recognised page's ALTO once, to learn its digest and size; names it in the description.
    async fn texts(
        &self,
        description: &mut DossierDescription,
        object: &DossierObject,
    ) -> Result<Vec<NewText>, IngestError> {
        let files = description.files_by_id();
        let is_new = |page: &&PageRecord| page.state == PageState::Recognised && page.text_digest.is_none();
        let mut texts = Vec::new();
        for page in description.pages.iter().filter(is_new) {
            let file = *files
                .get(&page.file)
                .ok_or_else(|| IngestError::Internal(format!("file {} is not in its dossier", page.file)))?;
            self.ensure_staged(file, page, object).await?;
            let alto = self.archive.staging.alto(file, page).await?;
            texts.push(NewText {
                page: page.id,
                digest: Digest::of(alto.as_bytes()),
                size_bytes: alto.len() as u64,
            });
        }
        let digests: HashMap<_, _> = texts.iter().map(|text| (text.page, text.digest)).collect();
        for page in &mut description.pages {
            if let Some(digest) = digests.get(&page.id) {
                page.text_path = Some(hrisov_store::dossier::text_path(page.id).to_string());
                page.text_digest = Some(*digest);
            }
        }
        Ok(texts)
    }

    /// Reads a page again whose staged result is gone: somebody emptied the staging area.
    async fn ensure_staged(
        &self,
        file: &FileRecord,
        page: &PageRecord,
        object: &DossierObject,
    ) -> Result<(), IngestError> {
        if self.archive.staging.get(file.digest, page.index).await?.is_some() {
            return Ok(());
        }
        let master = Master {
            file: file.clone(),
            key: master_key(object, file)?,
        };
        self.session(&master).page(page.index).await.map(drop)
    }

    async fn clear_staging(&self, description: &DossierDescription) -> Result<(), IngestError> {
        for file in &description.files {
            if !self.archive.catalog.is_staging_needed(file.digest).await? {
                self.archive.staging.clear(file.digest).await?;
            }
        }
        Ok(())
    }

    fn session<'s>(&'s self, master: &'s Master) -> ReadingSession<'s> {
        ReadingSession::new(self, &master.key, master.file.digest)
    }

    async fn master(&self, job: &Job) -> Result<Master, IngestError> {
        let id = job.work.dossier;
        let gone =
            |what: &str| IngestError::Internal(format!("{what} of dossier {id} is not in the catalog"));
        let file = job
            .work
            .file
            .ok_or_else(|| IngestError::Internal("a job without a file".to_owned()))?;
        let catalog = &self.archive.catalog;
        let (_, file) = catalog.file(file).await?.ok_or_else(|| gone("a file"))?;
        let version = catalog.dossier_version(id).await?;
        let object = self
            .object(id, version.ok_or_else(|| gone("the version"))?)
            .await?;
        let key = master_key(&object, &file)?;
        Ok(Master { file, key })
    }

    /// The dossier's object at that version: the one seen last, or from the store.
    async fn object(&self, id: DossierId, version: u32) -> Result<Arc<DossierObject>, IngestError> {
        let seen = || self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((last, object)) = seen().as_ref()
            && *last == id
            && object.inventory().head() == version
        {
            return Ok(Arc::clone(object));
        }
        let object = self.archive.root.dossier(id).await?;
        let object = object
            .map(Arc::new)
            .ok_or_else(|| IngestError::Internal(format!("dossier {id} is not in the store")))?;
        *seen() = Some((id, Arc::clone(&object)));
        Ok(object)
    }
}

/// The master that a job is about.
#[derive(Debug)]
struct Master {
    file: FileRecord,
    key: Key,
}

/// A text that the next version brings.
struct NewText {
    page: PageId,
    digest: Digest,
    size_bytes: u64,
}

fn master_key(object: &DossierObject, file: &FileRecord) -> Result<Key, IngestError> {
    object
        .master_key(file)
        .ok_or_else(|| IngestError::Internal(format!("master {} is not in the store", file.id)))
}

fn result(page: PageId, staged: &StagedPage) -> PageResult {
    let words = staged.text.as_ref().map_or(0, |text| text.words().count());
    let confidence = staged
        .text
        .as_ref()
        .and_then(hrisov_model::PageText::mean_confidence);
    PageResult {
        page,
        width_px: staged.width_px,
        height_px: staged.height_px,
        dpi: staged.dpi,
        state: staged.state.clone(),
        words: u32::try_from(words).unwrap_or(u32::MAX),
        // A share between 0 and 1, so the percentage fits.
        confidence_percent: confidence.map(|share| (share * 100.0).round() as u8),
        figures: staged.figures(),
    }
}

/// A master of which not one page can be decoded is quarantined instead of each of its pages: its header
/// promised pages that are not there.
fn without_undecodable(mut description: DossierDescription) -> DossierDescription {
    // Of each file the verdict of its first page, as long as every page has one.
    let mut verdicts = HashMap::<FileId, Option<(QuarantineReason, String)>>::new();
    for page in &description.pages {
        let verdict = undecodable(&page.state);
        let held = verdicts.entry(page.file).or_insert_with(|| verdict.clone());
        if verdict.is_none() {
            *held = None;
        }
    }
    for file in &mut description.files {
        if let Some(Some((reason, detail))) = verdicts.get(&file.id) {
            file.state = FileState::Quarantined {
                reason: *reason,
                detail: detail.clone(),
            };
        }
    }
    description
        .pages
        .retain(|page| !matches!(verdicts.get(&page.file), Some(Some(_))));
    description
}

/// Why the picture itself cannot be had; `None` for every other state.
fn undecodable(state: &PageState) -> Option<(QuarantineReason, String)> {
    let PageState::Unreadable { reason, detail } = state else {
        return None;
    };
    let reason = match reason {
        UnreadableReason::Damaged => QuarantineReason::Damaged,
        UnreadableReason::TooLarge => QuarantineReason::TooLarge,
        UnreadableReason::Unsupported => QuarantineReason::Unsupported,
        UnreadableReason::WorkerFailed | UnreadableReason::TimedOut | UnreadableReason::NothingRecognised => {
            return None;
        }
    };
    Some((reason, detail.clone()))
}

/// Pages in the natural order of their files' names, those scanned again where they stood before; pages of files
/// that are not shown are left out.
fn in_order(mut description: DossierDescription) -> DossierDescription {
    let mut pages = std::mem::take(&mut description.pages);
    let files = description.files_by_id();
    let place_of = description.first_places();
    let place = |page: &PageRecord| {
        let place = place_of(page);
        let path = files
            .get(&place.file)
            .map_or("", |file| file.source_path.as_str());
        (path, place.index)
    };
    pages.sort_by(|one, other| {
        let ((path, index), (other_path, other_index)) = (place(one), place(other));
        natural_order(path, other_path).then(index.cmp(&other_index))
    });
    drop((files, place_of));
    description.pages = pages;
    description
}

/// One event for the new texts, which pins the description that names them all; one for each master
/// that was newly quarantined, or is no longer.
fn new_events(
    description: &DossierDescription,
    earlier: &[Event],
    at: jiff::Timestamp,
) -> Result<Vec<Event>, IngestError> {
    let event = |kind, outcome, detail, file, digest| -> Result<Event, IngestError> {
        let (id, agent, salt) = (EventId::random(), agent(), salt()?);
        Ok(Event {
            id,
            kind,
            at,
            agent,
            outcome,
            detail,
            file,
            page: None,
            digest,
            salt,
        })
    };
    let unreadable = description
        .pages
        .iter()
        .filter(|page| matches!(page.state, PageState::Unreadable { .. }))
        .count();
    let (outcome, detail) = match unreadable {
        0 => (Outcome::Success, String::new()),
        pages => (Outcome::Warning, format!("{pages} pages could not be read")),
    };
    let digest = Digest::of(&hrisov_store::dossier::description_bytes(description));
    let mut events = vec![event(
        EventKind::Transcription,
        outcome,
        detail,
        None,
        Some(digest),
    )?];
    // Those whose last change was into quarantine.
    let mut quarantined = HashSet::new();
    for event in earlier {
        match (event.kind, event.file) {
            (EventKind::Quarantine, Some(file)) => drop(quarantined.insert(file)),
            (EventKind::MetadataModification, Some(file)) => drop(quarantined.remove(&file)),
            _ => {}
        }
    }
    for file in &description.files {
        let (kind, outcome, detail) = match &file.state {
            FileState::Quarantined { detail, .. } if !quarantined.contains(&file.id) => {
                (EventKind::Quarantine, Outcome::Failure, detail.clone())
            }
            FileState::Stored if quarantined.contains(&file.id) => (
                EventKind::MetadataModification,
                Outcome::Success,
                "no longer quarantined: its pages can be shown".to_owned(),
            ),
            _ => continue,
        };
        events.push(event(kind, outcome, detail, Some(file.id), Some(file.digest))?);
    }
    Ok(events)
}

/// An error with its causes, for the record.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text
}
