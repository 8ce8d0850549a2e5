//! Text files: which delimiter, which quoting, and the rows.

use csv::{ReaderBuilder, StringRecord};

use crate::{
    InventoryError, Limits,
    encoding::decode,
    grid::{Grid, GridRow, Meter, tidy},
    header,
};

/// What a text file turned out to be.
pub(crate) struct Delimited {
    pub(crate) grid: Grid,
    pub(crate) encoding: &'static str,
    pub(crate) delimiter: char,
}

/// What separates cells in the wild, the commonest in Romania first: it wins a draw.
const DELIMITERS: [u8; 4] = [b';', b',', b'\t', b'|'];
/// Line breaks inside one cell beyond which its opening quotation mark was never meant as one.
const MAX_CELL_LINES: usize = 25;
/// Rows looked at for the delimiter: title lines above the header are fewer.
const SAMPLE_ROWS: usize = 60;

/// Reads a text file whatever its encoding, delimiter and quoting.
pub(crate) fn read(bytes: &[u8], name: &str, limits: Limits) -> Result<Delimited, InventoryError> {
    let (text, encoding) = decode(bytes);
    let (text, declared) = declared_delimiter(&text);
    let delimiter = declared.unwrap_or_else(|| likeliest_delimiter(text));
    // A line that says `sep=;` is a line of the file all the same.
    let skipped = u32::from(declared.is_some());
    let mut grid = rows(text, delimiter, Quoting::Quotes, &mut Meter::new(name, limits))?;
    if grid.is_none() {
        grid = rows(text, delimiter, Quoting::None, &mut Meter::new(name, limits))?;
    }
    let mut grid = grid.unwrap_or_default();
    for row in &mut grid.rows {
        row.line = row.line.saturating_add(skipped);
    }
    Ok(Delimited {
        grid,
        encoding,
        delimiter: char::from(delimiter),
    })
}

/// Excel's own first line, such as `sep=;`.
fn declared_delimiter(text: &str) -> (&str, Option<u8>) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    match first.trim_end_matches('\r').trim_matches('"').as_bytes() {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] => (rest, Some(*delimiter)),
        _ => (text, None),
    }
}

/// The one under which a header row names the most columns.
fn likeliest_delimiter(text: &str) -> u8 {
    let named = |delimiter: u8| {
        let sample: Vec<GridRow> = records(text, delimiter, Quoting::Quotes)
            .take(SAMPLE_ROWS)
            .map(|record| grid_row(text, &record))
            .collect();
        header::find(&sample).map_or(0, |found| found.columns.len())
    };
    let mut best = (DELIMITERS[0], 0);
    for delimiter in DELIMITERS {
        let count = named(delimiter);
        if count > best.1 {
            best = (delimiter, count);
        }
    }
    best.0
}

/// Whether quotation marks enclose cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quoting {
    /// As RFC 4180 has it.
    Quotes,
    /// They are letters like others, but for a pair around a whole cell.
    None,
}

/// All rows; `None` where a quotation mark that opens a cell is closed only far below, if at all.
fn rows(
    text: &str,
    delimiter: u8,
    quoting: Quoting,
    meter: &mut Meter<'_>,
) -> Result<Option<Grid>, InventoryError> {
    let mut grid = Grid::default();
    for record in records(text, delimiter, quoting) {
        let swallowed = |cell: &str| cell.lines().nth(MAX_CELL_LINES).is_some();
        if quoting == Quoting::Quotes && record.iter().any(swallowed) {
            return Ok(None);
        }
        meter.row()?;
        for cell in &record {
            meter.cell(cell)?;
        }
        let mut row = grid_row(text, &record);
        if quoting == Quoting::None {
            row.cells.iter_mut().for_each(unquote);
        }
        if row.filled().next().is_some() {
            grid.rows.push(row);
        }
    }
    Ok(Some(grid))
}

fn records(text: &str, delimiter: u8, quoting: Quoting) -> impl Iterator<Item = StringRecord> {
    let reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .quoting(quoting == Quoting::Quotes)
        .from_reader(text.as_bytes());
    // Reading UTF-8 text from memory with rows of any length has no way to fail.
    reader.into_records().map_while(Result::ok)
}

fn grid_row(text: &str, record: &StringRecord) -> GridRow {
    let position = record.position();
    let line = position.map_or(0, csv::Position::line);
    // A record's position is before the empty lines above it, which a person counts.
    let start = position.and_then(|position| usize::try_from(position.byte()).ok());
    let above = start
        .and_then(|start| text.as_bytes().get(start..))
        .unwrap_or_default();
    let empty = above
        .iter()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'))
        .filter(|byte| **byte == b'\n')
        .count();
    GridRow {
        line: u32::try_from(line)
            .unwrap_or(u32::MAX)
            .saturating_add(u32::try_from(empty).unwrap_or(0)),
        cells: record.iter().map(tidy).collect(),
        merged: Vec::new(),
    }
}

fn unquote(cell: &mut String) {
    if let Some(inner) = cell.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        *cell = inner.replace("\"\"", "\"");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, delimiter: char, rows: &[(u32, &[&str])]) {
        let read = read(text.as_bytes(), "x.csv", Limits::default()).unwrap();
        let found: Vec<(u32, Vec<&str>)> = read
            .grid
            .rows
            .iter()
            .map(|row| (row.line, row.cells.iter().map(String::as_str).collect()))
            .collect();
        let wanted: Vec<(u32, Vec<&str>)> =
            rows.iter().map(|(line, cells)| (*line, cells.to_vec())).collect();
        assert_eq!((read.delimiter, found), (delimiter, wanted), "{text}");
    }

    #[test]
    fn delimiter_quotes_and_lines() {
        check(
            "nr. crt.;titlu;obs\n\n1;A, B;x\n",
            ';',
            &[(1, &["nr. crt.", "titlu", "obs"]), (3, &["1", "A, B", "x"])],
        );
        check(
            "nr. crt.,titlu\r\n1,\"A, \"\"B\"\"\r\nși C\"\r\n2,D\r\n",
            ',',
            &[
                (1, &["nr. crt.", "titlu"]),
                (2, &["1", "A, \"B\" și C"]),
                (4, &["2", "D"]),
            ],
        );
        check(
            "sep=|\nnr. crt.|titlu\n1|A\n",
            '|',
            &[(2, &["nr. crt.", "titlu"]), (3, &["1", "A"])],
        );
        check(
            "Primăria X, județul Y, România\nnr. crt.\ttitlu\n1\tA\n",
            '\t',
            &[
                (1, &["Primăria X, județul Y, România"]),
                (2, &["nr. crt.", "titlu"]),
                (3, &["1", "A"]),
            ],
        );
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_swallows_no_row() {
        let mut text = "nr;titlu\n1;\"Steaua\" roșie\n2;\"Ferma\n".to_owned();
        for number in 3..60 {
            text.push_str(&format!("{number};\"Dosar {number}\"\n"));
        }
        text = text.replace("59;\"Dosar 59\"", "59;Dosar 59\"");
        for line in text.clone().lines().skip(3) {
            text = text.replace(line, &line.replace('"', ""));
        }
        let read = read(text.as_bytes(), "x.csv", Limits::default()).unwrap();
        assert_eq!(read.grid.rows.len(), 60);
        assert_eq!(read.grid.rows[2].cells, ["2", "\"Ferma"]);
    }
}
