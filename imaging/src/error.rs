//! Why a file or page gives no picture.

use std::io;

use hrisov_model::{QuarantineReason, UnreadableReason};

use crate::Format;

/// Why a file or a page gives no picture. No message carries anything of the document's content.
#[derive(Debug, thiserror::Error)]
pub enum ImagingError {
    /// The bytes could not be had from the disk.
    #[error("the file could not be read from disk: {0}")]
    Unreadable(#[from] io::Error),
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// The beginning is that of none of the formats that are decoded.
    #[error("the content is not TIFF, JPEG, PNG, JPEG 2000, BMP, WebP or PDF")]
    UnknownFormat,
    /// The format is known, the bytes are broken or cut off.
    #[error("damaged {format:?}: {detail}")]
    Damaged {
        /// What it announces itself to be.
        format: Format,
        /// What is broken, in the decoder's words.
        detail: String,
    },
    /// A PDF that needs a password.
    #[error("the PDF is encrypted and needs a password: remove the password and load it again")]
    Encrypted,
    /// More than [`crate::Limits`] allow.
    #[error("too large: {what} is {found}, the limit is {limit}")]
    TooLarge {
        /// What was measured, with its unit.
        what: &'static str,
        /// What the file asks for.
        found: u64,
        /// What is allowed.
        limit: u64,
    },
    /// A known format in a variant that is not decoded.
    #[error("{format:?} in a variant that is not decoded: {detail}")]
    Unsupported {
        /// What it announces itself to be.
        format: Format,
        /// Which variant.
        detail: String,
    },
    /// A rendition was asked of a region that lies beside the page.
    #[error("nothing of the region lies on the page of {width_px} x {height_px} pixels")]
    EmptyRegion {
        /// Width of the page.
        width_px: u32,
        /// Height of the page.
        height_px: u32,
    },
    /// A valid file without a page, or a page index beyond the last.
    #[error("no such page: the file has {pages}")]
    NoPages {
        /// How many there are.
        pages: u32,
    },
}

impl ImagingError {
    pub(crate) fn damaged(format: Format, detail: impl std::fmt::Display) -> Self {
        Self::Damaged {
            format,
            detail: detail.to_string(),
        }
    }

    pub(crate) fn unsupported(format: Format, detail: impl std::fmt::Display) -> Self {
        Self::Unsupported {
            format,
            detail: detail.to_string(),
        }
    }

    /// The reason to record where the whole file is affected.
    #[must_use]
    pub const fn quarantine_reason(&self) -> QuarantineReason {
        match self {
            Self::Unreadable(_) => QuarantineReason::NotReadable,
            Self::Empty => QuarantineReason::Empty,
            Self::UnknownFormat => QuarantineReason::UnknownFormat,
            Self::Damaged { .. } => QuarantineReason::Damaged,
            Self::Encrypted => QuarantineReason::Encrypted,
            Self::TooLarge { .. } => QuarantineReason::TooLarge,
            Self::Unsupported { .. } => QuarantineReason::Unsupported,
            Self::NoPages { .. } | Self::EmptyRegion { .. } => QuarantineReason::NoPages,
        }
    }

    /// The reason to record where one page is affected. What concerns whole files counts as damage of
    /// each of its pages.
    #[must_use]
    pub const fn unreadable_reason(&self) -> UnreadableReason {
        match self {
            Self::TooLarge { .. } => UnreadableReason::TooLarge,
            Self::Unsupported { .. } => UnreadableReason::Unsupported,
            _ => UnreadableReason::Damaged,
        }
    }
}
