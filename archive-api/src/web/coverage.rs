//! How long ago everything was verified, what was found over the years, and what was put back: tables for the auditor.

use std::collections::BTreeSet;

use hrisov_catalog::{BoxName, Catalog, FixityChange, RecoveredDossier};
use hrisov_model::DossierId;
use jiff::Timestamp;
use serde_json::Value;

use super::{
    leaf::Way,
    messages::Language,
    results::{dossier_address, dossier_name, shelf},
};
use crate::error::ApiError;

/// Findings, and recoveries, that are listed.
const LISTED_MAX: u32 = 20;

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

/// What happened to a dossier: something was found in it, nothing any more, or something was put back.
#[derive(Debug)]
pub(super) struct Happened {
    pub(super) when: String,
    pub(super) address: String,
    pub(super) dossier: String,
    pub(super) shelf: String,
    pub(super) what: String,
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
pub(super) async fn recoveries(catalog: &Catalog, t: Language) -> Result<Vec<Happened>, ApiError> {
    let recovery = |found: RecoveredDossier| {
        let what = t.count("recovered", found.events);
        happened(t, found.at, found.id, &found.box_name, &found.reference, what)
    };
    let found = catalog.recoveries(LISTED_MAX).await?;
    Ok(found.into_iter().map(recovery).collect())
}

/// What verifications found that the ones before them had not.
///
/// # Errors
/// Where the catalog fails.
pub(super) async fn findings(catalog: &Catalog, t: Language) -> Result<Vec<Happened>, ApiError> {
    let change = |found: FixityChange| {
        let what = described(&found.findings, t);
        happened(t, found.at, found.id, &found.box_name, &found.reference, what)
    };
    let found = catalog.fixity_changes(LISTED_MAX).await?;
    Ok(found.into_iter().map(change).collect())
}

fn happened(
    t: Language,
    at: Timestamp,
    id: DossierId,
    box_name: &BoxName,
    reference: &str,
    what: String,
) -> Happened {
    Happened {
        when: t.time(at),
        address: dossier_address(id, Way::default()),
        dossier: dossier_name(t, reference, ""),
        shelf: shelf(t, &box_name.fonds, &box_name.name),
        what,
    }
}

/// How many things were found, and of which kinds.
fn described(findings: &[Value], t: Language) -> String {
    if findings.is_empty() {
        return t.say("found-nothing");
    }
    let kinds: BTreeSet<&str> = findings
        .iter()
        .filter_map(|found| found["kind"].as_str())
        .collect();
    let meanings: Vec<_> = kinds
        .into_iter()
        .filter_map(|kind| t.known(&format!("finding-{kind}")))
        .collect();
    t.count_with("found", findings.len() as u64, "what", meanings.join("; "))
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
