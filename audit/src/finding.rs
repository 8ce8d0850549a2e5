//! What an audit found.

use hrisov_catalog::CatalogError;
use hrisov_index::IndexError;
use hrisov_store::ocfl::{self, FaultyContent};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What kind of thing.
    pub kind: FindingKind,
    /// The dossier, by box and reference where the catalog knows it, else by its identifier.
    pub dossier: Option<String>,
    /// Where: a key of the store, or the part that disagrees.
    pub path: String,
    /// The particulars in plain words.
    pub detail: String,
}

/// Kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// Bytes are not those that were deposited.
    Damaged,
    /// Something that the catalog or an inventory names is not there.
    Missing,
    /// Something is there that nothing names.
    Extra,
    /// An inventory, its sidecar or a declaration is not as it should be.
    Inventory,
    /// A text or description cannot be read, though its bytes are as stored.
    Unreadable,
    /// The catalog says something else than the store.
    Catalog,
    /// The log is not whole, not signed by its key, or does not say what the archive holds.
    Ledger,
    /// The index does not hold what the catalog says.
    Index,
}

/// How much was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Checked {
    /// Dossiers in the store.
    pub dossiers: u64,
    /// Content files re-hashed.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Texts read as ALTO.
    pub texts: u64,
    /// Leaves of the log compared with their events.
    pub leaves: u64,
    /// Events that the log does not have yet.
    pub leaves_waiting: u64,
    /// Pages looked up in the index.
    pub index_pages: u64,
    /// Leaves of the log with an earlier time than one before them about the same dossier: the clock was put
    /// back in between. Their order holds, their times are doubtful.
    #[serde(default)]
    pub doubtful_times: u64,
}

/// The result of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// Whether there is no finding.
    pub ok: bool,
    /// How much was looked at.
    pub checked: Checked,
    /// The interrupted verification that this one went on with, if one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resumed: Option<Resumed>,
    /// What is wrong, by dossier.
    pub findings: Vec<Finding>,
}

/// An interrupted verification that was gone on with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resumed {
    /// When it was begun (UTC).
    pub started_at: Timestamp,
    /// Dossiers that were verified before it was interrupted and are not read again.
    pub dossiers: u64,
}

impl Report {
    /// Where the catalog itself is damaged so that nothing can be verified by it.
    #[must_use]
    pub fn of_catalog(error: &CatalogError) -> Self {
        Self {
            findings: vec![Finding {
                kind: FindingKind::Catalog,
                dossier: None,
                path: "catalog".to_owned(),
                detail: error.to_string(),
            }],
            ..Self::default()
        }
    }
}

impl Checked {
    /// Adds what another part looked at.
    pub const fn add(&mut self, other: Self) {
        self.dossiers += other.dossiers;
        self.files += other.files;
        self.bytes += other.bytes;
        self.texts += other.texts;
        self.leaves += other.leaves;
        self.leaves_waiting += other.leaves_waiting;
        self.index_pages += other.index_pages;
        self.doubtful_times += other.doubtful_times;
    }
}

impl Finding {
    /// An index that cannot be opened or read: another archive's, another version's, or damaged.
    #[must_use]
    pub fn of_index(error: &IndexError) -> Self {
        Self {
            kind: FindingKind::Index,
            dossier: None,
            path: "index".to_owned(),
            detail: error.to_string(),
        }
    }

    /// As the catalog and the store's journal keep it.
    pub(crate) fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// What a finding of the OCFL validator means to an auditor. The inventories of several versions report
    /// the same content file alike, so that equal findings can be told once.
    pub(crate) fn of_ocfl(found: &ocfl::Finding, dossier: Option<String>) -> Self {
        let (kind, path, detail) = match &found.content {
            Some(FaultyContent::Absent(key)) => (
                FindingKind::Missing,
                key.to_string(),
                format!("{}: it is not there", found.code),
            ),
            Some(FaultyContent::Altered(key)) => (
                FindingKind::Damaged,
                key.to_string(),
                format!(
                    "{}: its bytes do not have the SHA-256 of the inventory",
                    found.code
                ),
            ),
            Some(FaultyContent::Unnamed(key)) => (
                FindingKind::Extra,
                key.to_string(),
                format!("{}: no inventory names it", found.code),
            ),
            None => (
                kind(found.code.as_str()),
                found.path.to_string(),
                format!("{}: {}", found.code, found.detail),
            ),
        };
        Self {
            kind,
            dossier,
            path,
            detail,
        }
    }
}

fn kind(code: &str) -> FindingKind {
    match code {
        // Declarations, versions or inventories that are not there.
        "E003" | "E008" | "E010" | "E063" | "W010" => FindingKind::Missing,
        // Files and folders that nothing names.
        "E001" | "E015" | "E023" | "E067" | "E072" | "E073" | "E084" | "E085" | "E088" => FindingKind::Extra,
        _ => FindingKind::Inventory,
    }
}
