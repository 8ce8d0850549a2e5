//! Repairs that were begun and are no events yet.

use hrisov_model::{Digest, DossierId, EventId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::{Row as _, sqlite::SqliteRow};

use crate::{
    Catalog, CatalogError,
    rows::{json_of, parsed},
};

/// A repair of a dossier's object, written down before the first byte is put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairIntent {
    /// The event that it becomes.
    pub event: EventId,
    /// Whose object.
    pub dossier: DossierId,
    /// When it was begun (UTC).
    pub at: Timestamp,
    /// Where the right bytes come from, as it was given.
    pub from: String,
    /// What is wrong.
    pub defects: Vec<Defect>,
}

/// A file of an object that is not as it has to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defect {
    /// Where it lies in the store.
    pub path: String,
    /// SHA-256 that its bytes must have.
    pub expected: Digest,
    /// SHA-256 that they have; `None` where they are gone or cannot be read.
    pub found: Option<Digest>,
}

/// What the database keeps as JSON.
#[derive(Serialize, Deserialize)]
struct Payload {
    from: String,
    defects: Vec<Defect>,
}

impl Catalog {
    /// Writes down that a repair is about to be made.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn begin_repair(&self, repair: &RepairIntent) -> Result<(), CatalogError> {
        let payload = Payload {
            from: repair.from.clone(),
            defects: repair.defects.clone(),
        };
        sqlx::query("INSERT INTO repairs (event_id, dossier_id, at, payload) VALUES (?, ?, ?, ?)")
            .bind(repair.event.to_string())
            .bind(repair.dossier.to_string())
            .bind(repair.at.to_string())
            .bind(json_of(&payload))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Repairs that are no events yet: under way, or interrupted.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn open_repairs(&self) -> Result<Vec<RepairIntent>, CatalogError> {
        let rows = sqlx::query("SELECT * FROM repairs ORDER BY dossier_id, event_id")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(repair).collect()
    }

    /// Forgets a repair: it is an event now, or nothing came of it.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn end_repair(&self, event: EventId) -> Result<(), CatalogError> {
        sqlx::query("DELETE FROM repairs WHERE event_id = ?")
            .bind(event.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

fn repair(row: &SqliteRow) -> Result<RepairIntent, CatalogError> {
    let payload: Payload = serde_json::from_str(row.try_get("payload")?)
        .map_err(|_| CatalogError::Invalid { what: "repair" })?;
    Ok(RepairIntent {
        event: parsed(row, "event_id")?,
        dossier: parsed(row, "dossier_id")?,
        at: parsed(row, "at")?,
        from: payload.from,
        defects: payload.defects,
    })
}
