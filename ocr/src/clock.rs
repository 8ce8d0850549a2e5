//! How much work something was.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Processor time that this process has spent so far: workers have one thread.
pub(crate) fn processor_time() -> Duration {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(spent).unwrap_or_default()
}
