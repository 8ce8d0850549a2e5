//! Boxes as a whole: compared with their inventories, closed, opened again. The records lie in the store's journal.

use hrisov_model::{Account, BoxClosing, BoxRecordId, Digest};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{Row as _, Sqlite, Transaction, sqlite::SqliteRow};

use crate::{
    BoxName, Catalog, CatalogError,
    batches::sortable,
    closings::{Closing, insert_closing},
    rows::{json_of, number},
};

/// The value of `format` in every stored box record of this version.
pub const BOX_RECORD_FORMAT: &str = "hrisov-box/1";

/// One act on a box, as it lies in the store's journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BoxRecord {
    /// [`BOX_RECORD_FORMAT`].
    pub format: String,
    /// Its identifier.
    pub id: BoxRecordId,
    /// Which box.
    #[serde(flatten)]
    pub of: BoxName,
    /// When (UTC).
    pub at: Timestamp,
    /// What was done.
    #[serde(flatten)]
    pub act: BoxAct,
}

/// What was done with a box.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum BoxAct {
    /// It was held against its paper inventory.
    Compared(Comparison),
    /// It is complete: nothing more is taken in.
    Closed {
        /// Who said so, where somebody gave a name.
        by: Option<String>,
        /// Why the differences are accepted, where there are any.
        reason: Option<String>,
        /// The differences that are accepted, as the comparison named them.
        accepted: Vec<Value>,
        /// Its files by state, as the last load left them.
        account: Account,
        /// Dossiers in it.
        dossiers: u64,
        /// Their pages.
        pages: u64,
    },
    /// It takes in files again.
    Reopened {
        /// Who said so.
        by: String,
        /// Why.
        reason: String,
    },
}

/// How a box and its paper inventory compare.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Name of the inventory's file.
    pub inventory: String,
    /// SHA-256 of that file.
    pub inventory_digest: Digest,
    /// SHA-256 of the list of dossiers and pages that it was compared with: another one makes the comparison outdated.
    pub scanned_digest: Digest,
    /// How the box was scanned.
    pub sides: Value,
    /// How many rows and dossiers ended how.
    pub counts: Value,
    /// Every doubt and difference.
    pub findings: Vec<Value>,
}

impl BoxRecord {
    /// The bytes that lie in the journal: always the same for the same record.
    #[must_use]
    pub fn to_json(&self) -> String {
        json_of(self)
    }

    /// What the descriptions of the box's dossiers say; `None` where this record does not close it.
    #[must_use]
    pub fn closing(&self) -> Option<BoxClosing> {
        match &self.act {
            BoxAct::Closed { by, .. } => Some(BoxClosing {
                record: self.id,
                at: self.at,
                by: by.clone(),
            }),
            BoxAct::Compared(_) | BoxAct::Reopened { .. } => None,
        }
    }
}

impl Catalog {
    /// Enters a record before it is written to the journal.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn enter_box_record(&self, record: &BoxRecord) -> Result<(), CatalogError> {
        sqlx::query(
            "INSERT INTO box_records (id, fonds, box_name, at, record, written) VALUES (?, ?, ?, ?, ?, 0)",
        )
        .bind(record.id.to_string())
        .bind(&record.of.fonds)
        .bind(&record.of.name)
        .bind(sortable(record.at))
        .bind(record.to_json())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Notes that a record lies in the journal; where it closes the box, its leaf is still to be made.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn box_record_written(
        &self,
        id: BoxRecordId,
        closing: Option<&Closing>,
    ) -> Result<(), CatalogError> {
        let mut tx: Transaction<'static, Sqlite> = self.begin().await?;
        sqlx::query("UPDATE box_records SET written = 1 WHERE id = ?")
            .bind(id.to_string())
            .execute(&mut *tx)
            .await?;
        if let Some(closing) = closing {
            insert_closing(&mut tx, closing).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Records that an interrupted run entered and did not write, oldest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn unwritten_box_records(&self) -> Result<Vec<BoxRecord>, CatalogError> {
        let rows = sqlx::query("SELECT record FROM box_records WHERE written = 0 ORDER BY at, id")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(record).collect()
    }

    /// Everything that was done with a box, oldest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn box_records(&self, of: &BoxName) -> Result<Vec<BoxRecord>, CatalogError> {
        let rows =
            sqlx::query("SELECT record FROM box_records WHERE fonds = ? AND box_name = ? ORDER BY at, id")
                .bind(&of.fonds)
                .bind(&of.name)
                .fetch_all(&self.pool)
                .await?;
        rows.iter().map(record).collect()
    }

    /// The record that closes a box; `None` while the box is open.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn closed_box(&self, of: &BoxName) -> Result<Option<BoxRecord>, CatalogError> {
        let mut closed = None;
        for record in self.box_records(of).await? {
            match &record.act {
                BoxAct::Closed { .. } => closed = Some(record),
                BoxAct::Reopened { .. } => closed = None,
                BoxAct::Compared(_) => {}
            }
        }
        Ok(closed)
    }

    /// What was done with whatever box, oldest first, each with whether it lies in the journal.
    ///
    /// # Errors
    /// Where the database fails; [`CatalogError::Invalid`] where a row and the record in it do not say the same.
    pub async fn every_box_record(&self) -> Result<Vec<(BoxRecord, bool)>, CatalogError> {
        let rows = sqlx::query("SELECT * FROM box_records ORDER BY at, id")
            .fetch_all(&self.pool)
            .await?;
        let entered = |row: &SqliteRow| {
            let record = record(row)?;
            let is_same = record.id.to_string() == row.try_get::<&str, _>("id")?
                && record.of.fonds == row.try_get::<&str, _>("fonds")?
                && record.of.name == row.try_get::<&str, _>("box_name")?
                && sortable(record.at) == row.try_get::<&str, _>("at")?;
            match is_same {
                true => Ok((record, number::<i64>(row, "written")? != 0)),
                false => Err(CatalogError::Invalid { what: "box record" }),
            }
        };
        rows.iter().map(entered).collect()
    }

    /// Every box that was ever loaded, by fonds and name.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn loaded_boxes(&self) -> Result<Vec<BoxName>, CatalogError> {
        let rows = sqlx::query("SELECT fonds, name FROM boxes ORDER BY fonds, name")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(box_name).collect()
    }

    /// The boxes of that name, in whatever fonds.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn boxes_called(&self, name: &str) -> Result<Vec<BoxName>, CatalogError> {
        let rows = sqlx::query("SELECT fonds, name FROM boxes WHERE name = ? ORDER BY fonds")
            .bind(name)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(box_name).collect()
    }

    /// Whether work on a dossier of the box is under way or waits.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn has_open_work_in(&self, of: &BoxName) -> Result<bool, CatalogError> {
        Ok(sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM dossiers d WHERE d.fonds = ?1 AND d.box_name = ?2 AND
             (EXISTS (SELECT 1 FROM jobs j WHERE j.dossier_id = d.id)
              OR EXISTS (SELECT 1 FROM intents i WHERE i.dossier_id = d.id)))",
        )
        .bind(&of.fonds)
        .bind(&of.name)
        .fetch_one(&self.pool)
        .await?)
    }
}

fn box_name(row: &SqliteRow) -> Result<BoxName, CatalogError> {
    Ok(BoxName {
        fonds: row.try_get("fonds")?,
        name: row.try_get("name")?,
    })
}

fn record(row: &SqliteRow) -> Result<BoxRecord, CatalogError> {
    let json: String = row.try_get("record")?;
    serde_json::from_str(&json).map_err(|_| CatalogError::Invalid { what: "box record" })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(second: i64, act: BoxAct) -> BoxRecord {
        BoxRecord {
            format: BOX_RECORD_FORMAT.to_owned(),
            id: BoxRecordId::random(),
            of: BoxName {
                fonds: "F1".to_owned(),
                name: "cutia 4".to_owned(),
            },
            at: Timestamp::from_second(second).unwrap(),
            act,
        }
    }

    #[tokio::test]
    async fn the_last_word_decides_whether_a_box_is_closed() {
        let catalog = Catalog::in_memory().await.unwrap();
        let closed = |by: Option<&str>| BoxAct::Closed {
            by: by.map(str::to_owned),
            reason: None,
            accepted: vec![json!({"kind": "missing", "lines": [4]})],
            account: Account::default(),
            dossiers: 3,
            pages: 12,
        };
        let reopened = BoxAct::Reopened {
            by: "Ana".to_owned(),
            reason: "un dosar a fost găsit".to_owned(),
        };
        let compared = BoxAct::Compared(Comparison {
            inventory: "inventar.csv".to_owned(),
            inventory_digest: Digest::of(b"inventar"),
            scanned_digest: Digest::of(b"scan"),
            sides: json!("duplex"),
            counts: json!({"rows": 4}),
            findings: vec![json!({"kind": "missing"})],
        });
        let mut entered = Vec::new();
        for (second, act, is_closed) in [
            (1, compared.clone(), false),
            (2, closed(Some("Ana")), true),
            (3, compared, true),
            (4, reopened, false),
            (5, closed(None), true),
        ] {
            let record = record(second, act);
            catalog.enter_box_record(&record).await.unwrap();
            let found = catalog.closed_box(&record.of).await.unwrap();
            assert_eq!(found.is_some(), is_closed, "{second}");
            entered.push(record);
        }
        assert_eq!(catalog.box_records(&entered[0].of).await.unwrap(), entered);
        assert_eq!(catalog.unwritten_box_records().await.unwrap(), entered);
        catalog.box_record_written(entered[1].id, None).await.unwrap();
        assert_eq!(catalog.unwritten_box_records().await.unwrap().len(), 4);
    }
}
