//! A load: a box from the survey to the finished account.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use hrisov_catalog::{Batch, BatchFile, BoxName, LoadRun};
use hrisov_index::IndexWriter;
use hrisov_model::{Account, BatchId};
use serde::Serialize;
use tokio::{
    sync::mpsc,
    task::{self, JoinSet},
};

use crate::{
    Archive, IngestError, Notary, Progress, ReadingCost,
    applier::Applier,
    boxes::refuse_closed_box,
    deposit::{Deposited, deposit},
    journal,
    moment::now,
    names::{encode_name, encode_path},
    reading::Reader,
    recovery::{clear_unneeded_staging, recover},
    survey::{BoxEntry, Survey, SurveyedDossier},
    work::Workshop,
};

/// Files compared by their bytes to tell a moved box from another one of the same name.
const FILES_COMPARED: usize = 20;
/// Entries of a box that were looked at and wait to be deposited: enough to keep a slow disk busy, little memory.
const SURVEYED_AHEAD: usize = 32;

/// What a load is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadOptions {
    /// Code of the fonds.
    pub fonds: String,
    /// Name of the box; the folder's own name where `None`.
    pub box_name: Option<String>,
    /// What to do where a box of that name came from another folder.
    pub moved: MovedBox,
    /// When its pages are read.
    pub reading: ReadingTime,
    /// Name of the file in a box that says that it is complete.
    pub marker: Option<String>,
}

/// When the pages of a box are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadingTime {
    /// In the same load.
    Now,
    /// In a later load of the same box: this one ends once every original is safe.
    Later,
}

/// A box of a known name in another folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MovedBox {
    /// Take it for the same box only where some file in it is known.
    Compare,
    /// It is the same box.
    Same,
}

/// How a load ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoxReport {
    /// The batch; that of the earlier load where nothing was new.
    pub batch: BatchId,
    /// Fonds and box.
    #[serde(flatten)]
    pub of: BoxName,
    /// Files by state.
    #[serde(flatten)]
    pub account: Account,
    /// Files that an earlier load had accounted for.
    pub already: u64,
    /// Files whose bytes changed since an earlier load: new versions, the old bytes stay.
    pub replaced: u64,
    /// Dossiers that the files belong to.
    pub dossiers: u64,
    /// Pages of these dossiers.
    pub pages: u64,
    /// Pages with text.
    pub pages_recognised: u64,
    /// Pages with nothing on them.
    pub pages_blank: u64,
    /// Pages that could not be read.
    pub pages_unreadable: u64,
    /// Files whose bytes lie in other dossiers as well; each dossier keeps them.
    pub also_elsewhere: u64,
    /// Separator sheets at which stacks were divided; they are no pages.
    pub separator_sheets: u64,
    /// Pages not read again: an interrupted load had read them, or the same bytes lie in another dossier of the load.
    pub pages_reused: u64,
    /// Files that are safe but wait to be read.
    pub files_unread: u64,
    /// What this load read, and what that cost; `None` where it read nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading: Option<ReadingCost>,
}

/// Loads boxes into one archive; its owner holds the archive's writer lock.
#[derive(Debug)]
pub struct Loader {
    pub(crate) archive: Arc<Archive>,
    pub(crate) reader: Reader,
    /// Gone once one of them failed: what they have in memory is then no longer sure.
    followers: Option<Followers>,
}

/// Those who learn of what is recorded: the index and the log.
#[derive(Debug)]
struct Followers {
    applier: Applier,
    notary: Notary,
}

impl Loader {
    /// Finishes what an interrupted load left, then stands ready.
    ///
    /// # Errors
    /// Where store or catalog fail.
    pub async fn start(
        archive: Archive,
        reader: Reader,
        writer: IndexWriter,
        notary: Notary,
    ) -> Result<Self, IngestError> {
        recover(&archive).await?;
        let applier = Applier::new(archive.catalog.clone(), archive.root.clone(), writer);
        Ok(Self {
            archive: Arc::new(archive),
            reader,
            followers: Some(Followers { applier, notary }),
        })
    }

    /// Loads one box: every file ends in exactly one state, every page in one result. Safe to repeat.
    ///
    /// # Errors
    /// [`IngestError`]; what was done so far is kept, and repeating goes on from there.
    pub async fn load(
        &mut self,
        box_path: &Path,
        options: &LoadOptions,
        progress: &Arc<Progress>,
    ) -> Result<BoxReport, IngestError> {
        if surveyed(box_path, options.marker.clone(), |survey| survey.next().is_none()).await? {
            return Err(IngestError::EmptyBox {
                path: box_path.to_owned(),
            });
        }
        let mut load = Load::begin(Arc::clone(&self.archive), box_path, options, progress).await?;
        self.work(progress, options.reading, async |workshop| {
            load.deposit_all(workshop).await
        })
        .await?;
        clear_unneeded_staging(&self.archive).await?;
        let mut report = load.report().await?;
        report.reading = Some(progress.cost()).filter(|cost| cost.pages > 0);
        if report.files_unread > 0 {
            // The batch stays open for the load that reads them.
            return Ok(report);
        }
        load.finish(&report).await?;
        // The closing of the load becomes a leaf of its own, after those of everything that was in it.
        self.pass_on().await?;
        Ok(report)
    }

    /// Reads everything that waits to be read, whatever brought it, and finishes the batches whose boxes are deposited to
    /// the end. Gives these; one of which files are left to be read stays open.
    ///
    /// # Errors
    /// [`IngestError`]; what was done so far is kept, and repeating goes on from there.
    pub async fn read_waiting(&mut self, progress: &Arc<Progress>) -> Result<Vec<BoxReport>, IngestError> {
        progress.add_pages(self.archive.catalog.page_counts(None).await?.waiting);
        self.work(progress, ReadingTime::Now, async |_| Ok(())).await?;
        clear_unneeded_staging(&self.archive).await?;
        let mut reports = Vec::new();
        for batch in self.archive.catalog.surveyed_batches().await? {
            let mut load = Load::resume(Arc::clone(&self.archive), batch, progress);
            let report = load.report().await?;
            if report.files_unread == 0 {
                load.finish(&report).await?;
            }
            reports.push(report);
        }
        self.pass_on().await?;
        Ok(reports)
    }

    /// Deposits while other tasks read, commit, index and log what is deposited already.
    pub(crate) async fn work(
        &mut self,
        progress: &Arc<Progress>,
        reading: ReadingTime,
        deposit: impl AsyncFnOnce(&Workshop) -> Result<(), IngestError>,
    ) -> Result<(), IngestError> {
        let workshop = Workshop::new(
            Arc::clone(&self.archive),
            self.reader.clone(),
            Arc::clone(progress),
        );
        let workshop = Arc::new(workshop);
        let mut tasks = JoinSet::new();
        // One more than there are workers, so that a commit or a slow disk leaves none idle.
        let takers = match reading {
            ReadingTime::Now => self.reader.workers() + 1,
            ReadingTime::Later => 0,
        };
        for _ in 0..takers {
            let workshop = Arc::clone(&workshop);
            tasks.spawn(async move { workshop.take_jobs().await });
        }
        let followers = self.take_followers()?;
        let applying = tokio::spawn(keep_applying(followers, Arc::clone(&workshop)));
        let deposited = deposit(&workshop).await;
        match deposited {
            Ok(()) => workshop.close(),
            Err(_) => workshop.stop(),
        }
        let mut worked = Ok(());
        while let Some(ended) = tasks.join_next().await {
            let ended = ended.unwrap_or_else(|stopped| Err(IngestError::Internal(stopped.to_string())));
            if ended.is_err() && worked.is_ok() {
                workshop.stop();
                worked = ended;
            }
        }
        workshop.end_applying();
        let applied = applying
            .await
            .map_err(|stopped| IngestError::Internal(stopped.to_string()))?;
        deposited.and(worked)?;
        self.followers = Some(applied?);
        self.parked().await
    }

    /// Index and log learn of everything that is recorded.
    pub(crate) async fn pass_on(&mut self) -> Result<(), IngestError> {
        let mut followers = self.take_followers()?;
        followers.applier.drain().await?;
        followers.applier.commit().await?;
        followers.notary.enter_all().await?;
        self.followers = Some(followers);
        Ok(())
    }

    fn take_followers(&mut self) -> Result<Followers, IngestError> {
        let followers = self.followers.take();
        followers
            .ok_or_else(|| IngestError::Internal("the writer of index and log stopped earlier".to_owned()))
    }

    async fn parked(&self) -> Result<(), IngestError> {
        match self.archive.catalog.parked_jobs().await?.last() {
            None => Ok(()),
            Some(last) => Err(IngestError::Parked {
                parked: self.archive.catalog.job_counts().await?.parked,
                last: last.error.clone(),
            }),
        }
    }
}

/// Passes what is recorded on to index and log until the work ends, then everything that is left.
async fn keep_applying(mut followers: Followers, workshop: Arc<Workshop>) -> Result<Followers, IngestError> {
    let Followers { applier, notary } = &mut followers;
    loop {
        // Before the question, so that no call between it and the waiting is missed.
        let woken = workshop.wake.notified();
        let last = workshop.has_ended_applying();
        applier.drain().await?;
        if last {
            applier.commit().await?;
            notary.enter_all().await?;
            return Ok(followers);
        }
        notary.enter_due().await?;
        drop(tokio::time::timeout(Duration::from_secs(1), woken).await);
    }
}

/// One box on its way.
pub(crate) struct Load {
    archive: Arc<Archive>,
    progress: Arc<Progress>,
    box_path: PathBuf,
    marker: Option<String>,
    run: LoadRun,
    batch: Batch,
    /// The batch before.
    before: Option<Batch>,
    already: u64,
    replaced: u64,
}

impl Load {
    async fn begin(
        archive: Arc<Archive>,
        box_path: &Path,
        options: &LoadOptions,
        progress: &Arc<Progress>,
    ) -> Result<Self, IngestError> {
        let real = box_path.canonicalize();
        let real = real.map_err(|source| IngestError::NoBox {
            path: box_path.to_owned(),
            source,
        })?;
        let of = BoxName {
            fonds: options.fonds.clone(),
            name: box_name(&real, options),
        };
        refuse_closed_box(&archive.catalog, &of).await?;
        if options.moved == MovedBox::Compare {
            refuse_other_box(&archive, &of, &real, options.marker.clone()).await?;
        }
        let before = archive.catalog.latest_finished_batch(&of).await?;
        let open = archive.catalog.open_batch_of(&of).await?;
        let batch = open.unwrap_or_else(|| new_batch(of, &real));
        if archive.catalog.batch(batch.id).await?.is_none() {
            archive.catalog.open_batch(&batch).await?;
        }
        let pages = archive.catalog.page_counts(Some(batch.id)).await?;
        let run = LoadRun {
            started_at: now(),
            files_found: 0,
            pages_before: pages.pages - pages.waiting,
        };
        archive.catalog.begin_run(batch.id, &run).await?;
        Ok(Self {
            archive,
            progress: Arc::clone(progress),
            box_path: box_path.to_owned(),
            marker: options.marker.clone(),
            run,
            batch,
            before,
            already: 0,
            replaced: 0,
        })
    }

    /// A batch that needs nothing more from its box.
    fn resume(archive: Arc<Archive>, batch: Batch, progress: &Arc<Progress>) -> Self {
        Self {
            archive,
            progress: Arc::clone(progress),
            box_path: PathBuf::from(&batch.source_path),
            marker: None,
            run: LoadRun {
                started_at: now(),
                files_found: 0,
                pages_before: 0,
            },
            batch,
            before: None,
            already: 0,
            replaced: 0,
        }
    }

    /// Deposits each entry of the box as soon as the survey has seen it.
    async fn deposit_all(&mut self, workshop: &Workshop) -> Result<(), IngestError> {
        let counting = tokio::spawn(self.count_files());
        let (sender, mut entries) = mpsc::channel(SURVEYED_AHEAD);
        let (box_path, marker) = (self.box_path.clone(), self.marker.clone());
        let surveying = task::spawn_blocking(move || -> Result<(), IngestError> {
            for entry in Survey::open(&box_path, marker.as_deref())? {
                if sender.blocking_send(entry).is_err() {
                    break;
                }
            }
            Ok(())
        });
        while let Some(entry) = entries.recv().await {
            self.deposit_entry(entry).await?;
            workshop.wake.notify_waiters();
            if workshop.has_stopped() {
                break;
            }
        }
        drop(entries);
        for task in [surveying, counting] {
            let ended = task.await;
            ended.map_err(|stopped| IngestError::Internal(stopped.to_string()))??;
        }
        match workshop.has_stopped() {
            true => Ok(()),
            false => Ok(self.archive.catalog.mark_surveyed(self.batch.id).await?),
        }
    }

    /// Counts the files ahead of the deposit, so that people see how much is left.
    fn count_files(&self) -> impl Future<Output = Result<(), IngestError>> + use<> {
        let (box_path, marker) = (self.box_path.clone(), self.marker.clone());
        let (progress, catalog) = (Arc::clone(&self.progress), self.archive.catalog.clone());
        let (batch, run) = (self.batch.id, self.run);
        async move {
            let counted = task::spawn_blocking(move || -> Result<u64, IngestError> {
                let files = Survey::open(&box_path, marker.as_deref())?.map(|entry| entry.files());
                Ok(files.inspect(|files| progress.add_files(*files)).sum())
            });
            let files_found = counted
                .await
                .map_err(|stopped| IngestError::Internal(stopped.to_string()))??;
            let run = LoadRun { files_found, ..run };
            Ok(catalog.begin_run(batch, &run).await?)
        }
    }

    async fn deposit_entry(&mut self, entry: BoxEntry) -> Result<(), IngestError> {
        if !entry.others.is_empty() {
            let at = now();
            let others = entry.others.into_iter().map(|other| BatchFile {
                source_path: other.box_path,
                file: None,
                dossier: None,
                state: other.state,
                at,
            });
            self.account(Deposited {
                files: others.collect(),
                ..Deposited::default()
            })
            .await?;
        }
        if let Some(dossier) = entry.dossier {
            let deposited = deposit(&self.archive, self.batch.id, &self.batch.of, &dossier).await?;
            self.account(deposited).await?;
        }
        Ok(())
    }

    async fn account(&mut self, deposited: Deposited) -> Result<(), IngestError> {
        self.archive
            .catalog
            .account_files(self.batch.id, &deposited.files)
            .await?;
        self.already += deposited.already;
        for file in deposited.files.iter().filter(|file| file.file.is_none()) {
            if self.was_so_before(file).await? {
                self.already += 1;
            }
        }
        self.replaced += deposited.replaced;
        self.progress.files_done(deposited.files.len() as u64);
        Ok(())
    }

    /// Whether the batch before had the same state for a file that has no record of its own.
    async fn was_so_before(&self, file: &BatchFile) -> Result<bool, IngestError> {
        let Some(before) = &self.before else {
            return Ok(false);
        };
        let catalog = &self.archive.catalog;
        let held = catalog.batch_file(before.id, &file.source_path).await?;
        Ok(held.is_some_and(|held| held.state == file.state))
    }

    async fn report(&mut self) -> Result<BoxReport, IngestError> {
        let catalog = &self.archive.catalog;
        let account = catalog.account(self.batch.id).await?;
        if let Some(before) = &self.before
            && self.already == account.received
            && !catalog.has_brought_files(self.batch.id).await?
        {
            catalog.forget_batch(self.batch.id).await?;
            self.batch = before.clone();
        }
        let pages = catalog.page_counts(Some(self.batch.id)).await?;
        Ok(BoxReport {
            batch: self.batch.id,
            of: self.batch.of.clone(),
            account,
            already: self.already,
            replaced: self.replaced,
            dossiers: catalog.dossier_count(Some(self.batch.id)).await?,
            pages: pages.pages,
            pages_recognised: pages.recognised,
            pages_blank: pages.blank,
            pages_unreadable: pages.unreadable,
            also_elsewhere: catalog.files_elsewhere(self.batch.id).await?,
            separator_sheets: catalog.separator_sheets(self.batch.id).await?,
            pages_reused: self.progress.counts().pages_reused,
            files_unread: catalog.unread_files(self.batch.id).await?,
            reading: None,
        })
    }

    /// Closes the batch: its account goes into the journal, so that a rebuild finds it there.
    async fn finish(&mut self, report: &BoxReport) -> Result<(), IngestError> {
        if !report.account.balances() {
            return Err(IngestError::Internal("the account does not balance".to_owned()));
        }
        if self.batch.finished_at.is_some() {
            return Ok(());
        }
        let files = self.archive.catalog.batch_files(self.batch.id).await?;
        let closing = journal::write_batch(self.archive.blobs.as_ref(), &self.batch, files, now()).await?;
        self.batch.finished_at = Some(closing.at);
        Ok(self.archive.catalog.close_batch(&closing).await?)
    }
}

fn box_name(real: &Path, options: &LoadOptions) -> String {
    let own = || {
        real.file_name()
            .map(|name| encode_name(std::os::unix::ffi::OsStrExt::as_bytes(name)))
    };
    options
        .box_name
        .clone()
        .or_else(own)
        .unwrap_or_else(|| "/".to_owned())
}

fn new_batch(of: BoxName, real: &Path) -> Batch {
    Batch {
        id: BatchId::random(),
        of,
        source_path: encode_path(real),
        started_at: now(),
        finished_at: None,
    }
}

/// Fails where a box of that name came from another folder and none of its files is known.
async fn refuse_other_box(
    archive: &Archive,
    of: &BoxName,
    real: &Path,
    marker: Option<String>,
) -> Result<(), IngestError> {
    let before = archive.catalog.box_source(of).await?;
    let Some(before) = before.filter(|before| *before != encode_path(real)) else {
        return Ok(());
    };
    let files = |dossier: SurveyedDossier| {
        let reference = dossier.reference;
        let files = dossier.files.into_iter();
        files.map(move |file| (reference.clone(), file.path))
    };
    let sample: Vec<_> = surveyed(real, marker, move |survey| {
        let dossiers = survey.filter_map(|entry| entry.dossier);
        dossiers.flat_map(files).take(FILES_COMPARED).collect()
    })
    .await?;
    for (reference, path) in sample {
        if let Some(id) = archive.catalog.find_dossier(of, &reference).await?
            && let Some(held) = archive.catalog.dossier(id).await?
            && let Ok((digest, _)) = crate::deposit::hash_file(path).await
            && held.description.files.iter().any(|file| file.digest == digest)
        {
            return Ok(());
        }
    }
    let (fonds, name) = (of.fonds.clone(), of.name.clone());
    Err(IngestError::OtherBox {
        fonds,
        name,
        before,
        now: encode_path(real),
    })
}

/// What the start of a survey says, asked off the async threads.
async fn surveyed<T: Send + 'static>(
    box_path: &Path,
    marker: Option<String>,
    ask: impl FnOnce(&mut Survey) -> T + Send + 'static,
) -> Result<T, IngestError> {
    let folder = box_path.to_owned();
    let open = move || Survey::open(&folder, marker.as_deref());
    let asked = task::spawn_blocking(move || open().map(|mut survey| ask(&mut survey))).await;
    asked.map_err(|stopped| IngestError::Internal(stopped.to_string()))?
}
