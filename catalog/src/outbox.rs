//! The outbox: versions that the index has yet to learn of. What the log has yet to learn of is in `leaves`.

use hrisov_model::DossierId;

use crate::{
    Catalog, CatalogError,
    rows::{number, parsed},
};

/// One recorded version to pass on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxRow {
    /// Position in the order of commits.
    pub seq: u64,
    /// Whose version.
    pub dossier: DossierId,
    /// Which version.
    pub version: u32,
}

impl Catalog {
    /// The oldest rows beyond `after`, at most `limit`.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn outbox_after(&self, after: u64, limit: u32) -> Result<Vec<OutboxRow>, CatalogError> {
        let after = i64::try_from(after).map_err(|_| CatalogError::Invalid { what: "seq" })?;
        let rows = sqlx::query("SELECT * FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?")
            .bind(after)
            .bind(limit)
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(OutboxRow {
                    seq: number(row, "seq")?,
                    dossier: parsed(row, "dossier_id")?,
                    version: number(row, "version")?,
                })
            })
            .collect()
    }

    /// Removes the rows up to and with `seq`, once what they announce is durable elsewhere.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn clear_outbox(&self, seq: u64) -> Result<(), CatalogError> {
        let seq = i64::try_from(seq).map_err(|_| CatalogError::Invalid { what: "seq" })?;
        sqlx::query("DELETE FROM outbox WHERE seq <= ?")
            .bind(seq)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
