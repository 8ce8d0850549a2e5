//! The rolling schedule: everything is verified in its turn, and what came of it is logged.
//!
//! Results gather in the catalog. From there they go into records in the store's journal, each of up to some thousands of
//! dossiers, and each record has one leaf in the log: a leaf for each dossier and turn would soon be most of the log. A
//! record that was written and not noted, after a crash, is written again under another name and says the same.

use hrisov_catalog::{Catalog, Closing, ClosingOf, Defect, FixityMark};
use hrisov_model::{DossierId, FixityRecordId};
use hrisov_store::{Blobs, ocfl::StorageRoot};
use jiff::{SignedDuration, Timestamp, Unit};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    AuditError, Finding, LogTrust, Report, Scope, Verification,
    log::{remember_log_findings, verify_log},
    record::write_record,
    verify,
};

/// The value of `format` in a record of verifications.
pub const FIXITY_RECORD_FORMAT: &str = "hrisov-fixity/1";

/// Dossiers in one record.
const RECORDED_AT_ONCE: u32 = 4096;
/// Dossiers verified in one step.
const STEP: u32 = 64;
/// Results of which nothing is wrong wait so long for others, so that a small archive gets one leaf a day.
const GATHERED: SignedDuration = SignedDuration::from_hours(24);

/// How verifications ended, as it lies in the store's journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FixityRecord {
    /// Always [`FIXITY_RECORD_FORMAT`].
    pub format: String,
    /// Its identifier, which its leaf bears.
    pub id: FixityRecordId,
    /// When it was written (UTC).
    pub at: Timestamp,
    /// What was wrong with the log then, as a whole.
    pub log_findings: Vec<Finding>,
    /// The dossiers that were verified, the longest ago first.
    pub dossiers: Vec<VerifiedDossier>,
    /// What was put right in log and journal themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_repair: Option<LogRepair>,
}

/// That objects of the log or of the journal were damaged or gone, and are put back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogRepair {
    /// The second store, as it was given.
    pub from: String,
    /// What was wrong.
    pub files: Vec<Defect>,
}

/// A dossier's line in a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VerifiedDossier {
    /// Which.
    pub dossier: DossierId,
    /// Its last version then, from 1.
    pub version: u32,
    /// When it was read (UTC).
    pub at: Timestamp,
    /// What was found; empty where every byte is as it was deposited.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Value>,
}

/// When everything is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// Each dossier's bytes at least once in so many days.
    pub every_days: u32,
}

impl Schedule {
    /// What was verified or deposited before this time has its turn: a tenth of the days early, so that nothing is late.
    #[must_use]
    pub fn due_before(self, now: Timestamp) -> Timestamp {
        let hours = i64::from(self.every_days) * 24 * 9 / 10;
        now - SignedDuration::from_hours(hours)
    }
}

/// Verifies some of the dossiers that were not verified since `before`, the longest ago first; `None` where there are
/// none left. What came of it is in the catalog, and due to be recorded.
///
/// # Errors
/// Where store or catalog cannot be looked at.
pub async fn verify_due(
    verification: &Verification,
    before: Timestamp,
) -> Result<Option<Report>, AuditError> {
    let due = verification.catalog.due_since(before, STEP).await?;
    match due.is_empty() {
        true => Ok(None),
        false => verify(verification, &Scope::Objects(due)).await.map(Some),
    }
}

/// Whether results should be recorded now: many, old ones, or bad ones.
///
/// # Errors
/// Where the catalog fails.
pub async fn is_record_due(catalog: &Catalog, now: Timestamp) -> Result<bool, AuditError> {
    let waiting = catalog.marks_to_record(RECORDED_AT_ONCE).await?;
    Ok(waiting.len() >= RECORDED_AT_ONCE as usize
        || waiting.first().is_some_and(|oldest| oldest.at < now - GATHERED)
        || waiting.iter().any(|mark| !mark.findings.is_empty()))
}

/// Writes the results that wait into records in the journal, after a look at the log as a whole, and hands them over to
/// the log. Gives what is wrong with the log; nothing waits afterwards.
///
/// # Errors
/// Where store, catalog or the random source fail.
pub async fn record_fixity(
    blobs: &std::sync::Arc<dyn Blobs>,
    catalog: &Catalog,
    trust: &LogTrust,
) -> Result<Vec<Finding>, AuditError> {
    let mut log_findings = None;
    loop {
        let marks = catalog.marks_to_record(RECORDED_AT_ONCE).await?;
        if marks.is_empty() {
            return Ok(log_findings.unwrap_or_default());
        }
        let found = match log_findings.take() {
            Some(found) => found,
            None => {
                let found = verify_log(blobs, catalog, trust).await?.findings;
                let root = StorageRoot::unchecked(std::sync::Arc::clone(blobs));
                remember_log_findings(&root, catalog, &found).await?;
                found
            }
        };
        let record = FixityRecord {
            format: FIXITY_RECORD_FORMAT.to_owned(),
            id: FixityRecordId::random(),
            at: Timestamp::now().round(Unit::Millisecond).unwrap_or_default(),
            log_findings: found.clone(),
            dossiers: marks.iter().map(VerifiedDossier::of).collect(),
            log_repair: None,
        };
        log_findings = Some(found);
        let closing = write(blobs.as_ref(), &record).await?;
        catalog.marks_recorded(&marks, &closing).await?;
    }
}

/// Writes into the journal that log and journal are about to be put right, and hands the record over to the log.
///
/// # Errors
/// Where store, catalog or the random source fail.
pub async fn record_log_repair(
    blobs: &dyn Blobs,
    catalog: &Catalog,
    repair: LogRepair,
) -> Result<(), AuditError> {
    let record = FixityRecord {
        format: FIXITY_RECORD_FORMAT.to_owned(),
        id: FixityRecordId::random(),
        at: Timestamp::now().round(Unit::Millisecond).unwrap_or_default(),
        log_findings: Vec::new(),
        dossiers: Vec::new(),
        log_repair: Some(repair),
    };
    let closing = write(blobs, &record).await?;
    Ok(catalog.marks_recorded(&[], &closing).await?)
}

async fn write(blobs: &dyn Blobs, record: &FixityRecord) -> Result<Closing, AuditError> {
    write_record(blobs, ClosingOf::Fixity(record.id), record.at, record).await
}

impl VerifiedDossier {
    fn of(mark: &FixityMark) -> Self {
        Self {
            dossier: mark.dossier,
            version: mark.version,
            at: mark.at,
            findings: mark.findings.clone(),
        }
    }

    /// As the catalog remembers it.
    pub(crate) fn to_mark(&self) -> FixityMark {
        FixityMark {
            dossier: self.dossier,
            version: self.version,
            at: self.at,
            findings: self.findings.clone(),
            recorded: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_come_a_tenth_early() {
        let now: Timestamp = "2024-04-10T00:00:00Z".parse().unwrap();
        for (every_days, due) in [
            (100, "2024-01-11T00:00:00Z"),
            (1, "2024-04-09T03:00:00Z"),
            (10, "2024-04-01T00:00:00Z"),
        ] {
            let due: Timestamp = due.parse().unwrap();
            assert_eq!(Schedule { every_days }.due_before(now), due, "{every_days}");
        }
    }
}
