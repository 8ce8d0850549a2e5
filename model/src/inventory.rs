//! A row of the legal inventory (*inventar*, annex of Legea 16/1996): what paper says of a dossier.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the inventory says of one dossier; `None` where its cell is empty or could not be understood.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryEntry {
    /// Current number (*nr. crt.*), from 1.
    pub number: Option<u32>,
    /// Reference (*cota*, *nr. dosar*) where the inventory has one beside the current number.
    pub reference: Option<String>,
    /// Code in the records schedule (*indicativ după nomenclatorul arhivistic*).
    pub schedule_code: Option<String>,
    /// Title (*conținutul pe scurt*).
    pub title: Option<String>,
    /// First and last date of what lies in it (*date extreme*).
    pub extreme_dates: Option<ExtremeDates>,
    /// Number of leaves (*număr file*).
    pub leaves: Option<u32>,
    /// Retention term (*termen de păstrare*).
    pub retention: Option<RetentionTerm>,
    /// Department (*compartiment*): ISAD(G) series.
    pub department: Option<String>,
    /// Remarks (*observații*).
    pub remarks: Option<String>,
}

/// Extreme dates as written and as understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtremeDates {
    /// As the inventory has them, spaces tidied.
    pub text: String,
    /// The earliest; `None` where the text was not understood.
    pub first: Option<PartialDate>,
    /// The latest; the same as `first` where only one is written.
    pub last: Option<PartialDate>,
}

/// A date of which perhaps only the year or the month is known; ordered as time, unknown parts first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PartialDate {
    /// Year of our era.
    pub year: u16,
    /// 1 to 12.
    pub month: Option<u8>,
    /// 1 to 31; only with a month.
    pub day: Option<u8>,
}

/// How long a dossier is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetentionTerm {
    /// For ever (*permanent*).
    Permanent,
    /// That many years after the one in which it was closed.
    Years(u16),
}

impl fmt::Display for PartialDate {
    /// ISO 8601 at the precision that is known: `1978`, `1978-05` or `1978-05-12`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if let Some(month) = self.month {
            write!(f, "-{month:02}")?;
            if let Some(day) = self.day {
                write!(f, "-{day:02}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_precisely_as_they_are_known() {
        for (year, month, day, written) in [
            (1978, None, None, "1978"),
            (1978, Some(5), None, "1978-05"),
            (978, Some(12), Some(3), "0978-12-03"),
        ] {
            assert_eq!(PartialDate { year, month, day }.to_string(), written);
        }
    }
}
