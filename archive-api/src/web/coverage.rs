//! How long ago everything was verified, and what was put back: tables for the auditor.

use hrisov_catalog::{Catalog, RecoveredDossier};
use jiff::Timestamp;

use super::{
    leaf::Way,
    messages::Language,
    results::{dossier_address, dossier_name, shelf},
};
use crate::error::ApiError;

/// Recoveries that are listed.
const RECOVERIES_MAX: u32 = 20;

/// Files that were verified about as long ago.
#[derive(Debug)]
pub(super) struct Age {
    pub(super) label: String,
    pub(super) files: String,
    /// Of all files, from 0 to 100: the width of the bar.
    pub(super) percent: String,
    /// Whether the bar asks for attention.
    pub(super) is_late: bool,
}

/// A dossier of which something was put back.
#[derive(Debug)]
pub(super) struct Recovery {
    pub(super) when: String,
    pub(super) address: String,
    pub(super) dossier: String,
    pub(super) shelf: String,
    pub(super) files: String,
}

/// Every kept file by when it was verified last; nothing of an archive without files.
///
/// # Errors
/// Where the catalog fails.
pub(super) async fn ages(catalog: &Catalog, t: Language) -> Result<Vec<Age>, ApiError> {
    let found = catalog.coverage(Timestamp::now()).await?;
    let rows = [
        ("age-day", found.day, false),
        ("age-week", found.week, false),
        ("age-month", found.month, false),
        ("age-year", found.year, false),
        ("age-older", found.older, true),
        ("age-never", found.never, true),
    ];
    let all: u64 = rows.iter().map(|(_, files, _)| files).sum();
    if all == 0 {
        return Ok(Vec::new());
    }
    let age = |(label, files, is_late): (&str, u64, bool)| Age {
        label: t.say(label),
        files: t.number(files),
        percent: percent(files, all),
        is_late,
    };
    Ok(rows.into_iter().map(age).collect())
}

/// A share of all; what there is is never a bar of no width.
fn percent(files: u64, all: u64) -> String {
    let percent = 100.0 * files as f64 / all.max(1) as f64;
    let least = if files > 0 { 0.5 } else { 0.0 };
    format!("{:.1}", percent.max(least))
}

/// What was put back last.
///
/// # Errors
/// Where the catalog fails.
pub(super) async fn recoveries(catalog: &Catalog, t: Language) -> Result<Vec<Recovery>, ApiError> {
    let recovery = |found: RecoveredDossier| Recovery {
        when: t.time(found.at),
        address: dossier_address(found.id, Way::default()),
        dossier: dossier_name(t, &found.reference, ""),
        shelf: shelf(t, &found.box_name.fonds, &found.box_name.name),
        files: t.count("recovered", found.events),
    };
    let found = catalog.recoveries(RECOVERIES_MAX).await?;
    Ok(found.into_iter().map(recovery).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_of_very_many_has_a_bar() {
        for (files, all, width) in [
            (0, 10, "0.0"),
            (1, 4, "25.0"),
            (1, 1_000_000, "0.5"),
            (10, 10, "100.0"),
        ] {
            assert_eq!(percent(files, all), width, "{files} of {all}");
        }
    }
}
