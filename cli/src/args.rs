//! What can be typed: arguments as types, checked before anything runs.

mod loading;
mod rate;
mod searching;

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

pub use self::{
    loading::{
        BoxArgs, BoxCommand, CloseArgs, IngestArgs, ReconcileArgs, ReopenArgs, ReplaceArgs, RetryArgs,
        ReviewArgs, StatusArgs, WatchArgs, WorkerArgs,
    },
    rate::Rate,
    searching::SearchArgs,
};

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
    /// Read what waits to be read after `ingest --deposit-only` or an interrupted load; the boxes are not needed
    Worker(WorkerArgs),
    /// Take up again the quarantined files and unreadable pages of a batch
    Retry(RetryArgs),
    /// Close a box once everything in it is accounted for, or open it again
    #[command(name = "box")]
    Box(BoxArgs),
    /// Load every box that appears in a folder, once it is complete
    Watch(WatchArgs),
    /// Put a page that was scanned again in the place of the old one, which is kept
    Replace(ReplaceArgs),
    /// Say of doubtful pages that they are in order, or are to be scanned again
    Review(ReviewArgs),
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
    /// Put back, bit for bit, what is damaged or gone, from a second copy of the store
    Repair(RepairArgs),
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
    /// Identifiers or references; the whole archive without any, and where it was interrupted, the rest of it
    pub dossiers: Vec<String>,
    /// Read everything, also what an interrupted verification has read already
    #[arg(long, conflicts_with_all = ["dossiers", "due"])]
    pub anew: bool,
    /// Read only what has its turn by [verify] in hrisov.toml, and log how it is: for a timer where nothing is served
    #[arg(long, conflicts_with = "dossiers")]
    pub due: bool,
    /// Read the store no faster than this, such as 50MB/s [with --due: see hrisov.toml]
    #[arg(long, value_name = "RATE")]
    pub rate: Option<Rate>,
}

/// Arguments of `repair`.
#[derive(Debug, Args)]
pub struct RepairArgs {
    /// Identifiers or references; without any, the log, and all in which the last verification found something
    pub dossiers: Vec<String>,
    /// The second store: another archive's folder, a copy of the store's folder, or s3://BUCKET/PREFIX?...
    #[arg(long, value_name = "STORE")]
    pub from: String,
    /// Only say what would be put back
    #[arg(long)]
    pub dry_run: bool,
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
    Cosign(CosignArgs),
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
    /// Only the dossiers of this fonds; the log as a whole
    #[arg(long, value_name = "CODE")]
    pub fonds: Option<String>,
    /// Write it as a PDF to be signed
    #[arg(long, value_name = "FILE")]
    pub pdf: Option<PathBuf>,
}

/// How others are asked: over the network, or by files on a stick.
#[derive(Debug, Args)]
pub struct AttestArgs {
    /// Ask at this address (http://... or https://...)
    #[arg(long, value_name = "URL", conflicts_with_all = ["request", "answer"])]
    pub url: Option<String>,
    /// Write the request to a file instead
    #[arg(long, value_name = "FILE", conflicts_with = "answer")]
    pub request: Option<PathBuf>,
    /// Take in the answer to such a request
    #[arg(long, value_name = "FILE")]
    pub answer: Option<PathBuf>,
}

/// Arguments of `audit cosign`.
#[derive(Debug, Args)]
pub struct CosignArgs {
    /// How the witness is asked
    #[command(flatten)]
    pub exchange: AttestArgs,
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
