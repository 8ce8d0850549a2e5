//! PDF: scans at their own resolution, everything else rendered, nothing lost without a word.

use std::io::Write as _;

use hrisov_imaging::{ImagingError, Pixels};

use crate::{
    given::{decode, open},
    jpeg,
};

/// Numbers objects and writes the cross-reference table.
struct Pdf {
    objects: Vec<Vec<u8>>,
}

/// Object 1 is the catalog, 2 the page tree; pages and their parts follow.
impl Pdf {
    fn new() -> Self {
        Self {
            objects: vec![b"<</Type/Catalog/Pages 2 0 R>>".to_vec(), vec![]],
        }
    }

    fn object(&mut self, content: impl Into<Vec<u8>>) -> usize {
        self.objects.push(content.into());
        self.objects.len()
    }

    fn stream(&mut self, dict: &str, data: &[u8]) -> usize {
        let head = format!("<<{dict}/Length {}>>stream\n", data.len());
        self.object([head.as_bytes(), data, b"\nendstream"].concat())
    }

    fn bytes(mut self, kids: &[usize]) -> Vec<u8> {
        let list: String = kids.iter().map(|kid| format!("{kid} 0 R ")).collect();
        self.objects[1] = format!("<</Type/Pages/Kids[{list}]/Count {}>>", kids.len()).into();
        let mut file = b"%PDF-1.7\n".to_vec();
        let mut places = vec![];
        for (index, object) in self.objects.iter().enumerate() {
            places.push(file.len());
            writeln!(file, "{} 0 obj", index + 1).unwrap();
            file.extend(object);
            file.extend(b"\nendobj\n");
        }
        let start = file.len();
        write!(file, "xref\n0 {}\n0000000000 65535 f \n", places.len() + 1).unwrap();
        places
            .iter()
            .for_each(|place| writeln!(file, "{place:010} 00000 n ").unwrap());
        write!(
            file,
            "trailer<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n",
            places.len() + 1
        )
        .unwrap();
        file
    }
}

/// A page of 288 x 216 points (4 x 3 inches) that draws with these instructions; `picture` is `/Im`.
fn page(picture: (&str, &[u8]), extra: &str, instructions: &str) -> Vec<u8> {
    let mut pdf = Pdf::new();
    let image = pdf.stream(&format!("/Type/XObject/Subtype/Image{}", picture.0), picture.1);
    let content = pdf.stream("", instructions.as_bytes());
    let font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";
    let page = pdf.object(format!(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 288 216]/Contents {content} 0 R{extra}\
         /Resources<</XObject<</Im {image} 0 R>>/Font<</F {font}>>/ExtGState<</Half<</ca 0.5>>>>>>>>"
    ));
    pdf.bytes(&[page])
}

const FULL: &str = "q 288 0 0 216 0 0 cm /Im Do Q";

/// A grey JPEG of 800 x 600 pixels: 200 dots per inch on the page.
fn grey_jpeg() -> Vec<u8> {
    jpeg::grey(800, 600)
}

const JPEG: &str = "/Width 800/Height 600/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/DCTDecode";

fn decoded_size(bytes: &[u8]) -> (u32, u32, Option<u32>) {
    let page = decode(bytes, 0).unwrap();
    (page.width_px, page.height_px, page.dpi)
}

#[test]
fn a_page_that_is_one_picture_is_taken_as_it_is() {
    let jpeg = grey_jpeg();
    let own = decode(&jpeg, 0).unwrap().pixels;
    let native = (800, 600, Some(200));
    let rendered = (1200, 900, Some(300));
    for (what, instructions, expected) in [
        ("full page", FULL.to_owned(), native),
        (
            "inside a clip of the whole page",
            format!("0 0 288 216 re W n {FULL}"),
            native,
        ),
        (
            "with small margins",
            "q 280 0 0 210 4 3 cm /Im Do Q".to_owned(),
            (800, 600, Some(206)),
        ),
        (
            "over a white background",
            format!("1 g 0 0 288 216 re f {FULL}"),
            native,
        ),
        (
            "with invisible text",
            format!("{FULL} BT /F 12 Tf 3 Tr 20 20 Td (text) Tj ET"),
            native,
        ),
        (
            "with text under it",
            format!("BT /F 12 Tf 20 20 Td (text) Tj ET {FULL}"),
            native,
        ),
        (
            "with text over it",
            format!("{FULL} BT /F 12 Tf 20 20 Td (text) Tj ET"),
            rendered,
        ),
        (
            "with a line over it",
            format!("{FULL} 0 0 m 100 100 l S"),
            rendered,
        ),
        (
            "half of the page",
            "q 144 0 0 108 0 0 cm /Im Do Q".to_owned(),
            rendered,
        ),
        ("twice", format!("{FULL} q 100 0 0 100 0 0 cm /Im Do Q"), rendered),
        ("clipped", format!("0 0 100 100 re W n {FULL}"), rendered),
        ("half transparent", format!("/Half gs {FULL}"), rendered),
        (
            "standing out of the page",
            "q 400 0 0 300 0 0 cm /Im Do Q".to_owned(),
            rendered,
        ),
        ("skewed", "q 270 20 -20 200 18 0 cm /Im Do Q".to_owned(), rendered),
    ] {
        let bytes = page((JPEG, &jpeg), "", &instructions);
        assert_eq!(decoded_size(&bytes), expected, "{what}");
        if expected == native {
            assert_eq!(decode(&bytes, 0).unwrap().pixels, own, "{what}");
        }
    }
}

#[test]
fn scans_stand_upright_after_the_rotation_of_page_and_picture() {
    // A picture of two pixels across and one down, dark on the left, drawn over the whole page.
    let picture = (
        "/Width 2/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8",
        &[0, 255][..],
    );
    for (extra, instructions, expected) in [
        ("", FULL, (2, 1, [0, 255])),
        ("/Rotate 90", FULL, (1, 2, [0, 255])),
        ("/Rotate 180", FULL, (2, 1, [255, 0])),
        ("/Rotate 270", FULL, (1, 2, [255, 0])),
        // Turned by the instructions: a quarter counter-clockwise, mirrored, upside down.
        ("", "q 0 216 -288 0 288 0 cm /Im Do Q", (1, 2, [255, 0])),
        ("", "q -288 0 0 216 288 0 cm /Im Do Q", (2, 1, [255, 0])),
        ("", "q 288 0 0 -216 0 216 cm /Im Do Q", (2, 1, [0, 255])),
        ("/Rotate 90", "q 0 216 -288 0 288 0 cm /Im Do Q", (2, 1, [0, 255])),
    ] {
        let page = decode(&page(picture, extra, instructions), 0).unwrap();
        let found = (page.width_px, page.height_px, page.pixels.bytes());
        assert_eq!(
            found,
            (expected.0, expected.1, &expected.2[..]),
            "{extra} {instructions}"
        );
    }
}

#[test]
fn pictures_keep_their_kind() {
    let kind = |dict: &str, data: &[u8]| decode(&page((dict, data), "", FULL), 0).unwrap().pixels;
    let bits = "/Width 8/Height 2/BitsPerComponent 1";
    assert_eq!(
        kind(&format!("{bits}/ColorSpace/DeviceGray"), &[0xf0, 0x0f]),
        Pixels::Bilevel([[255; 4], [0; 4], [0; 4], [255; 4]].concat())
    );
    // A stencil paints black where its bits are 0; on white paper that is a one-bit scan.
    assert_eq!(
        kind(&format!("{bits}/ImageMask true"), &[0xf0, 0x0f]),
        Pixels::Bilevel([[255; 4], [0; 4], [0; 4], [255; 4]].concat())
    );
    let three = "/Width 2/Height 1/BitsPerComponent 8/ColorSpace/DeviceRGB";
    assert_eq!(
        kind(three, &[9, 8, 7, 1, 2, 3]),
        Pixels::Rgb(vec![9, 8, 7, 1, 2, 3])
    );
    let mut deflate = flate2::write::ZlibEncoder::new(vec![], flate2::Compression::default());
    deflate.write_all(&[9, 200]).unwrap();
    let grey = "/Width 2/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/FlateDecode";
    assert_eq!(kind(grey, &deflate.finish().unwrap()), Pixels::Grey(vec![9, 200]));
    // Two rows "three white, two black, three white" in Group 4.
    let fax =
        format!("{bits}/ColorSpace/DeviceGray/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns 8/Rows 2>>");
    let row = [255, 255, 255, 0, 0, 255, 255, 255];
    assert_eq!(
        kind(&fax, &[0b0011_0001, 0b1111_1000, 0, 0x80, 0x08]),
        Pixels::Bilevel([row, row].concat())
    );
}

#[test]
fn text_is_rendered_black_on_white_in_grey() {
    let page = decode(
        &page((JPEG, &grey_jpeg()), "", "BT /F 100 Tf 20 80 Td (Abc) Tj ET"),
        0,
    )
    .unwrap();
    assert_eq!((page.width_px, page.height_px, page.dpi), (1200, 900, Some(300)));
    let Pixels::Grey(grey) = &page.pixels else {
        panic!("not grey")
    };
    let dark = grey.iter().filter(|&&grey| grey < 128).count();
    assert!((20_000..200_000).contains(&dark), "{dark} dark pixels");
    assert_eq!(grey[0], 255);
}

#[test]
fn what_is_cut_off_or_missing_is_damage() {
    let jpeg = grey_jpeg();
    let rows = "/Width 8/Height 100/BitsPerComponent 8/ColorSpace/DeviceGray";
    let fax = "/Width 8/Height 9/BitsPerComponent 1/ColorSpace/DeviceGray/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns 8>>";
    for (what, bytes) in [
        ("JPEG", page((JPEG, &jpeg[..jpeg.len() / 2]), "", FULL)),
        ("plain rows", page((rows, &[7; 300]), "", FULL)),
        ("fax", page((fax, &[0b0011_0001, 0b1111_1000]), "", FULL)),
        ("no picture data", page((JPEG, b""), "", FULL)),
        (
            "rendered",
            page((JPEG, &jpeg[..50]), "", &format!("{FULL} 0 0 m 9 9 l S")),
        ),
    ] {
        let error = decode(&bytes, 0).expect_err(what);
        assert!(matches!(error, ImagingError::Damaged { .. }), "{what}: {error}");
    }
    let mut pdf = Pdf::new();
    let content = pdf.stream("", FULL.as_bytes());
    let whole = pdf.object("<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>");
    let without_picture = pdf.object(format!(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents {content} 0 R/Resources<</XObject<</Im 99 0 R>>>>>>"
    ));
    let without_instructions =
        pdf.object("<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents 98 0 R>>");
    let mut source = open(&pdf.bytes(&[whole, 97, without_picture, without_instructions])).unwrap();
    assert_eq!(source.page_count(), 4);
    let outcome: Vec<String> = (0..4)
        .map(|index| match source.decode_page(index) {
            Ok(_) => "ok".to_owned(),
            Err(error) => error.unreadable_reason().to_string(),
        })
        .collect();
    assert_eq!(outcome, ["ok", "damaged", "damaged", "damaged"]);
}

#[test]
fn what_would_grow_beyond_measure_is_refused() {
    let bomb = |layers: usize| {
        let mut data = vec![0; 1 << 20];
        for _ in 0..layers {
            let mut deflate = flate2::write::ZlibEncoder::new(vec![], flate2::Compression::best());
            // The same megabyte six hundred times makes the innermost layer; the outer ones wrap it.
            let times = if data.len() == 1 << 20 { 600 } else { 1 };
            (0..times).for_each(|_| deflate.write_all(&data).unwrap());
            data = deflate.finish().unwrap();
        }
        data
    };
    let small = "/Width 10/Height 10/BitsPerComponent 8/ColorSpace/DeviceGray";
    let twice = format!("{small}/Filter[/FlateDecode/FlateDecode]");
    let once = format!("{small}/Filter/FlateDecode");
    let large = "/Width 40000/Height 40000/BitsPerComponent 1/ColorSpace/DeviceGray/Filter/FlateDecode";
    let wide_fax = "/Width 10/Height 100000/BitsPerComponent 1/ColorSpace/DeviceGray/Filter/CCITTFaxDecode\
                    /DecodeParms<</K -1/Columns 1000000>>";
    let jpx = "/Width 10/Height 10/Filter/JPXDecode";
    // The sides in the codestream's SIZ segment, and those of its one tile.
    let mut large_jpx = include_bytes!("samples/rgb.j2k").to_vec();
    for side in [8, 12, 24, 28] {
        large_jpx[side..side + 4].copy_from_slice(&60_000_u32.to_be_bytes());
    }
    for (what, bytes) in [
        ("one layer", page((&once, &bomb(1)), "", FULL)),
        ("two layers", page((&twice, &bomb(2)), "", FULL)),
        ("many pixels", page((large, &[]), "", FULL)),
        ("a wide fax", page((wide_fax, &[0]), "", FULL)),
        ("a larger picture inside", page((jpx, &large_jpx), "", FULL)),
        (
            "a sheet of 50 metres",
            page((small, &[0; 100]), "/CropBox[0 0 144000 144000]/UserUnit 1", FULL),
        ),
    ] {
        let bytes = match what {
            "a sheet of 50 metres" => String::from_utf8_lossy(&bytes)
                .replace("[0 0 288 216]", "[0 0 144000 144000]")
                .into_bytes(),
            _ => bytes,
        };
        let error = decode(&bytes, 0).expect_err(what);
        assert!(matches!(error, ImagingError::TooLarge { .. }), "{what}: {error}");
    }
}

#[test]
fn garbage_before_the_header_is_passed_over() {
    let bytes = page((JPEG, &grey_jpeg()), "", FULL);
    let late = [&[b'x'; 600][..], b"\n", &bytes].concat();
    assert_eq!(decoded_size(&late), (800, 600, Some(200)));
}
