//! What can be typed about boxes: loading, watching, comparing, closing, and what became of them.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, builder::NonEmptyStringValueParser};
use hrisov_catalog::{Decision, Verdict};
use hrisov_inventory::Sides;
use hrisov_model::{Doubt, Languages, PersonName, QuarantineReason, UnreadableReason};

/// Arguments of `ingest`.
#[derive(Debug, Args)]
pub struct IngestArgs {
    /// Folders to load: each is a box, each sub-folder or single file in it a dossier
    #[arg(required = true, value_name = "BOX")]
    pub boxes: Vec<PathBuf>,
    /// Code of the fonds
    #[arg(long, value_name = "CODE")]
    pub fonds: Option<String>,
    /// Name of the box, if not its folder's (one BOX only)
    #[arg(long = "box", value_name = "NAME")]
    pub box_name: Option<String>,
    /// A box of this name came from another folder, and it is the same box
    #[arg(long)]
    pub same_box: bool,
    /// Only make the originals safe; the same command without this option reads them later
    #[arg(long, conflicts_with = "inventory")]
    pub deposit_only: bool,
    /// Language models to read with, such as ron+eng
    #[arg(long, value_name = "CODES")]
    pub languages: Option<Languages>,
    /// The paper inventory to compare the box with
    #[command(flatten)]
    pub reconcile: ReconcileArgs,
}

/// Arguments of `watch`.
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// Folder into which scanners drop boxes: each folder in it is one
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// A box is complete when a file of this name is in it [default: see hrisov.toml]
    #[arg(long, value_name = "NAME")]
    pub marker: Option<String>,
    /// A box is complete when nothing in it changed for so long [default: see hrisov.toml]
    #[arg(long, value_name = "SECONDS", conflicts_with = "marker")]
    pub quiet: Option<u64>,
    /// End as soon as no box waits
    #[arg(long)]
    pub once: bool,
    /// Code of the fonds
    #[arg(long, value_name = "CODE")]
    pub fonds: Option<String>,
    /// Language models to read with, such as ron+eng
    #[arg(long, value_name = "CODES")]
    pub languages: Option<Languages>,
}

/// What `ingest` is told of the paper inventory.
#[derive(Debug, Args)]
pub struct ReconcileArgs {
    /// The box's paper inventory (CSV or XLSX): what is missing, unexpected or has another leaf count is said
    #[arg(long, value_name = "FILE")]
    pub inventory: Option<PathBuf>,
    /// How the box was scanned: fronts alone, or both sides of each leaf
    #[arg(long, value_name = "HOW", requires = "inventory", default_value = "unknown")]
    pub sides: SidesArg,
    /// Write the comparison as a .pdf to be signed, or as a .csv
    #[arg(long, value_name = "FILE", requires = "inventory")]
    pub report: Option<PathBuf>,
}

/// How a box was scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SidesArg {
    /// Fronts alone
    Simplex,
    /// Front and back of each leaf
    Duplex,
    /// Nobody knows: a range of leaves is compared
    Unknown,
}

impl From<SidesArg> for Sides {
    fn from(sides: SidesArg) -> Self {
        match sides {
            SidesArg::Simplex => Self::Simplex,
            SidesArg::Duplex => Self::Duplex,
            SidesArg::Unknown => Self::Unknown,
        }
    }
}

/// Arguments of `box`.
#[derive(Debug, Args)]
pub struct BoxArgs {
    /// What to do
    #[command(subcommand)]
    pub command: BoxCommand,
}

/// Sub-commands of `box`.
#[derive(Debug, Subcommand)]
pub enum BoxCommand {
    /// Say that a box is complete; refused while a difference is neither resolved nor signed for
    Close(CloseArgs),
    /// Let a closed box take in files again
    Reopen(ReopenArgs),
}

/// Arguments of `box close`.
#[derive(Debug, Args)]
pub struct CloseArgs {
    /// Name of the box
    #[arg(value_name = "BOX")]
    pub name: String,
    /// Code of its fonds, where several have a box of that name
    #[arg(long, value_name = "CODE")]
    pub fonds: Option<String>,
    /// Close it with the differences that are left; needs --name and --reason
    #[arg(long, requires = "by", requires = "reason")]
    pub accept_differences: bool,
    /// Who closes it
    #[arg(long = "name", value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub by: Option<String>,
    /// Why the differences are accepted
    #[arg(long, value_name = "REASON", requires = "accept_differences", value_parser = NonEmptyStringValueParser::new())]
    pub reason: Option<String>,
    /// Write the closing with the log's checkpoint as a PDF to be signed
    #[arg(long, value_name = "FILE")]
    pub certificate: Option<PathBuf>,
    /// The paper inventory to compare it with; the last comparison counts without one
    #[command(flatten)]
    pub reconcile: ReconcileArgs,
}

/// Arguments of `box reopen`.
#[derive(Debug, Args)]
pub struct ReopenArgs {
    /// Name of the box
    #[arg(value_name = "BOX")]
    pub name: String,
    /// Code of its fonds, where several have a box of that name
    #[arg(long, value_name = "CODE")]
    pub fonds: Option<String>,
    /// Who opens it
    #[arg(long = "name", value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub by: String,
    /// Why
    #[arg(long, value_name = "REASON", value_parser = NonEmptyStringValueParser::new())]
    pub reason: String,
}

/// Arguments of `replace`.
#[derive(Debug, Args)]
pub struct ReplaceArgs {
    /// The page: DOSSIER/PAGE, the dossier by identifier or reference, the page by its number
    #[arg(value_name = "DOSSIER/PAGE")]
    pub page: String,
    /// The new scan: a file with this one page
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Language models to read with, such as ron+eng
    #[arg(long, value_name = "CODES")]
    pub languages: Option<Languages>,
}

/// Arguments of `review`.
#[derive(Debug, Args)]
pub struct ReviewArgs {
    /// Pages as `status --doubtful` lists them: DOSSIER/PAGE, the dossier by identifier or reference
    #[arg(value_name = "DOSSIER/PAGE", required = true)]
    pub pages: Vec<String>,
    /// What is decided
    #[command(flatten)]
    pub verdict: VerdictArgs,
    /// Who decides: the name of a person, which is kept
    #[arg(long = "name", value_name = "NAME")]
    pub by: PersonName,
}

/// What is decided of pages.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct VerdictArgs {
    /// They are in order: their doubts of now are settled, and they are listed no more
    #[arg(long)]
    pub fine: bool,
    /// They are to be scanned again
    #[arg(long)]
    pub rescan: bool,
    /// What was decided earlier does not hold: they are to be looked at again
    #[arg(long)]
    pub withdraw: bool,
}

impl VerdictArgs {
    /// The one that is given.
    pub const fn verdict(&self) -> Verdict {
        match (self.fine, self.rescan) {
            (true, _) => Verdict::Fine,
            (false, true) => Verdict::Rescan,
            (false, false) => Verdict::Withdrawn,
        }
    }
}

/// Arguments of `status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// One batch, by the beginning of its identifier or by the name of its box
    pub batch: Option<String>,
    /// List the batch's files
    #[arg(long, requires = "batch", group = "listing")]
    pub files: bool,
    /// Only files in this state: stored, duplicate, ignored, quarantined
    #[arg(long, requires = "files", value_name = "STATE", value_parser = ["stored", "duplicate", "ignored", "quarantined"])]
    pub state: Option<String>,
    /// List them as CSV: of doubtful pages, a line for each reason
    #[arg(long, requires = "listing", conflicts_with = "json")]
    pub csv: bool,
    /// Pages to look at or scan again
    #[command(flatten)]
    pub doubtful: DoubtfulArgs,
}

/// What `status` is asked about pages that somebody should look at.
#[derive(Debug, Args)]
pub struct DoubtfulArgs {
    /// List the pages to look at or scan again, with the reason and the file
    #[arg(long, conflicts_with = "files", group = "listing")]
    pub doubtful: bool,
    /// Only of this box
    #[arg(
        long = "box",
        value_name = "NAME",
        requires = "doubtful",
        conflicts_with = "batch"
    )]
    pub box_name: Option<String>,
    /// Only for this reason, such as blurred or cut_off
    #[arg(long, value_name = "REASON", requires = "doubtful")]
    pub doubt: Vec<Doubt>,
    /// Only pages of which this was decided: undecided, rescan, fine [default: undecided and rescan]
    #[arg(long, value_name = "DECISION", requires = "doubtful")]
    pub decision: Vec<Decision>,
}

/// Arguments of `retry`.
#[derive(Debug, Args)]
pub struct RetryArgs {
    /// The batch, by the beginning of its identifier or by the name of its box
    pub batch: String,
    /// Only what ended for this reason, such as timed_out, too_large or decoder_failed
    #[arg(long, value_name = "REASON", value_parser = reason)]
    pub reason: Option<String>,
    /// Language models to read with, such as ron+eng
    #[arg(long, value_name = "CODES")]
    pub languages: Option<Languages>,
}

/// Arguments of `worker`.
#[derive(Debug, Args)]
pub struct WorkerArgs {
    /// Language models to read with, such as ron+eng
    #[arg(long, value_name = "CODES")]
    pub languages: Option<Languages>,
}

/// The reason of a quarantined file or of an unreadable page.
fn reason(text: &str) -> Result<String, String> {
    let of_file = QuarantineReason::ALL.map(|reason| reason.to_string());
    let of_page = UnreadableReason::ALL.map(|reason| reason.to_string());
    let mut known: Vec<String> = of_file.into_iter().chain(of_page).collect();
    known.sort();
    known.dedup();
    match known.iter().any(|reason| reason == text) {
        true => Ok(text.to_owned()),
        false => Err(format!("give one of {}", known.join(", "))),
    }
}
