//! The golden set: rows that people can read and extend, in `tests/golden`.

use hrisov_index::{SearchQuery, Searcher};
use hrisov_model::{DossierId, PageText};

use crate::pages::{Archive, page, words_in};

const TABLE: &str = include_str!("../golden/search.tsv");

/// Rows that the set has at least: none is to be lost.
const ROWS_MIN: usize = 200;

struct Row<'a> {
    line: usize,
    page: usize,
    query: &'a str,
    expected: &'a str,
}

/// Pages and rows of the table.
fn table() -> (Vec<String>, Vec<Row<'static>>) {
    let (mut pages, mut rows) = (Vec::new(), Vec::new());
    let lines = (1..)
        .zip(TABLE.lines())
        .filter(|(_, line)| !line.starts_with('#') && !line.is_empty());
    for (line, text) in lines.skip(1) {
        let cells: Vec<&str> = text.split('\t').collect();
        let [page, query, expected] = cells[..] else {
            panic!("line {line} has {} cells, not three", cells.len());
        };
        if !page.is_empty() {
            pages.push(page.replace(" ⏎ ", "\n"));
        }
        rows.push(Row {
            line,
            page: pages.len() - 1,
            query,
            expected,
        });
    }
    (pages, rows)
}

/// What a query finds on a page, in the words of the table.
fn outcome(searcher: &Searcher, dossier: DossierId, text: &PageText, query: &str) -> String {
    let hits = searcher
        .search(&SearchQuery {
            limit: usize::MAX,
            ..SearchQuery::new(query)
        })
        .unwrap();
    let Some(hit) = hits.hits.iter().find(|hit| hit.dossier == dossier) else {
        return "-".to_owned();
    };
    let page = &hit.pages[0];
    let words: Vec<String> = page.boxes.iter().map(|&rect| words_in(text, rect)).collect();
    let mark = if page.near.is_empty() { '=' } else { '?' };
    format!("{mark}{}", words.join(" | "))
}

#[test]
fn every_row_of_the_golden_set_holds() {
    let (pages, rows) = table();
    assert!(rows.len() >= ROWS_MIN, "only {} rows", rows.len());
    let mut archive = Archive::in_ram();
    let texts: Vec<PageText> = pages.iter().map(|text| page(text)).collect();
    let dossiers: Vec<DossierId> = texts.iter().map(|_| DossierId::random()).collect();
    for (text, &dossier) in texts.iter().zip(&dossiers) {
        archive.put_page(dossier, 1, text);
    }
    archive.commit();
    let searcher = archive.searcher();
    let mut failed = 0;
    for row in &rows {
        let found = outcome(&searcher, dossiers[row.page], &texts[row.page], row.query);
        if found != row.expected {
            failed += 1;
            eprintln!(
                "line {}: {:?} gives {found}, not {}",
                row.line, row.query, row.expected
            );
        }
    }
    assert_eq!(failed, 0, "of {} rows", rows.len());
}
