//! TIFF: every page, every way of storing a raster.

use std::io::Write as _;

use hrisov_imaging::{ImagingError, PageImage, Pixels};
use proptest::prelude::*;
use tiff::encoder::{Compression, Predictor, TiffEncoder, colortype};

use crate::{
    given::{decode, open, stored_as},
    tiff_file::{Kind, Page, TiffFile, Value},
};

const ALL_KINDS: [Kind; 4] = [Kind::Little, Kind::Big, Kind::BigTiffLittle, Kind::BigTiffBig];

/// Decodes the page from a file of each byte order and offset width, where its data is the same in all.
fn check(page: Page, expected: &Pixels) {
    for kind in ALL_KINDS {
        let image =
            decode(&page.clone().file(kind), 0).unwrap_or_else(|error| panic!("{kind:?} {page:?}: {error}"));
        assert_eq!(&image.pixels, expected, "{kind:?} {page:?}");
    }
}

fn damage(bytes: &[u8]) -> String {
    match decode(bytes, 0) {
        Err(ImagingError::Damaged { detail, .. }) => detail,
        other => panic!("not damaged: {other:?}"),
    }
}

fn samples(count: usize) -> Vec<u8> {
    (0..count).map(|index| (index * 37 % 256) as u8).collect()
}

fn base(width: u16, height: u16, photometric: u16, bits: &[u16]) -> Page {
    Page::grey(width.into(), height.into(), vec![])
        .tag(258, Value::Short(bits.to_vec()))
        .short(262, photometric)
        .short(277, bits.len() as u16)
}

#[test]
fn every_depth_and_photometric_interpretation() {
    let grey = |bytes: &[u8]| Pixels::Grey(bytes.to_vec());
    let rgb = |bytes: &[u8]| Pixels::Rgb(bytes.to_vec());
    let map = |colours: &[[u16; 3]]| {
        let column = |index: usize| colours.iter().map(move |colour| colour[index]);
        Value::Short((0..3).flat_map(column).collect())
    };
    let rows = [
        (
            base(3, 2, 1, &[8]),
            &[0, 10, 255, 1, 2, 3][..],
            grey(&[0, 10, 255, 1, 2, 3]),
        ),
        (base(3, 1, 0, &[8]), &[0, 10, 255], grey(&[255, 245, 0])),
        // One bit, ten columns: each row ends within a byte.
        (
            base(10, 2, 1, &[1]),
            &[0b1010_0000, 0b0100_0000, 0xff, 0xff],
            Pixels::Bilevel([[255, 0, 255, 0, 0, 0, 0, 0, 0, 255], [255; 10]].concat()),
        ),
        (
            base(4, 1, 0, &[1]),
            &[0b1001_0000],
            Pixels::Bilevel(vec![0, 255, 255, 0]),
        ),
        (
            base(5, 1, 1, &[2]),
            &[0b00_01_10_11, 0b11_00_00_00],
            grey(&[0, 85, 170, 255, 255]),
        ),
        (base(3, 1, 1, &[4]), &[0x0f, 0x80], grey(&[0, 255, 136])),
        (base(2, 1, 1, &[12]), &[0xff, 0xf8, 0x00], grey(&[255, 128])),
        (
            base(2, 1, 2, &[8, 8, 8]),
            &[1, 2, 3, 4, 5, 6],
            rgb(&[1, 2, 3, 4, 5, 6]),
        ),
        // Without a tag that says opacity, a fourth sample is nothing to show.
        (base(1, 1, 2, &[8; 4]), &[1, 2, 3, 0], rgb(&[1, 2, 3])),
        (
            base(2, 1, 2, &[8; 4]).short(338, 2),
            &[1, 2, 3, 255, 1, 2, 3, 0],
            rgb(&[1, 2, 3, 255, 255, 255]),
        ),
        (
            base(1, 1, 2, &[8; 4]).short(338, 1),
            &[100, 50, 0, 100],
            rgb(&[255, 205, 155]),
        ),
        (
            base(2, 1, 1, &[8, 8]).short(338, 2),
            &[7, 255, 7, 0],
            grey(&[7, 255]),
        ),
        (
            base(2, 1, 5, &[8; 4]),
            &[0, 0, 0, 0, 0, 255, 255, 0],
            rgb(&[255, 255, 255, 255, 0, 0]),
        ),
        (
            base(2, 1, 3, &[4]).tag(320, map(&[[0x1111, 0x2222, 0x3333]; 16])),
            &[0x0f],
            rgb(&[0x11, 0x22, 0x33, 0x11, 0x22, 0x33]),
        ),
        // A map of greys stays grey, one of black and white is a one-bit scan.
        (
            base(2, 1, 3, &[8]).tag(
                320,
                map(&(0..256).map(|v| [(255 - v) << 8 | 1; 3]).collect::<Vec<_>>()),
            ),
            &[0, 250],
            grey(&[255, 5]),
        ),
        (
            base(2, 1, 3, &[1]).tag(320, map(&[[0xffff; 3], [0; 3]])),
            &[0b0100_0000],
            Pixels::Bilevel(vec![255, 0]),
        ),
        // Two pixels share their colour; 128 is no colour.
        (
            base(4, 1, 6, &[8; 3]).tag(530, Value::Short(vec![2, 1])),
            &[10, 20, 128, 128, 30, 40, 128, 128],
            rgb(&[10, 10, 10, 20, 20, 20, 30, 30, 30, 40, 40, 40]),
        ),
    ];
    for (page, data, expected) in rows {
        check(page.chunks(vec![data.to_vec()]), &expected);
    }
}

#[test]
fn sixteen_bits_follow_the_byte_order() {
    for (kind, data) in [
        (Kind::Little, [0x34, 0x12, 0xff, 0xee]),
        (Kind::Big, [0x12, 0x34, 0xee, 0xff]),
    ] {
        let image = decode(&base(2, 1, 1, &[16]).chunks(vec![data.to_vec()]).file(kind), 0).unwrap();
        assert_eq!(image.pixels, Pixels::Grey(vec![0x12, 0xee]), "{kind:?}");
        // With differences instead of values.
        let data = match kind {
            Kind::Little => [0x34, 0x12, 0xcb, 0xdc],
            _ => [0x12, 0x34, 0xdc, 0xcb],
        };
        let page = base(2, 1, 1, &[16]).short(317, 2).chunks(vec![data.to_vec()]);
        assert_eq!(
            decode(&page.file(kind), 0).unwrap().pixels,
            Pixels::Grey(vec![0x12, 0xee]),
            "{kind:?}"
        );
    }
}

#[test]
fn strips_tiles_and_planes_give_the_same_page() {
    let rgb = samples(5 * 4 * 3);
    let expected = Pixels::Rgb(rgb.clone());
    let rows = |from: usize, to: usize| rgb[from * 15..to * 15].to_vec();
    check(base(5, 4, 2, &[8; 3]).chunks(vec![rows(0, 4)]), &expected);
    check(
        base(5, 4, 2, &[8; 3])
            .short(278, 3)
            .chunks(vec![rows(0, 3), rows(3, 4)]),
        &expected,
    );
    // Tiles of 4 x 3 pixels: two across, two down, the last of each padded.
    let tile = |left: usize, top: usize| -> Vec<u8> {
        let pixel = |x: usize, y: usize| match x < 5 && y < 4 {
            true => rgb[(y * 5 + x) * 3..][..3].to_vec(),
            false => vec![99; 3],
        };
        (0..3)
            .flat_map(|y| (0..4).flat_map(move |x| pixel(left + x, top + y)))
            .collect()
    };
    let tiled = base(5, 4, 2, &[8; 3]).short(322, 4).short(323, 3);
    check(
        tiled.chunks(vec![tile(0, 0), tile(4, 0), tile(0, 3), tile(4, 3)]),
        &expected,
    );
    // Each colour a raster of its own, in two strips.
    let plane = |colour: usize, from: usize, to: usize| -> Vec<u8> {
        rgb[from * 15..to * 15]
            .iter()
            .skip(colour)
            .step_by(3)
            .copied()
            .collect()
    };
    let planes = (0..3)
        .flat_map(|colour| [plane(colour, 0, 2), plane(colour, 2, 4)])
        .collect();
    check(
        base(5, 4, 2, &[8; 3]).short(284, 2).short(278, 2).chunks(planes),
        &expected,
    );
}

#[test]
fn compressions_and_fill_order() {
    let pixels = samples(64 * 20);
    let expected = Pixels::Grey(pixels.clone());
    let page = |compression, data: Vec<u8>| base(64, 20, 1, &[8]).short(259, compression).chunks(vec![data]);

    let mut deflate = flate2::write::ZlibEncoder::new(vec![], flate2::Compression::default());
    deflate.write_all(&pixels).unwrap();
    let deflate = deflate.finish().unwrap();
    let lzw = weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8)
        .encode(&pixels)
        .unwrap();
    let old_lzw = weezl::encode::Encoder::new(weezl::BitOrder::Lsb, 8)
        .encode(&pixels)
        .unwrap();
    let packed: Vec<u8> = pixels
        .chunks(128)
        .flat_map(|part| [&[part.len() as u8 - 1], part].concat())
        .collect();
    let reversed = |data: &[u8]| data.iter().map(|byte| byte.reverse_bits()).collect::<Vec<_>>();

    check(page(1, pixels.clone()), &expected);
    check(page(8, deflate.clone()), &expected);
    check(page(32946, deflate), &expected);
    check(page(5, lzw.clone()), &expected);
    check(page(5, old_lzw), &expected);
    check(page(32773, packed.clone()), &expected);
    check(page(32773, reversed(&packed)).short(266, 2), &expected);
    check(page(1, reversed(&pixels)).short(266, 2), &expected);

    for (compression, data) in [(5, lzw), (32773, packed), (1, pixels)] {
        let cut = page(compression, data[..data.len() / 2].to_vec()).file(Kind::Little);
        assert!(damage(&cut).contains("of 20 rows"), "compression {compression}");
    }
}

/// Packs a string of 0 and 1 into bytes, padded with 0.
fn bits(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|byte| *byte != b' ')
        .map(|byte| byte - b'0')
        .collect();
    let byte = |eight: &[u8]| eight.iter().fold(0, |byte, bit| byte << 1 | bit) << (8 - eight.len());
    digits.chunks(8).map(byte).collect()
}

/// Two rows "three white, two black, three white" in each fax code, written by hand after T.4 and T.6.
#[test]
fn fax_codes_in_every_variant() {
    const EOL: &str = "000000000001";
    const ROW: &str = "1000 11 1000";
    let one = [255, 255, 255, 0, 0, 255, 255, 255];
    let white = [255; 8];
    let two = Pixels::Bilevel([one, one].concat());
    let fax = |compression: u16, options: u16, height: u16, code: &str| {
        base(8, height, 0, &[1])
            .short(259, compression)
            .short(292, options)
            .chunks(vec![bits(code)])
    };
    let horizontal = "001 1000 11 1";
    let again = "1 1 1";
    let group4 = format!("{horizontal} {again}");
    let block_end = format!("{EOL}{EOL}");

    check(fax(4, 0, 2, &group4), &two);
    check(fax(4, 0, 2, &format!("{group4}{block_end}")), &two);
    check(fax(3, 0, 2, &format!("{EOL}{ROW}{EOL}{ROW}")), &two);
    check(
        fax(3, 0, 2, &format!("{EOL}{ROW}{EOL}{ROW}{}", EOL.repeat(6))),
        &two,
    );
    // Fill bits that end each end-of-line code at a byte border.
    check(fax(3, 4, 2, &format!("0000{EOL}{ROW} 00 0000 {EOL}{ROW}")), &two);
    check(fax(3, 1, 2, &format!("{EOL}1{ROW}{EOL}0{again}")), &two);
    check(fax(2, 0, 2, &format!("{ROW}000000{ROW}")), &two);
    // The height was guessed too large: a proper end says that nothing is missing.
    let shorter = Pixels::Bilevel([one, white].concat());
    check(fax(4, 0, 2, &format!("{horizontal}{block_end}")), &shorter);
    check(fax(3, 0, 2, &format!("{EOL}{ROW}{}", EOL.repeat(6))), &shorter);
    // Black and white the other way round, low bits first.
    let inverted = Pixels::Bilevel([one, one].concat().iter().map(|pixel| 255 - pixel).collect());
    check(fax(4, 0, 2, &group4).short(262, 1), &inverted);
    let mut low_bits = fax(4, 0, 2, &group4).short(266, 2);
    low_bits.chunks[0]
        .iter_mut()
        .for_each(|byte| *byte = byte.reverse_bits());
    check(low_bits, &two);

    // What is cut off is white, and said to be lost.
    for cut in [
        fax(4, 0, 9, &group4),
        fax(3, 0, 9, &format!("{EOL}{ROW}{EOL}{ROW}")),
    ] {
        let shown = decode(&cut.file(Kind::Little), 0).unwrap();
        let expected = [[one, one].concat(), [white; 7].concat()].concat();
        assert_eq!(
            (shown.pixels, shown.lost_percent),
            (Pixels::Bilevel(expected), 78)
        );
    }
    damage(&fax(4, 0, 2, "0000 0000").file(Kind::Little));
}

#[test]
fn all_orientations_show_the_same_page() {
    let (width, height) = (7_usize, 4_usize);
    let upright = samples(width * height);
    for tag in 1..=8 {
        let (stored, stored_width, stored_height) = stored_as(&upright, (width, height), tag);
        let page = Page::grey(stored_width as u32, stored_height as u32, stored).short(274, tag);
        check(page, &Pixels::Grey(upright.clone()));
    }
    // A value that means nothing.
    check(
        Page::grey(7, 4, upright.clone()).short(274, 9),
        &Pixels::Grey(upright),
    );
}

#[test]
fn resolution_is_believed_where_it_is_plausible() {
    let page = || Page::grey(600, 900, vec![255; 600 * 900]);
    let with = |x: (u32, u32), y: (u32, u32), unit| {
        let page = page()
            .tag(282, Value::Rational(x.0, x.1))
            .tag(283, Value::Rational(y.0, y.1))
            .short(296, unit);
        decode(&page.file(Kind::Big), 0).unwrap().dpi
    };
    assert_eq!(with((300, 1), (300, 1), 2), Some(300));
    assert_eq!(with((11811, 100), (11811, 100), 3), Some(300));
    assert_eq!(with((300, 1), (300, 1), 1), None);
    assert_eq!(with((300, 0), (300, 0), 2), None);
    assert_eq!(with((300, 1), (100, 1), 2), None);
    assert_eq!(decode(&page().file(Kind::Little), 0).unwrap().dpi, None);
}

#[test]
fn what_scanners_forget_is_filled_in() {
    let pixels = samples(6);
    let expected = Pixels::Grey(pixels.clone());
    let page = || Page::grey(3, 2, pixels.clone());
    check(page().without(278), &expected);
    check(page().tag(278, Value::Long(vec![u32::MAX])), &expected);
    check(page().short(259, 0), &expected);
    // Neither photometric interpretation nor depth: one bit, 0 is white.
    let bare = Page::grey(4, 1, vec![0b1001_0000]).without(258).without(262);
    check(bare, &Pixels::Bilevel(vec![0, 255, 255, 0]));
    // Lengths of the strips that say nothing.
    let mut bytes = page().file(Kind::Little);
    let entry = bytes
        .windows(4)
        .position(|window| window == [0x17, 0x01, 4, 0])
        .unwrap();
    bytes[entry + 8..entry + 12].fill(0);
    assert_eq!(decode(&bytes, 0).unwrap().pixels, expected);
}

#[test]
fn every_page_is_found_and_losses_are_told() {
    let page = |grey: u8| Page::grey(2, 2, vec![grey; 4]);
    let file = |last_points_to| {
        let file = TiffFile {
            last_points_to,
            ..TiffFile::default()
        };
        file.page(page(1)).page(page(2)).page(page(3)).bytes()
    };
    let greys = |bytes: &[u8]| -> Vec<Option<u8>> {
        let mut source = open(bytes).unwrap();
        let grey = |page: PageImage| page.pixels.bytes()[0];
        (0..source.page_count())
            .map(|index| source.decode_page(index).ok().map(grey))
            .collect()
    };
    assert_eq!(greys(&file(0)), [Some(1), Some(2), Some(3)]);
    // A chain that bites its own tail, and one that leads out of the file.
    let first = u64::from(u32::from_le_bytes(file(0)[4..8].try_into().unwrap()));
    assert_eq!(greys(&file(first)), [Some(1), Some(2), Some(3)]);
    assert_eq!(greys(&file(1 << 20)), [Some(1), Some(2), Some(3), None]);

    // A thumbnail is no page; a page that a writer calls a reduced image is one.
    let thumbnail = page(9).short(254, 1);
    let large = Page::grey(4, 4, vec![5; 16]);
    let file = TiffFile::default()
        .page(large.clone())
        .page(thumbnail)
        .page(large.short(254, 1))
        .bytes();
    assert_eq!(greys(&file), [Some(5), Some(5)]);
}

#[test]
fn thousands_of_pages_are_walked_once() {
    let pages = (0..5000).fold(TiffFile::default(), |file, page: u32| {
        file.page(Page::grey(1, 1, vec![(page % 251) as u8]))
    });
    let mut source = open(&pages.bytes()).unwrap();
    assert_eq!(source.page_count(), 5000);
    for index in [0, 1, 2499, 4999] {
        let page = source.decode_page(index).unwrap();
        assert_eq!(
            page.pixels,
            Pixels::Grey(vec![(index % 251) as u8]),
            "page {index}"
        );
    }
}

#[test]
fn what_is_announced_and_impossible_is_damage_or_too_large() {
    let page = || Page::grey(3, 2, samples(6));
    for (page, expected) in [
        (
            page()
                .tag(256, Value::Long(vec![1_000_000]))
                .tag(257, Value::Long(vec![1_000_000])),
            "too_large",
        ),
        (page().short(256, 0), "damaged"),
        (page().without(257), "damaged"),
        (page().short(278, 1), "damaged"),
        (page().tag(258, Value::Short(vec![8, 4])), "unsupported"),
        (page().short(258, 0), "unsupported"),
        (page().short(259, 34712), "unsupported"),
        (page().short(262, 32844), "unsupported"),
        (page().short(277, 0), "damaged"),
        (page().short(262, 2), "damaged"),
        (page().short(262, 3), "damaged"),
        (page().short(259, 4), "damaged"),
        (page().short(259, 6), "damaged"),
        (page().short(259, 7), "damaged"),
        (
            page().tag(322, Value::Long(vec![u32::MAX])).short(323, 8),
            "damaged",
        ),
    ] {
        let error = decode(&page.clone().file(Kind::Little), 0).unwrap_err();
        assert_eq!(
            error.unreadable_reason().to_string(),
            expected,
            "{page:?}: {error}"
        );
    }
}

/// Writes a picture with the `tiff` crate, an implementation independent of ours.
fn encode(
    pixels: &[u8],
    width: u32,
    rows_per_strip: u32,
    compression: Compression,
    predictor: Predictor,
) -> Vec<u8> {
    let mut file = std::io::Cursor::new(vec![]);
    let encoder = TiffEncoder::new(&mut file)
        .unwrap()
        .with_compression(compression)
        .with_predictor(predictor);
    let mut encoder = encoder;
    let height = pixels.len() as u32 / width / 3;
    let mut image = encoder.new_image::<colortype::RGB8>(width, height).unwrap();
    image.rows_per_strip(rows_per_strip).unwrap();
    image.write_data(pixels).unwrap();
    file.into_inner()
}

proptest! {
    #[test]
    fn what_another_program_wrote_is_read_back(
        width in 1_u32..40,
        height in 1_u32..30,
        rows_per_strip in 1_u32..10,
        seed in any::<u8>(),
        compression in 0_usize..4,
        differences in any::<bool>(),
    ) {
        let count = (width * height * 3) as usize;
        let pixels: Vec<u8> = (0..count).map(|i| (i / 7 * usize::from(seed)) as u8).collect();
        let compression = [
            Compression::Uncompressed,
            Compression::Lzw,
            Compression::Deflate(tiff::encoder::DeflateLevel::Fast),
            Compression::Packbits,
        ][compression];
        let predictor = if differences { Predictor::Horizontal } else { Predictor::None };
        let bytes = encode(&pixels, width, rows_per_strip, compression, predictor);
        prop_assert_eq!(decode(&bytes, 0).unwrap().pixels, Pixels::Rgb(pixels));
    }

    /// Whatever single byte is broken: a page or a clear error, and never more than the limits allow.
    #[test]
    fn a_broken_byte_never_costs_more_than_its_page(place in 0_usize..2000, value in any::<u8>()) {
        let pixels: Vec<u8> = samples(24 * 24 * 3);
        let mut bytes = encode(&pixels, 24, 5, Compression::Lzw, Predictor::Horizontal);
        let place = place % bytes.len();
        bytes[place] = value;
        if let Ok(mut source) = open(&bytes) {
            for index in 0..source.page_count() {
                if let Ok(page) = source.decode_page(index) {
                    let pixels = page.width_px as usize * page.height_px as usize;
                    prop_assert_eq!(page.pixels.bytes().len(), pixels * page.pixels.channels());
                }
            }
        }
    }
}
