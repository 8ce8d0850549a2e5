use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::{Block, BlockKind, Line, Processing, Rect, Rotation, Word};

fn rect(x: u32, y: u32, width: u32, height: u32) -> Rect {
    Rect { x, y, width, height }
}

fn word(text: &str, rect: Rect, confidence: f32) -> Word {
    Word {
        text: text.to_owned(),
        rect,
        confidence,
        ..Word::default()
    }
}

fn sample() -> (PageText, AltoPage) {
    let line = |y, words: Vec<Word>| Line {
        rect: rect(100, y, 900, 40),
        words,
    };
    let lines = vec![
        line(
            200,
            vec![
                word("PRIMĂRIA", rect(100, 200, 300, 40), 0.96),
                Word {
                    alternatives: vec!["\"Scheia\"".to_owned(), "Sc & eia".to_owned()],
                    ..word("\"Șcheia\"", rect(420, 201, 280, 39), 0.5)
                },
                word("<&>", rect(690, 201, 80, 39), 0.0),
            ],
        ),
        line(260, vec![word("1978", rect(100, 260, 90, 38), 1.0)]),
    ];
    let block = |lines| Block {
        rect: rect(100, 200, 900, 100),
        kind: BlockKind::Text,
        lines,
    };
    let page = PageText {
        width_px: 2480,
        height_px: 3508,
        blocks: vec![block(lines), block(Vec::new())],
        processing: Processing {
            engine: "tesseract".to_owned(),
            engine_version: "5.3.0".to_owned(),
            languages: "ron+eng".parse().unwrap(),
            recipe: "grey turn-90 deskew:-1.25".to_owned(),
            rotation: Rotation::Right,
            read_at: "2024-03-05T10:20:30.5Z".parse().unwrap(),
        },
    };
    let info = AltoPage {
        page: "0190f3a0-7c4e-4f0a-9a54-3a1d6f0c2b11".parse().unwrap(),
        master_path: "masters/0001-scan 37.tif".to_owned(),
        master_digest: Digest::of(b"scan"),
        index: 36,
        dpi: Some(300),
    };
    (page, info)
}

#[test]
fn bytes_stay_the_same_from_version_to_version() {
    let (page, info) = sample();
    insta::assert_snapshot!(write(&page, &info));
}

#[test]
fn an_empty_page_is_read_back() {
    let (mut page, mut info) = sample();
    page.blocks.clear();
    info.dpi = None;
    assert_eq!(read(write(&page, &info).as_bytes()), Ok((page, info)));
}

#[test]
fn what_alto_cannot_hold_becomes_canonical() {
    let (mut page, info) = sample();
    let line = &mut page.blocks[0].lines[1];
    line.words[0].text = "a\u{7}\u{FFFF}b".to_owned();
    for (given, kept) in [
        (0.456, 0.46),
        (-0.1, 0.0),
        (7.0, 1.0),
        (f32::NAN, 0.0),
        (f32::INFINITY, 1.0),
    ] {
        let line = &mut page.blocks[0].lines[1];
        line.words[0].confidence = given;
        let canonical = canonical(page.clone());
        let word = &canonical.blocks[0].lines[1].words[0];
        assert_eq!(
            (word.text.as_str(), word.confidence),
            ("a\u{FFFD}\u{FFFD}b", kept)
        );
        assert_eq!(
            read(write(&page, &info).as_bytes()),
            Ok((canonical, info.clone()))
        );
    }
    page.blocks[0].lines[1].words.clear();
    assert_eq!(canonical(page).blocks[0].lines.len(), 1);
}

#[test]
fn damage_is_a_typed_error() {
    let (page, info) = sample();
    let whole = write(&page, &info);
    let check = |from: &str, to: &str, expected: &str| {
        assert!(whole.contains(from), "{from}");
        let error = read(whole.replacen(from, to, 1).as_bytes())
            .unwrap_err()
            .to_string();
        let (message, _) = error.split_once(" at byte ").unwrap_or((&error, ""));
        assert_eq!(message, expected, "{from} -> {to}: {error}");
    };
    for (from, to, expected) in [
        ("ns-v4#", "ns-v3#", "the root element is not alto of version 4"),
        (">pixel<", ">mm10<", "MeasurementUnit"),
        ("WC=\"0.96\"", "WC=\"1.01\"", "WC"),
        ("WC=\"0.96\"", "WC=\"NaN\"", "WC"),
        ("WC=\"0.96\"", "", "WC is missing in the element"),
        ("HPOS=\"420\"", "HPOS=\"4.2\"", "HPOS"),
        ("HPOS=\"420\"", "HPOS=\"-420\"", "HPOS"),
        ("HPOS=\"420\"", "HPOS=\"4294967296\"", "HPOS"),
        (
            "PHYSICAL_IMG_NR=\"37\"",
            "PHYSICAL_IMG_NR=\"0\"",
            "PHYSICAL_IMG_NR",
        ),
        ("ROTATION=\"90\"", "ROTATION=\"91\"", "ROTATION"),
        ("ID=\"page-", "ID=\"side-", "ID"),
        (
            "ID=\"RECOGNITION\"",
            "ID=\"R\"",
            "RECOGNITION is missing in the element",
        ),
        ("languages=ron", "languages=..", "processingStepSettings"),
        (
            "resolution_dpi=300 ",
            "resolution_dpi=300",
            "processingStepSettings",
        ),
        (
            "<PrintSpace",
            "<BottomMargin",
            "the XML document is not well-formed",
        ),
        ("</Layout>", "<Page ID='p' PHYSICAL_IMG_NR='2'/></Layout>", "Page"),
        (
            "<?xml version",
            "<!DOCTYPE alto><?xml version",
            "the XML document declares a document type",
        ),
    ] {
        check(from, to, expected);
    }
}

#[test]
fn text_of_composed_blocks_is_read_and_what_is_not_text_is_passed_over() {
    let (page, info) = sample();
    let whole = write(&page, &info)
        .replace(
            "<TextBlock ID=\"block-1\"",
            "<Illustration ID=\"i\"/><ComposedBlock ID=\"c\"><TextBlock ID=\"block-1\"",
        )
        .replacen("</TextBlock>", "</TextBlock></ComposedBlock>", 1)
        .replace(
            "<Layout>",
            "<Tags/><x:y xmlns:x=\"urn:other\"><x:Page/></x:y><Layout>",
        );
    assert_eq!(read(whole.as_bytes()), Ok((page, info)));
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~ăâîșțĂÂÎȘȚ„”«»–]{0,12}",
        proptest::collection::vec(any::<char>(), 0..8).prop_map(String::from_iter),
        proptest::collection::vec(
            prop::sample::select(vec![
                '\0', '\t', '\n', '\r', ' ', '\u{85}', '\u{2028}', '\u{FFFE}', '<', ']', '>', '&', '"'
            ]),
            0..6
        )
        .prop_map(String::from_iter),
    ]
}

prop_compose! {
    fn any_rect()(x in any::<u32>(), y in any::<u32>(), width in any::<u32>(), height in any::<u32>()) -> Rect {
        Rect { x, y, width, height }
    }
}

prop_compose! {
    fn any_word()(
        text in any_text(),
        rect in any_rect(),
        confidence in any::<f32>(),
        alternatives in proptest::collection::vec(any_text(), 0..3),
    ) -> Word {
        Word { text, rect, confidence, alternatives }
    }
}

prop_compose! {
    fn any_line()(rect in any_rect(), words in proptest::collection::vec(any_word(), 0..4)) -> Line {
        Line { rect, words }
    }
}

prop_compose! {
    fn any_block()(rect in any_rect(), lines in proptest::collection::vec(any_line(), 0..4)) -> Block {
        Block { rect, kind: BlockKind::Text, lines }
    }
}

prop_compose! {
    fn any_processing()(
        engine in any_text(),
        engine_version in any_text(),
        languages in "[a-z]{3}(_[a-z]{2,4})?(\\+[a-z]{3}){0,2}",
        recipe in any_text(),
        quarters in 0_u16..4,
        // The years 0001 to 9999, which XML Schema can write without a sign.
        second in -62_135_596_800_i64..253_402_207_200,
        nanosecond in 0..1_000_000_000,
    ) -> Processing {
        Processing {
            engine,
            engine_version,
            languages: languages.parse().unwrap(),
            recipe,
            rotation: Rotation::try_from(quarters * 90).unwrap(),
            read_at: Timestamp::new(second, nanosecond).unwrap(),
        }
    }
}

prop_compose! {
    fn any_page()(
        width_px in any::<u32>(),
        height_px in any::<u32>(),
        blocks in proptest::collection::vec(any_block(), 0..4),
        processing in any_processing(),
    ) -> PageText {
        PageText { width_px, height_px, blocks, processing }
    }
}

prop_compose! {
    fn any_info()(
        page in any::<u128>(),
        master_path in "[ -~ăș/\t]{0,20}",
        master in any::<[u8; 32]>(),
        index in any::<u32>(),
        dpi in any::<Option<u32>>(),
    ) -> AltoPage {
        AltoPage { page: uuid::Uuid::from_u128(page).into(), master_path, master_digest: master.into(), index, dpi }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_written_is_read_back(page in any_page(), info in any_info()) {
        let xml = write(&page, &info);
        prop_assert_eq!(&xml, &write(&page, &info));
        let expected = canonical(page);
        prop_assert_eq!(read(xml.as_bytes()), Ok((expected.clone(), info.clone())));
        prop_assert_eq!(canonical(expected.clone()), expected.clone());
        prop_assert_eq!(write(&expected, &info), xml);
    }

    #[test]
    fn damaged_bytes_never_panic(
        page in any_page(),
        info in any_info(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = write(&page, &info).into_bytes();
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let _ = read(&bytes);
        let _ = read(&bytes[..cut.index(bytes.len())]);
    }
}
