//! The log against itself, against what was signed last, and against the events of the catalog.

mod attestations;

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    ops::Range,
    sync::Arc,
};

use hrisov_catalog::{Catalog, CatalogError, Closing, ClosingOf, LeafAs, LoggedEvent};
use hrisov_ledger::{
    Certificate, Checkpoint, Commitment, Leaf, LedgerError, Reader, VerifierKey, check, compare,
};
use hrisov_model::{DossierDescription, DossierId, Event, EventKind};
use hrisov_store::{
    Blobs, Key, StoreError,
    dossier::{
        ClosingSalt, SALT_MAX_BYTES, account_key, box_record_key, closing_salt_key, description_path,
        fixity_record_key, review_key,
    },
    ocfl::{Inventory, StorageRoot},
};
use jiff::Timestamp;
use serde_json::Value;

use self::attestations::attestations;
use crate::{AuditError, Finding, FindingKind, journal::verify_journal, times::Times};

/// Where the log's checkpoint lies.
pub(crate) const CHECKPOINT: &str = "ledger/checkpoint";
/// Leaves compared with their events at once.
const LEAVES: u64 = 2048;
/// Findings about leaves that are told one by one; of more only the number is told.
const MOST_TOLD: usize = 100;

/// What the log is held against, kept apart from the store.
#[derive(Debug, Clone, Default)]
pub struct LogTrust {
    /// The public keys that may have signed it. Without any, an archive has no log yet.
    pub keys: Vec<VerifierKey>,
    /// The size and root that were signed last.
    pub last_signed: Option<Checkpoint>,
    /// Witnesses whose signatures are believed.
    pub witnesses: Vec<VerifierKey>,
    /// Time-stamping authorities that are believed; without any, only whether a stamp is whole can be told.
    pub authorities: Vec<Certificate<'static>>,
}

/// What was looked at and found in the log.
#[derive(Debug, Default)]
pub(crate) struct LogPart {
    pub(crate) leaves: u64,
    pub(crate) waiting: u64,
    pub(crate) doubtful_times: u64,
    pub(crate) findings: Vec<Finding>,
}

/// A leaf that no event of the catalog claims.
type Unclaimed = (u64, Leaf);

/// The whole log, what the catalog has of the journal beside it, and what declares the storage root.
pub(crate) async fn verify_log(
    blobs: &Arc<dyn Blobs>,
    catalog: &Catalog,
    trust: &LogTrust,
) -> Result<LogPart, AuditError> {
    let mut part = LogPart::default();
    compare_log(blobs, catalog, trust, &mut part).await?;
    part.findings.extend(verify_journal(blobs, catalog).await?);
    compare_root(blobs, &mut part).await?;
    part.shorten();
    Ok(part)
}

/// The files that declare the storage root, byte for byte.
async fn compare_root(blobs: &Arc<dyn Blobs>, part: &mut LogPart) -> Result<(), AuditError> {
    for file in StorageRoot::unchecked(Arc::clone(blobs)).root_files() {
        match blobs.digest(&file.key).await {
            Ok((found, _)) if found == file.digest => continue,
            Err(error) if error.is_transient() => return Err(error.into()),
            _ => part.findings.push(Finding {
                kind: FindingKind::Damaged,
                ..finding(
                    file.key,
                    "it is not as this program wrote it: restore it with `hrisov repair`".to_owned(),
                )
            }),
        }
    }
    Ok(())
}

async fn compare_log(
    blobs: &Arc<dyn Blobs>,
    catalog: &Catalog,
    trust: &LogTrust,
    part: &mut LogPart,
) -> Result<(), AuditError> {
    let position = catalog.log_position().await?;
    let Some(log) = open(blobs, trust, position, part).await? else {
        return Ok(());
    };
    if position > log.size() {
        let (recorded, size) = (position, log.size());
        part.found(CHECKPOINT, LedgerError::AheadOfLog { recorded, size }.to_string());
    }
    signatures(&log, trust, part).await?;
    attestations(&log, trust, part).await?;
    let checked = check(&log).await?;
    part.leaves = checked.entries;
    for found in checked.findings {
        let detail = found.to_string();
        part.found("ledger", detail);
    }
    let mut unclaimed = Vec::new();
    let mut times = Times::default();
    let mut next = 0;
    while next < log.size() {
        let end = (next + LEAVES).min(log.size());
        compare_leaves(&log, catalog, next..end, (part, &mut times), &mut unclaimed).await?;
        next = end;
    }
    part.doubtful_times = times.doubtful();
    let unclaimed = without_unmatched(catalog, unclaimed, position, part).await?;
    for (index, leaf) in unclaimed {
        part.found(
            place(index),
            format!(
                "the leaf speaks of an event of {} ({}) that is not in the archive; if the catalog is older than the \
                 store, run `hrisov rebuild`",
                leaf.object,
                kind(&leaf)
            ),
        );
    }
    lost_leaves(blobs, catalog, part).await?;
    // A load may begin or end between the questions.
    let before = catalog.has_unfinished_batch().await?;
    part.waiting = catalog.count_events_to_log().await?;
    let loading = before || catalog.has_unfinished_batch().await?;
    if part.waiting > 0 && !loading {
        let detail = format!(
            "{} events are not in the log: the next load enters them",
            part.waiting
        );
        part.found("ledger", detail);
    }
    Ok(())
}

/// Puts what is wrong with the log now in the place of what was found in it earlier, so that everybody sees it.
pub(crate) async fn remember_log_findings(
    root: &StorageRoot,
    catalog: &Catalog,
    found: &[Finding],
) -> Result<(), AuditError> {
    let of_root = root.root_files().map(|file| file.key.to_string());
    let is_of_log = |finding: &Value| {
        let path = finding["path"].as_str().unwrap_or_default();
        path.starts_with("ledger")
            || path.starts_with("journal")
            || path == "catalog"
            || of_root.iter().any(|of_root| of_root == path)
    };
    let found: Vec<_> = found.iter().map(Finding::to_value).collect();
    Ok(catalog
        .replace_other_findings(|finding| !is_of_log(finding), &found)
        .await?)
}

/// The leaves of one dossier's events, each with its proof: how many, and what is wrong with them.
pub(crate) async fn verify_leaves_of(
    log: &Reader,
    catalog: &Catalog,
    dossier: DossierId,
    name: &str,
) -> Result<(u64, Vec<Finding>), AuditError> {
    let mut part = LogPart::default();
    let events = catalog.logged_events(dossier).await;
    for logged in part.understood(events)?.unwrap_or_default() {
        let Some(index) = logged.leaf else { continue };
        part.leaves += 1;
        match log.leaf(index).await {
            Ok(leaf) => {
                if let Some(fault) = fault(&logged, &leaf) {
                    part.found(place(index), fault);
                }
            }
            Err(error) => part.unreadable(index, error)?,
        }
    }
    let findings = part.findings.into_iter().map(|finding| Finding {
        dossier: Some(name.to_owned()),
        ..finding
    });
    Ok((part.leaves, findings.collect()))
}

/// Where a master has no event that says how it came: then no leaf speaks for its bytes.
pub(crate) fn masters_without_event<'a>(
    description: &'a DossierDescription,
    events: &[Event],
) -> impl Iterator<Item = &'a str> {
    let deposited: BTreeSet<_> = events
        .iter()
        .filter(|event| matches!(event.kind, EventKind::Ingestion | EventKind::Replacement))
        .filter_map(|event| event.digest)
        .collect();
    description
        .files
        .iter()
        .filter(move |file| !deposited.contains(&file.digest))
        .filter_map(|file| file.logical_path.as_deref())
}

/// Where no leaf speaks for a description, and so for the texts whose digests it has: one that an event committed to is
/// no longer there, or the last one came without an event. A deposit alone is told of by its masters.
pub(crate) fn unlogged_descriptions(inventory: &Inventory, events: &[Event]) -> Vec<String> {
    let tells = |event: &Event| {
        let of_dossier = event.file.is_none() && event.digest.is_some();
        of_dossier
            && matches!(
                event.kind,
                EventKind::Transcription | EventKind::MetadataModification
            )
    };
    let gone = |event: &&Event| {
        let digest = event.digest.filter(|_| tells(event));
        digest.is_some_and(|digest| inventory.content_path(digest).is_none())
    };
    let mut faults: Vec<_> = events
        .iter()
        .filter(gone)
        .map(|event| {
            format!(
                "the description that the event {} tells of is not there",
                event.id
            )
        })
        .collect();
    let last = events.iter().rposition(tells);
    if let Some((last, since)) = last.and_then(|at| events[at..].split_first())
        && !since
            .iter()
            .any(|event| matches!(event.kind, EventKind::Ingestion | EventKind::Replacement))
        && inventory.file(&description_path()) != last.digest
    {
        faults.push(format!(
            "the last description is not the one that the event {} tells of: no leaf speaks for it",
            last.id
        ));
    }
    faults
}

async fn open(
    blobs: &Arc<dyn Blobs>,
    trust: &LogTrust,
    position: u64,
    part: &mut LogPart,
) -> Result<Option<Reader>, AuditError> {
    match Reader::open(Arc::clone(blobs)).await {
        Ok(log) => return Ok(Some(log)),
        // An archive of an older program: the next load begins the log.
        Err(LedgerError::NoLog { .. }) if trust.keys.is_empty() && position == 0 => {}
        Err(LedgerError::NoLog { key }) => part.findings.push(Finding {
            kind: FindingKind::Missing,
            dossier: None,
            path: key.to_string(),
            detail: "the log's checkpoint is gone: restore it from a copy of the store".to_owned(),
        }),
        Err(LedgerError::Damaged { key, source }) => part.found(key, source.to_string()),
        Err(LedgerError::Store(StoreError::TooLarge { key, .. })) => {
            part.found(key, "it is too large for a checkpoint".to_owned());
        }
        Err(error) => return Err(error.into()),
    }
    Ok(None)
}

/// Whether a key of ours signed the checkpoint, whether a witness's signature under it was changed, and whether it extends
/// what was signed last.
async fn signatures(log: &Reader, trust: &LogTrust, part: &mut LogPart) -> Result<(), AuditError> {
    let place = CHECKPOINT;
    if trust.keys.is_empty() {
        let detail = "there is no public key of the log beside the archive, so nobody can say who signed it: put \
                      log.pub back into the folder of the keys";
        part.found(place, detail.to_owned());
    } else if let Err(error) = log.verify(&[trust.keys.as_slice(), &trust.witnesses].concat()) {
        part.found(place, format!("the checkpoint cannot be trusted: {error}"));
    }
    let stored = log.stored_keys().await;
    if let Some(stored) = part.readable(stored)?
        && trust.keys.iter().any(|key| !stored.contains(key))
    {
        let detail = "it does not have the log's public keys: the next load writes it anew";
        part.found("ledger/keys", detail.to_owned());
    }
    if let Some(last) = &trust.last_signed {
        let extension = compare(log, last).await?;
        // A crash between the memory of a signature and the checkpoint: the next load finishes that batch.
        let begun = log.pending_batch().await;
        let begun = part.readable(begun)?.flatten();
        let unfinished = begun.is_some_and(|batch| batch == (log.size()..last.size));
        if !extension.holds() && !unfinished {
            part.found(place, format!("against what was signed last: {extension}"));
        }
    }
    Ok(())
}

async fn compare_leaves(
    log: &Reader,
    catalog: &Catalog,
    range: Range<u64>,
    (part, times): (&mut LogPart, &mut Times),
    unclaimed: &mut Vec<Unclaimed>,
) -> Result<(), AuditError> {
    let entries = match log.entries(range.clone()).await {
        Ok(entries) => entries,
        Err(LedgerError::Store(error)) if error.is_transient() => return Err(error.into()),
        // Whatever is missing or damaged was found when the log was held against itself.
        Err(_) => return Ok(()),
    };
    let events = catalog.events_with_leaves(range.clone()).await;
    let closings = catalog.closings_with_leaves(range.clone()).await;
    let (Some(events), Some(closings)) = (part.understood(events)?, part.understood(closings)?) else {
        return Ok(());
    };
    let events: BTreeMap<u64, LoggedEvent> = events
        .into_iter()
        .filter_map(|logged| Some((logged.leaf?, logged)))
        .collect();
    let closings: BTreeMap<u64, Closing> = closings
        .into_iter()
        .filter_map(|closing| Some((closing.leaf?, closing)))
        .collect();
    for (index, entry) in range.zip(&entries) {
        let Ok(leaf) = Leaf::from_bytes(entry) else {
            continue;
        };
        times.add(&leaf);
        if let Some(closing) = closings.get(&index) {
            compare_closing(log, closing, (index, &leaf), part).await?;
            continue;
        }
        match events.get(&index) {
            None => unclaimed.push((index, leaf)),
            Some(logged) => {
                if let Some(fault) = fault(logged, &leaf) {
                    part.findings.push(Finding {
                        dossier: Some(logged.dossier.to_string()),
                        ..finding(place(index), fault)
                    });
                }
            }
        }
    }
    Ok(())
}

/// The account of a load, or the record of a box, is the one whose digest was logged when it was closed, and its salt is
/// there.
async fn compare_closing(
    log: &Reader,
    closing: &Closing,
    (index, leaf): (u64, &Leaf),
    part: &mut LogPart,
) -> Result<(), AuditError> {
    let commitment = Commitment::new(&closing.salt, &closing.digest);
    let expected = match closing.of {
        ClosingOf::Load(batch) => Leaf::of_closing(batch, commitment, closing.at),
        ClosingOf::Box(record) => Leaf::of_closing(record, commitment, closing.at),
        ClosingOf::Review(record) => Leaf::of_closing(record, commitment, closing.at),
        ClosingOf::Fixity(record) => Leaf::of_fixity_check(record, commitment, closing.at),
    };
    if *leaf != expected {
        part.found(
            place(index),
            format!("the leaf is not that of the closing of {}", closing.of.uuid()),
        );
    }
    let key = closed_key(closing.of, closing.at)?;
    let kind = match log.blobs().digest(&key).await {
        Ok((found, _)) if found == closing.digest => None,
        Ok(_) => Some(FindingKind::Damaged),
        Err(StoreError::NotFound { .. }) => Some(FindingKind::Missing),
        Err(error) => return Err(error.into()),
    };
    part.findings.extend(kind.map(|kind| Finding {
        kind,
        ..finding(
            key,
            "the account or record is not the one that was logged when it was closed".to_owned(),
        )
    }));
    let key = closing_salt_key(closing.of.uuid(), closing.at)?;
    let kind = match log.blobs().get_bytes(&key, SALT_MAX_BYTES).await {
        Ok(json) => match serde_json::from_slice::<ClosingSalt>(&json) {
            Ok(kept) if kept.salt == closing.salt => None,
            _ => Some(FindingKind::Damaged),
        },
        Err(StoreError::NotFound { .. }) => Some(FindingKind::Missing),
        Err(error) if error.is_transient() => return Err(error.into()),
        Err(_) => Some(FindingKind::Damaged),
    };
    part.findings.extend(kind.map(|kind| Finding {
        kind,
        ..finding(
            key,
            "the salt is not the one under which the account or record was logged: `hrisov rebuild` would not know \
             its leaf"
                .to_owned(),
        )
    }));
    Ok(())
}

/// Where the account or record lies whose digest was logged.
pub(crate) fn closed_key(of: ClosingOf, at: Timestamp) -> Result<Key, StoreError> {
    match of {
        ClosingOf::Load(batch) => account_key(batch, at),
        ClosingOf::Box(record) => box_record_key(record),
        ClosingOf::Fixity(record) => fixity_record_key(record),
        ClosingOf::Review(record) => review_key(record),
    }
}

/// Leaves after the catalog's position are only still to be matched, where their events wait; or a load matched them
/// since they were read.
async fn without_unmatched(
    catalog: &Catalog,
    unclaimed: Vec<Unclaimed>,
    position: u64,
    part: &mut LogPart,
) -> Result<Vec<Unclaimed>, AuditError> {
    let closings = catalog.closings_to_log().await;
    let Some(closings) = part.understood(closings)? else {
        return Ok(Vec::new());
    };
    let dossiers: BTreeSet<_> = unclaimed
        .iter()
        .filter(|(index, _)| *index >= position)
        .map(|(_, leaf)| DossierId::from(leaf.object.uuid()))
        .collect();
    let dossiers: Vec<_> = dossiers.into_iter().collect();
    let waiting: HashSet<Commitment> = catalog
        .events_to_log_of(&dossiers)
        .await?
        .iter()
        .map(|logged| Commitment::of_event(&logged.event))
        .collect();
    let closings: HashSet<Commitment> = closings
        .iter()
        .map(|closing| Commitment::new(&closing.salt, &closing.digest))
        .collect();
    let mut left = Vec::new();
    for (index, leaf) in unclaimed {
        let unmatched = index >= position
            && (waiting.contains(&leaf.commitment)
                || closings.contains(&leaf.commitment)
                || !catalog.events_with_leaves(index..index + 1).await?.is_empty()
                || !catalog.closings_with_leaves(index..index + 1).await?.is_empty());
        if !unmatched {
            left.push((index, leaf));
        }
    }
    Ok(left)
}

/// Events whose leaves the log no longer has.
async fn lost_leaves(
    blobs: &Arc<dyn Blobs>,
    catalog: &Catalog,
    part: &mut LogPart,
) -> Result<(), AuditError> {
    // Read again: a load may have added leaves meanwhile.
    let size = match Reader::open(Arc::clone(blobs)).await {
        Ok(log) => log.size(),
        Err(_) => return Ok(()),
    };
    let beyond = catalog.events_with_leaves(size..i64::MAX as u64).await;
    for logged in part.understood(beyond)?.unwrap_or_default() {
        if let Some(index) = logged.leaf {
            part.found(
                place(index),
                format!(
                    "the event {} has this leaf, but the log has only {size}",
                    logged.event.id
                ),
            );
        }
    }
    Ok(())
}

/// Where a leaf is not the one of that event.
fn fault(logged: &LoggedEvent, leaf: &Leaf) -> Option<String> {
    let expected = match logged.leaf_as {
        LeafAs::Event => Leaf::of_event(logged.dossier, &logged.event),
        LeafAs::Adoption => Leaf::of_adoption(logged.dossier, &logged.event, leaf.time),
    };
    let what = if expected.commitment != leaf.commitment {
        "it commits to other bytes, or under another salt"
    } else if expected.object != leaf.object {
        "it is about another dossier"
    } else if expected.kind != leaf.kind {
        "it says that something else happened"
    } else if expected.time != leaf.time {
        "it gives another time"
    } else {
        return None;
    };
    Some(format!(
        "the leaf is not that of the event {}: {what}",
        logged.event.id
    ))
}

fn place(index: u64) -> String {
    format!("ledger, leaf {index}")
}

fn kind(leaf: &Leaf) -> String {
    let name = serde_json::to_value(leaf.kind).ok();
    name.and_then(|name| name.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn finding(path: impl ToString, detail: String) -> Finding {
    Finding {
        kind: FindingKind::Ledger,
        dossier: None,
        path: path.to_string(),
        detail,
    }
}

impl LogPart {
    fn found(&mut self, path: impl ToString, detail: String) {
        self.findings.push(finding(path, detail));
    }

    /// What the catalog says; where a row of it makes no sense, that is a finding.
    fn understood<T>(&mut self, read: Result<T, CatalogError>) -> Result<Option<T>, AuditError> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(error) if error.is_of_content() => {
                self.findings.push(Finding {
                    kind: FindingKind::Catalog,
                    ..finding("catalog", error.to_string())
                });
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What could be read; what is damaged is a finding.
    fn readable<T>(&mut self, read: Result<T, LedgerError>) -> Result<Option<T>, AuditError> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(LedgerError::Damaged { key, source }) => {
                self.found(key, source.to_string());
                Ok(None)
            }
            Err(LedgerError::Store(StoreError::TooLarge { key, .. })) => {
                self.found(key, "it is too large for a checkpoint or a time stamp".to_owned());
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn unreadable(&mut self, index: u64, error: LedgerError) -> Result<(), AuditError> {
        match error {
            LedgerError::Store(error) if error.is_transient() => Err(error.into()),
            error => {
                self.found(place(index), error.to_string());
                Ok(())
            }
        }
    }

    /// A log that was exchanged as a whole would fill the report.
    fn shorten(&mut self) {
        let more = self.findings.len().saturating_sub(MOST_TOLD);
        if more > 0 {
            self.findings.truncate(MOST_TOLD);
            self.found(
                "ledger",
                format!("{more} more findings in the log are not listed"),
            );
        }
    }
}
