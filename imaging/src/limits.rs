//! How much a single file may ask for.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ImagingError;

/// Bounds on untrusted files. Bytes, pixels and pages are checked by the decoders before they allocate;
/// time and memory are enforced on the worker process around them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Largest file, in bytes. Default 2 GiB.
    pub file_bytes: u64,
    /// Most pixels of one page, width times height. Default 200 million: an A0 sheet at 300 dpi has 140.
    pub pixels: u64,
    /// Most pages of one file. Default 10,000.
    pub pages: u32,
    /// Longest time of the processor for one page, enforced by whoever runs the worker. Default 60 s.
    pub page_time: Duration,
    /// Address space of a worker process in bytes, enforced as a resource limit. Default 2 GiB.
    pub memory_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 2 << 30,
            pixels: 200_000_000,
            pages: 10_000,
            page_time: Duration::from_secs(60),
            memory_bytes: 2 << 30,
        }
    }
}

impl Limits {
    /// Refuses a page that declares more pixels than allowed, before anything is allocated for it.
    pub(crate) fn check_pixels(&self, width_px: u32, height_px: u32) -> Result<(), ImagingError> {
        let found = u64::from(width_px) * u64::from(height_px);
        match found <= self.pixels {
            true => Ok(()),
            false => Err(ImagingError::TooLarge {
                what: "a page in pixels",
                found,
                limit: self.pixels,
            }),
        }
    }
}
