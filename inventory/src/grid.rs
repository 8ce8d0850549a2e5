//! A table before anyone knows what its columns mean.

use crate::{Excess, InventoryError, Limits};

/// Rows in order, each with the number that a person sees beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Grid {
    pub(crate) rows: Vec<GridRow>,
}

/// One row; cells beyond its end are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GridRow {
    /// Line of the text file or row of the sheet, from 1.
    pub(crate) line: u32,
    pub(crate) cells: Vec<String>,
    /// Columns whose cell is a later part of a cell merged downwards, with that cell's text.
    pub(crate) merged: Vec<(usize, String)>,
}

impl GridRow {
    /// The text of a cell; empty beyond the end.
    pub(crate) fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    pub(crate) fn filled(&self) -> impl Iterator<Item = (usize, &str)> {
        self.cells
            .iter()
            .enumerate()
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(column, cell)| (column, cell.as_str()))
    }

    /// Everything in it, as one line.
    pub(crate) fn text(&self) -> String {
        let cells: Vec<&str> = self.filled().map(|(_, cell)| cell).collect();
        cells.join(" ")
    }
}

/// Counts what is read and refuses to go beyond the limits.
pub(crate) struct Meter<'a> {
    name: &'a str,
    limits: Limits,
    rows: u64,
    cells: u64,
    text_bytes: u64,
}

impl<'a> Meter<'a> {
    pub(crate) fn new(name: &'a str, limits: Limits) -> Self {
        Self {
            name,
            limits,
            rows: 0,
            cells: 0,
            text_bytes: 0,
        }
    }

    pub(crate) fn name(&self) -> &'a str {
        self.name
    }

    pub(crate) fn row(&mut self) -> Result<(), InventoryError> {
        self.rows += 1;
        self.check(self.rows, self.limits.rows, Excess::Rows)
    }

    pub(crate) fn cell(&mut self, text: &str) -> Result<(), InventoryError> {
        self.cells += u64::from(!text.is_empty());
        self.text_bytes += text.len() as u64;
        self.check(self.cells, self.limits.cells, Excess::Cells)?;
        self.check(self.text_bytes, self.limits.text_bytes, Excess::TextBytes)
    }

    pub(crate) fn check(&self, found: u64, limit: u64, what: Excess) -> Result<(), InventoryError> {
        if found <= limit {
            return Ok(());
        }
        Err(InventoryError::TooLarge {
            name: self.name.to_owned(),
            what,
            limit,
        })
    }
}

/// Control characters and line breaks become spaces, runs of space one, the ends none.
pub(crate) fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    for letter in text.chars() {
        let is_space = letter.is_whitespace() || letter.is_control() || letter == '\u{feff}';
        if !is_space {
            tidied.push(letter);
        } else if !tidied.is_empty() && !tidied.ends_with(' ') {
            tidied.push(' ');
        }
    }
    tidied.truncate(tidied.trim_end().len());
    hrisov_model::letters::normalise(&tidied)
}
