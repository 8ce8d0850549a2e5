//! An opened source file.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use crate::{
    Format, ImagingError, Limits, PageImage, PageInfo, format::SNIFF_BYTES, jpeg, jpeg2000, pdf::PdfFile,
    plain, png, tiff::Tiff,
};

/// An opened file whose format and pages are known; pages are decoded one at a time.
#[derive(Debug)]
pub struct Source {
    format: Format,
    limits: Limits,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Tiff(Tiff),
    /// Decoded from the file as it is read.
    Streamed(File),
    /// JPEG and JPEG 2000, whose decoders want all bytes.
    Whole(Vec<u8>),
    Pdf(PdfFile),
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
        (&file).take(SNIFF_BYTES as u64).read_to_end(&mut head)?;
        if head.is_empty() {
            return Err(ImagingError::Empty);
        }
        let format = Format::sniff(&head).ok_or(ImagingError::UnknownFormat)?;
        let content = without_panic(format, || {
            Ok(match format {
                Format::Tiff => Content::Tiff(Tiff::open(file, limits)?),
                Format::Png | Format::Bmp | Format::Webp => Content::Streamed(file),
                Format::Jpeg | Format::Jpeg2000 => Content::Whole(read_all(&mut file, limits)?),
                Format::Pdf => Content::Pdf(PdfFile::open(read_all(&mut file, limits)?, limits)?),
            })
        })?;
        let mut source = Self {
            format,
            limits: limits.clone(),
            content,
        };
        // Of a single picture, the header decides whether the file as a whole can be shown.
        if source.page_count() == 1 && !matches!(source.content, Content::Pdf(_)) {
            source.page_info(0)?;
        }
        Ok(source)
    }

    /// What the content is.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// How many pages there are; at least one.
    #[must_use]
    pub const fn page_count(&self) -> u32 {
        match &self.content {
            Content::Tiff(tiff) => tiff.page_count() as u32,
            Content::Pdf(pdf) => pdf.page_count() as u32,
            Content::Streamed(_) | Content::Whole(_) => 1,
        }
    }

    /// Size and resolution of a page, counted from 0, from its header.
    ///
    /// # Errors
    /// Where the header is broken, asks for more than the limits, or there is no such page.
    pub fn page_info(&mut self, index: u32) -> Result<PageInfo, ImagingError> {
        let place = self.place(index)?;
        let (format, limits) = (self.format, &self.limits);
        without_panic(format, || match &self.content {
            Content::Tiff(tiff) => tiff.page_info(place, limits),
            Content::Pdf(pdf) => pdf.page_info(place, limits),
            Content::Streamed(file) if format == Format::Png => png::info(file, limits),
            Content::Streamed(file) => plain::info(file, format, limits),
            Content::Whole(data) if format == Format::Jpeg => jpeg::info(data, limits),
            Content::Whole(data) => jpeg2000::info(data, limits),
        })
    }

    /// The picture of a page, counted from 0, upright after its orientation tag.
    ///
    /// # Errors
    /// Where the page does not decode completely, asks for more than the limits, or does not exist. A
    /// page is never given in part.
    pub fn decode_page(&mut self, index: u32) -> Result<PageImage, ImagingError> {
        let place = self.place(index)?;
        let (format, limits) = (self.format, &self.limits);
        without_panic(format, || match &self.content {
            Content::Tiff(tiff) => tiff.decode_page(place, limits),
            Content::Pdf(pdf) => pdf.decode_page(place, limits),
            Content::Streamed(file) if format == Format::Png => png::decode_page(file, limits),
            Content::Streamed(file) => plain::decode_page(file, format, limits),
            Content::Whole(data) if format == Format::Jpeg => jpeg::decode_page(data, limits),
            Content::Whole(data) => jpeg2000::decode_page(data, limits),
        })
    }

    fn place(&self, index: u32) -> Result<usize, ImagingError> {
        let pages = self.page_count();
        match index < pages {
            true => Ok(index as usize),
            false => Err(ImagingError::NoPages { pages }),
        }
    }
}

fn read_all(file: &mut File, limits: &Limits) -> Result<Vec<u8>, ImagingError> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(limits.file_bytes).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The one place where a decoder's panic becomes damage.
///
/// The decoders are written for untrusted bytes, and still a broken file now and then meets an index or
/// an overflow that none of them expected. That says nothing about the program's state: they work on
/// their own memory, and whatever they were building is thrown away here.
fn without_panic<T>(
    format: Format,
    decode: impl FnOnce() -> Result<T, ImagingError>,
) -> Result<T, ImagingError> {
    catch_unwind(AssertUnwindSafe(decode))
        .unwrap_or_else(|_| Err(ImagingError::damaged(format, "the decoder gave up on it")))
}
