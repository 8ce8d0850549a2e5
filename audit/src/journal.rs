//! The catalog's loads, boxes and acts on them, held against the journal in the store.
//!
//! What the log says of an account or record is compared with the log; here the rows of the catalog are. Where the two
//! differ although the journal is as it was logged, the catalog is the one that is wrong: it can be made again.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use futures::TryStreamExt as _;
use hrisov_catalog::{
    BATCH_FORMAT, Batch, BatchAccount, BatchFile, Catalog, CatalogError, ClosingOf, HeldReview, ReviewRecord,
};
use hrisov_model::Digest;
use hrisov_store::{
    Blobs, Key, StoreError,
    dossier::{account_key, box_record_key, review_key},
};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    AuditError, Finding, FindingKind,
    rebuild::{ACCOUNT_MAX_BYTES, REVIEW_MAX_BYTES},
};

/// What says which archive the store is of.
pub(crate) const RECORD: &str = "journal/archive.json";
/// It has three lines.
const RECORD_MAX_BYTES: u64 = 4096;
const ACCOUNTS: &str = "journal/batches";
const BOXES: &str = "journal/boxes";
const REVIEWS: &str = "journal/reviews";

/// Everything in the journal that the catalog has, too: which archive it is, loads with their files, boxes, and what was
/// done with them. Gives what does not agree.
pub(crate) async fn verify_journal(
    blobs: &Arc<dyn Blobs>,
    catalog: &Catalog,
) -> Result<Vec<Finding>, AuditError> {
    let mut compared = Compared {
        blobs: blobs.as_ref(),
        catalog,
        logged: HashMap::new(),
        findings: Vec::new(),
    };
    compared.archive().await?;
    // Before the catalog: what lies in the journal was in the catalog first.
    let accounts = compared.names(ACCOUNTS).await?;
    let records = compared.names(BOXES).await?;
    let reviews = compared.names(REVIEWS).await?;
    compared.closings().await?;
    compared.loads(accounts).await?;
    compared.box_records(records).await?;
    compared.reviews(reviews).await?;
    Ok(compared.findings)
}

/// Whether the store's record of the archive names the one whose catalog this is.
pub(crate) fn is_record_of(json: &[u8], id: Uuid, created_at: Timestamp) -> bool {
    let record: Value = serde_json::from_slice(json).unwrap_or_default();
    let text = |field: &str| record[field].as_str().unwrap_or_default().to_owned();
    text("id").parse() == Ok(id) && text("created_at").parse().ok() == Some(created_at)
}

struct Compared<'a> {
    blobs: &'a dyn Blobs,
    catalog: &'a Catalog,
    /// SHA-256 of the accounts and records that were logged, or wait for the log.
    logged: HashMap<ClosingOf, Digest>,
    findings: Vec<Finding>,
}

impl Compared<'_> {
    fn found(&mut self, kind: FindingKind, path: impl ToString, detail: &str) {
        self.findings.push(Finding {
            kind,
            dossier: None,
            path: path.to_string(),
            detail: detail.to_owned(),
        });
    }

    /// What the catalog says; where rows of it make no sense, that is found.
    fn understood<T>(&mut self, path: &str, read: Result<T, CatalogError>) -> Result<Option<T>, AuditError> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(error) if error.is_of_content() => {
                self.found(FindingKind::Catalog, path, &error.to_string());
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What says which archive it is: a rebuilt catalog has its identifier from there.
    async fn archive(&mut self) -> Result<(), AuditError> {
        let json = match self
            .blobs
            .get_bytes(&Key::literal(RECORD), RECORD_MAX_BYTES)
            .await
        {
            Ok(json) => Some(json),
            Err(error) if error.is_transient() => return Err(error.into()),
            Err(_) => None,
        };
        let id = self.catalog.archive_id().await;
        let id = self.understood(RECORD, id)?;
        let created_at = self.catalog.archive_created_at().await;
        let created_at = self.understood(RECORD, created_at)?;
        if let Some((id, created_at)) = id.zip(created_at)
            && !json.is_some_and(|json| is_record_of(&json, id, created_at))
        {
            self.found(
                FindingKind::Catalog,
                RECORD,
                "it is not there, or says another identifier or time of the archive than the catalog: restore it from a \
                 copy of the store with `hrisov repair`, or run `hrisov rebuild`",
            );
        }
        Ok(())
    }

    /// What lies in a folder of the journal, each by the first part of its name below it.
    async fn names(&mut self, folder: &'static str) -> Result<BTreeSet<String>, AuditError> {
        let folder = Key::literal(folder);
        let mut names = BTreeSet::new();
        let mut listed = self.blobs.list(&folder);
        loop {
            match listed.try_next().await {
                Ok(None) => return Ok(names),
                Ok(Some(object)) => {
                    let below = object.key.below(&folder);
                    names.extend(below.iter().flat_map(Key::parts).next().map(str::to_owned));
                }
                Err(StoreError::InvalidKey { text, reason }) => {
                    self.found(FindingKind::Extra, &folder, &format!("{text:?}: {reason}"));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn closings(&mut self) -> Result<(), AuditError> {
        let logged = self.catalog.closings_with_leaves(0..i64::MAX as u64).await;
        let waiting = self.catalog.closings_to_log().await;
        for closings in [logged, waiting] {
            let closings = self.understood("journal", closings)?.unwrap_or_default();
            self.logged
                .extend(closings.iter().map(|closing| (closing.of, closing.digest)));
        }
        Ok(())
    }

    /// Loads and boxes. `accounts` are the loads of which the journal has an account.
    async fn loads(&mut self, accounts: BTreeSet<String>) -> Result<(), AuditError> {
        let batches = self.catalog.batches().await;
        let Some(batches) = self.understood(ACCOUNTS, batches)? else {
            return Ok(());
        };
        let known: BTreeSet<_> = batches.iter().map(|batch| batch.id.to_string()).collect();
        for name in accounts.difference(&known) {
            self.found(
                FindingKind::Extra,
                format!("{ACCOUNTS}/{name}"),
                "the catalog knows no such load: run `hrisov rebuild`",
            );
        }
        for batch in &batches {
            match batch.finished_at {
                Some(at) => self.load(batch, at).await?,
                None if self.logged.contains_key(&ClosingOf::Load(batch.id)) => self.found(
                    FindingKind::Catalog,
                    format!("{ACCOUNTS}/{}", batch.id),
                    "the load was closed, the catalog says that it goes on: run `hrisov rebuild`",
                ),
                None => {}
            }
        }
        let boxes = self.catalog.loaded_boxes().await?;
        let boxes: BTreeSet<_> = boxes.iter().map(|of| (&of.fonds, &of.name)).collect();
        let loaded = batches.iter().map(|batch| (&batch.of.fonds, &batch.of.name));
        let loaded: BTreeSet<_> = loaded.collect();
        for (fonds, name) in boxes.symmetric_difference(&loaded) {
            self.found(
                FindingKind::Catalog,
                ACCOUNTS,
                &format!("the catalog's boxes and loads disagree about the box {fonds}/{name}: run `hrisov rebuild`"),
            );
        }
        Ok(())
    }

    /// A load that finished then, with its files.
    async fn load(&mut self, batch: &Batch, at: Timestamp) -> Result<(), AuditError> {
        let key = account_key(batch.id, at)?;
        let json = match self.blobs.get_bytes(&key, ACCOUNT_MAX_BYTES).await {
            Ok(json) => json,
            Err(StoreError::NotFound { .. }) => {
                self.found(
                    FindingKind::Missing,
                    key,
                    "the journal has no account of the load that the catalog says ended then: restore it from a copy of \
                     the store, or run `hrisov rebuild`",
                );
                return Ok(());
            }
            Err(error) if error.is_transient() => return Err(error.into()),
            Err(error) => {
                self.found(FindingKind::Damaged, key, &error.to_string());
                return Ok(());
            }
        };
        let logged = self.logged.get(&ClosingOf::Load(batch.id));
        if logged.is_some_and(|digest| *digest != Digest::of(&json)) {
            // Which is found where it is compared with the log.
            return Ok(());
        }
        let account = match serde_json::from_slice::<BatchAccount>(&json) {
            Ok(account) if account.format == BATCH_FORMAT => account,
            _ => {
                let detail = "it is no batch account that this program knows";
                self.found(FindingKind::Unreadable, key, detail);
                return Ok(());
            }
        };
        let files = self.catalog.batch_files(batch.id).await;
        let files = self.understood(&key.to_string(), files)?;
        if files.is_some_and(|files| account.batch != *batch || !are_alike(&account.files, &files)) {
            self.found(
                FindingKind::Catalog,
                key,
                "the catalog's account of the load is not the stored one: run `hrisov rebuild`",
            );
        }
        Ok(())
    }

    /// What was done with boxes as a whole. `stored` are the names of the records in the journal.
    async fn box_records(&mut self, mut stored: BTreeSet<String>) -> Result<(), AuditError> {
        let records = self.catalog.every_box_record().await;
        let Some(records) = self.understood(BOXES, records)? else {
            return Ok(());
        };
        for (record, is_written) in &records {
            let key = box_record_key(record.id)?;
            let is_there = stored.remove(key.name());
            let digest = Digest::of(record.to_json().as_bytes());
            match self.logged.get(&ClosingOf::Box(record.id)) {
                // The stored one is compared with the log.
                Some(logged) if *logged == digest => {}
                None if !is_there && !is_written => {}
                None if !is_there => self.found(
                    FindingKind::Missing,
                    key,
                    "the journal does not have what was done with the box: restore it from a copy of the store",
                ),
                None if self.digest(&key).await? == Some(digest) => {}
                _ => self.found(
                    FindingKind::Catalog,
                    key,
                    "the catalog's record of what was done with the box is not the stored one: restore it from a copy of \
                     the store, or run `hrisov rebuild`",
                ),
            }
        }
        for name in stored {
            self.found(
                FindingKind::Extra,
                format!("{BOXES}/{name}"),
                "the catalog knows nothing of it: run `hrisov rebuild`",
            );
        }
        Ok(())
    }

    /// What people decided of doubtful pages. `stored` are the names of the records in the journal.
    async fn reviews(&mut self, mut stored: BTreeSet<String>) -> Result<(), AuditError> {
        let held = self.catalog.every_review().await;
        let Some(held) = self.understood(REVIEWS, held)? else {
            return Ok(());
        };
        for (id, held) in held {
            let key = review_key(id)?;
            if !stored.remove(key.name()) {
                // One that was logged is looked for with the log.
                if !self.logged.contains_key(&ClosingOf::Review(id)) {
                    self.found(
                        FindingKind::Missing,
                        key,
                        "the journal does not have what was decided of pages: restore it from a copy of the store",
                    );
                }
                continue;
            }
            let json = match self.blobs.get_bytes(&key, REVIEW_MAX_BYTES).await {
                Ok(json) => json,
                Err(error) if error.is_transient() => return Err(error.into()),
                Err(_) => continue,
            };
            let record = serde_json::from_slice::<ReviewRecord>(&json).ok();
            if record.map(HeldReview::from) != Some(held) {
                self.found(
                    FindingKind::Catalog,
                    key,
                    "the catalog's record of what was decided of pages is not the stored one: restore it from a copy of \
                     the store, or run `hrisov rebuild`",
                );
            }
        }
        for name in stored {
            self.found(
                FindingKind::Extra,
                format!("{REVIEWS}/{name}"),
                "the catalog knows nothing of it: run `hrisov rebuild`",
            );
        }
        Ok(())
    }

    /// `None` of what cannot be read.
    async fn digest(&self, key: &Key) -> Result<Option<Digest>, AuditError> {
        match self.blobs.digest(key).await {
            Ok((digest, _)) => Ok(Some(digest)),
            Err(error) if error.is_transient() => Err(error.into()),
            Err(_) => Ok(None),
        }
    }
}

/// Whether two lists name the same files. How a file ended may have changed since where it has a record: then the
/// dossier's description tells of it. When it was looked at may differ: a load that was interrupted after its account was
/// written looks at the files again, and keeps the account.
fn are_alike(stored: &[BatchFile], held: &[BatchFile]) -> bool {
    let same = |(stored, held): (&BatchFile, &BatchFile)| {
        stored.source_path == held.source_path
            && (stored.file, stored.dossier) == (held.file, held.dossier)
            && (stored.file.is_some() || stored.state == held.state)
    };
    stored.len() == held.len() && stored.iter().zip(held).all(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_of_the_archive_whose_catalog_it_is() {
        let id = Uuid::from_u128(7);
        let at: Timestamp = "2024-03-05T10:20:30.5Z".parse().unwrap();
        let right = format!(r#"{{"format":"hrisov-archive/1","id":"{id}","created_at":"{at}"}}"#);
        for (json, holds) in [
            (right.clone(), true),
            (right.replace("created_at", "made_at"), false),
            (right.replace("10:20", "10:21"), false),
            (right.replace("7\"", "8\""), false),
            (right[1..].to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(is_record_of(json.as_bytes(), id, at), holds, "{json}");
        }
    }
}
