//! Which row names the columns, and what each of them holds.

use crate::{Column, column::column_of, fold::whole_number, grid::GridRow};

/// The header row and what its cells mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    /// Index of its first row.
    pub(crate) first: usize,
    /// Rows it takes: a name may be written over several.
    pub(crate) height: usize,
    /// Cell index and meaning, each meaning once.
    pub(crate) columns: Vec<(usize, Column)>,
    /// Names of the columns that mean nothing to an inventory.
    pub(crate) unknown: Vec<String>,
}

/// Rows searched for the header; what stands above it is a title page, not an archive.
const SEARCHED_ROWS: usize = 100;
/// Rows that one header takes at most.
const MAX_HEIGHT: usize = 3;
/// Columns that a header must name at least, one of which says which dossier is meant.
const MIN_COLUMNS: usize = 2;

/// The header among the first rows: the one that names the most columns, then the flattest and topmost.
pub(crate) fn find(rows: &[GridRow]) -> Option<Header> {
    let mut best: Option<Header> = None;
    for height in 1..=MAX_HEIGHT.min(rows.len()) {
        for first in 0..=(rows.len() - height).min(SEARCHED_ROWS) {
            let header = read(rows, first, height);
            let is_better = best
                .as_ref()
                .is_none_or(|best| header.columns.len() > best.columns.len());
            if header.is_header() && is_better {
                best = Some(header);
            }
        }
    }
    best
}

/// Whether a row below the header is the header again, as at the top of each printed page.
pub(crate) fn is_repeated(row: &GridRow, header: &Header) -> bool {
    let again = header
        .columns
        .iter()
        .filter(|(cell, column)| column_of(row.cell(*cell)) == Some(*column))
        .count();
    again >= MIN_COLUMNS && again * 2 > row.filled().count()
}

/// Whether a row only numbers the columns: `0 | 1 | 2 | 3`, as printed forms do below their header.
pub(crate) fn is_column_numbers(row: &GridRow) -> bool {
    let numbers: Vec<Option<u32>> = row
        .filled()
        .map(|(_, cell)| whole_number(cell.trim_matches(['(', ')', '.', ' ']).trim_end_matches(".0")))
        .collect();
    numbers.len() >= 3
        && matches!(numbers.first(), Some(Some(0 | 1)))
        && numbers.windows(2).all(|pair| match pair {
            [Some(one), Some(next)] => *next == one + 1,
            _ => false,
        })
}

impl Header {
    fn is_header(&self) -> bool {
        let says_which = |(_, column): &(usize, Column)| {
            matches!(column, Column::Number | Column::Reference | Column::Title)
        };
        self.columns.len() >= MIN_COLUMNS && self.columns.iter().any(says_which)
    }

    /// The cell that holds it.
    pub(crate) fn cell_of(&self, wanted: Column) -> Option<usize> {
        let found = self.columns.iter().find(|(_, column)| *column == wanted);
        found.map(|(cell, _)| *cell)
    }
}

fn read(rows: &[GridRow], first: usize, height: usize) -> Header {
    let rows = &rows[first..first + height];
    let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let mut header = Header {
        first,
        height,
        columns: Vec::new(),
        unknown: Vec::new(),
    };
    for cell in 0..width {
        let parts: Vec<&str> = rows
            .iter()
            .map(|row| row.cell(cell))
            .filter(|part| !part.is_empty())
            .collect();
        let name = parts.join(" ").replace("- ", "");
        // "de la" and "până la" below "date extreme" tell more than both together.
        let below = parts.last().and_then(|part| column_of(part));
        let below = below.filter(|column| matches!(column, Column::FirstDate | Column::LastDate));
        match below
            .or_else(|| column_of(&name))
            .or_else(|| column_of(&parts.join(" ")))
        {
            Some(column) if header.cell_of(column).is_none() => header.columns.push((cell, column)),
            _ if name.is_empty() => {}
            _ => header.unknown.push(name),
        }
    }
    header
}

#[cfg(test)]
#[path = "header/tests.rs"]
mod tests;
