//! What has to lie in an object, byte for byte, by its last inventory alone.

use bytes::Bytes;
use hrisov_model::Digest;

use super::{
    Inventory, StorageRoot, layout,
    read::{sidecar_text, version_folder},
};
use crate::Key;

/// One file of an object, as it has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedFile {
    /// Where it lies in the store.
    pub key: Key,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// The bytes themselves, where something else decides them: of an object inventories and their sidecars of every
    /// version, and the declaration. `None` for content.
    pub known: Option<Bytes>,
}

impl ExpectedFile {
    /// A file whose bytes are known.
    #[must_use]
    pub fn known(key: Key, bytes: Bytes) -> Self {
        Self {
            key,
            digest: Digest::of(&bytes),
            known: Some(bytes),
        }
    }
}

impl StorageRoot {
    /// Every file of the object that `inventory` is the last inventory of, in the order in which they may be written
    /// again: content, then each version's pair, the declaration, and the root's pair as the last.
    #[must_use]
    pub fn expected_files(&self, inventory: &Inventory) -> Vec<ExpectedFile> {
        let root = self.object_root(inventory.object_id());
        let mut files: Vec<_> = inventory
            .content()
            .map(|(digest, path)| ExpectedFile {
                key: root.join(path),
                digest,
                known: None,
            })
            .collect();
        for version in 1..=inventory.head() {
            if let Some(earlier) = inventory.at(version) {
                files.extend(pair(&version_folder(&root, version), &earlier));
            }
        }
        let (declaration, text) = layout::OBJECT_DECLARATION;
        files.push(ExpectedFile::known(
            root.join(&Key::literal(declaration)),
            text.into(),
        ));
        files.extend(pair(&root, inventory));
        files
    }

    /// Where the inventory of a version lies, and where that of the last version lies once more.
    #[must_use]
    pub fn inventory_keys(&self, object_id: &str, version: u32) -> [Key; 2] {
        let root = self.object_root(object_id);
        [version_folder(&root, version), root].map(|folder| folder.join(&Key::literal(layout::INVENTORY)))
    }
}

fn pair(folder: &Key, inventory: &Inventory) -> [ExpectedFile; 2] {
    let sidecar = sidecar_text(inventory.digest());
    [
        ExpectedFile::known(
            folder.join(&Key::literal(layout::INVENTORY)),
            inventory.to_json().into(),
        ),
        ExpectedFile::known(folder.join(&Key::literal(layout::SIDECAR)), sidecar),
    ]
}
