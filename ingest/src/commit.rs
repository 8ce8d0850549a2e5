//! Commits: what was read of a dossier becomes its next version.

use std::collections::{HashMap, HashSet};

use hrisov_catalog::{Job, NewJob};
use hrisov_model::{
    Digest, DossierDescription, DossierId, Event, EventId, EventKind, FileId, FileRecord, FileState, Outcome,
    PageId, PageRecord, PageState, QuarantineReason, UnreadableReason,
};
use hrisov_store::{dossier::DossierObject, ocfl::Inventory};

use crate::{
    IngestError,
    moment::{now, salt},
    names::natural_order,
    recovery::{Settled, settle},
    stack::{self, Part},
    version::{VersionIntent, VersionKind, agent, write_version},
    work::{Master, Workshop},
};

/// What an event says of a stack and of its parts.
const DIVIDED: &str = "divided at separator sheets";

impl Workshop {
    /// Writes the dossier's next version with all that was read since the last. A stack is divided first: each of its
    /// parts gets its version, and only then the stack the one that says where its pages went.
    ///
    /// # Errors
    /// Where store or catalog fail; a repeated call goes on from there.
    pub(crate) async fn commit(&self, job: &Job) -> Result<(), IngestError> {
        let id = job.work.dossier;
        loop {
            let writing = self.archive.dossiers.lock(id).await;
            let settled = settle(&self.archive, id).await?;
            let held = self.archive.catalog.dossier(id).await?;
            let held =
                held.ok_or_else(|| IngestError::Internal(format!("dossier {id} is not in the catalog")))?;
            if settled == Settled::Text {
                // An earlier try had got so far that only this was left.
                return self.clear_staging(&held.description).await;
            }
            let apart = held.description.apart.len();
            let mut description = without_undecodable(held.description);
            let parts = stack::divide(&mut description);
            let parts = self.with_outdated_parts(&description, parts).await?;
            let Some(open) = self.open_part(&mut description, &parts).await? else {
                let object = self.object(id, held.version).await?;
                let divided = description.apart.len() > apart;
                return self.commit_texts(job, description, &object, divided).await;
            };
            // Never two dossiers at once: another stack may have a sheet that names this one.
            drop(writing);
            self.write_part(&description, &parts[open]).await?;
        }
    }

    async fn commit_texts(
        &self,
        job: &Job,
        mut description: DossierDescription,
        object: &DossierObject,
        divided: bool,
    ) -> Result<(), IngestError> {
        let texts = self.texts(&mut description).await?;
        let intent = self
            .text_intent(description, Some(object.inventory()), texts, divided)
            .await?;
        let archive = &self.archive;
        let recorded = write_version(&intent, &archive.catalog, &archive.root, &archive.staging).await?;
        archive.catalog.complete_commit(job, &recorded).await?;
        self.clear_staging(&intent.description).await
    }

    async fn text_intent(
        &self,
        description: DossierDescription,
        previous: Option<&Inventory>,
        texts: Vec<NewText>,
        divided: bool,
    ) -> Result<VersionIntent, IngestError> {
        let earlier = self.archive.catalog.events(description.id).await?;
        let created = now();
        let mut new = new_events(&description, &earlier, created)?;
        if divided {
            new.push(Event {
                id: EventId::random(),
                kind: EventKind::MetadataModification,
                at: created,
                agent: agent(),
                outcome: Outcome::Success,
                detail: DIVIDED.to_owned(),
                file: None,
                page: None,
                digest: Some(Digest::of(&hrisov_store::dossier::description_bytes(
                    &description,
                ))),
                salt: salt()?,
            });
        }
        let message = format!("text of {} pages", texts.len());
        let pages = texts.iter().map(|text| (text.digest, text.page)).collect();
        let kind = VersionKind::Text { pages };
        let mut intent = VersionIntent::new(previous, description, (earlier, new), created, message, kind);
        for text in &texts {
            intent.set_text_size(text.digest, text.size_bytes);
        }
        Ok(intent)
    }

    /// The parts with those added that show pages of files which the stack itself shows no more.
    async fn with_outdated_parts(
        &self,
        stack: &DossierDescription,
        mut parts: Vec<Part>,
    ) -> Result<Vec<Part>, IngestError> {
        for file in stack.files.iter().filter(|file| file.replaced_by.is_some()) {
            for id in self.archive.catalog.parts_of_file(file.id).await? {
                let Some(held) = self.archive.catalog.dossier(id).await? else {
                    continue;
                };
                let reference = held.description.reference;
                if !parts.iter().any(|part| part.reference == reference) {
                    let pages = Vec::new();
                    parts.push(Part { reference, pages });
                }
            }
        }
        Ok(parts)
    }

    /// The first part whose dossier does not have its pages yet. Where every one has, the stack is told which they are.
    async fn open_part(
        &self,
        stack: &mut DossierDescription,
        parts: &[Part],
    ) -> Result<Option<usize>, IngestError> {
        let of = stack::box_of(stack);
        let mut taken = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let Some(id) = self.archive.catalog.find_dossier(&of, &part.reference).await? else {
                return Ok(Some(at));
            };
            let held = self.archive.catalog.dossier(id).await?;
            if !held.is_some_and(|held| part.is_in(stack, &held.description)) {
                return Ok(Some(at));
            }
            taken.push(id);
        }
        for (part, dossier) in parts.iter().zip(taken) {
            part.note(stack, dossier);
        }
        Ok(None)
    }

    /// Writes the version of a part's dossier that has the pages which the sheets gave it.
    async fn write_part(&self, stack: &DossierDescription, part: &Part) -> Result<(), IngestError> {
        let archive = &self.archive;
        // No deposit makes a dossier of the same reference meanwhile.
        let _naming = archive.naming.lock().await;
        let of = stack::box_of(stack);
        let known = archive.catalog.find_dossier(&of, &part.reference).await?;
        // The same at every try, so that what an earlier one began is found.
        let id = known.unwrap_or_else(|| DossierId::derived(stack.id.uuid(), &part.reference));
        let _writing = archive.dossiers.lock(id).await;
        settle(archive, id).await?;
        let held = archive.catalog.dossier(id).await?;
        let mut description = match held {
            Some(held) => held.description,
            None => part.fresh(stack, id),
        };
        if part.is_in(stack, &description) {
            return Ok(());
        }
        part.take_over(stack, &mut description);
        let mut description = in_order(description);
        let previous = archive.root.inventory(&id.object_id()).await?;
        let texts = self.texts(&mut description).await?;
        let intent = self
            .text_intent(description, previous.as_ref(), texts, true)
            .await?;
        let recorded = write_version(&intent, &archive.catalog, &archive.root, &archive.staging).await?;
        let unread = NewJob::probes(&intent.description);
        archive.catalog.record_version(&recorded, &unread).await?;
        self.wake.notify_waiters();
        Ok(())
    }

    /// Makes each newly recognised page's ALTO once, to learn its digest and size; names it in the description.
    async fn texts(&self, description: &mut DossierDescription) -> Result<Vec<NewText>, IngestError> {
        let files = description.files_by_id();
        let is_new = |page: &&PageRecord| page.state == PageState::Recognised && page.text_digest.is_none();
        let mut texts = Vec::new();
        for page in description.pages.iter().filter(is_new) {
            let file = *files
                .get(&page.file)
                .ok_or_else(|| IngestError::Internal(format!("file {} is not in its dossier", page.file)))?;
            self.ensure_staged(description.id, file, page).await?;
            let alto = self.archive.staging.alto(file, page).await?;
            texts.push(NewText {
                page: page.id,
                digest: Digest::of(alto.as_bytes()),
                size_bytes: alto.len() as u64,
            });
        }
        let digests: HashMap<_, _> = texts.iter().map(|text| (text.page, text.digest)).collect();
        for page in &mut description.pages {
            if let Some(digest) = digests.get(&page.id) {
                page.text_path = Some(hrisov_store::dossier::text_path(page.id).to_string());
                page.text_digest = Some(*digest);
            }
        }
        Ok(texts)
    }

    /// Reads a page again whose staged result is gone: somebody emptied the staging area.
    async fn ensure_staged(
        &self,
        dossier: DossierId,
        file: &FileRecord,
        page: &PageRecord,
    ) -> Result<(), IngestError> {
        if self.archive.staging.get(file.digest, page.index).await?.is_some() {
            return Ok(());
        }
        // A part that is only now being made has no object yet; its stack has the bytes.
        let keeper = file.held_in.as_ref().map_or(dossier, |holding| holding.dossier);
        let master = Master {
            file: file.clone(),
            key: self.master_key(keeper, file).await?,
        };
        self.session(&master).page(page.index).await.map(drop)
    }

    async fn clear_staging(&self, description: &DossierDescription) -> Result<(), IngestError> {
        for file in &description.files {
            if !self.archive.catalog.is_staging_needed(file.digest).await? {
                self.archive.staging.clear(file.digest).await?;
            }
        }
        Ok(())
    }
}

/// A text that the next version brings.
struct NewText {
    page: PageId,
    digest: Digest,
    size_bytes: u64,
}

/// A master of which not one page can be decoded is quarantined instead of each of its pages: its header
/// promised pages that are not there.
fn without_undecodable(mut description: DossierDescription) -> DossierDescription {
    // Of each file the verdict of its first page, as long as every page has one.
    let mut verdicts = HashMap::<FileId, Option<(QuarantineReason, String)>>::new();
    for page in &description.pages {
        let verdict = undecodable(&page.state);
        let held = verdicts.entry(page.file).or_insert_with(|| verdict.clone());
        if verdict.is_none() {
            *held = None;
        }
    }
    // Of a stack's part, or of a stack with parts, not every page is seen here.
    for page in &description.apart {
        verdicts.remove(&page.file);
    }
    for file in description.files.iter().filter(|file| file.held_in.is_some()) {
        verdicts.remove(&file.id);
    }
    for file in &mut description.files {
        if let Some(Some((reason, detail))) = verdicts.get(&file.id) {
            file.state = FileState::Quarantined {
                reason: *reason,
                detail: detail.clone(),
            };
        }
    }
    description
        .pages
        .retain(|page| !matches!(verdicts.get(&page.file), Some(Some(_))));
    description
}

/// Why the picture itself cannot be had; `None` for every other state.
fn undecodable(state: &PageState) -> Option<(QuarantineReason, String)> {
    let PageState::Unreadable { reason, detail } = state else {
        return None;
    };
    let reason = match reason {
        UnreadableReason::Damaged => QuarantineReason::Damaged,
        UnreadableReason::TooLarge => QuarantineReason::TooLarge,
        UnreadableReason::Unsupported => QuarantineReason::Unsupported,
        UnreadableReason::WorkerFailed | UnreadableReason::TimedOut | UnreadableReason::NothingRecognised => {
            return None;
        }
    };
    Some((reason, detail.clone()))
}

/// Pages in the natural order of their files' names, those scanned again where they stood before; pages of files
/// that are not shown are left out.
fn in_order(mut description: DossierDescription) -> DossierDescription {
    let mut pages = std::mem::take(&mut description.pages);
    let files = description.files_by_id();
    let place_of = description.first_places();
    let place = |page: &PageRecord| {
        let place = place_of(page);
        let path = files
            .get(&place.file)
            .map_or("", |file| file.source_path.as_str());
        (path, place.index)
    };
    pages.sort_by(|one, other| {
        let ((path, index), (other_path, other_index)) = (place(one), place(other));
        natural_order(path, other_path).then(index.cmp(&other_index))
    });
    drop((files, place_of));
    description.pages = pages;
    description
}

/// One event for the new texts, which pins the description that names them all; one for each master
/// that was newly quarantined, or is no longer.
fn new_events(
    description: &DossierDescription,
    earlier: &[Event],
    at: jiff::Timestamp,
) -> Result<Vec<Event>, IngestError> {
    let event = |kind, outcome, detail, file, digest| -> Result<Event, IngestError> {
        let (id, agent, salt) = (EventId::random(), agent(), salt()?);
        Ok(Event {
            id,
            kind,
            at,
            agent,
            outcome,
            detail,
            file,
            page: None,
            digest,
            salt,
        })
    };
    let unreadable = description
        .pages
        .iter()
        .filter(|page| matches!(page.state, PageState::Unreadable { .. }))
        .count();
    let (outcome, detail) = match unreadable {
        0 => (Outcome::Success, String::new()),
        pages => (Outcome::Warning, format!("{pages} pages could not be read")),
    };
    let digest = Digest::of(&hrisov_store::dossier::description_bytes(description));
    let mut events = vec![event(
        EventKind::Transcription,
        outcome,
        detail,
        None,
        Some(digest),
    )?];
    // Those whose last change was into quarantine.
    let mut quarantined = HashSet::new();
    for event in earlier {
        match (event.kind, event.file) {
            (EventKind::Quarantine, Some(file)) => drop(quarantined.insert(file)),
            (EventKind::MetadataModification, Some(file)) => drop(quarantined.remove(&file)),
            _ => {}
        }
    }
    for file in &description.files {
        let (kind, outcome, detail) = match &file.state {
            FileState::Quarantined { detail, .. } if !quarantined.contains(&file.id) => {
                (EventKind::Quarantine, Outcome::Failure, detail.clone())
            }
            FileState::Stored if quarantined.contains(&file.id) => (
                EventKind::MetadataModification,
                Outcome::Success,
                "no longer quarantined: its pages can be shown".to_owned(),
            ),
            _ => continue,
        };
        events.push(event(kind, outcome, detail, Some(file.id), Some(file.digest))?);
    }
    Ok(events)
}
