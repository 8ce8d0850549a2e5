//! Events and their leaves in the log: what the log has yet to learn of, and where it has the rest.
//!
//! Every event has one leaf. The position says how many leaves were matched with events; it moves in the same
//! transaction as they do, so that a crash between the log and the catalog only leaves leaves to be matched.

use std::ops::Range;

use hrisov_model::{DossierId, Event, EventId};
use jiff::Timestamp;
use sqlx::{Row as _, sqlite::SqliteRow};

use crate::{
    Catalog, CatalogError,
    closings::ClosingOf,
    rows::{event, number, number_option, parsed},
};

/// Dossiers asked for in one statement.
const DOSSIERS_AT_ONCE: usize = 200;

/// An event, whose it is, and where the log has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedEvent {
    /// Whose event.
    pub dossier: DossierId,
    /// The event.
    pub event: Event,
    /// What its leaf says of it.
    pub leaf_as: LeafAs,
    /// The index of its leaf, from 0; `None` until the log has it.
    pub leaf: Option<u64>,
}

/// What the leaf of an event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeafAs {
    /// That the event happened.
    Event,
    /// That a master was there when the log began.
    Adoption,
}

/// The leaf that was found or made for an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventLeaf {
    /// Which event.
    pub event: EventId,
    /// The index of its leaf, from 0.
    pub leaf: u64,
    /// What the leaf says.
    pub leaf_as: LeafAs,
}

/// The leaf that was found or made for the closing of a load or a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosingLeaf {
    /// Of what.
    pub of: ClosingOf,
    /// The index of its leaf, from 0.
    pub leaf: u64,
}

impl Catalog {
    /// How many leaves of the log were matched with events.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn log_position(&self) -> Result<u64, CatalogError> {
        let row = sqlx::query("SELECT leaves FROM log_position")
            .fetch_one(&self.pool)
            .await?;
        number(&row, "leaves")
    }

    /// Up to `limit` events that the log does not have, those of one dossier in their order.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn events_to_log(&self, limit: u32) -> Result<Vec<LoggedEvent>, CatalogError> {
        let rows =
            sqlx::query("SELECT * FROM events WHERE leaf IS NULL ORDER BY dossier_id, ordinal LIMIT ?")
                .bind(limit)
                .fetch_all(&self.pool)
                .await?;
        rows.iter().map(logged).collect()
    }

    /// How many events the log does not have.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn count_events_to_log(&self) -> Result<u64, CatalogError> {
        let row = sqlx::query("SELECT count(*) AS waiting FROM events WHERE leaf IS NULL")
            .fetch_one(&self.pool)
            .await?;
        number(&row, "waiting")
    }

    /// The events of these dossiers that the log does not have.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn events_to_log_of(&self, dossiers: &[DossierId]) -> Result<Vec<LoggedEvent>, CatalogError> {
        let mut found = Vec::new();
        for dossiers in dossiers.chunks(DOSSIERS_AT_ONCE) {
            let marks = vec!["?"; dossiers.len()].join(", ");
            let sql = format!("SELECT * FROM events WHERE leaf IS NULL AND dossier_id IN ({marks})");
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
            for dossier in dossiers {
                query = query.bind(dossier.to_string());
            }
            for row in &query.fetch_all(&self.pool).await? {
                found.push(logged(row)?);
            }
        }
        Ok(found)
    }

    /// The events whose leaves lie in this range of the log, in its order.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn events_with_leaves(&self, range: Range<u64>) -> Result<Vec<LoggedEvent>, CatalogError> {
        let rows = sqlx::query("SELECT * FROM events WHERE leaf >= ? AND leaf < ? ORDER BY leaf")
            .bind(index(range.start)?)
            .bind(index(range.end)?)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(logged).collect()
    }

    /// The events of a dossier in the order in which they happened, with their leaves.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn logged_events(&self, dossier: DossierId) -> Result<Vec<LoggedEvent>, CatalogError> {
        let rows = sqlx::query("SELECT * FROM events WHERE dossier_id = ? ORDER BY ordinal")
            .bind(dossier.to_string())
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(logged).collect()
    }

    /// Notes where the leaves of events and closings lie, and that the first `position` leaves of the log are matched.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn record_leaves(
        &self,
        leaves: &[EventLeaf],
        closings: &[ClosingLeaf],
        position: u64,
    ) -> Result<(), CatalogError> {
        let mut tx = self.begin().await?;
        for found in leaves {
            sqlx::query("UPDATE events SET leaf = ?, adopted = ? WHERE id = ?")
                .bind(index(found.leaf)?)
                .bind(i64::from(found.leaf_as == LeafAs::Adoption))
                .bind(found.event.to_string())
                .execute(&mut *tx)
                .await?;
        }
        for found in closings {
            sqlx::query("UPDATE closings SET leaf = ? WHERE batch_id = ?")
                .bind(index(found.leaf)?)
                .bind(found.of.uuid().to_string())
                .execute(&mut *tx)
                .await?;
        }
        sqlx::query("UPDATE log_position SET leaves = ?")
            .bind(index(position)?)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Marks the masters that the log does not have and that came before `began`, when the log did: their leaves say
    /// that they were there, not that they came.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn adopt_masters(&self, began: Timestamp) -> Result<(), CatalogError> {
        let mut tx = self.begin().await?;
        let masters = sqlx::query(
            "SELECT id, at FROM events WHERE leaf IS NULL AND adopted = 0 AND kind IN ('ingestion', 'replacement')",
        )
        .fetch_all(&mut *tx)
        .await?;
        for row in &masters {
            let at: Timestamp = parsed(row, "at")?;
            if at < began {
                sqlx::query("UPDATE events SET adopted = 1 WHERE id = ?")
                    .bind(row.try_get::<String, _>("id")?)
                    .execute(&mut *tx)
                    .await?;
            }
        }
        Ok(tx.commit().await?)
    }
}

pub(crate) fn index(leaf: u64) -> Result<i64, CatalogError> {
    i64::try_from(leaf).map_err(|_| CatalogError::Invalid { what: "leaf" })
}

fn logged(row: &SqliteRow) -> Result<LoggedEvent, CatalogError> {
    Ok(LoggedEvent {
        dossier: parsed(row, "dossier_id")?,
        event: event(row)?,
        leaf_as: match row.try_get::<i64, _>("adopted")? {
            0 => LeafAs::Event,
            _ => LeafAs::Adoption,
        },
        leaf: number_option(row, "leaf")?,
    })
}
