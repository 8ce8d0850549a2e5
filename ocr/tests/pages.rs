//! Pages read by the real engine: words, places, turns, blanks.

use std::{fs, path::Path};

use hrisov_imaging::{
    Limits, PageImage, Pixels, Source,
    condition::{GreyPage, measure},
    worker::SourcePath,
};
use hrisov_model::{Doubt, PageText, Rect, Rotation, Thresholds, doubts};
use hrisov_ocr::{Engine as _, Page, Reading, ReadingMade, RecogniseOptions, TesseractEngine};

fn options(languages: &str) -> RecogniseOptions {
    RecogniseOptions {
        languages: languages.parse().expect("a list of codes"),
    }
}

fn read(engine: &mut TesseractEngine, image: &PageImage, options: &RecogniseOptions) -> Reading {
    read_in(false, engine, image, options)
}

fn read_in(
    one_block: bool,
    engine: &mut TesseractEngine,
    image: &PageImage,
    options: &RecogniseOptions,
) -> Reading {
    let path = SourcePath::new("picture");
    let grey = GreyPage::of(image);
    let page = Page {
        grey: &grey,
        condition: &measure(&grey),
        path: &path,
        index: 0,
        one_block,
    };
    engine.recognise(&page, options).expect("the engine works")
}

fn text(reading: Reading) -> PageText {
    match reading {
        Reading::Text(text) => text,
        other => panic!("no text: {other:?}"),
    }
}

fn notice() -> PageImage {
    decode(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/notice.png"))
}

fn decode(path: &Path) -> PageImage {
    let mut source = Source::open(path, &Limits::default()).expect("a picture");
    source.decode_page(0).expect("a page")
}

/// The words of the notice with their places.
fn truth() -> Vec<(Rect, String)> {
    let rows = include_str!("../testdata/notice.tsv").lines();
    let word = |row: &str| {
        let (numbers, text): (Vec<u32>, _) = match *row.split('\t').collect::<Vec<_>>() {
            [x, y, width, height, text] => (
                [x, y, width, height].map(|n| n.parse().expect("a number")).into(),
                text.to_owned(),
            ),
            _ => panic!("five columns: {row}"),
        };
        let rect = Rect {
            x: numbers[0],
            y: numbers[1],
            width: numbers[2],
            height: numbers[3],
        };
        (rect, text)
    };
    rows.map(word).collect()
}

/// Share of both rectangles' union that they have in common.
fn agreement(a: Rect, b: Rect) -> f64 {
    let area = |rect: Rect| f64::from(rect.width) * f64::from(rect.height);
    let common = a.overlap(b) as f64;
    common / (area(a) + area(b) - common)
}

fn turned(image: &PageImage, rotation: Rotation) -> PageImage {
    let grey = image::GrayImage::from_raw(
        image.width_px,
        image.height_px,
        image.pixels.to_grey().into_owned(),
    )
    .expect("as many bytes as pixels");
    let grey = match rotation {
        Rotation::None => grey,
        Rotation::Right => image::imageops::rotate90(&grey),
        Rotation::Half => image::imageops::rotate180(&grey),
        Rotation::Left => image::imageops::rotate270(&grey),
    };
    PageImage {
        width_px: grey.width(),
        height_px: grey.height(),
        dpi: image.dpi,
        lost_percent: 0,
        pixels: Pixels::Grey(grey.into_raw()),
    }
}

/// Where a place of the notice lies after it was turned.
fn turned_rect(rect: Rect, (width, height): (u32, u32), rotation: Rotation) -> Rect {
    let Rect {
        x,
        y,
        width: w,
        height: h,
    } = rect;
    match rotation {
        Rotation::None => rect,
        Rotation::Right => Rect {
            x: height - y - h,
            y: x,
            width: h,
            height: w,
        },
        Rotation::Half => Rect {
            x: width - x - w,
            y: height - y - h,
            width: w,
            height: h,
        },
        Rotation::Left => Rect {
            x: y,
            y: width - x - w,
            width: h,
            height: w,
        },
    }
}

/// However the page lies: the same words, in letters with a comma, on their places, and the turn that
/// sets it upright. One engine reads all four, so that each also shows that none leaves a trace.
#[test]
fn words_and_places_are_right_however_the_page_lies() {
    let (image, truth, options) = (notice(), truth(), options("ron+eng"));
    let size = (image.width_px, image.height_px);
    let mut engine = TesseractEngine::new(&options).unwrap();
    for (lies, upright) in [
        (Rotation::None, Rotation::None),
        (Rotation::Right, Rotation::Left),
        (Rotation::Half, Rotation::Half),
        (Rotation::Left, Rotation::Right),
    ] {
        let text = text(read(&mut engine, &turned(&image, lies), &options));
        assert_eq!(
            text.processing.rotation, upright,
            "{lies:?}: {}",
            text.processing.recipe
        );
        let read_words: Vec<&str> = text.words().map(|word| word.text.as_str()).collect();
        let true_words: Vec<&str> = truth.iter().map(|(_, word)| word.as_str()).collect();
        assert_eq!(read_words, true_words, "{lies:?}");
        for (word, (place, _)) in text.words().zip(&truth) {
            let place = turned_rect(*place, size, lies);
            // Drawn boxes of accented capitals are looser than the ink.
            assert!(
                agreement(word.rect, place) > 0.6,
                "{lies:?} {}: {:?} {place:?}",
                word.text,
                word.rect
            );
            assert!(
                word.rect.x + word.rect.width <= text.width_px
                    && word.rect.y + word.rect.height <= text.height_px
            );
            assert!((0.0..=1.0).contains(&word.confidence));
        }
    }
}

#[test]
fn a_page_reads_the_same_whatever_was_read_before_it() {
    let options = options("ron+eng");
    let image = notice();
    let upside_down = turned(&image, Rotation::Half);
    let blocks = |reading| text(reading).blocks;
    let mut fresh = TesseractEngine::new(&options).unwrap();
    let alone = blocks(read(&mut fresh, &image, &options));
    let mut used = TesseractEngine::new(&options).unwrap();
    for _ in 0..2 {
        read(&mut used, &upside_down, &options);
        assert_eq!(blocks(read(&mut used, &image, &options)), alone);
    }
}

#[test]
fn a_page_whose_columns_are_not_looked_for_is_read_from_edge_to_edge() {
    let options = options("ron");
    let mut engine = TesseractEngine::new(&options).unwrap();
    let text = text(read_in(true, &mut engine, &notice(), &options));
    assert!(
        text.to_plain_text()
            .contains("Popescu Ștefan, strada Nicolae Bălcescu"),
        "{}",
        text.to_plain_text()
    );
    let as_one_block = |made: &ReadingMade| made.recipe.contains("one-block");
    assert!(engine.readings_made().iter().all(as_one_block));
}

#[test]
fn what_was_read_survives_alto() {
    let options = options("ron");
    let mut engine = TesseractEngine::new(&options).unwrap();
    let text = text(read(&mut engine, &notice(), &options));
    for word in text.words() {
        assert_eq!(
            (word.confidence * 100.0).round() / 100.0,
            word.confidence,
            "steps of 0.01"
        );
        assert_eq!(hrisov_model::letters::normalise(&word.text), word.text);
    }
}

/// Small print at 72 dpi is enlarged; its places come back in pixels of the small page.
#[test]
fn small_print_is_read_and_placed_on_the_page_as_it_is() {
    let image = notice();
    let grey = image::GrayImage::from_raw(
        image.width_px,
        image.height_px,
        image.pixels.to_grey().into_owned(),
    )
    .unwrap();
    let small = image::imageops::resize(&grey, 310, 218, image::imageops::FilterType::Triangle);
    let small = PageImage {
        width_px: 310,
        height_px: 218,
        dpi: Some(75),
        lost_percent: 0,
        pixels: Pixels::Grey(small.into_raw()),
    };
    let options = options("ron");
    let text = text(read(
        &mut TesseractEngine::new(&options).unwrap(),
        &small,
        &options,
    ));
    assert!(
        text.processing.recipe.contains("scale-3.00"),
        "{}",
        text.processing.recipe
    );
    assert_eq!((text.width_px, text.height_px), (310, 218));
    let found = truth().into_iter().filter(|(place, word)| {
        let place = Rect {
            x: place.x / 4,
            y: place.y / 4,
            width: place.width / 4,
            height: place.height / 4,
        };
        text.words()
            .any(|read| read.text == *word && agreement(read.rect, place) > 0.4)
    });
    let (found, all) = (found.count(), truth().len());
    assert!(found * 10 >= all * 8, "{found} of {all}");
}

#[test]
fn white_on_black_is_read() {
    let mut image = notice();
    let inverted = image.pixels.to_grey().iter().map(|value| 255 - value).collect();
    image.pixels = Pixels::Grey(inverted);
    let options = options("ron");
    let text = text(read(
        &mut TesseractEngine::new(&options).unwrap(),
        &image,
        &options,
    ));
    let read: Vec<&str> = text.words().map(|word| word.text.as_str()).collect();
    let found = truth()
        .iter()
        .filter(|(_, word)| read.contains(&word.as_str()))
        .count();
    assert!(
        found * 10 >= truth().len() * 9,
        "{found} of {}: {read:?}",
        truth().len()
    );
}

/// A heading in white on a black bar, on a page in black on white.
#[test]
fn a_dark_bar_is_read_as_well() {
    let mut image = notice();
    let (width, words) = (image.width_px as usize, truth());
    let heading = words[0].0;
    let rows = heading.y.saturating_sub(12) as usize..(heading.y + heading.height + 12) as usize;
    let bar = rows.start * width..rows.end * width;
    let mut grey = image.pixels.to_grey().into_owned();
    for value in &mut grey[bar] {
        *value = 255 - *value;
    }
    image.pixels = Pixels::Grey(grey);
    let options = options("ron");
    let mut engine = TesseractEngine::new(&options).unwrap();
    let text = text(read(&mut engine, &image, &options));
    let is_in_bar =
        |rect: &Rect| rect.y as usize >= rows.start && (rect.y + rect.height) as usize <= rows.end;
    let (mut found, mut all) = (0, 0);
    for (_, word) in words.iter().filter(|(rect, _)| is_in_bar(rect)) {
        all += 1;
        found += usize::from(text.words().any(|read| read.text == *word));
    }
    assert!(all > 0 && found == all, "{found} of {all} words of the bar");
}

/// Ink a seventh darker than paper, in grain as strong, with a black border around: people read it.
#[test]
fn faint_ink_in_grain_is_read() {
    let mut image = notice();
    let (width, height) = (image.width_px, image.height_px);
    let grain = |at: usize| {
        ((at as u32)
            .wrapping_mul(0x9e37_79b1)
            .rotate_left(13)
            .wrapping_mul(0x85eb_ca77)
            >> 24) as f32
    };
    let faint = image.pixels.to_grey();
    let faint = faint.iter().enumerate().map(|(at, value)| {
        let (x, y) = (at as u32 % width, at as u32 / width);
        match (8..width - 8).contains(&x) && (8..height - 8).contains(&y) {
            true => (195.0 + f32::from(*value) * 0.14 + (grain(at) - 127.5) * 0.14) as u8,
            false => 20,
        }
    });
    let faint: Vec<u8> = faint.collect();
    image.pixels = Pixels::Grey(faint);
    let condition = measure(&GreyPage::of(&image));
    assert!(
        doubts(&condition, &Thresholds::default()).contains(&Doubt::TooFaint),
        "{condition:?}"
    );
    let options = options("ron");
    let mut engine = TesseractEngine::new(&options).unwrap();
    let text = text(read(&mut engine, &image, &options));
    let read: Vec<&str> = text.words().map(|word| word.text.as_str()).collect();
    let words = truth();
    let found = words.iter().filter(|(_, word)| read.contains(&word.as_str()));
    let found = found.count();
    assert!(
        found * 10 >= words.len() * 7,
        "{found} of {}: {read:?}",
        words.len()
    );
}

fn picture(width_px: u32, height_px: u32, value: impl Fn(u32, u32) -> u8) -> PageImage {
    let places = (0..height_px).flat_map(|y| (0..width_px).map(move |x| (x, y)));
    PageImage {
        width_px,
        height_px,
        dpi: None,
        lost_percent: 0,
        pixels: Pixels::Grey(places.map(|(x, y)| value(x, y)).collect()),
    }
}

/// A dot and a line, a few pixels wide or high, in ink and in grain: each ends, as nothing that anybody wrote.
#[test]
fn pictures_too_small_for_letters_end_without_text() {
    let options = options("ron");
    let mut engine = TesseractEngine::new(&options).unwrap();
    for (width, height) in [
        (1, 1),
        (2, 2),
        (8, 2),
        (2, 8),
        (3, 40),
        (40, 3),
        (16, 16),
        (1, 300),
        (300, 1),
    ] {
        for dark_from in [0, 1, 5] {
            let image = picture(
                width,
                height,
                |x, y| if (x + y) % 7 >= dark_from { 0 } else { 255 },
            );
            match read(&mut engine, &image, &options) {
                Reading::Text(text) => assert!(text.words().count() <= 1, "{width} x {height}: {text:?}"),
                Reading::Blank | Reading::Unreadable { .. } => {}
            }
        }
    }
}

/// Pages read with less confidence are shown as doubtful by search and by the archivist's pages.
const DOUBTFUL: f32 = 0.8;

/// What is no page of text ends as blank, as unreadable with a reason, or as doubtful text.
#[test]
fn noise_pictures_and_maps_end_and_claim_little() {
    let grain = |x: u32, y: u32| {
        (x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca77)).wrapping_mul(0xc2b2_ae3d)
    };
    let noise = |x: u32, y: u32| (grain(x, y) >> 24) as u8;
    let slope = |x: u32, y: u32| {
        let wave = (x as f32 / 90.0).sin() * (y as f32 / 130.0).cos();
        (128.0 + 90.0 * wave) as u8 ^ (noise(x, y) >> 5)
    };
    let contour = |x: u32, y: u32| if (x * x / 4000 + y * 3) % 97 < 3 { 60 } else { 235 };
    let tiny = |x: u32, y: u32| {
        if (200..203).contains(&y) && grain(x, y) >> 30 == 0 {
            40
        } else {
            250
        }
    };
    let upright_strokes = |x: u32, y: u32| {
        if (300..330).contains(&x) && y % 40 < 24 && x % 7 < 3 {
            30
        } else {
            245
        }
    };
    let options = options("ron+eng");
    let mut engine = TesseractEngine::new(&options).unwrap();
    for (what, image) in [
        ("noise", picture(800, 1100, noise)),
        ("a photo", picture(900, 1200, slope)),
        ("black", picture(800, 1100, |_, _| 3)),
        ("a map", picture(20_000, 400, contour)),
        ("one line of tiny text", picture(800, 400, tiny)),
        ("vertical strokes", picture(800, 1100, upright_strokes)),
    ] {
        if let Reading::Text(text) = read(&mut engine, &image, &options) {
            let stated = text.mean_confidence().unwrap_or(0.0);
            assert!(
                stated < DOUBTFUL,
                "{what}: {stated} for {:?}",
                text.to_plain_text()
            );
        }
    }
}

/// Every scan with text in the development collection is read, and none is taken for blank.
#[test]
fn no_real_page_with_text_is_taken_for_blank_or_stays_empty() {
    let scans = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/scans");
    let Ok(manifest) = fs::read_to_string(scans.join("manifest.tsv")) else {
        eprintln!("SKIPPED: the development scans are not here");
        return;
    };
    let options = options("ron+eng");
    let mut engine = TesseractEngine::new(&options).unwrap();
    let small_pages = [
        "ro_coseiu/",
        "ro_books/",
        "tesseract_test/phototest",
        "en_receipts/",
    ];
    let paths = manifest.lines().filter_map(|row| row.split('\t').next());
    let mut pages = 0;
    for path in paths.filter(|path| small_pages.iter().any(|folder| path.starts_with(folder))) {
        let text = text(read(&mut engine, &decode(&scans.join(path)), &options));
        assert!(text.words().count() >= 50, "{path}");
        pages += 1;
    }
    assert!(pages >= 7, "{pages}");
}
