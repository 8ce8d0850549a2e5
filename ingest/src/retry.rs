//! Retry: the quarantined files and unreadable pages of one batch are taken up again, and nothing else.
//!
//! The jobs lie in the catalog before the first of them runs, and a state changes only as its job ends: whatever is
//! killed, repeating goes on from there. Every dossier that was looked at again gets a version with an event, also where
//! nothing became better.

use std::sync::Arc;

use hrisov_catalog::{Batch, Retry, RetryCounts};
use hrisov_model::Account;
use serde::Serialize;

use crate::{
    IngestError, Loader, Progress, ReadingTime, boxes::refuse_closed_box, recovery::clear_unneeded_staging,
};

/// How a retry ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RetryReport {
    /// The batch.
    #[serde(flatten)]
    pub batch: Batch,
    /// Its files by state, as they are now.
    #[serde(flatten)]
    pub account: Account,
    /// What was taken up again.
    pub taken_up: RetryCounts,
    /// What of it ended badly once more.
    pub left: RetryCounts,
}

impl Loader {
    /// Takes up again what ended badly.
    ///
    /// # Errors
    /// [`IngestError::BoxUnfinished`] while the batch itself is not loaded to its end, [`IngestError::ClosedBox`]; where
    /// store, catalog, index or log fail.
    pub async fn retry(
        &mut self,
        batch: &Batch,
        reason: Option<String>,
        progress: &Arc<Progress>,
    ) -> Result<RetryReport, IngestError> {
        let archive = Arc::clone(&self.archive);
        let catalog = &archive.catalog;
        refuse_closed_box(catalog, &batch.of).await?;
        if batch.finished_at.is_none() {
            let (fonds, name) = (batch.of.fonds.clone(), batch.of.name.clone());
            return Err(IngestError::BoxUnfinished { fonds, name });
        }
        let retry = Retry {
            batch: batch.id,
            reason,
        };
        let taken_up = catalog.retry_counts(&retry).await?;
        progress.add_pages(taken_up.pages);
        catalog.take_up_again(&retry).await?;
        self.work(progress, ReadingTime::Now, async |_| Ok(())).await?;
        clear_unneeded_staging(&archive).await?;
        Ok(RetryReport {
            batch: batch.clone(),
            account: catalog.account(batch.id).await?,
            taken_up,
            left: catalog.retry_counts(&retry).await?,
        })
    }
}
