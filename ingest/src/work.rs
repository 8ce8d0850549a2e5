//! Work: probes, readings and commits, taken as jobs from the catalog until none is left.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hrisov_catalog::{CatalogError, Job, JobKind, PageResult, Probe};
use hrisov_model::{DossierId, FileRecord, PageId, PageRecord, PageState};
use hrisov_store::{Key, Spool, dossier::DossierObject};
use tokio::sync::Notify;

use crate::{
    Archive, IngestError, Progress,
    moment::now,
    reading::{Reader, ReadingSession},
    staging::StagedPage,
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
        let apart = self.archive.catalog.pages_apart(job.work.dossier).await?;
        let is_apart = |page: &PageRecord| {
            let mut here = apart.iter().filter(|apart| apart.file == page.file);
            here.any(|apart| apart.index == page.index)
        };
        let is_shown = |page: &PageRecord| !rescanned.contains(&page.index) && !is_apart(page);
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

    pub(crate) fn session<'s>(&'s self, master: &'s Master) -> ReadingSession<'s> {
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
        let key = master_key(&object, &file).await?;
        Ok(Master { file, key })
    }

    /// Where a master's bytes lie, by the object that has them.
    pub(crate) async fn master_key(&self, keeper: DossierId, file: &FileRecord) -> Result<Key, IngestError> {
        let gone = || IngestError::Internal(format!("dossier {keeper} is not in the store"));
        let object = self.archive.root.dossier(keeper).await?;
        master_key(&object.ok_or_else(gone)?, file).await
    }

    /// The dossier's object at that version: the one seen last, or from the store.
    pub(crate) async fn object(
        &self,
        id: DossierId,
        version: u32,
    ) -> Result<Arc<DossierObject>, IngestError> {
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
pub(crate) struct Master {
    pub(crate) file: FileRecord,
    pub(crate) key: Key,
}

async fn master_key(object: &DossierObject, file: &FileRecord) -> Result<Key, IngestError> {
    let key = object.master_key(file).await?;
    key.ok_or_else(|| IngestError::Internal(format!("master {} is not in the store", file.id)))
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
