//! What one version is to be.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    iter,
};

use hrisov_model::Digest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::LogicalPath;
use crate::{Key, StoreError};

/// All that decides a version of an object: with the version before, it gives the inventory byte for byte.
/// Recorded as the intent before anything is written, so that any later process can finish it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionPlan {
    /// The object's identifier, best a URI such as `urn:uuid:...`.
    pub object_id: String,
    /// The version's number, from 1.
    pub version: u32,
    /// When the version was decided (UTC).
    pub created: Timestamp,
    /// Why there is a new version.
    pub message: String,
    /// Who made it.
    pub user_name: String,
    /// A URI of who made it, such as `mailto:...`; OCFL asks for one but does not insist.
    pub user_address: Option<String>,
    /// Every file of the version and its bytes, also those that earlier versions brought.
    pub state: BTreeMap<LogicalPath, Digest>,
    /// The bytes that no earlier version has.
    pub new_content: BTreeMap<Digest, NewContent>,
}

/// Bytes that a version brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewContent {
    /// Where they lie below the version's `content` folder.
    pub path: LogicalPath,
    /// How many they are.
    pub size_bytes: u64,
}

impl VersionPlan {
    pub(super) fn refused(&self, reason: impl Into<String>) -> StoreError {
        StoreError::PlanRefused {
            object_id: self.object_id.clone(),
            version: self.version,
            reason: reason.into(),
        }
    }

    /// Fails where the plan contradicts itself or OCFL.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        if self.object_id.is_empty() {
            return Err(self.refused("the object has no identifier"));
        }
        if self.version == 0 {
            return Err(self.refused("versions are counted from 1"));
        }
        if let Some(path) = tree_fault(self.state.keys()) {
            return Err(self.refused(format!("{path} would be both a file and a folder of the version")));
        }
        if let Some(path) = tree_fault(self.new_content.values().map(|content| &content.path)) {
            return Err(self.refused(format!(
                "content {path} is planned twice, or as both a file and a folder"
            )));
        }
        let used: BTreeSet<_> = self.state.values().collect();
        match self.new_content.iter().find(|(digest, _)| !used.contains(digest)) {
            Some((_, content)) => {
                Err(self.refused(format!("no file of the version uses content {}", content.path)))
            }
            None => Ok(()),
        }
    }
}

/// A path that is there twice, or has another one below it.
fn tree_fault<'a>(paths: impl Iterator<Item = &'a LogicalPath>) -> Option<Key> {
    let mut files = HashSet::new();
    let mut folders = HashSet::new();
    for path in paths.map(LogicalPath::as_key) {
        if !files.insert(path) {
            return Some(path.clone());
        }
        let above = iter::successors(path.parent(), Key::parent);
        folders.extend(above.take_while(|folder| !folder.is_root()));
    }
    folders.into_iter().find(|folder| files.contains(folder))
}
