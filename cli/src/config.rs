//! `hrisov.toml`: the archive's configuration, with every key commented.

use std::{
    fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, bail};
use hrisov_audit::Schedule;
use hrisov_imaging::Limits;
use hrisov_ingest::RETRY_PAUSE;
use hrisov_model::{Languages, Thresholds};
use serde::Deserialize;

use crate::args::Rate;

/// Name of the configuration file in the archive's folder.
pub const FILE_NAME: &str = "hrisov.toml";
/// The layout of the archive's folder that this program knows.
const ARCHIVE_VERSION: u32 = 1;

/// The configuration of one archive.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Layout of the folder: checked before anything else is read.
    #[serde(rename = "archive_version")]
    _archive_version: u32,
    /// Where objects lie.
    pub store: Place,
    /// Where the catalog lies.
    pub catalog: Place,
    /// The log.
    #[serde(default)]
    pub ledger: LedgerConfig,
    /// Loading.
    #[serde(default)]
    pub ingest: IngestConfig,
    /// Watching a folder for boxes.
    #[serde(default)]
    pub watch: WatchConfig,
    /// From figures of pages to doubts.
    #[serde(default)]
    pub doubts: Thresholds,
    /// Verifying everything in its turn.
    #[serde(default)]
    pub verify: VerifyConfig,
    /// Bounds for untrusted files.
    #[serde(default)]
    limits: LimitsConfig,
    /// The server.
    #[serde(default)]
    pub serve: ServeConfig,
}

/// An address.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// A path (relative to the archive's folder) or a URL.
    pub url: String,
}

/// `[ledger]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LedgerConfig {
    /// Folder of the signing key and of the memory of what it signed last, apart from the store.
    pub keys: String,
    /// Public keys of witnesses whose signatures are believed.
    pub witness_keys: Vec<String>,
    /// Where a time-stamping authority (RFC 3161) is asked.
    pub stamp_url: Option<String>,
    /// File of the certificates of trusted authorities, PEM.
    pub stamp_roots: Option<PathBuf>,
}

/// `[ingest]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IngestConfig {
    /// Code of the fonds where none is given.
    pub fonds: String,
    /// Language models.
    pub languages: Languages,
    /// Worker processes; as many as cores where 0.
    workers: usize,
    /// Pause before a failed job is tried again.
    retry_pause_ms: u64,
}

/// `[watch]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WatchConfig {
    /// Name of the file that says that a box is complete.
    marker: String,
    /// How long nothing in a box may change before it is taken, where no marker is used.
    pub quiet_seconds: u64,
    /// Pause between two looks.
    pub look_seconds: u64,
}

/// `[verify]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VerifyConfig {
    /// Each dossier is read again and compared at least once in so many days; 0 = never without being told.
    every_days: u32,
    /// No faster than this.
    pub rate: Rate,
}

/// `[limits]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LimitsConfig {
    file_mib: u64,
    megapixels: u64,
    pages: u32,
    page_seconds: u64,
    worker_memory_mib: u64,
}

/// `[serve]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServeConfig {
    /// Address and port.
    pub listen: std::net::SocketAddr,
    /// Origins of other sites whose viewers may read pages through IIIF.
    pub viewer_origins: Vec<String>,
}

impl Default for LedgerConfig {
    fn default() -> Self {
        Self {
            keys: "keys".to_owned(),
            witness_keys: Vec::new(),
            stamp_url: None,
            stamp_roots: None,
        }
    }
}

impl WatchConfig {
    /// The marker, where one is used.
    pub fn marker(&self) -> Option<&str> {
        Some(self.marker.as_str()).filter(|marker| !marker.is_empty())
    }
}

impl Default for WatchConfig {
    fn default() -> Self {
        Self {
            marker: String::new(),
            quiet_seconds: 60,
            look_seconds: 5,
        }
    }
}

impl Default for IngestConfig {
    fn default() -> Self {
        Self {
            fonds: "F1".to_owned(),
            languages: Languages::default(),
            workers: 0,
            retry_pause_ms: RETRY_PAUSE.as_millis() as u64,
        }
    }
}

impl Default for VerifyConfig {
    fn default() -> Self {
        Self {
            every_days: 90,
            rate: "20MB/s".parse().expect("it is a rate"),
        }
    }
}

impl VerifyConfig {
    /// When everything has its turn; `None` where nobody wants it.
    pub fn schedule(&self) -> Option<Schedule> {
        let every_days = self.every_days;
        (every_days > 0).then_some(Schedule { every_days })
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        let limits = Limits::default();
        Self {
            file_mib: limits.file_bytes >> 20,
            megapixels: limits.pixels / 1_000_000,
            pages: limits.pages,
            page_seconds: limits.page_time.as_secs(),
            worker_memory_mib: limits.memory_bytes >> 20,
        }
    }
}

impl Default for ServeConfig {
    fn default() -> Self {
        Self {
            listen: ([127, 0, 0, 1], 8080).into(),
            viewer_origins: Vec::new(),
        }
    }
}

impl IngestConfig {
    /// Pause before a failed job is tried again.
    pub fn retry_pause(&self) -> Duration {
        Duration::from_millis(self.retry_pause_ms)
    }

    /// Worker processes to run.
    pub fn workers(&self) -> NonZeroUsize {
        let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        NonZeroUsize::new(self.workers).unwrap_or_else(cores)
    }
}

impl Config {
    /// Reads the configuration of the archive in `folder`.
    ///
    /// # Errors
    /// Where there is none, it cannot be understood, or another program version made it.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(FILE_NAME);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => bail!(
                "there is no archive in {}: make one with `hrisov init {0}`, or correct --archive",
                folder.display()
            ),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        Self::parse(&text).with_context(|| format!("{} cannot be used", path.display()))
    }

    /// Understands a configuration.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct Version {
            archive_version: Option<u32>,
        }
        // The version first: a newer file may have keys that would only be "unknown" here.
        let version: Version = toml::from_str(text)?;
        match version.archive_version {
            Some(ARCHIVE_VERSION) => {
                let config: Self = toml::from_str(text)?;
                config.doubts.clone().checked().context("in [doubts]")?;
                Ok(config)
            }
            Some(other) => bail!(
                "the archive has layout version {other}, this program knows version {ARCHIVE_VERSION}: use the hrisov that \
                 made it, or a newer one"
            ),
            None => bail!("archive_version is missing"),
        }
    }

    /// Bounds for untrusted files.
    pub fn limits(&self) -> Limits {
        Limits {
            file_bytes: self.limits.file_mib << 20,
            pixels: self.limits.megapixels * 1_000_000,
            pages: self.limits.pages,
            page_time: Duration::from_secs(self.limits.page_seconds),
            memory_bytes: self.limits.worker_memory_mib << 20,
        }
    }

    /// The text of a new archive's configuration: every key with its default and what it means.
    pub fn template(store: &str, catalog: &str) -> String {
        let doubts = Thresholds::default();
        let (ledger, ingest, watch, verify, limits, serve) = (
            LedgerConfig::default(),
            IngestConfig::default(),
            WatchConfig::default(),
            VerifyConfig::default(),
            LimitsConfig::default(),
            ServeConfig::default(),
        );
        format!(
            r#"# Configurația arhivei / configuration of the archive. Chei comentate = valori implicite.

# Layout of this folder; never change it by hand.
archive_version = {ARCHIVE_VERSION}

[store]
# Unde stau obiectele: un dosar (relativ la acesta) sau s3://GALEATA/PREFIX?endpoint=URL&region=NUME&path-style=true
# Where objects lie: a folder (relative to this one), or an S3 bucket. Credentials come from the usual AWS
# variables or profile, never from this file.
url = {store}

[catalog]
# A file on a local disk (never on a network share), relative to this folder.
url = {catalog}

[ledger]
# Cheia cu care se semnează registrul: păstrați o copie a ei în altă parte, niciodată lângă depozit.
# Folder of the key that signs the log, relative to this one; never inside the store. Keep a copy of the key in a
# safe place: without it the log can still be read and checked, but nothing can be added.
# keys = "{keys}"
# Public keys of witnesses whose signatures under the log's checkpoints are believed.
# witness_keys = []
# A time-stamping authority (RFC 3161), and a PEM file of the certificates that it is trusted by:
#   stamp_url = "http://tsa.example/"
#   stamp_roots = "keys/authority.pem"

[ingest]
# Code of the fonds where --fonds is not given.
# fonds = "{fonds}"
# Tesseract language models, the most likely first; each needs its package (tesseract-ocr-ron, ...).
# languages = "{languages}"
# Worker processes; 0 = as many as cores.
# workers = 0
# Pause in milliseconds before a failed job is tried again, doubled for each further try (three in all).
# retry_pause_ms = {retry_pause_ms}

[watch]
# Numele fișierului care arată că o cutie e completă, scris ultimul; fără el, o cutie se ia când nu se mai schimbă.
# Name of the file that says that a box is complete, written last; without one, a box is taken once nothing in it
# changes any more.
# marker = "{marker}"
# How many seconds nothing may change.
# quiet_seconds = {quiet_seconds}
# Seconds between two looks.
# look_seconds = {look_seconds}

[doubts]
# Când o pagină cere atenție (hrisov status --doubtful). O schimbare are efect imediat, fără a citi din nou.
# When a page asks for attention; docs/doubts.md says how the figures were measured. Shares are of 1.
# Ink on less than this share of the page: nearly blank; blank where strokes are weaker than that share of the paper.
# blank_contrast = {blank_contrast:?}
# But too faint where so much of the page lies in lines of writing.
# line_share = {line_share:?}
# nearly_blank_ink_share = {nearly_blank_ink_share:?}
# Paper darker than this, or black on more than this share of the page: too dark.
# dark_paper_level = {dark_paper_level:?}
# dark_black_share = {dark_black_share:?}
# Ink weaker than this share of the paper: too faint.
# faint_contrast = {faint_contrast:?}
# Edges of letters softer than this (1 to 9; print has 2.3 and more): blurred.
# blurred_sharpness = {blurred_sharpness:?}
# Lines that lean by more degrees: skewed.
# skew_degrees = {skew_degrees:?}
# So many words or more that end at one edge of the picture, or letters cut through where no words were read: cut off.
# cut_words = {cut_words}
# cut_letters = {cut_letters}
# Letters lower than this, in pixels: resolution too low; where no letters are seen, what the file states.
# low_letter_height_px = {low_letter_height_px:?}
# low_dpi = {low_dpi}
# Text read with less confidence than this, in percent, and nothing wrong with the picture: low confidence.
# low_confidence_percent = {low_confidence_percent}
# Small words of other languages on more than this percent of the words, less those of the expected ones: another
# language.
# foreign_percent = {foreign_percent}
# Pages of one box whose writing stands alike within this distance, and which have this share of their words in
# common, and that share of the words that hardly any other page has: may be one sheet that was scanned twice.
# duplicate_distance = {duplicate_distance:?}
# duplicate_words = {duplicate_words:?}
# duplicate_own_words = {duplicate_own_words:?}

[verify]
# La câte zile cel mult se recitește și se compară fiecare dosar, cel mai vechi întâi: cât timp merge hrisov serve, după
# hrisov worker și cu hrisov verify --due. 0 = niciodată de la sine.
# Each dossier is read again and compared at least once in so many days, the longest ago first: while hrisov serve runs,
# after hrisov worker, and by hrisov verify --due. 0 = never by itself.
# every_days = {every_days}
# No faster than this, so that people are not kept waiting.
# rate = "{rate}"

[limits]
# Largest file that is opened, in MiB.
# file_mib = {file_mib}
# Largest page, in millions of pixels.
# megapixels = {megapixels}
# Most pages in one file.
# pages = {pages}
# Longest time of the processor for one page, in seconds; it gets one more try.
# page_seconds = {page_seconds}
# Memory of one worker process, in MiB.
# worker_memory_mib = {worker_memory_mib}

[serve]
# Address and port; only loopback for now.
# listen = "{listen}"
# Vizualizatoare IIIF ale altor site-uri care pot citi arhiva prin navigatorul cui le deschide.
# Sites whose IIIF viewers may read the whole archive through the browser of whoever opens them, such as
# ["https://viewer.example"].
# viewer_origins = []
"#,
            store = toml::Value::from(store),
            catalog = toml::Value::from(catalog),
            keys = ledger.keys,
            fonds = ingest.fonds,
            languages = ingest.languages,
            retry_pause_ms = ingest.retry_pause_ms,
            marker = watch.marker,
            quiet_seconds = watch.quiet_seconds,
            look_seconds = watch.look_seconds,
            line_share = doubts.line_share,
            blank_contrast = doubts.blank_contrast,
            nearly_blank_ink_share = doubts.nearly_blank_ink_share,
            dark_paper_level = doubts.dark_paper_level,
            dark_black_share = doubts.dark_black_share,
            faint_contrast = doubts.faint_contrast,
            blurred_sharpness = doubts.blurred_sharpness,
            skew_degrees = doubts.skew_degrees,
            cut_words = doubts.cut_words,
            cut_letters = doubts.cut_letters,
            low_letter_height_px = doubts.low_letter_height_px,
            low_dpi = doubts.low_dpi,
            low_confidence_percent = doubts.low_confidence_percent,
            foreign_percent = doubts.foreign_percent,
            duplicate_distance = doubts.duplicate_distance,
            duplicate_words = doubts.duplicate_words,
            duplicate_own_words = doubts.duplicate_own_words,
            every_days = verify.every_days,
            rate = verify.rate,
            file_mib = limits.file_mib,
            megapixels = limits.megapixels,
            pages = limits.pages,
            page_seconds = limits.page_seconds,
            worker_memory_mib = limits.worker_memory_mib,
            listen = serve.listen,
        )
    }
}

/// A path of the configuration, relative to the archive's folder.
pub fn local_path(folder: &Path, url: &str) -> PathBuf {
    folder.join(url.strip_prefix("file://").unwrap_or(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_means_the_defaults_with_or_without_comments() {
        let template = Config::template("store", "catalog.sqlite");
        let commented = Config::parse(&template).unwrap();
        let keys: String = template
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(key) if key.split_once(" = ").is_some_and(|(key, _)| !key.contains(' ')) => {
                    format!("{key}\n")
                }
                _ => format!("{line}\n"),
            })
            .collect();
        let spelled_out = Config::parse(&keys).unwrap();
        assert_eq!(format!("{commented:?}"), format!("{spelled_out:?}"));
        assert_eq!(commented.limits().pixels, Limits::default().pixels);
    }

    #[test]
    fn unknown_keys_and_versions_are_refused() {
        let template = Config::template("store", "catalog.sqlite");
        let newer = template.replace("archive_version = 1", "archive_version = 2");
        assert!(
            Config::parse(&newer)
                .unwrap_err()
                .to_string()
                .contains("version 2")
        );
        assert!(Config::parse(&format!("{template}\nlimba = \"ro\"\n")).is_err());
    }
}
