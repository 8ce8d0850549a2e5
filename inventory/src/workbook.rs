//! XLSX workbooks: checked for bombs, then read cell by cell.

use std::{
    collections::BTreeMap,
    io::{BufReader, Cursor, Read as _},
};

use calamine::{DataRef, Dimensions, Reader as _, SheetVisible, Xlsx, XlsxError};
use quick_xml::events::Event;
use zip::ZipArchive;

use crate::{
    Excess, InventoryError, Limits,
    grid::{Grid, GridRow, Meter, tidy},
    header,
};

/// Cells further right are no inventory's.
const MAX_COLUMNS: u32 = 200;
/// Rows of a merged cell to which its text is carried.
const MAX_MERGED_ROWS: u32 = 2_000;

/// The grid of the sheet that holds an inventory, and the sheet's name.
pub(crate) fn read(bytes: &[u8], name: &str, limits: Limits) -> Result<(Grid, String), InventoryError> {
    check_unpacked(bytes, name, limits)?;
    let damaged = |error: XlsxError| damaged(name, error);
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let sheets: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    // One meter for all sheets: a workbook of many is bounded as a whole.
    let mut meter = Meter::new(name, limits);
    let mut best: Option<(usize, Grid, String)> = None;
    for sheet in sheets {
        let grid = match read_sheet(&mut workbook, &sheet, &mut meter)? {
            Some(grid) => grid,
            None => continue,
        };
        let named = header::find(&grid.rows).map_or(0, |header| header.columns.len());
        if best.as_ref().is_none_or(|(most, ..)| named > *most) {
            best = Some((named, grid, sheet));
        }
    }
    let (_, grid, sheet) = best.ok_or_else(|| InventoryError::NoHeader {
        name: name.to_owned(),
    })?;
    Ok((grid, sheet))
}

fn damaged(name: &str, error: impl std::error::Error + Send + Sync + 'static) -> InventoryError {
    InventoryError::Workbook {
        name: name.to_owned(),
        source: Box::new(error),
    }
}

/// Unpacks every part into nothing and counts: sizes that a ZIP declares need not be true.
fn check_unpacked(bytes: &[u8], name: &str, limits: Limits) -> Result<(), InventoryError> {
    let meter = Meter::new(name, limits);
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(name, error))?;
    let mut unpacked = 0;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|error| damaged(name, error))?;
        let is_strings = part
            .name()
            .is_ok_and(|name| name.to_ascii_lowercase().ends_with("sharedstrings.xml"));
        let room = limits.unpacked_bytes - unpacked;
        let mut part = part.take(room + 1);
        unpacked += if is_strings {
            let mut content = Vec::new();
            part.read_to_end(&mut content)
                .map_err(|error| damaged(name, error))?;
            check_declared_strings(&content, &meter, limits)?;
            content.len() as u64
        } else {
            std::io::copy(&mut part, &mut std::io::sink()).map_err(|error| damaged(name, error))?
        };
        meter.check(unpacked, limits.unpacked_bytes, Excess::UnpackedBytes)?;
    }
    Ok(())
}

/// The table of strings declares its length, and the parser makes room for as many before it reads one.
fn check_declared_strings(content: &[u8], meter: &Meter<'_>, limits: Limits) -> Result<(), InventoryError> {
    let mut reader = quick_xml::Reader::from_reader(BufReader::new(content));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element) | Event::Empty(element)) => {
                let mut attributes = element.attributes();
                let declared = attributes
                    .with_checks(false)
                    .flatten()
                    .filter(|attribute| attribute.key.as_ref().ends_with("ount"))
                    .filter_map(|attribute| attribute.value.trim().parse::<u64>().ok());
                // Each string takes at least an element of its own.
                for declared in declared {
                    meter.check(declared, limits.cells.saturating_mul(2), Excess::Cells)?;
                }
                if element.local_name().as_ref() == "si" {
                    return Ok(());
                }
            }
            Ok(Event::Eof) | Err(_) => return Ok(()),
            Ok(_) => {}
        }
    }
}

/// All filled cells of a sheet; `None` where it is a chart or another thing without cells.
fn read_sheet(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    sheet: &str,
    meter: &mut Meter<'_>,
) -> Result<Option<Grid>, InventoryError> {
    let mut rows: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let mut cells = match workbook.worksheet_cells_reader(sheet) {
        Ok(cells) => cells,
        Err(XlsxError::NotAWorksheet(_)) => return Ok(None),
        Err(error) => return Err(damaged(meter.name(), error)),
    };
    while let Some(cell) = cells.next_cell().map_err(|error| damaged(meter.name(), error))? {
        let (row, column) = cell.get_position();
        if column >= MAX_COLUMNS {
            continue;
        }
        let text = text_of(cell.get_value(), meter)?;
        if text.is_empty() {
            continue;
        }
        if !rows.contains_key(&row) {
            meter.row()?;
        }
        let cells = rows.entry(row).or_default();
        let column = column as usize;
        if cells.len() <= column {
            cells.resize(column + 1, String::new());
        }
        cells[column] = text;
    }
    drop(cells);
    let merges = workbook.merge_cells_by_sheet_name(sheet).unwrap_or_default();
    Ok(Some(grid(rows, &merges)))
}

fn grid(rows: BTreeMap<u32, Vec<String>>, merges: &[Dimensions]) -> Grid {
    let rows = rows
        .into_iter()
        .map(|(row, cells)| GridRow {
            line: row.saturating_add(1),
            cells,
            merged: Vec::new(),
        })
        .collect();
    let mut grid = Grid { rows };
    for merge in merges {
        carry_down(&mut grid, *merge);
    }
    grid
}

/// Gives the rows of a cell merged downwards its text.
fn carry_down(grid: &mut Grid, merge: Dimensions) {
    let ((first, column), (last, _)) = (merge.start, merge.end);
    let column = column as usize;
    let Ok(top) = grid
        .rows
        .binary_search_by_key(&(first.saturating_add(1)), |row| row.line)
    else {
        return;
    };
    let text = grid.rows[top].cell(column).to_owned();
    if text.is_empty() || last.saturating_sub(first) > MAX_MERGED_ROWS {
        return;
    }
    let below = grid.rows[top + 1..]
        .iter_mut()
        .take_while(|row| row.line <= last.saturating_add(1));
    for row in below {
        row.merged.push((column, text.clone()));
    }
}

/// A cell as a person would type it: whole numbers without ".0", dates with points.
fn text_of(value: &DataRef<'_>, meter: &mut Meter<'_>) -> Result<String, InventoryError> {
    let text = match value {
        DataRef::String(text) => {
            meter.cell(text)?;
            tidy(text)
        }
        DataRef::SharedString(text) => {
            meter.cell(text)?;
            tidy(text)
        }
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::DateTime(time) if time.is_datetime() => {
            let (year, month, day, ..) = time.to_ymd_hms_milli();
            format!("{day:02}.{month:02}.{year}")
        }
        DataRef::DateTime(time) => time.as_f64().to_string(),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            tidy(text.split('T').next().unwrap_or(text))
        }
        // `#REF!` and the like stand for nothing that was written.
        DataRef::Error(_) | DataRef::Empty => String::new(),
    };
    if !matches!(value, DataRef::String(_) | DataRef::SharedString(_)) {
        meter.cell(&text)?;
    }
    Ok(text)
}
