//! Reading: what a file is and what its pages say, asked of worker processes.

use std::{num::NonZeroUsize, path::Path};

use hrisov_imaging::{
    Limits, RenditionRequest,
    worker::{Answer, Lease, Refusal, Reply, Request, SourcePath, WorkerCommand, WorkerPool},
};
use hrisov_model::{Digest, FileState, Languages, PageState, QuarantineReason, foreign_percent};
use hrisov_ocr::{
    OcrError, Reading, Recipe, RecogniseOptions, check_languages,
    worker::{Recognised, recognise_page},
};
use hrisov_store::{Key, LocalMaster};

use crate::{IngestError, ReplaceError, staging::StagedPage, work::Workshop};

/// The hidden sub-command by which our own program becomes a worker.
const WORKER_COMMAND: &str = "page-worker";
/// Side of the picture that is made to see whether one can be: the whole page is decoded for it.
const LOOK_PX: u32 = 64;

/// Worker processes and how they are to read. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Reader {
    pool: WorkerPool,
    workers: NonZeroUsize,
    options: RecogniseOptions,
}

/// What a probe saw.
#[derive(Debug)]
pub(crate) struct Probed {
    pub(crate) media_type: Option<String>,
    pub(crate) state: FileState,
    pub(crate) pages: Vec<SeenPage>,
}

/// A page as its file's header announces it; zeros where the header is broken.
#[derive(Debug, Default)]
pub(crate) struct SeenPage {
    pub(crate) width_px: u32,
    pub(crate) height_px: u32,
    pub(crate) dpi: Option<u32>,
}

impl Reader {
    /// Stands ready to start up to `workers` processes of this very program.
    ///
    /// # Errors
    /// Where language data is missing; the message names the package to install.
    pub fn start(languages: Languages, workers: NonZeroUsize, limits: Limits) -> Result<Self, OcrError> {
        check_languages(&languages)?;
        // One thread for each process: Tesseract gets slower with more, and the cores are busy anyway.
        let command = WorkerCommand::this_program([WORKER_COMMAND]).with_environment("OMP_THREAD_LIMIT", "1");
        Ok(Self {
            pool: WorkerPool::start(command, workers, limits),
            workers,
            options: RecogniseOptions { languages },
        })
    }

    /// The digest of everything that determines a page's text beside the page.
    #[must_use]
    pub fn recipe(&self) -> Digest {
        Recipe::current(&self.options).digest()
    }

    /// Processes that work at the same time.
    #[must_use]
    pub fn workers(&self) -> usize {
        self.workers.get()
    }

    /// Looks whether a file can take the place of a page: it has one, and its picture can be made.
    pub(crate) async fn check_single_page(&self, path: &Path, called: &Path) -> Result<(), IngestError> {
        let not_shown = |detail: String| -> IngestError {
            let path = called.to_owned();
            ReplaceError::NotShown { path, detail }.into()
        };
        let probed = self.probe(path).await?;
        if let FileState::Quarantined { detail, .. } = probed.state {
            return Err(not_shown(detail));
        }
        if probed.pages.len() != 1 {
            let (path, pages) = (called.to_owned(), probed.pages.len());
            return Err(ReplaceError::Pages { path, pages }.into());
        }
        let request = Request::Render {
            path: SourcePath::new(path),
            page: 0,
            rendition: RenditionRequest::jpeg_within(LOOK_PX, LOOK_PX, 50),
        };
        match self.pool.call_twice::<_, Reply>(&request).await {
            Ok(Answer {
                reply: Reply::Rendered,
                ..
            }) => Ok(()),
            Ok(Answer {
                reply: Reply::Refused(refusal),
                ..
            }) => Err(not_shown(refusal.detail)),
            Ok(_) => Err(IngestError::Internal(
                "a worker answered another question".to_owned(),
            )),
            Err(error) if error.blames_page() => Err(not_shown(error.to_string())),
            Err(error) => Err(error.into()),
        }
    }

    /// Looks at a file. That it cannot be shown is a state, not an error.
    pub(crate) async fn probe(&self, path: &Path) -> Result<Probed, IngestError> {
        let request = Request::Probe {
            path: SourcePath::new(path),
        };
        let quarantined = |reason, detail: String| Probed {
            media_type: None,
            state: FileState::Quarantined { reason, detail },
            pages: Vec::new(),
        };
        match self.pool.call_twice::<_, Reply>(&request).await {
            Ok(Answer {
                reply: Reply::Probed(info),
                ..
            }) => {
                let broken = info.pages.iter().all(Result::is_err);
                match info.pages.first() {
                    None => Ok(quarantined(
                        QuarantineReason::NoPages,
                        "it has no page".to_owned(),
                    )),
                    // Not one page can be shown: the file's state says it once instead of each page.
                    Some(Err(refusal)) if broken => {
                        Ok(refused(refusal, Some(info.format.media_type().to_owned())))
                    }
                    Some(_) => Ok(Probed {
                        media_type: Some(info.format.media_type().to_owned()),
                        state: FileState::Stored,
                        pages: info
                            .pages
                            .iter()
                            .map(|page| page.as_ref().map(seen).unwrap_or_default())
                            .collect(),
                    }),
                }
            }
            Ok(Answer {
                reply: Reply::Refused(refusal),
                ..
            }) => Ok(refused(&refusal, None)),
            Ok(_) => Err(IngestError::Internal(
                "a worker answered another question".to_owned(),
            )),
            Err(error) if error.blames_page() => {
                Ok(quarantined(error.quarantine_reason(), error.to_string()))
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn seen(page: &hrisov_imaging::PageInfo) -> SeenPage {
    SeenPage {
        width_px: page.width_px,
        height_px: page.height_px,
        dpi: page.dpi,
    }
}

fn refused(refusal: &Refusal, media_type: Option<String>) -> Probed {
    Probed {
        media_type,
        state: FileState::Quarantined {
            reason: refusal.quarantine,
            detail: refusal.detail.clone(),
        },
        pages: Vec::new(),
    }
}

/// The reading of some pages of one master, in order: one process, which keeps the file open.
pub(crate) struct ReadingSession<'a> {
    workshop: &'a Workshop,
    key: &'a Key,
    master: Digest,
    /// Both only once a page really has to be read.
    open: Option<(Lease, LocalMaster)>,
}

impl<'a> ReadingSession<'a> {
    pub(crate) const fn new(workshop: &'a Workshop, key: &'a Key, master: Digest) -> Self {
        Self {
            workshop,
            key,
            master,
            open: None,
        }
    }

    /// The result for a page: the staged one, or a new one, which is staged.
    pub(crate) async fn page(&mut self, index: u32) -> Result<StagedPage, IngestError> {
        let staging = &self.workshop.archive.staging;
        if let Some(staged) = staging.get(self.master, index).await? {
            self.workshop.progress.page_reused();
            return Ok(staged);
        }
        let staged = self.read(index).await?;
        staging.put(self.master, index, &staged).await?;
        // What is staged decides: the same master may have been read for another dossier at the same time.
        Ok(staging.get(self.master, index).await?.unwrap_or(staged))
    }

    async fn read(&mut self, index: u32) -> Result<StagedPage, IngestError> {
        let (mut lease, local) = match self.open.take() {
            Some(open) => open,
            None => {
                let archive = &self.workshop.archive;
                let local = self
                    .workshop
                    .spool
                    .local(archive.blobs.as_ref(), self.key, self.master)
                    .await?;
                (self.workshop.reader.pool.lease().await, local)
            }
        };
        let path = SourcePath::new(local.path());
        let recognised = recognise_page(&mut lease, &path, index, &self.workshop.reader.options).await?;
        self.workshop.progress.add_cost(&recognised.timings);
        self.open = Some((lease, local));
        Ok(staged(recognised, &self.workshop.reader.options.languages))
    }
}

fn staged(recognised: Recognised, expected: &Languages) -> StagedPage {
    let (state, text) = match recognised.reading {
        Reading::Text(text) => (PageState::Recognised, Some(text)),
        Reading::Blank => (PageState::Blank, None),
        Reading::Unreadable { reason, detail } => (PageState::Unreadable { reason, detail }, None),
    };
    let foreign_percent = text.as_ref().and_then(|text| foreign_percent(text, expected));
    StagedPage {
        width_px: recognised.width_px,
        height_px: recognised.height_px,
        dpi: recognised.dpi,
        state,
        text,
        condition: recognised.condition,
        foreign_percent,
        separator: recognised.separator,
    }
}
