//! The paper inventory of a box beside what was loaded: read before the load, reconciled after it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use hrisov_catalog::{BoxName, Catalog, Comparison, scanned_digest};
use hrisov_ingest::Loader;
use hrisov_inventory::{
    Counts, Finding, Images, Language, PaperInventory, ReportHead, ScannedDossier, Sides, reconcile,
    report_csv, report_pdf,
};
use hrisov_model::{Digest, DossierId, InventoryEntry};
use jiff::Timestamp;
use serde::Serialize;

use crate::{args::ReconcileArgs, output::Output, speech::Speech};

/// Largest inventory that is opened, in bytes.
const FILE_MAX_BYTES: u64 = 64 << 20;

/// How a box and its inventory compare.
#[derive(Debug, Serialize)]
pub struct Reconciled {
    counts: Counts,
    sides: Sides,
    findings: Vec<Finding>,
    /// Dossiers whose description changed with it.
    described: u64,
    #[serde(skip)]
    comparison: Comparison,
    #[serde(skip)]
    accepted: BTreeMap<DossierId, InventoryEntry>,
}

/// An inventory as read from its file.
#[derive(Debug)]
pub struct PaperFile {
    /// What it says.
    pub inventory: PaperInventory,
    /// Name of the file, without its folder.
    name: String,
    /// SHA-256 of the file.
    digest: Digest,
}

impl ReconcileArgs {
    /// The inventory that was named, where one was; what can be wrong is said before anything is done.
    ///
    /// # Errors
    /// Where it cannot be read, or the report cannot be written later.
    pub fn read(&self) -> anyhow::Result<Option<PaperFile>> {
        let paper = self.inventory.as_deref().map(read).transpose()?;
        if let Some(report) = &self.report {
            check_report(report)?;
        }
        Ok(paper)
    }
}

/// Reads an inventory file.
///
/// # Errors
/// Where it cannot be read or understood.
pub fn read(path: &Path) -> anyhow::Result<PaperFile> {
    let cannot = || format!("cannot read the inventory {}", path.display());
    let size = fs::metadata(path).with_context(cannot)?.len();
    if size > FILE_MAX_BYTES {
        bail!(
            "the inventory {} has {} MiB, more than the {} that are read: is it the right file?",
            path.display(),
            size >> 20,
            FILE_MAX_BYTES >> 20
        );
    }
    let bytes = fs::read(path).with_context(cannot)?;
    Ok(PaperFile {
        inventory: hrisov_inventory::read(&bytes, &path.display().to_string())?,
        name: path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        digest: Digest::of(&bytes),
    })
}

/// Checks that a report can be written later: its ending says what kind, and nothing lies there yet.
///
/// # Errors
/// Where it cannot.
fn check_report(path: &Path) -> anyhow::Result<()> {
    if !matches!(ending(path).as_str(), "pdf" | "csv") {
        bail!("{}: a report is a .pdf or a .csv file", path.display());
    }
    refuse_existing(path)
}

/// Compares a loaded box with its inventory and writes the report that was asked for.
///
/// # Errors
/// Where the catalog fails or the report cannot be written.
pub async fn compare(
    catalog: &Catalog,
    of: &BoxName,
    paper: PaperFile,
    args: &ReconcileArgs,
    output: &Output,
) -> anyhow::Result<Reconciled> {
    let held = catalog.box_contents(of).await?;
    let scanned_digest = scanned_digest(&held);
    let scanned = held.into_iter().map(|dossier| ScannedDossier {
        id: dossier.id,
        reference: dossier.reference,
        images: Images {
            pages: dossier.pages,
            blank_pages: dossier.blank_pages,
            blank_leaves: dossier.blank_pairs,
        },
    });
    let reconciliation = reconcile(paper.inventory, scanned.collect(), args.sides.into());
    if let Some(path) = &args.report {
        let bytes = match ending(path).as_str() {
            "csv" => report_csv(&reconciliation, language(output.speech))?,
            _ => {
                let made_at = Timestamp::now();
                let head = ReportHead {
                    institution: None,
                    fonds: of.fonds.clone(),
                    box_name: of.name.clone(),
                    date: None,
                    made_at,
                };
                report_pdf(&reconciliation, &head)?
            }
        };
        write_new(path, &bytes)?;
    }
    let (counts, findings) = (reconciliation.counts(), reconciliation.findings());
    Ok(Reconciled {
        comparison: Comparison {
            inventory: paper.name,
            inventory_digest: paper.digest,
            scanned_digest,
            sides: serde_json::to_value(reconciliation.sides)?,
            counts: serde_json::to_value(counts)?,
            findings: findings
                .iter()
                .map(serde_json::to_value)
                .collect::<Result<_, _>>()?,
        },
        counts,
        sides: reconciliation.sides,
        findings,
        described: 0,
        accepted: reconciliation
            .accepted()
            .map(|(id, entry)| (id, entry.clone()))
            .collect(),
    })
}

impl Reconciled {
    /// The comparison is remembered, and its rows become the descriptions of the dossiers that they were matched with.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub async fn take_over(&mut self, loader: &mut Loader, of: &BoxName) -> anyhow::Result<()> {
        loader.record_comparison(of, self.comparison.clone()).await?;
        self.described = loader.describe(&self.accepted).await?;
        Ok(())
    }

    /// The comparison in a few lines.
    pub fn describe(&self, report: Option<&PathBuf>, output: &Output) -> String {
        let speech = output.speech;
        let rows = speech.count(
            u64::from(self.counts.rows),
            ("dosar", "dosare"),
            ("dossier", "dossiers"),
        );
        let scanned = speech.number(u64::from(self.counts.scanned));
        let matched = speech.number(u64::from(self.counts.matched));
        let mut text = match speech {
            Speech::Romanian => {
                format!("  Inventarul: {rows} în inventar, {scanned} scanate, {matched} se potrivesc\n")
            }
            Speech::English => {
                format!("  Inventory: {rows} in the inventory, {scanned} scanned, {matched} match\n")
            }
        };
        if self.findings.is_empty() {
            text.push_str(speech.pick("  Nicio diferență.\n", "  No difference.\n"));
        }
        for finding in &self.findings {
            text.push_str(&format!("  ! {}\n", finding.sentence(language(speech))));
        }
        if self.described > 0 {
            let dossiers = speech.count(self.described, ("dosar", "dosare"), ("dossier", "dossiers"));
            let how = speech.pick(
                "cu titlul, datele și celelalte rubrici din inventar",
                "now with title, dates and the rest of the inventory",
            );
            text.push_str(&format!("  {dossiers} {how}\n"));
        }
        if let Some(path) = report {
            let made = speech.pick("Raportul", "Report");
            text.push_str(&format!("  {made}: {}\n", path.display()));
        }
        text
    }
}

/// Writes a file that must not be there yet.
///
/// # Errors
/// Where it is there, or the disk refuses.
pub fn write_new(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    use std::io::Write as _;
    refuse_existing(path)?;
    let cannot = || format!("cannot write {}", path.display());
    let mut file = fs::File::create_new(path).with_context(cannot)?;
    file.write_all(bytes).with_context(cannot)
}

fn refuse_existing(path: &Path) -> anyhow::Result<()> {
    if path.exists() {
        bail!(
            "{} is there already: give another name, or move it away",
            path.display()
        );
    }
    Ok(())
}

fn ending(path: &Path) -> String {
    let ending = path.extension().unwrap_or_default();
    ending.to_string_lossy().to_lowercase()
}

/// The language of sentences about the inventory.
pub const fn language(speech: Speech) -> Language {
    match speech {
        Speech::Romanian => Language::Romanian,
        Speech::English => Language::English,
    }
}
