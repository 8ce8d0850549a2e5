//! What is printed is drawn and read again by libraries that know nothing of how it was made.

use std::collections::HashSet;

use hayro::{
    PixmapSettings, RenderCache, RenderSettings, hayro_interpret::InterpreterSettings, hayro_syntax::Pdf,
    render, vello_cpu::color::palette::css::WHITE,
};
use hrisov_inventory::{
    Images, InventoryError, MAX_REFERENCE_BYTES, ReportHead, ScannedDossier, Sheet, Sides, reconcile,
    report_pdf, sheets, sheets_pdf,
};
use hrisov_model::DossierId;
use jiff::Timestamp;
use rxing::{
    BarcodeFormat, BinaryBitmap, DecodeHints, Luma8Source, MultiFormatReader, RXingResult, Reader as _,
    common::HybridBinarizer,
};

use crate::reading::read_text;

fn noon() -> Timestamp {
    "2026-05-12T12:00:00Z".parse().unwrap()
}

/// Keeps what was printed beside the build, to be looked at.
fn keep(name: &str, pdf: &[u8]) {
    std::fs::write(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name), pdf).unwrap();
}

/// A page as grey pixels.
struct Picture {
    grey: Vec<u8>,
    width: u32,
    height: u32,
}

fn draw(pdf: &[u8], dpi: f32) -> Vec<Picture> {
    let pdf = Pdf::new(pdf.to_vec()).unwrap();
    let scale = dpi / 72.0;
    let settings = PixmapSettings {
        x_scale: scale,
        y_scale: scale,
        bg_color: WHITE,
    };
    let cache = RenderCache::new();
    pdf.pages()
        .iter()
        .map(|page| {
            let drawn = render(
                page,
                &cache,
                &InterpreterSettings::default(),
                &RenderSettings::default(),
                &settings,
            );
            Picture {
                grey: drawn
                    .data_as_u8_slice()
                    .chunks_exact(4)
                    .map(|pixel| pixel[1])
                    .collect(),
                width: drawn.width().into(),
                height: drawn.height().into(),
            }
        })
        .collect()
}

impl Picture {
    /// Black and white, upside down: the worst that a scanner does to a sheet without spoiling it.
    fn spoiled(&self) -> Self {
        let grey = self
            .grey
            .iter()
            .rev()
            .map(|grey| if *grey < 110 { 0 } else { 255 })
            .collect();
        Self { grey, ..*self }
    }

    fn code(&self, format: BarcodeFormat) -> Option<RXingResult> {
        let hints = DecodeHints {
            PossibleFormats: Some(HashSet::from([format])),
            TryHarder: Some(true),
            ..DecodeHints::default()
        };
        let source = Luma8Source::new(self.grey.clone(), self.width, self.height).ok()?;
        let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
        MultiFormatReader::default()
            .decode_with_hints(&mut bitmap, &hints)
            .ok()
    }

    fn text(&self, format: BarcodeFormat) -> Option<String> {
        self.code(format).map(|code| code.getText().to_owned())
    }
}

fn sheet(reference: &str) -> Sheet {
    Sheet {
        reference: reference.to_owned(),
        title: Some("Acte".to_owned()),
        ..Sheet::default()
    }
}

#[test]
fn codes_of_sheets_are_read_at_150_dpi_upside_down_and_in_black_and_white() {
    let long = "Dosar personal Ștefănescu-Țurcanu Gheorghe, cooperativa agricolă de producție";
    let longest = "ș".repeat(MAX_REFERENCE_BYTES / 2);
    for (reference, bar_code) in [
        ("7", Some("HRISOV1:7")),
        ("P/12", Some("HRISOV1:P/12")),
        ("1234567", Some("HRISOV1:1234567")),
        ("12 Mihăilescu Liviu", Some("HRISOV1:12 Mihailescu Liviu")),
        (long, None),
        (longest.as_str(), None),
    ] {
        let pdf = sheets_pdf(&[sheet(reference)], noon()).unwrap();
        keep(&format!("sheet-{}.pdf", reference.len()), &pdf);
        let [page] = &draw(&pdf, 150.0)[..] else {
            panic!("one page a sheet");
        };
        for picture in [page, &page.spoiled()] {
            assert_eq!(
                picture.text(BarcodeFormat::QR_CODE),
                Some(format!("HRISOV1:{reference}"))
            );
            let found = picture.text(BarcodeFormat::CODE_128);
            assert_eq!(found.as_deref(), bar_code, "{reference}");
        }
    }
}

#[test]
fn codes_lie_where_readers_look() {
    for reference in ["7", "12 Mihăilescu Liviu", &"a".repeat(111)] {
        let pages = draw(&sheets_pdf(&[sheet(reference)], noon()).unwrap(), 150.0);
        let mm = |px: f32| px / 150.0 * 25.4;
        let points = |format| {
            let code = pages[0].code(format).unwrap();
            let points: Vec<(f32, f32)> = code
                .getPoints()
                .iter()
                .map(|point| (mm(point.x), mm(point.y)))
                .collect();
            points
        };
        let qr = points(BarcodeFormat::QR_CODE);
        let middle = |axis: fn(&(f32, f32)) -> f32| {
            let least = qr.iter().map(axis).fold(f32::MAX, f32::min);
            let most = qr.iter().map(axis).fold(0.0, f32::max);
            ((least + most) / 2.0, most - least)
        };
        let ((x, width), (y, height)) = (middle(|point| point.0), middle(|point| point.1));
        assert!(
            (x - 105.0).abs() < 2.0 && (y - 74.25).abs() < 2.0,
            "{reference}: {x} {y}"
        );
        assert!(width > 78.0 && height > 78.0, "{reference}: {width} {height}");
        if reference.len() < 30 {
            let bars = points(BarcodeFormat::CODE_128);
            assert!(bars.iter().all(|(_, y)| *y > 198.0), "{reference}: {bars:?}");
        }
    }
}

#[test]
fn a_sheet_is_printed_for_each_row_that_has_a_name() {
    let inventory = read_text("nr. crt.;cota;titlu\n1;P/1;a\n2;;b\n;;c\n");
    let sheets = sheets(&inventory);
    let references: Vec<&str> = sheets.iter().map(|sheet| sheet.reference.as_str()).collect();
    assert_eq!(references, ["P/1", "2"]);
    assert_eq!(draw(&sheets_pdf(&sheets, noon()).unwrap(), 20.0).len(), 2);
    let fixture = hrisov_inventory::read(
        include_bytes!("../../../fixtures/sample/box/inventar.csv"),
        "inventar.csv",
    )
    .unwrap();
    keep(
        "sheets.pdf",
        &sheets_pdf(&hrisov_inventory::sheets(&fixture), noon()).unwrap(),
    );
    assert_eq!(
        sheets_pdf(&sheets, noon()).unwrap(),
        sheets_pdf(&sheets, noon()).unwrap()
    );
    let long = Sheet {
        line: 7,
        ..sheet(&"a".repeat(MAX_REFERENCE_BYTES + 1))
    };
    let error = sheets_pdf(&[long], noon()).unwrap_err();
    assert!(
        matches!(
            error,
            InventoryError::ReferenceTooLong {
                line: 7,
                bytes: 201,
                limit: 200
            }
        ),
        "{error}"
    );
}

#[test]
fn the_report_is_archival_and_never_too_long_for_its_pages() {
    let mut text = "nr. crt.;conținutul pe scurt;date extreme;nr. file\n".to_owned();
    for number in 1..=120 {
        let title = "Cereri, adeverințe și corespondență 日本 ".repeat(number % 7);
        text.push_str(&format!("{number};{title};1978;10\n"));
    }
    let dossiers = (3..=115)
        .filter(|number| number % 20 != 0)
        .map(|number| ScannedDossier {
            id: DossierId::random(),
            reference: format!("Dosar {number}"),
            images: Images {
                pages: if number % 30 == 1 { 9 } else { 10 },
                ..Images::default()
            },
        })
        .collect();
    let reconciliation = reconcile(read_text(&text), dossiers, Sides::Simplex);
    let head = ReportHead {
        institution: Some("Primăria comunei Valea Mare".to_owned()),
        fonds: "CAP Valea Mare".to_owned(),
        box_name: "14".to_owned(),
        date: None,
        made_at: noon(),
    };
    let pdf = report_pdf(&reconciliation, &head).unwrap();
    keep("report.pdf", &pdf);
    assert!(
        pdf.windows(19).any(|bytes| bytes == b"<pdfaid:part>2</pdf"),
        "it says that it is PDF/A-2"
    );
    let pages = draw(&pdf, 40.0);
    assert!(pages.len() > 3);
    for page in &pages {
        // Nothing is printed outside the margins.
        let margin = 40 * 8 / 25;
        let is_white = |x: u32, y: u32| page.grey[(y * page.width + x) as usize] > 250;
        let edge = |x: u32, y: u32| {
            x < margin || y < margin || x >= page.width - margin || y >= page.height - margin
        };
        let places = (0..page.height).flat_map(|y| (0..page.width).map(move |x| (x, y)));
        assert!(places.filter(|(x, y)| edge(*x, *y)).all(|(x, y)| is_white(x, y)));
    }
}
