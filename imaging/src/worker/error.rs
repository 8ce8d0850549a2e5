//! Why a call to a worker process gave no answer.

use std::{fmt, io, path::PathBuf, time::Duration};

use hrisov_model::{QuarantineReason, UnreadableReason};

/// Why a call to a worker process gave no answer. The process is gone in every case, the pool is not.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The program could not be started: nothing to do with the page.
    #[error("cannot start the worker program {program}: {source}", program = program.display())]
    NotStarted {
        /// Which program.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The process ended without an answer.
    #[error("the worker process crashed ({ending})")]
    Crashed {
        /// How it ended.
        ending: Ending,
    },
    /// Our own code in the worker panicked; it lived long enough to say where.
    #[error("the worker panicked at {place}")]
    Panicked {
        /// Source file and line; never the message, which may quote the document.
        place: String,
    },
    /// No answer within the time allowed, of the wall clock or of the processor.
    #[error("no answer within {} s", after.as_secs())]
    TimedOut {
        /// The time allowed.
        after: Duration,
    },
    /// An allocation failed under the memory limit.
    #[error("out of memory: the limit is {limit_bytes} bytes")]
    OutOfMemory {
        /// The address space allowed.
        limit_bytes: u64,
    },
    /// What came back is no answer.
    #[error("the worker broke the protocol: {detail}")]
    Protocol {
        /// What was wrong.
        detail: String,
    },
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// By a signal.
    Signal(i32),
    /// With an exit code.
    Exit(i32),
}

impl WorkerError {
    /// Whether the page may be to blame, so that a second try and then a state of its own are right.
    #[must_use]
    pub const fn blames_page(&self) -> bool {
        !matches!(self, Self::NotStarted { .. })
    }

    /// The reason to record for one page, after the second failure.
    #[must_use]
    pub const fn unreadable_reason(&self) -> UnreadableReason {
        match self {
            Self::TimedOut { .. } => UnreadableReason::TimedOut,
            _ => UnreadableReason::WorkerFailed,
        }
    }

    /// The reason to record for a whole file, after the second failure.
    #[must_use]
    pub const fn quarantine_reason(&self) -> QuarantineReason {
        QuarantineReason::DecoderFailed
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Exit(code) => write!(f, "exit code {code}"),
            Self::Signal(number) => match signal_name(number) {
                Some(name) => f.write_str(name),
                None => write!(f, "signal {number}"),
            },
        }
    }
}

const fn signal_name(number: i32) -> Option<&'static str> {
    Some(match number {
        libc::SIGILL => "SIGILL, illegal instruction",
        libc::SIGABRT => "SIGABRT, aborted itself",
        libc::SIGBUS => "SIGBUS, bad memory access",
        libc::SIGFPE => "SIGFPE, arithmetic error",
        libc::SIGKILL => "SIGKILL, killed from outside",
        libc::SIGSEGV => "SIGSEGV, bad memory access",
        libc::SIGTERM => "SIGTERM, asked to end",
        _ => return None,
    })
}
