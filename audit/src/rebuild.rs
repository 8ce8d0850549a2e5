//! Rebuild: the catalog from nothing but the store.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures::TryStreamExt as _;
use hrisov_catalog::{
    BATCH_FORMAT, BOX_RECORD_FORMAT, BatchAccount, BoxRecord, Catalog, Closing, ClosingOf, NewJob,
    REVIEW_FORMAT, RecordedVersion, ReviewRecord,
};
use hrisov_model::{BatchId, Digest};
use hrisov_store::{
    Blobs, Key, StoreError,
    dossier::{ClosingSalt, DossierError, DossierObject, SALT_MAX_BYTES, closing_salt_key},
    ocfl::{Inventory, StorageRoot},
};
use jiff::Timestamp;

use crate::{
    AuditError, Finding, FindingKind,
    schedule::{FIXITY_RECORD_FORMAT, FixityRecord, VerifiedDossier},
};

/// Most bytes of one batch account that are read: a million files.
pub(crate) const ACCOUNT_MAX_BYTES: u64 = 512 << 20;
/// Most bytes of the record of an act on a box: a hundred thousand differences.
const BOX_RECORD_MAX_BYTES: u64 = 128 << 20;
/// Most bytes of a record of verifications: thousands of dossiers, each with many findings.
const FIXITY_RECORD_MAX_BYTES: u64 = 512 << 20;

/// Most bytes of a review: a hundred thousand pages.
pub(crate) const REVIEW_MAX_BYTES: u64 = 32 << 20;

/// What a rebuild took in.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Rebuilt {
    /// Dossiers entered.
    pub dossiers: u64,
    /// Their pages.
    pub pages: u64,
    /// Batch accounts entered.
    pub batches: u64,
    /// Masters that still have to be looked at or read; the next load does it.
    pub unread_files: u64,
    /// What could not be taken in, and why.
    pub findings: Vec<Finding>,
}

/// Enters everything that the store holds into an empty catalog. Each dossier also gets its outbox row, so
/// that the applier fills the index as after a load.
///
/// # Errors
/// Where store or catalog fail. A dossier that cannot be read is a finding; the others are taken in.
pub async fn rebuild(root: &StorageRoot, catalog: &Catalog) -> Result<Rebuilt, AuditError> {
    let mut rebuilt = Rebuilt::default();
    let mut objects = root.object_roots();
    while let Some(object) = objects.try_next().await? {
        match object.inventory {
            // A first version that was never finished: nothing in it was ever recorded.
            Ok(None) => {}
            Err(error) => rebuilt.findings.push(Finding {
                kind: FindingKind::Inventory,
                dossier: None,
                path: object.key.to_string(),
                detail: error.to_string(),
            }),
            Ok(Some(inventory)) => match read(root, inventory).await {
                Ok((recorded, jobs)) => {
                    rebuilt.dossiers += 1;
                    rebuilt.pages += recorded.description.pages.len() as u64;
                    rebuilt.unread_files += jobs.len() as u64;
                    catalog.record_version(&recorded, &jobs).await?;
                }
                Err(DossierError::Store(error)) if error.is_transient() => return Err(error.into()),
                Err(error) => rebuilt.findings.push(Finding {
                    kind: FindingKind::Unreadable,
                    dossier: None,
                    path: object.key.to_string(),
                    detail: error.to_string(),
                }),
            },
        }
    }
    enter_batches(root.blobs().as_ref(), catalog, &mut rebuilt).await?;
    enter_box_records(root.blobs().as_ref(), catalog, &mut rebuilt).await?;
    enter_fixity_records(root.blobs().as_ref(), catalog, &mut rebuilt).await?;
    enter_reviews(root.blobs().as_ref(), catalog, &mut rebuilt).await?;
    Ok(rebuilt)
}

async fn read(
    root: &StorageRoot,
    inventory: Inventory,
) -> Result<(RecordedVersion, Vec<NewJob>), DossierError> {
    let (version, inventory_digest) = (inventory.head(), inventory.digest());
    let object: DossierObject = root.dossier_at(inventory);
    let description = object.description().await?;
    let new_events = object.events().await?;
    let jobs = NewJob::probes(&description);
    Ok((
        RecordedVersion {
            description,
            version,
            inventory_digest,
            new_events,
        },
        jobs,
    ))
}

/// The last account of each batch, in the order in which the batches began.
async fn enter_batches(
    blobs: &dyn Blobs,
    catalog: &Catalog,
    rebuilt: &mut Rebuilt,
) -> Result<(), AuditError> {
    let mut accounts = BTreeMap::<BatchId, (BatchAccount, Digest)>::new();
    let mut listed = blobs.list(&Key::literal("journal/batches"));
    while let Some(object) = listed.try_next().await? {
        let json = blobs.get_bytes(&object.key, ACCOUNT_MAX_BYTES).await?;
        match serde_json::from_slice::<BatchAccount>(&json) {
            Ok(account) if account.format == BATCH_FORMAT => {
                let known = accounts.get(&account.batch.id);
                if known.is_none_or(|(known, _)| known.batch.finished_at < account.batch.finished_at) {
                    accounts.insert(account.batch.id, (account, Digest::of(&json)));
                }
            }
            _ => rebuilt.findings.push(unknown(&object.key, "batch account")),
        }
    }
    let mut accounts: Vec<_> = accounts.into_values().collect();
    accounts.sort_by_key(|(account, _)| account.batch.started_at);
    for (account, digest) in accounts {
        catalog.open_batch(&account.batch).await?;
        catalog.account_files(account.batch.id, &account.files).await?;
        if let Some(at) = account.batch.finished_at {
            let of = ClosingOf::Load(account.batch.id);
            if let Some(closing) = closing(blobs, of, digest, at).await? {
                catalog.close_batch(&closing).await?;
            }
        }
        rebuilt.batches += 1;
    }
    Ok(())
}

/// What was done with boxes as a whole.
async fn enter_box_records(
    blobs: &dyn Blobs,
    catalog: &Catalog,
    rebuilt: &mut Rebuilt,
) -> Result<(), AuditError> {
    let mut listed = blobs.list(&Key::literal("journal/boxes"));
    while let Some(object) = listed.try_next().await? {
        let json = blobs.get_bytes(&object.key, BOX_RECORD_MAX_BYTES).await?;
        let record = match serde_json::from_slice::<BoxRecord>(&json) {
            Ok(record) if record.format == BOX_RECORD_FORMAT => record,
            _ => {
                rebuilt.findings.push(unknown(&object.key, "record of a box"));
                continue;
            }
        };
        catalog.enter_box_record(&record).await?;
        let closing = match record.closing() {
            None => None,
            Some(_) => closing(blobs, ClosingOf::Box(record.id), Digest::of(&json), record.at).await?,
        };
        // A closing without its salt was interrupted: the next load finishes it.
        if closing.is_some() || record.closing().is_none() {
            catalog.box_record_written(record.id, closing.as_ref()).await?;
        }
    }
    Ok(())
}

/// When everything was verified, and what was found: in the order of time, so that it is told when something was found and
/// when no more.
async fn enter_fixity_records(
    blobs: &dyn Blobs,
    catalog: &Catalog,
    rebuilt: &mut Rebuilt,
) -> Result<(), AuditError> {
    let mut in_order = Vec::new();
    let mut listed = blobs.list(&Key::literal("journal/fixity"));
    while let Some(object) = listed.try_next().await? {
        match fixity_record(blobs, &object.key).await? {
            Some((record, _)) => in_order.push((record.at, object.key)),
            None => rebuilt
                .findings
                .push(unknown(&object.key, "record of verifications")),
        }
    }
    in_order.sort_unstable();
    // Read twice rather than kept: an archive of years has millions of results.
    for (_, key) in in_order {
        let Some((record, json)) = fixity_record(blobs, &key).await? else {
            continue;
        };
        let marks: Vec<_> = record.dossiers.iter().map(VerifiedDossier::to_mark).collect();
        match closing(blobs, ClosingOf::Fixity(record.id), Digest::of(&json), record.at).await? {
            Some(closing) => catalog.marks_entered(&marks, &closing).await?,
            None => catalog.mark_verified(&marks, None).await?,
        }
    }
    Ok(())
}

/// A record with its bytes; `None` where it is none of this version of the program.
async fn fixity_record(blobs: &dyn Blobs, key: &Key) -> Result<Option<(FixityRecord, Bytes)>, AuditError> {
    let json = blobs.get_bytes(key, FIXITY_RECORD_MAX_BYTES).await?;
    let record = serde_json::from_slice::<FixityRecord>(&json).ok();
    let record = record.filter(|record| record.format == FIXITY_RECORD_FORMAT);
    Ok(record.map(|record| (record, json)))
}

/// What people decided of doubtful pages.
async fn enter_reviews(
    blobs: &dyn Blobs,
    catalog: &Catalog,
    rebuilt: &mut Rebuilt,
) -> Result<(), AuditError> {
    let mut listed = blobs.list(&Key::literal("journal/reviews"));
    while let Some(object) = listed.try_next().await? {
        let json = blobs.get_bytes(&object.key, REVIEW_MAX_BYTES).await?;
        match serde_json::from_slice::<ReviewRecord>(&json) {
            Ok(record) if record.format == REVIEW_FORMAT => {
                let of = ClosingOf::Review(record.id);
                let closing = closing(blobs, of, Digest::of(&json), record.at).await?;
                catalog.enter_review(&record, closing.as_ref()).await?;
            }
            _ => rebuilt.findings.push(unknown(&object.key, "review of pages")),
        }
    }
    Ok(())
}

fn unknown(key: &Key, what: &str) -> Finding {
    Finding {
        kind: FindingKind::Unreadable,
        dossier: None,
        path: key.to_string(),
        detail: format!("it is no {what} that this program knows"),
    }
}

/// A closing with its salt; `None` of one that was made before the archive had a log.
async fn closing(
    blobs: &dyn Blobs,
    of: ClosingOf,
    digest: Digest,
    at: Timestamp,
) -> Result<Option<Closing>, AuditError> {
    let key = closing_salt_key(of.uuid(), at)?;
    let json = match blobs.get_bytes(&key, SALT_MAX_BYTES).await {
        Ok(json) => json,
        Err(StoreError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    // What cannot be read leaves a leaf that nobody claims, which `verify` names.
    Ok(serde_json::from_slice::<ClosingSalt>(&json)
        .ok()
        .map(|kept| Closing {
            of,
            digest,
            salt: kept.salt,
            at,
            leaf: None,
        }))
}
