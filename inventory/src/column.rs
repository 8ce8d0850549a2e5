//! What columns hold, and every usual way of naming them.

use serde::{Deserialize, Serialize};

use crate::fold::{fold, has_words};

/// What a column of an inventory holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

#[cfg(test)]
#[path = "column/tests.rs"]
mod tests;
