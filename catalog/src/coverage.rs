//! How long ago the kept files were verified, what was found over the years, and what was put back.

use hrisov_model::DossierId;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sqlx::{Row as _, sqlite::SqliteRow};

use crate::{
    BoxName, Catalog, CatalogError,
    fixity::{json, moment},
    rows::{box_name, number, parsed},
};

/// Hours of a day, a week, a month and a year.
const WITHIN_HOURS: [i64; 4] = [24, 7 * 24, 30 * 24, 365 * 24];

/// Kept files by when they were verified last; each is counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    /// Within 24 hours.
    pub day: u64,
    /// Within 7 days, and not within a day.
    pub week: u64,
    /// Within 30 days, and not within a week.
    pub month: u64,
    /// Within 365 days, and not within a month.
    pub year: u64,
    /// Before that.
    pub older: u64,
    /// Not since they came.
    pub never: u64,
}

/// Files of a dossier that were put back from a second store at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveredDossier {
    /// Which dossier.
    pub id: DossierId,
    /// Fonds and box.
    pub box_name: BoxName,
    /// Reference within the box.
    pub reference: String,
    /// When (UTC).
    pub at: Timestamp,
    /// Events that tell of it: one for each master, one for all other files.
    pub events: u64,
}

/// A verification of a dossier that found something else than the one before.
#[derive(Debug, Clone, PartialEq)]
pub struct FixityChange {
    /// Which dossier.
    pub id: DossierId,
    /// Fonds and box.
    pub box_name: BoxName,
    /// Reference within the box.
    pub reference: String,
    /// When (UTC).
    pub at: Timestamp,
    /// What was found, each as whoever found it wrote it; empty where all was well again.
    pub findings: Vec<Value>,
}

impl Catalog {
    /// How long before `now` the kept files were verified.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn coverage(&self, now: Timestamp) -> Result<Coverage, CatalogError> {
        let since = WITHIN_HOURS.map(|hours| {
            let since = now.checked_sub(SignedDuration::from_hours(hours));
            since.unwrap_or(Timestamp::MIN).as_millisecond()
        });
        let [day, week, month, year] = since;
        let rows = sqlx::query(
            "SELECT CASE WHEN coalesce(x.verified, 0) = 0 THEN 5 WHEN x.at_ms >= ? THEN 0 WHEN x.at_ms >= ? THEN 1
                 WHEN x.at_ms >= ? THEN 2 WHEN x.at_ms >= ? THEN 3 ELSE 4 END AS age, count(*) AS files
             FROM files f LEFT JOIN fixity x ON x.dossier_id = f.dossier_id
             WHERE f.logical_path IS NOT NULL GROUP BY age",
        )
        .bind(day)
        .bind(week)
        .bind(month)
        .bind(year)
        .fetch_all(&self.pool)
        .await?;
        let mut ages = [0; 6];
        for row in rows {
            let invalid = CatalogError::Invalid { what: "age" };
            let age = usize::try_from(row.try_get::<i64, _>("age")?).ok();
            let age = age.and_then(|age| ages.get_mut(age)).ok_or(invalid)?;
            *age = row.try_get::<i64, _>("files")?.unsigned_abs();
        }
        let [day, week, month, year, older, never] = ages;
        Ok(Coverage {
            day,
            week,
            month,
            year,
            older,
            never,
        })
    }

    /// The latest recoveries, at most `limit`, the newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn recoveries(&self, limit: u32) -> Result<Vec<RecoveredDossier>, CatalogError> {
        let rows = sqlx::query(
            "SELECT d.id, d.fonds, d.box_name, d.reference, max(e.at) AS at, count(*) AS events
             FROM events e JOIN dossiers d ON d.id = e.dossier_id WHERE e.kind = 'recovery'
             GROUP BY d.id, substr(e.at, 1, 16) ORDER BY at DESC, d.id LIMIT ?",
        )
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        let recovered = |row: &SqliteRow| {
            Ok(RecoveredDossier {
                id: parsed(row, "id")?,
                box_name: box_name(row)?,
                reference: row.try_get("reference")?,
                at: parsed(row, "at")?,
                events: number(row, "events")?,
            })
        };
        rows.iter().map(recovered).collect()
    }

    /// The latest verifications that found something else than the one before, at most `limit`, the newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn fixity_changes(&self, limit: u32) -> Result<Vec<FixityChange>, CatalogError> {
        let rows = sqlx::query(
            "SELECT d.id, d.fonds, d.box_name, d.reference, c.at_ms, c.findings
             FROM fixity_changes c JOIN dossiers d ON d.id = c.dossier_id ORDER BY c.at_ms DESC, d.id LIMIT ?",
        )
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        let change = |row: &SqliteRow| {
            Ok(FixityChange {
                id: parsed(row, "id")?,
                box_name: box_name(row)?,
                reference: row.try_get("reference")?,
                at: moment(number(row, "at_ms")?)?,
                findings: json(row, "findings")?,
            })
        };
        rows.iter().map(change).collect()
    }
}
