//! When each dossier's bytes were hashed last, and what was found; verifications under way.

use std::collections::BTreeSet;

use hrisov_model::DossierId;
use jiff::Timestamp;
use serde_json::Value;
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

use crate::{
    BoxName, Catalog, CatalogError, Closing,
    closings::insert_closing,
    rows::{box_name, number, number_option, parsed},
};

/// What came of hashing a dossier's bytes once.
#[derive(Debug, Clone, PartialEq)]
pub struct FixityMark {
    /// Which dossier.
    pub dossier: DossierId,
    /// Its last version then, from 1.
    pub version: u32,
    /// When it was done (UTC); kept to the millisecond.
    pub at: Timestamp,
    /// What was found, each as whoever found it writes it; empty where all is well.
    pub findings: Vec<Value>,
    /// Whether a record in the store's journal has it.
    pub recorded: bool,
}

/// A verification of the whole archive.
#[derive(Debug, Clone, PartialEq)]
pub struct VerificationRun {
    /// Its identifier.
    pub id: Uuid,
    /// When it was begun (UTC), to the millisecond.
    pub started_at: Timestamp,
    /// When it ended; `None` while it runs or after it was interrupted.
    pub finished_at: Option<Timestamp>,
    /// How much was looked at so far, as whoever verifies writes it.
    pub checked: Value,
    /// What was found in log, index and storage root, once it ended.
    pub findings: Vec<Value>,
}

/// How recently the dossiers of the archive, or of a fonds, were verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct FixityState {
    /// Dossiers there are.
    pub dossiers: u64,
    /// Those that were not verified since they came.
    pub never: u64,
    /// When the one was verified whose turn is the longest ago; `None` where none was.
    pub oldest: Option<Timestamp>,
    /// When the latest was verified.
    pub newest: Option<Timestamp>,
    /// Those in which something was found the last time.
    pub with_findings: u64,
}

/// A dossier in which the last verification found something.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct FaultyDossier {
    /// Which.
    pub id: DossierId,
    /// Fonds and box.
    #[serde(flatten)]
    pub box_name: BoxName,
    /// Reference within the box.
    pub reference: String,
    /// When (UTC).
    pub verified_at: Timestamp,
    /// What, as whoever found it wrote it.
    pub findings: Vec<Value>,
}

impl Catalog {
    /// Remembers what came of verifying these dossiers; within a verification of the whole archive, also how much it has
    /// looked at.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn mark_verified(
        &self,
        marks: &[FixityMark],
        run: Option<(Uuid, &Value)>,
    ) -> Result<(), CatalogError> {
        let mut tx = self.begin().await?;
        for mark in marks {
            sqlx::query(
                "INSERT INTO fixity (dossier_id, at_ms, verified, version, findings, recorded)
                 VALUES (?, ?, 1, ?, ?, ?)
                 ON CONFLICT (dossier_id) DO UPDATE SET at_ms = excluded.at_ms, verified = 1,
                 version = excluded.version, findings = excluded.findings, recorded = excluded.recorded
                 WHERE excluded.at_ms >= fixity.at_ms",
            )
            .bind(mark.dossier.to_string())
            .bind(mark.at.as_millisecond())
            .bind(mark.version)
            .bind(list(&mark.findings))
            .bind(i64::from(mark.recorded))
            .execute(&mut *tx)
            .await?;
            insert_change(&mut tx, mark).await?;
        }
        if let Some((run, checked)) = run {
            sqlx::query("UPDATE verifications SET checked = ? WHERE id = ?")
                .bind(checked.to_string())
                .bind(run.to_string())
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Begins a verification of the whole archive.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn begin_verification(
        &self,
        started_at: Timestamp,
        checked: Value,
    ) -> Result<VerificationRun, CatalogError> {
        let run = VerificationRun {
            id: Uuid::new_v4(),
            started_at: moment(started_at.as_millisecond())?,
            finished_at: None,
            checked,
            findings: Vec::new(),
        };
        sqlx::query("INSERT INTO verifications (id, started_ms, checked, findings) VALUES (?, ?, ?, '[]')")
            .bind(run.id.to_string())
            .bind(run.started_at.as_millisecond())
            .bind(run.checked.to_string())
            .execute(&self.pool)
            .await?;
        Ok(run)
    }

    /// Ends a verification of the whole archive; of those before it only the last that ended is kept.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn finish_verification(
        &self,
        run: Uuid,
        at: Timestamp,
        checked: &Value,
        findings: &[Value],
    ) -> Result<(), CatalogError> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE verifications SET finished_ms = ?, checked = ?, findings = ? WHERE id = ?")
            .bind(at.as_millisecond())
            .bind(checked.to_string())
            .bind(list(findings))
            .bind(run.to_string())
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "DELETE FROM verifications WHERE started_ms < (SELECT started_ms FROM verifications WHERE id = ?)",
        )
        .bind(run.to_string())
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Puts what was found now beside the dossiers in the place of what the last verification of the whole archive found
    /// there, but for what is `still` so.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn replace_other_findings(
        &self,
        still: impl Fn(&Value) -> bool,
        found: &[Value],
    ) -> Result<(), CatalogError> {
        let last = self.last_finished_verification().await?;
        let (id, mut findings) = match last {
            Some(last) => (last.id, last.findings),
            None if found.is_empty() => return Ok(()),
            None => (Uuid::new_v4(), Vec::new()),
        };
        findings.retain(still);
        findings.extend_from_slice(found);
        // Begun before any other: one that was interrupted is still gone on with.
        sqlx::query(
            "INSERT INTO verifications (id, started_ms, finished_ms, checked, findings) VALUES (?, 0, ?, '{}', ?)
             ON CONFLICT (id) DO UPDATE SET findings = excluded.findings",
        )
        .bind(id.to_string())
        .bind(Timestamp::now().as_millisecond())
        .bind(list(&findings))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The verification of the whole archive that was begun last; `None` where there was none.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn last_verification(&self) -> Result<Option<VerificationRun>, CatalogError> {
        self.verification("SELECT * FROM verifications ORDER BY started_ms DESC LIMIT 1")
            .await
    }

    /// The last verification of the whole archive that came to its end; `None` where there was none.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn last_finished_verification(&self) -> Result<Option<VerificationRun>, CatalogError> {
        self.verification(
            "SELECT * FROM verifications WHERE finished_ms IS NOT NULL ORDER BY finished_ms DESC LIMIT 1",
        )
        .await
    }

    async fn verification(&self, sql: &'static str) -> Result<Option<VerificationRun>, CatalogError> {
        let row = sqlx::query(sql).fetch_optional(&self.pool).await?;
        row.as_ref().map(verification).transpose()
    }

    /// Dossiers whose last version was verified at that time or later, and nothing was found.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn sound_since(&self, since: Timestamp) -> Result<BTreeSet<DossierId>, CatalogError> {
        let rows = sqlx::query(
            "SELECT f.dossier_id FROM fixity f JOIN dossiers d ON d.id = f.dossier_id
             WHERE f.at_ms >= ? AND f.verified = 1 AND f.findings = '[]' AND f.version = d.version",
        )
        .bind(since.as_millisecond())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| parsed(row, "dossier_id")).collect()
    }

    /// Up to `limit` dossiers that were verified, or came, before that time, the longest ago first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn due_since(&self, before: Timestamp, limit: u32) -> Result<Vec<DossierId>, CatalogError> {
        let rows = sqlx::query(
            "SELECT f.dossier_id FROM fixity f JOIN dossiers d ON d.id = f.dossier_id
             WHERE f.at_ms < ? ORDER BY f.at_ms, f.dossier_id LIMIT ?",
        )
        .bind(before.as_millisecond())
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| parsed(row, "dossier_id")).collect()
    }

    /// How many dossiers were verified, or came, before that time.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn count_due_since(&self, before: Timestamp) -> Result<u64, CatalogError> {
        let row = sqlx::query(
            "SELECT count(*) AS due FROM fixity f JOIN dossiers d ON d.id = f.dossier_id WHERE f.at_ms < ?",
        )
        .bind(before.as_millisecond())
        .fetch_one(&self.pool)
        .await?;
        number(&row, "due")
    }

    /// Up to `limit` results that no record in the store's journal has, the oldest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn marks_to_record(&self, limit: u32) -> Result<Vec<FixityMark>, CatalogError> {
        let rows = sqlx::query(
            "SELECT f.* FROM fixity f JOIN dossiers d ON d.id = f.dossier_id
             WHERE f.recorded = 0 ORDER BY f.at_ms, f.dossier_id LIMIT ?",
        )
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        let mark = |row: &SqliteRow| {
            Ok(FixityMark {
                dossier: parsed(row, "dossier_id")?,
                version: number(row, "version")?,
                at: moment(number(row, "at_ms")?)?,
                findings: json(row, "findings")?,
                recorded: false,
            })
        };
        rows.iter().map(mark).collect()
    }

    /// Enters what a record in the store's journal says, and remembers it for the log.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn marks_entered(&self, marks: &[FixityMark], record: &Closing) -> Result<(), CatalogError> {
        self.mark_verified(marks, None).await?;
        self.marks_recorded(marks, record).await
    }

    /// Notes that a record in the store's journal has these results, and remembers it for the log.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn marks_recorded(&self, marks: &[FixityMark], record: &Closing) -> Result<(), CatalogError> {
        let mut tx = self.begin().await?;
        for mark in marks {
            // Unless it was verified once more since.
            sqlx::query("UPDATE fixity SET recorded = 1 WHERE dossier_id = ? AND at_ms = ?")
                .bind(mark.dossier.to_string())
                .bind(mark.at.as_millisecond())
                .execute(&mut *tx)
                .await?;
        }
        insert_closing(&mut tx, record).await?;
        Ok(tx.commit().await?)
    }

    /// How recently everything, or the dossiers of one fonds, was verified.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn fixity_state(&self, fonds: Option<&str>) -> Result<FixityState, CatalogError> {
        let row = sqlx::query(
            "SELECT count(*) AS dossiers,
             count(CASE WHEN f.verified = 1 THEN 1 END) AS verified,
             min(CASE WHEN f.verified = 1 THEN f.at_ms END) AS oldest,
             max(CASE WHEN f.verified = 1 THEN f.at_ms END) AS newest,
             count(CASE WHEN f.findings <> '[]' THEN 1 END) AS with_findings
             FROM dossiers d LEFT JOIN fixity f ON f.dossier_id = d.id WHERE ?1 IS NULL OR d.fonds = ?1",
        )
        .bind(fonds)
        .fetch_one(&self.pool)
        .await?;
        let dossiers: u64 = number(&row, "dossiers")?;
        let verified: u64 = number(&row, "verified")?;
        let time = |column| number_option::<i64>(&row, column)?.map(moment).transpose();
        Ok(FixityState {
            dossiers,
            never: dossiers - verified,
            oldest: time("oldest")?,
            newest: time("newest")?,
            with_findings: number(&row, "with_findings")?,
        })
    }

    /// Up to `limit` dossiers in which the last verification found something, by box and reference.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn faulty_dossiers(&self, limit: u32) -> Result<Vec<FaultyDossier>, CatalogError> {
        let rows = sqlx::query(
            "SELECT d.id, d.fonds, d.box_name, d.reference, f.at_ms, f.findings
             FROM fixity f JOIN dossiers d ON d.id = f.dossier_id
             WHERE f.findings <> '[]' ORDER BY d.fonds, d.box_name, d.reference LIMIT ?",
        )
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        let faulty = |row: &SqliteRow| {
            Ok(FaultyDossier {
                id: parsed(row, "id")?,
                box_name: box_name(row)?,
                reference: row.try_get("reference")?,
                verified_at: moment(number(row, "at_ms")?)?,
                findings: json(row, "findings")?,
            })
        };
        rows.iter().map(faulty).collect()
    }
}

fn verification(row: &SqliteRow) -> Result<VerificationRun, CatalogError> {
    Ok(VerificationRun {
        id: parsed(row, "id")?,
        started_at: moment(number(row, "started_ms")?)?,
        finished_at: number_option(row, "finished_ms")?.map(moment).transpose()?,
        checked: json(row, "checked")?,
        findings: json(row, "findings")?,
    })
}

/// Enters what was found where it is something else than what was found before.
async fn insert_change(tx: &mut SqliteConnection, mark: &FixityMark) -> Result<(), CatalogError> {
    let (dossier, at) = (mark.dossier.to_string(), mark.at.as_millisecond());
    sqlx::query(
        "INSERT INTO fixity_changes (dossier_id, at_ms, findings) SELECT ?, ?, ?
         WHERE ? <> coalesce((SELECT findings FROM fixity_changes WHERE dossier_id = ? AND at_ms <= ?
                              ORDER BY at_ms DESC LIMIT 1), '[]')
         ON CONFLICT DO NOTHING",
    )
    .bind(&dossier)
    .bind(at)
    .bind(list(&mark.findings))
    .bind(list(&mark.findings))
    .bind(&dossier)
    .bind(at)
    .execute(tx)
    .await?;
    Ok(())
}

fn list(findings: &[Value]) -> String {
    Value::Array(findings.to_vec()).to_string()
}

pub(crate) fn json<T: serde::de::DeserializeOwned>(
    row: &SqliteRow,
    column: &'static str,
) -> Result<T, CatalogError> {
    let text: &str = row.try_get(column)?;
    serde_json::from_str(text).map_err(|_| CatalogError::Invalid { what: column })
}

pub(crate) fn moment(milliseconds: i64) -> Result<Timestamp, CatalogError> {
    Timestamp::from_millisecond(milliseconds).map_err(|_| CatalogError::Invalid { what: "time" })
}
