//! Boxes and batches: what was received, and the state in which each file ended.

use hrisov_model::{Account, Apart, BatchId, DossierId, FileId, FileState, PageApart};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::{Row as _, sqlite::SqliteRow};

use crate::{
    Catalog, CatalogError,
    rows::{StateColumns, box_name, from_json, number, parsed, parsed_option},
};

/// A box within its fonds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BoxName {
    /// Code of the fonds.
    pub fonds: String,
    /// Name of the box.
    #[serde(rename = "box")]
    pub name: String,
}

/// One load of a box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Its identifier.
    pub id: BatchId,
    /// What was loaded.
    #[serde(flatten)]
    pub of: BoxName,
    /// The folder it was read from, percent-encoded where it is not UTF-8.
    pub source_path: String,
    /// When it began (UTC).
    pub started_at: Timestamp,
    /// When every file had its state and every page its result; `None` while there is work left.
    pub finished_at: Option<Timestamp>,
}

/// One file of a batch with the state in which it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchFile {
    /// Path below the box, `/`-separated, percent-encoded where it is not UTF-8.
    pub source_path: String,
    /// Its record, where it has one.
    pub file: Option<FileId>,
    /// Its dossier, where it has a record.
    pub dossier: Option<DossierId>,
    /// How it ended.
    #[serde(flatten)]
    pub state: FileState,
    /// When it was received (UTC).
    pub at: Timestamp,
}

/// The value of `format` in every stored batch account of this version.
pub const BATCH_FORMAT: &str = "hrisov-batch/1";

/// The account of one finished batch, as it lies in the store's journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchAccount {
    /// [`BATCH_FORMAT`].
    pub format: String,
    /// The batch.
    #[serde(flatten)]
    pub batch: Batch,
    /// Its files.
    pub files: Vec<BatchFile>,
}

/// Pages by their state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PageCounts {
    /// All of them.
    pub pages: u64,
    /// Not read yet.
    pub waiting: u64,
    /// Read.
    pub recognised: u64,
    /// With nothing on them.
    pub blank: u64,
    /// That could not be read.
    pub unreadable: u64,
}

const BATCH_FILES: &str = "SELECT b.source_path, b.file_id, f.dossier_id, b.at,
    coalesce(f.state, b.state) AS state,
    CASE WHEN f.id IS NULL THEN b.reason ELSE f.reason END AS reason,
    CASE WHEN f.id IS NULL THEN b.detail ELSE f.detail END AS detail
    FROM batch_files b LEFT JOIN files f ON f.id = b.file_id";

impl Catalog {
    /// Where a box of that name was read from, if one was.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn box_source(&self, of: &BoxName) -> Result<Option<String>, CatalogError> {
        Ok(
            sqlx::query_scalar("SELECT source_path FROM boxes WHERE fonds = ? AND name = ?")
                .bind(&of.fonds)
                .bind(&of.name)
                .fetch_optional(&self.pool)
                .await?,
        )
    }

    /// The batch of a box that an interrupted load left open.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn open_batch_of(&self, of: &BoxName) -> Result<Option<Batch>, CatalogError> {
        self.latest_where(of, "finished_at IS NULL").await
    }

    /// The batches under way that can be finished without their boxes: everything in them is deposited.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn surveyed_batches(&self) -> Result<Vec<Batch>, CatalogError> {
        let rows = sqlx::query(
            "SELECT b.* FROM batches b JOIN load_runs r ON r.batch_id = b.id
             WHERE b.finished_at IS NULL AND r.surveyed = 1 ORDER BY b.started_at, b.id",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(batch).collect()
    }

    /// The latest finished batch of a box.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn latest_finished_batch(&self, of: &BoxName) -> Result<Option<Batch>, CatalogError> {
        self.latest_where(of, "finished_at IS NOT NULL").await
    }

    /// Whether a batch brought files of its own.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn has_brought_files(&self, batch: BatchId) -> Result<bool, CatalogError> {
        Ok(
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM files WHERE batch_id = ?)")
                .bind(batch.to_string())
                .fetch_one(&self.pool)
                .await?,
        )
    }

    async fn latest_where(
        &self,
        of: &BoxName,
        condition: &'static str,
    ) -> Result<Option<Batch>, CatalogError> {
        let sql = format!(
            "SELECT * FROM batches WHERE fonds = ? AND box_name = ? AND {condition}
             ORDER BY started_at DESC, id DESC LIMIT 1"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(&of.fonds)
            .bind(&of.name)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(batch).transpose()
    }

    /// Every batch, the latest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn batches(&self) -> Result<Vec<Batch>, CatalogError> {
        let rows = sqlx::query("SELECT * FROM batches ORDER BY started_at DESC, id DESC")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(batch).collect()
    }

    /// Whether a batch is under way, or was interrupted.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn has_unfinished_batch(&self) -> Result<bool, CatalogError> {
        Ok(
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM batches WHERE finished_at IS NULL)")
                .fetch_one(&self.pool)
                .await?,
        )
    }

    /// One batch.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn batch(&self, id: BatchId) -> Result<Option<Batch>, CatalogError> {
        let row = sqlx::query("SELECT * FROM batches WHERE id = ?")
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(batch).transpose()
    }

    /// Opens a batch (or re-enters one that a rebuild read from the journal) and remembers its box.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn open_batch(&self, opened: &Batch) -> Result<(), CatalogError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO boxes (fonds, name, source_path) VALUES (?, ?, ?)
             ON CONFLICT (fonds, name) DO UPDATE SET source_path = excluded.source_path",
        )
        .bind(&opened.of.fonds)
        .bind(&opened.of.name)
        .bind(&opened.source_path)
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "INSERT INTO batches (id, fonds, box_name, source_path, started_at, finished_at) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(opened.id.to_string())
        .bind(&opened.of.fonds)
        .bind(&opened.of.name)
        .bind(&opened.source_path)
        .bind(sortable(opened.started_at))
        .bind(opened.finished_at.map(|at| at.to_string()))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Enters files into a batch's account; a file entered before gets the newer state.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn account_files(&self, batch: BatchId, files: &[BatchFile]) -> Result<(), CatalogError> {
        let mut tx = self.begin().await?;
        for file in files {
            let own = file.file.is_none().then(|| StateColumns::of(&file.state));
            let (state, reason, detail) =
                own.map_or((None, None, None), |c| (Some(c.state), c.reason, c.detail));
            sqlx::query(
                "INSERT INTO batch_files (batch_id, source_path, file_id, state, reason, detail, at)
                 VALUES (?, ?, ?, ?, ?, ?, ?)
                 ON CONFLICT (batch_id, source_path) DO UPDATE SET file_id = excluded.file_id,
                 state = excluded.state, reason = excluded.reason, detail = excluded.detail, at = excluded.at",
            )
            .bind(batch.to_string())
            .bind(&file.source_path)
            .bind(file.file.map(|id| id.to_string()))
            .bind(state)
            .bind(reason)
            .bind(detail)
            .bind(file.at.to_string())
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Forgets a batch in which nothing new was received.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn forget_batch(&self, id: BatchId) -> Result<(), CatalogError> {
        let mut tx = self.begin().await?;
        for sql in [
            "DELETE FROM batch_files WHERE batch_id = ?",
            "DELETE FROM load_runs WHERE batch_id = ?",
            "DELETE FROM batches WHERE id = ?",
        ] {
            sqlx::query(sql).bind(id.to_string()).execute(&mut *tx).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The files of a batch in the order of their paths.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn batch_files(&self, id: BatchId) -> Result<Vec<BatchFile>, CatalogError> {
        let sql = format!("{BATCH_FILES} WHERE b.batch_id = ? ORDER BY b.source_path");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(id.to_string())
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(batch_file).collect()
    }

    /// One file of a batch by its path below the box.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn batch_file(
        &self,
        id: BatchId,
        source_path: &str,
    ) -> Result<Option<BatchFile>, CatalogError> {
        let sql = format!("{BATCH_FILES} WHERE b.batch_id = ? AND b.source_path = ?");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(id.to_string())
            .bind(source_path)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(batch_file).transpose()
    }

    /// The account of a batch.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn account(&self, id: BatchId) -> Result<Account, CatalogError> {
        let rows = sqlx::query(
            "SELECT coalesce(f.state, b.state) AS state, count(*) AS files
             FROM batch_files b LEFT JOIN files f ON f.id = b.file_id WHERE b.batch_id = ? GROUP BY 1",
        )
        .bind(id.to_string())
        .fetch_all(&self.pool)
        .await?;
        let mut account = Account::default();
        for row in rows {
            let files: u64 = number(&row, "files")?;
            account.received += files;
            match row.try_get::<&str, _>("state")? {
                "stored" => account.stored += files,
                "duplicate" => account.duplicate += files,
                "ignored" => account.ignored += files,
                "quarantined" => account.quarantined += files,
                _ => return Err(CatalogError::Invalid { what: "state" }),
            }
        }
        Ok(account)
    }

    /// Pages by state: of the dossiers that a batch's files belong to, or of the whole archive.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn page_counts(&self, batch: Option<BatchId>) -> Result<PageCounts, CatalogError> {
        const OF_BATCH: &str = " WHERE dossier_id IN (SELECT dossier_id FROM batch_shown WHERE batch_id = ?)";
        let condition = if batch.is_some() { OF_BATCH } else { "" };
        let sql = format!("SELECT state, count(*) AS pages FROM pages{condition} GROUP BY state");
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        if let Some(batch) = batch {
            query = query.bind(batch.to_string());
        }
        let mut counts = PageCounts::default();
        for row in query.fetch_all(&self.pool).await? {
            let pages: u64 = number(&row, "pages")?;
            counts.pages += pages;
            match row.try_get::<&str, _>("state")? {
                "waiting" => counts.waiting += pages,
                "recognised" => counts.recognised += pages,
                "blank" => counts.blank += pages,
                "unreadable" => counts.unreadable += pages,
                _ => return Err(CatalogError::Invalid { what: "state" }),
            }
        }
        Ok(counts)
    }

    /// How many of a batch's files are kept but wait to be looked at or read.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn unread_files(&self, id: BatchId) -> Result<u64, CatalogError> {
        let row = sqlx::query(
            // CROSS keeps this order: the other way round every file of the batch looks through all jobs.
            "SELECT count(DISTINCT j.file_id) AS files FROM jobs j
             CROSS JOIN batch_files b ON b.file_id = j.file_id WHERE b.batch_id = ?",
        )
        .bind(id.to_string())
        .fetch_one(&self.pool)
        .await?;
        number(&row, "files")
    }

    /// How many separator sheets are among the pages of the batch's files.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn separator_sheets(&self, id: BatchId) -> Result<u64, CatalogError> {
        let rows = sqlx::query(
            "SELECT apart FROM dossiers WHERE apart IS NOT NULL
             AND id IN (SELECT dossier_id FROM batch_shown WHERE batch_id = ?)",
        )
        .bind(id.to_string())
        .fetch_all(&self.pool)
        .await?;
        let mut sheets = 0;
        for row in &rows {
            let apart: Vec<PageApart> = from_json(row, "apart")?.unwrap_or_default();
            let is_sheet = |page: &&PageApart| matches!(page.apart, Apart::Sheet(_));
            sheets += apart.iter().filter(is_sheet).count() as u64;
        }
        Ok(sheets)
    }

    /// How many dossiers the batch's files belong to, or the whole archive has.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn dossier_count(&self, batch: Option<BatchId>) -> Result<u64, CatalogError> {
        let row = match batch {
            None => {
                sqlx::query("SELECT count(*) AS dossiers FROM shown_dossiers")
                    .fetch_one(&self.pool)
                    .await?
            }
            Some(batch) => {
                sqlx::query(
                    "SELECT count(*) AS dossiers FROM shown_dossiers
                     WHERE id IN (SELECT dossier_id FROM batch_shown WHERE batch_id = ?)",
                )
                .bind(batch.to_string())
                .fetch_one(&self.pool)
                .await?
            }
        };
        number(&row, "dossiers")
    }
}

/// A time as text that sorts: always three digits of a second.
pub(crate) fn sortable(at: Timestamp) -> String {
    format!("{at:.3}")
}

fn batch(row: &SqliteRow) -> Result<Batch, CatalogError> {
    Ok(Batch {
        id: parsed(row, "id")?,
        of: box_name(row)?,
        source_path: row.try_get("source_path")?,
        started_at: parsed(row, "started_at")?,
        finished_at: parsed_option(row, "finished_at")?,
    })
}

fn batch_file(row: &SqliteRow) -> Result<BatchFile, CatalogError> {
    Ok(BatchFile {
        source_path: row.try_get("source_path")?,
        file: parsed_option(row, "file_id")?,
        dossier: parsed_option(row, "dossier_id")?,
        state: StateColumns::read(row)?,
        at: parsed(row, "at")?,
    })
}
