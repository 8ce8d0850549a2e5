//! PDF, through `hayro`: a scan's own picture where a page is nothing else, otherwise a rendering.

mod bounds;
mod inspect;
mod missing;
mod pages;
mod render;
mod scan;

use std::fmt;

use hayro::{
    hayro_interpret::{Context, Device, InterpreterCache, InterpreterSettings, TransformExt as _},
    hayro_syntax::{DecryptionError, LoadPdfError, Pdf, page::Page},
    kurbo,
};
use inspect::{Inspection, Inspector};
use pages::Slot;

use crate::{Format, ImagingError, Limits, PageImage, PageInfo};

/// An open PDF.
pub(crate) struct PdfFile {
    pdf: Pdf,
    /// Every page that the page tree names, also those whose objects are not there.
    slots: Vec<Slot>,
}

impl fmt::Debug for PdfFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PdfFile")
            .field("pages", &self.slots.len())
            .finish_non_exhaustive()
    }
}

impl PdfFile {
    /// Reads cross references and page tree. A PDF that opens with the empty password is readable: its
    /// password only limits editing.
    pub(crate) fn open(data: Vec<u8>, limits: &Limits) -> Result<Self, ImagingError> {
        let pdf = Pdf::new(data).map_err(|error| match error {
            LoadPdfError::Decryption(DecryptionError::UnsupportedAlgorithm) => {
                ImagingError::unsupported(Format::Pdf, "an encryption other than the standard ones")
            }
            LoadPdfError::Decryption(DecryptionError::PasswordProtected) => ImagingError::Encrypted,
            LoadPdfError::Decryption(error) => {
                damaged(format!("the encryption dictionary is broken: {error:?}"))
            }
            LoadPdfError::Invalid => damaged("no cross references and no pages can be found"),
        })?;
        let slots = pages::slots(&pdf);
        match slots.len() {
            0 => Err(ImagingError::NoPages { pages: 0 }),
            found if found > limits.pages as usize => Err(ImagingError::TooLarge {
                what: "the number of pages",
                found: found as u64,
                limit: limits.pages.into(),
            }),
            _ => Ok(Self { pdf, slots }),
        }
    }

    pub(crate) const fn page_count(&self) -> usize {
        self.slots.len()
    }

    /// Interprets the page without decoding any picture on it.
    pub(crate) fn page_info(&self, index: usize, limits: &Limits) -> Result<PageInfo, ImagingError> {
        let page = self.page(index)?;
        let inspection = inspect(page, limits)?;
        match &inspection.scan {
            Some(scan) => scan.info(limits),
            None => render::info(page, limits),
        }
    }

    pub(crate) fn decode_page(&self, index: usize, limits: &Limits) -> Result<PageImage, ImagingError> {
        let page = self.page(index)?;
        let inspection = inspect(page, limits)?;
        if let Some(scan) = &inspection.scan
            && let Some(image) = scan::decode(page, scan, limits)?
        {
            return Ok(image);
        }
        render::decode(page, &inspection, limits)
    }

    fn page(&self, index: usize) -> Result<&Page<'_>, ImagingError> {
        let missing = || damaged("the page tree names a page that is not in the file");
        match self.slots.get(index) {
            Some(Slot::Present(place)) => self.pdf.pages().get(*place).ok_or_else(missing),
            Some(Slot::Missing) => Err(missing()),
            None => Err(ImagingError::NoPages {
                pages: self.slots.len() as u32,
            }),
        }
    }
}

fn inspect(page: &Page<'_>, limits: &Limits) -> Result<Inspection, ImagingError> {
    missing::check(page)?;
    bounds::check(page, limits)?;
    let mut inspector = Inspector::new(page);
    interpret(page, &mut inspector, InterpreterSettings::default());
    Ok(inspector.finish())
}

/// Runs the page's instructions, in points, y downwards, the visible box from the origin on.
fn interpret<'a>(page: &Page<'a>, device: &mut impl Device<'a>, settings: InterpreterSettings) {
    let (width, height) = page.render_dimensions();
    let transform = page.initial_transform(true).to_kurbo();
    let visible = kurbo::Rect::new(0.0, 0.0, width.into(), height.into());
    let cache = InterpreterCache::new();
    let mut context = Context::new(transform, visible, &cache, page.xref(), settings);
    hayro::hayro_interpret::interpret_page(page, &mut context, device);
}

fn damaged(detail: impl fmt::Display) -> ImagingError {
    ImagingError::damaged(Format::Pdf, detail)
}
