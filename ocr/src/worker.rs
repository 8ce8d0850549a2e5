//! Recognition in worker processes: what a page worker is asked beside pictures, and how to ask it.
//!
//! One program serves both: whoever only shows pages uses [`hrisov_imaging::worker`] with the same
//! processes, ingest uses [`recognise_page`] as well.

use std::time::Duration;

use hrisov_imaging::{
    Limits,
    condition::{GreyPage, measure, sheet},
    separator,
    worker::{
        Answer, Handler, Lease, PageHandler, Refusal, Reply as PageReply, Request as PageRequest, ServeError,
        SourcePath, WorkerError, serve_requests,
    },
};
use hrisov_model::{PageCondition, Separator};
use serde::{Deserialize, Serialize};

use crate::{
    Engine, OcrError, Page, Reading, RecogniseOptions, ScriptedEngine, TesseractEngine, clock::processor_time,
};

/// What a page worker is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Request {
    /// Something about text.
    Text(TextRequest),
    /// Something about pictures.
    Picture(PageRequest),
}

/// What a page worker is asked about text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextRequest {
    /// The text of a page.
    Recognise {
        /// Where the file lies.
        path: SourcePath,
        /// Which of its pages, from 0.
        page: u32,
        /// How to read it.
        options: RecogniseOptions,
        /// See [`Page::one_block`].
        one_block: bool,
    },
}

/// The answer to a [`Request`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Reply {
    /// To [`Request::Text`].
    Text(TextReply),
    /// To [`Request::Picture`].
    Picture(PageReply),
}

/// The answer to a [`TextRequest`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextReply {
    /// The page was decoded and looked at.
    Recognised(Box<Recognised>),
    /// The engine itself does not work: no page can be read.
    EngineFailed {
        /// What is wrong and what to do about it.
        detail: String,
    },
}

/// What became of a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recognised {
    /// Text, blank, or unreadable with a reason.
    pub reading: Reading,
    /// Width of the page raster in pixels; 0 where it could not be decoded.
    pub width_px: u32,
    /// Height of the page raster in pixels; 0 where it could not be decoded.
    pub height_px: u32,
    /// Plausible resolution from metadata.
    pub dpi: Option<u32>,
    /// What its picture is like; `None` where it could not be decoded.
    pub condition: Option<PageCondition>,
    /// The separator sheet that it is; such a sheet counts as blank and is not read.
    pub separator: Option<Separator>,
    /// Processor time spent.
    pub timings: Timings,
}

/// Processor time that a worker spent on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Timings {
    /// On opening the file and decoding the page.
    pub decode: Duration,
    /// On looking at its picture.
    pub look: Duration,
    /// On everything from the blank test to the finished text.
    pub recognise: Duration,
    /// Of that, on what followed the first reading: samples, and readings of the whole page or of parts of it.
    pub again: Duration,
}

/// Why no page can be read now; nothing to do with the page at hand.
#[derive(Debug, thiserror::Error)]
pub enum RecogniseError {
    /// The worker program cannot be started.
    #[error(transparent)]
    Worker(WorkerError),
    /// The engine does not work, for instance for want of a language model.
    #[error("recognition does not work: {detail}")]
    Engine {
        /// What is wrong and what to do about it.
        detail: String,
    },
}

/// Serves requests about pictures and text on stdin and stdout until the parent closes the pipe: what
/// the program's hidden command `page-worker` does, and nothing else in that process.
///
/// # Errors
/// As [`serve_requests`]; the process should end then.
pub fn run_page_worker() -> Result<(), ServeError> {
    serve_requests(TextHandler::new)
}

/// Reads a page in the worker of that lease. A page on which the worker fails is tried once more, as one block where it
/// had no answer in time; after that it is unreadable. The lease's next call has a fresh process.
///
/// # Errors
/// Where no page can be read now: the batch should stop and say why.
pub async fn recognise_page(
    lease: &mut Lease,
    path: &SourcePath,
    page: u32,
    options: &RecogniseOptions,
) -> Result<Recognised, RecogniseError> {
    let request = |one_block| {
        Request::Text(TextRequest::Recognise {
            path: path.clone(),
            page,
            options: options.clone(),
            one_block,
        })
    };
    let answer = match lease.call::<_, TextReply>(&request(false)).await {
        Err(error) if error.blames_page() => {
            let timed_out = matches!(error, WorkerError::TimedOut { .. });
            lease.call(&request(timed_out)).await
        }
        answer => answer,
    };
    match answer {
        Ok(Answer {
            reply: TextReply::Recognised(recognised),
            ..
        }) => Ok(*recognised),
        Ok(Answer {
            reply: TextReply::EngineFailed { detail },
            ..
        }) => Err(RecogniseError::Engine { detail }),
        Err(error) if error.blames_page() => Ok(Recognised::lost(&error)),
        Err(error) => Err(RecogniseError::Worker(error)),
    }
}

impl Recognised {
    fn unreadable(reading: Reading) -> Self {
        Self {
            reading,
            width_px: 0,
            height_px: 0,
            dpi: None,
            condition: None,
            separator: None,
            timings: Timings::default(),
        }
    }

    /// A page on which the worker failed for good.
    fn lost(error: &WorkerError) -> Self {
        Self::unreadable(Reading::Unreadable {
            reason: error.unreadable_reason(),
            detail: error.to_string(),
        })
    }

    fn refused(refusal: Refusal) -> Self {
        Self::unreadable(Reading::Unreadable {
            reason: refusal.unreadable,
            detail: refusal.detail,
        })
    }
}

/// Inside the worker: the open file, and the engine once it was needed.
struct TextHandler {
    pages: PageHandler,
    engine: Option<Box<dyn Engine>>,
}

impl TextHandler {
    fn new(limits: &Limits) -> Self {
        Self {
            pages: PageHandler::new(limits),
            engine: None,
        }
    }

    fn recognise(
        &mut self,
        path: &SourcePath,
        index: u32,
        options: &RecogniseOptions,
        one_block: bool,
    ) -> Result<Recognised, OcrError> {
        let started = processor_time();
        let image = match self.pages.decode_page(path, index) {
            Ok(image) => image,
            Err(error) => return Ok(Recognised::refused(error.into())),
        };
        let decoded = processor_time();
        // One grey copy for both: a page in colour is not converted twice.
        let picture = GreyPage::of(&image);
        let separator = separator::find(&picture);
        let (grey, place) = sheet(picture);
        let condition = measure(&grey);
        let looked = processor_time();
        let page = Page {
            grey: &grey,
            condition: &condition,
            path,
            index,
            one_block,
        };
        let (reading, again) = match separator {
            Some(_) => (Reading::Blank, Duration::ZERO),
            None => {
                let engine = self.engine(options)?;
                let reading = engine.recognise(&page, options)?;
                let reading = reading.on_page(place, (image.width_px, image.height_px));
                (reading, engine.time_again())
            }
        };
        Ok(Recognised {
            reading,
            width_px: image.width_px,
            height_px: image.height_px,
            dpi: image.dpi,
            condition: Some(condition),
            separator,
            timings: Timings {
                decode: decoded.saturating_sub(started),
                look: looked.saturating_sub(decoded),
                recognise: processor_time().saturating_sub(looked),
                again,
            },
        })
    }

    fn engine(&mut self, options: &RecogniseOptions) -> Result<&mut dyn Engine, OcrError> {
        let engine: Box<dyn Engine> = match self.engine.take() {
            Some(engine) => engine,
            None => match ScriptedEngine::from_environment()? {
                Some(scripted) => Box::new(scripted),
                None => Box::new(TesseractEngine::new(options)?),
            },
        };
        Ok(self.engine.insert(engine).as_mut())
    }
}

impl Handler for TextHandler {
    type Request = Request;
    type Reply = Reply;

    fn handle(&mut self, request: Request) -> Answer<Reply> {
        match request {
            Request::Text(TextRequest::Recognise {
                path,
                page,
                options,
                one_block,
            }) => {
                let reply = match self.recognise(&path, page, &options, one_block) {
                    Ok(recognised) => TextReply::Recognised(Box::new(recognised)),
                    Err(error) => TextReply::EngineFailed {
                        detail: error.to_string(),
                    },
                };
                Reply::Text(reply).into()
            }
            Request::Picture(request) => {
                let Answer { reply, binary } = self.pages.handle(request);
                Answer {
                    reply: Reply::Picture(reply),
                    binary,
                }
            }
        }
    }
}
