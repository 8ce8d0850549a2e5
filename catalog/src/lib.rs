//! What the archive holds, its batches, jobs and outbox, in SQL.
//!
//! The only place with SQL. Methods say what happens to the archive ("record this version", "claim a
//! job"), never how rows look; each is one short immediate transaction. Everything but running jobs,
//! intents and the outbox can be rebuilt from the store.
//!
//! One implementation today, on SQLite (WAL, `synchronous=FULL`); the SQL keeps to what PostgreSQL shares.

mod batches;
mod boxes;
mod closings;
mod copies;
mod coverage;
mod differences;
mod dossiers;
mod doubtful;
mod fixity;
mod jobs;
mod leaves;
mod outbox;
mod repairs;
mod retry;
mod reviews;
mod rows;
mod versions;
mod waiting;

use std::{path::Path, time::Duration};

use jiff::Timestamp;
use sqlx::{
    Connection as _, Sqlite, SqliteConnection, SqlitePool, Transaction,
    migrate::MigrateError,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use uuid::Uuid;

pub use batches::{BATCH_FORMAT, Batch, BatchAccount, BatchFile, BoxName, PageCounts};
pub use boxes::{BOX_RECORD_FORMAT, BoxAct, BoxRecord, Comparison};
pub use closings::{Closing, ClosingOf};
pub use copies::Copies;
pub use coverage::{Coverage, FixityChange, RecoveredDossier};
pub use differences::{BoxDifferences, Compared, scanned_digest};
pub use dossiers::{BoxDossier, DossierSummary, HeldDossier, HeldFile, Resolution};
pub use doubtful::{DoubtfulPage, LikePage, PageScope};
pub use fixity::{FaultyDossier, FixityMark, FixityState, VerificationRun};
pub use jobs::{Job, JobCounts, JobKind, NewJob, PageResult, ParkedJob, Probe};
pub use leaves::{ClosingLeaf, EventLeaf, LeafAs, LoggedEvent};
pub use outbox::OutboxRow;
pub use repairs::{Defect, RepairIntent};
pub use retry::{Retry, RetryCounts};
pub use reviews::{
    Decision, HeldReview, ParseDecisionError, REVIEW_FORMAT, Review, ReviewRecord, ReviewedPage, Verdict,
};
pub use versions::{Intent, RecordedVersion};
pub use waiting::{LoadRun, Pace, Waiting};

/// Why the catalog could not answer.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// There is no catalog there.
    #[error(
        "there is no catalog at {path}: make an archive with `hrisov init`, or rebuild it with `hrisov rebuild`"
    )]
    Missing {
        /// Where it was looked for.
        path: String,
    },
    /// The file is of a newer program, or not a catalog.
    #[error(
        "the catalog was written by another version of hrisov: {source}; use that version, or `hrisov rebuild`"
    )]
    Version {
        /// What the migration found.
        source: MigrateError,
    },
    /// A stored value does not mean anything.
    #[error("the catalog holds an invalid {what}: run `hrisov rebuild` to make it again from the store")]
    Invalid {
        /// Which value.
        what: &'static str,
    },
    /// A job's lease was taken over by somebody else, who will finish it.
    #[error("the lease of job {job} is no longer ours")]
    StaleLease {
        /// Which job.
        job: i64,
    },
    /// The catalog's file is damaged, or no database.
    #[error(
        "the catalog's file is damaged ({source}): run `hrisov rebuild`, which makes it again from the store"
    )]
    Damaged {
        /// What SQLite found.
        source: sqlx::Error,
    },
    /// The database failed.
    #[error("the catalog failed: {0}")]
    Sql(sqlx::Error),
}

impl CatalogError {
    /// Whether the catalog itself is wrong, so that looking again would find the same.
    #[must_use]
    pub const fn is_of_content(&self) -> bool {
        matches!(self, Self::Invalid { .. } | Self::Damaged { .. })
    }
}

impl From<sqlx::Error> for CatalogError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            error if is_damage(&error) => Self::Damaged { source: error },
            // A value of another type than its column's.
            sqlx::Error::ColumnDecode { .. } => Self::Invalid { what: "value" },
            error => Self::Sql(error),
        }
    }
}

/// How long a write waits for its turn. The disk decides how long one takes: where others keep it busy (a copy of a whole
/// box, a deletion of 200,000 files) a commit was seen to take more than ten seconds, and an overnight load must outlast it.
const PATIENCE: Duration = Duration::from_mins(5);

/// The catalog of one archive.
#[derive(Debug, Clone)]
pub struct Catalog {
    pool: SqlitePool,
}

impl Catalog {
    /// Makes a new catalog at `path` for the archive `id`; finishes one whose making was interrupted.
    ///
    /// # Errors
    /// Where the file cannot be made.
    pub async fn create(path: &Path, id: Uuid, at: Timestamp) -> Result<Self, CatalogError> {
        let catalog = Self::connect(options(path).create_if_missing(true), 4).await?;
        sqlx::query(
            "INSERT INTO archive (one, id, created_at) VALUES (1, ?, ?) ON CONFLICT (one) DO NOTHING",
        )
        .bind(id.to_string())
        .bind(at.to_string())
        .execute(&catalog.pool)
        .await?;
        Ok(catalog)
    }

    /// Opens the catalog at `path`, bringing an older one up to date.
    ///
    /// # Errors
    /// [`CatalogError::Missing`] without a file, [`CatalogError::Version`] for a newer one.
    pub async fn open(path: &Path) -> Result<Self, CatalogError> {
        match path.is_file() {
            true => Self::connect(options(path), 4).await,
            false => Err(CatalogError::Missing {
                path: path.display().to_string(),
            }),
        }
    }

    /// A catalog in memory, for tests.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub async fn in_memory() -> Result<Self, CatalogError> {
        Self::connect(SqliteConnectOptions::new().in_memory(true), 1).await
    }

    async fn connect(options: SqliteConnectOptions, connections: u32) -> Result<Self, CatalogError> {
        let pool = SqlitePoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(PATIENCE)
            .idle_timeout(None)
            .max_lifetime(None)
            .after_release(|connection, _| Box::pin(has_no_open_transaction(connection)))
            .connect_with(options)
            .await?;
        sqlx::migrate!("./migrations")
            .run(&pool)
            .await
            .map_err(|source| match source {
                MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)
                    if is_disk_trouble(&error) || is_damage(&error) =>
                {
                    error.into()
                }
                source => CatalogError::Version { source },
            })?;
        Ok(Self { pool })
    }

    /// The archive's identifier.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn archive_id(&self) -> Result<Uuid, CatalogError> {
        let id: String = sqlx::query_scalar("SELECT id FROM archive")
            .fetch_one(&self.pool)
            .await?;
        id.parse().map_err(|_| CatalogError::Invalid {
            what: "archive identifier",
        })
    }

    /// When the archive was made (UTC).
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn archive_created_at(&self) -> Result<Timestamp, CatalogError> {
        let at: String = sqlx::query_scalar("SELECT created_at FROM archive")
            .fetch_one(&self.pool)
            .await?;
        at.parse().map_err(|_| CatalogError::Invalid {
            what: "archive's time",
        })
    }

    /// Writes everything down and closes; the file stands alone afterwards.
    pub async fn close(self) {
        self.pool.close().await;
    }

    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, CatalogError> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }
}

/// Whether the disk is full or fails: nothing is wrong with the catalog itself.
fn is_disk_trouble(error: &sqlx::Error) -> bool {
    const IO: u32 = 10;
    const FULL: u32 = 13;
    matches!(sqlite_kind(error), Some(IO | FULL))
}

/// Whether the database's file is damaged, or is none.
fn is_damage(error: &sqlx::Error) -> bool {
    const CORRUPT: u32 = 11;
    const NOT_A_DATABASE: u32 = 26;
    matches!(sqlite_kind(error), Some(CORRUPT | NOT_A_DATABASE))
}

/// The kind of an error by SQLite, the lowest byte of its code: <https://www.sqlite.org/rescode.html>.
fn sqlite_kind(error: &sqlx::Error) -> Option<u32> {
    let code = error.as_database_error()?.code()?.parse::<u32>().ok()?;
    Some(code & 0xff)
}

/// Whether a connection may serve again. On a full disk SQLite rolls back by itself; the rollback that sqlx
/// sends then fails, and sqlx counts the transaction as open for ever: what is written on that connection
/// later would wait for a commit that never comes.
async fn has_no_open_transaction(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // The answer comes after a rollback that is still queued.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_written_after_a_full_disk_is_not_lost_with_the_connection() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalog.sqlite");
        let catalog = Catalog::create(&path, Uuid::now_v7(), Timestamp::UNIX_EPOCH)
            .await
            .unwrap();
        // All connections fill a disk that holds no page more.
        let mut filling = Vec::new();
        for _ in 0..4 {
            filling.push(catalog.pool.begin().await.unwrap());
        }
        for mut tx in filling {
            for (statement, fits) in [
                ("PRAGMA max_page_count = 1", true),
                ("UPDATE archive SET created_at = hex(zeroblob(100000))", false),
            ] {
                let done = sqlx::query(statement).execute(&mut *tx).await;
                assert_eq!(done.is_ok(), fits, "{statement}: {done:?}");
            }
        }
        for _ in 0..8 {
            let unknown = hrisov_model::DossierId::random();
            assert!(catalog.dossier(unknown).await.unwrap().is_none());
        }
        let moved = sqlx::query("UPDATE archive SET created_at = 'later'");
        moved.execute(&catalog.pool).await.unwrap();
        catalog.close().await;
        let again = Catalog::open(&path).await.unwrap();
        let read: String = sqlx::query_scalar("SELECT created_at FROM archive")
            .fetch_one(&again.pool)
            .await
            .unwrap();
        assert_eq!(read, "later");
    }
}
