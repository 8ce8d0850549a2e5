//! Repair of the log, of the journal beside it and of the storage root's own files, from a second store.
//!
//! What each object has to be is known from what was signed: tiles and entries from the root, accounts and records from
//! the catalog, which the log is held against, attestations from their own signatures; which archive it is, from the
//! catalog; the storage root's files from the program. The second store is trusted with nothing here either.

use std::{collections::BTreeSet, sync::Arc};

use bytes::Bytes;
use futures::TryStreamExt as _;
use hrisov_catalog::Catalog;
use hrisov_ledger::{
    Checkpoint, Extension, LedgerError, MAX_ANSWER_BYTES, Reader, SignedCheckpoint, TimestampError,
    VerifierKey, check_timestamp, compare, flaws,
};
use hrisov_store::{
    Blobs, Key,
    dossier::{ClosingSalt, box_record_key, closing_salt_key},
    ocfl::{ExpectedFile, StorageRoot},
};

use crate::{
    AuditError, DamagedFiles, LogTrust, SecondStore, Unrestored,
    journal::{RECORD, is_record_of},
    log::{CHECKPOINT, closed_key},
};

/// What is wrong with log and journal, and with what declares the storage root.
#[derive(Debug, Clone, Default)]
pub struct LogDamage {
    /// What can be put right, the checkpoint last.
    pub files: DamagedFiles,
    /// What neither store gives.
    pub left: Vec<Unrestored>,
}

/// Compares every tile and bundle of the log with what was signed, every account and record of the journal with what
/// was logged, and what declares the storage root with what it has to be. `signed_last` is the checkpoint that was signed last, signed anew by who has the key: it is taken where
/// neither store has it any more.
///
/// # Errors
/// Where one of the stores or the catalog cannot be looked at.
pub async fn examine_log(
    root: &StorageRoot,
    catalog: &Catalog,
    from: &SecondStore,
    trust: &LogTrust,
    signed_last: Option<SignedCheckpoint>,
) -> Result<LogDamage, AuditError> {
    let blobs = root.blobs();
    let mut damage = LogDamage::default();
    for file in root.root_files() {
        damage.files.judge(blobs.as_ref(), file).await?;
    }
    archive_record(blobs.as_ref(), catalog, from, &mut damage).await?;
    if trust.keys.is_empty() {
        return Ok(damage);
    }
    let own = trusted_head(blobs, trust).await?;
    let is_lost = own.is_none();
    let head = match own {
        Some(head) => Some(head),
        None => trusted_head(from.blobs(), trust)
            .await?
            .filter(|head| is_last(head, trust.last_signed.as_ref()))
            .or(signed_last),
    };
    match &head {
        None => damage.left.push(Unrestored {
            path: CHECKPOINT.to_owned(),
            expected: None,
            reason: "the second store does not have the checkpoint that was signed last, and without the key nobody can \
                     sign it again"
                .to_owned(),
        }),
        Some(head) => {
            let reader = Reader::at(Arc::clone(blobs), head.clone());
            for flaw in flaws(&reader, from.blobs()).await? {
                match flaw.right {
                    Some(right) => damage.files.judge(blobs.as_ref(), ExpectedFile::known(flaw.key, right)).await?,
                    None => damage.left.push(Unrestored {
                        path: flaw.key.to_string(),
                        expected: None,
                        reason: "neither store has what was logged there".to_owned(),
                    }),
                }
            }
        }
    }
    journal(blobs.as_ref(), catalog, &mut damage.files).await?;
    let kept = Kept {
        stores: [blobs, from.blobs()],
        head: head.as_ref(),
        trust,
    };
    kept.attestations(&mut damage).await?;
    if let Some(head) = head.filter(|_| is_lost) {
        let right = Bytes::from(head.to_string());
        damage
            .files
            .judge(
                blobs.as_ref(),
                ExpectedFile::known(Key::literal(CHECKPOINT), right),
            )
            .await?;
    }
    Ok(damage)
}

/// What says which archive it is: the catalog knows its identifier, and when it was made.
async fn archive_record(
    blobs: &dyn Blobs,
    catalog: &Catalog,
    from: &SecondStore,
    damage: &mut LogDamage,
) -> Result<(), AuditError> {
    let (id, created_at) = (catalog.archive_id().await?, catalog.archive_created_at().await?);
    let key = Key::literal(RECORD);
    let is_right = |json: &Bytes| is_record_of(json, id, created_at);
    match first_right([blobs, from.blobs().as_ref()], &key, is_right).await? {
        Some(bytes) => {
            damage
                .files
                .judge(blobs, ExpectedFile::known(key, bytes))
                .await?;
        }
        None => damage.left.push(Unrestored {
            path: key.to_string(),
            expected: None,
            reason: "neither store has the record of the archive that the catalog is of; if the catalog is the wrong one, \
                     run `hrisov rebuild`"
                .to_owned(),
        }),
    }
    Ok(())
}

/// Accounts of loads, records of boxes and of verifications, and what blinds their leaves.
async fn journal(blobs: &dyn Blobs, catalog: &Catalog, files: &mut DamagedFiles) -> Result<(), AuditError> {
    let mut closings = catalog.closings_with_leaves(0..i64::MAX as u64).await?;
    closings.extend(catalog.closings_to_log().await?);
    for closing in &closings {
        let account = ExpectedFile {
            key: closed_key(closing.of, closing.at)?,
            digest: closing.digest,
            known: None,
        };
        files.judge(blobs, account).await?;
        let salt = ClosingSalt { salt: closing.salt };
        let salt = serde_json::to_vec(&salt).map_err(|error| AuditError::Internal(error.to_string()))?;
        let key = closing_salt_key(closing.of.uuid(), closing.at)?;
        files.judge(blobs, ExpectedFile::known(key, salt.into())).await?;
    }
    // Those that close no box have no leaf: the catalog alone has them, word by word.
    for (record, is_written) in catalog.every_box_record().await? {
        if is_written && record.closing().is_none() {
            let key = box_record_key(record.id)?;
            let json = record.to_json().into();
            files.judge(blobs, ExpectedFile::known(key, json)).await?;
        }
    }
    Ok(())
}

/// What of the log was kept elsewhere, too: where ours is not right and the second store's is, theirs.
struct Kept<'a> {
    /// Ours, then the second.
    stores: [&'a Arc<dyn Blobs>; 2],
    /// The log's own checkpoint, where there still is one.
    head: Option<&'a SignedCheckpoint>,
    trust: &'a LogTrust,
}

impl Kept<'_> {
    async fn attestations(&self, damage: &mut LogDamage) -> Result<(), AuditError> {
        let keys = [self.trust.keys.as_slice(), &self.trust.witnesses].concat();
        let is_witnessed = |bytes: &Bytes| {
            let signers = SignedCheckpoint::parse(bytes).ok().map(|head| head.verify(&keys));
            signers.is_some_and(|signers| signers.is_ok_and(|signers| !signers.witnesses.is_empty()))
        };
        self.notes(damage).await?;
        let witnessed = Key::literal("ledger/witnessed");
        self.restore(witnessed, is_witnessed, damage).await?;
        for size in self.sizes("ledger/asked", |name| name.parse().ok()).await? {
            let key = Key::literal("ledger/asked").child(&size.to_string())?;
            self.checkpoint(key, size, damage).await?;
        }
        let stamps = Key::literal("ledger/stamps");
        let size_of = |name: &str| name.split_once('.')?.0.parse().ok();
        for size in self.sizes("ledger/stamps", size_of).await? {
            let note = stamps.child(&format!("{size}.checkpoint"))?;
            let Some(head) = self.checkpoint(note, size, damage).await? else {
                continue;
            };
            let is_stamp =
                |answer: &Bytes| match check_timestamp(answer, head.checkpoint(), &self.trust.authorities) {
                    Ok(_) => true,
                    Err(TimestampError::UnknownAuthority { .. }) => self.trust.authorities.is_empty(),
                    Err(_) => false,
                };
            let key = stamps.child(&format!("{size}.tsr"))?;
            self.restore(key, is_stamp, damage).await?;
        }
        Ok(())
    }

    /// The list of public keys, which the keys themselves give, and the note of the batch begun last: the next batch
    /// writes it anew, until then any is right that goes no further than the log.
    async fn notes(&self, damage: &mut LogDamage) -> Result<(), AuditError> {
        let own = self.stores[0].as_ref();
        let keys = &self.trust.keys;
        let has_keys = |bytes: &Bytes| {
            let text = String::from_utf8_lossy(bytes);
            let listed: Result<Vec<VerifierKey>, _> = text.lines().map(str::parse).collect();
            listed.is_ok_and(|listed| keys.iter().all(|key| listed.contains(key)))
        };
        let key = Key::literal("ledger/keys");
        let stores = [own, self.stores[1].as_ref()];
        let right = match first_right(stores, &key, has_keys).await? {
            Some(bytes) => bytes,
            None => keys
                .iter()
                .map(|key| format!("{key}\n"))
                .collect::<String>()
                .into(),
        };
        damage.files.judge(own, ExpectedFile::known(key, right)).await?;
        let (Some(head), key) = (self.head, Key::literal("ledger/pending")) else {
            return Ok(());
        };
        let pending = async |blobs| Reader::at(Arc::clone(blobs), head.clone()).pending_batch().await;
        if !matches!(pending(self.stores[0]).await, Err(LedgerError::Damaged { .. })) {
            return Ok(());
        }
        // One that goes further would have whatever is in it signed.
        let is_past =
            matches!(pending(self.stores[1]).await, Ok(Some(batch)) if batch.end <= head.checkpoint().size);
        match read(self.stores[1].as_ref(), &key).await? {
            Some(bytes) if is_past => Ok(damage.files.judge(own, ExpectedFile::known(key, bytes)).await?),
            _ => self.leave(&key, damage).await,
        }
    }

    /// The number in each name that either store has in a folder.
    async fn sizes(
        &self,
        folder: &'static str,
        size_of: impl Fn(&str) -> Option<u64>,
    ) -> Result<BTreeSet<u64>, AuditError> {
        let mut sizes = BTreeSet::new();
        for blobs in self.stores {
            let mut listed = blobs.list(&Key::literal(folder));
            while let Some(object) = listed.try_next().await? {
                sizes.extend(size_of(object.key.name()));
            }
        }
        Ok(sizes)
    }

    /// A checkpoint of that size which the log signed and still extends.
    async fn checkpoint(
        &self,
        key: Key,
        size: u64,
        damage: &mut LogDamage,
    ) -> Result<Option<SignedCheckpoint>, AuditError> {
        let head_of = |bytes: &Bytes| {
            let head = SignedCheckpoint::parse(bytes).ok()?;
            (head.verify(&self.trust.keys).is_ok() && head.checkpoint().size == size).then_some(head)
        };
        for blobs in self.stores {
            let Some(bytes) = read(blobs.as_ref(), &key).await? else {
                continue;
            };
            if let Some(head) = head_of(&bytes)
                && self.is_of_history(head.checkpoint()).await?
            {
                let own = self.stores[0].as_ref();
                damage.files.judge(own, ExpectedFile::known(key, bytes)).await?;
                return Ok(Some(head));
            }
        }
        self.leave(&key, damage).await?;
        Ok(None)
    }

    /// Tells of one that is there and wrong, where the second store has none that is right.
    async fn leave(&self, key: &Key, damage: &mut LogDamage) -> Result<(), AuditError> {
        if self.stores[0].head(key).await?.is_some() {
            damage.left.push(Unrestored {
                path: key.to_string(),
                expected: None,
                reason: "neither store has it as it was signed".to_owned(),
            });
        }
        Ok(())
    }

    /// Whether the log had that root at that size, by the tiles of one of the stores.
    async fn is_of_history(&self, then: &Checkpoint) -> Result<bool, AuditError> {
        let Some(head) = self.head else { return Ok(false) };
        if head.checkpoint().origin != then.origin || head.checkpoint().size < then.size {
            return Ok(false);
        }
        for blobs in self.stores {
            match compare(&Reader::at(Arc::clone(blobs), head.clone()), then).await? {
                // What is damaged in the one may be right in the other.
                Extension::Truncated { .. } | Extension::Damaged { .. } | Extension::RootDiffers { .. } => {}
                extension => return Ok(extension.holds()),
            }
        }
        Ok(false)
    }

    async fn restore(
        &self,
        key: Key,
        is_right: impl Fn(&Bytes) -> bool,
        damage: &mut LogDamage,
    ) -> Result<(), AuditError> {
        let [own, second] = self.stores.map(Arc::as_ref);
        match first_right([own, second], &key, is_right).await? {
            Some(bytes) => Ok(damage.files.judge(own, ExpectedFile::known(key, bytes)).await?),
            None => self.leave(&key, damage).await,
        }
    }
}

/// The bytes of the first store in which they are right; `None` where they are in neither.
async fn first_right(
    stores: [&dyn Blobs; 2],
    key: &Key,
    is_right: impl Fn(&Bytes) -> bool,
) -> Result<Option<Bytes>, AuditError> {
    for blobs in stores {
        if let Some(bytes) = read(blobs, key).await?
            && is_right(&bytes)
        {
            return Ok(Some(bytes));
        }
    }
    Ok(None)
}

/// `None` of what is gone, or no longer readable.
async fn read(blobs: &dyn Blobs, key: &Key) -> Result<Option<Bytes>, AuditError> {
    match blobs.get_bytes(key, MAX_ANSWER_BYTES as u64).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.is_transient() => Err(error.into()),
        Err(_) => Ok(None),
    }
}

/// A store's checkpoint, where it is one that a key of the log signed.
async fn trusted_head(
    blobs: &Arc<dyn Blobs>,
    trust: &LogTrust,
) -> Result<Option<SignedCheckpoint>, AuditError> {
    match Reader::open(Arc::clone(blobs)).await {
        Ok(log) => Ok(log.verify(&trust.keys).ok().map(|_| log.head().clone())),
        Err(LedgerError::Store(error)) if error.is_transient() => Err(error.into()),
        Err(_) => Ok(None),
    }
}

/// Whether nothing was signed after it, as far as that is remembered beside the key.
fn is_last(head: &SignedCheckpoint, last: Option<&Checkpoint>) -> bool {
    last.is_none_or(|last| last == head.checkpoint())
}
