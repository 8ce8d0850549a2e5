//! Closings of boxes and their leaves in the log, as [`crate::LoggedEvent`]s are for events.

use std::ops::Range;

use hrisov_model::{BatchId, Digest, Salt};
use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;

use crate::{
    Catalog, CatalogError,
    leaves::index,
    rows::{name_of, named, number_option, parsed},
};

/// That a box was loaded and accounted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    /// Which load of it.
    pub batch: BatchId,
    /// SHA-256 of the account in the store's journal.
    pub digest: Digest,
    /// What blinds the leaf's commitment; it lies in the journal too.
    pub salt: Salt,
    /// When (UTC).
    pub at: Timestamp,
    /// The index of its leaf, from 0; `None` until the log has it.
    pub leaf: Option<u64>,
}

impl Catalog {
    /// Marks a batch as finished, and remembers its closing for the log. Its leaf is not taken from here.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn close_batch(&self, closing: &Closing) -> Result<(), CatalogError> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE batches SET finished_at = ? WHERE id = ?")
            .bind(closing.at.to_string())
            .bind(closing.batch.to_string())
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "INSERT INTO closings (batch_id, digest, salt, at) VALUES (?, ?, ?, ?) ON CONFLICT (batch_id) DO NOTHING",
        )
        .bind(closing.batch.to_string())
        .bind(closing.digest.to_string())
        .bind(name_of(&closing.salt))
        .bind(closing.at.to_string())
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// The closings that the log does not have.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn closings_to_log(&self) -> Result<Vec<Closing>, CatalogError> {
        let rows = sqlx::query("SELECT * FROM closings WHERE leaf IS NULL ORDER BY batch_id")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(closing).collect()
    }

    /// The closings whose leaves lie in this range of the log, in its order.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn closings_with_leaves(&self, range: Range<u64>) -> Result<Vec<Closing>, CatalogError> {
        let rows = sqlx::query("SELECT * FROM closings WHERE leaf >= ? AND leaf < ? ORDER BY leaf")
            .bind(index(range.start)?)
            .bind(index(range.end)?)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(closing).collect()
    }
}

fn closing(row: &SqliteRow) -> Result<Closing, CatalogError> {
    Ok(Closing {
        batch: parsed(row, "batch_id")?,
        digest: parsed(row, "digest")?,
        salt: named(row, "salt")?,
        at: parsed(row, "at")?,
        leaf: number_option(row, "leaf")?,
    })
}
