//! An opened source file.

use std::{
    fs::File,
    io::{BufReader, Read, Seek as _, SeekFrom},
    path::Path,
};

use crate::{Format, ImagingError, Limits, PageImage, PageInfo, Pixels, format::SNIFF_BYTES};

/// An opened file whose format and pages are known; pages are decoded one at a time.
#[derive(Debug)]
pub struct Source {
    file: File,
    format: Format,
    limits: Limits,
    pages: u32,
}

impl Source {
    /// Opens a file and counts its pages without decoding any.
    ///
    /// # Errors
    /// Whatever concerns the file as a whole: unreadable, empty, unknown, too large, encrypted, damaged
    /// at its root, without pages.
    pub fn open(path: &Path, limits: &Limits) -> Result<Self, ImagingError> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        if size > limits.file_bytes {
            return Err(ImagingError::TooLarge {
                what: "the file in bytes",
                found: size,
                limit: limits.file_bytes,
            });
        }
        let mut head = Vec::new();
        Read::by_ref(&mut file)
            .take(SNIFF_BYTES as u64)
            .read_to_end(&mut head)?;
        if head.is_empty() {
            return Err(ImagingError::Empty);
        }
        let format = Format::sniff(&head).ok_or(ImagingError::UnknownFormat)?;
        Ok(Self {
            file,
            format,
            limits: limits.clone(),
            pages: 1,
        })
    }

    /// What the content is.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// How many pages there are; at least one.
    #[must_use]
    pub const fn page_count(&self) -> u32 {
        self.pages
    }

    /// Size and resolution of a page, counted from 0, from its header.
    ///
    /// # Errors
    /// Where the header is broken, asks for more than the limits, or there is no such page.
    pub fn page_info(&mut self, index: u32) -> Result<PageInfo, ImagingError> {
        let image = self.decode_page(index)?;
        Ok(PageInfo {
            width_px: image.width_px,
            height_px: image.height_px,
            dpi: image.dpi,
        })
    }

    /// The picture of a page, counted from 0, upright after its orientation tag.
    ///
    /// # Errors
    /// Where the page does not decode completely, asks for more than the limits, or does not exist. A
    /// page is never given in part.
    pub fn decode_page(&mut self, index: u32) -> Result<PageImage, ImagingError> {
        if index >= self.pages {
            return Err(ImagingError::NoPages { pages: self.pages });
        }
        let (format, limit) = (self.format, self.limits.pixels);
        let damaged = |error: image::ImageError| ImagingError::Damaged {
            format,
            detail: error.to_string(),
        };
        self.file.seek(SeekFrom::Start(0))?;
        let reader = image::ImageReader::new(BufReader::new(&self.file)).with_guessed_format()?;
        let picture = reader.decode().map_err(damaged)?;
        let (width_px, height_px) = (picture.width(), picture.height());
        if u64::from(width_px) * u64::from(height_px) > limit {
            return Err(ImagingError::TooLarge {
                what: "a page in pixels",
                found: u64::from(width_px) * u64::from(height_px),
                limit,
            });
        }
        let pixels = match picture.color().has_color() {
            true => Pixels::Rgb(picture.into_rgb8().into_raw()),
            false => Pixels::Grey(picture.into_luma8().into_raw()),
        };
        Ok(PageImage {
            width_px,
            height_px,
            dpi: None,
            pixels,
        })
    }
}
