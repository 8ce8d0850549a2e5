//! JPEG, alone and inside TIFF.

use hrisov_imaging::{ImagingError, Pixels};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::{
    given::{decode, stored_as},
    tiff_file::{Kind, Page, Value},
};

fn encode(
    data: &[u8],
    width: u16,
    height: u16,
    colour: ColorType,
    change: impl FnOnce(&mut Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut file = vec![];
    let mut encoder = Encoder::new(&mut file, 95);
    change(&mut encoder);
    encoder.encode(data, width, height, colour).unwrap();
    file
}

/// A picture with a dark corner at the top left and a slope, so that every turn looks different.
fn slope(width: usize, height: usize) -> Vec<u8> {
    let grey = |x: usize, y: usize| match x < width / 4 && y < height / 4 {
        true => 0,
        false => 100 + (x * 100 / width + y * 50 / height) as u8,
    };
    (0..height)
        .flat_map(|y| (0..width).map(move |x| grey(x, y)))
        .collect()
}

pub(crate) fn grey(width: usize, height: usize) -> Vec<u8> {
    encode(
        &slope(width, height),
        width as u16,
        height as u16,
        ColorType::Luma,
        |_| {},
    )
}

/// An APP1 segment with an orientation and a resolution of 300 dots per inch.
fn exif(orientation: u16) -> Vec<u8> {
    let mut block = b"MM\0*\0\0\0\x08\0\x04".to_vec();
    let entries = [
        (274_u16, 3_u16, u32::from(orientation) << 16),
        (282, 5, 62),
        (283, 5, 62),
        (296, 3, 2 << 16),
    ];
    for (tag, kind, value) in entries {
        block.extend(tag.to_be_bytes());
        block.extend(kind.to_be_bytes());
        block.extend(1_u32.to_be_bytes());
        block.extend(value.to_be_bytes());
    }
    block.extend([0; 4]);
    block.extend([0, 0, 1, 44, 0, 0, 0, 1]);
    [b"Exif\0\0".to_vec(), block].concat()
}

/// Puts a segment right behind the start marker.
fn with_segment(jpeg: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, content, &jpeg[2..]].concat()
}

fn assert_close(found: &[u8], expected: &[u8], tolerance: u8, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let worst = found
        .iter()
        .zip(expected)
        .map(|(a, b)| a.abs_diff(*b))
        .max()
        .unwrap();
    assert!(worst <= tolerance, "{what}: differs by {worst}");
}

#[test]
fn all_exif_orientations_show_the_same_page() {
    let (width, height) = (64, 48);
    let upright = slope(width, height);
    for tag in 1..=8 {
        let (stored, stored_width, stored_height) = stored_as(&upright, (width, height), tag);
        let jpeg = encode(
            &stored,
            stored_width as u16,
            stored_height as u16,
            ColorType::Luma,
            |_| {},
        );
        let page = decode(&with_segment(&jpeg, 0xe1, &exif(tag)), 0).unwrap();
        assert_eq!((page.width_px, page.height_px), (64, 48), "tag {tag}");
        assert!(matches!(page.pixels, Pixels::Grey(_)));
        assert_close(page.pixels.bytes(), &upright, 40, &format!("tag {tag}"));
    }
}

#[test]
fn resolution_comes_from_jfif_or_exif() {
    let plain = grey(200, 200);
    assert_eq!(decode(&plain, 0).unwrap().dpi, None);
    assert_eq!(
        decode(&with_segment(&plain, 0xe1, &exif(1)), 0).unwrap().dpi,
        Some(300)
    );
    let density = jpeg_encoder::PixelDensity {
        density: (150, 150),
        unit: jpeg_encoder::PixelDensityUnit::Inches,
    };
    let jfif = encode(&slope(200, 200), 200, 200, ColorType::Luma, |encoder| {
        encoder.set_density(density)
    });
    assert_eq!(decode(&jfif, 0).unwrap().dpi, Some(150));
}

#[test]
fn broken_metadata_costs_nothing() {
    let plain = grey(64, 48);
    let expected = decode(&plain, 0).unwrap();
    let cut_exif = &exif(6)[..20];
    let wild_exif = [&b"Exif\0\0II*\0"[..], &[0xff; 30]].concat();
    let short_adobe = with_segment(&plain, 0xee, b"Adobe\0d");
    for (what, jpeg) in [
        ("cut EXIF", with_segment(&plain, 0xe1, cut_exif)),
        ("wild EXIF", with_segment(&plain, 0xe1, &wild_exif)),
        ("empty EXIF", with_segment(&plain, 0xe1, b"Exif\0\0")),
        ("short Adobe", short_adobe),
        ("short JFIF", with_segment(&plain, 0xe0, b"JFIF\0")),
        ("bytes behind the end", [&plain[..], b"trailing"].concat()),
    ] {
        assert_eq!(
            decode(&jpeg, 0).unwrap_or_else(|error| panic!("{what}: {error}")),
            expected,
            "{what}"
        );
    }
}

#[test]
fn colours_of_every_kind() {
    // Three flat areas; the inks of the last two rows are Adobe's, stored inverted.
    let flat = |pixel: &[u8]| pixel.repeat(64 * 64);
    for (colour, pixel, expected) in [
        (ColorType::Rgb, &[200, 40, 90][..], [200, 40, 90]),
        (ColorType::Ycbcr, &[128, 128, 128], [128, 128, 128]),
        (ColorType::Cmyk, &[255, 0, 0, 0], [0, 255, 255]),
        (ColorType::CmykAsYcck, &[0, 255, 255, 0], [255, 0, 0]),
        (ColorType::CmykAsYcck, &[0, 0, 0, 255], [0, 0, 0]),
    ] {
        for progressive in [false, true] {
            for sampling in [SamplingFactor::F_1_1, SamplingFactor::F_2_2] {
                let jpeg = encode(&flat(pixel), 64, 64, colour, |encoder| {
                    encoder.set_progressive(progressive);
                    encoder.set_sampling_factor(sampling);
                });
                let what = format!("{colour:?} {progressive} {sampling:?}");
                let page = match decode(&jpeg, 0) {
                    // This encoder makes black finer than the inks before it.
                    Err(ImagingError::Unsupported { .. })
                        if what.starts_with("Cmyk ") && what.ends_with("F_2_2") =>
                    {
                        continue;
                    }
                    page => page.unwrap_or_else(|error| panic!("{what}: {error}")),
                };
                assert_close(page.pixels.bytes(), &flat(&expected), 4, &what);
            }
        }
    }
}

#[test]
fn a_picture_that_ends_early_is_damaged() {
    let noise: Vec<u8> = (0..160 * 160)
        .map(|i: u32| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    // Noise above, white below: the decoder's filling would look like the margin.
    let page: Vec<u8> = [&noise[..], &[255; 160 * 160]].concat();
    for (what, picture, height) in [("noise", &noise, 160), ("white below", &page, 320)] {
        for (progressive, restart) in [(false, None), (false, Some(20)), (true, None)] {
            let jpeg = encode(picture, 160, height, ColorType::Luma, |encoder| {
                encoder.set_progressive(progressive);
                if let Some(interval) = restart {
                    encoder.set_restart_interval(interval);
                }
            });
            decode(&jpeg, 0).unwrap_or_else(|error| panic!("{what} {progressive} {restart:?}: {error}"));
            let half = &jpeg[..jpeg.len() / 2];
            let error = decode(half, 0).expect_err(what);
            assert!(
                matches!(error, ImagingError::Damaged { .. }),
                "{what} {progressive} {restart:?}: {error}"
            );
            if !progressive {
                let ended = [half, &[0xff, 0xd9]].concat();
                let error = decode(&ended, 0).expect_err(what);
                assert!(
                    matches!(error, ImagingError::Damaged { .. }),
                    "{what} {restart:?} ended: {error}"
                );
                // Without its end marker, but with all of its data.
                decode(&jpeg[..jpeg.len() - 2], 0)
                    .unwrap_or_else(|error| panic!("{what} {restart:?}: {error}"));
            }
        }
    }
}

#[test]
fn jpeg_strips_in_tiff_with_and_without_shared_tables() {
    let rgb: Vec<u8> = slope(64, 48)
        .iter()
        .flat_map(|&grey| [grey, grey / 2, 255 - grey])
        .collect();
    let strip = |from: usize, to: usize| {
        let rows = &rgb[from * 64 * 3..to * 64 * 3];
        encode(rows, 64, (to - from) as u16, ColorType::Rgb, |encoder| {
            encoder.set_sampling_factor(SamplingFactor::F_1_1)
        })
    };
    let page = |chunks| {
        Page::grey(64, 48, vec![])
            .tag(258, Value::Short(vec![8; 3]))
            .short(259, 7)
            .short(262, 6)
            .short(277, 3)
            .short(278, 32)
            .chunks(chunks)
    };
    let strips = vec![strip(0, 32), strip(32, 48)];
    let whole = decode(&page(strips.clone()).file(Kind::Big), 0).unwrap();
    assert_close(whole.pixels.bytes(), &rgb, 60, "own tables");

    // The tables moved out of the strips.
    let split = |jpeg: &[u8]| {
        let mut tables = vec![0xff, 0xd8];
        let mut rest = vec![0xff, 0xd8];
        let mut at = 2;
        while jpeg[at + 1] != 0xda {
            let end = at + 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
            let to = if matches!(jpeg[at + 1], 0xdb | 0xc4) {
                &mut tables
            } else {
                &mut rest
            };
            to.extend(&jpeg[at..end]);
            at = end;
        }
        tables.extend([0xff, 0xd9]);
        rest.extend(&jpeg[at..]);
        (tables, rest)
    };
    let (tables, first) = split(&strips[0]);
    let (_, second) = split(&strips[1]);
    let shared = page(vec![first, second]).tag(347, Value::Bytes(tables));
    assert_eq!(
        decode(&shared.file(Kind::Little), 0).unwrap().pixels,
        whole.pixels
    );

    // Old JPEG: the whole stream where a tag points to.
    let stream = strip(0, 48);
    let old = page(vec![stream.clone()]).short(259, 6).short(278, 48);
    let place = |bytes: &[u8]| {
        bytes
            .windows(stream.len())
            .position(|window| window == stream)
            .unwrap()
    };
    let without = old.clone().tag(513, Value::Long(vec![0])).file(Kind::Little);
    let old = old
        .tag(513, Value::Long(vec![place(&without) as u32]))
        .file(Kind::Little);
    assert_close(decode(&old, 0).unwrap().pixels.bytes(), &rgb, 60, "old JPEG");
}
