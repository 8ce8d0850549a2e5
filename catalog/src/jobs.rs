//! Jobs: leased work with a fencing token, so that a stale worker cannot finish what another took over.

use std::collections::BTreeMap;

use hrisov_model::{
    Digest, DossierDescription, DossierId, FileId, FileRecord, FileState, PageFigures, PageId, PageRecord,
    PageState,
};
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use sqlx::{Row as _, Sqlite, Transaction, sqlite::SqliteRow};

use crate::{
    Catalog, CatalogError,
    rows::{FigureColumns, StateColumns, name_of, named, number, number_option, parsed, parsed_option},
    versions::{RecordedVersion, insert_page, write_version},
};

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Look at a file: what is it, how many pages, or why can it not be shown.
    Probe,
    /// Read a range of a file's pages.
    Recognise,
    /// Write the dossier's next version with all that was read.
    Commit,
}

/// A job to enter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// What.
    pub kind: JobKind,
    /// For which dossier.
    pub dossier: DossierId,
    /// Which file, except for a commit.
    pub file: Option<FileId>,
    /// First page of the range, from 0 (recognition only).
    pub first_page: u32,
    /// Pages in the range (recognition only).
    pub page_count: u32,
}

impl NewJob {
    /// The jobs that a deposited or rebuilt dossier still needs: a probe for every shown master that was
    /// never looked at, or of which a page was never read.
    #[must_use]
    pub fn probes(description: &DossierDescription) -> Vec<Self> {
        let mut unread = BTreeMap::<FileId, bool>::new();
        for page in &description.pages {
            *unread.entry(page.file).or_default() |= page.state == PageState::Waiting;
        }
        // Of pages that went to another dossier, or are separator sheets, nothing is left to be read.
        for page in &description.apart {
            unread.entry(page.file).or_default();
        }
        let needs_probe = |file: &&FileRecord| {
            file.state == FileState::Stored
                && file.replaced_by.is_none()
                && file.held_in.is_none()
                && unread.get(&file.id).copied().unwrap_or(true)
        };
        let probe = |file: &FileRecord| Self {
            kind: JobKind::Probe,
            dossier: description.id,
            file: Some(file.id),
            first_page: 0,
            page_count: 0,
        };
        description.files.iter().filter(needs_probe).map(probe).collect()
    }
}

/// A claimed job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its number.
    pub id: i64,
    /// Proof that the claim is the latest; finishing needs it.
    token: i64,
    /// How often it was claimed, this time included.
    pub attempts: u32,
    /// What is to be done.
    pub work: NewJob,
}

/// What a probe found.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// The file that was looked at.
    pub file: FileId,
    /// Media type found by content.
    pub media_type: Option<String>,
    /// How the file ends.
    pub state: FileState,
    /// Its pages, still to be read; empty where it is quarantined.
    pub pages: Vec<PageRecord>,
}

/// How the reading of one page ended.
#[derive(Debug, Clone, PartialEq)]
pub struct PageResult {
    /// Which page.
    pub page: PageId,
    /// Raster width after decoding.
    pub width_px: u32,
    /// Raster height after decoding.
    pub height_px: u32,
    /// Plausible resolution.
    pub dpi: Option<u32>,
    /// Its state.
    pub state: PageState,
    /// Words read.
    pub words: u32,
    /// Mean confidence in percent.
    pub confidence_percent: Option<u8>,
    /// What was measured beside the text.
    pub figures: Option<PageFigures>,
}

/// Jobs by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct JobCounts {
    /// Waiting or running.
    pub open: u64,
    /// Given up after several tries; `retry` or the next load takes them up again.
    pub parked: u64,
}

/// A job that was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ParkedJob {
    /// What it was.
    pub kind: JobKind,
    /// For which dossier.
    pub dossier: DossierId,
    /// The last error.
    pub error: String,
}

/// Commits first, so that finished dossiers become visible; then in the order of deposit.
const fn priority(kind: JobKind) -> i64 {
    match kind {
        JobKind::Commit => 0,
        JobKind::Probe => 1,
        JobKind::Recognise => 2,
    }
}

impl Catalog {
    /// Takes the next job whose time has come and leases it for `lease_ms`.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn claim_job(&self, now: Timestamp, lease_ms: i64) -> Result<Option<Job>, CatalogError> {
        let now = now.as_millisecond();
        // A transaction of its own: with RETURNING the row comes before the commit, whose failure (a full disk) would
        // go unseen, and the claim with it.
        let mut tx = self.begin().await?;
        let row = sqlx::query(
            // The first of each state by the index: one condition on both would sort every open job at every claim.
            "UPDATE jobs SET state = 'running', token = token + 1, attempts = attempts + 1, lease_until = ?1 + ?2
             WHERE id = (SELECT id FROM (
                 SELECT * FROM (SELECT priority, id FROM jobs WHERE state = 'waiting' AND not_before <= ?1
                                ORDER BY priority, id LIMIT 1) AS waiting
                 UNION ALL
                 SELECT * FROM (SELECT priority, id FROM jobs WHERE state = 'running' AND lease_until < ?1
                                ORDER BY priority, id LIMIT 1) AS lost
             ) AS due ORDER BY priority, id LIMIT 1)
             RETURNING *",
        )
        .bind(now)
        .bind(lease_ms)
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        row.as_ref().map(job).transpose()
    }

    /// Extends a lease.
    ///
    /// # Errors
    /// [`CatalogError::StaleLease`] where another took the job over.
    pub async fn renew_job(&self, job: &Job, now: Timestamp, lease_ms: i64) -> Result<(), CatalogError> {
        let done =
            sqlx::query("UPDATE jobs SET lease_until = ? WHERE id = ? AND token = ? AND state = 'running'")
                .bind(now.as_millisecond() + lease_ms)
                .bind(job.id)
                .bind(job.token)
                .execute(&self.pool)
                .await?;
        fenced(job, done.rows_affected())
    }

    /// Ends a probe with what it found; the pages are entered, then read in ranges of `range` pages.
    ///
    /// # Errors
    /// [`CatalogError::StaleLease`] where another took the job over.
    pub async fn complete_probe(&self, job: &Job, probe: &Probe, range: u32) -> Result<(), CatalogError> {
        let mut tx = self.begin().await?;
        end(&mut tx, job).await?;
        let columns = StateColumns::of(&probe.state);
        sqlx::query("UPDATE files SET media_type = ?, state = ?, reason = ?, detail = ? WHERE id = ?")
            .bind(&probe.media_type)
            .bind(columns.state)
            .bind(columns.reason)
            .bind(columns.detail)
            .bind(probe.file.to_string())
            .execute(&mut *tx)
            .await?;
        let dossier = job.work.dossier.to_string();
        sqlx::query("DELETE FROM pages WHERE file_id = ?")
            .bind(probe.file.to_string())
            .execute(&mut *tx)
            .await?;
        // Provisional numbers behind all others; the commit gives the final ones.
        let last: i64 = sqlx::query_scalar("SELECT coalesce(max(number), 0) FROM pages WHERE dossier_id = ?")
            .bind(&dossier)
            .fetch_one(&mut *tx)
            .await?;
        for (number, page) in (last + 1..).zip(&probe.pages) {
            insert_page(&mut tx, &dossier, number, page).await?;
        }
        // Pages that were scanned again are left out of the list, not of the count.
        let pages = probe.pages.iter().map(|page| page.index + 1).max().unwrap_or(0);
        let ranges = (0..pages).step_by(range as usize).map(|first_page| NewJob {
            kind: JobKind::Recognise,
            first_page,
            page_count: range.min(pages - first_page),
            ..job.work.clone()
        });
        insert(&mut tx, &ranges.collect::<Vec<_>>()).await?;
        commit_when_read(&mut tx, job.work.dossier).await?;
        Ok(tx.commit().await?)
    }

    /// Ends a recognition with the result of each page of its range.
    ///
    /// # Errors
    /// [`CatalogError::StaleLease`] where another took the job over.
    pub async fn complete_recognise(&self, job: &Job, results: &[PageResult]) -> Result<(), CatalogError> {
        let mut tx = self.begin().await?;
        end(&mut tx, job).await?;
        for result in results {
            let columns = StateColumns::of(&result.state);
            let figures = FigureColumns::of(result.figures.as_ref());
            sqlx::query(
                "UPDATE pages SET width_px = ?, height_px = ?, dpi = ?, state = ?, reason = ?, detail = ?, words = ?,
                 confidence_percent = ?, figures = ?, page_hash = ?, word_sketch = ? WHERE id = ?",
            )
            .bind(result.width_px)
            .bind(result.height_px)
            .bind(result.dpi)
            .bind(columns.state)
            .bind(columns.reason)
            .bind(columns.detail)
            .bind(result.words)
            .bind(result.confidence_percent)
            .bind(figures.figures)
            .bind(figures.page_hash)
            .bind(figures.word_sketch)
            .bind(result.page.to_string())
            .execute(&mut *tx)
            .await?;
        }
        commit_when_read(&mut tx, job.work.dossier).await?;
        Ok(tx.commit().await?)
    }

    /// Ends a commit by recording the version it wrote.
    ///
    /// # Errors
    /// [`CatalogError::StaleLease`] where another took the job over.
    pub async fn complete_commit(&self, job: &Job, recorded: &RecordedVersion) -> Result<(), CatalogError> {
        let mut tx = self.begin().await?;
        end(&mut tx, job).await?;
        write_version(&mut tx, recorded).await?;
        Ok(tx.commit().await?)
    }

    /// Gives a job back after an error: to be tried again `delay_ms` later, or parked after `tries` claims.
    ///
    /// # Errors
    /// [`CatalogError::StaleLease`] where another took the job over.
    pub async fn fail_job(
        &self,
        job: &Job,
        error: &str,
        now: Timestamp,
        delay_ms: i64,
        tries: u32,
    ) -> Result<(), CatalogError> {
        let state = if job.attempts >= tries {
            "parked"
        } else {
            "waiting"
        };
        let not_before = now
            .saturating_add(delay_ms.milliseconds())
            .unwrap_or(Timestamp::MAX);
        let done = sqlx::query(
            "UPDATE jobs SET state = ?, not_before = ?, lease_until = NULL, last_error = ?
             WHERE id = ? AND token = ? AND state = 'running'",
        )
        .bind(state)
        .bind(not_before.as_millisecond())
        .bind(error)
        .bind(job.id)
        .bind(job.token)
        .execute(&self.pool)
        .await?;
        fenced(job, done.rows_affected())
    }

    /// Makes every running and parked job claimable at once. Only for the holder of the archive's
    /// writer lock, which proves that whoever ran them is gone.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn release_jobs(&self) -> Result<(), CatalogError> {
        sqlx::query(
            "UPDATE jobs SET state = 'waiting', attempts = 0, not_before = 0, lease_until = NULL
             WHERE state IN ('running', 'parked') OR not_before > 0",
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Jobs by state.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn job_counts(&self) -> Result<JobCounts, CatalogError> {
        let row = sqlx::query(
            "SELECT coalesce(sum(state <> 'parked'), 0) AS open, coalesce(sum(state = 'parked'), 0) AS parked FROM jobs",
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(JobCounts {
            open: number(&row, "open")?,
            parked: number(&row, "parked")?,
        })
    }

    /// Jobs that were given up, with their last error.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn parked_jobs(&self) -> Result<Vec<ParkedJob>, CatalogError> {
        let rows = sqlx::query("SELECT * FROM jobs WHERE state = 'parked' ORDER BY id")
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(ParkedJob {
                    kind: named(row, "kind")?,
                    dossier: parsed(row, "dossier_id")?,
                    error: row
                        .try_get::<Option<String>, _>("last_error")?
                        .unwrap_or_default(),
                })
            })
            .collect()
    }

    /// Whether work on a dossier is under way, so that its rows may be ahead of its stored description.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn has_open_work(&self, dossier: DossierId) -> Result<bool, CatalogError> {
        Ok(sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM jobs WHERE dossier_id = ?1)
             OR EXISTS (SELECT 1 FROM intents WHERE dossier_id = ?1)",
        )
        .bind(dossier.to_string())
        .fetch_one(&self.pool)
        .await?)
    }

    /// Whether a page of a file with these bytes still waits to be read: its staged result is needed.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn is_staging_needed(&self, master: Digest) -> Result<bool, CatalogError> {
        Ok(sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM files f JOIN jobs j ON j.dossier_id = f.dossier_id WHERE f.digest = ?)",
        )
        .bind(master.to_string())
        .fetch_one(&self.pool)
        .await?)
    }
}

pub(crate) async fn insert(
    tx: &mut Transaction<'static, Sqlite>,
    jobs: &[NewJob],
) -> Result<(), CatalogError> {
    for job in jobs {
        sqlx::query(
            "INSERT INTO jobs (kind, dossier_id, file_id, first_page, page_count, priority, state, not_before)
             VALUES (?, ?, ?, ?, ?, ?, 'waiting', 0)",
        )
        .bind(name_of(&job.kind))
        .bind(job.dossier.to_string())
        .bind(job.file.map(|id| id.to_string()))
        .bind(job.first_page)
        .bind(job.page_count)
        .bind(priority(job.kind))
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Removes a finished job, if the claim is still ours.
async fn end(tx: &mut Transaction<'static, Sqlite>, job: &Job) -> Result<(), CatalogError> {
    let done = sqlx::query("DELETE FROM jobs WHERE id = ? AND token = ? AND state = 'running'")
        .bind(job.id)
        .bind(job.token)
        .execute(&mut **tx)
        .await?;
    fenced(job, done.rows_affected())
}

/// Enters the commit once nothing of the dossier is left to probe or read.
async fn commit_when_read(
    tx: &mut Transaction<'static, Sqlite>,
    dossier: DossierId,
) -> Result<(), CatalogError> {
    let is_open: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM jobs WHERE dossier_id = ?)")
        .bind(dossier.to_string())
        .fetch_one(&mut **tx)
        .await?;
    if is_open {
        return Ok(());
    }
    let commit = NewJob {
        kind: JobKind::Commit,
        dossier,
        file: None,
        first_page: 0,
        page_count: 0,
    };
    insert(tx, &[commit]).await
}

const fn fenced(job: &Job, rows: u64) -> Result<(), CatalogError> {
    match rows {
        1 => Ok(()),
        _ => Err(CatalogError::StaleLease { job: job.id }),
    }
}

fn job(row: &SqliteRow) -> Result<Job, CatalogError> {
    Ok(Job {
        id: number(row, "id")?,
        token: number(row, "token")?,
        attempts: number(row, "attempts")?,
        work: NewJob {
            kind: named(row, "kind")?,
            dossier: parsed(row, "dossier_id")?,
            file: parsed_option(row, "file_id")?,
            first_page: number_option(row, "first_page")?.unwrap_or(0),
            page_count: number_option(row, "page_count")?.unwrap_or(0),
        },
    })
}
