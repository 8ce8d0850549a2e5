//! What a person decided of doubtful pages: a record in the store's journal, then the catalog, then a leaf in the log.
//!
//! The record comes first, so that whatever the catalog knows can be rebuilt; one that a crash kept from the catalog
//! counts from the next rebuild on. A page that was scanned again is another page: nothing was said of it yet.

use std::collections::{BTreeMap, BTreeSet};

use hrisov_catalog::{
    BoxName, Catalog, ClosingOf, PageScope, REVIEW_FORMAT, ReviewRecord, ReviewedPage, Verdict,
};
use hrisov_model::{Doubt, PageId, PersonName, ReviewId, Thresholds};
use hrisov_store::Blobs;
use jiff::{Timestamp, Unit};

use crate::{AuditError, record::write_record};

/// What is decided, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Who answers for it.
    pub by: PersonName,
    /// What.
    pub verdict: Verdict,
    /// Of which pages; one that the archive does not show is passed over.
    pub pages: BTreeSet<PageId>,
}

/// Records what was decided, with the doubts that there are by these thresholds; `None` where the archive shows none of
/// the pages. Its leaf is made by whoever writes to the log next.
///
/// # Errors
/// Where store, catalog or the random source fail.
pub async fn record_review(
    blobs: &dyn Blobs,
    catalog: &Catalog,
    thresholds: &Thresholds,
    judgement: &Judgement,
) -> Result<Option<ReviewRecord>, AuditError> {
    let pages = reviewed(catalog, thresholds, &judgement.pages).await?;
    if pages.is_empty() {
        return Ok(None);
    }
    let record = ReviewRecord {
        format: REVIEW_FORMAT.to_owned(),
        id: ReviewId::random(),
        at: Timestamp::now().round(Unit::Millisecond).unwrap_or_default(),
        by: judgement.by.clone(),
        verdict: judgement.verdict,
        pages,
    };
    let closing = write_record(blobs, ClosingOf::Review(record.id), record.at, &record).await?;
    catalog.enter_review(&record, Some(&closing)).await?;
    Ok(Some(record))
}

/// The pages that are shown, each with its doubts of now.
async fn reviewed(
    catalog: &Catalog,
    thresholds: &Thresholds,
    pages: &BTreeSet<PageId>,
) -> Result<Vec<ReviewedPage>, AuditError> {
    let mut doubts = BTreeMap::<PageId, Vec<Doubt>>::new();
    let mut looked_through: Vec<BoxName> = Vec::new();
    let mut reviewed = Vec::new();
    for &page in pages {
        let Some((dossier, _)) = catalog.page_place(page).await? else {
            continue;
        };
        let Some(held) = catalog.dossier(dossier).await? else {
            continue;
        };
        let of = BoxName {
            fonds: held.description.fonds,
            name: held.description.box_name,
        };
        if !looked_through.contains(&of) {
            for doubtful in catalog
                .doubtful_pages(&PageScope::Box(of.clone()), thresholds)
                .await?
            {
                let names = doubtful.doubts.iter().map(|doubted| doubted.doubt);
                doubts.insert(doubtful.page.id, names.collect());
            }
            looked_through.push(of);
        }
        reviewed.push(ReviewedPage {
            dossier,
            page,
            doubts: doubts.remove(&page).unwrap_or_default(),
        });
    }
    Ok(reviewed)
}
