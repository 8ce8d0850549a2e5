//! Any format: content decides, and the limits hold.

use hrisov_imaging::{ImagingError, Limits, Source};

use crate::{
    given::{open, open_within},
    jpeg, pictures, tiff_file,
};

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
