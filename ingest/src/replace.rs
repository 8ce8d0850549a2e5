//! One page scanned again: a new version in which the new picture stands where the old one stood.
//!
//! The old master stays in the object. Where it was the picture of that page alone it is recorded as replaced,
//! as a changed file is; where it has more pages, these are shown from it as before.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use hrisov_catalog::{BoxName, NewJob};
use hrisov_imaging::worker::SourcePath;
use hrisov_model::{
    Digest, DossierDescription, DossierId, Event, EventId, EventKind, FileId, FileRecord, FileState, Outcome,
    PageId, PagePlace, PageRecord,
};
use serde::Serialize;

use crate::{
    Archive, IngestError, Loader, Progress, ReadingTime,
    boxes::refuse_closed_box,
    deposit::hash_file,
    masters::ShownMasters,
    moment::{now, salt},
    names::encode_name,
    version::{VersionIntent, VersionKind, agent, write_version},
};

/// A page and the file with its new picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// The dossier.
    pub dossier: DossierId,
    /// Number of the page in it, from 1.
    pub number: u32,
    /// A file with one page.
    pub file: PathBuf,
}

/// How a replacement ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReplaceReport {
    /// The dossier.
    pub dossier: DossierId,
    /// Number of the page in it, from 1: that of the page before.
    pub number: u32,
    /// The page that is shown now.
    pub page: PageRecord,
    /// The page that was shown before; `None` where the same bytes had taken its place earlier.
    pub replaced: Option<PageId>,
}

/// Why a page cannot be replaced by that file; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}", path = path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file's picture cannot be shown.
    #[error("{path} cannot be shown: {detail}; scan the page again", path = path.display())]
    NotShown {
        /// Which file.
        path: PathBuf,
        /// Why.
        detail: String,
    },
    /// The file has more pages than one, or none.
    #[error("{path} has {pages} pages: give a file with the one page that was scanned again", path = path.display())]
    Pages {
        /// Which file.
        path: PathBuf,
        /// How many it has.
        pages: usize,
    },
    /// There is no such page.
    #[error("the dossier has {pages} pages, and no page {number}: `hrisov status --doubtful` lists numbers")]
    NoPage {
        /// What was asked for.
        number: u32,
        /// How many there are.
        pages: usize,
    },
    /// These bytes are another page of the dossier already.
    #[error(
        "{path} has the very bytes of {held} in this dossier: scan the page again, or give the right file",
        path = path.display()
    )]
    SameBytes {
        /// Which file.
        path: PathBuf,
        /// The file that is held.
        held: String,
    },
}

impl Loader {
    /// Puts a new picture in the place of a page. Whatever an interrupted load or replacement left is finished
    /// first, so that the number means the page that people see; safe to repeat.
    ///
    /// # Errors
    /// [`IngestError::Replace`] where the file will not do: nothing was changed. Else as for a load.
    pub async fn replace(
        &mut self,
        replacement: &Replacement,
        progress: &Arc<Progress>,
    ) -> Result<ReplaceReport, IngestError> {
        let id = replacement.dossier;
        self.work(progress, ReadingTime::Now, async |_| Ok(())).await?;
        let archive = Arc::clone(&self.archive);
        let description = held(&archive, id).await?;
        let of = BoxName {
            fonds: description.fonds.clone(),
            name: description.box_name.clone(),
        };
        refuse_closed_box(&archive.catalog, &of).await?;
        let pages = description.pages.len();
        let number = replacement.number;
        let page = description.page_number(number).cloned();
        let page = page.ok_or(ReplaceError::NoPage { number, pages })?;
        let rescan = Rescan::look(self, &description, &page, &replacement.file).await?;
        let Some(rescan) = rescan else {
            let (dossier, replaced) = (id, None);
            return Ok(ReplaceReport {
                dossier,
                number,
                page,
                replaced,
            });
        };
        self.work(progress, ReadingTime::Now, async |workshop| {
            let _writing = archive.dossiers.lock(id).await;
            rescan.deposit(&archive, description).await?;
            workshop.wake.notify_waiters();
            Ok(())
        })
        .await?;
        let description = held(&archive, id).await?;
        let shown = description.page_number(number).cloned();
        let shown = shown.ok_or_else(|| IngestError::Internal(format!("page {number} is gone")))?;
        Ok(ReplaceReport {
            dossier: id,
            number,
            page: shown,
            replaced: Some(page.id),
        })
    }
}

async fn held(archive: &Archive, id: DossierId) -> Result<DossierDescription, IngestError> {
    let held = archive.catalog.dossier(id).await?;
    let held = held.ok_or_else(|| IngestError::Internal(format!("dossier {id} is not in the catalog")))?;
    Ok(held.description)
}

/// A file that will take the place of a page.
struct Rescan {
    source: SourcePath,
    digest: Digest,
    size_bytes: u64,
    number: u32,
    page: PageId,
    place: PagePlace,
}

impl Rescan {
    /// Looks whether the file will do; `None` where it is the page's picture already.
    async fn look(
        loader: &Loader,
        description: &DossierDescription,
        page: &PageRecord,
        path: &Path,
    ) -> Result<Option<Self>, IngestError> {
        let absolute = std::path::absolute(path).map_err(|source| unreadable(path, source))?;
        let hashed = hash_file(absolute.clone()).await;
        let (digest, size_bytes) = hashed.map_err(|source| unreadable(path, source))?;
        let shown = description.pages.iter().map(|page| page.file);
        let same = |file: &&FileRecord| file.digest == digest && shown.clone().any(|id| id == file.id);
        if let Some(held) = description.files.iter().find(same) {
            if held.id == page.file && held.rescan_of.is_some() {
                return Ok(None);
            }
            let (path, held) = (path.to_owned(), held.source_path.clone());
            return Err(ReplaceError::SameBytes { path, held }.into());
        }
        loader.reader.check_single_page(&absolute, path).await?;
        let number = description.pages.iter().position(|other| other.id == page.id);
        Ok(Some(Self {
            source: SourcePath::new(absolute),
            digest,
            size_bytes,
            number: number.map_or(0, |at| at as u32 + 1),
            page: page.id,
            place: PagePlace {
                file: page.file,
                index: page.index,
            },
        }))
    }

    /// Writes and records the version in which the file takes the page's place.
    async fn deposit(
        &self,
        archive: &Archive,
        mut description: DossierDescription,
    ) -> Result<(), IngestError> {
        let at = now();
        let id = FileId::random();
        self.enter(&mut description, id, at)?;
        let events = vec![Event {
            id: EventId::random(),
            kind: EventKind::Replacement,
            at,
            agent: agent(),
            outcome: Outcome::Success,
            detail: format!("page {} was scanned again", self.number),
            file: Some(id),
            page: None,
            digest: Some(self.digest),
            salt: salt()?,
        }];
        let previous = archive.root.inventory(&description.id.object_id()).await?;
        let events = (archive.catalog.events(description.id).await?, events);
        let sources = BTreeMap::from([(self.digest, self.source.clone())]);
        let (message, kind) = (
            "a page scanned again".to_owned(),
            VersionKind::Deposit { sources },
        );
        let intent = VersionIntent::new(previous.as_ref(), description, events, at, message, kind);
        let recorded = write_version(&intent, &archive.catalog, &archive.root, &archive.staging).await?;
        let probes = NewJob::probes(&intent.description);
        Ok(archive.catalog.record_version(&recorded, &probes).await?)
    }

    /// The new file in, the old page out; its file as well where it has no other page.
    fn enter(
        &self,
        description: &mut DossierDescription,
        id: FileId,
        at: jiff::Timestamp,
    ) -> Result<(), IngestError> {
        let old = description.file(self.place.file);
        let old = old.ok_or_else(|| IngestError::Internal("a page without its file".to_owned()))?;
        // What a rescan is called is no path of the box.
        let name = self.source.as_path().file_name().unwrap_or(OsStr::new("rescan"));
        let name = encode_name(name.as_bytes());
        let rescans = description.files.iter().filter(|file| file.rescan_of.is_some());
        let folder = format!("rescans/{}", rescans.count() + 1);
        let shown = ShownMasters::of(&description.files);
        let record = FileRecord {
            id,
            logical_path: Some(shown.free_path(&format!("{folder}/{name}"))),
            source_path: name,
            digest: self.digest,
            size_bytes: self.size_bytes,
            media_type: None,
            state: FileState::Stored,
            received_at: at,
            batch: old.batch,
            replaced_by: None,
            rescan_of: Some(self.place),
            held_in: None,
        };
        description.pages.retain(|page| page.id != self.page);
        let has_other_pages = description.pages.iter().any(|page| page.file == self.place.file);
        for file in &mut description.files {
            if file.id == self.place.file && !has_other_pages {
                file.replaced_by = Some(id);
            }
        }
        description.files.push(record);
        Ok(())
    }
}

fn unreadable(path: &Path, source: std::io::Error) -> IngestError {
    let path = path.to_owned();
    ReplaceError::File { path, source }.into()
}
