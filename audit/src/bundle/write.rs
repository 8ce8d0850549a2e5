//! Writing a proof bundle.

use std::{
    collections::{BTreeSet, HashMap},
    fs::File,
    io::{Seek, Write},
    sync::Arc,
};

use futures::TryStreamExt as _;
use hrisov_catalog::{Catalog, LoggedEvent};
use hrisov_ledger::{Leaf, LeafKind, Reader, SignedCheckpoint, VerifierKey};
use hrisov_model::{
    Digest, DossierDescription, DossierId, Event, EventKind, FileId, FileRecord, Hasher, premis,
};
use hrisov_store::{Blobs, Key, dossier::DossierObject, ocfl::StorageRoot};
use serde::Serialize;
use tokio::task::block_in_place;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{
    BUNDLE_FORMAT, CHECKPOINT, DIGEST, EVENTS, LEAF, MANIFEST, Manifest, ManifestLeaf, ManifestMaster, PROOF,
    PUBLIC_KEY, PUBLIC_KEY_PEM, README, README_TEXT, SALT, SCRIPT, SCRIPT_TEXT, STAMP, in_folder,
    master_name,
};
use crate::AuditError;

/// What a bundle proves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proven {
    /// The log.
    pub origin: String,
    /// Leaves under the checkpoint.
    pub size: u64,
    /// Masters in the bundle.
    pub masters: u64,
    /// Leaves in the bundle.
    pub leaves: u64,
    /// Those that witnesses signed it with.
    pub witnesses: Vec<String>,
    /// Whether a time-stamping authority's stamp is enclosed.
    pub stamped: bool,
    /// The log's key, to be compared by eye.
    pub key: Digest,
}

/// One leaf to be proven.
struct Item {
    /// The dossier that it is of: this one, or the stack that keeps its bytes.
    dossier: DossierId,
    index: u64,
    event: Event,
    master: Option<FileRecord>,
}

/// Proves a dossier, or the file of one of its pages, and writes the bundle to `out`. `keys` are the public keys of the
/// log, the newest last, and of witnesses: the bundle encloses the one that signed.
///
/// # Errors
/// [`AuditError::NotProvable`] where a leaf or master is not there, or the stored bytes are not those that were
/// deposited: a wrong proof is never written.
pub async fn prove(
    root: &StorageRoot,
    catalog: &Catalog,
    (dossier, page): (DossierId, Option<u32>),
    keys: &[VerifierKey],
    out: File,
) -> Result<Proven, AuditError> {
    let held = catalog.dossier(dossier).await?;
    let held = held.ok_or_else(|| not_provable("the catalog knows no such dossier".to_owned()))?;
    let object = root.dossier(dossier).await?;
    let object = object.ok_or_else(|| not_provable("the store has no such dossier".to_owned()))?;
    let (description, events) = with_stacks(part_of(&held.description, page)?, catalog).await?;
    let items = items(&description, events)?;
    let log = reader_for(root.blobs(), &items).await?;
    let signers = log.verify(keys)?;
    let key = signers
        .log
        .last()
        .expect("a checkpoint is only verified by a key of its log");
    let mut bundle = Bundle {
        zip: ZipWriter::new(out),
        manifest: Manifest {
            format: BUNDLE_FORMAT.to_owned(),
            dossier,
            leaves: Vec::new(),
        },
    };
    for item in &items {
        bundle.add_leaf(&log, item, &description).await?;
        if let Some(master) = &item.master {
            bundle.add_master(root.blobs(), &object, master).await?;
        }
    }
    let events: Vec<Event> = items.iter().map(|item| item.event.clone()).collect();
    bundle.add(EVENTS, premis::write(&description, &events).as_bytes())?;
    let stamp = log.stamp().await?;
    if let Some(stamp) = &stamp {
        bundle.add(STAMP, stamp)?;
    }
    let masters = bundle.manifest.leaves.iter().filter(|leaf| leaf.master.is_some());
    let masters = masters.count() as u64;
    bundle.finish(&log, key)?;
    let head = log.head();
    Ok(Proven {
        origin: head.checkpoint().origin.clone(),
        size: log.size(),
        masters,
        leaves: items.len() as u64,
        witnesses: signers
            .witnesses
            .iter()
            .map(|signer| signer.key.name().to_owned())
            .collect(),
        stamped: stamp.is_some(),
        key: key.fingerprint(),
    })
}

fn not_provable(reason: String) -> AuditError {
    AuditError::NotProvable { reason }
}

/// The description with nothing in it of other files than those asked for: a proof of one page says nothing of the
/// rest of its dossier.
fn part_of(whole: &DossierDescription, page: Option<u32>) -> Result<DossierDescription, AuditError> {
    let Some(page) = page else {
        return Ok(whole.clone());
    };
    let record = (page as usize).checked_sub(1).and_then(|at| whole.pages.get(at));
    let record = record.ok_or_else(|| {
        not_provable(format!(
            "there is no page {page}: the dossier has {}",
            whole.pages.len()
        ))
    })?;
    let mut part = whole.clone();
    part.files.retain(|file| file.id == record.file);
    // Links to files that are not told of here.
    part.files.iter_mut().for_each(|file| file.replaced_by = None);
    Ok(part)
}

/// The events of a dossier; those of a stack that tell of files which it keeps for this dossier come first, and name
/// these as the dossier does.
async fn with_stacks(
    description: DossierDescription,
    catalog: &Catalog,
) -> Result<(DossierDescription, Vec<(DossierId, LoggedEvent)>), AuditError> {
    let mut events = Vec::new();
    let stacks: BTreeSet<_> = description
        .files
        .iter()
        .filter_map(|file| Some(file.held_in.as_ref()?.dossier))
        .collect();
    for stack in stacks {
        let kept: HashMap<_, _> = description
            .files
            .iter()
            .filter_map(|file| Some((file.held_in.as_ref()?.file, file.id)))
            .collect();
        for mut logged in catalog.logged_events(stack).await? {
            if let Some(own) = logged.event.file.and_then(|file| kept.get(&file)) {
                logged.event.file = Some(*own);
                events.push((stack, logged));
            }
        }
    }
    let own = catalog.logged_events(description.id).await?;
    events.extend(own.into_iter().map(|logged| (description.id, logged)));
    Ok((description, events))
}

/// The leaves of everything that happened to these files and to the dossier as a whole.
fn items(
    description: &DossierDescription,
    events: Vec<(DossierId, LoggedEvent)>,
) -> Result<Vec<Item>, AuditError> {
    let mut items = Vec::new();
    let mut spoken_for = Vec::new();
    for (dossier, logged) in events {
        let event = logged.event;
        let of_file = |file: &&FileRecord| event.digest == Some(file.digest) && file.kept_at().is_some();
        let file = description.files.iter().find(of_file);
        if event.file.is_some() && file.is_none() {
            continue;
        }
        let index = logged.leaf.ok_or_else(|| {
            not_provable(format!(
                "the event {} is not in the log yet: repeat once the load has ended, or load a box",
                event.id
            ))
        })?;
        let is_deposit = matches!(event.kind, EventKind::Ingestion | EventKind::Replacement);
        let master = file
            .filter(|file| is_deposit && !spoken_for.contains(&file.digest))
            .cloned();
        spoken_for.extend(master.as_ref().map(|file| file.digest));
        items.push(Item {
            dossier,
            index,
            event,
            master,
        });
    }
    let silent = |file: &&FileRecord| file.kept_at().is_some() && !spoken_for.contains(&file.digest);
    match description.files.iter().find(silent) {
        Some(file) => Err(not_provable(format!(
            "no event tells of the deposit of {}",
            file.source_path
        ))),
        None => Ok(items),
    }
}

/// The log up to the newest checkpoint that a witness signed, or else that an authority stamped, where that one has all
/// the leaves; else up to the newest.
async fn reader_for(blobs: &Arc<dyn Blobs>, items: &[Item]) -> Result<Reader, AuditError> {
    let newest = Reader::open(Arc::clone(blobs)).await?;
    let needed = items.iter().map(|item| item.index + 1).max().unwrap_or(0);
    let has_all = |head: &SignedCheckpoint| head.checkpoint().size >= needed;
    let mut attested = newest.witnessed().await?.filter(has_all);
    if attested.is_none() {
        attested = newest.stamped().await?.filter(has_all);
    }
    Ok(attested.map_or(newest, |head| Reader::at(Arc::clone(blobs), head)))
}

/// A bundle under way. Nothing is compressed: what is read back can never be larger than the bundle.
struct Bundle<W: Write + Seek> {
    zip: ZipWriter<W>,
    manifest: Manifest,
}

impl<W: Write + Seek> Bundle<W> {
    fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), AuditError> {
        self.begin(name)?;
        Ok(self.zip.write_all(bytes)?)
    }

    fn begin(&mut self, name: &str) -> Result<(), AuditError> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(true);
        self.zip
            .start_file(name, options)
            .map_err(|error| AuditError::Bundle(error.into()))
    }

    async fn add_leaf(
        &mut self,
        log: &Reader,
        item: &Item,
        description: &DossierDescription,
    ) -> Result<(), AuditError> {
        let place = self.manifest.leaves.len();
        let leaf = log.leaf(item.index).await?;
        let expected = match leaf.kind {
            LeafKind::Adoption => Leaf::of_adoption(item.dossier, &item.event, leaf.time),
            _ => Leaf::of_event(item.dossier, &item.event),
        };
        if leaf != expected {
            return Err(not_provable(format!(
                "leaf {} of the log is not that of the event {}: run `hrisov verify`",
                item.index, item.event.id
            )));
        }
        let proof = log.prove(item.index).await?;
        let digest = item.event.committed_digest();
        let salt = Digest::from(*item.event.salt.as_bytes());
        self.add(&in_folder(place, LEAF), &leaf.to_bytes())?;
        self.add(&in_folder(place, PROOF), proof.to_string().as_bytes())?;
        self.add(&in_folder(place, SALT), format!("{salt}\n").as_bytes())?;
        self.add(&in_folder(place, DIGEST), format!("{digest}\n").as_bytes())?;
        self.manifest.leaves.push(ManifestLeaf {
            event: item.event.id,
            stack: (item.dossier != description.id).then_some(item.dossier),
            sha256: digest,
            master: item.master.as_ref().map(|file| ManifestMaster {
                file: master_name(&file.source_path),
                source_path: file.source_path.clone(),
                size_bytes: file.size_bytes,
                pages: pages_of(description, file.id),
            }),
        });
        Ok(())
    }

    /// The bytes of the master of the leaf added last, hashed on their way.
    async fn add_master(
        &mut self,
        blobs: &Arc<dyn Blobs>,
        object: &DossierObject,
        file: &FileRecord,
    ) -> Result<(), AuditError> {
        let place = self.manifest.leaves.len() - 1;
        let key: Option<Key> = object.master_key(file).await?;
        let key = key.ok_or_else(|| not_provable(format!("the store does not hold {}", file.source_path)))?;
        self.begin(&in_folder(place, &master_name(&file.source_path)))?;
        let mut pieces = blobs.get(&key).await?;
        let mut hasher = Hasher::default();
        while let Some(piece) = pieces.try_next().await? {
            block_in_place(|| {
                hasher.update(&piece);
                self.zip.write_all(&piece)
            })?;
        }
        match hasher.finish() == file.digest {
            true => Ok(()),
            false => Err(not_provable(format!(
                "the stored bytes of {key} are not those that were deposited: run `hrisov verify`"
            ))),
        }
    }

    fn finish(mut self, log: &Reader, key: &VerifierKey) -> Result<(), AuditError> {
        let head = log.head().checkpoint();
        let readme = README_TEXT
            .replace("{origin}", &head.origin)
            .replace("{size}", &head.size.to_string())
            .replace("{root}", &head.root.to_string())
            .replace("{fingerprint}", &key.fingerprint().to_string());
        let mut manifest = serde_json::to_vec_pretty(&self.manifest)
            .map_err(|error| AuditError::Internal(error.to_string()))?;
        manifest.push(b'\n');
        self.add(README, readme.as_bytes())?;
        self.add(SCRIPT, SCRIPT_TEXT.as_bytes())?;
        self.add(MANIFEST, &manifest)?;
        self.add(CHECKPOINT, log.head().to_string().as_bytes())?;
        self.add(PUBLIC_KEY, format!("{key}\n").as_bytes())?;
        self.add(PUBLIC_KEY_PEM, key.to_pem().as_bytes())?;
        let finished = self.zip.finish();
        finished
            .map(|_| ())
            .map_err(|error| AuditError::Bundle(error.into()))
    }
}

fn pages_of(description: &DossierDescription, file: FileId) -> Vec<u32> {
    (1..)
        .zip(&description.pages)
        .filter(|(_, page)| page.file == file)
        .map(|(number, _)| number)
        .collect()
}
