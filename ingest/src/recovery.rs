//! Recovery: what an interrupted load left is finished, or given up where nothing was committed.

use hrisov_catalog::{Catalog, NewJob};
use hrisov_model::DossierId;
use hrisov_store::StoreError;

use crate::{
    Archive, IngestError,
    version::{VersionIntent, VersionKind},
};

/// Finishes or gives up every open intent. Only for the holder of the archive's writer lock.
///
/// # Errors
/// Where store or catalog fail.
pub async fn recover(archive: &Archive) -> Result<(), IngestError> {
    for open in archive.catalog.open_intents().await? {
        match VersionIntent::from_catalog(&open) {
            Some(intent) => finish(archive, &intent).await?,
            None => abandon(archive, open.dossier).await?,
        }
    }
    Ok(archive.catalog.release_jobs().await?)
}

/// Writes what is still missing of a version and records it. A deposit whose sources are gone before its
/// content was complete is given up: the load that follows receives what is there now.
async fn finish(archive: &Archive, intent: &VersionIntent) -> Result<(), IngestError> {
    let id = intent.description.id;
    archive.root.recover_object(&id.object_id()).await?;
    match intent.write(&archive.root, &archive.staging).await {
        Ok(recorded) => match &intent.kind {
            VersionKind::Deposit { .. } => Ok(archive
                .catalog
                .record_version(&recorded, &NewJob::probes(&intent.description))
                .await?),
            VersionKind::Text { .. } => Ok(archive.catalog.record_text(&recorded).await?),
        },
        Err(IngestError::Store(error)) if is_transient(&error) => Err(error.into()),
        Err(_) => abandon(archive, id).await,
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
