//! What can be typed: arguments as types, checked before anything runs.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum, builder::NonEmptyStringValueParser};
use hrisov_index::{IndexError, Quality, SearchCursor, Sort};
use hrisov_inventory::Sides;
use hrisov_model::{Doubt, Languages, QuarantineReason, UnreadableReason};

/// From boxes of scanned paper to an archive that can be searched, shown and proven.
#[derive(Debug, Parser)]
#[command(name = "hrisov", version, propagate_version = true, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    /// Folder of the archive
    #[arg(long, global = true, env = "HRISOV_ARCHIVE", value_name = "DIR")]
    pub archive: Option<PathBuf>,

    /// Print one JSON value instead of text
    #[arg(long, global = true)]
    pub json: bool,

    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes:
  0  done
  1  failed; the message says why and what to do
  2  wrong usage
  3  done, but some files are quarantined (see `hrisov status BATCH --files`)
  4  integrity findings, a proof that is refused, or a box that is not closed for its differences
  5  a proof is consistent, but its signer is unknown: give --key

Examples:
  hrisov init /srv/arhiva
  hrisov --archive /srv/arhiva ingest /mnt/scan/cutia-12
  hrisov --archive /srv/arhiva search \"anchetă socială Popescu\"
  hrisov --archive /srv/arhiva verify";

/// Every sub-command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make an archive in a folder; its objects may lie on S3
    Init(InitArgs),
    /// Load boxes of scans; safe to repeat
    Ingest(IngestArgs),
    /// Take up again the quarantined files and unreadable pages of a batch
    Retry(RetryArgs),
    /// Close a box once everything in it is accounted for, or open it again
    #[command(name = "box")]
    Box(BoxArgs),
    /// Load every box that appears in a folder, once it is complete
    Watch(WatchArgs),
    /// Put a page that was scanned again in the place of the old one, which is kept
    Replace(ReplaceArgs),
    /// What is done, waiting, quarantined, and why
    Status(StatusArgs),
    /// Find pages
    Search(SearchArgs),
    /// The recognised text of a page
    Text(TextArgs),
    /// Serve the API and pages on this machine
    Serve(ServeArgs),
    /// Re-hash everything; check store, catalog, log and index against each other
    Verify(VerifyArgs),
    /// Write a proof that a dossier, or the file of a page, is as it was deposited; others check it without us
    Prove(ProveArgs),
    /// Check a proof, without archive and network
    VerifyProof(VerifyProofArgs),
    /// Whether today's log extends the one that you saw earlier
    #[command(args_conflicts_with_subcommands = true)]
    Audit(AuditArgs),
    /// Print separator sheets for the dossiers of an inventory
    Sheets(SheetsArgs),
    /// Vouch that other archives' logs only grow; needs no archive
    Witness(WitnessArgs),
    /// Make catalog and index again from nothing but the store
    Rebuild,
    /// What is installed, reachable, writable; what to do about it
    Doctor,
    /// Reads pages for the other commands
    #[command(hide = true)]
    PageWorker,
}

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Folder of the archive (instead of --archive)
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Where the objects lie: a folder, or s3://BUCKET/PREFIX?endpoint=URL&region=NAME&path-style=true
    #[arg(long, value_name = "URL", default_value = "store")]
    pub store: String,
    /// Where the catalog lies: a file on a local disk
    #[arg(long, value_name = "URL", default_value = "catalog.sqlite")]
    pub catalog: String,
}

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

/// Arguments of `sheets`.
#[derive(Debug, Args)]
pub struct SheetsArgs {
    /// The box's paper inventory (CSV or XLSX)
    #[arg(value_name = "INVENTORY")]
    pub inventory: PathBuf,
    /// The PDF to write, one A4 page a dossier
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
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

/// Arguments of `search`.
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// Words to find: quotes within make a phrase, a minus leaves out; also an:1978, nr:1245/1978, cnp:NUMBER
    #[arg(required_unless_present_any = ["fonds", "department", "box_name", "kind", "quality", "years"],
        num_args = 1.., value_name = "QUERY", allow_hyphen_values = false)]
    pub query: Vec<String>,
    /// Most dossiers to show
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub limit: usize,
    /// Dossiers to leave out from the front
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub offset: usize,
    /// Most pages to show of each dossier
    #[arg(long, default_value_t = 5, value_name = "N")]
    pub pages: usize,
    /// Go on behind this place: `next` of the answer before
    #[arg(long, value_name = "PLACE", value_parser = search_cursor, conflicts_with = "offset")]
    pub after: Option<SearchCursor>,
    /// Which dossiers come first
    #[arg(long, value_name = "ORDER", default_value = "relevance")]
    pub sort: SortArg,
    /// Count what the answer can be narrowed by
    #[arg(long)]
    pub facets: bool,
    /// What the dossiers must have beside the words
    #[command(flatten)]
    pub filters: FilterArgs,
}

/// What dossiers must have; of one kind of filter any value will do.
#[derive(Debug, Args)]
pub struct FilterArgs {
    /// Only of this fonds
    #[arg(long, value_name = "CODE")]
    pub fonds: Vec<String>,
    /// Only from this department
    #[arg(long, value_name = "NAME")]
    pub department: Vec<String>,
    /// Only of this box
    #[arg(long = "box", value_name = "NAME")]
    pub box_name: Vec<String>,
    /// Only with this kind of document, such as cerere or proces_verbal
    #[arg(long, value_name = "KIND")]
    pub kind: Vec<String>,
    /// Only read so well
    #[arg(long, value_name = "HOW")]
    pub quality: Vec<QualityArg>,
    /// Only of these years: 1978, 1970-1979, 1970- or -1979
    #[arg(long, value_name = "YEARS", value_parser = years, allow_hyphen_values = true)]
    pub years: Option<(u16, u16)>,
}

/// Which dossiers come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SortArg {
    /// The best match
    Relevance,
    /// The oldest; those without any date last
    Oldest,
    /// The newest; those without any date last
    Newest,
}

/// How well a dossier could be read: its worst page counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum QualityArg {
    /// With confidence throughout
    Good,
    /// A page with little confidence
    Doubtful,
    /// A page that could not be read
    Unreadable,
}

impl From<SortArg> for Sort {
    fn from(sort: SortArg) -> Self {
        match sort {
            SortArg::Relevance => Self::Relevance,
            SortArg::Oldest => Self::Oldest,
            SortArg::Newest => Self::Newest,
        }
    }
}

impl From<QualityArg> for Quality {
    fn from(quality: QualityArg) -> Self {
        match quality {
            QualityArg::Good => Self::Good,
            QualityArg::Doubtful => Self::Doubtful,
            QualityArg::Unreadable => Self::Unreadable,
        }
    }
}

fn search_cursor(text: &str) -> Result<SearchCursor, String> {
    text.parse().map_err(|error: IndexError| error.to_string())
}

/// One year, or two with a dash between of which one may be left out.
fn years(text: &str) -> Result<(u16, u16), String> {
    let year = |text: &str, open: u16| match text {
        "" => Ok(open),
        text => text
            .parse::<u16>()
            .ok()
            .filter(|year| (1..=9999).contains(year))
            .ok_or_else(|| format!("{text:?} is no year: give one such as 1978, or two such as 1970-1979")),
    };
    match text.split_once('-') {
        Some(("", "")) => Err("give a year such as 1978, or two such as 1970-1979".to_owned()),
        Some((first, last)) => Ok((year(first, 1)?, year(last, 9999)?)),
        None => Ok((year(text, 0)?, year(text, 0)?)),
    }
}

/// Arguments of `text`.
#[derive(Debug, Args)]
pub struct TextArgs {
    /// Identifier or reference (folder or file name, BOX/NAME, FONDS/BOX/NAME)
    pub dossier: String,
    /// Number of the page, from 1
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub page: u32,
    /// The ALTO file instead of plain text
    #[arg(long)]
    pub alto: bool,
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address and port; loopback only for now
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Identifiers or references; the whole archive without any
    pub dossiers: Vec<String>,
}

/// Arguments of `prove`.
#[derive(Debug, Args)]
pub struct ProveArgs {
    /// A dossier (identifier or reference), or DOSSIER/PAGE for the file of that page
    #[arg(value_name = "DOSSIER[/PAGE]")]
    pub subject: String,
    /// The bundle to write, a .zip
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// Arguments of `verify-proof`.
#[derive(Debug, Args)]
pub struct VerifyProofArgs {
    /// The bundle
    pub file: PathBuf,
    /// A public key that you trust, of the log or of a witness: as text, or a file (log.pub or key.pem)
    #[arg(long = "key", value_name = "KEY")]
    pub keys: Vec<String>,
    /// Certificates of trusted time-stamping authorities (PEM)
    #[arg(long, value_name = "FILE")]
    pub roots: Option<PathBuf>,
}

/// Arguments of `audit`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// What else to do
    #[command(subcommand)]
    pub command: Option<AuditCommand>,
    /// An earlier checkpoint: a file, or the printed form as it was typed in
    #[arg(long, value_name = "CHECKPOINT")]
    pub since: Option<String>,
    /// The log's public key as you know it, instead of the archive's own copy
    #[arg(long = "key", value_name = "KEY", requires = "since")]
    pub keys: Vec<String>,
}

/// Sub-commands of `audit`.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Print today's checkpoint, to be kept or signed on paper
    Checkpoint(CheckpointArgs),
    /// Verify everything and report what is held, what was found, what is proven and what is not
    Report(ReportArgs),
    /// Have a time-stamping authority (RFC 3161) vouch for today's checkpoint
    Stamp(StampArgs),
    /// Have a witness sign today's checkpoint
    Cosign(AttestArgs),
    /// Make a new key for the log, in the place of one that was lost, stolen or is old
    NewKey,
}

/// Arguments of `audit checkpoint`.
#[derive(Debug, Args)]
pub struct CheckpointArgs {
    /// Also write it to a file, as the log signed it
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Arguments of `audit report`; the text on the screen without any.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Write it as a page for a browser
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write it as a PDF to be signed
    #[arg(long, value_name = "FILE")]
    pub pdf: Option<PathBuf>,
}

/// How others are asked: over the network, or by files on a stick.
#[derive(Debug, Args)]
pub struct AttestArgs {
    /// Ask at this address (http://...)
    #[arg(long, value_name = "URL", conflicts_with_all = ["request", "answer"])]
    pub url: Option<String>,
    /// Write the request to a file instead
    #[arg(long, value_name = "FILE", conflicts_with = "answer")]
    pub request: Option<PathBuf>,
    /// Take in the answer to such a request
    #[arg(long, value_name = "FILE")]
    pub answer: Option<PathBuf>,
    /// How many leaves the witness knows already, where it is not the one that signed last
    #[arg(long, value_name = "LEAVES")]
    pub known: Option<u64>,
}

/// Arguments of `audit stamp`.
#[derive(Debug, Args)]
pub struct StampArgs {
    /// How the authority is asked
    #[command(flatten)]
    pub exchange: AttestArgs,
    /// Certificates of trusted authorities (PEM)
    #[arg(long, value_name = "FILE")]
    pub roots: Option<PathBuf>,
}

/// Arguments of `witness`.
#[derive(Debug, Args)]
pub struct WitnessArgs {
    /// What to do
    #[command(subcommand)]
    pub command: WitnessCommand,
}

/// Sub-commands of `witness`; DIR is its own folder.
#[derive(Debug, Subcommand)]
pub enum WitnessCommand {
    /// Make a witness: its key, and the public key that it gives away
    New {
        /// Its folder
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Its name, such as arhive.judet.ro/martor
        #[arg(long)]
        name: String,
    },
    /// Watch a log from now on
    Watch {
        /// The witness's folder
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// The log's public key: its log.pub, or its text
        key: String,
    },
    /// Sign a request that came as a file
    Sign {
        /// The witness's folder
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// What `hrisov audit cosign --request` wrote
        request: PathBuf,
        /// The answer to write
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Answer requests over HTTP
    Serve {
        /// The witness's folder
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Address and port
        #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8090")]
        listen: SocketAddr,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_one_or_two() {
        for (text, expected) in [
            ("1978", Some((1978, 1978))),
            ("1970-1979", Some((1970, 1979))),
            ("1970-", Some((1970, 9999))),
            ("-1979", Some((1, 1979))),
            ("-", None),
            ("", None),
            ("abc", None),
            ("1970-1979-1980", None),
            ("12345", None),
        ] {
            assert_eq!(years(text).ok().filter(|years| years.0 > 0), expected, "{text}");
        }
    }
}
