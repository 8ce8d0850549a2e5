//! Verify: re-hash everything, and hold store, catalog, log and index against each other.
//!
//! The store is only read. What came of each dossier goes into the catalog as soon as it is known, so that an interrupted
//! verification of the whole archive is gone on with, and everybody sees when what was verified last.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use futures::TryStreamExt as _;
use hrisov_catalog::{Catalog, CatalogError, DossierSummary, FixityMark, HeldDossier};
use hrisov_index::Searcher;
use hrisov_ledger::{LedgerError, Reader};
use hrisov_model::{DossierDescription, DossierId};
use hrisov_store::{
    DossierError, Key,
    dossier::DossierObject,
    ocfl::{Fixity, Inventory, OcflCode, StorageRoot},
};
use jiff::Timestamp;
use tokio::{runtime::Handle, task::JoinSet};

use crate::{
    AuditError, Checked, Finding, FindingKind, LogTrust, Report,
    index::verify_index,
    keeping::Keeper,
    log::{
        masters_without_event, remember_log_findings, unlogged_descriptions, verify_leaves_of, verify_log,
    },
};

/// Dossiers read from the catalog at once.
const CATALOG_PAGE: u32 = 500;

/// What is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Everything in store, catalog, log and index.
    Archive(Beginning),
    /// The dossiers of this fonds, and the log as a whole.
    Fonds(String),
    /// Only these dossiers, with the stacks that keep their masters, and their leaves.
    Dossiers(Vec<DossierId>),
    /// The log as a whole, with the accounts and records that it speaks of.
    Log,
    /// Only these dossiers' own objects: a step of a schedule that comes to everything in its turn.
    Objects(Vec<DossierId>),
}

/// Where a verification of the whole archive begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// Where one that was interrupted, not longer than a month ago, got to.
    Interrupted,
    /// With everything to be read, whatever was read before.
    Anew,
}

/// The parts that are held against each other.
#[derive(Debug, Clone)]
pub struct Verification {
    /// The storage root.
    pub root: StorageRoot,
    /// The catalog.
    pub catalog: Catalog,
    /// What the log is held against.
    pub trust: Arc<LogTrust>,
    /// The index; `None` leaves it out.
    pub index: Option<Arc<Searcher>>,
    /// What was wrong with the parts when they were opened.
    pub found: Vec<Finding>,
    /// Dossiers re-hashed at the same time.
    pub tasks: NonZeroUsize,
    /// Counts dossiers that are done, for whoever draws the progress.
    pub done: Arc<AtomicU64>,
}

/// What was looked at and found in one part.
#[derive(Debug, Default)]
struct Part {
    checked: Checked,
    findings: Vec<Finding>,
}

/// The names of the dossiers that are looked at.
type Known = BTreeMap<DossierId, String>;

/// Verifies the archive or a part of it. What came of each dossier is in the catalog as soon as it is known.
///
/// # Errors
/// Where store, catalog or index cannot be looked at; whatever is wrong in them is a finding.
pub async fn verify(verification: &Verification, scope: &Scope) -> Result<Report, AuditError> {
    match verify_parts(verification, scope).await {
        // Without what the catalog says there it cannot be gone on with.
        Err(AuditError::Catalog(error)) if error.is_of_content() => Ok(Report::of_catalog(&error)),
        ended => ended,
    }
}

async fn verify_parts(verification: &Verification, scope: &Scope) -> Result<Report, AuditError> {
    let known = known_dossiers(&verification.catalog, scope).await?;
    let mut keeper = Keeper::begin(&verification.catalog, scope).await?;
    let mut whole = Part {
        checked: keeper.checked_before(),
        ..Part::default()
    };
    let resumed = keeper.resumed(known.keys());
    verification.done.fetch_add(
        resumed.as_ref().map_or(0, |resumed| resumed.dossiers),
        Ordering::Relaxed,
    );
    let read = verification.objects(&known, &mut keeper, &mut whole).await;
    // Also where the store failed midway: what was read until then is not read again.
    let kept = keeper.keep().await;
    read.and(kept)?;
    let of_objects = whole.findings.len();
    match scope {
        Scope::Archive(_) => {
            verification.strangers(&known, &mut whole).await?;
            verification.log(&mut whole).await?;
        }
        Scope::Fonds(_) | Scope::Log => {
            verification.log(&mut whole).await?;
            remember_log_findings(
                &verification.root,
                &verification.catalog,
                &whole.findings[of_objects..],
            )
            .await?;
        }
        Scope::Dossiers(_) => verification.leaves(&known, &mut whole).await?,
        Scope::Objects(_) => {}
    }
    if !matches!(scope, Scope::Objects(_)) {
        verification.index(&known, scope, &mut whole).await?;
    }
    keeper
        .finish(&whole.checked, &whole.findings[of_objects..])
        .await?;
    whole
        .findings
        .sort_by(|a, b| (&a.dossier, &a.path, a.kind).cmp(&(&b.dossier, &b.path, b.kind)));
    whole.findings.dedup();
    Ok(Report {
        ok: whole.findings.is_empty(),
        checked: whole.checked,
        resumed,
        findings: whole.findings,
    })
}

type Ended = Option<Result<Result<(FixityMark, Part), AuditError>, tokio::task::JoinError>>;

async fn take(whole: &mut Part, keeper: &mut Keeper<'_>, ended: Ended) -> Result<(), AuditError> {
    if let Some(ended) = ended {
        let (mark, part) = ended.map_err(|stopped| AuditError::Internal(stopped.to_string()))??;
        whole.checked.add(part.checked);
        whole.findings.extend(part.findings);
        keeper.add(mark, part.checked).await?;
    }
    Ok(())
}

async fn known_dossiers(catalog: &Catalog, scope: &Scope) -> Result<Known, AuditError> {
    match scope {
        Scope::Archive(_) => every_dossier(catalog, |_| true).await,
        Scope::Fonds(fonds) => every_dossier(catalog, |summary| summary.box_name.fonds == *fonds).await,
        Scope::Dossiers(wanted) => {
            let mut known = Known::new();
            for id in wanted {
                let Some(held) = catalog.dossier(*id).await? else {
                    continue;
                };
                // The bytes of a part's masters lie in its stack.
                for file in &held.description.files {
                    if let Some(holding) = &file.held_in
                        && let Some(stack) = catalog.dossier(holding.dossier).await?
                    {
                        known.insert(holding.dossier, name_of(&stack.description));
                    }
                }
                known.insert(*id, name_of(&held.description));
            }
            Ok(known)
        }
        Scope::Log => Ok(Known::new()),
        Scope::Objects(wanted) => {
            let mut known = Known::new();
            for id in wanted {
                if let Some(held) = catalog.dossier(*id).await? {
                    known.insert(*id, name_of(&held.description));
                }
            }
            Ok(known)
        }
    }
}

async fn every_dossier(
    catalog: &Catalog,
    is_wanted: impl Fn(&DossierSummary) -> bool,
) -> Result<Known, AuditError> {
    let mut known = Known::new();
    let mut after = None;
    loop {
        let page = catalog.dossiers_after(after, CATALOG_PAGE).await?;
        let Some(last) = page.last() else { return Ok(known) };
        after = Some(last.id);
        let wanted = page.into_iter().filter(|summary| is_wanted(summary));
        known.extend(wanted.map(|summary| {
            let name = format!("{}/{}", summary.box_name.name, summary.reference);
            (summary.id, name)
        }));
    }
}

/// What people call a dossier.
pub(crate) fn name_of(description: &DossierDescription) -> String {
    format!("{}/{}", description.box_name, description.reference)
}

/// The dossier that is looked at: what people call it, and where it lies.
#[derive(Clone, Copy)]
struct Place<'a> {
    name: &'a str,
    key: &'a Key,
}

impl Place<'_> {
    fn finding(self, kind: FindingKind, detail: String) -> Finding {
        Finding {
            kind,
            dossier: Some(self.name.to_owned()),
            path: self.key.to_string(),
            detail,
        }
    }

    /// What the catalog says; where a row of it makes no sense, that is found.
    fn understood<T>(self, part: &mut Part, read: Result<T, CatalogError>) -> Result<Option<T>, AuditError> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(error) if error.is_of_content() => {
                part.findings
                    .push(self.finding(FindingKind::Catalog, error.to_string()));
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Damaged bytes were found by the re-hashing already; here only what they mean is judged.
    fn fault(self, part: &mut Part, error: DossierError) -> Result<(), AuditError> {
        match error {
            DossierError::Store(error) if error.is_transient() => Err(error.into()),
            DossierError::Store(_) | DossierError::Damaged { .. } => Ok(()),
            error => {
                part.findings
                    .push(self.finding(FindingKind::Unreadable, error.to_string()));
                Ok(())
            }
        }
    }
}

impl Verification {
    /// Every dossier's object, several at a time.
    async fn objects(
        &self,
        known: &Known,
        keeper: &mut Keeper<'_>,
        whole: &mut Part,
    ) -> Result<(), AuditError> {
        let mut tasks = JoinSet::new();
        for (id, name) in known {
            if keeper.is_done(*id) {
                continue;
            }
            while tasks.len() >= self.tasks.get() {
                take(whole, keeper, tasks.join_next().await).await?;
            }
            let (this, id, name) = (self.clone(), *id, name.clone());
            let runtime = Handle::current();
            // Hashing keeps a processor busy: off the threads that serve everything else.
            tasks.spawn_blocking(move || {
                let part = runtime.block_on(this.dossier(id, &name));
                this.done.fetch_add(1, Ordering::Relaxed);
                part
            });
        }
        while !tasks.is_empty() {
            take(whole, keeper, tasks.join_next().await).await?;
        }
        Ok(())
    }

    /// One dossier that the catalog knows, and what is to be remembered of it.
    async fn dossier(&self, id: DossierId, name: &str) -> Result<(FixityMark, Part), AuditError> {
        let (version, mut part) = self.object(id, name).await?;
        // The inventories of several versions tell of the same file alike.
        part.findings
            .sort_by(|a, b| (&a.path, a.kind).cmp(&(&b.path, b.kind)));
        part.findings.dedup();
        let findings = part.findings.iter().map(Finding::to_value).collect();
        let mark = FixityMark {
            dossier: id,
            version,
            at: Timestamp::now(),
            findings,
            recorded: false,
        };
        Ok((mark, part))
    }

    /// A dossier's object: its version by the catalog, and what is wrong with it.
    async fn object(&self, id: DossierId, name: &str) -> Result<(u32, Part), AuditError> {
        let mut part = Part {
            checked: Checked {
                dossiers: 1,
                ..Checked::default()
            },
            ..Part::default()
        };
        let key = self.root.object_root(&id.object_id());
        let place = Place { name, key: &key };
        for found in self.root.validate_object(&key, Fixity::Check).await? {
            // Other programs may leave out the inventories of versions; what was repaired or recovered follows from them.
            if found.is_error() || found.code == OcflCode::W010 {
                part.findings
                    .push(Finding::of_ocfl(&found, Some(name.to_owned())));
            }
        }
        let held = self.catalog.dossier(id).await;
        let Some(held) = place.understood(&mut part, held)? else {
            return Ok((0, part));
        };
        let Some(held) = held else {
            return Err(AuditError::Internal(format!(
                "dossier {id} vanished from the catalog"
            )));
        };
        let inventory = match self.root.inventory(&id.object_id()).await {
            Ok(Some(inventory)) => inventory,
            Ok(None) => {
                let detail = "the catalog knows the dossier, the store has no version of it".to_owned();
                part.findings.push(place.finding(FindingKind::Missing, detail));
                return Ok((held.version, part));
            }
            Err(error) => {
                part.findings
                    .push(place.finding(FindingKind::Inventory, error.to_string()));
                return Ok((held.version, part));
            }
        };
        part.checked.files += inventory.content().count() as u64;
        part.checked.bytes += held
            .description
            .files
            .iter()
            .map(|file| file.size_bytes)
            .sum::<u64>();
        if let Some(detail) = version_fault(&held, &inventory) {
            part.findings.push(place.finding(FindingKind::Catalog, detail));
            return Ok((held.version, part));
        }
        let object = self.root.dossier_at(inventory);
        self.contents(&held, &object, &mut part, place).await?;
        Ok((held.version, part))
    }

    /// Description, events and texts: readable, and the same as the catalog's.
    async fn contents(
        &self,
        held: &HeldDossier,
        object: &DossierObject,
        part: &mut Part,
        place: Place<'_>,
    ) -> Result<(), AuditError> {
        let settled = !self.catalog.has_open_work(held.description.id).await?;
        match object.description().await {
            Err(error) => place.fault(part, error)?,
            Ok(stored) if settled && stored != held.description => {
                let detail = "the catalog's description is not the stored one: run `hrisov rebuild`";
                part.findings
                    .push(place.finding(FindingKind::Catalog, detail.to_owned()));
            }
            Ok(_) => {}
        }
        let events = self.catalog.events(held.description.id).await;
        let Some(events) = place.understood(part, events)? else {
            return Ok(());
        };
        match object.events().await {
            Err(error) => place.fault(part, error)?,
            Ok(stored) if settled && stored != events => {
                let detail = "the catalog's events are not the stored ones: run `hrisov rebuild`";
                part.findings
                    .push(place.finding(FindingKind::Catalog, detail.to_owned()));
            }
            Ok(stored) => {
                for path in masters_without_event(&held.description, &stored) {
                    let detail =
                        format!("the master {path} has no event of its deposit: no leaf speaks for it");
                    part.findings.push(place.finding(FindingKind::Ledger, detail));
                }
                for detail in unlogged_descriptions(object.inventory(), &stored) {
                    part.findings.push(place.finding(FindingKind::Ledger, detail));
                }
            }
        }
        self.held_masters(&held.description, part, place).await?;
        for page in &held.description.pages {
            if page.text_path.is_none() {
                continue;
            }
            part.checked.texts += 1;
            if let Err(error) = object.page_text(page).await {
                place.fault(part, error)?;
            }
        }
        Ok(())
    }

    /// That the stacks which keep a dossier's masters have them; their bytes are hashed with the stacks.
    async fn held_masters(
        &self,
        description: &DossierDescription,
        part: &mut Part,
        place: Place<'_>,
    ) -> Result<(), AuditError> {
        let mut kept = BTreeMap::<DossierId, Option<Inventory>>::new();
        for file in &description.files {
            let Some(holding) = &file.held_in else { continue };
            let inventory = match kept.entry(holding.dossier) {
                Entry::Occupied(seen) => seen.into_mut(),
                Entry::Vacant(unseen) => unseen.insert(self.stack(holding.dossier).await?),
            };
            let held = inventory
                .as_ref()
                .and_then(|stack| stack.content_path(file.digest));
            if held.is_none() {
                let detail = format!(
                    "the stack {} no longer has the master {}",
                    holding.dossier, holding.path
                );
                part.findings.push(place.finding(FindingKind::Missing, detail));
            }
        }
        Ok(())
    }

    /// The inventory of a stack; what is wrong with it is found where the stack itself is looked at.
    async fn stack(&self, id: DossierId) -> Result<Option<Inventory>, AuditError> {
        match self.root.inventory(&id.object_id()).await {
            Err(error) if error.is_transient() => Err(error.into()),
            read => Ok(read.ok().flatten()),
        }
    }

    /// What lies in the storage root and belongs to no dossier of the catalog.
    async fn strangers(&self, known: &Known, whole: &mut Part) -> Result<(), AuditError> {
        let keys: BTreeSet<Key> = known
            .keys()
            .map(|id| self.root.object_root(&id.object_id()))
            .collect();
        for found in self.root.validate_root().await? {
            if found.is_error() {
                whole.findings.push(Finding::of_ocfl(&found, None));
            }
        }
        let mut objects = self.root.object_roots();
        while let Some(object) = objects.try_next().await? {
            if keys.contains(&object.key) {
                continue;
            }
            let inventory = object.inventory.ok().flatten();
            let ours = inventory
                .as_ref()
                .and_then(|inventory| DossierId::from_object_id(inventory.object_id()));
            // A load that was interrupted, or is running, has an intent for what it writes.
            if let Some(id) = ours
                && self.catalog.has_open_work(id).await?
            {
                continue;
            }
            whole.findings.push(Finding {
                kind: FindingKind::Extra,
                dossier: ours.map(|id| id.to_string()),
                path: object.key.to_string(),
                detail: "the catalog knows no such dossier; if the catalog is older than the store, run `hrisov rebuild`"
                    .to_owned(),
            });
        }
        Ok(())
    }

    /// The log as a whole.
    async fn log(&self, whole: &mut Part) -> Result<(), AuditError> {
        let part = verify_log(self.root.blobs(), &self.catalog, &self.trust).await?;
        whole.checked.leaves += part.leaves;
        whole.checked.leaves_waiting += part.waiting;
        whole.checked.doubtful_times += part.doubtful_times;
        // What is wrong with the storage root's own files was told more exactly with the rest of the root.
        let told: BTreeSet<_> = whole.findings.iter().map(|found| found.path.clone()).collect();
        let of_root = |found: &Finding| found.kind == FindingKind::Damaged && told.contains(&found.path);
        whole
            .findings
            .extend(part.findings.into_iter().filter(|found| !of_root(found)));
        Ok(())
    }

    /// The leaves of some dossiers alone.
    async fn leaves(&self, known: &Known, whole: &mut Part) -> Result<(), AuditError> {
        let log = match Reader::open(Arc::clone(self.root.blobs())).await {
            Ok(log) => log,
            // Whether there should be one is judged with the whole archive.
            Err(LedgerError::NoLog { .. }) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        for (id, name) in known {
            let (leaves, findings) = verify_leaves_of(&log, &self.catalog, *id, name).await?;
            whole.checked.leaves += leaves;
            whole.findings.extend(findings);
        }
        Ok(())
    }

    /// Descriptions and pages with text, in the index as in the catalog.
    async fn index(&self, known: &Known, scope: &Scope, whole: &mut Part) -> Result<(), AuditError> {
        whole.findings.extend_from_slice(&self.found);
        let Some(searcher) = &self.index else {
            return Ok(());
        };
        let all = matches!(scope, Scope::Archive(_));
        match verify_index(&self.catalog, searcher, known, all).await {
            Ok((pages, findings)) => {
                whole.checked.index_pages += pages;
                whole.findings.extend(findings);
            }
            Err(AuditError::Index(error)) => whole.findings.push(Finding::of_index(&error)),
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// Where the catalog's version is not the store's.
fn version_fault(held: &HeldDossier, inventory: &Inventory) -> Option<String> {
    let (version, digest) = (inventory.head(), inventory.digest());
    (held.version != version || held.inventory_digest != digest).then(|| {
        format!(
            "the catalog recorded version {} with inventory {}, the store has version {version} with inventory {digest}",
            held.version, held.inventory_digest
        )
    })
}
