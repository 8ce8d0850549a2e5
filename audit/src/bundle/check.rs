//! Checking a proof bundle: untrusted bytes, no archive, no network.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Read, Seek},
};

use hrisov_ledger::{
    Certificate, Commitment, Leaf, LeafKind, MAX_ANSWER_BYTES, MAX_LEAF_BYTES, MAX_NOTE_BYTES,
    MAX_PROOF_BYTES, Proof, SignedCheckpoint, TimestampError, Verdict, VerifierKey, check_timestamp,
};
use hrisov_model::{Digest, DossierId, Event, EventId, Salt, premis};
use jiff::Timestamp;
use serde::Serialize;

use super::{
    BUNDLE_FORMAT, CHECKPOINT, DIGEST, EVENTS, LEAF, MANIFEST, Manifest, ManifestLeaf, PROOF, PUBLIC_KEY,
    PUBLIC_KEY_PEM, README, SALT, SCRIPT, STAMP, files::Files, in_folder, master_name,
};

use crate::times::Times;

/// The manifest of a bundle of a hundred thousand masters.
const MAX_MANIFEST_BYTES: u64 = 64 << 20;
/// Its events.
const MAX_EVENTS_BYTES: u64 = 256 << 20;
/// Characters of a strange name that are told.
const SHOWN_CHARS: usize = 80;

/// What a bundle is worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum BundleVerdict {
    /// Everything fits together and is signed by a key that the asker trusts.
    Proven,
    /// Everything fits together, but no key was given: anyone could have made all of it.
    SignerUnknown,
    /// Something does not fit, or a trusted key was given and did not sign.
    Refused {
        /// Where: a file of the bundle.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// What [`check_bundle`] found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BundleReport {
    /// What it is worth.
    #[serde(flatten)]
    pub verdict: BundleVerdict,
    /// The log that it names; with the rest empty where it was refused before that was read.
    pub origin: Option<String>,
    /// Leaves of the log under the checkpoint.
    pub size: Option<u64>,
    /// The root that was signed.
    pub root: Option<Digest>,
    /// Fingerprint of the key that signed.
    pub signer: Option<Digest>,
    /// Witnesses whose signatures were checked, with their times; only those whose keys were given.
    pub witnesses: Vec<String>,
    /// Whether a time stamp over the checkpoint is enclosed.
    pub stamped: bool,
    /// Its time, where its authority's certificate was given.
    pub stamped_at: Option<Timestamp>,
    /// Leaves with an earlier time than one before them: the archive's clock was put back, and their times are doubtful.
    pub doubtful_times: u64,
    /// What was proven.
    pub leaves: Vec<CheckedLeaf>,
}

/// One leaf that fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckedLeaf {
    /// Place in the log, from 0.
    pub index: u64,
    /// What happened.
    pub kind: LeafKind,
    /// When, by the archive's own clock.
    pub time: Timestamp,
    /// The digest that the leaf commits to.
    pub sha256: Digest,
    /// The master whose bytes were hashed, as it was called in its box.
    pub master: Option<String>,
}

/// Where and why a bundle is refused.
type Refusal = (String, String);

/// Whom the asker of a check trusts.
#[derive(Debug, Clone, Default)]
pub struct BundleTrust {
    /// Public keys of the log and of witnesses.
    pub keys: Vec<VerifierKey>,
    /// Time-stamping authorities.
    pub authorities: Vec<Certificate<'static>>,
}

/// Checks a bundle against the keys that the asker trusts.
///
/// # Errors
/// Only where the bytes cannot be read from where they lie; whatever is wrong with them is a verdict.
pub fn check_bundle(bundle: impl Read + Seek, trust: &BundleTrust) -> io::Result<BundleReport> {
    let mut report = BundleReport {
        verdict: BundleVerdict::SignerUnknown,
        origin: None,
        size: None,
        root: None,
        signer: None,
        witnesses: Vec::new(),
        stamped: false,
        stamped_at: None,
        doubtful_times: 0,
        leaves: Vec::new(),
    };
    let checked = Files::open(bundle).and_then(|mut files| check(&mut files, trust, &mut report));
    match checked {
        Ok(verdict) => report.verdict = verdict,
        Err(Fault::Refused((path, reason))) => report.verdict = BundleVerdict::Refused { path, reason },
        Err(Fault::Io(error)) => return Err(error),
    }
    Ok(report)
}

#[derive(Debug)]
pub(super) enum Fault {
    Refused(Refusal),
    Io(io::Error),
}

pub(super) fn refused(path: impl Into<String>, reason: impl ToString) -> Fault {
    Fault::Refused((path.into(), reason.to_string()))
}

fn check<R: Read + Seek>(
    files: &mut Files<R>,
    trust: &BundleTrust,
    report: &mut BundleReport,
) -> Result<BundleVerdict, Fault> {
    let trusted = trust.keys.as_slice();
    let manifest = manifest(files)?;
    report.stamped = check_names(files, &manifest)?;
    let head = files.bytes(CHECKPOINT, MAX_NOTE_BYTES as u64)?;
    let head = SignedCheckpoint::parse(&head).map_err(|error| refused(CHECKPOINT, error))?;
    let of = head.checkpoint();
    (report.origin, report.size, report.root) = (Some(of.origin.clone()), Some(of.size), Some(of.root));
    if report.stamped {
        report.stamped_at = check_stamp(files, &head, &trust.authorities)?;
    }
    let enclosed = enclosed_key(files)?;
    let keys = Keys {
        trusted,
        enclosed: std::slice::from_ref(&enclosed),
        head: &head,
    };
    let mut events = events(files)?;
    let mut verdict = BundleVerdict::Proven;
    let mut logged = Vec::new();
    for (place, entry) in manifest.leaves.iter().enumerate() {
        let event = events.remove(&entry.event);
        let event = event.ok_or_else(|| refused(EVENTS, format!("the event {} is missing", entry.event)))?;
        let (leaf, found) = check_leaf(files, (place, entry), &keys, report)?;
        let dossier = entry.stack.unwrap_or(manifest.dossier);
        check_event(dossier, &event, &leaf, place)?;
        logged.push((report.leaves.last().map(|leaf| leaf.index), leaf));
        if found == BundleVerdict::SignerUnknown {
            verdict = found;
        }
    }
    logged.sort_by_key(|(index, _)| *index);
    let mut times = Times::default();
    logged.iter().for_each(|(_, leaf)| times.add(leaf));
    report.doubtful_times = times.doubtful();
    if let Some(event) = events.keys().next() {
        return Err(refused(
            EVENTS,
            format!("the event {event} has no leaf in the bundle"),
        ));
    }
    match (&verdict, trusted) {
        (BundleVerdict::SignerUnknown, [_, ..]) => Err(refused(
            CHECKPOINT,
            format!(
                "it is signed by the key {}, not by the one given",
                enclosed.fingerprint()
            ),
        )),
        _ => Ok(verdict),
    }
}

fn manifest<R: Read + Seek>(files: &mut Files<R>) -> Result<Manifest, Fault> {
    let json = files.bytes(MANIFEST, MAX_MANIFEST_BYTES)?;
    let manifest: Manifest = serde_json::from_slice(&json).map_err(|error| refused(MANIFEST, error))?;
    if manifest.format != BUNDLE_FORMAT {
        let other = format!(
            "its format is {}, this program reads {BUNDLE_FORMAT}",
            manifest.format
        );
        return Err(refused(MANIFEST, other));
    }
    if manifest.leaves.is_empty() {
        return Err(refused(MANIFEST, "it names no leaf: nothing is proven"));
    }
    for master in manifest.leaves.iter().filter_map(|leaf| leaf.master.as_ref()) {
        if master.file != master_name(&master.source_path) {
            return Err(refused(MANIFEST, "a master's name is not that of its path"));
        }
    }
    Ok(manifest)
}

/// Exactly the files that the manifest promises, and perhaps a time stamp; whether there is one.
fn check_names<R: Read + Seek>(files: &Files<R>, manifest: &Manifest) -> Result<bool, Fault> {
    let mut expected: BTreeSet<String> = [
        README,
        SCRIPT,
        MANIFEST,
        CHECKPOINT,
        PUBLIC_KEY,
        PUBLIC_KEY_PEM,
        EVENTS,
    ]
    .map(str::to_owned)
    .into();
    for (place, leaf) in manifest.leaves.iter().enumerate() {
        expected.extend([LEAF, PROOF, SALT, DIGEST].map(|name| in_folder(place, name)));
        expected.extend(leaf.master.iter().map(|master| in_folder(place, &master.file)));
    }
    let stamped = files.names.contains(STAMP);
    expected.extend(stamped.then(|| STAMP.to_owned()));
    if let Some(strange) = files.names.difference(&expected).next() {
        return Err(refused(shown(strange), "it does not belong into a bundle"));
    }
    match expected.difference(&files.names).next() {
        Some(missing) => Err(refused(missing.clone(), "it is missing")),
        None => Ok(stamped),
    }
}

/// The time of the stamp, where its authority is trusted; a stamp of something else is refused in any case.
fn check_stamp<R: Read + Seek>(
    files: &mut Files<R>,
    head: &SignedCheckpoint,
    authorities: &[Certificate<'static>],
) -> Result<Option<Timestamp>, Fault> {
    let answer = files.bytes(STAMP, MAX_ANSWER_BYTES as u64)?;
    match check_timestamp(&answer, head.checkpoint(), authorities) {
        Ok(stamp) => Ok(Some(stamp.time)),
        Err(TimestampError::UnknownAuthority { .. }) if authorities.is_empty() => Ok(None),
        Err(error) => Err(refused(STAMP, error)),
    }
}

fn enclosed_key<R: Read + Seek>(files: &mut Files<R>) -> Result<VerifierKey, Fault> {
    let key: VerifierKey = files
        .text(PUBLIC_KEY, MAX_NOTE_BYTES as u64)?
        .trim_end()
        .parse()
        .map_err(|error| refused(PUBLIC_KEY, error))?;
    let pem = files.text(PUBLIC_KEY_PEM, MAX_NOTE_BYTES as u64)?;
    match pem == key.to_pem() {
        true => Ok(key),
        false => Err(refused(
            PUBLIC_KEY_PEM,
            format!("it is not the key in {PUBLIC_KEY}"),
        )),
    }
}

fn events<R: Read + Seek>(files: &mut Files<R>) -> Result<BTreeMap<EventId, Event>, Fault> {
    let xml = files.bytes(EVENTS, MAX_EVENTS_BYTES)?;
    let events = premis::read(&xml).map_err(|error| refused(EVENTS, error))?;
    Ok(events.into_iter().map(|event| (event.id, event)).collect())
}

struct Keys<'a> {
    trusted: &'a [VerifierKey],
    enclosed: &'a [VerifierKey],
    head: &'a SignedCheckpoint,
}

/// One folder: bytes, salt and leaf belong together, and the leaf is under the checkpoint.
fn check_leaf<R: Read + Seek>(
    files: &mut Files<R>,
    (place, entry): (usize, &ManifestLeaf),
    keys: &Keys<'_>,
    report: &mut BundleReport,
) -> Result<(Leaf, BundleVerdict), Fault> {
    let path = |name: &str| in_folder(place, name);
    let bytes = files.bytes(&path(LEAF), MAX_LEAF_BYTES as u64)?;
    let leaf = Leaf::from_bytes(&bytes).map_err(|error| refused(path(LEAF), error))?;
    let salt: Digest = files.digest(&path(SALT))?;
    let digest = files.digest(&path(DIGEST))?;
    if digest != entry.sha256 {
        return Err(refused(path(DIGEST), "it is not the one that the manifest names"));
    }
    if let Some(master) = &entry.master {
        let (found, size_bytes) = files.hash(&path(&master.file))?;
        if (found, size_bytes) != (digest, master.size_bytes) {
            let other = format!("its bytes have SHA-256 {found}, the leaf speaks of {digest}");
            return Err(refused(path(&master.file), other));
        }
    }
    if Commitment::new(&Salt::new(*salt.as_bytes()), &digest) != leaf.commitment {
        return Err(refused(
            path(LEAF),
            "its commitment is not to these bytes under this salt",
        ));
    }
    let proof = files.bytes(&path(PROOF), MAX_PROOF_BYTES as u64)?;
    let proof = Proof::parse(&proof).map_err(|error| refused(path(PROOF), error))?;
    if proof.checkpoint() != keys.head {
        return Err(refused(
            path(PROOF),
            "it leads to another checkpoint than the bundle's",
        ));
    }
    let verdict = proof.verify(&bytes, keys.trusted, keys.enclosed);
    let verdict = verdict.map_err(|error| refused(path(PROOF), error))?;
    report.leaves.push(CheckedLeaf {
        index: proof.index(),
        kind: leaf.kind,
        time: leaf.time,
        sha256: digest,
        master: entry.master.as_ref().map(|master| master.source_path.clone()),
    });
    Ok(match verdict {
        Verdict::Proven(signers) => {
            report.signer = signers.log.first().map(VerifierKey::fingerprint);
            let witness = |signer: &hrisov_ledger::Signer| {
                let seconds = signer.time.and_then(|seconds| i64::try_from(seconds).ok());
                match seconds.and_then(|seconds| Timestamp::from_second(seconds).ok()) {
                    Some(time) => format!("{} {time}", signer.key.name()),
                    None => signer.key.name().to_owned(),
                }
            };
            report.witnesses = signers.witnesses.iter().map(witness).collect();
            (leaf, BundleVerdict::Proven)
        }
        Verdict::SignerUnknown { key, .. } => {
            report.signer = Some(key.fingerprint());
            (leaf, BundleVerdict::SignerUnknown)
        }
    })
}

/// What events.xml says of an event is what its leaf says.
fn check_event(dossier: DossierId, event: &Event, leaf: &Leaf, place: usize) -> Result<(), Fault> {
    let expected = match leaf.kind {
        LeafKind::Adoption => Leaf::of_adoption(dossier, event, leaf.time),
        _ => Leaf::of_event(dossier, event),
    };
    match *leaf == expected {
        true => Ok(()),
        false => Err(refused(
            EVENTS,
            format!(
                "what it says of the event {} is not what {} says",
                event.id,
                in_folder(place, LEAF)
            ),
        )),
    }
}

/// A name that is no bundle's, harmless on a terminal and short.
fn shown(name: &str) -> String {
    let mut start: String = name
        .chars()
        .take(SHOWN_CHARS)
        .flat_map(char::escape_debug)
        .collect();
    if name.chars().nth(SHOWN_CHARS).is_some() {
        start.push('…');
    }
    start
}
