//! A fixed number of worker processes, started when first needed.

use std::{
    io,
    num::NonZeroUsize,
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{Answer, WorkerCommand, WorkerError, child::Outcome, frame::Frame, process::Process};
use crate::Limits;

/// A process is replaced after that many answers, so that what native libraries leak stays bounded.
const RECYCLE_AFTER: u32 = 500;
/// A child that waits for something else than the processor and used less than this part of its time since the last
/// deadline hangs. One call ends after this many deadlines at the latest.
const LEAST_PROGRESS: u32 = 20;

/// Worker processes that share the work. Cheap to clone; the children end with its last clone.
#[derive(Debug, Clone)]
pub struct WorkerPool {
    shared: Arc<Shared>,
}

/// One process for several calls in a row: the pages of one file, which the child keeps open. Given back
/// when dropped.
#[derive(Debug)]
pub struct Lease {
    shared: Arc<Shared>,
    process: Option<Process>,
    // Held for its Drop: frees the place in the pool.
    _place: OwnedSemaphorePermit,
}

/// What a pool has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PoolCounts {
    /// Processes started.
    pub started: u64,
    /// Calls answered.
    pub answered: u64,
    /// Calls that ended with an error.
    pub failed: u64,
    /// Bytes that children printed, all dropped.
    pub noise_bytes: u64,
}

#[derive(Debug)]
struct Shared {
    command: WorkerCommand,
    limits: Limits,
    places: Arc<Semaphore>,
    idle: Mutex<Vec<Process>>,
    started: AtomicU64,
    answered: AtomicU64,
    failed: AtomicU64,
    noise_bytes: Arc<AtomicU64>,
}

impl WorkerPool {
    /// A pool of at most `size` processes, none of which is started yet. `limits.page_time` is the time
    /// of the processor for one call, `limits.memory_bytes` the address space of each process.
    #[must_use]
    pub fn start(command: WorkerCommand, size: NonZeroUsize, limits: Limits) -> Self {
        let shared = Shared {
            command,
            limits,
            places: Arc::new(Semaphore::new(size.get())),
            idle: Mutex::default(),
            started: AtomicU64::default(),
            answered: AtomicU64::default(),
            failed: AtomicU64::default(),
            noise_bytes: Arc::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Sends a request to the next free process, waiting for one if need be, and gives its answer.
    ///
    /// # Errors
    /// Whatever happened to the process; the pool itself stays usable.
    pub async fn call<Q, R>(&self, request: &Q) -> Result<Answer<R>, WorkerError>
    where
        Q: Serialize + Sync,
        R: DeserializeOwned,
    {
        self.lease().await.call(request).await
    }

    /// The same with one more try in a fresh process where the page may be to blame.
    ///
    /// # Errors
    /// As [`Self::call`], of the second try.
    pub async fn call_twice<Q, R>(&self, request: &Q) -> Result<Answer<R>, WorkerError>
    where
        Q: Serialize + Sync,
        R: DeserializeOwned,
    {
        self.lease().await.call_twice(request).await
    }

    /// Reserves one process for several calls, waiting for a free place.
    pub async fn lease(&self) -> Lease {
        let place = Arc::clone(&self.shared.places)
            .acquire_owned()
            .await
            .expect("the semaphore is never closed");
        Lease {
            process: self.shared.take_idle(),
            shared: Arc::clone(&self.shared),
            _place: place,
        }
    }

    /// What the pool has done so far.
    #[must_use]
    pub fn counts(&self) -> PoolCounts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        PoolCounts {
            started: read(&self.shared.started),
            answered: read(&self.shared.answered),
            failed: read(&self.shared.failed),
            noise_bytes: read(&self.shared.noise_bytes),
        }
    }

    /// The limits under which its processes work.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.shared.limits
    }
}

impl Lease {
    /// Sends a request and waits for the answer until the process has used `limits.page_time` of the processor, or
    /// hangs. A future that is dropped on the way ends the process with it.
    ///
    /// # Errors
    /// Whatever happened to the process; the next call starts another one.
    pub async fn call<Q, R>(&mut self, request: &Q) -> Result<Answer<R>, WorkerError>
    where
        Q: Serialize + Sync,
        R: DeserializeOwned,
    {
        let result = self.attempt(request).await;
        let count = match result {
            Ok(_) => &self.shared.answered,
            Err(_) => &self.shared.failed,
        };
        count.fetch_add(1, Ordering::Relaxed);
        result
    }

    /// The same with one more try in a fresh process where the page may be to blame.
    ///
    /// # Errors
    /// As [`Self::call`], of the second try.
    pub async fn call_twice<Q, R>(&mut self, request: &Q) -> Result<Answer<R>, WorkerError>
    where
        Q: Serialize + Sync,
        R: DeserializeOwned,
    {
        match self.call(request).await {
            Err(error) if error.blames_page() => self.call(request).await,
            result => result,
        }
    }

    async fn attempt<Q, R>(&mut self, request: &Q) -> Result<Answer<R>, WorkerError>
    where
        Q: Serialize + Sync,
        R: DeserializeOwned,
    {
        let limits = &self.shared.limits;
        // Taken out for the time of the call: a call that is cancelled must not leave a process behind
        // that still has an answer to give.
        let mut process = match self.process.take() {
            Some(process) => process,
            None => self.shared.start_process().await?,
        };
        let frame = match answer_in_time(&mut process, request, limits.page_time).await {
            None => {
                process.kill().await;
                return Err(WorkerError::TimedOut {
                    after: limits.page_time,
                });
            }
            Some(Err(error)) if is_hang_up(&error) => return Err(process.autopsy(limits).await),
            Some(Err(error)) => return Err(broken(process, error.to_string()).await),
            Some(Ok(frame)) => frame,
        };
        match serde_json::from_slice(&frame.json) {
            Ok(Outcome::Done(reply)) => {
                self.process = Some(process);
                Ok(Answer {
                    reply,
                    binary: frame.binary,
                })
            }
            Ok(Outcome::Panicked(place)) => {
                process.kill().await;
                Err(WorkerError::Panicked { place })
            }
            // The message could quote what was sent: only its kind and place are told.
            Err(error) => {
                let detail = format!(
                    "{:?} error in its answer, column {}",
                    error.classify(),
                    error.column()
                );
                Err(broken(process, detail).await)
            }
        }
    }
}

/// The answer to one request, or nothing once it has had its time. That is time of the processor: a page is not to
/// blame where the machine has other work, and where a child waits for its turn the deadline is put off. A child that
/// hangs gets no more of the processor, and is given up at the first deadline.
async fn answer_in_time<Q: Serialize + Sync>(
    process: &mut Process,
    request: &Q,
    allowed: Duration,
) -> Option<io::Result<Frame>> {
    let clock = process.processor_clock();
    let begun = clock.read();
    let mut answer = pin!(process.ask(request));
    let mut used = Duration::ZERO;
    for _ in 0..LEAST_PROGRESS {
        if let Ok(answered) = timeout(allowed, &mut answer).await {
            return Some(answered);
        }
        // A child whose clock cannot be read is gone, or nothing is known of it.
        let now = clock.read()?;
        let since = now.used.saturating_sub(begun?.used);
        let hangs = !now.is_ready && since.saturating_sub(used) < allowed / LEAST_PROGRESS;
        if since >= allowed || hangs {
            return None;
        }
        used = since;
    }
    None
}

async fn broken(process: Process, detail: String) -> WorkerError {
    process.kill().await;
    WorkerError::Protocol { detail }
}

fn is_hang_up(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset
    )
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(process) = self.process.take()
            && process.answered() < RECYCLE_AFTER
        {
            self.shared.idle().push(process);
        }
    }
}

impl Shared {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Process>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_idle(&self) -> Option<Process> {
        let mut idle = self.idle();
        while let Some(mut process) = idle.pop() {
            if process.is_alive() {
                return Some(process);
            }
        }
        None
    }

    async fn start_process(&self) -> Result<Process, WorkerError> {
        let process = Process::start(&self.command, &self.limits, Arc::clone(&self.noise_bytes)).await?;
        self.started.fetch_add(1, Ordering::Relaxed);
        Ok(process)
    }
}
