//! What the paper inventory says of a dossier, for programs.

use hrisov_model::{BoxClosing, InventoryEntry, RetentionTerm};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// The row of the paper inventory.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InventoryEntry)]
pub(crate) struct EntryView {
    /// Current number (nr. crt.).
    number: Option<u32>,
    /// Reference, where the inventory has one beside the number.
    reference: Option<String>,
    /// Code in the records schedule.
    schedule_code: Option<String>,
    /// Title.
    title: Option<String>,
    /// Extreme dates as written.
    dates: Option<String>,
    /// The first of them, as precisely as it is known: 1978, 1978-05 or 1978-05-12.
    first_date: Option<String>,
    /// The last of them.
    last_date: Option<String>,
    /// Number of leaves.
    leaves: Option<u32>,
    /// Whether it is kept for ever; absent where the inventory does not say how long.
    permanent: Option<bool>,
    /// Years that it is kept, where it is not kept for ever.
    retention_years: Option<u16>,
    /// Department that it comes from.
    department: Option<String>,
    /// Remarks.
    remarks: Option<String>,
}

/// That a box takes in nothing more.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BoxClosing)]
pub(crate) struct ClosingView {
    /// When it was closed.
    at: Timestamp,
    /// Who closed it.
    by: Option<String>,
}

impl From<&InventoryEntry> for EntryView {
    fn from(entry: &InventoryEntry) -> Self {
        let entry = entry.clone();
        let dates = entry.extreme_dates;
        let date = |date: Option<hrisov_model::PartialDate>| date.map(|date| date.to_string());
        Self {
            number: entry.number,
            reference: entry.reference,
            schedule_code: entry.schedule_code,
            title: entry.title,
            first_date: date(dates.as_ref().and_then(|dates| dates.first)),
            last_date: date(dates.as_ref().and_then(|dates| dates.last)),
            dates: dates.map(|dates| dates.text),
            leaves: entry.leaves,
            permanent: entry.retention.map(|term| term == RetentionTerm::Permanent),
            retention_years: match entry.retention {
                Some(RetentionTerm::Years(years)) => Some(years),
                _ => None,
            },
            department: entry.department,
            remarks: entry.remarks,
        }
    }
}

impl From<&BoxClosing> for ClosingView {
    fn from(closing: &BoxClosing) -> Self {
        Self {
            at: closing.at,
            by: closing.by.clone(),
        }
    }
}
