//! Recovery: what an interrupted load left is finished, or given up where nothing was committed.

use hrisov_catalog::{Catalog, Intent, NewJob};
use hrisov_model::DossierId;
use hrisov_store::StoreError;

use crate::{
    Archive, IngestError,
    boxes::finish_box_records,
    repair::finish_repairs,
    version::{VersionIntent, VersionKind},
};

/// Finishes or gives up every open intent, and removes temporary files and staged results that nobody needs any
/// more. Only for the holder of the archive's writer lock.
///
/// # Errors
/// Where store or catalog fail.
pub async fn recover(archive: &Archive) -> Result<(), IngestError> {
    for open in archive.catalog.open_intents().await? {
        settle_intent(archive, &open).await?;
    }
    finish_repairs(archive).await?;
    finish_box_records(archive).await?;
    archive.catalog.release_jobs().await?;
    // Half-written temporary files and abandoned uploads of a process that died.
    archive.blobs.remove_leftovers().await?;
    clear_unneeded_staging(archive).await
}

/// What became of an open intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// There was none, or nothing of it was committed and it was given up.
    Nothing,
    /// Its deposit is recorded.
    Deposit,
    /// Its texts are recorded.
    Text,
    /// Its new description is recorded.
    Description,
}

/// Finishes or gives up the open intent of one dossier, whose lock the caller holds: before a new one is made, and
/// so that a try after a failure writes the same bytes as the first.
///
/// # Errors
/// Where store or catalog fail; the intent stays.
pub async fn settle(archive: &Archive, id: DossierId) -> Result<Settled, IngestError> {
    match archive.catalog.open_intent(id).await? {
        Some(open) => settle_intent(archive, &open).await,
        None => Ok(Settled::Nothing),
    }
}

async fn settle_intent(archive: &Archive, open: &Intent) -> Result<Settled, IngestError> {
    match VersionIntent::from_catalog(open) {
        Some(intent) => finish(archive, &intent).await,
        None => abandon(archive, open.dossier).await.map(|()| Settled::Nothing),
    }
}

/// Removes staged results that no job needs: left where a load ended between a commit and its clearing up.
///
/// # Errors
/// Where store or catalog fail.
pub async fn clear_unneeded_staging(archive: &Archive) -> Result<(), IngestError> {
    for master in archive.staging.masters().await? {
        if !archive.catalog.is_staging_needed(master).await? {
            archive.staging.clear(master).await?;
        }
    }
    Ok(())
}

/// Writes what is still missing of a version and records it. A deposit whose sources are gone before its
/// content was complete is given up: the load that follows receives what is there now.
async fn finish(archive: &Archive, intent: &VersionIntent) -> Result<Settled, IngestError> {
    let id = intent.description.id;
    archive.root.recover_object(&id.object_id()).await?;
    match intent.write(&archive.root, &archive.staging).await {
        Ok(recorded) => match &intent.kind {
            VersionKind::Deposit { .. } => {
                let probes = NewJob::probes(&intent.description);
                archive.catalog.record_version(&recorded, &probes).await?;
                Ok(Settled::Deposit)
            }
            VersionKind::Text { .. } => {
                let probes = NewJob::probes(&intent.description);
                archive.catalog.record_text(&recorded, &probes).await?;
                Ok(Settled::Text)
            }
            VersionKind::Description => {
                archive.catalog.record_version(&recorded, &[]).await?;
                Ok(Settled::Description)
            }
        },
        Err(IngestError::Store(error)) if is_transient(&error) => Err(error.into()),
        Err(_) => abandon(archive, id).await.map(|()| Settled::Nothing),
    }
}

/// Faults that a later try may not meet: the intent is kept for it.
const fn is_transient(error: &StoreError) -> bool {
    error.is_transient() || matches!(error, StoreError::Denied { .. } | StoreError::NoStore { .. })
}

/// Gives up an intent of which nothing was committed, and removes what it had begun to write.
///
/// # Errors
/// Where store or catalog fail.
pub async fn abandon(archive: &Archive, id: DossierId) -> Result<(), IngestError> {
    archive.root.discard_unfinished(&id.object_id()).await?;
    let catalog: &Catalog = &archive.catalog;
    Ok(catalog.drop_intent(id).await?)
}
