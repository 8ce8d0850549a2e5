//! Checking objects and storage roots against OCFL 1.1, those of other programs too.
//!
//! A check returns findings; `Err` means that it could not look. Folders are known only by what lies in
//! them, as in a bucket: empty ones are not seen (codes E024, E073 and W003).

mod algorithm;
mod code;
mod content;
mod inventory;
mod json;
mod manifest;
mod object;
mod storage_root;
mod version;

use std::fmt;

pub use self::{code::OcflCode, object::validate_object};
use super::StorageRoot;
use crate::{Key, StoreError};

/// One departure from OCFL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub code: OcflCode,
    /// Where: the file or folder in the store, or the inventory that says something wrong.
    pub path: Key,
    /// The content file that is at fault, where one is.
    pub content: Option<FaultyContent>,
    /// The particulars in plain words.
    pub detail: String,
}

/// A content file that is not as an inventory says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultyContent {
    /// An inventory names it, and it is not there; where it should lie in the store.
    Absent(Key),
    /// Its bytes do not have the digest that an inventory gives; where it lies in the store.
    Altered(Key),
    /// It is there and no inventory names it; where it lies in the store.
    Unnamed(Key),
}

/// Whether the bytes of content are read and hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fixity {
    /// All of them, with every algorithm that an inventory names.
    Check,
    /// None: structure and inventories only.
    Skip,
}

impl StorageRoot {
    /// Checks one object of this storage root, and that it lies where its identifier says.
    ///
    /// # Errors
    /// What the store says.
    pub async fn validate_object(&self, root: &Key, fixity: Fixity) -> Result<Vec<Finding>, StoreError> {
        let mut findings = validate_object(self.blobs(), root, fixity).await?;
        if let Ok(Some(inventory)) = self.inventory_at(root).await
            && self.object_root(inventory.object_id()) != *root
        {
            findings.push(Finding {
                code: OcflCode::Misplaced,
                path: root.clone(),
                content: None,
                detail: format!(
                    "{} belongs at {}",
                    inventory.object_id(),
                    self.object_root(inventory.object_id())
                ),
            });
        }
        Ok(findings)
    }

    /// Checks the storage root: its declaration and layout, and that nothing lies in it but objects. The
    /// objects themselves are checked one by one with [`StorageRoot::validate_object`].
    ///
    /// # Errors
    /// What the store says.
    pub async fn validate_root(&self) -> Result<Vec<Finding>, StoreError> {
        storage_root::validate(self).await
    }
}

impl Finding {
    /// Whether the specification says "must"; otherwise it says "should".
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.code.is_error()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.code, self.path, self.detail)
    }
}

/// Findings about one file or folder after another.
#[derive(Debug, Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, code: OcflCode, path: &Key, detail: impl Into<String>) {
        self.0.push(Finding {
            code,
            path: path.clone(),
            content: None,
            detail: detail.into(),
        });
    }

    /// Adds a finding about a content file.
    fn add_content(&mut self, code: OcflCode, path: &Key, content: FaultyContent, detail: String) {
        self.0.push(Finding {
            code,
            path: path.clone(),
            content: Some(content),
            detail,
        });
    }

    /// Adds a finding where a condition does not hold; whether it did.
    fn check(&mut self, holds: bool, code: OcflCode, path: &Key, detail: impl Into<String>) -> bool {
        if !holds {
            self.add(code, path, detail);
        }
        holds
    }
}
