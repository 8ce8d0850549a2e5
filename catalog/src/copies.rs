//! The same bytes elsewhere: the same act often lies in two files.

use std::collections::HashMap;

use hrisov_model::BatchId;
use serde::Serialize;
use sqlx::{Row as _, sqlite::SqliteRow};

use crate::{Catalog, CatalogError, rows::number};

/// Where else the bytes of a received file lie.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Copies {
    /// The file of the same dossier of which it is a duplicate: its path below the dossier.
    pub duplicate_of: Option<String>,
    /// Files of other dossiers with the same bytes, where they are kept as well.
    pub elsewhere: u64,
    /// One of them: `fonds/box/reference: path`.
    pub for_instance: Option<String>,
}

/// Files of a batch and stored files with the same bytes. What a stack holds for its parts is no copy.
const PAIRS: &str = "FROM batch_files b JOIN files f ON f.id = b.file_id
    JOIN files o ON o.digest = f.digest AND o.id <> f.id AND o.state = 'stored' AND o.held_file IS NULL
        AND o.replaced_by IS NULL
    WHERE b.batch_id = ? AND f.state IN ('stored', 'duplicate')";

impl Catalog {
    /// Of each file of a batch whose bytes lie elsewhere too, by its path below the box, where.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn copies(&self, batch: BatchId) -> Result<HashMap<String, Copies>, CatalogError> {
        let sql = format!(
            "SELECT same.path, min(CASE WHEN same.is_own THEN same.source_path END) AS duplicate_of,
                sum(CASE WHEN same.is_own THEN 0 ELSE 1 END) AS elsewhere,
                min(CASE WHEN same.is_own THEN NULL
                    ELSE d.fonds || '/' || d.box_name || '/' || d.reference || ': ' || same.source_path END) AS for_instance
             FROM (SELECT b.source_path AS path, o.source_path, o.dossier_id, o.dossier_id = f.dossier_id AS is_own
                 {PAIRS}) AS same
             JOIN dossiers d ON d.id = same.dossier_id GROUP BY same.path"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(batch.to_string())
            .fetch_all(&self.pool)
            .await?;
        let copies = |row: &SqliteRow| {
            let copies = Copies {
                duplicate_of: row.try_get("duplicate_of")?,
                elsewhere: number(row, "elsewhere")?,
                for_instance: row.try_get("for_instance")?,
            };
            Ok((row.try_get("path")?, copies))
        };
        rows.iter().map(copies).collect()
    }

    /// How many files of a batch lie in other dossiers as well.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn files_elsewhere(&self, batch: BatchId) -> Result<u64, CatalogError> {
        let sql =
            format!("SELECT count(DISTINCT b.source_path) AS files {PAIRS} AND o.dossier_id <> f.dossier_id");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(batch.to_string())
            .fetch_one(&self.pool)
            .await?;
        number(&row, "files")
    }
}
