//! `hrisov repair`: what is damaged or gone is put back from a second store, bit for bit.

use std::{
    collections::{BTreeSet, HashSet},
    path::Path,
};

use anyhow::{Context as _, bail};
use hrisov_audit::{Damage, Examined, LogDamage, LogRepair, Report, Scope, SecondStore, Unrestored};
use hrisov_catalog::{Catalog, Defect, RepairIntent};
use hrisov_ledger::{SignedCheckpoint, SigningKey};
use hrisov_model::{DossierId, EventId};
use hrisov_store::{StoreUrl, ocfl::StorageRoot};
use jiff::{Timestamp, Unit};
use serde::Serialize;

use crate::{
    archive::Archive,
    args::RepairArgs,
    commands::finding::describe_finding,
    config,
    exit::Exit,
    loading::Loading,
    output::Output,
    verifying::{all_cores, verification},
};

/// Dossiers with findings that are repaired in one run.
const FAULTY_MAX: u32 = 100_000;

/// What was repaired.
#[derive(Serialize)]
struct Repaired {
    from: String,
    dry_run: bool,
    dossiers: Vec<RepairedDossier>,
    /// What was wrong with log and journal.
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<RepairedLog>,
    /// The repaired dossiers and the log, verified anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<Report>,
}

/// Log and journal, where something was wrong.
#[derive(Serialize)]
struct RepairedLog {
    /// Objects that were put back; in a dry run, that would be.
    files: Vec<Defect>,
    /// Objects that could not be put back.
    left: Vec<Unrestored>,
}

/// A dossier in which something was wrong.
#[derive(Serialize)]
struct RepairedDossier {
    id: DossierId,
    dossier: String,
    /// Files that were put back; in a dry run, that would be looked for.
    files: Vec<Defect>,
    /// Files that could not be put back.
    left: Vec<Unrestored>,
    /// Why nothing could be done at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

pub async fn run(archive: &Archive, args: &RepairArgs, output: &Output) -> anyhow::Result<Exit> {
    let url = second_store(archive, &args.from)?;
    let blobs = hrisov_store::open(&url).await;
    let blobs = blobs.with_context(|| format!("the second store {} cannot be opened", args.from))?;
    let second = SecondStore::open(blobs).await;
    let second = second.with_context(|| format!("{} is not the store of an archive", args.from))?;
    if args.dry_run {
        let (catalog, root) = (archive.catalog().await?, archive.unchecked_root().await?);
        let ids = wanted(archive, &catalog, &args.dossiers).await?;
        let (dossiers, _) = examine(&root, &catalog, &second, &ids).await?;
        let log = match args.dossiers.is_empty() {
            true => RepairedLog::of(&examine_log(archive, &root, &catalog, &second).await?),
            false => None,
        };
        return say(&Repaired::new(args, dossiers, log), output);
    }
    // First: what is done with dossiers is told to the log.
    let log = match args.dossiers.is_empty() {
        true => repair_log(archive, &second, &args.from).await?,
        false => None,
    };
    if log.as_ref().is_some_and(RepairedLog::is_log_broken) {
        return say(&Repaired::new(args, Vec::new(), log), output);
    }
    let mut loading = Loading::open(archive, None).await?;
    let ids = wanted(archive, &loading.catalog, &args.dossiers).await?;
    let (mut dossiers, damages) = examine(&loading.root, &loading.catalog, &second, &ids).await?;
    let all: HashSet<_> = damages.iter().flat_map(|damage| damage.files.wanted()).collect();
    for damage in &damages {
        let repair = RepairIntent {
            event: EventId::random(),
            dossier: damage.dossier,
            at: Timestamp::now().round(Unit::Millisecond)?,
            from: args.from.clone(),
            defects: damage.files.defects(),
        };
        loading.catalog.begin_repair(&repair).await?;
        let blobs = loading.root.blobs().as_ref();
        let left = hrisov_audit::restore(blobs, &second, &damage.files, &all).await?;
        if let Some(dossier) = dossiers.iter_mut().find(|dossier| dossier.id == damage.dossier) {
            dossier
                .files
                .retain(|file| left.iter().all(|left| left.path != file.path));
            dossier.left = left;
        }
    }
    loading.loader.record_repairs().await?;
    drop(loading);
    let mut repaired = Repaired::new(args, dossiers, log);
    let again: Vec<_> = damages.iter().map(|damage| damage.dossier).collect();
    let mut scopes = Vec::new();
    scopes.extend((!again.is_empty()).then_some(Scope::Dossiers(again)));
    scopes.extend(repaired.log.is_some().then_some(Scope::Log));
    for scope in scopes {
        let verification = verification(archive, None, all_cores()).await?;
        let report = hrisov_audit::verify(&verification, &scope).await?;
        match &mut repaired.verified {
            None => repaired.verified = Some(report),
            Some(whole) => {
                whole.ok &= report.ok;
                whole.checked.add(report.checked);
                whole.findings.extend(report.findings);
            }
        }
    }
    say(&repaired, output)
}

/// What is wrong with log and journal.
async fn examine_log(
    archive: &Archive,
    root: &StorageRoot,
    catalog: &Catalog,
    second: &SecondStore,
) -> anyhow::Result<LogDamage> {
    let trust = archive.log_trust().await?;
    // A signature under what was signed already says nothing new.
    let key = SigningKey::read(&archive.signing_key_path()).ok();
    let signed_last = trust.last_signed.clone().zip(key);
    let signed_last = signed_last.and_then(|(last, key)| SignedCheckpoint::sign(last, &key).ok());
    Ok(hrisov_audit::examine_log(root, catalog, second, &trust, signed_last).await?)
}

/// Puts right log and journal; `None` where nothing is wrong.
async fn repair_log(
    archive: &Archive,
    second: &SecondStore,
    from: &str,
) -> anyhow::Result<Option<RepairedLog>> {
    let _writer = archive.lock()?;
    let (catalog, root) = (archive.catalog().await?, archive.unchecked_root().await?);
    let damage = examine_log(archive, &root, &catalog, second).await?;
    let Some(mut repaired) = RepairedLog::of(&damage) else {
        return Ok(None);
    };
    if !damage.files.is_empty() {
        let repair = LogRepair {
            from: from.to_owned(),
            files: damage.files.defects(),
        };
        hrisov_audit::record_log_repair(root.blobs().as_ref(), &catalog, repair).await?;
        let wanted = damage.files.wanted().collect();
        let left = hrisov_audit::restore(root.blobs().as_ref(), second, &damage.files, &wanted).await?;
        repaired
            .files
            .retain(|file| left.iter().all(|left| left.path != file.path));
        repaired.left.extend(left);
    }
    Ok(Some(repaired))
}

/// The folder of another archive stands for its store.
fn second_store(archive: &Archive, from: &str) -> anyhow::Result<StoreUrl> {
    let folder = Path::new(from);
    let url = match folder.join(config::FILE_NAME).is_file() {
        true => Archive::open(folder)?.store_url()?,
        false => from.parse()?,
    };
    let is_own = match (&url, &archive.store_url()?) {
        (StoreUrl::Local(theirs), StoreUrl::Local(ours)) => {
            matches!((theirs.canonicalize(), ours.canonicalize()), (Ok(a), Ok(b)) if a == b)
        }
        (theirs, ours) => theirs == ours,
    };
    if is_own {
        bail!("{from} is the archive's own store: give a second copy of it");
    }
    Ok(url)
}

/// The dossiers that are meant, with the stacks that keep their masters; without any, those with recorded findings.
async fn wanted(
    archive: &Archive,
    catalog: &Catalog,
    called: &[String],
) -> anyhow::Result<BTreeSet<DossierId>> {
    let mut ids = BTreeSet::new();
    for called in called {
        ids.insert(archive.dossier(catalog, called).await?);
    }
    if called.is_empty() {
        let faulty = catalog.faulty_dossiers(FAULTY_MAX).await?;
        ids.extend(faulty.iter().map(|dossier| dossier.id));
    }
    for id in ids.clone() {
        let held = catalog.dossier(id).await?;
        let files = held.iter().flat_map(|held| &held.description.files);
        ids.extend(files.filter_map(|file| Some(file.held_in.as_ref()?.dossier)));
    }
    Ok(ids)
}

/// Those in which something is wrong.
async fn examine(
    root: &StorageRoot,
    catalog: &Catalog,
    second: &SecondStore,
    ids: &BTreeSet<DossierId>,
) -> anyhow::Result<(Vec<RepairedDossier>, Vec<Damage>)> {
    let (mut dossiers, mut damages) = (Vec::new(), Vec::new());
    for id in ids {
        let name = match catalog.dossier(*id).await? {
            Some(held) => format!("{}/{}", held.description.box_name, held.description.reference),
            None => id.to_string(),
        };
        let mut dossier = RepairedDossier {
            id: *id,
            dossier: name,
            files: Vec::new(),
            left: Vec::new(),
            reason: None,
        };
        match hrisov_audit::examine(root, catalog, second, *id).await? {
            Examined::Sound => continue,
            Examined::Unknown { reason } => dossier.reason = Some(reason),
            Examined::Damaged(damage) => {
                dossier.files = damage.files.defects();
                damages.push(damage);
            }
        }
        dossiers.push(dossier);
    }
    Ok((dossiers, damages))
}

impl RepairedLog {
    fn of(damage: &LogDamage) -> Option<Self> {
        let (files, left) = (damage.files.defects(), damage.left.clone());
        (!files.is_empty() || !left.is_empty()).then_some(Self { files, left })
    }

    /// Whether leaves or checkpoint are still wrong, so that nothing can be added.
    fn is_log_broken(&self) -> bool {
        let of_log =
            |left: &Unrestored| left.path == "ledger/checkpoint" || left.path.starts_with("ledger/tile/");
        self.left.iter().any(of_log)
    }
}

impl Repaired {
    fn new(args: &RepairArgs, dossiers: Vec<RepairedDossier>, log: Option<RepairedLog>) -> Self {
        Self {
            from: args.from.clone(),
            dry_run: args.dry_run,
            dossiers,
            log,
            verified: None,
        }
    }

    fn is_whole(&self) -> bool {
        let left = |dossier: &RepairedDossier| dossier.reason.is_some() || !dossier.left.is_empty();
        !self.dossiers.iter().any(left)
            && self.log.as_ref().is_none_or(|log| log.left.is_empty())
            && !(self.dry_run && (self.log.is_some() || !self.dossiers.is_empty()))
            && self.verified.as_ref().is_none_or(|report| report.ok)
    }
}

fn say(repaired: &Repaired, output: &Output) -> anyhow::Result<Exit> {
    output.result(repaired, || describe(repaired, output))?;
    Ok(match repaired.is_whole() {
        true => Exit::Done,
        false => Exit::Findings,
    })
}

fn describe(repaired: &Repaired, output: &Output) -> String {
    let speech = output.speech;
    if repaired.dossiers.is_empty() && repaired.log.is_none() {
        return speech
            .pick("Nimic de reparat.\n", "Nothing to repair.\n")
            .to_owned();
    }
    let done = |files: usize| match repaired.dry_run {
        true => speech.count(
            files as u64,
            ("fișier de pus la loc", "fișiere de pus la loc"),
            ("file to be put back", "files to be put back"),
        ),
        false => speech.count(
            files as u64,
            ("fișier pus la loc", "fișiere puse la loc"),
            ("file put back", "files put back"),
        ),
    };
    let told = |name: &str, files: &[Defect], left: &[Unrestored]| {
        let mut text = format!("{name}: {}\n", done(files.len()));
        for file in files {
            text.push_str(&format!("  {}\n", file.path));
        }
        for left in left {
            text.push_str(&format!(
                "! {}\n  {}\n",
                left.path,
                speech.translated(&left.reason)
            ));
        }
        text
    };
    let mut text = String::new();
    if let Some(log) = &repaired.log {
        let name = speech.pick(
            "Registrul, jurnalul și rădăcina depozitului",
            "Log, journal and storage root",
        );
        text.push_str(&told(name, &log.files, &log.left));
        if log.is_log_broken() && !repaired.dry_run {
            text.push_str(speech.pick(
                "Dosarele nu au fost căutate: reparațiile se scriu în registru, care trebuie întâi să fie întreg. Dați o copie \
                 mai nouă a depozitului.\n",
                "Dossiers were not looked at: repairs are told to the log, which has to be whole first. Give a newer copy of \
                 the store.\n",
            ));
        }
    }
    for dossier in &repaired.dossiers {
        text.push_str(&told(&dossier.dossier, &dossier.files, &dossier.left));
        if let Some(reason) = &dossier.reason {
            text.push_str(&format!("! {}\n", speech.translated(reason)));
        }
    }
    match &repaired.verified {
        Some(report) if !report.ok => {
            text.push_str(speech.pick("Rămân constatări:\n", "Findings are left:\n"));
            text.extend(
                report
                    .findings
                    .iter()
                    .map(|finding| describe_finding(finding, speech)),
            );
        }
        Some(_) => text.push_str(speech.pick(
            "Verificate din nou: totul este în regulă.\n",
            "Verified again: all is well.\n",
        )),
        None => {}
    }
    text
}
