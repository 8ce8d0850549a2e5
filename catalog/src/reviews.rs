//! What people decided of doubted pages: that one is in order after all, or is to be scanned again. The records lie in the
//! store's journal; the latest word on a page counts.

use std::{collections::BTreeMap, fmt, str::FromStr};

use hrisov_model::{DossierId, Doubt, PageId, PersonName, ReviewId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::{Row as _, sqlite::SqliteRow};

use crate::{
    BoxName, Catalog, CatalogError, Closing,
    closings::insert_closing,
    rows::{box_name, number, parsed},
};

/// The value of `format` in every stored review of this version.
pub const REVIEW_FORMAT: &str = "hrisov-review/1";

/// What a person decided of some pages at once, as it lies in the store's journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewRecord {
    /// [`REVIEW_FORMAT`].
    pub format: String,
    /// Its identifier, which its leaf bears.
    pub id: ReviewId,
    /// When (UTC), to the millisecond.
    pub at: Timestamp,
    /// Who.
    pub by: PersonName,
    /// What.
    pub verdict: Verdict,
    /// Of which pages.
    pub pages: Vec<ReviewedPage>,
}

/// A page in a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewedPage {
    /// Its dossier.
    pub dossier: DossierId,
    /// The page.
    pub page: PageId,
    /// The doubts that there were then: another one that comes later is not settled by it.
    pub doubts: Vec<Doubt>,
}

/// What the catalog keeps of a review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldReview {
    at: Timestamp,
    by: PersonName,
    verdict: Verdict,
    pages: BTreeMap<PageId, Vec<Doubt>>,
}

impl From<ReviewRecord> for HeldReview {
    fn from(record: ReviewRecord) -> Self {
        let pages = record.pages.into_iter();
        Self {
            at: record.at,
            by: record.by,
            verdict: record.verdict,
            pages: pages.map(|page| (page.page, page.doubts)).collect(),
        }
    }
}

/// What can be said of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Somebody looked at it: its doubts are settled.
    Fine,
    /// It is to be scanned again.
    Rescan,
    /// What was decided before does not hold any more.
    Withdrawn,
}

/// The latest word on a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Review {
    /// What was decided.
    pub verdict: Verdict,
    /// By whom.
    pub by: PersonName,
    /// When (UTC).
    pub at: Timestamp,
    /// Of which doubts.
    #[serde(skip)]
    pub doubts: Vec<Doubt>,
}

/// Where a doubted page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Nobody said anything of it, or it was doubted for another reason since.
    Undecided,
    /// It is to be scanned again.
    Rescan,
    /// Its doubts are settled.
    Fine,
}

impl Decision {
    /// Every one, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Undecided, Self::Rescan, Self::Fine];

    /// Its name as programs see it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Undecided => "undecided",
            Self::Rescan => "rescan",
            Self::Fine => "fine",
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no decision's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("give one of undecided, rescan, fine")]
pub struct ParseDecisionError;

impl FromStr for Decision {
    type Err = ParseDecisionError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|decision| decision.name() == name);
        found.ok_or(ParseDecisionError)
    }
}

impl Verdict {
    /// Its name as programs see it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Rescan => "rescan",
            Self::Withdrawn => "withdrawn",
        }
    }

    fn named(name: &str) -> Option<Self> {
        let all = [Self::Fine, Self::Rescan, Self::Withdrawn];
        all.into_iter().find(|verdict| verdict.name() == name)
    }
}

impl Review {
    /// Where a page with these doubts stands by it.
    #[must_use]
    pub fn decides(&self, doubts: impl IntoIterator<Item = Doubt>) -> Decision {
        match self.verdict {
            Verdict::Rescan => Decision::Rescan,
            Verdict::Fine if doubts.into_iter().all(|doubt| self.doubts.contains(&doubt)) => Decision::Fine,
            Verdict::Fine | Verdict::Withdrawn => Decision::Undecided,
        }
    }
}

impl Catalog {
    /// Enters what lies in the journal, and that its leaf is still to be made. Repeatable.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn enter_review(
        &self,
        record: &ReviewRecord,
        closing: Option<&Closing>,
    ) -> Result<(), CatalogError> {
        let mut tx = self.begin().await?;
        for page in &record.pages {
            sqlx::query(
                "INSERT INTO page_reviews (page_id, record_id, at_ms, said_by, verdict, doubts)
                 VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            )
            .bind(page.page.to_string())
            .bind(record.id.to_string())
            .bind(record.at.as_millisecond())
            .bind(record.by.as_str())
            .bind(record.verdict.name())
            .bind(serde_json::to_string(&page.doubts).expect("doubts are plain data"))
            .execute(&mut *tx)
            .await?;
        }
        if let Some(closing) = closing {
            insert_closing(&mut tx, closing).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The boxes that have a page of which this was decided at some time, in the order of their names.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn boxes_reviewed_as(&self, verdict: Verdict) -> Result<Vec<BoxName>, CatalogError> {
        let rows = sqlx::query(
            "SELECT DISTINCT d.fonds, d.box_name FROM page_reviews r JOIN pages p ON p.id = r.page_id
             JOIN dossiers d ON d.id = p.dossier_id WHERE r.verdict = ? ORDER BY d.fonds, d.box_name",
        )
        .bind(verdict.name())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(box_name).collect()
    }

    /// Every review, to be held against the journal.
    ///
    /// # Errors
    /// Where the database fails, or a row makes no sense.
    pub async fn every_review(&self) -> Result<BTreeMap<ReviewId, HeldReview>, CatalogError> {
        let rows = sqlx::query("SELECT * FROM page_reviews")
            .fetch_all(&self.pool)
            .await?;
        let mut reviews = BTreeMap::<ReviewId, HeldReview>::new();
        for row in &rows {
            let review = review(row)?;
            let (at, by, verdict) = (review.at, review.by, review.verdict);
            let held = reviews
                .entry(parsed(row, "record_id")?)
                .or_insert_with(|| HeldReview {
                    at,
                    by: by.clone(),
                    verdict,
                    pages: BTreeMap::new(),
                });
            if (held.at, &held.by, held.verdict) != (at, &by, verdict) {
                return Err(CatalogError::Invalid { what: "review" });
            }
            held.pages.insert(parsed(row, "page_id")?, review.doubts);
        }
        Ok(reviews)
    }

    /// The latest word on each page of a box that anything was said of.
    pub(crate) async fn reviews_of(&self, of: &BoxName) -> Result<BTreeMap<PageId, Review>, CatalogError> {
        let rows = sqlx::query(
            "SELECT r.* FROM page_reviews r JOIN pages p ON p.id = r.page_id
             JOIN dossiers d ON d.id = p.dossier_id WHERE d.fonds = ? AND d.box_name = ?
             ORDER BY r.at_ms, r.record_id",
        )
        .bind(&of.fonds)
        .bind(&of.name)
        .fetch_all(&self.pool)
        .await?;
        let entry = |row: &SqliteRow| Ok((parsed(row, "page_id")?, review(row)?));
        rows.iter().map(entry).collect()
    }
}

fn review(row: &SqliteRow) -> Result<Review, CatalogError> {
    let invalid = || CatalogError::Invalid { what: "review" };
    let doubts: String = row.try_get("doubts")?;
    Ok(Review {
        verdict: Verdict::named(row.try_get("verdict")?).ok_or_else(invalid)?,
        by: parsed(row, "said_by")?,
        at: Timestamp::from_millisecond(number(row, "at_ms")?).map_err(|_| invalid())?,
        doubts: serde_json::from_str(&doubts).map_err(|_| invalid())?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_settled_page_is_doubted_again_for_another_reason() {
        let review = |verdict| Review {
            verdict,
            by: "Ana Pop".parse().unwrap(),
            at: Timestamp::UNIX_EPOCH,
            doubts: vec![Doubt::Blank, Doubt::Skewed],
        };
        for (verdict, doubts, decision) in [
            (Verdict::Fine, vec![Doubt::Blank], Decision::Fine),
            (Verdict::Fine, vec![], Decision::Fine),
            (
                Verdict::Fine,
                vec![Doubt::Blank, Doubt::Blurred],
                Decision::Undecided,
            ),
            (Verdict::Rescan, vec![Doubt::Blurred], Decision::Rescan),
            (Verdict::Withdrawn, vec![Doubt::Blank], Decision::Undecided),
        ] {
            assert_eq!(
                review(verdict).decides(doubts.clone()),
                decision,
                "{verdict:?} {doubts:?}"
            );
        }
    }
}
