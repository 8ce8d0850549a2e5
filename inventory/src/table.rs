//! From a grid with a known header to rows, and everything around them.

use hrisov_model::{ExtremeDates, InventoryEntry};

use crate::{
    Column, Finding, FindingKind, Heading, Remark, Row, dates,
    fold::{fold, has_words},
    grid::{Grid, GridRow},
    header::{self, Header},
    heading, values,
};

/// What a grid says.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) heading: Heading,
    pub(crate) rows: Vec<Row>,
    pub(crate) closing: Vec<Remark>,
    pub(crate) findings: Vec<Finding>,
}

/// Beginnings or parts of the lines that follow the last dossier, folded.
const CLOSING: [&str; 17] = [
    "prezentul inventar",
    "prezentului inventar",
    "s au preluat",
    "s au predat",
    "au lipsit dosarele",
    "am predat",
    "am primit",
    "am preluat",
    "au fost lasate",
    "intocmit",
    "intocmit de",
    "total",
    "total general",
    "total dosare",
    "total file",
    "semnatura",
    "proces verbal de predare primire",
];

/// Reads everything below the header; what stands above it becomes the heading.
pub(crate) fn read(grid: &Grid, header: &Header) -> Table {
    let mut reader = Reader {
        header,
        table: Table::default(),
        last: Vec::new(),
        is_closing: false,
    };
    for row in &grid.rows[..header.first] {
        reader.heading_line(row);
    }
    let body = &grid.rows[header.first + header.height..];
    for (index, row) in body.iter().enumerate() {
        let is_form = index < 2 && header::is_column_numbers(row);
        if !is_form && !header::is_repeated(row, header) {
            reader.line(row);
        }
    }
    reader.table
}

struct Reader<'a> {
    header: &'a Header,
    table: Table,
    /// The last text of each column, for marks that mean "as above".
    last: Vec<(Column, String)>,
    is_closing: bool,
}

/// What a line below the header is.
enum LineKind {
    Dossier,
    Closing,
    Furniture,
    Section,
    NumberAlone,
    Continuation,
    Unknown,
}

impl Reader<'_> {
    fn line(&mut self, row: &GridRow) {
        match self.kind_of(row) {
            LineKind::Dossier => self.dossier(row),
            LineKind::Closing => {
                self.is_closing = true;
                self.table.closing.push(remark(row));
            }
            LineKind::Furniture => self.table.closing.push(remark(row)),
            LineKind::Section => self.heading_line(row),
            LineKind::NumberAlone => {
                let mut finding = Finding::at(FindingKind::NumberAlone, row.line);
                finding.labels.push(row.text());
                self.table.findings.push(finding);
            }
            LineKind::Continuation => self.continuation(row),
            LineKind::Unknown => {
                let finding = Finding::at(FindingKind::RowNotUnderstood, row.line);
                self.table.findings.push(finding.quoting(&row.text()));
            }
        }
    }

    fn kind_of(&self, row: &GridRow) -> LineKind {
        let has = |column| !self.written(row, column).is_empty();
        let folded = fold(&row.text());
        let number = values::number(self.written(row, Column::Number));
        let known = self
            .header
            .columns
            .iter()
            .filter(|(cell, _)| !row.cell(*cell).is_empty())
            .count();
        let is_numbered_title = number.is_some() && has(Column::Title);
        if is_numbered_title {
            return LineKind::Dossier;
        }
        let is_closing = CLOSING
            .iter()
            .any(|words| folded.starts_with(words) && has_words(&folded, words))
            || has_words(&folded, "prezentul inventar");
        if self.is_closing || is_closing {
            return LineKind::Closing;
        }
        if folded.starts_with("pagina ") || folded.starts_with("pag ") {
            return LineKind::Furniture;
        }
        if row.filled().count() <= 2 && number.is_none() && heading::is_section(&folded) {
            return LineKind::Section;
        }
        let identified = has(Column::Number) || has(Column::Reference);
        let described = [
            Column::ExtremeDates,
            Column::FirstDate,
            Column::Leaves,
            Column::ScheduleCode,
        ];
        match known {
            1 if number.is_some() => LineKind::NumberAlone,
            2.. if identified => LineKind::Dossier,
            1 if has(Column::Reference) && !has(Column::Number) => LineKind::Dossier,
            2.. if has(Column::Title) && described.into_iter().any(has) => LineKind::Dossier,
            1 if has(Column::Title) && !self.table.rows.is_empty() => LineKind::Continuation,
            _ => LineKind::Unknown,
        }
    }

    /// What is written in the row's cell of that column; a dash says nothing.
    fn written<'b>(&self, row: &'b GridRow, column: Column) -> &'b str {
        let text = self.header.cell_of(column).map_or("", |cell| row.cell(cell));
        if values::is_nothing(text) { "" } else { text }
    }

    /// What a cell means: its own text, that of the merged cell it is part of, or that of the row above.
    fn meant(&mut self, row: &GridRow, column: Column) -> Option<String> {
        let cell = self.header.cell_of(column)?;
        let carried = matches!(
            column,
            Column::ScheduleCode
                | Column::ExtremeDates
                | Column::FirstDate
                | Column::LastDate
                | Column::Retention
                | Column::Department
        );
        let above = self.last.iter().position(|(last, _)| *last == column);
        let merged = || {
            row.merged
                .iter()
                .find(|(merged, _)| *merged == cell)
                .map(|(_, text)| text.clone())
        };
        let text = match self.written(row, column) {
            "" if carried => merged()?,
            written if (carried || column == Column::Title) && values::is_ditto(written) => {
                above.map_or_else(|| written.to_owned(), |place| self.last[place].1.clone())
            }
            "" => return None,
            written => written.to_owned(),
        };
        match above {
            Some(place) => self.last[place].1.clone_from(&text),
            None => self.last.push((column, text.clone())),
        }
        Some(text)
    }

    fn dossier(&mut self, row: &GridRow) {
        let written_number = self.written(row, Column::Number).to_owned();
        let mut number = values::number(&written_number);
        let mut reference = self.meant(row, Column::Reference);
        if reference.is_none() && number.is_none() && !written_number.is_empty() {
            // "12 bis" and "12/2" are references that stand in the column of numbers.
            reference = Some(written_number);
        }
        if self.header.cell_of(Column::Number).is_none() {
            number = reference.as_deref().and_then(values::number);
        }
        let retention = self.meant(row, Column::Retention);
        let retention =
            retention.and_then(|text| self.understood(row, Column::Retention, &text, values::retention));
        let leaves = self.meant(row, Column::Leaves);
        let department = self.meant(row, Column::Department);
        let entry = InventoryEntry {
            number,
            reference,
            schedule_code: self.meant(row, Column::ScheduleCode),
            title: self.meant(row, Column::Title),
            extreme_dates: self.extreme_dates(row),
            leaves: leaves.and_then(|text| self.understood(row, Column::Leaves, &text, values::leaves)),
            retention: retention.or(self.table.heading.retention),
            department: department.or_else(|| self.table.heading.department.clone()),
            remarks: self.meant(row, Column::Remarks),
        };
        self.table.rows.push(Row {
            line: row.line,
            entry,
        });
    }

    fn extreme_dates(&mut self, row: &GridRow) -> Option<ExtremeDates> {
        let both = self.meant(row, Column::ExtremeDates);
        let dates = match both {
            Some(text) => dates::parse(&text),
            None => {
                let first = self.meant(row, Column::FirstDate).unwrap_or_default();
                let last = self.meant(row, Column::LastDate).unwrap_or_default();
                let text = [first.as_str(), last.as_str()].join(" – ");
                dates::parse(text.trim_matches([' ', '–']))
            }
        };
        if dates.text.is_empty() {
            return None;
        }
        let says_none = matches!(
            fold(&dates.text).as_str(),
            "f d" | "fd" | "s d" | "fara data" | "nedatat" | "nedatate"
        );
        if dates.first.is_none() && !says_none {
            self.not_understood(row, Column::ExtremeDates, &dates.text.clone());
        }
        Some(dates)
    }

    fn understood<T>(
        &mut self,
        row: &GridRow,
        column: Column,
        text: &str,
        read: fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = read(text);
        if value.is_none() {
            self.not_understood(row, column, text);
        }
        value
    }

    fn not_understood(&mut self, row: &GridRow, column: Column, text: &str) {
        let mut finding = Finding::at(FindingKind::ValueNotUnderstood, row.line).quoting(text);
        finding.column = Some(column);
        self.table.findings.push(finding);
    }

    /// A long title written over several rows, as tables taken from text processors have them.
    fn continuation(&mut self, row: &GridRow) {
        let more = row.text();
        if let Some(last) = self.table.rows.last_mut() {
            let title = last.entry.title.get_or_insert_default();
            if !title.is_empty() {
                title.push(' ');
            }
            title.push_str(&more);
        }
    }

    fn heading_line(&mut self, row: &GridRow) {
        let remark = remark(row);
        if let Some(department) = heading::department(&remark.text) {
            self.table.heading.department = Some(department);
        }
        if let Some(retention) = heading::retention(&remark.text) {
            self.table.heading.retention = Some(retention);
        }
        self.table.heading.lines.push(remark);
    }
}

fn remark(row: &GridRow) -> Remark {
    Remark {
        line: row.line,
        text: row.text(),
    }
}
