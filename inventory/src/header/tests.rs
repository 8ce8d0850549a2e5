use super::*;

fn row(line: u32, cells: &[&str]) -> GridRow {
    GridRow {
        line,
        cells: cells.iter().map(|cell| (*cell).to_owned()).collect(),
        merged: Vec::new(),
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
