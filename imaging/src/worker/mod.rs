//! Worker processes: untrusted bytes and native code live in children of our own program.
//!
//! ```text
//! parent (tokio)                                child (`hrisov page-worker`)
//! WorkerPool::call --- request frame, stdin --> serve_requests --> Handler::handle
//!                  <-- answer frame, stdout ---
//! ```
//!
//! A crash, a hang or an out-of-memory costs the call that met it, nothing else. Invariants:
//!
//! - pixels never cross the pipe, only JSON and finished JPEG bytes do;
//! - whatever native code prints cannot corrupt a frame: the child moves the pipe away from its stdin and
//!   stdout before anything else runs;
//! - the kernel enforces memory and time of the processor, `RLIMIT_AS` and `RLIMIT_CPU`, and `SIGKILL` ends what has had
//!   its time or hangs; a machine that is busy with other things is no fault of a page;
//! - a child never outlives its parent: it ends as soon as the request pipe has no writer any more.

mod child;
mod command;
mod error;
mod frame;
mod kernel;
mod pages;
mod path;
mod pool;
mod process;

pub use child::{Answer, Handler, ServeError, serve_requests};
pub use command::WorkerCommand;
pub use error::{Ending, WorkerError};
pub use pages::{PageHandler, Refusal, Reply, Request, SourceInfo};
pub use path::SourcePath;
pub use pool::{Lease, PoolCounts, WorkerPool};
