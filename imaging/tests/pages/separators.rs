//! Every mark, found in every bad scan, and never on ordinary pages.

use hrisov_imaging::{Limits, Source, condition::GreyPage, separator};
use hrisov_model::{Separator, SeparatorKind};
use qrcodegen::{QrCode, QrCodeEcc};

use super::drawn::{Ink, Scanned, Wear, all, scan, text};

const REFERENCE: &str = "PS-1978/C14/D0231";

/// A QR code of 80 mm in the upper half.
fn qr(payload: &str) -> Ink {
    let code = QrCode::encode_text(payload, QrCodeEcc::High).unwrap();
    let module = 80.0 / code.size() as f32;
    Box::new(move |x, y| {
        let (column, row) = ((x - 65.0) / module, (y - 40.0) / module);
        column >= 0.0 && row >= 0.0 && code.get_module(column as i32, row as i32)
    })
}

/// Bars of these widths in modules, beginning with black.
fn bars(widths: Vec<u8>, left: f32, top: f32, height: f32, module: f32) -> Ink {
    let modules: Vec<bool> = widths
        .iter()
        .enumerate()
        .flat_map(|(at, width)| std::iter::repeat_n(at % 2 == 0, usize::from(*width)))
        .collect();
    Box::new(move |x, y| {
        let at = (x - left) / module;
        (top..top + height).contains(&y)
            && at >= 0.0
            && modules.get(at as usize).is_some_and(|is_bar| *is_bar)
    })
}

/// ISO/IEC 15417, code set B.
fn code_128(payload: &str) -> Vec<u8> {
    let mut values = vec![104];
    values.extend(payload.bytes().map(|byte| u32::from(byte) - 32));
    let weighted = values
        .iter()
        .enumerate()
        .map(|(at, value)| value * (at as u32).max(1));
    let check = weighted.sum::<u32>() % 103;
    values.extend([check, 106]);
    let pattern = |value: u32| CODE_128.split(' ').nth(value as usize).unwrap();
    let widths = values.into_iter().flat_map(|value| pattern(value).bytes());
    widths.map(|digit| digit - b'0').collect()
}

const CODE_128: &str = "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 \
    122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 \
    322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 \
    113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 \
    221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 \
    413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 \
    111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112";

/// ISO/IEC 16388: `*PATCHT*`, a one being a wide element.
fn code_39_patch() -> Vec<u8> {
    // *, P, A, T, C, H, T, *
    let encoded: [u16; 8] = [0x094, 0x052, 0x109, 0x016, 0x148, 0x10C, 0x016, 0x094];
    encoded
        .iter()
        .flat_map(|bits| {
            let elements = (0..9)
                .rev()
                .map(move |bit| if bits >> bit & 1 == 1 { 3 } else { 1 });
            elements.chain([1])
        })
        .collect()
}

fn separator(kind: SeparatorKind, reference: Option<&str>) -> Option<Separator> {
    Some(Separator {
        kind,
        reference: reference.map(str::to_owned),
    })
}

/// Patch code T across the head of the sheet, upright bars as on sheets for scanners that feed them sideways.
fn patch_t() -> Ink {
    let (narrow, wide) = (2.03, 5.08);
    Box::new(move |x, y| {
        let at = y - 15.0;
        let bars = [
            (0.0, narrow),
            (2.0 * narrow, wide),
            (3.0 * narrow + wide, narrow),
            (5.0 * narrow + wide, wide),
        ];
        (40.0..170.0).contains(&x)
            && bars
                .iter()
                .any(|(start, width)| (*start..start + width).contains(&at))
    })
}

#[test]
fn every_mark_is_found_however_it_is_scanned() {
    let payload = format!("{}{REFERENCE}", separator::PREFIX);
    let title = || text(3, 150.0, 180.0);
    let sheets: [(&str, Ink, Option<Separator>); 4] = [
        (
            "qr",
            all(vec![qr(&payload), title()]),
            separator(SeparatorKind::Qr, Some(REFERENCE)),
        ),
        (
            "code 128",
            all(vec![bars(code_128(&payload), 30.0, 220.0, 22.0, 0.5), title()]),
            separator(SeparatorKind::BarCode, Some(REFERENCE)),
        ),
        (
            "code 39",
            all(vec![bars(code_39_patch(), 60.0, 40.0, 20.0, 0.5), title()]),
            separator(SeparatorKind::BarCode, None),
        ),
        (
            "patch t",
            all(vec![patch_t(), title()]),
            separator(SeparatorKind::PatchT, None),
        ),
    ];
    let mut missed = Vec::new();
    for (name, sheet, expected) in &sheets {
        for degrees in [0.0, 180.0, 90.0, 270.0, 10.0, -10.0, 174.0, 4.3, 87.0] {
            for (dpi, wear) in [
                (150, Wear::Specks),
                (150, Wear::Jpeg),
                (300, Wear::Specks),
                (200, Wear::None),
            ] {
                // Large rasters are slow to draw; the hard case is the small one.
                if dpi == 300 && ![0.0, 10.0, 180.0].contains(&degrees) {
                    continue;
                }
                let scanned = Scanned { dpi, degrees, wear };
                let raster = scan(sheet, scanned);
                if separator::find(&raster.page()) != *expected {
                    missed.push((*name, scanned, separator::find(&raster.page())));
                }
            }
        }
    }
    assert!(missed.is_empty(), "{} missed: {missed:#?}", missed.len());
}

#[test]
fn other_codes_and_patterns_separate_nothing() {
    let payload = format!("{}{REFERENCE}", separator::PREFIX);
    // Patch 1, 2, 4 and 6 in the place of T.
    let patch = |wide: [bool; 4]| -> Ink {
        let widths: Vec<u8> = wide
            .into_iter()
            .flat_map(|is_wide| [if is_wide { 5 } else { 2 }, 2])
            .collect();
        bars(widths, 40.0, 20.0, 60.0, 1.02)
    };
    let rows: [(&str, Ink); 8] = [
        ("another QR code", qr("https://www.example.ro/HRISOV1:x")),
        ("another version", qr(&payload.replace('1', "2"))),
        (
            "a parcel's bar code",
            bars(code_128("RO123456789"), 30.0, 30.0, 25.0, 0.5),
        ),
        ("patch 1", patch([true, true, false, false])),
        ("patch 2", patch([true, false, false, true])),
        ("patch 4", patch([false, true, true, false])),
        ("a table", Box::new(|x, y| x % 12.0 < 0.5 || y % 8.0 < 0.4)),
        ("text", text(5, 30.0, 270.0)),
    ];
    for (name, ink) in rows {
        for degrees in [0.0, 90.0, 5.0] {
            let raster = scan(
                &ink,
                Scanned {
                    dpi: 150,
                    degrees,
                    wear: Wear::None,
                },
            );
            assert_eq!(
                separator::find(&raster.page()),
                None,
                "{name} at {degrees} degrees"
            );
        }
    }
}

#[test]
fn no_real_page_is_a_separator() {
    let scans = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/scans");
    let samples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/sample/box");
    let mut looked = 0;
    for folder in [scans, samples] {
        if !folder.is_dir() {
            eprintln!("skipped: no {}", folder.display());
            continue;
        }
        let mut folders = vec![folder];
        while let Some(next) = folders.pop() {
            for entry in std::fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.ends_with("hostile") {
                    folders.push(path);
                } else if path.is_file() {
                    looked += look_at_all_pages(&path);
                }
            }
        }
    }
    assert!(looked >= 30, "only {looked} pages looked at");
}

fn look_at_all_pages(path: &std::path::Path) -> u32 {
    let Ok(mut source) = Source::open(path, &Limits::default()) else {
        return 0;
    };
    let mut looked = 0;
    for page in 0..source.page_count() {
        if let Ok(image) = source.decode_page(page) {
            assert_eq!(
                separator::find(&GreyPage::of(&image)),
                None,
                "{} page {page}",
                path.display()
            );
            looked += 1;
        }
    }
    looked
}
