//! A reconciliation row by row, for tables and CSV.

use crate::{FindingKind, InventoryError, Language, LeafComparison, Outcome, Reconciliation};

/// One row or one scanned dossier and how it ended; `None` where it has no such thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRow {
    /// Line of the inventory.
    pub line: Option<u32>,
    /// Current number.
    pub number: Option<String>,
    /// Reference.
    pub reference: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Extreme dates as written.
    pub extreme_dates: Option<String>,
    /// Leaves that the inventory says.
    pub leaves: Option<String>,
    /// Name of the scanned folder or file.
    pub folder: Option<String>,
    /// Page images.
    pub pages: Option<String>,
    /// Blank ones among them.
    pub blank_pages: Option<String>,
    /// What kind of finding it is part of; `None` where all agrees.
    pub kind: Option<FindingKind>,
    /// The same in words: the kind's title, or that it agrees.
    pub result: String,
}

const HEADER_RO: [&str; 11] = [
    "rând",
    "nr. crt.",
    "cota",
    "conținutul pe scurt",
    "date extreme",
    "nr. file",
    "dosar scanat",
    "imagini",
    "imagini (aproape) goale",
    "constatare",
    "cod",
];
const HEADER_EN: [&str; 11] = [
    "line",
    "number",
    "reference",
    "title",
    "extreme dates",
    "leaves",
    "scanned as",
    "pages",
    "(nearly) blank pages",
    "result",
    "code",
];

/// Every row of the inventory and every scanned dossier, in the order of the inventory; a match is one row.
#[must_use]
pub fn rows_of(reconciliation: &Reconciliation, language: Language) -> Vec<ReportRow> {
    let mut rows = Vec::with_capacity(reconciliation.outcomes.len());
    for outcome in &reconciliation.outcomes {
        let kind = outcome.kind();
        let result = match (kind, outcome, language) {
            (Some(kind), ..) => kind.title(language),
            (
                None,
                Outcome::Matched {
                    leaves: LeafComparison::NotStated,
                    ..
                },
                Language::Romanian,
            ) => "regăsit, fără număr de file",
            (
                None,
                Outcome::Matched {
                    leaves: LeafComparison::NotStated,
                    ..
                },
                Language::English,
            ) => "found, leaves not stated",
            (None, _, Language::Romanian) => "corespunde",
            (None, _, Language::English) => "agrees",
        };
        let (of_rows, of_dossiers) = (outcome.rows(), outcome.dossiers());
        for place in 0..of_rows.len().max(of_dossiers.len()) {
            // Of what is ambiguous, rows and dossiers stand one below the other: none belongs to the one beside it.
            rows.push(report_row(
                reconciliation,
                of_rows.get(place),
                of_dossiers.get(place),
                kind,
                result,
            ));
        }
    }
    rows
}

/// The rows as CSV with semicolons, in UTF-8 with a mark: what spreadsheets of Romanian offices open as it is.
///
/// # Errors
/// [`InventoryError::Csv`] where a row cannot be written.
pub fn report_csv(reconciliation: &Reconciliation, language: Language) -> Result<Vec<u8>, InventoryError> {
    let mut bytes = "\u{feff}".as_bytes().to_vec();
    let mut csv = csv::WriterBuilder::new().delimiter(b';').from_writer(&mut bytes);
    csv.write_record(match language {
        Language::Romanian => HEADER_RO,
        Language::English => HEADER_EN,
    })?;
    for row in rows_of(reconciliation, language) {
        let text = |text: Option<String>| text.unwrap_or_default();
        csv.write_record([
            text(row.line.map(|line| line.to_string())),
            text(row.number),
            harmless(text(row.reference)),
            harmless(text(row.title)),
            harmless(text(row.extreme_dates)),
            text(row.leaves),
            harmless(text(row.folder)),
            text(row.pages),
            text(row.blank_pages),
            row.result,
            row.kind.map_or("agrees", FindingKind::as_str).to_owned(),
        ])?;
    }
    csv.flush().map_err(csv::Error::from)?;
    drop(csv);
    Ok(bytes)
}

/// Spreadsheets run what begins like a formula: an apostrophe makes it text.
fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t']) {
        format!("'{text}")
    } else {
        text
    }
}

fn report_row(
    reconciliation: &Reconciliation,
    row: Option<&usize>,
    dossier: Option<&usize>,
    kind: Option<FindingKind>,
    result: &str,
) -> ReportRow {
    let row = row.map(|row| &reconciliation.inventory.rows[*row]);
    let entry = row.map(|row| &row.entry);
    let dossier = dossier.map(|dossier| &reconciliation.dossiers[*dossier]);
    ReportRow {
        line: row.map(|row| row.line),
        number: entry
            .and_then(|entry| entry.number)
            .map(|number| number.to_string()),
        reference: entry.and_then(|entry| entry.reference.clone()),
        title: entry.and_then(|entry| entry.title.clone()),
        extreme_dates: entry
            .and_then(|entry| entry.extreme_dates.as_ref())
            .map(|dates| dates.text.clone()),
        leaves: entry
            .and_then(|entry| entry.leaves)
            .map(|leaves| leaves.to_string()),
        folder: dossier.map(|dossier| dossier.reference.clone()),
        pages: dossier.map(|dossier| dossier.images.pages.to_string()),
        blank_pages: dossier.map(|dossier| dossier.images.blank_pages.to_string()),
        kind,
        result: result.to_owned(),
    }
}
