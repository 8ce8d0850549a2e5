use thiserror::Error;

/// Why an inventory could not be read, or a document not be printed.
#[derive(Debug, Error)]
pub enum InventoryError {
    /// Larger than an inventory can reasonably be, as it is or once unpacked.
    #[error("{name}: more than {limit} {what}: split it, or raise the limit")]
    TooLarge {
        /// The inventory's name as given.
        name: String,
        /// What there is too much of.
        what: Excess,
        /// The bound that was passed.
        limit: u64,
    },
    /// A spreadsheet of a kind that is not read.
    #[error("{name}: {format} is not read: save it as .xlsx or as .csv")]
    Unsupported {
        /// The inventory's name as given.
        name: String,
        /// What it was recognised as.
        format: &'static str,
    },
    /// It says it is an XLSX workbook but cannot be unpacked or understood.
    #[error("{name}: the workbook is damaged: open it, save it again, or save it as .csv")]
    Workbook {
        /// The inventory's name as given.
        name: String,
        /// What the unpacker or the parser said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No row names at least two columns of an inventory.
    #[error(
        "{name}: no header row found: one row must name the columns, such as \
         \"nr. crt.\", \"conținutul pe scurt\", \"date extreme\", \"nr. file\""
    )]
    NoHeader {
        /// The inventory's name as given.
        name: String,
    },
    /// The sheet's code cannot hold the reference.
    #[error("line {line}: the reference is {bytes} bytes long, a sheet's code holds {limit}: shorten it")]
    ReferenceTooLong {
        /// Line of the inventory.
        line: u32,
        /// Length of the reference in UTF-8.
        bytes: usize,
        /// The most that fits.
        limit: usize,
    },
    /// The PDF could not be composed.
    #[error("the PDF could not be composed: {0}")]
    Pdf(String),
    /// The CSV report could not be written.
    #[error("the report could not be written as CSV")]
    Csv(#[from] csv::Error),
}

/// What an inventory can have too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    /// Bytes as received.
    Bytes,
    /// Bytes once the workbook is unpacked.
    UnpackedBytes,
    /// Bytes of text in all cells together.
    TextBytes,
    /// Rows.
    Rows,
    /// Filled cells.
    Cells,
}

impl std::fmt::Display for Excess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::UnpackedBytes => "bytes once unpacked",
            Self::TextBytes => "bytes of text",
            Self::Rows => "rows",
            Self::Cells => "cells",
        })
    }
}
