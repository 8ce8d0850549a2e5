use std::io::{Cursor, Write as _};

use hrisov_inventory::{Excess, InventoryError, Limits, Source, read, read_within};
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use zip::{ZipWriter, write::SimpleFileOptions};

fn legal_form() -> Vec<u8> {
    let mut workbook = Workbook::new();
    workbook
        .add_worksheet()
        .set_name("Instrucțiuni")
        .unwrap()
        .write(0, 0, "Completați foaia următoare")
        .unwrap();
    let sheet = workbook.add_worksheet().set_name("Inventar").unwrap();
    let plain = Format::new();
    let date = Format::new().set_num_format("dd.mm.yyyy");
    sheet
        .merge_range(0, 0, 0, 6, "Primăria comunei Valea Mare", &plain)
        .unwrap();
    sheet.merge_range(2, 0, 3, 0, "Nr. crt.", &plain).unwrap();
    sheet.merge_range(2, 1, 3, 1, "Indicativ", &plain).unwrap();
    sheet
        .merge_range(2, 2, 3, 2, "Conținutul pe scurt al dosarului", &plain)
        .unwrap();
    sheet.merge_range(2, 3, 2, 4, "Date extreme", &plain).unwrap();
    sheet.write(3, 3, "de la").unwrap();
    sheet.write(3, 4, "până la").unwrap();
    sheet.merge_range(2, 5, 3, 5, "Nr. file", &plain).unwrap();
    sheet
        .merge_range(2, 6, 3, 6, "Termen de păstrare", &plain)
        .unwrap();
    for (row, number) in (4..7).zip([1.0, 2.0, 3.0]) {
        sheet.write(row, 0, number).unwrap();
        sheet.write(row, 2, format!("Dosarul {number}")).unwrap();
        sheet.write(row, 3, 1978.0).unwrap();
        let last = ExcelDateTime::from_ymd(1979, 3, 5).unwrap();
        sheet.write_datetime_with_format(row, 4, &last, &date).unwrap();
        sheet.write(row, 5, 12.0).unwrap();
    }
    sheet.merge_range(4, 1, 6, 1, "I A 1", &plain).unwrap();
    sheet.merge_range(4, 6, 5, 6, "permanent", &plain).unwrap();
    sheet.write(6, 6, "10 ani").unwrap();
    workbook.save_to_buffer().unwrap()
}

#[test]
fn merged_cells_headers_of_two_rows_numbers_and_dates() {
    let inventory = read(&legal_form(), "inventar.csv").unwrap();
    assert_eq!(
        inventory.source,
        Source::Workbook {
            sheet: "Inventar".to_owned()
        }
    );
    assert_eq!(inventory.findings, []);
    let rows: Vec<_> = inventory
        .rows
        .iter()
        .map(|row| {
            let entry = &row.entry;
            let dates = entry.extreme_dates.as_ref().unwrap();
            let dates = [dates.first.unwrap().to_string(), dates.last.unwrap().to_string()];
            (
                row.line,
                entry.number.unwrap(),
                entry.schedule_code.clone().unwrap(),
                dates,
                entry.leaves,
                entry.retention,
            )
        })
        .collect();
    let dates = || ["1978".to_owned(), "1979-03-05".to_owned()];
    let code = || "I A 1".to_owned();
    use hrisov_model::RetentionTerm::{Permanent, Years};
    assert_eq!(
        rows,
        [
            (5, 1, code(), dates(), Some(12), Some(Permanent)),
            (6, 2, code(), dates(), Some(12), Some(Permanent)),
            (7, 3, code(), dates(), Some(12), Some(Years(10))),
        ]
    );
}

/// A workbook of the parts of another, some of them replaced.
fn with_part(workbook: &[u8], replaced: &str, content: &[u8]) -> Vec<u8> {
    let mut source = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut target = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..source.len() {
        let mut part = source.by_index(index).unwrap();
        let name = part.name().unwrap().into_owned();
        target.start_file(&*name, SimpleFileOptions::default()).unwrap();
        if name == replaced {
            target.write_all(content).unwrap();
        } else {
            std::io::copy(&mut part, &mut target).unwrap();
        }
    }
    target.finish().unwrap().into_inner()
}

fn refused(bytes: &[u8], excess: Excess) {
    match read_within(
        bytes,
        "x",
        Limits {
            unpacked_bytes: 20 << 20,
            ..Limits::default()
        },
    ) {
        Err(InventoryError::TooLarge { what, .. }) => assert_eq!(what, excess),
        other => panic!("{other:?}"),
    }
}

#[test]
fn bombs_are_refused() {
    let workbook = legal_form();
    // A sheet that unpacks to a hundred times the limit per packed byte.
    let spaces = vec![b' '; 30 << 20];
    let bomb = with_part(&workbook, "xl/worksheets/sheet1.xml", &spaces);
    assert!(bomb.len() < 200_000, "it is small as it comes: {}", bomb.len());
    refused(&bomb, Excess::UnpackedBytes);
    // A table of strings that declares more than there is memory for.
    for head in [
        "<sst uniqueCount=\"900000000000\">",
        "<sst count='3' uniqueCount = ' 900000000000'>",
    ] {
        let strings = format!("<?xml version=\"1.0\"?>{head}<si><t>a</t></si></sst>");
        refused(
            &with_part(&workbook, "xl/sharedStrings.xml", strings.as_bytes()),
            Excess::Cells,
        );
    }
    // One long string named by every cell.
    let strings = format!("<sst><si><t>{}</t></si></sst>", "a".repeat(1 << 20));
    let cells: String = (1..100)
        .map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>0</v></c></row>"))
        .collect();
    let sheet = format!("<worksheet><sheetData>{cells}</sheetData></worksheet>");
    let bomb = with_part(&workbook, "xl/sharedStrings.xml", strings.as_bytes());
    refused(
        &with_part(&bomb, "xl/worksheets/sheet1.xml", sheet.as_bytes()),
        Excess::TextBytes,
    );
}

#[test]
fn cells_far_apart_take_no_room_between_them() {
    let sheet = "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>Nr. crt.</t></is></c>\
                 <c r=\"B1\" t=\"inlineStr\"><is><t>Titlu</t></is></c><c r=\"XFD1\"><v>1</v></c></row>\
                 <row r=\"1048576\"><c r=\"A1048576\"><v>7</v></c>\
                 <c r=\"B1048576\" t=\"inlineStr\"><is><t>Acte</t></is></c></row></sheetData></worksheet>";
    let inventory = read(
        &with_part(&legal_form(), "xl/worksheets/sheet2.xml", sheet.as_bytes()),
        "x",
    )
    .unwrap();
    assert_eq!(inventory.rows.len(), 1);
    assert_eq!(
        (inventory.rows[0].line, inventory.rows[0].entry.number),
        (1_048_576, Some(7))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn damaged_workbooks_are_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
        whole in any::<bool>(),
    ) {
        let mut bytes = legal_form();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if !whole {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = read(&bytes, "x");
    }

    #[test]
    fn any_sheet_is_read_or_refused(sheet in "(<(row|c|v|is|t|mergeCell|f)( (r|t|s|ref)=\"[A-C0-9:sbn]{0,6}\")?/?>|</(row|c|v|is|t|f)>|[0-9a]{1,3}){0,30}") {
        let sheet = format!("<worksheet><sheetData>{sheet}</sheetData></worksheet>");
        let _ = read(&with_part(&legal_form(), "xl/worksheets/sheet2.xml", sheet.as_bytes()), "x");
    }
}
