//! Taking up again what ended badly: quarantined files and unreadable pages of one batch.

use hrisov_model::{BatchId, DossierId, FileId};
use serde::Serialize;
use sqlx::{Sqlite, Transaction, sqlite::SqliteRow};

use crate::{
    Catalog, CatalogError,
    jobs::{self, JobKind, NewJob},
    rows::{number, parsed},
};

/// What is to be taken up again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// Files and pages that this batch brought.
    pub batch: BatchId,
    /// Only those that ended for this reason, by its name on the wire.
    pub reason: Option<String>,
}

/// How much of that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct RetryCounts {
    /// Quarantined files whose bytes are kept and may be looked at again.
    pub files: u64,
    /// Unreadable pages.
    pub pages: u64,
    /// Quarantined files that only another load can mend: empty, misnamed, or never read from the disk.
    pub files_to_load_again: u64,
}

/// Quarantined files of which there is something to look at: their bytes are kept, and neither these nor their names
/// alone decide.
const FILES: &str = "FROM files f WHERE f.id IN (SELECT file_id FROM batch_files WHERE batch_id = ?1)
    AND f.state = 'quarantined' AND (?2 IS NULL OR f.reason = ?2) AND f.logical_path IS NOT NULL
    AND f.replaced_by IS NULL AND f.reason NOT IN ('empty', 'name_not_utf8')";

const PAGES: &str = "FROM pages p WHERE p.file_id IN (SELECT file_id FROM batch_shown WHERE batch_id = ?1)
    AND p.state = 'unreadable' AND (?2 IS NULL OR p.reason = ?2)";

const OTHER_FILES: &str = "FROM batch_files b LEFT JOIN files f ON f.id = b.file_id WHERE b.batch_id = ?1
    AND coalesce(f.state, b.state) = 'quarantined' AND (?2 IS NULL OR coalesce(f.reason, b.reason) = ?2)
    AND (f.id IS NULL OR f.reason IN ('empty', 'name_not_utf8'))";

impl Catalog {
    /// How much there is to be taken up again.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn retry_counts(&self, retry: &Retry) -> Result<RetryCounts, CatalogError> {
        let mut counts = [0; 3];
        for (count, what) in counts.iter_mut().zip([FILES, PAGES, OTHER_FILES]) {
            let row = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT count(*) AS found {what}")))
                .bind(retry.batch.to_string())
                .bind(&retry.reason)
                .fetch_one(&self.pool)
                .await?;
            *count = number(&row, "found")?;
        }
        let [files, pages, files_to_load_again] = counts;
        Ok(RetryCounts {
            files,
            pages,
            files_to_load_again,
        })
    }

    /// Files and ranges of pages of a batch that have been entered and wait to be looked at once more.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn waiting_again(&self, batch: BatchId) -> Result<u64, CatalogError> {
        let row = sqlx::query(
            "SELECT count(*) AS found FROM jobs j WHERE j.state <> 'parked' AND (
                 EXISTS (SELECT 1 FROM batch_files b WHERE b.batch_id = ?1 AND b.file_id = j.file_id)
                 OR EXISTS (SELECT 1 FROM batch_shown s WHERE s.batch_id = ?1 AND s.file_id = j.file_id))",
        )
        .bind(batch.to_string())
        .fetch_one(&self.pool)
        .await?;
        number(&row, "found")
    }

    /// Enters the jobs that look at the files and read the pages once more; those that are under way already are not
    /// entered twice. States change only as the jobs end.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn take_up_again(&self, retry: &Retry) -> Result<(), CatalogError> {
        let mut tx = self.begin().await?;
        let probes = format!(
            "SELECT f.dossier_id, f.id AS file_id, 0 AS page_index {FILES}
             AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.file_id = f.id)"
        );
        let readings = format!(
            "SELECT p.dossier_id, p.file_id, p.page_index {PAGES}
             AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.file_id = p.file_id AND (j.kind = 'probe'
                 OR p.page_index BETWEEN j.first_page AND j.first_page + j.page_count - 1))"
        );
        for (kind, sql) in [(JobKind::Probe, probes), (JobKind::Recognise, readings)] {
            let jobs = found(&mut tx, retry, sql, kind).await?;
            jobs::insert(&mut tx, &jobs).await?;
        }
        Ok(tx.commit().await?)
    }
}

async fn found(
    tx: &mut Transaction<'static, Sqlite>,
    retry: &Retry,
    sql: String,
    kind: JobKind,
) -> Result<Vec<NewJob>, CatalogError> {
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(retry.batch.to_string())
        .bind(&retry.reason)
        .fetch_all(&mut **tx)
        .await?;
    let job = |row: &SqliteRow| {
        let dossier: DossierId = parsed(row, "dossier_id")?;
        let file: FileId = parsed(row, "file_id")?;
        Ok(NewJob {
            kind,
            dossier,
            file: Some(file),
            first_page: number(row, "page_index")?,
            page_count: u32::from(kind == JobKind::Recognise),
        })
    };
    rows.iter().map(job).collect()
}
