//! Dossiers as they are held: descriptions, events, and finding one by what people call it.

use std::collections::{BTreeSet, HashMap};

use hrisov_model::{
    DESCRIPTION_FORMAT, Digest, DossierDescription, DossierId, Event, FileId, FileRecord, NEARLY_BLANK_WORDS,
    PageApart, PageId, PageRecord, is_nearly_blank,
};
use sqlx::{Row as _, sqlite::SqliteRow};

use crate::{
    Catalog, CatalogError,
    batches::BoxName,
    rows::{box_name, event, file_record, from_json, number, page_record, parsed},
};

/// A dossier with the version that the catalog last recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldDossier {
    /// What is said about it; pages and files may be ahead of the stored description while work is under way.
    pub description: DossierDescription,
    /// The OCFL version, from 1.
    pub version: u32,
    /// SHA-256 of that version's inventory.
    pub inventory_digest: Digest,
}

/// A dossier of a box and how many pages it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoxDossier {
    /// Permanent identifier.
    pub id: DossierId,
    /// Reference within the box.
    pub reference: String,
    /// Pages it has.
    pub pages: u32,
    /// Those with nothing or next to nothing on them.
    pub blank_pages: u32,
    /// Pairs of pages, the first and second, the third and fourth and so on, of which both are such.
    pub blank_pairs: u32,
}

/// A received file with where it lies.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldFile {
    /// Its dossier.
    pub dossier: DossierSummary,
    /// What is recorded of it.
    pub file: FileRecord,
    /// Pages that show its bytes, with their numbers in the dossier.
    pub pages: Vec<(PageId, u32)>,
}

/// One line about a dossier.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct DossierSummary {
    /// Permanent identifier.
    pub id: DossierId,
    /// Fonds and box.
    #[serde(flatten)]
    pub box_name: BoxName,
    /// Reference within the box.
    pub reference: String,
    /// Title.
    pub title: String,
    /// Pages it has.
    pub pages: u32,
}

/// What a reference means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// Exactly this dossier.
    One(DossierId),
    /// No dossier at all.
    None,
    /// Several; at most twenty are listed.
    Ambiguous(Vec<DossierSummary>),
}

/// References as people write them, from the most to the least exact; the first that fits anything decides.
const REFERENCE_FORMS: [&str; 4] = [
    "d.fonds || '/' || d.box_name || '/' || d.reference = ?1",
    "d.box_name || '/' || d.reference = ?1",
    "d.reference = ?1",
    // A dossier made of one file may be called without the file's extension.
    "substr(d.reference, 1, length(?1) + 1) = ?1 || '.' AND instr(substr(d.reference, length(?1) + 2), '.') = 0",
];

const SUMMARY: &str = "SELECT d.id, d.fonds, d.box_name, d.reference, d.title,
    (SELECT count(*) FROM pages p WHERE p.dossier_id = d.id) AS pages FROM dossiers d";

impl Catalog {
    /// The dossier of that fonds, box and reference.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn find_dossier(
        &self,
        of: &BoxName,
        reference: &str,
    ) -> Result<Option<DossierId>, CatalogError> {
        let row = sqlx::query("SELECT id FROM dossiers WHERE fonds = ? AND box_name = ? AND reference = ?")
            .bind(&of.fonds)
            .bind(&of.name)
            .bind(reference)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| parsed(&row, "id")).transpose()
    }

    /// The dossier that people mean by an identifier, `fonds/box/reference`, `box/reference`, the
    /// reference alone, or a file's name without its extension.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn resolve(&self, called: &str) -> Result<Resolution, CatalogError> {
        if let Ok(id) = called.parse::<DossierId>() {
            let known = sqlx::query("SELECT id FROM dossiers WHERE id = ?")
                .bind(id.to_string())
                .fetch_optional(&self.pool)
                .await?;
            if known.is_some() {
                return Ok(Resolution::One(id));
            }
        }
        for form in REFERENCE_FORMS {
            let sql = format!("{SUMMARY} WHERE {form} ORDER BY d.fonds, d.box_name, d.reference LIMIT 20");
            let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(called)
                .fetch_all(&self.pool)
                .await?;
            let mut found = rows.iter().map(summary).collect::<Result<Vec<_>, _>>()?;
            match found.len() {
                0 => {}
                1 => return Ok(Resolution::One(found.remove(0).id)),
                _ => return Ok(Resolution::Ambiguous(found)),
            }
        }
        Ok(Resolution::None)
    }

    /// What is held of a dossier.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn dossier(&self, id: DossierId) -> Result<Option<HeldDossier>, CatalogError> {
        let mut tx = self.pool.begin().await?;
        let key = id.to_string();
        let Some(row) = sqlx::query("SELECT * FROM dossiers WHERE id = ?")
            .bind(&key)
            .fetch_optional(&mut *tx)
            .await?
        else {
            return Ok(None);
        };
        let files = sqlx::query("SELECT * FROM files WHERE dossier_id = ? ORDER BY ordinal")
            .bind(&key)
            .fetch_all(&mut *tx)
            .await?;
        let pages = sqlx::query("SELECT * FROM pages WHERE dossier_id = ? ORDER BY number")
            .bind(&key)
            .fetch_all(&mut *tx)
            .await?;
        Ok(Some(HeldDossier {
            description: DossierDescription {
                format: DESCRIPTION_FORMAT.to_owned(),
                id,
                fonds: row.try_get("fonds")?,
                box_name: row.try_get("box_name")?,
                reference: row.try_get("reference")?,
                title: row.try_get("title")?,
                inventory: from_json(&row, "inventory")?,
                closing: from_json(&row, "closing")?,
                files: files.iter().map(file_record).collect::<Result<_, _>>()?,
                pages: pages.iter().map(page_record).collect::<Result<_, _>>()?,
                apart: from_json(&row, "apart")?.unwrap_or_default(),
            },
            version: number(&row, "version")?,
            inventory_digest: parsed(&row, "inventory_digest")?,
        }))
    }

    /// The dossier's events in the order in which they happened.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn events(&self, id: DossierId) -> Result<Vec<Event>, CatalogError> {
        let rows = sqlx::query("SELECT * FROM events WHERE dossier_id = ? ORDER BY ordinal")
            .bind(id.to_string())
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(event).collect()
    }

    /// Up to `limit` dossiers in the order of their identifiers, after `after`.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn dossiers_after(
        &self,
        after: Option<DossierId>,
        limit: u32,
    ) -> Result<Vec<DossierSummary>, CatalogError> {
        let sql = format!("{SUMMARY} WHERE d.id > ? ORDER BY d.id LIMIT ?");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(after.map_or_else(String::new, |id| id.to_string()))
            .bind(limit)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(summary).collect()
    }

    /// The dossier a page belongs to, and its number there.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn page_place(&self, page: PageId) -> Result<Option<(DossierId, u32)>, CatalogError> {
        let row = sqlx::query("SELECT dossier_id, number FROM pages WHERE id = ?")
            .bind(page.to_string())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| Ok((parsed(&row, "dossier_id")?, number(&row, "number")?)))
            .transpose()
    }

    /// Every dossier of a box, in the order of their references; stacks whose pages all went to other dossiers are none.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn box_contents(&self, of: &BoxName) -> Result<Vec<BoxDossier>, CatalogError> {
        let mut blank = self.nearly_blank_pages(of).await?;
        let rows = sqlx::query(
            "SELECT d.id, d.reference, count(p.id) AS pages
             FROM shown_dossiers d LEFT JOIN pages p ON p.dossier_id = d.id
             WHERE d.fonds = ? AND d.box_name = ? GROUP BY d.id, d.reference ORDER BY d.reference",
        )
        .bind(&of.fonds)
        .bind(&of.name)
        .fetch_all(&self.pool)
        .await?;
        let dossier = |row: &SqliteRow| {
            let id = parsed(row, "id")?;
            let blank = blank.remove(&id).unwrap_or_default();
            let is_second = |number: &&u32| number.is_multiple_of(2) && blank.contains(&(**number - 1));
            Ok(BoxDossier {
                id,
                reference: row.try_get("reference")?,
                pages: number(row, "pages")?,
                blank_pages: blank.len() as u32,
                blank_pairs: blank.iter().filter(is_second).count() as u32,
            })
        };
        rows.iter().map(dossier).collect()
    }

    /// By dossier of a box the numbers of its pages with nothing or next to nothing on them: some of those with few words.
    async fn nearly_blank_pages(
        &self,
        of: &BoxName,
    ) -> Result<HashMap<DossierId, BTreeSet<u32>>, CatalogError> {
        let rows = sqlx::query(
            "SELECT p.* FROM pages p JOIN shown_dossiers d ON p.dossier_id = d.id
             WHERE d.fonds = ? AND d.box_name = ? AND p.words <= ?",
        )
        .bind(&of.fonds)
        .bind(&of.name)
        .bind(NEARLY_BLANK_WORDS)
        .fetch_all(&self.pool)
        .await?;
        let mut blank: HashMap<DossierId, BTreeSet<u32>> = HashMap::new();
        for row in &rows {
            if is_nearly_blank(&page_record(row)?) {
                let numbers = blank.entry(parsed(row, "dossier_id")?).or_default();
                numbers.insert(number(row, "number")?);
            }
        }
        Ok(blank)
    }

    /// One page with its dossier and its number there.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn page(&self, id: PageId) -> Result<Option<(DossierId, u32, PageRecord)>, CatalogError> {
        let row = sqlx::query("SELECT * FROM pages WHERE id = ?")
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| {
            Ok((
                parsed(&row, "dossier_id")?,
                number(&row, "number")?,
                page_record(&row)?,
            ))
        })
        .transpose()
    }

    /// One file with its dossier.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn file(&self, id: FileId) -> Result<Option<(DossierId, FileRecord)>, CatalogError> {
        let row = sqlx::query("SELECT * FROM files WHERE id = ?")
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| Ok((parsed(&row, "dossier_id")?, file_record(&row)?)))
            .transpose()
    }

    /// The pages that show a file, in its own order.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn pages_of_file(&self, id: FileId) -> Result<Vec<PageRecord>, CatalogError> {
        let rows = sqlx::query("SELECT * FROM pages WHERE file_id = ? ORDER BY page_index")
            .bind(id.to_string())
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(page_record).collect()
    }

    /// The pages of a stack that are not shown among its own; none of any other dossier.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn pages_apart(&self, id: DossierId) -> Result<Vec<PageApart>, CatalogError> {
        let row = sqlx::query("SELECT apart FROM dossiers WHERE id = ?")
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?;
        let apart = row.map(|row| from_json(&row, "apart")).transpose()?.flatten();
        Ok(apart.unwrap_or_default())
    }

    /// The dossiers that show pages of a file which a stack keeps.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn parts_of_file(&self, id: FileId) -> Result<Vec<DossierId>, CatalogError> {
        let rows =
            sqlx::query("SELECT DISTINCT dossier_id FROM files WHERE held_file = ? AND replaced_by IS NULL")
                .bind(id.to_string())
                .fetch_all(&self.pool)
                .await?;
        rows.iter().map(|row| parsed(row, "dossier_id")).collect()
    }

    /// Those pages of a file, from 0, that were scanned again and so are shown no more.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn rescanned_pages(&self, id: FileId) -> Result<Vec<u32>, CatalogError> {
        let rows = sqlx::query("SELECT rescan_of_index FROM files WHERE rescan_of = ?")
            .bind(id.to_string())
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| number(row, "rescan_of_index")).collect()
    }

    /// The version of a dossier that the catalog last recorded, from 1.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn dossier_version(&self, id: DossierId) -> Result<Option<u32>, CatalogError> {
        let row = sqlx::query("SELECT version FROM dossiers WHERE id = ?")
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| number(&row, "version")).transpose()
    }

    /// The files with these bytes, in the order in which they were received: every file ever received counts.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn files_with(&self, digest: Digest, limit: u32) -> Result<Vec<HeldFile>, CatalogError> {
        let rows = sqlx::query("SELECT * FROM files WHERE digest = ? ORDER BY received_at, id LIMIT ?")
            .bind(digest.to_string())
            .bind(limit)
            .fetch_all(&self.pool)
            .await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            let file = file_record(row)?;
            let dossier: DossierId = parsed(row, "dossier_id")?;
            let sql = format!("{SUMMARY} WHERE d.id = ?");
            let about = sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(dossier.to_string())
                .fetch_one(&self.pool)
                .await?;
            // A duplicate has no pages of its own: those of the file whose bytes it has are meant.
            let pages = sqlx::query(
                "SELECT id, number FROM pages WHERE dossier_id = ?1 AND file_id IN
                 (SELECT id FROM files WHERE dossier_id = ?1 AND digest = ?2) ORDER BY number LIMIT ?3",
            )
            .bind(dossier.to_string())
            .bind(digest.to_string())
            .bind(limit)
            .fetch_all(&self.pool)
            .await?;
            let place = |row: &SqliteRow| Ok((parsed(row, "id")?, number(row, "number")?));
            found.push(HeldFile {
                dossier: summary(&about)?,
                file,
                pages: pages.iter().map(place).collect::<Result<_, CatalogError>>()?,
            });
        }
        Ok(found)
    }

    /// How many files have bytes of their own in the store, and how many bytes these are.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn kept_files(&self) -> Result<(u64, u64), CatalogError> {
        let row = sqlx::query(
            "SELECT count(*) AS files, coalesce(sum(size_bytes), 0) AS bytes FROM files
             WHERE logical_path IS NOT NULL",
        )
        .fetch_one(&self.pool)
        .await?;
        Ok((number(&row, "files")?, number(&row, "bytes")?))
    }
}

fn summary(row: &SqliteRow) -> Result<DossierSummary, CatalogError> {
    Ok(DossierSummary {
        id: parsed(row, "id")?,
        box_name: box_name(row)?,
        reference: row.try_get("reference")?,
        title: row.try_get("title")?,
        pages: number(row, "pages")?,
    })
}
