//! The inventory as read, row by row.

use hrisov_model::{InventoryEntry, RetentionTerm};

use crate::{Column, Finding};

/// A paper inventory: its rows, what stands around them, and what could not be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperInventory {
    /// Its name as given, for messages.
    pub name: String,
    /// How it was written.
    pub source: Source,
    /// What each column was taken for, from left to right.
    pub columns: Vec<Column>,
    /// Names of the columns that were not read.
    pub unread_columns: Vec<String>,
    /// What the lines above the table say of all its dossiers.
    pub heading: Heading,
    /// One for each dossier, in the order of the inventory.
    pub rows: Vec<Row>,
    /// Closing formula, signatures, totals: lines of the table that are not dossiers.
    pub closing: Vec<Remark>,
    /// Rows and cells that could not be understood, by line.
    pub findings: Vec<Finding>,
}

/// What an inventory was written as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A text file.
    Delimited {
        /// The encoding's name as the WHATWG spells it, such as `windows-1250`.
        encoding: &'static str,
        /// What separates its cells.
        delimiter: char,
    },
    /// An XLSX workbook.
    Workbook {
        /// The sheet that holds the inventory.
        sheet: String,
    },
}

/// What stands above the table: the legal form has these there when they are the same for all rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heading {
    /// The lines as they are.
    pub lines: Vec<Remark>,
    /// Department, given to rows that name none.
    pub department: Option<String>,
    /// Retention term, given to rows that name none.
    pub retention: Option<RetentionTerm>,
}

/// A line that is not a dossier's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Line of the text file or row of the sheet, from 1.
    pub line: u32,
    /// Its cells, joined by spaces.
    pub text: String,
}

/// What the inventory says of one dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Line of the text file or row of the sheet, from 1.
    pub line: u32,
    /// Its cells; department and retention term also from the heading or from a line between the rows.
    pub entry: InventoryEntry,
}

impl Row {
    /// What the dossier is called: its reference, else its number; `None` where it has neither.
    #[must_use]
    pub fn label(&self) -> Option<String> {
        let number = || self.entry.number.map(|number| number.to_string());
        self.entry.reference.clone().or_else(number)
    }
}
