//! How far a load is, readable at any time by whoever draws it, and what its reading cost.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use hrisov_ocr::worker::Timings;
use serde::{Serialize, Serializer};

/// Counters of a load under way.
#[derive(Debug, Default)]
pub struct Progress {
    files_found: AtomicU64,
    files_done: AtomicU64,
    pages_found: AtomicU64,
    pages_done: AtomicU64,
    pages_reused: AtomicU64,
    cost: Mutex<ReadingCost>,
}

/// Pages that worker processes read, and the processor time in seconds that it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ReadingCost {
    /// Pages read.
    pub pages: u64,
    /// Of these, pages that were read more than once, in whole or in part.
    pub pages_again: u64,
    /// On decoding files.
    #[serde(serialize_with = "seconds")]
    pub decode: Duration,
    /// On looking at pictures: size of letters, blank backs, doubts, separator sheets.
    #[serde(serialize_with = "seconds")]
    pub look: Duration,
    /// On preparing pages and reading them the first time.
    #[serde(serialize_with = "seconds")]
    pub first: Duration,
    /// On everything that followed a first reading.
    #[serde(serialize_with = "seconds")]
    pub again: Duration,
}

impl ReadingCost {
    /// All of it.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.decode + self.look + self.first + self.again
    }
}

impl std::iter::Sum for ReadingCost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::default(), |sum, cost| Self {
            pages: sum.pages + cost.pages,
            pages_again: sum.pages_again + cost.pages_again,
            decode: sum.decode + cost.decode,
            look: sum.look + cost.look,
            first: sum.first + cost.first,
            again: sum.again + cost.again,
        })
    }
}

fn seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_millis() as f64 / 1000.0)
}

/// The counters at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProgressCounts {
    /// Files in the box.
    pub files_found: u64,
    /// Files that are safe or have another final state.
    pub files_done: u64,
    /// Pages known so far.
    pub pages_found: u64,
    /// Pages with a result.
    pub pages_done: u64,
    /// Of these, pages whose result was staged already: by an interrupted load, or for the same bytes.
    pub pages_reused: u64,
}

impl Progress {
    /// The counters now.
    pub fn counts(&self) -> ProgressCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        ProgressCounts {
            files_found: read(&self.files_found),
            files_done: read(&self.files_done),
            pages_found: read(&self.pages_found),
            pages_done: read(&self.pages_done),
            pages_reused: read(&self.pages_reused),
        }
    }

    /// What reading has cost so far.
    #[must_use]
    pub fn cost(&self) -> ReadingCost {
        *self.cost.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add_cost(&self, spent: &Timings) {
        let mut cost = self.cost.lock().unwrap_or_else(PoisonError::into_inner);
        let of_page = ReadingCost {
            pages: 1,
            pages_again: u64::from(!spent.again.is_zero()),
            decode: spent.decode,
            look: spent.look,
            first: spent.recognise.saturating_sub(spent.again),
            again: spent.again,
        };
        *cost = [*cost, of_page].into_iter().sum();
    }

    pub(crate) fn add_files(&self, files: u64) {
        self.files_found.fetch_add(files, Ordering::Relaxed);
    }

    pub(crate) fn files_done(&self, files: u64) {
        self.files_done.fetch_add(files, Ordering::Relaxed);
    }

    pub(crate) fn add_pages(&self, pages: u64) {
        self.pages_found.fetch_add(pages, Ordering::Relaxed);
    }

    pub(crate) fn page_done(&self) {
        self.pages_done.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn page_reused(&self) {
        self.pages_reused.fetch_add(1, Ordering::Relaxed);
    }
}
