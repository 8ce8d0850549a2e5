//! Decoding through the public interface: files made here, and real scans where they are at hand.

mod hostile;
mod jpeg;
mod pdf;
mod pictures;
mod scans;
mod tiff;
mod tiff_file;

use std::{fs, path::PathBuf};

use hrisov_imaging::{ImagingError, Limits, PageImage, Source};

/// Opens bytes as a file with the given limits.
fn open_within(bytes: &[u8], limits: &Limits) -> Result<Source, ImagingError> {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), bytes).unwrap();
    Source::open(file.path(), limits)
}

fn open(bytes: &[u8]) -> Result<Source, ImagingError> {
    open_within(bytes, &Limits::default())
}

/// Decodes a page; the header must have announced what comes.
fn decode(bytes: &[u8], index: u32) -> Result<PageImage, ImagingError> {
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
fn shared_scans() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/scans");
    if !folder.is_dir() {
        eprintln!("SKIPPED: no real scans at {}", folder.display());
        return None;
    }
    Some(folder)
}

/// The stored raster that an orientation tag turns into `upright` (EXIF 2.3, tag 274).
fn stored_as<T: Copy>(upright: &[T], (width, height): (usize, usize), tag: u16) -> (Vec<T>, usize, usize) {
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

#[test]
fn content_decides_and_not_the_name() {
    let prose = b"BMW, BM and %PDF are no file formats".repeat(10);
    for (bytes, expected) in [
        (&b""[..], "empty"),
        (b"II", "unknown_format"),
        (&prose, "unknown_format"),
        (b"PK\x03\x04 and so on", "unknown_format"),
        (b"%PDF-1.7\n", "damaged"),
        (b"\xff\xd8\xff\xe0", "damaged"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"II*\0\xff\xff\xff\xff", "damaged"),
        (b"MM\0+\0\x08\0\0\xff\xff\xff\xff\xff\xff\xff\xff", "damaged"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "damaged"),
        (b"\xff\x4f\xff\x51", "damaged"),
    ] {
        let error = open(bytes).unwrap_err();
        assert_eq!(
            error.quarantine_reason().to_string(),
            expected,
            "{bytes:?}: {error}"
        );
    }
    let missing = Source::open("no/such/file".as_ref(), &Limits::default()).unwrap_err();
    assert_eq!(missing.quarantine_reason().to_string(), "not_readable");
}

#[test]
fn files_pages_and_pixels_beyond_the_limits_are_refused() {
    let page = tiff_file::Page::grey(40, 30, vec![9; 1200]);
    let three_pages = tiff_file::TiffFile::default()
        .page(page.clone())
        .page(page.clone())
        .page(page);
    let bytes = three_pages.bytes();
    let limits = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        limits
    };
    for (limits, expected) in [
        (limits(|limits| limits.file_bytes = 100), "the file in bytes"),
        (limits(|limits| limits.pages = 2), "the number of pages"),
    ] {
        let error = open_within(&bytes, &limits).unwrap_err();
        assert!(
            matches!(&error, ImagingError::TooLarge { what, .. } if *what == expected),
            "{error}"
        );
    }
    let few_pixels = limits(|limits| limits.pixels = 1199);
    let mut source = open_within(&bytes, &few_pixels).unwrap();
    assert_eq!(source.page_count(), 3);
    assert!(matches!(
        source.decode_page(2),
        Err(ImagingError::TooLarge { .. })
    ));
    assert!(matches!(
        source.page_info(3),
        Err(ImagingError::NoPages { pages: 3 })
    ));
    for single in [
        pictures::png(40, 30),
        pictures::bmp(40, 30),
        pictures::webp(40, 30),
        jpeg::grey(40, 30),
    ] {
        let error = open_within(&single, &few_pixels).unwrap_err();
        assert!(
            matches!(error, ImagingError::TooLarge { found: 1200, .. }),
            "{error}"
        );
    }
}
