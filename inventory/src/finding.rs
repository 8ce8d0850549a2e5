//! What a person must look at: each finding has a stable name and a sentence.

use hrisov_model::DossierId;
use serde::{Deserialize, Serialize};

use crate::{
    Column, LeafRange,
    words::{leaves_in_romanian, pictures_in_romanian},
};

/// Language of a sentence for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Romanian.
    Romanian,
    /// English.
    English,
}

impl Language {
    /// Its code (BCP 47).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Romanian => "ro",
            Self::English => "en",
        }
    }
}

/// What kind of doubt or difference a finding is; the names stay the same from version to version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// In the inventory, not among the scans.
    Missing,
    /// Among the scans, not in the inventory.
    Unexpected,
    /// The scans cannot come from as many leaves as the inventory says.
    LeavesDiffer,
    /// Several rows and several scans, or one row and several scans, could belong together.
    Ambiguous,
    /// Several rows of the inventory mean the same dossier.
    DuplicateRows,
    /// A row with neither number nor reference: nothing says which dossier it means.
    RowWithoutReference,
    /// A row that has a number and nothing else; it is not counted as a dossier.
    NumberAlone,
    /// A line between the rows that is neither a dossier nor anything else that is known.
    RowNotUnderstood,
    /// A cell whose value could not be understood; the row is kept without it.
    ValueNotUnderstood,
}

impl FindingKind {
    /// Every kind, in the order of reports.
    pub const ALL: [Self; 9] = [
        Self::Missing,
        Self::Unexpected,
        Self::LeavesDiffer,
        Self::Ambiguous,
        Self::DuplicateRows,
        Self::RowWithoutReference,
        Self::NumberAlone,
        Self::RowNotUnderstood,
        Self::ValueNotUnderstood,
    ];

    /// Its stable name for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Unexpected => "unexpected",
            Self::LeavesDiffer => "leaves_differ",
            Self::Ambiguous => "ambiguous",
            Self::DuplicateRows => "duplicate_rows",
            Self::RowWithoutReference => "row_without_reference",
            Self::NumberAlone => "number_alone",
            Self::RowNotUnderstood => "row_not_understood",
            Self::ValueNotUnderstood => "value_not_understood",
        }
    }

    /// A heading of two or three words.
    #[must_use]
    pub const fn title(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Missing, Language::Romanian) => "lipsă la scanare",
            (Self::Missing, Language::English) => "missing",
            (Self::Unexpected, Language::Romanian) => "în plus față de inventar",
            (Self::Unexpected, Language::English) => "not in the inventory",
            (Self::LeavesDiffer, Language::Romanian) => "alt număr de file",
            (Self::LeavesDiffer, Language::English) => "leaf count differs",
            (Self::Ambiguous, Language::Romanian) => "potrivire nesigură",
            (Self::Ambiguous, Language::English) => "ambiguous match",
            (Self::DuplicateRows, Language::Romanian) => "rânduri repetate",
            (Self::DuplicateRows, Language::English) => "repeated rows",
            (Self::RowWithoutReference, Language::Romanian) => "rând fără număr",
            (Self::RowWithoutReference, Language::English) => "row without number",
            (Self::NumberAlone, Language::Romanian) => "număr fără dosar",
            (Self::NumberAlone, Language::English) => "number alone",
            (Self::RowNotUnderstood, Language::Romanian) => "rând neînțeles",
            (Self::RowNotUnderstood, Language::English) => "row not understood",
            (Self::ValueNotUnderstood, Language::Romanian) => "valoare neînțeleasă",
            (Self::ValueNotUnderstood, Language::English) => "value not understood",
        }
    }
}

/// One doubt or difference and everything that a person needs to settle it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What kind it is.
    pub kind: FindingKind,
    /// Lines of the inventory that it is about, from 1.
    pub lines: Vec<u32>,
    /// What those rows call their dossiers, where they do.
    pub labels: Vec<String>,
    /// Scanned dossiers that it is about.
    pub dossiers: Vec<DossierId>,
    /// Their folders' names.
    pub folders: Vec<String>,
    /// The column, for a value that was not understood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<Column>,
    /// What stands there, cut where it is long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The counts, where they differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaves: Option<LeafCounts>,
}

/// The two counts of a dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeafCounts {
    /// Leaves that the inventory says.
    pub inventory: u32,
    /// Leaves that the scans can come from.
    pub scanned: LeafRange,
    /// Page images.
    pub pages: u32,
    /// How many of them show nothing or next to nothing.
    pub blank_pages: u32,
}

/// Longest text quoted in a finding, in characters.
const MAX_QUOTED: usize = 80;

impl Finding {
    /// A finding about lines of the inventory, with nothing else said yet.
    pub(crate) fn at(kind: FindingKind, line: u32) -> Self {
        Self {
            kind,
            lines: vec![line],
            labels: Vec::new(),
            dossiers: Vec::new(),
            folders: Vec::new(),
            column: None,
            text: None,
            leaves: None,
        }
    }

    pub(crate) fn quoting(mut self, text: &str) -> Self {
        let cut: String = text.chars().take(MAX_QUOTED).collect();
        let mark = if cut.len() < text.len() { "…" } else { "" };
        self.text = Some(cut + mark);
        self
    }

    /// One sentence, lower case, without a full stop.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        match language {
            Language::Romanian => self.in_romanian(),
            Language::English => self.in_english(),
        }
    }

    fn in_romanian(&self) -> String {
        let lines = listed(&self.lines, "rândul ", "rândurile ", " și ");
        let text = self.text.as_deref().unwrap_or_default();
        let dossier = self.labels.first().map(String::as_str).unwrap_or_default();
        let folders = self.quoted_folders();
        match self.kind {
            FindingKind::Missing => format!("dosarul {dossier} ({lines}) nu se află printre cele scanate"),
            FindingKind::Unexpected => format!("dosarul scanat {folders} nu este în inventar"),
            FindingKind::LeavesDiffer => {
                let counts = self.leaves.map(LeafCounts::in_romanian).unwrap_or_default();
                format!("dosarul {dossier} ({lines}), scanat {folders}: {counts}")
            }
            FindingKind::Ambiguous => {
                format!("nu se poate hotărî ce dosar scanat aparține de {lines}: {folders}")
            }
            FindingKind::DuplicateRows if folders.is_empty() => {
                format!(
                    "dosarul {dossier} este trecut de mai multe ori în inventar ({lines}) și nu a fost scanat"
                )
            }
            FindingKind::DuplicateRows => {
                format!(
                    "dosarul {dossier} este trecut de mai multe ori în inventar ({lines}); scanat: {folders}"
                )
            }
            FindingKind::RowWithoutReference => format!("{lines} nu are nici număr, nici cotă"),
            FindingKind::NumberAlone => {
                format!("{lines} are doar numărul {dossier}, fără alte date: nu a fost socotit dosar")
            }
            FindingKind::RowNotUnderstood => format!("{lines} nu a putut fi înțeles: „{text}”"),
            FindingKind::ValueNotUnderstood => {
                let column = self.column.map(Column::in_romanian).unwrap_or_default();
                format!("{lines}, rubrica „{column}”: „{text}” nu a putut fi înțeles")
            }
        }
    }

    fn in_english(&self) -> String {
        let lines = listed(&self.lines, "line ", "lines ", " and ");
        let text = self.text.as_deref().unwrap_or_default();
        let dossier = self.labels.first().map(String::as_str).unwrap_or_default();
        let folders = self.quoted_folders();
        match self.kind {
            FindingKind::Missing => format!("dossier {dossier} ({lines}) is not among the scans"),
            FindingKind::Unexpected => format!("the scanned dossier {folders} is not in the inventory"),
            FindingKind::LeavesDiffer => {
                let counts = self.leaves.map(LeafCounts::in_english).unwrap_or_default();
                format!("dossier {dossier} ({lines}), scanned as {folders}: {counts}")
            }
            FindingKind::Ambiguous => {
                format!("it cannot be decided which scanned dossier belongs to {lines}: {folders}")
            }
            FindingKind::DuplicateRows if folders.is_empty() => {
                format!(
                    "dossier {dossier} stands several times in the inventory ({lines}) and was not scanned"
                )
            }
            FindingKind::DuplicateRows => {
                format!(
                    "dossier {dossier} stands several times in the inventory ({lines}); scanned: {folders}"
                )
            }
            FindingKind::RowWithoutReference => format!("{lines} has neither number nor reference"),
            FindingKind::NumberAlone => {
                format!("{lines} has the number {dossier} and nothing else: it is not counted as a dossier")
            }
            FindingKind::RowNotUnderstood => format!("{lines} could not be understood: \"{text}\""),
            FindingKind::ValueNotUnderstood => {
                let column = self.column.map(Column::in_english).unwrap_or_default();
                format!("{lines}, column \"{column}\": \"{text}\" could not be understood")
            }
        }
    }

    fn quoted_folders(&self) -> String {
        let quoted: Vec<String> = self.folders.iter().map(|folder| format!("„{folder}”")).collect();
        quoted.join(", ")
    }
}

impl LeafCounts {
    fn in_romanian(self) -> String {
        let LeafRange { least, most } = self.scanned;
        let scanned = match most {
            _ if least == most => leaves_in_romanian(most),
            _ => format!("între {least} și {}", leaves_in_romanian(most)),
        };
        let blank = match self.blank_pages {
            0 => String::new(),
            1 => ", una (aproape) goală".to_owned(),
            many => format!(", {many} (aproape) goale"),
        };
        let pictures = pictures_in_romanian(self.pages);
        let written = leaves_in_romanian(self.inventory);
        format!("inventarul are {written}, scanarea {scanned} ({pictures}{blank})")
    }

    fn in_english(self) -> String {
        let LeafRange { least, most } = self.scanned;
        let scanned = if least == most {
            most.to_string()
        } else {
            format!("{least} to {most}")
        };
        let Self {
            inventory,
            pages,
            blank_pages,
            ..
        } = self;
        let blank = if blank_pages == 0 {
            String::new()
        } else {
            format!(", {blank_pages} (nearly) blank")
        };
        format!("the inventory says {inventory} leaves, the scans {scanned} ({pages} pictures{blank})")
    }
}

/// `rândul 3`, `rândurile 3, 5 și 8`.
fn listed(lines: &[u32], one: &str, several: &str, and: &str) -> String {
    let lines: Vec<String> = lines.iter().map(u32::to_string).collect();
    match lines.as_slice() {
        [] => String::new(),
        [only] => format!("{one}{only}"),
        [first @ .., last] => format!("{several}{}{and}{last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_read_back_as_they_were_kept() {
        let plain = Finding::at(FindingKind::ValueNotUnderstood, 4).quoting("doisprezece");
        let counts = LeafCounts {
            inventory: 12,
            scanned: LeafRange { least: 3, most: 5 },
            pages: 5,
            blank_pages: 0,
        };
        for finding in [
            Finding {
                column: Some(Column::ScheduleCode),
                ..plain.clone()
            },
            Finding {
                kind: FindingKind::LeavesDiffer,
                dossiers: vec![DossierId::random()],
                folders: vec!["4".to_owned()],
                labels: vec!["4".to_owned()],
                leaves: Some(counts),
                ..plain
            },
        ] {
            let json = serde_json::to_value(&finding).unwrap();
            assert_eq!(serde_json::from_value::<Finding>(json).unwrap(), finding);
        }
        for kind in FindingKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
