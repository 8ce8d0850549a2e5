//! TIFF and BigTIFF: every page, read strip by strip.

mod colour;
mod directory;
mod fax;
mod jpeg;
mod layout;
mod old_jpeg;
mod raster;
mod samples;
mod streams;

use std::{collections::HashSet, fs::File};

use directory::{Directory, TiffFile, damaged};
use layout::{Layout, tag};

use crate::{ImagingError, Limits, PageImage, PageInfo};

/// An open TIFF with the places of its pages.
#[derive(Debug)]
pub(crate) struct Tiff {
    file: TiffFile,
    /// Offsets of the directories that are pages. One that cannot be read stays a page, so that its
    /// loss is told and not hidden.
    pages: Vec<u64>,
}

impl Tiff {
    /// Follows the chain of directories once, reading nothing but their entries.
    pub(crate) fn open(file: File, limits: &Limits) -> Result<Self, ImagingError> {
        let (file, first) = TiffFile::open(file)?;
        let pages = pages(&file, first, limits)?;
        Ok(Self { file, pages })
    }

    pub(crate) const fn page_count(&self) -> usize {
        self.pages.len()
    }

    pub(crate) fn page_info(&self, index: usize, limits: &Limits) -> Result<PageInfo, ImagingError> {
        layout::info(&self.file, &self.directory(index)?, limits)
    }

    pub(crate) fn decode_page(&self, index: usize, limits: &Limits) -> Result<PageImage, ImagingError> {
        let directory = self.directory(index)?;
        let layout = Layout::read(&self.file, &directory, limits)?;
        let raster::Decoded { pixels, lost_percent } =
            raster::decode(&self.file, &directory, &layout, limits)?;
        let image = PageImage {
            width_px: layout.width,
            height_px: layout.height,
            dpi: layout.dpi(),
            lost_percent,
            pixels,
        };
        Ok(layout.orientation().apply(image))
    }

    fn directory(&self, index: usize) -> Result<Directory, ImagingError> {
        let offset = self.pages.get(index).ok_or(ImagingError::NoPages {
            pages: self.pages.len() as u32,
        })?;
        self.file.directory(*offset)
    }
}

/// Reduced images (thumbnails) that stand between the pages are left out; so are transparency masks.
fn pages(file: &TiffFile, first: u64, limits: &Limits) -> Result<Vec<u64>, ImagingError> {
    let mut pages = Vec::new();
    let mut seen = HashSet::new();
    let mut next = Some(first);
    let mut largest = 0;
    // A directory seen before is a loop: all pages were met.
    while let Some(offset) = next.filter(|&offset| seen.insert(offset)) {
        let directory = match file.directory(offset) {
            Ok(directory) => directory,
            Err(error) if pages.is_empty() => return Err(error),
            Err(_) => {
                pages.push(offset);
                break;
            }
        };
        let pixels = area(file, &directory);
        if !is_companion(file, &directory, pixels, largest) {
            largest = pixels;
            pages.push(offset);
        }
        if pages.len() > limits.pages as usize {
            return Err(ImagingError::TooLarge {
                what: "the number of pages",
                found: pages.len() as u64,
                limit: u64::from(limits.pages),
            });
        }
        next = directory.next;
    }
    match pages.is_empty() {
        true => Err(damaged("no directory")),
        false => Ok(pages),
    }
}

/// Whether the directory only accompanies the page before it: by its `NewSubfileType`, a mask, or a
/// reduced image that is in fact smaller. The flag alone is not trusted, since leaving out a real page
/// would lose it.
fn is_companion(file: &TiffFile, directory: &Directory, pixels: u64, page_before: u64) -> bool {
    let flags = directory.number(file, tag::NEW_SUBFILE_TYPE).unwrap_or(0);
    (flags & 1 == 1 && pixels * 2 < page_before) || (flags & 4 == 4 && page_before > 0)
}

fn area(file: &TiffFile, directory: &Directory) -> u64 {
    let side = |tag| directory.number(file, tag).unwrap_or(0);
    side(tag::WIDTH)
        .saturating_mul(side(tag::HEIGHT))
        .min(u64::MAX / 4)
}
