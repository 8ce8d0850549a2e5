//! New descriptions of dossiers that are held already: what the paper inventory says of them, and that their box is
//! closed or open. Each is a version of its own, with an event that pins it.

use std::collections::BTreeMap;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use hrisov_model::{
    Digest, DossierDescription, DossierId, Event, EventId, EventKind, InventoryEntry, Outcome,
};
use hrisov_store::dossier::description_bytes;

use crate::{
    Archive, IngestError, Loader,
    moment::{now, salt},
    recovery::settle,
    version::{VersionIntent, VersionKind, agent, write_version},
};

/// Dossiers described at the same time: each waits for the disk most of the while.
const AT_ONCE: usize = 8;
/// Dossiers described before index and log learn of them.
const PASSED_ON: usize = 256;

/// What an event says of a description that the paper inventory changed.
const FROM_INVENTORY: &str = "described as in the paper inventory";

impl Loader {
    /// Takes over what the paper inventory says of these dossiers. Those whose description says so already are left
    /// as they are. Gives how many are described anew.
    ///
    /// # Errors
    /// Where store, catalog, index or log fail; what was done so far is kept, and repeating goes on from there.
    pub async fn describe(
        &mut self,
        entries: &BTreeMap<DossierId, InventoryEntry>,
    ) -> Result<u64, IngestError> {
        let ids: Vec<_> = entries.keys().copied().collect();
        self.redescribe(&ids, FROM_INVENTORY, |description| {
            if let Some(entry) = entries.get(&description.id) {
                description.describe(entry);
            }
        })
        .await
    }

    /// Changes descriptions; those that the change leaves alone get no new version. Gives how many changed.
    pub(crate) async fn redescribe(
        &mut self,
        dossiers: &[DossierId],
        why: &str,
        change: impl Fn(&mut DossierDescription),
    ) -> Result<u64, IngestError> {
        let mut changed = 0;
        for dossiers in dossiers.chunks(PASSED_ON) {
            let archive = &self.archive;
            let change = &change;
            changed += stream::iter(dossiers)
                .map(|&id| redescribe(archive, id, why, change))
                .buffer_unordered(AT_ONCE)
                .try_fold(0, |sum, is_new| async move { Ok(sum + u64::from(is_new)) })
                .await?;
            self.pass_on().await?;
        }
        Ok(changed)
    }
}

async fn redescribe(
    archive: &Archive,
    id: DossierId,
    why: &str,
    change: &impl Fn(&mut DossierDescription),
) -> Result<bool, IngestError> {
    let _writing = archive.dossiers.lock(id).await;
    settle(archive, id).await?;
    let missing = || IngestError::Internal(format!("dossier {id} is not held"));
    let held = archive.catalog.dossier(id).await?.ok_or_else(missing)?;
    let mut description = held.description.clone();
    change(&mut description);
    if description == held.description {
        return Ok(false);
    }
    let previous = archive
        .root
        .inventory(&id.object_id())
        .await?
        .ok_or_else(missing)?;
    let at = now();
    let event = Event {
        id: EventId::random(),
        kind: EventKind::MetadataModification,
        at,
        agent: agent(),
        outcome: Outcome::Success,
        detail: why.to_owned(),
        file: None,
        page: None,
        digest: Some(Digest::of(&description_bytes(&description))),
        salt: salt()?,
    };
    let events = (archive.catalog.events(id).await?, vec![event]);
    let intent = VersionIntent::new(
        Some(&previous),
        description,
        events,
        at,
        why.to_owned(),
        VersionKind::Description,
    );
    let recorded = write_version(&intent, &archive.catalog, &archive.root, &archive.staging).await?;
    archive.catalog.record_version(&recorded, &[]).await?;
    Ok(true)
}
