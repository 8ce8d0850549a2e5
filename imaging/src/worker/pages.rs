//! The requests about pictures: what is in a file, and how a page looks.

use std::{fs, io, os::unix::fs::MetadataExt as _};

use hrisov_model::{QuarantineReason, UnreadableReason};
use serde::{Deserialize, Serialize};

use super::{Answer, Handler, SourcePath};
use crate::{Format, ImagingError, Limits, PageImage, PageInfo, RenditionRequest, Source, rendition};

/// What a worker is asked about pictures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Format and pages of a file, from its headers.
    Probe {
        /// Where it lies.
        path: SourcePath,
    },
    /// A picture of a page.
    Render {
        /// Where the file lies.
        path: SourcePath,
        /// Which of its pages, from 0.
        page: u32,
        /// Which part, how large.
        rendition: RenditionRequest,
    },
}

/// The answer to a [`Request`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// To [`Request::Probe`].
    Probed(SourceInfo),
    /// To [`Request::Render`]: the picture is the binary part of the answer.
    Rendered,
    /// The file or the page cannot be had.
    Refused(Refusal),
}

/// What is in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceInfo {
    /// By content.
    pub format: Format,
    /// Every page in order; one broken page does not hide the others.
    pub pages: Vec<Result<PageInfo, Refusal>>,
}

/// Why a file or a page cannot be had, as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{detail}")]
pub struct Refusal {
    /// For a whole file.
    pub quarantine: QuarantineReason,
    /// For one page.
    pub unreadable: UnreadableReason,
    /// In plain words, without anything of the document's content.
    pub detail: String,
}

/// Answers [`Request`]s, and decodes pages for handlers that do more with them.
#[derive(Debug)]
pub struct PageHandler {
    limits: Limits,
    open: Option<OpenSource>,
}

/// The file opened last: its next page is likely to be asked for next.
#[derive(Debug)]
struct OpenSource {
    path: SourcePath,
    version: FileVersion,
    source: Source,
}

/// Tells whether the bytes at a path are still those that were opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileVersion {
    device: u64,
    inode: u64,
    size_bytes: u64,
    modified_ns: (i64, i64),
}

impl PageHandler {
    /// Works under these limits.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            limits: limits.clone(),
            open: None,
        }
    }

    /// The picture of a page, counted from 0. The file stays open for the next page.
    ///
    /// # Errors
    /// As [`Source::open`] and [`Source::decode_page`].
    pub fn decode_page(&mut self, path: &SourcePath, page: u32) -> Result<PageImage, ImagingError> {
        self.source(path)?.decode_page(page)
    }

    fn source(&mut self, path: &SourcePath) -> Result<&mut Source, ImagingError> {
        let version = FileVersion::of(path)?;
        // Taken out first, so that a file that fails to open leaves none behind.
        let open = match self.open.take() {
            Some(open) if open.path == *path && open.version == version => open,
            _ => OpenSource {
                path: path.clone(),
                version,
                source: Source::open(path.as_path(), &self.limits)?,
            },
        };
        Ok(&mut self.open.insert(open).source)
    }

    fn probe(&mut self, path: &SourcePath) -> Result<SourceInfo, ImagingError> {
        let source = self.source(path)?;
        Ok(SourceInfo {
            format: source.format(),
            pages: (0..source.page_count())
                .map(|page| source.page_info(page).map_err(Refusal::from))
                .collect(),
        })
    }

    fn answer(&mut self, request: &Request) -> Result<Answer<Reply>, ImagingError> {
        match request {
            Request::Probe { path } => Ok(Reply::Probed(self.probe(path)?).into()),
            Request::Render {
                path,
                page,
                rendition: wanted,
            } => {
                let image = self.decode_page(path, *page)?;
                Ok(Answer {
                    reply: Reply::Rendered,
                    binary: rendition(&image, wanted)?,
                })
            }
        }
    }
}

impl Handler for PageHandler {
    type Request = Request;
    type Reply = Reply;

    fn handle(&mut self, request: Request) -> Answer<Reply> {
        self.answer(&request)
            .unwrap_or_else(|error| Reply::Refused(error.into()).into())
    }
}

impl From<ImagingError> for Refusal {
    fn from(error: ImagingError) -> Self {
        Self {
            quarantine: error.quarantine_reason(),
            unreadable: error.unreadable_reason(),
            detail: error.to_string(),
        }
    }
}

impl FileVersion {
    fn of(path: &SourcePath) -> io::Result<Self> {
        let metadata = fs::metadata(path.as_path())?;
        Ok(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size_bytes: metadata.len(),
            modified_ns: (metadata.mtime(), metadata.mtime_nsec()),
        })
    }
}
