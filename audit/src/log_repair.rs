//! Repair of the log and of the journal beside it, from a second store.
//!
//! What each object has to be is known from what was signed: tiles and entries from the root, accounts and records from
//! the catalog, which the log is held against, attestations from their own signatures. The second store is trusted with
//! nothing here either.

use std::{collections::BTreeSet, sync::Arc};

use bytes::Bytes;
use futures::TryStreamExt as _;
use hrisov_catalog::Catalog;
use hrisov_ledger::{
    Checkpoint, LedgerError, MAX_ANSWER_BYTES, Reader, SignedCheckpoint, TimestampError, check_timestamp,
    flaws,
};
use hrisov_model::Digest;
use hrisov_store::{
    Blobs, Key,
    dossier::{ClosingSalt, closing_salt_key},
    ocfl::ExpectedFile,
};

use crate::{
    AuditError, DamagedFiles, LogTrust, SecondStore, Unrestored,
    log::{CHECKPOINT, closed_key},
};

/// What is wrong with log and journal.
#[derive(Debug, Clone, Default)]
pub struct LogDamage {
    /// What can be put right, the checkpoint last.
    pub files: DamagedFiles,
    /// What neither store gives.
    pub left: Vec<Unrestored>,
}

/// Compares every tile and bundle of the log with what was signed, and every account and record of the journal with what
/// was logged. `signed_last` is the checkpoint that was signed last, signed anew by who has the key: it is taken where
/// neither store has it any more.
///
/// # Errors
/// Where one of the stores or the catalog cannot be looked at.
pub async fn examine_log(
    blobs: &Arc<dyn Blobs>,
    catalog: &Catalog,
    from: &SecondStore,
    trust: &LogTrust,
    signed_last: Option<SignedCheckpoint>,
) -> Result<LogDamage, AuditError> {
    let mut damage = LogDamage::default();
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
                    Some(right) => damage.files.judge(blobs.as_ref(), known(flaw.key, right)).await?,
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
    attestations(blobs.as_ref(), from.blobs().as_ref(), trust, &mut damage.files).await?;
    if let Some(head) = head.filter(|_| is_lost) {
        let right = Bytes::from(head.to_string());
        damage
            .files
            .judge(blobs.as_ref(), known(Key::literal(CHECKPOINT), right))
            .await?;
    }
    Ok(damage)
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
        files.judge(blobs, known(key, salt.into())).await?;
    }
    Ok(())
}

/// What witnesses and authorities signed: where ours is not signed by them and the second store's is, theirs.
async fn attestations(
    blobs: &dyn Blobs,
    second: &dyn Blobs,
    trust: &LogTrust,
    files: &mut DamagedFiles,
) -> Result<(), AuditError> {
    let keys = [trust.keys.as_slice(), &trust.witnesses].concat();
    let is_witnessed = |bytes: &Bytes| {
        let signers = SignedCheckpoint::parse(bytes).ok().map(|head| head.verify(&keys));
        signers.is_some_and(|signers| signers.is_ok_and(|signers| !signers.witnesses.is_empty()))
    };
    let witnessed = Key::literal("ledger/witnessed");
    let right = first_right([blobs, second], &witnessed, is_witnessed).await?;
    if let Some(bytes) = right {
        files.judge(blobs, known(witnessed, bytes)).await?;
    }
    let folder = Key::literal("ledger/stamps");
    let mut listed: Vec<_> = second.list(&folder).try_collect().await?;
    listed.extend(blobs.list(&folder).try_collect::<Vec<_>>().await?);
    let names = listed.iter().map(|object| object.key.name());
    let sizes: BTreeSet<u64> = names
        .filter_map(|name| name.split_once('.')?.0.parse().ok())
        .collect();
    for size in sizes {
        let key = |ending: &str| folder.child(&format!("{size}.{ending}"));
        let (note, answer) = (key("checkpoint")?, key("tsr")?);
        let head_of = |bytes: &Bytes| {
            let head = SignedCheckpoint::parse(bytes).ok()?;
            (head.verify(&trust.keys).is_ok() && head.checkpoint().size == size).then_some(head)
        };
        let Some(bytes) = first_right([blobs, second], &note, |bytes| head_of(bytes).is_some()).await? else {
            continue;
        };
        let head = head_of(&bytes);
        files.judge(blobs, known(note, bytes)).await?;
        let is_stamp = |answer: &Bytes| {
            let checkpoint = head.as_ref().map(SignedCheckpoint::checkpoint);
            let stamp = checkpoint.map(|checkpoint| check_timestamp(answer, checkpoint, &trust.authorities));
            match stamp {
                Some(Ok(_)) => true,
                Some(Err(TimestampError::UnknownAuthority { .. })) => trust.authorities.is_empty(),
                _ => false,
            }
        };
        if let Some(bytes) = first_right([blobs, second], &answer, is_stamp).await? {
            files.judge(blobs, known(answer, bytes)).await?;
        }
    }
    Ok(())
}

/// The bytes of the first store in which they are right; `None` where they are in neither.
async fn first_right(
    stores: [&dyn Blobs; 2],
    key: &Key,
    is_right: impl Fn(&Bytes) -> bool,
) -> Result<Option<Bytes>, AuditError> {
    for blobs in stores {
        match blobs.get_bytes(key, MAX_ANSWER_BYTES as u64).await {
            Ok(bytes) if is_right(&bytes) => return Ok(Some(bytes)),
            Err(error) if error.is_transient() => return Err(error.into()),
            _ => {}
        }
    }
    Ok(None)
}

fn known(key: Key, bytes: Bytes) -> ExpectedFile {
    ExpectedFile {
        key,
        digest: Digest::of(&bytes),
        known: Some(bytes),
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
