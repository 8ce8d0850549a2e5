use hrisov_inventory::{
    Column, Excess, FindingKind, InventoryError, Language, Limits, PaperInventory, Source, read, read_within,
};
use hrisov_model::RetentionTerm;
use proptest::prelude::*;

pub fn read_text(text: &str) -> PaperInventory {
    read(text.as_bytes(), "inventar.csv").unwrap()
}

/// An inventory as it comes: title lines, a form's numbered columns, marks for "as above", a closing formula.
const LEGAL_FORM: &str = "\
Primăria comunei Valea Mare;;;;;
Compartimentul: Stare civilă;;;;;
INVENTAR pe anul 1978 pentru documentele cu termen de păstrare 10 ani;;;;;
;;;;;
Nr. crt.;Indicativul dosarului (după nomenclator);Conţinutul pe scurt al dosarului, registrului etc.;\
Datele extreme;Numărul filelor;Observaţii
0;1;2;3;4;5
1;I A 1;Hotărâri ale consiliului;1978;1-45;
2;\"\"\"\";Procese-verbale;ian.-dec. 1978;12 f.;
;;ale ședințelor comisiilor;;;
3;I B 2;\"Cereri; sesizări\";1978-79;-;lipsă coperta
Compartimentul: Agricol;;;;;
4;II A 1;Registrul agricol;12.03.1978 – 5.XI.1979;nenumerotat;
5 bis;II A 2;Anexă;1978;3;
pagina 2;;;;;
Nr. crt.;Indicativul dosarului;Conţinutul pe scurt;Datele extreme;Nr. file;Obs.
6;;;;;
???;;;;;
;;Dosar fără număr;1978;7;
Prezentul inventar format din 2 file conţine 6 dosare.;;;;;
Am predat,;;Am primit,;;;
Popescu Ion;;Ionescu Maria;;;
";

#[test]
fn the_legal_form_with_everything_around_it() {
    let inventory = read_text(LEGAL_FORM);
    assert_eq!(
        inventory.source,
        Source::Delimited {
            encoding: "UTF-8",
            delimiter: ';'
        }
    );
    assert_eq!(
        inventory.columns,
        [
            Column::Number,
            Column::ScheduleCode,
            Column::Title,
            Column::ExtremeDates,
            Column::Leaves,
            Column::Remarks
        ]
    );
    let rows: Vec<_> = inventory
        .rows
        .iter()
        .map(|row| {
            let entry = &row.entry;
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            (
                row.line,
                row.label().unwrap_or_default(),
                text(&entry.schedule_code),
                text(&entry.title),
                entry.leaves,
            )
        })
        .collect();
    let row = |line, label: &str, code: &str, title: &str, leaves| {
        (line, label.to_owned(), code.to_owned(), title.to_owned(), leaves)
    };
    assert_eq!(
        rows,
        [
            row(7, "1", "I A 1", "Hotărâri ale consiliului", Some(45)),
            row(
                8,
                "2",
                "I A 1",
                "Procese-verbale ale ședințelor comisiilor",
                Some(12)
            ),
            row(10, "3", "I B 2", "Cereri; sesizări", None),
            row(12, "4", "II A 1", "Registrul agricol", None),
            row(13, "5 bis", "II A 2", "Anexă", Some(3)),
            row(18, "", "", "Dosar fără număr", Some(7)),
        ]
    );
    let entry = |index: usize| &inventory.rows[index].entry;
    assert!(
        inventory
            .rows
            .iter()
            .all(|row| row.entry.retention == Some(RetentionTerm::Years(10)))
    );
    assert_eq!(entry(0).department.as_deref(), Some("Stare civilă"));
    assert_eq!(entry(3).department.as_deref(), Some("Agricol"));
    assert_eq!(entry(2).remarks.as_deref(), Some("lipsă coperta"));
    let dates = entry(3).extreme_dates.clone().unwrap();
    assert_eq!(dates.text, "12.03.1978 – 5.XI.1979");
    assert_eq!(dates.last.unwrap().to_string(), "1979-11-05");
    let closing: Vec<u32> = inventory.closing.iter().map(|remark| remark.line).collect();
    assert_eq!(closing, [14, 19, 20, 21]);
    let findings: Vec<_> = inventory
        .findings
        .iter()
        .map(|finding| {
            (
                finding.kind,
                finding.lines.clone(),
                finding.sentence(Language::Romanian),
            )
        })
        .collect();
    let finding = |kind, line, sentence: &str| (kind, vec![line], sentence.to_owned());
    assert_eq!(
        findings,
        [
            finding(
                FindingKind::ValueNotUnderstood,
                12,
                "rândul 12, rubrica „nr. file”: „nenumerotat” nu a putut fi înțeles"
            ),
            finding(
                FindingKind::NumberAlone,
                16,
                "rândul 16 are doar numărul 6, fără alte date: nu a fost socotit dosar"
            ),
            finding(
                FindingKind::RowNotUnderstood,
                17,
                "rândul 17 nu a putut fi înțeles: „???”"
            ),
        ]
    );
}

#[test]
fn one_inventory_in_every_encoding_and_with_every_delimiter_reads_the_same() {
    let wanted = read_text(LEGAL_FORM);
    let older = LEGAL_FORM
        .replace(['ș', 'Ș'], "ş")
        .replace(['ț', 'Ț'], "ţ")
        .replace('–', "-");
    let utf_16 =
        |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> { text.encode_utf16().flat_map(bytes).collect() };
    for (what, bytes) in [
        ("UTF-8 with mark", format!("\u{feff}{LEGAL_FORM}").into_bytes()),
        (
            "UTF-16LE",
            utf_16(&format!("\u{feff}{LEGAL_FORM}"), u16::to_le_bytes),
        ),
        (
            "UTF-16BE",
            utf_16(&format!("\u{feff}{LEGAL_FORM}"), u16::to_be_bytes),
        ),
        (
            "windows-1250",
            encoding_rs::WINDOWS_1250.encode(&older).0.into_owned(),
        ),
        (
            "ISO-8859-2",
            encoding_rs::ISO_8859_2.encode(&older).0.into_owned(),
        ),
        ("CRLF", LEGAL_FORM.replace('\n', "\r\n").into_bytes()),
        (
            "tabs",
            LEGAL_FORM
                .replace("\"Cereri; sesizări\"", "Cereri# sesizări")
                .replace(';', "\t")
                .replace('#', ";")
                .into_bytes(),
        ),
    ] {
        let read = read(&bytes, "x").unwrap();
        let titles = |inventory: &PaperInventory| -> Vec<_> {
            inventory
                .rows
                .iter()
                .map(|row| (row.line, row.entry.title.clone(), row.entry.leaves))
                .collect()
        };
        assert_eq!(titles(&read), titles(&wanted), "{what}");
        assert_eq!(
            read.rows[0].entry.department, wanted.rows[0].entry.department,
            "{what}"
        );
    }
}

#[test]
fn what_is_no_inventory_is_an_error_that_says_what_to_do() {
    for (bytes, error) in [
        (&b""[..], "x: no header row found"),
        (b"nume;prenume\nPopescu;Ion\n", "x: no header row found"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "x: an old Excel or Word file",
        ),
        (b"%PDF-1.4", "x: a PDF is not read"),
        (b"PK\x03\x04 not a zip", "x: the workbook is damaged"),
    ] {
        let found = read(bytes, "x").unwrap_err().to_string();
        assert!(found.starts_with(error), "{found}");
    }
}

#[test]
fn limits_are_errors() {
    let text = "nr. crt.;titlu\n1;a\n2;b\n3;c\n";
    let limits = Limits::default();
    for (limits, excess) in [
        (Limits { bytes: 10, ..limits }, Excess::Bytes),
        (Limits { rows: 3, ..limits }, Excess::Rows),
        (Limits { cells: 5, ..limits }, Excess::Cells),
        (
            Limits {
                text_bytes: 12,
                ..limits
            },
            Excess::TextBytes,
        ),
    ] {
        match read_within(text.as_bytes(), "x", limits) {
            Err(InventoryError::TooLarge { what, .. }) => assert_eq!(what, excess),
            other => panic!("{other:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let _ = read(&bytes, "x");
    }

    #[test]
    fn any_table_below_a_header_is_read_line_by_line(
        lines in prop::collection::vec("[0-9a-zăA-Z \"'.;|/-]{0,30}", 0..30),
    ) {
        let text = format!("Nr. crt.;Titlu;Date extreme;Nr. file;Termen\n{}", lines.join("\n"));
        let inventory = read(text.as_bytes(), "x").unwrap();
        let last = u32::try_from(lines.len()).unwrap() + 1;
        prop_assert!(inventory.rows.iter().all(|row| (2..=last).contains(&row.line)));
        prop_assert!(inventory.rows.is_sorted_by_key(|row| row.line));
    }

    #[test]
    fn a_row_is_read_back_as_written(number in 1_u32..100_000, leaves in 0_u32..5000, year in 1900_u16..2000) {
        let text = format!("Nr. crt.,Conținutul pe scurt,Date extreme,Nr. file\n{number},Acte,{year},{leaves}\n");
        let row = read_text(&text).rows.remove(0);
        let dates = row.entry.extreme_dates.unwrap();
        prop_assert_eq!(
            (row.entry.number, row.entry.leaves, dates.first.map(|date| date.year), dates.last.map(|date| date.year)),
            (Some(number), Some(leaves), Some(year), Some(year))
        );
    }
}
