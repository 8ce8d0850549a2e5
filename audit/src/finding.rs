//! What an audit found.

use serde::Serialize;

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
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
    /// The index does not hold what the catalog says.
    Index,
}

/// How much was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Checked {
    /// Dossiers in the store.
    pub dossiers: u64,
    /// Content files re-hashed.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Texts read as ALTO.
    pub texts: u64,
    /// Pages looked up in the index.
    pub index_pages: u64,
}

/// The result of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether there is no finding.
    pub ok: bool,
    /// How much was looked at.
    pub checked: Checked,
    /// What is wrong, by dossier.
    pub findings: Vec<Finding>,
}

impl Checked {
    /// Adds what another part looked at.
    pub const fn add(&mut self, other: Self) {
        self.dossiers += other.dossiers;
        self.files += other.files;
        self.bytes += other.bytes;
        self.texts += other.texts;
        self.index_pages += other.index_pages;
    }
}

/// What a finding of the OCFL validator means to an auditor.
pub(crate) fn ocfl_kind(found: &hrisov_store::ocfl::Finding) -> FindingKind {
    match found.code.as_str() {
        // Content whose digest is not the manifest's or the fixity block's.
        "E092" | "E093" => FindingKind::Damaged,
        // Content, versions or declarations that are named and not there.
        "E003" | "E008" | "E010" | "E063" => FindingKind::Missing,
        // Files and folders that nothing names.
        "E001" | "E015" | "E023" | "E067" | "E072" | "E073" | "E084" | "E085" | "E088" => FindingKind::Extra,
        _ => FindingKind::Inventory,
    }
}
