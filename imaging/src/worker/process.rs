//! One child process as the parent holds it.

use std::{
    io,
    os::unix::process::ExitStatusExt as _,
    process::{ExitStatus, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::AsyncReadExt as _,
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
    task::JoinHandle,
    time::timeout,
};

use super::{Ending, WorkerCommand, WorkerError, child::Setup, frame::Frame};
use crate::Limits;

/// How long a child whose pipe is closed may take to be gone before it is killed.
const GOODBYE: Duration = Duration::from_secs(2);
/// What runtimes print when an allocation fails: Rust, C++ and leptonica.
const OUT_OF_MEMORY_WORDS: [&[u8]; 4] = [
    b"memory allocation of",
    b"std::bad_alloc",
    b"malloc fail",
    b"Cannot allocate memory",
];

/// A live child with its pipes.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    requests: ChildStdin,
    answers: ChildStdout,
    noise: Noise,
    answered: u32,
}

/// What a child has had of the processor.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProcessorUse {
    /// Time of all its threads, in its program and in the kernel.
    pub(super) used: Duration,
    /// Whether it runs or waits for its turn, and for nothing else.
    pub(super) is_ready: bool,
}

/// How much of the processor a child has used, by its process id while it lives.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProcessorClock(Option<u32>);

/// What becomes of a child's stderr: counted and searched for the words of a failed allocation, never kept.
#[derive(Debug)]
struct Noise {
    drain: JoinHandle<()>,
    out_of_memory: Arc<AtomicBool>,
}

impl Process {
    /// Starts a child and tells it its limits.
    pub(super) async fn start(
        command: &WorkerCommand,
        limits: &Limits,
        noise_bytes: Arc<AtomicU64>,
    ) -> Result<Self, WorkerError> {
        let not_started = |source| WorkerError::NotStarted {
            program: command.program.clone(),
            source,
        };
        let mut child = Command::new(&command.program)
            .args(&command.args)
            // Native libraries with OpenMP get slower with several threads in several processes, and a
            // second malloc arena would reserve 64 MiB of the address space.
            .env("OMP_THREAD_LIMIT", "1")
            .env("MALLOC_ARENA_MAX", "1")
            .envs(command.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Ctrl-C at a terminal is for the program itself, which ends its workers in order.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(not_started)?;
        let missing = || not_started(io::Error::other("a pipe is missing"));
        let (requests, answers) = (child.stdin.take(), child.stdout.take());
        let stderr = child.stderr.take().ok_or_else(missing)?;
        let mut process = Self {
            child,
            requests: requests.ok_or_else(missing)?,
            answers: answers.ok_or_else(missing)?,
            noise: Noise::drain(stderr, noise_bytes),
            answered: 0,
        };
        let setup = Setup {
            limits: limits.clone(),
        };
        match process.send(&setup).await {
            Ok(()) => Ok(process),
            Err(_) => Err(process.autopsy(limits).await),
        }
    }

    /// Whether the child is still there; an idle one may have been ended from outside.
    pub(super) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// How many requests it has answered.
    pub(super) const fn answered(&self) -> u32 {
        self.answered
    }

    /// What tells how much of the processor the child has used.
    pub(super) fn processor_clock(&self) -> ProcessorClock {
        ProcessorClock(self.child.id())
    }

    /// Sends one request and waits for its answer. After an error the process must
    /// be given to [`Self::autopsy`] or [`Self::kill`].
    pub(super) async fn ask(&mut self, request: &impl serde::Serialize) -> io::Result<Frame> {
        self.send(request).await?;
        let frame = Frame::receive(&mut self.answers).await?;
        self.answered += 1;
        Ok(frame)
    }

    async fn send(&mut self, message: &impl serde::Serialize) -> io::Result<()> {
        let frame = Frame {
            json: serde_json::to_vec(message)?,
            binary: Vec::new(),
        };
        frame.send(&mut self.requests).await
    }

    /// Ends the child with `SIGKILL` and reaps it.
    pub(super) async fn kill(mut self) {
        // It can only fail for a child that is gone already.
        let _ = self.child.kill().await;
    }

    /// Says why a child that closed its pipe ended.
    pub(super) async fn autopsy(mut self, limits: &Limits) -> WorkerError {
        let gone = timeout(GOODBYE, self.child.wait()).await;
        let Ok(Ok(status)) = gone else {
            self.kill().await;
            return WorkerError::Protocol {
                detail: "closed its pipe and went on".to_owned(),
            };
        };
        if self.noise.tells_of_memory().await {
            return WorkerError::OutOfMemory {
                limit_bytes: limits.memory_bytes,
            };
        }
        verdict(status, limits)
    }
}

fn verdict(status: ExitStatus, limits: &Limits) -> WorkerError {
    match (status.signal(), status.code()) {
        (Some(libc::SIGXCPU), _) => WorkerError::TimedOut {
            after: limits.page_time,
        },
        (Some(signal), _) => WorkerError::Crashed {
            ending: Ending::Signal(signal),
        },
        (None, code) => WorkerError::Crashed {
            ending: Ending::Exit(code.unwrap_or(-1)),
        },
    }
}

impl ProcessorClock {
    /// What proc(5) calls `state`, `utime` and `stime` in `/proc/PID/stat`; nothing where it cannot be read.
    pub(super) fn read(&self) -> Option<ProcessorUse> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0?)).ok()?;
        // The name before may hold anything, so fields are counted from its closing bracket: `state` is the third.
        let (_, fields) = stat.rsplit_once(')')?;
        let mut fields = fields.split_ascii_whitespace();
        let is_ready = fields.next()? == "R";
        let mut times = fields.skip(10).map(str::parse::<u64>);
        let ticks = times.next()?.ok()? + times.next()?.ok()?;
        let milliseconds = ticks.saturating_mul(1000) / rustix::param::clock_ticks_per_second();
        Some(ProcessorUse {
            used: Duration::from_millis(milliseconds),
            is_ready,
        })
    }
}

impl Noise {
    fn drain(mut stderr: ChildStderr, noise_bytes: Arc<AtomicU64>) -> Self {
        let out_of_memory = Arc::new(AtomicBool::new(false));
        let found = Arc::clone(&out_of_memory);
        let drain = tokio::spawn(async move {
            let longest = OUT_OF_MEMORY_WORDS
                .iter()
                .map(|words| words.len())
                .max()
                .unwrap_or(0);
            let mut window = Vec::new();
            let mut chunk = [0; 4096];
            while let Ok(count @ 1..) = stderr.read(&mut chunk).await {
                noise_bytes.fetch_add(count as u64, Ordering::Relaxed);
                window.extend_from_slice(&chunk[..count]);
                let contains = |words: &[u8]| window.windows(words.len()).any(|part| part == words);
                if OUT_OF_MEMORY_WORDS.iter().any(|words| contains(words)) {
                    found.store(true, Ordering::Relaxed);
                }
                // The words may be cut by the end of a chunk.
                window.drain(..window.len().saturating_sub(longest));
            }
        });
        Self { drain, out_of_memory }
    }

    /// Call it once the child is gone: everything it printed has been read then.
    async fn tells_of_memory(&mut self) -> bool {
        let _ = timeout(GOODBYE, &mut self.drain).await;
        self.out_of_memory.load(Ordering::Relaxed)
    }
}

impl Drop for Noise {
    fn drop(&mut self) {
        self.drain.abort();
    }
}
