//! Pages that somebody should look at: derived from their figures whenever they are asked for, so that a changed
//! threshold changes the list at once.

use std::collections::BTreeMap;

use futures::TryStreamExt as _;
use hrisov_model::{
    BatchId, DossierId, Doubt, Doubted, Likeness, PageId, PageRecord, SecondScan, Thresholds, page_doubts,
    second_scans,
};
use serde::Serialize;
use sqlx::{Row as _, sqlite::SqliteRow};

use crate::{
    Catalog, CatalogError,
    batches::BoxName,
    reviews::{Decision, Review, Verdict},
    rows::{box_name, number, page_record, parsed},
};

/// Which pages are looked through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageScope {
    /// All of a box.
    Box(BoxName),
    /// Those of the dossiers that a batch's files belong to.
    Batch(BatchId),
}

/// A page that somebody should look at.
#[derive(Debug, Clone, PartialEq)]
pub struct DoubtfulPage {
    /// Its dossier.
    pub dossier: DossierId,
    /// Reference of its dossier.
    pub reference: String,
    /// Number in the dossier, from 1.
    pub number: u32,
    /// The folder that its box was read from; empty where nobody knows any more.
    pub box_folder: String,
    /// Its file below that folder, or below the dossier where nobody knows any more.
    pub path: String,
    /// What is recorded of it.
    pub page: PageRecord,
    /// Why, in the order of [`Doubt::ALL`]; empty only of a page that somebody wants to be scanned again.
    pub doubts: Vec<Doubted>,
    /// The page that it may be a second scan of.
    pub like: Option<LikePage>,
    /// The latest word that a person said on it.
    pub review: Option<Review>,
}

/// A page of which another may be a second scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LikePage {
    /// Its identifier.
    pub id: PageId,
    /// Its dossier.
    pub dossier: DossierId,
    /// Reference of its dossier.
    pub reference: String,
    /// Number in the dossier, from 1.
    pub number: u32,
}

const PAGES: &str =
    "SELECT p.*, d.reference AS dossier_reference, coalesce(b.source_path, f.source_path) AS path,
    coalesce(t.source_path, '') AS box_folder
    FROM dossiers d JOIN pages p ON p.dossier_id = d.id JOIN files f ON f.id = p.file_id
    LEFT JOIN batch_files b ON b.file_id = coalesce(f.held_file, f.id) AND b.batch_id = f.batch_id
    LEFT JOIN batches t ON t.id = b.batch_id";

/// What is kept of one box's pages while they are read, row after row.
#[derive(Default)]
struct Looking {
    doubtful: BTreeMap<usize, DoubtfulPage>,
    /// Of every page, in order.
    pages: Vec<PageId>,
    likeness: Vec<Likeness>,
    reviews: BTreeMap<PageId, Review>,
}

impl Catalog {
    /// Every box that has dossiers, in the order of their names.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn boxes(&self) -> Result<Vec<BoxName>, CatalogError> {
        let rows = sqlx::query("SELECT DISTINCT fonds, box_name FROM dossiers ORDER BY fonds, box_name")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(box_name).collect()
    }

    /// The pages that are doubted by these thresholds, or are to be scanned again, in the order of their dossiers; settled
    /// ones as well ([`DoubtfulPage::decision`]). A page may repeat any other of its box, whatever the scope. Holds the likeness of one box's pages at a time: 400 bytes each.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn doubtful_pages(
        &self,
        scope: &PageScope,
        thresholds: &Thresholds,
    ) -> Result<Vec<DoubtfulPage>, CatalogError> {
        let (of, batch) = match scope {
            PageScope::Box(of) => (of.clone(), None),
            PageScope::Batch(id) => match self.batch(*id).await? {
                Some(batch) => (batch.of, Some(*id)),
                None => return Ok(Vec::new()),
            },
        };
        let mut looking = self.look_through(&of, thresholds).await?;
        let mut found = std::mem::take(&mut looking.doubtful);
        for scan in second_scans(&looking.likeness, thresholds) {
            let page = match found.remove(&scan.later) {
                Some(page) => Some(page),
                None => self.placed_page(looking.pages[scan.later]).await?,
            };
            let earlier = self.placed_page(looking.pages[scan.earlier]).await?;
            if let (Some(mut page), Some(earlier)) = (page, earlier) {
                page.repeats(&earlier, &scan, thresholds);
                found.insert(scan.later, page);
            }
        }
        let mut pages: Vec<DoubtfulPage> = found.into_values().collect();
        for page in &mut pages {
            page.review = looking.reviews.remove(&page.page.id);
        }
        if let Some(batch) = batch {
            let dossiers = self.dossiers_of(batch).await?;
            pages.retain(|page| dossiers.contains(&page.dossier));
        }
        Ok(pages)
    }

    async fn look_through(&self, of: &BoxName, thresholds: &Thresholds) -> Result<Looking, CatalogError> {
        let sql =
            format!("{PAGES} WHERE d.fonds = ? AND d.box_name = ? ORDER BY d.reference, p.number, p.id");
        let mut looking = Looking {
            reviews: self.reviews_of(of).await?,
            ..Looking::default()
        };
        let mut rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(&of.fonds)
            .bind(&of.name)
            .fetch(&self.pool);
        while let Some(row) = rows.try_next().await? {
            let mut page = DoubtfulPage::read(&row)?;
            page.doubts = page_doubts(&page.page, thresholds);
            let confidence_percent = page.page.confidence_percent;
            let figures = page.page.figures.as_mut();
            looking
                .likeness
                .push(figures.map_or_else(Likeness::default, |figures| Likeness {
                    hash: figures.condition.hash.take(),
                    words: figures.words.take(),
                    confidence_percent,
                }));
            looking.pages.push(page.page.id);
            let review = looking.reviews.get(&page.page.id);
            if !page.doubts.is_empty() || review.is_some_and(|review| review.verdict == Verdict::Rescan) {
                looking.doubtful.insert(looking.pages.len() - 1, page);
            }
        }
        Ok(looking)
    }

    /// A page with its place, without doubts; `None` where it went in the meantime.
    async fn placed_page(&self, id: PageId) -> Result<Option<DoubtfulPage>, CatalogError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("{PAGES} WHERE p.id = ?")))
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(DoubtfulPage::read).transpose()
    }

    async fn dossiers_of(&self, batch: BatchId) -> Result<Vec<DossierId>, CatalogError> {
        let rows = sqlx::query("SELECT DISTINCT dossier_id FROM batch_shown WHERE batch_id = ?")
            .bind(batch.to_string())
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| parsed(row, "dossier_id")).collect()
    }
}

impl DoubtfulPage {
    fn read(row: &SqliteRow) -> Result<Self, CatalogError> {
        Ok(Self {
            dossier: parsed(row, "dossier_id")?,
            reference: row.try_get("dossier_reference")?,
            number: number(row, "number")?,
            box_folder: row.try_get("box_folder")?,
            path: row.try_get("path")?,
            page: page_record(row)?,
            doubts: Vec::new(),
            like: None,
            review: None,
        })
    }

    /// Whether its doubts are settled, and how.
    #[must_use]
    pub fn decision(&self) -> Decision {
        let doubts = self.doubts.iter().map(|doubted| doubted.doubt);
        let review = self.review.as_ref();
        review.map_or(Decision::Undecided, |review| review.decides(doubts))
    }

    fn repeats(&mut self, earlier: &Self, scan: &SecondScan, thresholds: &Thresholds) {
        let limit = thresholds.duplicate_distance;
        self.doubts
            .push(Doubted::by(Doubt::MayDuplicate, scan.distance, limit));
        self.doubts.sort_by_key(|doubted| doubted.doubt);
        self.like = Some(LikePage {
            id: earlier.page.id,
            dossier: earlier.dossier,
            reference: earlier.reference.clone(),
            number: earlier.number,
        });
    }
}
