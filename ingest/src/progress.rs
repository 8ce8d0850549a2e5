//! How far a load is, readable at any time by whoever draws it.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of a load under way.
#[derive(Debug, Default)]
pub struct Progress {
    files_found: AtomicU64,
    files_done: AtomicU64,
    pages_found: AtomicU64,
    pages_done: AtomicU64,
    pages_reused: AtomicU64,
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
    /// Of these, pages whose result an earlier, interrupted load had staged.
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
