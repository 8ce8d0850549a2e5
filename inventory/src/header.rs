//! Which row names the columns, and what each of them holds.

use crate::{
    fold::{fold, has_words, whole_number},
    grid::GridRow,
};

/// What a column of an inventory holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// Current number (*nr. crt.*).
    Number,
    /// Reference (*cota*, *nr. dosar*).
    Reference,
    /// Code in the records schedule (*indicativ*).
    ScheduleCode,
    /// Title (*conținutul pe scurt*).
    Title,
    /// Both extreme dates (*date extreme*).
    ExtremeDates,
    /// The first of them alone (*de la*).
    FirstDate,
    /// The last of them alone (*până la*).
    LastDate,
    /// Leaves (*nr. file*).
    Leaves,
    /// Retention term (*termen de păstrare*).
    Retention,
    /// Department (*compartiment*).
    Department,
    /// Remarks (*observații*).
    Remarks,
}

impl Column {
    /// Its stable name for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Reference => "reference",
            Self::ScheduleCode => "schedule_code",
            Self::Title => "title",
            Self::ExtremeDates => "extreme_dates",
            Self::FirstDate => "first_date",
            Self::LastDate => "last_date",
            Self::Leaves => "leaves",
            Self::Retention => "retention",
            Self::Department => "department",
            Self::Remarks => "remarks",
        }
    }

    /// Its name in Romanian, as in "rubrica …".
    #[must_use]
    pub const fn in_romanian(self) -> &'static str {
        match self {
            Self::Number => "nr. crt.",
            Self::Reference => "cota",
            Self::ScheduleCode => "indicativ",
            Self::Title => "conținutul pe scurt",
            Self::ExtremeDates => "date extreme",
            Self::FirstDate => "prima dată",
            Self::LastDate => "ultima dată",
            Self::Leaves => "nr. file",
            Self::Retention => "termen de păstrare",
            Self::Department => "compartiment",
            Self::Remarks => "observații",
        }
    }

    /// Its name in English.
    #[must_use]
    pub const fn in_english(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Reference => "reference",
            Self::ScheduleCode => "schedule code",
            Self::Title => "title",
            Self::ExtremeDates => "extreme dates",
            Self::FirstDate => "first date",
            Self::LastDate => "last date",
            Self::Leaves => "leaves",
            Self::Retention => "retention term",
            Self::Department => "department",
            Self::Remarks => "remarks",
        }
    }
}

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

/// Whole names, folded.
const NAMES: [(Column, &[&str]); 11] = [
    (
        Column::Number,
        &[
            "nr",
            "nr crt",
            "nrcrt",
            "crt",
            "nr curent",
            "numar curent",
            "numarul curent",
            "numar crt",
            "nr ord",
            "nr de ordine",
            "numar de ordine",
            "nr ordine",
            "poz",
            "pozitia",
            "nr poz",
            "no",
            "number",
            "item",
            "item no",
            "item number",
            "current number",
            "serial number",
            "row",
            "nr c",
            "nc",
            "nr crt dosar",
            "nr crt al dosarului",
        ],
    ),
    (
        Column::Reference,
        &[
            "cota",
            "cota dosar",
            "cota dosarului",
            "cota arhivistica",
            "referinta",
            "cod de referinta",
            "reference",
            "reference code",
            "ref",
            "nr dosar",
            "nr dosarului",
            "nr dosarelor",
            "numar dosar",
            "numarul dosarului",
            "nr dos",
            "dosar",
            "dosar nr",
            "dosarul",
            "dosarul nr",
            "nr unitate",
            "nr unitatii",
            "u a",
            "ua",
            "nr u a",
            "nr ua",
            "unitatea arhivistica",
            "unitate arhivistica",
            "nr unitatii arhivistice",
            "numarul unitatii arhivistice",
            "file no",
            "file number",
            "dossier",
            "dossier no",
            "dossier number",
            "dossier reference",
            "folder",
            "folder no",
            "cod dosar",
            "codul dosarului",
            "cod de bare",
            "barcode",
            "identificator",
            "nr vechi dosar",
        ],
    ),
    (
        Column::ScheduleCode,
        &[
            "schedule code",
            "classification",
            "classification code",
            "simbol",
            "simbolul",
            "records schedule code",
            "class",
            "ind",
            "indic",
        ],
    ),
    (
        Column::Title,
        &[
            "titlu",
            "titlul",
            "title",
            "titlul dosarului",
            "titlu dosar",
            "denumire",
            "denumirea",
            "denumire dosar",
            "denumirea dosarului",
            "descriere",
            "descrierea",
            "description",
            "contents",
            "content",
            "subject",
            "obiect",
            "obiectul",
            "problema",
            "dossier title",
            "file title",
            "summary",
        ],
    ),
    (
        Column::ExtremeDates,
        &[
            "perioada",
            "an",
            "anul",
            "anii",
            "ani",
            "datele",
            "data",
            "date",
            "dates",
            "date range",
            "year",
            "years",
            "anul anii",
            "an extrem",
            "covering dates",
            "period",
            "perioada acoperita",
            "anul creari",
            "data datele",
        ],
    ),
    (
        Column::FirstDate,
        &[
            "de la",
            "data inceput",
            "data de inceput",
            "data inceperii",
            "data deschiderii",
            "prima data",
            "data primului document",
            "an inceput",
            "from",
            "start",
            "start date",
            "first date",
            "date from",
        ],
    ),
    (
        Column::LastDate,
        &[
            "pana la",
            "data sfarsit",
            "data de sfarsit",
            "data incheierii",
            "data inchiderii",
            "ultima data",
            "data ultimului document",
            "an sfarsit",
            "to",
            "end",
            "end date",
            "last date",
            "date to",
        ],
    ),
    (
        Column::Leaves,
        &[
            "file",
            "filele",
            "nr f",
            "nr fila",
            "foi",
            "leaves",
            "folios",
            "number of leaves",
            "no of leaves",
            "number of folios",
            "leaf count",
            "f",
            "extent",
        ],
    ),
    (
        Column::Retention,
        &[
            "termen",
            "termenul",
            "tp",
            "t p",
            "retention",
            "retention term",
            "retention period",
            "ani pastrare",
            "clasa de termen",
            "term",
        ],
    ),
    (
        Column::Department,
        &[
            "compartiment",
            "compartimentul",
            "serviciul",
            "serviciu",
            "birou",
            "biroul",
            "directia",
            "directie",
            "departament",
            "departamentul",
            "sectia",
            "structura",
            "department",
            "series",
            "serie",
            "seria",
        ],
    ),
    (
        Column::Remarks,
        &[
            "obs", "observ", "mentiuni", "mentiune", "remarks", "remark", "notes", "note", "comments",
        ],
    ),
];

/// Words that say it wherever they stand in a name; letters lost to a wrong encoding leave gaps in words,
/// so that each list has a part without diacritics.
const WORDS: [(Column, &[&str]); 9] = [
    (
        Column::Retention,
        &["termen", "termenul", "pastrare", "retention"],
    ),
    (
        Column::ScheduleCode,
        &[
            "indicativ",
            "indicativul",
            "nomenclator",
            "nomenclatorul",
            "nomenclatorului",
        ],
    ),
    (
        Column::ExtremeDates,
        &["extreme", "extremele", "extremi", "anul extrem", "anii extremi"],
    ),
    (
        Column::Leaves,
        &[
            "nr file",
            "nr filelor",
            "nr de file",
            "numar file",
            "numar de file",
            "numarul filelor",
            "numarul de file",
            "numarul de filelor",
            "total file",
            "nr foi",
            "nr de foi",
            "numar foi",
            "numarul foilor",
        ],
    ),
    (
        Column::Title,
        &["pe scurt", "continut", "continutul", "cuprins", "cuprinsul"],
    ),
    (
        Column::Remarks,
        &["observatii", "observatiile", "observatie", "observa ii"],
    ),
    (
        Column::Department,
        &["compartiment", "compartimentul", "compartimentului", "department"],
    ),
    (Column::Number, &["nr crt", "numar curent", "numarul curent"]),
    (Column::Reference, &["cota", "reference"]),
];

/// What a column of that name holds.
pub(crate) fn column_of(name: &str) -> Option<Column> {
    let folded = fold(name);
    let named = NAMES.iter().find(|(_, names)| names.contains(&folded.as_str()));
    let told = || {
        WORDS
            .iter()
            .find(|(_, words)| words.iter().any(|words| has_words(&folded, words)))
    };
    named
        .map(|(column, _)| *column)
        .or_else(|| told().map(|(column, _)| *column))
}

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
        match column_of(&name).or_else(|| column_of(&parts.join(" "))) {
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
