//! Closings of loads and of boxes, records of verifications and of reviews, and their leaves in the log, as [`crate::LoggedEvent`]s are for events.

use std::ops::Range;

use hrisov_model::{BatchId, BoxRecordId, Digest, FixityRecordId, ReviewId, Salt};
use jiff::Timestamp;
use sqlx::{Row as _, Sqlite, Transaction, sqlite::SqliteRow};
use uuid::Uuid;

use crate::{
    Catalog, CatalogError,
    leaves::index,
    rows::{name_of, named, number_option, parsed},
};

/// What was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClosingOf {
    /// A load of a box: all that was found is accounted for.
    Load(BatchId),
    /// A box for good, by the record that says so.
    Box(BoxRecordId),
    /// A series of verifications, by the record of how they ended.
    Fixity(FixityRecordId),
    /// Doubts about some pages, by the record of what a person decided.
    Review(ReviewId),
}

/// That a load, a box, a series of verifications or a review was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    /// What.
    pub of: ClosingOf,
    /// SHA-256 of the account or record in the store's journal.
    pub digest: Digest,
    /// What blinds the leaf's commitment; it lies in the journal too.
    pub salt: Salt,
    /// When (UTC).
    pub at: Timestamp,
    /// The index of its leaf, from 0; `None` until the log has it.
    pub leaf: Option<u64>,
}

impl ClosingOf {
    /// The identifier that its leaf bears.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        match self {
            Self::Load(batch) => batch.uuid(),
            Self::Box(record) => record.uuid(),
            Self::Fixity(record) => record.uuid(),
            Self::Review(record) => record.uuid(),
        }
    }

    const fn subject(self) -> &'static str {
        match self {
            Self::Load(_) => "load",
            Self::Box(_) => "box",
            Self::Fixity(_) => "fixity",
            Self::Review(_) => "review",
        }
    }
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
            .bind(closing.of.uuid().to_string())
            .execute(&mut *tx)
            .await?;
        sqlx::query("DELETE FROM load_runs WHERE batch_id = ?")
            .bind(closing.of.uuid().to_string())
            .execute(&mut *tx)
            .await?;
        insert_closing(&mut tx, closing).await?;
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

/// Remembers a closing for the log, once.
pub(crate) async fn insert_closing(
    tx: &mut Transaction<'static, Sqlite>,
    closing: &Closing,
) -> Result<(), CatalogError> {
    sqlx::query(
        "INSERT INTO closings (batch_id, subject, digest, salt, at) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (batch_id) DO NOTHING",
    )
    .bind(closing.of.uuid().to_string())
    .bind(closing.of.subject())
    .bind(closing.digest.to_string())
    .bind(name_of(&closing.salt))
    .bind(closing.at.to_string())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn closing(row: &SqliteRow) -> Result<Closing, CatalogError> {
    Ok(Closing {
        of: match row.try_get::<&str, _>("subject")? {
            "load" => ClosingOf::Load(parsed(row, "batch_id")?),
            "box" => ClosingOf::Box(parsed(row, "batch_id")?),
            "fixity" => ClosingOf::Fixity(parsed(row, "batch_id")?),
            "review" => ClosingOf::Review(parsed(row, "batch_id")?),
            _ => return Err(CatalogError::Invalid { what: "subject" }),
        },
        digest: parsed(row, "digest")?,
        salt: named(row, "salt")?,
        at: parsed(row, "at")?,
        leaf: number_option(row, "leaf")?,
    })
}
