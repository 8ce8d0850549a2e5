//! The child's side: takes requests until the parent goes away.

use std::{
    any::Any,
    fs::File,
    io::{self, BufReader, BufWriter},
    panic::{AssertUnwindSafe, catch_unwind, set_hook},
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{frame::Frame, kernel};
use crate::Limits;

/// What the parent sends before the first request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Setup {
    pub(super) limits: Limits,
}

/// The JSON part of what the child sends back for a request.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome<R> {
    /// The handler's answer.
    Done(R),
    /// The handler panicked there; the process ends after saying so, since its state cannot be trusted.
    Panicked(String),
}

/// What serves requests inside a worker process.
pub trait Handler {
    /// What the parent asks.
    type Request: DeserializeOwned;
    /// What it gets. Refusals are part of it: only a broken process is an error of the call.
    type Reply: Serialize;

    /// Answers one request.
    fn handle(&mut self, request: Self::Request) -> Answer<Self::Reply>;
}

/// A reply with the bytes that go beside it, such as a JPEG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<R> {
    /// Crosses the pipe as JSON.
    pub reply: R,
    /// Crosses it as it is; often empty.
    pub binary: Vec<u8>,
}

impl<R> From<R> for Answer<R> {
    fn from(reply: R) -> Self {
        Self {
            reply,
            binary: Vec::new(),
        }
    }
}

/// Why a worker process stopped serving.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The pipe or a kernel limit.
    #[error("the worker cannot go on: {0}")]
    Io(#[from] io::Error),
    /// A frame that is no request: this program is not meant to be started by hand.
    #[error("not a request of this program's own version: {0}")]
    Request(#[from] serde_json::Error),
    /// The handler panicked, the parent was told.
    #[error("the worker panicked at {place}")]
    Panicked {
        /// Source file and line.
        place: String,
    },
}

/// Serves requests on stdin and stdout until the parent closes the pipe. Call it first thing in `main`,
/// before any native library can print: from here on stdin is empty and stdout goes to stderr.
///
/// # Errors
/// Where the pipe breaks, a frame is no request, a kernel limit cannot be set, or the handler panicked.
/// The process should end then.
pub fn serve_requests<H: Handler>(make_handler: impl FnOnce(&Limits) -> H) -> Result<(), ServeError> {
    let pipes = kernel::take_pipes()?;
    kernel::end_with_parent(&pipes)?;
    let mut requests = BufReader::new(File::from(pipes.requests));
    let mut answers = BufWriter::new(File::from(pipes.answers));
    let Some(setup) = Frame::read(&mut requests)? else {
        return Ok(());
    };
    let Setup { limits } = serde_json::from_slice(&setup.json)?;
    kernel::limit(limits.memory_bytes)?;
    let last_panic = remember_panics();
    let mut handler = make_handler(&limits);

    while let Some(frame) = Frame::read(&mut requests)? {
        let request = serde_json::from_slice(&frame.json)?;
        kernel::allow_cpu_time(limits.page_time)?;
        let result = catch_unwind(AssertUnwindSafe(|| handler.handle(request)));
        let (outcome, binary) = match result {
            Ok(answer) => (Outcome::Done(answer.reply), answer.binary),
            Err(payload) => (Outcome::Panicked(place_of(payload, &last_panic)), Vec::new()),
        };
        let json = serde_json::to_vec(&outcome)?;
        Frame { json, binary }.write(&mut answers)?;
        if let Outcome::Panicked(place) = outcome {
            return Err(ServeError::Panicked { place });
        }
    }
    Ok(())
}

type LastPanic = Arc<Mutex<Option<String>>>;

/// Keeps the place of the latest panic and prints nothing: a panic's message may quote the document.
fn remember_panics() -> LastPanic {
    let last = LastPanic::default();
    let seen = Arc::clone(&last);
    set_hook(Box::new(move |panic| {
        let place = panic
            .location()
            .map(|location| format!("{}:{}", location.file(), location.line()));
        *seen.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }));
    last
}

fn place_of(payload: Box<dyn Any + Send>, last: &LastPanic) -> String {
    drop(payload);
    last.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take()
        .unwrap_or_else(|| "an unknown place".to_owned())
}
