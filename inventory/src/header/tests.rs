use super::*;

fn row(line: u32, cells: &[&str]) -> GridRow {
    GridRow {
        line,
        cells: cells.iter().map(|cell| (*cell).to_owned()).collect(),
        merged: Vec::new(),
    }
}

#[test]
fn every_usual_spelling_of_a_column() {
    for (column, names) in [
        (
            Column::Number,
            &[
                "Nr. crt.",
                "NR.CRT",
                "Nr. Crt",
                "Nr crt.",
                "Număr curent",
                "Numărul curent",
                "No.",
                "Nr.",
                "Crt.",
            ][..],
        ),
        (
            Column::Reference,
            &[
                "Cota",
                "Cotă",
                "Nr. dosar",
                "Nr. dosarului",
                "Numărul dosarului",
                "Referință",
                "Referinţa",
                "Nr. u.a.",
                "Dosar nr.",
                "File no.",
                "Reference code",
                "Cota veche",
            ],
        ),
        (
            Column::ScheduleCode,
            &[
                "Indicativ",
                "Indicativul",
                "Indicativ dosar după nomenclator",
                "Indicativul dosarului (după nomenclator)",
                "Indicativul dosarului după nomenclatorul arhivistic",
                "Indicativ nomenclator",
                "Schedule code",
            ],
        ),
        (
            Column::Title,
            &[
                "Conținutul pe scurt al dosarului",
                "Conţinutul pe scurt al dosarului, registrului etc.",
                "CONTINUTUL PE SCURT",
                "Con?inutul pe scurt",
                "Denumirea dosarului",
                "Titlul",
                "Conținut",
                "Title",
                "Cuprinsul dosarului",
            ],
        ),
        (
            Column::ExtremeDates,
            &[
                "Date extreme",
                "Datele extreme",
                "Anii extremi",
                "Data extremă / date extreme",
                "Perioada",
                "Anul",
                "Ani",
                "Dates",
                "Datele extreme ale documentelor",
            ],
        ),
        (
            Column::Leaves,
            &[
                "Nr. file",
                "Nr. filelor",
                "Numărul filelor",
                "Număr file",
                "Nr. de file",
                "Numar de file",
                "File",
                "Total file",
                "Leaves",
                "Nr. file dosar",
            ],
        ),
        (
            Column::Retention,
            &[
                "Termen de păstrare",
                "Termenul de păstrare",
                "TERMEN DE PASTRARE",
                "Termen păstrare (ani)",
                "T.P.",
                "Retention term",
                "Termen de p?strare",
            ],
        ),
        (
            Column::Department,
            &[
                "Compartiment",
                "Compartimentul",
                "Serviciul",
                "Compartimentul creator",
                "Department",
            ],
        ),
        (
            Column::Remarks,
            &[
                "Observații",
                "Observaţii",
                "OBS.",
                "Obs",
                "Mențiuni",
                "Remarks",
                "Observa?ii",
            ],
        ),
        (Column::FirstDate, &["De la", "Data început"]),
        (Column::LastDate, &["Până la", "Data încheierii"]),
    ] {
        for name in names {
            assert_eq!(column_of(name), Some(column), "{name}");
        }
    }
    for name in [
        "Cutie",
        "Raft",
        "Primăria comunei",
        "1",
        "",
        "Hotărâri ale consiliului",
        "Profil",
        "Nr. pagini",
    ] {
        assert_eq!(column_of(name), None, "{name}");
    }
}

#[test]
fn the_header_is_found_below_titles_and_over_several_rows() {
    let rows = [
        row(1, &["Primăria comunei"]),
        row(
            2,
            &[
                "INVENTAR pe anul 1978",
                "",
                "",
                "pentru dosarele cu termen de păstrare 10 ani",
            ],
        ),
        row(3, &["Nr.", "Indica-", "Conținutul pe", "Date", "Nr.", "Raft"]),
        row(4, &["crt.", "tiv", "scurt", "extreme", "file", ""]),
        row(5, &["0", "1", "2", "3", "4", "5"]),
        row(6, &["1", "I A 1", "Hotărâri", "1978", "12", ""]),
    ];
    let header = find(&rows).unwrap();
    assert_eq!((header.first, header.height), (2, 2));
    assert_eq!(
        header.columns,
        [
            (0, Column::Number),
            (1, Column::ScheduleCode),
            (2, Column::Title),
            (3, Column::ExtremeDates),
            (4, Column::Leaves),
        ]
    );
    assert_eq!(header.unknown, ["Raft"]);
    assert!(is_column_numbers(&rows[4]) && !is_column_numbers(&rows[5]));
    assert!(is_repeated(
        &row(
            40,
            &[
                "Nr. crt.",
                "Indicativ",
                "Conținutul pe scurt",
                "Date extreme",
                "Nr. file"
            ]
        ),
        &header
    ));
    assert!(!is_repeated(&rows[5], &header));
}

#[test]
fn a_table_of_something_else_has_no_header() {
    assert_eq!(
        find(&[row(1, &["nume", "prenume"]), row(2, &["Popescu", "Ion"])]),
        None
    );
    assert_eq!(find(&[]), None);
}
