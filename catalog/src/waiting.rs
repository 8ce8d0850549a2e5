//! What is under way: what waits for what, and how fast a load goes. Nothing of it outlives the load.

use hrisov_model::BatchId;
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    Catalog, CatalogError, PageCounts,
    rows::{number, parsed},
};

/// What still has to be done, in the order in which it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Waiting {
    /// Files that nobody has looked into yet.
    pub files_to_probe: u64,
    /// Pages to be read.
    pub pages_to_read: u64,
    /// Dossiers whose next version waits for these files and pages, or is about to be written.
    pub dossiers_to_write: u64,
    /// Dossiers that the search index has yet to learn of.
    pub dossiers_to_index: u64,
    /// Events that the log has yet to learn of.
    pub events_to_log: u64,
}

/// A load under way: since when, and what was done before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadRun {
    /// When it began, or was taken up again (UTC).
    pub started_at: Timestamp,
    /// Files found in the box.
    pub files_found: u64,
    /// Pages of the batch that had a result before.
    pub pages_before: u64,
}

/// How fast a load goes, by what it did since it began or was taken up again.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pace {
    /// Pages read a minute.
    pub pages_per_minute: f64,
    /// `None` while nobody can say.
    pub seconds_left: Option<u64>,
}

/// Shortest time that a pace is taken from, in seconds.
const PACE_SECONDS: f64 = 5.0;

impl LoadRun {
    /// How fast it goes, where so many files were looked at and these pages found in them.
    #[must_use]
    pub fn pace(&self, now: Timestamp, received: u64, pages: &PageCounts) -> Pace {
        let done = pages.pages.saturating_sub(pages.waiting);
        let seconds = now.duration_since(self.started_at).as_secs_f64();
        let per_second = done.saturating_sub(self.pages_before) as f64 / seconds.max(PACE_SECONDS);
        Pace {
            pages_per_minute: (per_second * 600.0).round() / 10.0,
            seconds_left: self.seconds_left(per_second, received, pages),
        }
    }

    /// Files that were not looked at yet are taken to have as many pages as the others.
    fn seconds_left(&self, per_second: f64, received: u64, pages: &PageCounts) -> Option<u64> {
        if per_second <= 0.0 || received == 0 {
            return None;
        }
        let files_left = self.files_found.saturating_sub(received) as f64;
        let pages_left = pages.waiting as f64 + files_left * pages.pages as f64 / received as f64;
        Some((pages_left / per_second).ceil() as u64)
    }
}

impl Catalog {
    /// What still has to be done.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn waiting(&self) -> Result<Waiting, CatalogError> {
        let row = sqlx::query(
            "SELECT (SELECT count(*) FROM jobs WHERE kind = 'probe') AS files_to_probe,
             (SELECT coalesce(sum(page_count), 0) FROM jobs WHERE kind = 'recognise') AS pages_to_read,
             (SELECT count(DISTINCT dossier_id) FROM jobs) AS dossiers_to_write,
             (SELECT count(DISTINCT dossier_id) FROM outbox) AS dossiers_to_index,
             (SELECT count(*) FROM events WHERE leaf IS NULL) AS events_to_log",
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(Waiting {
            files_to_probe: number(&row, "files_to_probe")?,
            pages_to_read: number(&row, "pages_to_read")?,
            dossiers_to_write: number(&row, "dossiers_to_write")?,
            dossiers_to_index: number(&row, "dossiers_to_index")?,
            events_to_log: number(&row, "events_to_log")?,
        })
    }

    /// Remembers when a load began or was taken up again.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn begin_run(&self, batch: BatchId, run: &LoadRun) -> Result<(), CatalogError> {
        let whole = |count: u64| i64::try_from(count).map_err(|_| CatalogError::Invalid { what: "count" });
        sqlx::query(
            "INSERT INTO load_runs (batch_id, started_at, files_found, pages_before) VALUES (?, ?, ?, ?)
             ON CONFLICT (batch_id) DO UPDATE SET started_at = excluded.started_at,
             files_found = excluded.files_found, pages_before = excluded.pages_before, surveyed = 0",
        )
        .bind(batch.to_string())
        .bind(run.started_at.to_string())
        .bind(whole(run.files_found)?)
        .bind(whole(run.pages_before)?)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Notes that everything in the batch's box is deposited.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn mark_surveyed(&self, batch: BatchId) -> Result<(), CatalogError> {
        sqlx::query("UPDATE load_runs SET surveyed = 1 WHERE batch_id = ?")
            .bind(batch.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// When a load began or was taken up again; `None` of one that nobody began here.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn run_of(&self, batch: BatchId) -> Result<Option<LoadRun>, CatalogError> {
        let row = sqlx::query("SELECT * FROM load_runs WHERE batch_id = ?")
            .bind(batch.to_string())
            .fetch_optional(&self.pool)
            .await?;
        let run = |row: &sqlx::sqlite::SqliteRow| {
            Ok(LoadRun {
                started_at: parsed(row, "started_at")?,
                files_found: number(row, "files_found")?,
                pages_before: number(row, "pages_before")?,
            })
        };
        row.as_ref().map(run).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_counts_files_that_nobody_opened_yet() {
        let pages = |pages, waiting| PageCounts {
            pages,
            waiting,
            ..PageCounts::default()
        };
        let now: Timestamp = "2026-03-14T09:01:00Z".parse().unwrap();
        for (pages_before, received, found, pages, per_minute, left) in [
            (0, 10, 10, pages(160, 40), 120.0, Some(20)),
            (40, 5, 10, pages(160, 0), 120.0, Some(80)),
            (60, 5, 10, pages(100, 40), 0.0, None),
            (0, 0, 10, pages(0, 0), 0.0, None),
        ] {
            let run = LoadRun {
                started_at: "2026-03-14T09:00:00Z".parse().unwrap(),
                files_found: found,
                pages_before,
            };
            let pace = run.pace(now, received, &pages);
            assert_eq!((pace.pages_per_minute, pace.seconds_left), (per_minute, left));
        }
    }
}
