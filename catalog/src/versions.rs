//! Versions: the intent before the first byte is written, the record after the commit point.

use hrisov_model::{Digest, DossierDescription, DossierId, Event, FileRecord, PageRecord};
use jiff::Timestamp;
use sqlx::{Row as _, Sqlite, Transaction, sqlite::SqliteRow};

use crate::{
    Catalog, CatalogError,
    jobs::{self, NewJob},
    rows::{FigureColumns, StateColumns, json_of, name_of, number, parsed},
};

/// A version that is about to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// Whose.
    pub dossier: DossierId,
    /// Which, from 1.
    pub version: u32,
    /// Everything that determines the version's bytes; only its writer reads it.
    pub payload: String,
    /// When it was decided (UTC).
    pub created_at: Timestamp,
}

/// A version whose inventory is durable.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedVersion {
    /// The description that the version holds.
    pub description: DossierDescription,
    /// Which version, from 1.
    pub version: u32,
    /// SHA-256 of its inventory.
    pub inventory_digest: Digest,
    /// Events that the version adds to those of the versions before.
    pub new_events: Vec<Event>,
}

impl Catalog {
    /// Writes down what is about to be written. A dossier has one intent at most: an open one must be finished or
    /// given up before, since bytes of its version may be in the store already.
    ///
    /// # Errors
    /// Where the database fails, or the dossier has an open intent.
    pub async fn begin_intent(&self, intent: &Intent) -> Result<(), CatalogError> {
        sqlx::query("INSERT INTO intents (dossier_id, version, payload, created_at) VALUES (?, ?, ?, ?)")
            .bind(intent.dossier.to_string())
            .bind(intent.version)
            .bind(&intent.payload)
            .bind(intent.created_at.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Intents without a recorded version: what an interrupted run left.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn open_intents(&self) -> Result<Vec<Intent>, CatalogError> {
        let rows = sqlx::query("SELECT * FROM intents ORDER BY dossier_id")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(intent).collect()
    }

    /// The intent of one dossier without a recorded version.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn open_intent(&self, dossier: DossierId) -> Result<Option<Intent>, CatalogError> {
        let row = sqlx::query("SELECT * FROM intents WHERE dossier_id = ?")
            .bind(dossier.to_string())
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(intent).transpose()
    }

    /// Gives up an intent of which nothing was committed.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn drop_intent(&self, dossier: DossierId) -> Result<(), CatalogError> {
        sqlx::query("DELETE FROM intents WHERE dossier_id = ?")
            .bind(dossier.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Records a durable version: description, new events, an outbox row and follow-up jobs, in one
    /// transaction, which also ends the intent.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn record_version(
        &self,
        recorded: &RecordedVersion,
        follow_up: &[NewJob],
    ) -> Result<(), CatalogError> {
        let mut tx = self.begin().await?;
        write_version(&mut tx, recorded).await?;
        jobs::insert(&mut tx, follow_up).await?;
        Ok(tx.commit().await?)
    }
}

impl Catalog {
    /// Records a text version that a recovery finished: the commit that had begun it is done as well. Pages that were not
    /// read when it was begun have `follow_up` jobs.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn record_text(
        &self,
        recorded: &RecordedVersion,
        follow_up: &[NewJob],
    ) -> Result<(), CatalogError> {
        let mut tx = self.begin().await?;
        write_version(&mut tx, recorded).await?;
        sqlx::query("DELETE FROM jobs WHERE dossier_id = ? AND kind = 'commit'")
            .bind(recorded.description.id.to_string())
            .execute(&mut *tx)
            .await?;
        jobs::insert(&mut tx, follow_up).await?;
        Ok(tx.commit().await?)
    }
}

fn intent(row: &SqliteRow) -> Result<Intent, CatalogError> {
    Ok(Intent {
        dossier: parsed(row, "dossier_id")?,
        version: number(row, "version")?,
        payload: row.try_get("payload")?,
        created_at: parsed(row, "created_at")?,
    })
}

/// The rows of a version: the same whether a load, a recovery or a rebuild writes them.
pub(crate) async fn write_version(
    tx: &mut Transaction<'static, Sqlite>,
    recorded: &RecordedVersion,
) -> Result<(), CatalogError> {
    let description = &recorded.description;
    let key = description.id.to_string();
    sqlx::query(
        "INSERT INTO dossiers (id, fonds, box_name, reference, title, inventory, closing, apart, version, inventory_digest)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET fonds = excluded.fonds, box_name = excluded.box_name,
         reference = excluded.reference, title = excluded.title, inventory = excluded.inventory,
         closing = excluded.closing, apart = excluded.apart, version = excluded.version,
         inventory_digest = excluded.inventory_digest",
    )
    .bind(&key)
    .bind(&description.fonds)
    .bind(&description.box_name)
    .bind(&description.reference)
    .bind(&description.title)
    .bind(description.inventory.as_ref().map(json_of))
    .bind(description.closing.as_ref().map(json_of))
    .bind((!description.apart.is_empty()).then(|| json_of(&description.apart)))
    .bind(recorded.version)
    .bind(recorded.inventory_digest.to_string())
    .execute(&mut **tx)
    .await?;
    for table in [
        "DELETE FROM pages WHERE dossier_id = ?",
        "DELETE FROM files WHERE dossier_id = ?",
    ] {
        sqlx::query(table).bind(&key).execute(&mut **tx).await?;
    }
    for (ordinal, file) in (0_i64..).zip(&description.files) {
        insert_file(tx, &key, ordinal, file).await?;
    }
    for (number, page) in (1_i64..).zip(&description.pages) {
        insert_page(tx, &key, number, page).await?;
    }
    insert_events(tx, &key, &recorded.new_events).await?;
    // What was received was hashed: its turn to be verified counts from there.
    let received = description.files.iter().map(|file| file.received_at).max();
    let received = received.or(recorded.new_events.first().map(|event| event.at));
    sqlx::query(
        "INSERT INTO fixity (dossier_id, at_ms, verified, version, findings, recorded) VALUES (?, ?, 0, ?, '[]', 1)
         ON CONFLICT (dossier_id) DO NOTHING",
    )
    .bind(&key)
    .bind(received.map_or(0, Timestamp::as_millisecond))
    .bind(recorded.version)
    .execute(&mut **tx)
    .await?;
    sqlx::query("INSERT INTO outbox (dossier_id, version) VALUES (?, ?)")
        .bind(&key)
        .bind(recorded.version)
        .execute(&mut **tx)
        .await?;
    sqlx::query("DELETE FROM intents WHERE dossier_id = ?")
        .bind(&key)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn insert_file(
    tx: &mut Transaction<'static, Sqlite>,
    dossier: &str,
    ordinal: i64,
    file: &FileRecord,
) -> Result<(), CatalogError> {
    let columns = StateColumns::of(&file.state);
    sqlx::query(
        "INSERT INTO files (id, dossier_id, ordinal, source_path, logical_path, digest, size_bytes, media_type,
         state, reason, detail, received_at, batch_id, replaced_by, rescan_of, rescan_of_index,
         held_dossier, held_file, held_path) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(file.id.to_string())
    .bind(dossier)
    .bind(ordinal)
    .bind(&file.source_path)
    .bind(&file.logical_path)
    .bind(file.digest.to_string())
    .bind(i64::try_from(file.size_bytes).map_err(|_| CatalogError::Invalid { what: "size_bytes" })?)
    .bind(&file.media_type)
    .bind(columns.state)
    .bind(columns.reason)
    .bind(columns.detail)
    .bind(file.received_at.to_string())
    .bind(file.batch.to_string())
    .bind(file.replaced_by.map(|id| id.to_string()))
    .bind(file.rescan_of.map(|place| place.file.to_string()))
    .bind(file.rescan_of.map(|place| place.index))
    .bind(file.held_in.as_ref().map(|holding| holding.dossier.to_string()))
    .bind(file.held_in.as_ref().map(|holding| holding.file.to_string()))
    .bind(file.held_in.as_ref().map(|holding| &holding.path))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(crate) async fn insert_page(
    tx: &mut Transaction<'static, Sqlite>,
    dossier: &str,
    number: i64,
    page: &PageRecord,
) -> Result<(), CatalogError> {
    let columns = StateColumns::of(&page.state);
    let figures = FigureColumns::of(page.figures.as_ref());
    sqlx::query(
        "INSERT INTO pages (id, dossier_id, number, file_id, page_index, width_px, height_px, dpi, state, reason,
         detail, text_path, text_digest, words, confidence_percent, figures, page_hash, word_sketch)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(page.id.to_string())
    .bind(dossier)
    .bind(number)
    .bind(page.file.to_string())
    .bind(page.index)
    .bind(page.width_px)
    .bind(page.height_px)
    .bind(page.dpi)
    .bind(columns.state)
    .bind(columns.reason)
    .bind(columns.detail)
    .bind(&page.text_path)
    .bind(page.text_digest.map(|digest| digest.to_string()))
    .bind(page.words)
    .bind(page.confidence_percent)
    .bind(figures.figures)
    .bind(figures.page_hash)
    .bind(figures.word_sketch)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn insert_events(
    tx: &mut Transaction<'static, Sqlite>,
    dossier: &str,
    events: &[Event],
) -> Result<(), CatalogError> {
    let first: i64 = sqlx::query_scalar("SELECT count(*) FROM events WHERE dossier_id = ?")
        .bind(dossier)
        .fetch_one(&mut **tx)
        .await?;
    for (ordinal, event) in (first..).zip(events) {
        sqlx::query(
            "INSERT INTO events (id, dossier_id, ordinal, kind, at, agent, outcome, detail, file_id, page_id,
             digest, salt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(event.id.to_string())
        .bind(dossier)
        .bind(ordinal)
        .bind(name_of(&event.kind))
        .bind(event.at.to_string())
        .bind(&event.agent.name)
        .bind(name_of(&event.outcome))
        .bind(&event.detail)
        .bind(event.file.map(|id| id.to_string()))
        .bind(event.page.map(|id| id.to_string()))
        .bind(event.digest.map(|digest| digest.to_string()))
        .bind(name_of(&event.salt))
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}
