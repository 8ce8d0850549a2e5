//! Deposit: the masters of one dossier, hashed, durable and recorded, before any of them is read.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use hrisov_catalog::{BatchFile, BoxName, HeldDossier, NewJob};
use hrisov_imaging::worker::SourcePath;
use hrisov_model::{
    BatchId, DESCRIPTION_FORMAT, Digest, DossierDescription, DossierId, Event, EventId, EventKind, FileId,
    FileRecord, FileState, Hasher, Outcome, QuarantineReason,
};
use hrisov_store::StoreError;
use jiff::Timestamp;

use crate::{
    Archive, IngestError,
    masters::ShownMasters,
    moment::{now, salt},
    recovery::settle,
    survey::{NameEncoding, SourceFile, SurveyedDossier},
    version::{VersionIntent, VersionKind, agent, write_version},
};

/// Bytes read at a time while hashing.
const PIECE_BYTES: usize = 1 << 20;

/// What became of a dossier's files.
#[derive(Debug, Default)]
pub struct Deposited {
    /// The state of each file found, in the order of the survey.
    pub files: Vec<BatchFile>,
    /// How many of them were there before.
    pub already: u64,
    /// How many took the place of earlier bytes at the same path.
    pub replaced: u64,
}

/// A file whose bytes were hashed.
struct Hashed<'a> {
    source: &'a SourceFile,
    digest: Digest,
    size_bytes: u64,
}

/// What a file is to the dossier; files by their place in its description.
enum Arrival {
    /// The same bytes at the same path as before.
    Known(usize),
    /// New here; perhaps in the place of another.
    New { replaces: Option<usize> },
    /// The same bytes as another file of the dossier; perhaps in the place of a third.
    Duplicate { of: usize, replaces: Option<usize> },
}

/// How often a file may change between being hashed and being copied before it is given up.
const TRIES: u32 = 3;

/// Receives the files of one dossier. Repeatable: files known by path and bytes are left as they are.
///
/// # Errors
/// Where store or catalog fail. A file that cannot be read is quarantined, not an error.
pub async fn deposit(
    archive: &Archive,
    batch: BatchId,
    of: &BoxName,
    surveyed: &SurveyedDossier,
) -> Result<Deposited, IngestError> {
    let naming = archive.naming.lock().await;
    let id = archive.catalog.find_dossier(of, &surveyed.reference).await?;
    // Only a new dossier's name has to be kept from others.
    let _naming = id.is_none().then_some(naming);
    let id = id.unwrap_or_else(DossierId::random);
    let _writing = archive.dossiers.lock(id).await;
    settle(archive, id).await?;
    let held = archive.catalog.dossier(id).await?;
    let mut restless = BTreeMap::<PathBuf, u32>::new();
    loop {
        let mut receiving = Receiving::new(batch, of, surveyed, id, held.as_ref());
        for source in &surveyed.files {
            let hashed = match restless.get(&source.path) {
                Some(&times) if times >= TRIES => Err(io::ErrorKind::ResourceBusy.into()),
                _ => hash_file(source.path.clone()).await,
            };
            receiving.receive(source, hashed);
        }
        if !receiving.changed {
            return Ok(receiving.outcome);
        }
        match write(archive, &mut receiving).await {
            Err(IngestError::Store(error)) => match receiving.moved_source(&error) {
                // The file changed or vanished since it was hashed: nothing was committed, look again.
                Some(path) => {
                    crate::recovery::abandon(archive, id).await?;
                    *restless.entry(path).or_default() += 1;
                }
                None => return Err(error.into()),
            },
            Err(error) => return Err(error),
            Ok(()) => return Ok(receiving.outcome),
        }
    }
}

/// Writes and records the version that the new files make.
async fn write(archive: &Archive, receiving: &mut Receiving) -> Result<(), IngestError> {
    let id = receiving.description.id;
    let previous = archive.root.inventory(&id.object_id()).await?;
    let events = (archive.catalog.events(id).await?, receiving.events()?);
    let message = format!("deposit of {} files", receiving.new_files.len());
    let kind = VersionKind::Deposit {
        sources: receiving.sources.clone(),
    };
    let description = receiving.description.clone();
    let intent = VersionIntent::new(
        previous.as_ref(),
        description,
        events,
        receiving.at,
        message,
        kind,
    );
    let recorded = write_version(&intent, &archive.catalog, &archive.root, &archive.staging).await?;
    Ok(archive
        .catalog
        .record_version(&recorded, &NewJob::probes(&intent.description))
        .await?)
}

/// A dossier's description while files are added to it.
struct Receiving {
    batch: BatchId,
    at: Timestamp,
    description: DossierDescription,
    shown: ShownMasters,
    /// Where the bytes of new masters are read from.
    sources: BTreeMap<Digest, SourcePath>,
    /// By their place in the description.
    new_files: Vec<(usize, EventKind)>,
    changed: bool,
    outcome: Deposited,
}

impl Receiving {
    fn new(
        batch: BatchId,
        of: &BoxName,
        surveyed: &SurveyedDossier,
        id: DossierId,
        held: Option<&HeldDossier>,
    ) -> Self {
        let fresh = || DossierDescription {
            format: DESCRIPTION_FORMAT.to_owned(),
            id,
            fonds: of.fonds.clone(),
            box_name: of.name.clone(),
            reference: surveyed.reference.clone(),
            title: surveyed.reference.clone(),
            inventory: None,
            closing: None,
            files: Vec::new(),
            pages: Vec::new(),
            apart: Vec::new(),
        };
        let description = held.map_or_else(fresh, |held| held.description.clone());
        Self {
            batch,
            at: now(),
            shown: ShownMasters::of(&description.files),
            description,
            sources: BTreeMap::new(),
            new_files: Vec::new(),
            changed: false,
            outcome: Deposited::default(),
        }
    }

    fn receive(&mut self, source: &SourceFile, hashed: io::Result<(Digest, u64)>) {
        let (file, state) = match hashed {
            Err(error) => (None, not_readable(&error)),
            Ok((digest, size_bytes)) => {
                let (id, state) = self.take(&Hashed {
                    source,
                    digest,
                    size_bytes,
                });
                (Some(id), state)
            }
        };
        let source_path = source.box_path.clone();
        self.outcome.files.push(BatchFile {
            source_path,
            file,
            dossier: None,
            state,
            at: self.at,
        });
    }

    fn take(&mut self, hashed: &Hashed<'_>) -> (FileId, FileState) {
        match self.judge(hashed) {
            Arrival::Known(at) => {
                self.outcome.already += 1;
                self.identified(at)
            }
            Arrival::Duplicate { of, replaces } => {
                let of = self.description.files[of].id;
                let at = self.add(hashed, None, FileState::Duplicate { of });
                if let Some(old) = replaces {
                    self.retire(old, at);
                    self.new_files.push((at, EventKind::Replacement));
                }
                self.identified(at)
            }
            Arrival::New { replaces } => {
                let kind = match replaces {
                    Some(_) => EventKind::Replacement,
                    None => EventKind::Ingestion,
                };
                let path = self.shown.free_path(&hashed.source.source_path);
                let at = self.add(hashed, Some(path), first_state(hashed));
                if let Some(old) = replaces {
                    self.retire(old, at);
                }
                self.sources
                    .insert(hashed.digest, SourcePath::new(&hashed.source.path));
                self.new_files.push((at, kind));
                self.identified(at)
            }
        }
    }

    fn judge(&self, hashed: &Hashed<'_>) -> Arrival {
        let here = self.shown.at_path(&hashed.source.source_path);
        if let Some(known) = here.filter(|at| self.description.files[*at].digest == hashed.digest) {
            return Arrival::Known(known);
        }
        match self.shown.original(hashed.digest) {
            Some(of) => Arrival::Duplicate { of, replaces: here },
            None => Arrival::New { replaces: here },
        }
    }

    fn identified(&self, at: usize) -> (FileId, FileState) {
        let file = &self.description.files[at];
        (file.id, file.state.clone())
    }

    fn add(&mut self, hashed: &Hashed<'_>, path: Option<String>, state: FileState) -> usize {
        let at = self.description.files.len();
        let file = FileRecord {
            id: FileId::random(),
            source_path: hashed.source.source_path.clone(),
            logical_path: path,
            digest: hashed.digest,
            size_bytes: hashed.size_bytes,
            media_type: None,
            state,
            received_at: self.at,
            batch: self.batch,
            replaced_by: None,
            rescan_of: None,
            held_in: None,
        };
        self.changed = true;
        self.shown.add(at, &file);
        self.description.files.push(file);
        at
    }

    /// The new bytes take the place of the old ones, whose pages are shown no more; both stay in the object.
    fn retire(&mut self, old: usize, new: usize) {
        let (old_id, new_id) = (self.description.files[old].id, self.description.files[new].id);
        let mut gone = vec![old_id];
        // In the order of reception: a rescan comes after what it replaces.
        for (at, file) in self.description.files.iter_mut().enumerate() {
            if file.rescan_of.is_some_and(|place| gone.contains(&place.file)) {
                gone.push(file.id);
            }
            if gone.contains(&file.id) {
                file.replaced_by = Some(new_id);
                self.shown.forget(at, file);
            }
        }
        self.description.pages.retain(|page| !gone.contains(&page.file));
        self.description.apart.retain(|page| !gone.contains(&page.file));
        self.outcome.replaced += 1;
        self.promote_duplicate(old_id);
    }

    /// A duplicate of bytes that are shown no more is shown instead of them.
    fn promote_duplicate(&mut self, of: FileId) {
        let is_duplicate =
            |file: &FileRecord| file.replaced_by.is_none() && file.state == FileState::Duplicate { of };
        if let Some(heir) = self.description.files.iter().position(is_duplicate) {
            let path = self.shown.free_path(&self.description.files[heir].source_path);
            let file = &mut self.description.files[heir];
            file.logical_path = Some(path);
            file.state = FileState::Stored;
            self.shown.add(heir, file);
        }
    }

    fn events(&self) -> Result<Vec<Event>, IngestError> {
        let mut events = Vec::new();
        for &(at, kind) in &self.new_files {
            let file = &self.description.files[at];
            events.push(self.event(kind, file, Outcome::Success, String::new())?);
            if let FileState::Quarantined { detail, .. } = &file.state {
                events.push(self.event(EventKind::Quarantine, file, Outcome::Failure, detail.clone())?);
            }
        }
        Ok(events)
    }

    fn event(
        &self,
        kind: EventKind,
        file: &FileRecord,
        outcome: Outcome,
        detail: String,
    ) -> Result<Event, IngestError> {
        Ok(Event {
            id: EventId::random(),
            kind,
            at: self.at,
            agent: agent(),
            outcome,
            detail,
            file: Some(file.id),
            page: None,
            digest: Some(file.digest),
            salt: salt()?,
        })
    }

    /// The source file that is to blame for a failed copy.
    fn moved_source(&self, error: &StoreError) -> Option<PathBuf> {
        let path = match error {
            StoreError::DigestMismatch { expected, .. } => self.sources.get(expected)?.as_path(),
            StoreError::Io { path, .. } => self
                .sources
                .values()
                .map(SourcePath::as_path)
                .find(|own| own == path)?,
            _ => return None,
        };
        Some(path.to_owned())
    }
}

/// How a new file starts: stored, unless its bytes or its name alone decide.
fn first_state(hashed: &Hashed<'_>) -> FileState {
    let quarantined = |reason, detail: &str| FileState::Quarantined {
        reason,
        detail: detail.to_owned(),
    };
    match (hashed.size_bytes, hashed.source.name) {
        (0, _) => quarantined(
            QuarantineReason::Empty,
            "the file has no bytes: scan or copy it again",
        ),
        (_, NameEncoding::Other) => quarantined(
            QuarantineReason::NameNotUtf8,
            "the name is not UTF-8: rename the file or its folder and load the box again",
        ),
        _ => FileState::Stored,
    }
}

fn not_readable(error: &io::Error) -> FileState {
    let detail = match error.kind() {
        io::ErrorKind::NotFound => "the file vanished while the box was being loaded".to_owned(),
        io::ErrorKind::ResourceBusy => "the file kept changing while the box was being loaded".to_owned(),
        kind => format!("cannot be read from the disk: {kind}"),
    };
    FileState::Quarantined {
        reason: QuarantineReason::NotReadable,
        detail,
    }
}

/// Digest and size of a file, read once in pieces, off the async threads.
pub async fn hash_file(path: PathBuf) -> io::Result<(Digest, u64)> {
    let hashed = tokio::task::spawn_blocking(move || hash(&path)).await;
    hashed.unwrap_or_else(|stopped| Err(io::Error::other(stopped)))
}

fn hash(path: &Path) -> io::Result<(Digest, u64)> {
    let mut file = File::open(path)?;
    let mut piece = vec![0; PIECE_BYTES];
    let mut hasher = Hasher::default();
    let mut size_bytes = 0;
    loop {
        match file.read(&mut piece)? {
            0 => return Ok((hasher.finish(), size_bytes)),
            read => {
                hasher.update(&piece[..read]);
                size_bytes += read as u64;
            }
        }
    }
}
