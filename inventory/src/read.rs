//! From bytes to an inventory.

use crate::{
    Column, Excess, InventoryError, Limits, PaperInventory, Source, delimited, grid::Meter, header, table,
    workbook,
};

/// Reads an inventory, a CSV of any delimiter and encoding or an XLSX workbook, told apart by content.
///
/// `name` is for messages only.
///
/// # Errors
/// As [`read_within`], with [`Limits::default`].
pub fn read(bytes: &[u8], name: &str) -> Result<PaperInventory, InventoryError> {
    read_within(bytes, name, Limits::default())
}

/// Reads an inventory under limits of one's own.
///
/// # Errors
/// Where it passes the limits, is a spreadsheet of another kind, a damaged workbook, or has no header row. A row
/// that cannot be understood is no error but one of [`PaperInventory::findings`].
pub fn read_within(bytes: &[u8], name: &str, limits: Limits) -> Result<PaperInventory, InventoryError> {
    Meter::new(name, limits).check(bytes.len() as u64, limits.bytes, Excess::Bytes)?;
    if let Some(format) = unsupported(bytes) {
        return Err(InventoryError::Unsupported {
            name: name.to_owned(),
            format,
        });
    }
    let (grid, source) = if bytes.starts_with(b"PK\x03\x04") {
        let (grid, sheet) = workbook::read(bytes, name, limits)?;
        (grid, Source::Workbook { sheet })
    } else {
        let read = delimited::read(bytes, name, limits)?;
        (
            read.grid,
            Source::Delimited {
                encoding: read.encoding,
                delimiter: read.delimiter,
            },
        )
    };
    let header = header::find(&grid.rows).ok_or_else(|| InventoryError::NoHeader {
        name: name.to_owned(),
    })?;
    let table = table::read(&grid, &header);
    Ok(PaperInventory {
        name: name.to_owned(),
        source,
        columns: header
            .columns
            .iter()
            .map(|(_, column)| *column)
            .collect::<Vec<Column>>(),
        unread_columns: header.unknown,
        heading: table.heading,
        rows: table.rows,
        closing: table.closing,
        findings: table.findings,
    })
}

/// What a spreadsheet or document of another kind is, by its first bytes.
fn unsupported(bytes: &[u8]) -> Option<&'static str> {
    const MIMETYPE_OFFSET: usize = 30;
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Some("an old Excel or Word file, or one with a password,");
    }
    if bytes.starts_with(b"%PDF-") {
        return Some("a PDF");
    }
    if bytes.starts_with(b"{\\rtf") {
        return Some("an RTF document");
    }
    let packed = bytes
        .starts_with(b"PK\x03\x04")
        .then(|| bytes.get(MIMETYPE_OFFSET..))
        .flatten()?;
    packed
        .starts_with(b"mimetypeapplication/vnd.oasis.opendocument")
        .then_some("an OpenDocument file")
}
