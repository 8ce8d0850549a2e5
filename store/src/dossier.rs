//! A dossier's object: which files lie in it, and reading them back checked.
//!
//! ```text
//! masters/<source path>   the files as received (a replaced one stays in the versions before)
//! text/<page id>.xml      ALTO of each recognised page
//! description.json        the description: [`DossierDescription`]
//! premis.xml              the events that changed the content: PREMIS 3
//! ```

use std::fmt::Display;

use bytes::Bytes;
use hrisov_model::{
    BatchId, BoxRecordId, DESCRIPTION_FORMAT, Digest, DossierDescription, DossierId, Event, FileRecord,
    FixityRecordId, PageId, PageRecord, PageText, ReviewId, Salt, alto, premis,
};
use jiff::Timestamp;

use crate::{
    Key, StoreError,
    ocfl::{Inventory, LogicalPath, StorageRoot},
};

/// Most bytes of a description or PREMIS file that are read: a dossier of 100,000 pages.
const METADATA_MAX_BYTES: u64 = 256 << 20;
/// Most bytes of one page's ALTO that are read.
const ALTO_MAX_BYTES: u64 = 64 << 20;

/// Why a dossier's object cannot be read as one.
#[derive(Debug, thiserror::Error)]
pub enum DossierError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file that every dossier has, or that its description names, is not in the inventory.
    #[error("{path} is not among the files of {object_id}")]
    NoSuchFile {
        /// The object.
        object_id: String,
        /// The logical path.
        path: String,
    },
    /// The stored bytes are not those that the inventory names.
    #[error(
        "{path} of {object_id} is damaged: its bytes have SHA-256 {found}, the inventory says {expected}"
    )]
    Damaged {
        /// The object.
        object_id: String,
        /// The logical path.
        path: String,
        /// What the inventory says.
        expected: Digest,
        /// What was read.
        found: Digest,
    },
    /// The bytes are as deposited and still make no sense: made by another program, or a newer one.
    #[error("{path} of {object_id} cannot be understood: {reason}")]
    NotUnderstood {
        /// The object.
        object_id: String,
        /// The logical path.
        path: String,
        /// What is wrong, without anything of its content.
        reason: String,
    },
}

/// Most bytes of a closing's salt that are read.
pub const SALT_MAX_BYTES: u64 = 4 << 10;

/// What blinds the log's commitment to a batch's account or a box's record: it lies in the journal, apart from it.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
pub struct ClosingSalt {
    /// 32 random bytes.
    pub salt: Salt,
}

/// Where that salt lies; the account of a batch has the same place below `journal/batches`.
///
/// # Errors
/// Never in practice: identifiers and numbers are part of a key.
pub fn closing_salt_key(closed: impl Display, at: Timestamp) -> Result<Key, StoreError> {
    Key::literal("journal/salts")
        .child(&closed.to_string())?
        .child(&format!("{}.json", at.as_millisecond()))
}

/// Where the account of a batch that finished at that time lies.
///
/// # Errors
/// Never in practice: identifiers and numbers are part of a key.
pub fn account_key(batch: BatchId, at: Timestamp) -> Result<Key, StoreError> {
    Key::literal("journal/batches")
        .child(&batch.to_string())?
        .child(&format!("{}.json", at.as_millisecond()))
}

/// Where the record of an act on a box lies.
///
/// # Errors
/// Never in practice: identifiers are part of a key.
pub fn box_record_key(record: BoxRecordId) -> Result<Key, StoreError> {
    Key::literal("journal/boxes").child(&format!("{record}.json"))
}

/// Where a record of verifications lies.
///
/// # Errors
/// Never in practice: identifiers are part of a key.
pub fn fixity_record_key(record: FixityRecordId) -> Result<Key, StoreError> {
    Key::literal("journal/fixity").child(&format!("{record}.json"))
}

/// Where what a person decided of doubtful pages lies.
///
/// # Errors
/// Never in practice: identifiers are part of a key.
pub fn review_key(review: ReviewId) -> Result<Key, StoreError> {
    Key::literal("journal/reviews").child(&format!("{review}.json"))
}

/// The last version of a dossier's object.
#[derive(Debug, Clone)]
pub struct DossierObject {
    root: StorageRoot,
    inventory: Inventory,
}

/// Where the description lies.
///
/// # Panics
/// Never: the text is a path.
#[must_use]
pub fn description_path() -> LogicalPath {
    literal("description.json")
}

/// Where the events lie.
///
/// # Panics
/// Never: the text is a path.
#[must_use]
pub fn premis_path() -> LogicalPath {
    literal("premis.xml")
}

/// Where the text of a page lies.
///
/// # Panics
/// Never: identifiers are part of a path.
#[must_use]
pub fn text_path(page: PageId) -> LogicalPath {
    literal(&format!("text/{page}.xml"))
}

/// The bytes of `description.json`: always the same for the same description.
///
/// # Panics
/// Never: descriptions are plain data.
#[must_use]
pub fn description_bytes(description: &DossierDescription) -> Bytes {
    let mut json = serde_json::to_vec_pretty(description).expect("descriptions are plain data");
    json.push(b'\n');
    json.into()
}

impl StorageRoot {
    /// The dossier with that identifier; `None` where no version of it was ever finished.
    ///
    /// # Errors
    /// As [`StorageRoot::inventory`].
    pub async fn dossier(&self, id: DossierId) -> Result<Option<DossierObject>, StoreError> {
        let inventory = self.inventory(&id.object_id()).await?;
        Ok(inventory.map(|inventory| self.dossier_at(inventory)))
    }

    /// The dossier that an inventory at hand belongs to.
    #[must_use]
    pub fn dossier_at(&self, inventory: Inventory) -> DossierObject {
        DossierObject {
            root: self.clone(),
            inventory,
        }
    }
}

impl DossierObject {
    /// Its inventory.
    #[must_use]
    pub const fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// Its description.
    ///
    /// # Errors
    /// [`DossierError`], also for a description of a version that this program does not know.
    pub async fn description(&self) -> Result<DossierDescription, DossierError> {
        let path = description_path();
        let json = self.read(&path, METADATA_MAX_BYTES).await?;
        let description: DossierDescription =
            serde_json::from_slice(&json).map_err(|error| self.not_understood(&path, json_fault(&error)))?;
        if description.format != DESCRIPTION_FORMAT {
            return Err(self.not_understood(&path, format!("it is not of the format {DESCRIPTION_FORMAT}")));
        }
        if description.id.object_id() != self.inventory.object_id() {
            return Err(self.not_understood(&path, "it describes another dossier".to_owned()));
        }
        Ok(description)
    }

    /// Its events, oldest first.
    ///
    /// # Errors
    /// [`DossierError`].
    pub async fn events(&self) -> Result<Vec<Event>, DossierError> {
        let path = premis_path();
        let xml = self.read(&path, METADATA_MAX_BYTES).await?;
        premis::read(&xml).map_err(|error| self.not_understood(&path, error.to_string()))
    }

    /// The ALTO file of a page; `None` for a page without text.
    ///
    /// # Errors
    /// [`DossierError`].
    pub async fn alto(&self, page: &PageRecord) -> Result<Option<Bytes>, DossierError> {
        let Some(path) = &page.text_path else {
            return Ok(None);
        };
        let path = path.parse().map_err(|_| self.no_such_file(path))?;
        self.read(&path, ALTO_MAX_BYTES).await.map(Some)
    }

    /// What was read on a page; `None` for a page without text.
    ///
    /// # Errors
    /// [`DossierError`].
    pub async fn page_text(&self, page: &PageRecord) -> Result<Option<PageText>, DossierError> {
        let Some(xml) = self.alto(page).await? else {
            return Ok(None);
        };
        match alto::read(&xml) {
            Ok((text, _)) => Ok(Some(text)),
            Err(error) => Err(self.not_understood(&text_path(page.id), error.to_string())),
        }
    }

    /// Where a master's bytes lie in the store, also those of a replaced one, and those that a stack keeps; `None` for
    /// a duplicate.
    ///
    /// # Errors
    /// Where the stack's object cannot be read.
    pub async fn master_key(&self, file: &FileRecord) -> Result<Option<Key>, StoreError> {
        if let Some(holding) = &file.held_in {
            let stack = self.root.inventory(&holding.dossier.object_id()).await?;
            return Ok(stack.and_then(|stack| self.content_key(&stack, file.digest)));
        }
        let kept = file.logical_path.is_some();
        Ok(kept
            .then(|| self.content_key(&self.inventory, file.digest))
            .flatten())
    }

    fn content_key(&self, inventory: &Inventory, digest: Digest) -> Option<Key> {
        let content = inventory.content_path(digest)?;
        Some(self.root.object_root(inventory.object_id()).join(content))
    }

    /// A file of the last version, checked against the inventory.
    async fn read(&self, path: &LogicalPath, max_bytes: u64) -> Result<Bytes, DossierError> {
        let (key, expected) = match (
            self.root.content_key(&self.inventory, path),
            self.inventory.file(path),
        ) {
            (Some(key), Some(expected)) => (key, expected),
            _ => return Err(self.no_such_file(path.as_str())),
        };
        let bytes = self.root.blobs().get_bytes(&key, max_bytes).await?;
        let found = Digest::of(&bytes);
        if found == expected {
            return Ok(bytes);
        }
        let object_id = self.inventory.object_id().to_owned();
        Err(DossierError::Damaged {
            object_id,
            path: path.to_string(),
            expected,
            found,
        })
    }

    fn no_such_file(&self, path: &str) -> DossierError {
        DossierError::NoSuchFile {
            object_id: self.inventory.object_id().to_owned(),
            path: path.to_owned(),
        }
    }

    fn not_understood(&self, path: &LogicalPath, reason: String) -> DossierError {
        let object_id = self.inventory.object_id().to_owned();
        DossierError::NotUnderstood {
            object_id,
            path: path.to_string(),
            reason,
        }
    }
}

/// Kind and place of a JSON fault; serde's own message may quote the content.
fn json_fault(error: &serde_json::Error) -> String {
    format!(
        "{:?} error at line {}, column {}",
        error.classify(),
        error.line(),
        error.column()
    )
}

/// A path that was checked when it was written, or is made of identifiers.
fn literal(text: &str) -> LogicalPath {
    text.parse().expect("identifiers and plain names form a path")
}
