//! What the tests start from: bytes as files, real scans, turned rasters.

use std::{fs, path::PathBuf};

use hrisov_imaging::{ImagingError, Limits, PageImage, Source};

/// Opens bytes as a file with the given limits.
pub(crate) fn open_within(bytes: &[u8], limits: &Limits) -> Result<Source, ImagingError> {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), bytes).unwrap();
    Source::open(file.path(), limits)
}

pub(crate) fn open(bytes: &[u8]) -> Result<Source, ImagingError> {
    open_within(bytes, &Limits::default())
}

/// Decodes a page; the header must have announced what comes.
pub(crate) fn decode(bytes: &[u8], index: u32) -> Result<PageImage, ImagingError> {
    let mut source = open(bytes)?;
    let info = source.page_info(index)?;
    let page = source.decode_page(index)?;
    assert_eq!(
        (info.width_px, info.height_px, info.dpi),
        (page.width_px, page.height_px, page.dpi),
        "header and page disagree"
    );
    assert_eq!(
        page.pixels.bytes().len(),
        page.width_px as usize * page.height_px as usize * page.pixels.channels()
    );
    Ok(page)
}

/// The folder of real scans beside the project, or `None` with a word about it.
pub(crate) fn shared_scans() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/scans");
    if !folder.is_dir() {
        eprintln!("SKIPPED: no real scans at {}", folder.display());
        return None;
    }
    Some(folder)
}

/// The stored raster that an orientation tag turns into `upright` (EXIF 2.3, tag 274).
pub(crate) fn stored_as<T: Copy>(
    upright: &[T],
    (width, height): (usize, usize),
    tag: u16,
) -> (Vec<T>, usize, usize) {
    let (stored_width, stored_height) = if tag >= 5 {
        (height, width)
    } else {
        (width, height)
    };
    let mut stored = vec![upright[0]; upright.len()];
    for y in 0..height {
        for x in 0..width {
            let (right, bottom) = (width - 1 - x, height - 1 - y);
            let (column, row) = match tag {
                1 => (x, y),
                2 => (right, y),
                3 => (right, bottom),
                4 => (x, bottom),
                5 => (y, x),
                6 => (y, right),
                7 => (bottom, right),
                8 => (bottom, x),
                _ => unreachable!("no such orientation"),
            };
            stored[row * stored_width + column] = upright[y * width + x];
        }
    }
    (stored, stored_width, stored_height)
}
