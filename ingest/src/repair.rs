//! Repairs become events: of every file that was put back, in a version of its own.
//!
//! A repair is entered in the catalog before its first byte is written and forgotten once its events are recorded. What
//! of it came about is read from the store, not remembered: so a repair that was interrupted is told of by the next load
//! as far as it came, and one that wrote nothing is told of by nobody.

use std::collections::HashMap;

use hrisov_catalog::{Defect, RepairIntent};
use hrisov_model::{DossierDescription, DossierId, Event, EventId, EventKind, FileId, Outcome};
use hrisov_store::{Blobs, Key, StoreError};

use crate::{
    Archive, IngestError, Loader,
    moment::{now, salt},
    recovery::settle,
    version::{VersionIntent, VersionKind, agent, write_version},
};

/// Files that one event names.
const FILES_NAMED: usize = 20;

/// What was put back of a dossier's object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// Whose object.
    pub dossier: DossierId,
    /// Files that are right again.
    pub files: u64,
}

impl Loader {
    /// Records the repairs that were made. Repeatable.
    ///
    /// # Errors
    /// Where store, catalog, index or log fail; repeating goes on from there.
    pub async fn record_repairs(&mut self) -> Result<Vec<Repaired>, IngestError> {
        let repaired = finish_repairs(&self.archive).await?;
        self.pass_on().await?;
        Ok(repaired)
    }
}

/// Makes events of the repairs that are none yet. A dossier whose inventory is still damaged waits for a later repair.
///
/// # Errors
/// Where store or catalog fail.
pub(crate) async fn finish_repairs(archive: &Archive) -> Result<Vec<Repaired>, IngestError> {
    let mut repaired = Vec::new();
    for repair in archive.catalog.open_repairs().await? {
        if let Some(files) = finish(archive, &repair).await? {
            archive.catalog.end_repair(repair.event).await?;
            let dossier = repair.dossier;
            repaired.extend((files > 0).then_some(Repaired { dossier, files }));
        }
    }
    Ok(repaired)
}

/// How many files are right again; `None` where that cannot be recorded yet.
async fn finish(archive: &Archive, repair: &RepairIntent) -> Result<Option<u64>, IngestError> {
    let id = repair.dossier;
    let _writing = archive.dossiers.lock(id).await;
    settle(archive, id).await?;
    let Some(held) = archive.catalog.dossier(id).await? else {
        return Ok(Some(0));
    };
    let mut right = Vec::new();
    for defect in &repair.defects {
        if is_right(archive.blobs.as_ref(), defect).await? {
            right.push(defect);
        }
    }
    let earlier = archive.catalog.events(id).await?;
    let new = events(repair, &held.description, &right)?;
    if new.is_empty() || earlier.iter().any(|event| event.id == new[0].id) {
        return Ok(Some(right.len() as u64));
    }
    let previous = match archive.root.inventory(&id.object_id()).await {
        Ok(Some(inventory)) if inventory.digest() == held.inventory_digest => inventory,
        Err(error) if error.is_transient() => return Err(error.into()),
        _ => return Ok(None),
    };
    let intent = VersionIntent::new(
        Some(&previous),
        held.description,
        (earlier, new),
        now(),
        "repaired from a second store".to_owned(),
        VersionKind::Description,
    );
    let recorded = write_version(&intent, &archive.catalog, &archive.root, &archive.staging).await?;
    archive.catalog.record_version(&recorded, &[]).await?;
    Ok(Some(right.len() as u64))
}

async fn is_right(blobs: &dyn Blobs, defect: &Defect) -> Result<bool, StoreError> {
    let Ok(key) = defect.path.parse::<Key>() else {
        return Ok(false);
    };
    match blobs.digest(&key).await {
        Ok((found, _)) => Ok(found == defect.expected),
        Err(error) if error.is_transient() => Err(error),
        Err(_) => Ok(false),
    }
}

/// One event for each master, which travels with its proofs, and one for everything else.
fn events(
    repair: &RepairIntent,
    description: &DossierDescription,
    right: &[&Defect],
) -> Result<Vec<Event>, IngestError> {
    let masters: HashMap<_, FileId> = description
        .files
        .iter()
        .filter(|file| file.kept_at().is_some() && file.held_in.is_none())
        .map(|file| (file.digest, file.id))
        .collect();
    let event = |name: &str, detail, file| -> Result<Event, IngestError> {
        Ok(Event {
            id: EventId::derived(repair.event.uuid(), name),
            kind: EventKind::Recovery,
            at: now(),
            agent: agent(),
            outcome: Outcome::Success,
            detail,
            file,
            page: None,
            digest: None,
            salt: salt()?,
        })
    };
    let mut events = Vec::new();
    let mut others = Vec::new();
    for defect in right {
        match masters.get(&defect.expected) {
            Some(file) => events.push(Event {
                digest: Some(defect.expected),
                ..event(
                    &defect.path,
                    format!("the master was put back from {}: it {}", repair.from, was(defect)),
                    Some(*file),
                )?
            }),
            None => others.push(format!("{} {}", defect.path, was(defect))),
        }
    }
    if !others.is_empty() {
        let more = others.len().saturating_sub(FILES_NAMED);
        others.truncate(FILES_NAMED);
        let more = match more {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        let detail = format!(
            "files of the object were put back from {}: {}{more}",
            repair.from,
            others.join("; ")
        );
        events.push(event("object", detail, None)?);
    }
    Ok(events)
}

fn was(defect: &Defect) -> String {
    match defect.found {
        None => "was gone or could not be read".to_owned(),
        Some(found) => format!("had SHA-256 {found}"),
    }
}
