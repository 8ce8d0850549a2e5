//! Separator sheets: one A4 page before each dossier of a stack, with its reference for machines and people.
//!
//! A reader looks for a QR code (error correction H, 4 quiet modules, modules of at least 2 mm for references of
//! up to 111 bytes) in the middle of the upper half, or for a Code 128 in the lower third; both say `HRISOV1:` and
//! the reference.

use fast_qr::{ECL, QRBuilder};
use hrisov_model::InventoryEntry;
use jiff::Timestamp;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use super::{
    code128::Code128,
    page::{Align, Box, HEIGHT, Page, WIDTH, write_pdf},
    typeface::{Typefaces, Weight},
};
use crate::{InventoryError, Language, PaperInventory, Row, words::leaves_in_romanian};

/// What the codes begin with.
const PREFIX: &str = "HRISOV1:";
/// Longest reference that a sheet's code holds, in bytes of UTF-8: readers refuse longer ones.
pub const MAX_REFERENCE_BYTES: usize = 200;
/// Side of the QR symbol without quiet zone where the reference is short, in millimetres.
const QR_SIDE: f32 = 96.0;
/// And at most, quiet zone included: it stays in the upper half.
const QR_ROOM: f32 = 132.0;
/// Modules are at least that large where there is room.
const QR_MODULE: f32 = 2.0;
const QUIET_MODULES: usize = 4;
/// Code 128, quiet zones included.
const BAR_CODE_ROOM: f32 = 176.0;
/// Thinner bars do not survive 150 dpi: a longer code is left out, the QR code stays.
const LEAST_BAR: f32 = 0.34;
const MOST_BAR: f32 = 0.9;
const BAR_CODE_QUIET: f32 = 10.0;

/// What one sheet says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// The dossier's reference, or its number: what the codes carry.
    pub reference: String,
    /// Its title, cut after three lines.
    pub title: Option<String>,
    /// Extreme dates, leaves and such, one short line.
    pub particulars: Option<String>,
    /// Line of the inventory, for messages.
    pub line: u32,
}

/// One sheet for each row that has a reference or a number, in the order of the inventory.
#[must_use]
pub fn sheets(inventory: &PaperInventory) -> Vec<Sheet> {
    let sheet = |row: &Row| {
        Some(Sheet {
            reference: row.label()?,
            title: row.entry.title.clone(),
            particulars: particulars(&row.entry),
            line: row.line,
        })
    };
    inventory.rows.iter().filter_map(sheet).collect()
}

/// The sheets as a PDF/A-2b, one A4 page each; `made_at` stands in its metadata alone.
///
/// # Errors
/// [`InventoryError::ReferenceTooLong`] where a reference passes [`MAX_REFERENCE_BYTES`].
pub fn sheets_pdf(sheets: &[Sheet], made_at: Timestamp) -> Result<Vec<u8>, InventoryError> {
    let faces = Typefaces::new();
    let pages: Result<Vec<Page>, InventoryError> = sheets
        .iter()
        .enumerate()
        .map(|(index, sheet)| page(sheet, &format!("{} / {}", index + 1, sheets.len()), &faces))
        .collect();
    write_pdf(&pages?, "Foi separatoare", made_at, &faces, Language::Romanian)
}

fn particulars(entry: &InventoryEntry) -> Option<String> {
    let parts: Vec<String> = [
        entry.schedule_code.clone(),
        entry.extreme_dates.as_ref().map(|dates| dates.text.clone()),
        entry.leaves.map(leaves_in_romanian),
        entry.department.clone(),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

fn page(sheet: &Sheet, place: &str, faces: &Typefaces) -> Result<Page, InventoryError> {
    let too_long = || InventoryError::ReferenceTooLong {
        line: sheet.line,
        bytes: sheet.reference.len(),
        limit: MAX_REFERENCE_BYTES,
    };
    if sheet.reference.len() > MAX_REFERENCE_BYTES {
        return Err(too_long());
    }
    let payload = format!("{PREFIX}{}", sheet.reference);
    let mut page = Page::default();
    // Thick bars along both edges: a sheet is seen in a stack, and on a scan too bad for its codes.
    let bar = |x: f32| Box {
        x,
        y: 12.0,
        width: 5.0,
        height: HEIGHT - 24.0,
    };
    page.boxes(vec![bar(8.0), bar(WIDTH - 13.0)], 0);
    qr(&mut page, &payload).ok_or_else(too_long)?;
    words(&mut page, sheet, faces);
    bar_code(&mut page, &payload, faces);
    let middle = WIDTH / 2.0;
    page.line(20.0, 276.5, WIDTH - 40.0, 120);
    page.text(20.0, 281.5, 8.5, Weight::Bold, Align::Left, "FOAIE SEPARATOARE");
    let advice = "se așază înaintea dosarului, cu această față la scanat; nu este filă a dosarului";
    page.text(middle + 9.0, 281.5, 8.5, Weight::Regular, Align::Centre, advice);
    page.text(WIDTH - 20.0, 281.5, 8.5, Weight::Regular, Align::Right, place);
    Ok(page)
}

/// The QR code in the middle of the upper half; `None` where the payload is too long for any.
fn qr(page: &mut Page, payload: &str) -> Option<()> {
    let code = QRBuilder::new(payload).ecl(ECL::H).build().ok()?;
    // No code has 200 modules, exact as f32.
    let with_quiet = (code.size + 2 * QUIET_MODULES) as f32;
    let module = (QR_SIDE / code.size as f32)
        .max(QR_MODULE)
        .min(QR_ROOM / with_quiet);
    let side = module * code.size as f32;
    let (left, top) = ((WIDTH - side) / 2.0, HEIGHT / 4.0 - side / 2.0);
    let mut boxes = Vec::new();
    for row in 0..code.size {
        let mut column = 0;
        while column < code.size {
            // Neighbours are one box: printers leave hairlines between boxes that only touch.
            let run = code[row][column..code.size]
                .iter()
                .take_while(|module| module.value())
                .count();
            if run > 0 {
                boxes.push(Box {
                    x: left + column as f32 * module,
                    y: top + row as f32 * module,
                    width: run as f32 * module,
                    height: module,
                });
            }
            column += run.max(1);
        }
    }
    page.boxes(boxes, 0);
    Some(())
}

/// Reference and title in the middle of the page, as large as they fit.
fn words(page: &mut Page, sheet: &Sheet, faces: &Typefaces) {
    const ROOM: f32 = 170.0;
    let room_pt = ROOM * super::page::PT;
    let middle = WIDTH / 2.0;
    let natural = faces.width_pt(&sheet.reference, Weight::Bold, 1.0);
    let size_pt = (room_pt / natural.max(0.01)).clamp(20.0, 44.0);
    page.text(middle, 150.0, 12.0, Weight::Regular, Align::Centre, "DOSARUL");
    let mut baseline = 164.0;
    for line in faces.wrap(&sheet.reference, Weight::Bold, size_pt, room_pt, 2) {
        page.text(middle, baseline, size_pt, Weight::Bold, Align::Centre, &line);
        baseline += size_pt * 0.42;
    }
    baseline += 1.0;
    for line in faces.wrap(
        sheet.title.as_deref().unwrap_or(""),
        Weight::Regular,
        15.0,
        room_pt,
        4,
    ) {
        page.text(middle, baseline, 15.0, Weight::Regular, Align::Centre, &line);
        baseline += 7.2;
    }
    let particulars = sheet.particulars.as_deref().unwrap_or("");
    for line in faces.wrap(particulars, Weight::Regular, 11.0, room_pt, 2) {
        page.text(
            middle,
            baseline + 1.5,
            11.0,
            Weight::Regular,
            Align::Centre,
            &line,
        );
        baseline += 5.5;
    }
}

/// The same for readers that know bar codes alone.
fn bar_code(page: &mut Page, payload: &str, faces: &Typefaces) {
    const TOP: f32 = 236.0;
    const HIGH: f32 = 26.0;
    let folded: String = payload
        .nfkd()
        .filter(|letter| !is_combining_mark(*letter))
        .map(ascii)
        .collect();
    let Some(code) = Code128::of(&folded) else {
        return;
    };
    // At most some thousand modules, exact as f32.
    let modules = code.modules() as f32;
    let module = ((BAR_CODE_ROOM - 2.0 * BAR_CODE_QUIET) / modules).min(MOST_BAR);
    if module < LEAST_BAR {
        return;
    }
    let mut x = (WIDTH - modules * module) / 2.0;
    let mut boxes = Vec::new();
    for (index, width) in code.widths.iter().enumerate() {
        let width = f32::from(*width) * module;
        if index % 2 == 0 {
            boxes.push(Box {
                x,
                y: TOP,
                width,
                height: HIGH,
            });
        }
        x += width;
    }
    page.boxes(boxes, 0);
    let size_pt =
        (170.0 * super::page::PT / faces.width_pt(&folded, Weight::Regular, 1.0).max(0.01)).min(10.0);
    page.text(
        WIDTH / 2.0,
        TOP + HIGH + 5.0,
        size_pt,
        Weight::Regular,
        Align::Centre,
        &folded,
    );
}

/// Letters that bar codes lack, as typewriters write them.
fn ascii(letter: char) -> char {
    match letter {
        ' '..='~' => letter,
        '–' | '—' | '−' | '‑' | '‐' => '-',
        '„' | '”' | '“' | '«' | '»' => '"',
        'ł' => 'l',
        'đ' => 'd',
        'ß' => 's',
        _ => '?',
    }
}
