//! The storage root.

use std::sync::Arc;

use bytes::Bytes;
use hrisov_model::Digest;
use serde_json::Value;

use super::{
    ExpectedFile, LogicalPath,
    inventory::{Inventory, content_folder},
    layout,
};
use crate::{Blobs, Key, Source, StoreError, StoredObject};

/// Most bytes of a declaration or layout file that are read.
const SMALL_FILE_MAX_BYTES: u64 = 64 << 10;

/// The OCFL storage root of a store, below `ocfl/`. Cheap to clone.
#[derive(Debug, Clone)]
pub struct StorageRoot {
    blobs: Arc<dyn Blobs>,
    pub(super) prefix: Key,
}

impl StorageRoot {
    /// Makes the storage root, or finishes one that was begun; its declaration comes last.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where something else lies there; what the store says.
    pub async fn init(blobs: Arc<dyn Blobs>) -> Result<Self, StoreError> {
        let root = Self::unchecked(blobs);
        for file in root.root_files() {
            let bytes = file.known.unwrap_or_default();
            root.put_small(&file.key, bytes).await?;
        }
        Ok(root)
    }

    /// Takes a storage root without a look at what declares it: for who checks that with
    /// [`StorageRoot::validate_root`], or puts it right.
    #[must_use]
    pub fn unchecked(blobs: Arc<dyn Blobs>) -> Self {
        Self {
            blobs,
            prefix: Key::literal(layout::STORAGE_ROOT),
        }
    }

    /// The files that declare and describe the storage root, as this program writes them, the declaration last.
    #[must_use]
    pub fn root_files(&self) -> [ExpectedFile; 3] {
        let (declaration, text) = layout::ROOT_DECLARATION;
        [
            (layout::LAYOUT_FILE, pretty(&layout::layout_file())),
            (layout::LAYOUT_CONFIG, pretty(&layout::layout_config())),
            (declaration, text.to_owned()),
        ]
        .map(|(name, text)| ExpectedFile::known(self.at(name), text.into()))
    }

    /// Takes a storage root that is there.
    ///
    /// # Errors
    /// [`StoreError::UnsupportedRoot`] where there is none, or one of another version or layout.
    pub async fn open(blobs: Arc<dyn Blobs>) -> Result<Self, StoreError> {
        let root = Self::unchecked(blobs);
        let (declaration, text) = layout::ROOT_DECLARATION;
        match root.read_small(&root.at(declaration)).await? {
            Some(found) if found == text.as_bytes() => {}
            Some(_) => {
                return Err(root.unsupported(format!("{declaration} does not say {}", text.trim_end())));
            }
            None => return Err(root.no_declaration().await?),
        }
        let expected = layout::layout_file()["extension"].clone();
        if root.read_json(layout::LAYOUT_FILE).await?["extension"] != expected {
            return Err(root.other_layout(layout::LAYOUT_FILE, &expected));
        }
        let expected = layout::layout_config();
        if root.read_json(layout::LAYOUT_CONFIG).await? != expected {
            return Err(root.other_layout(layout::LAYOUT_CONFIG, &expected));
        }
        Ok(root)
    }

    /// The store that it lies in.
    #[must_use]
    pub fn blobs(&self) -> &Arc<dyn Blobs> {
        &self.blobs
    }

    /// Where an object lies in the store, whether it is there or not.
    #[must_use]
    pub fn object_root(&self, object_id: &str) -> Key {
        self.prefix.join(&layout::object_path(object_id))
    }

    /// Where content of a version lies in the store: for bytes that are to become a part of it.
    #[must_use]
    pub fn new_content_key(&self, object_id: &str, version: u32, path: &LogicalPath) -> Key {
        self.object_root(object_id)
            .join(&content_folder(version))
            .join(path.as_key())
    }

    /// Where the bytes of a file of the last version lie in the store; `None` without such a file.
    #[must_use]
    pub fn content_key(&self, inventory: &Inventory, path: &LogicalPath) -> Option<Key> {
        let content = inventory.content_path(inventory.file(path)?)?;
        Some(self.object_root(inventory.object_id()).join(content))
    }

    /// Stores content of a version to come, before the version is committed.
    ///
    /// # Errors
    /// As [`Blobs::put_immutable`].
    pub async fn put_content(
        &self,
        object_id: &str,
        version: u32,
        path: &LogicalPath,
        source: Source,
        expected: Digest,
    ) -> Result<StoredObject, StoreError> {
        let key = self.new_content_key(object_id, version, path);
        self.blobs.put_immutable(&key, source, expected).await
    }

    fn at(&self, name: &'static str) -> Key {
        self.prefix.join(&Key::literal(name))
    }

    fn unsupported(&self, reason: String) -> StoreError {
        StoreError::UnsupportedRoot {
            place: self.prefix.clone(),
            reason,
        }
    }

    fn other_layout(&self, file: &str, expected: &Value) -> StoreError {
        self.unsupported(format!(
            "{file} does not say {expected}; restore it, or use the program that wrote it"
        ))
    }

    /// What a file says; null where it is missing or no JSON.
    async fn read_json(&self, name: &'static str) -> Result<Value, StoreError> {
        let json = self.read_small(&self.at(name)).await?;
        Ok(json
            .and_then(|json| serde_json::from_slice(&json).ok())
            .unwrap_or_default())
    }

    /// Says what is there instead of a declaration that we know.
    async fn no_declaration(&self) -> Result<StoreError, StoreError> {
        for other in ["0=ocfl_1.0", "0=ocfl_1.2", "0=ocfl_2.0"] {
            if self.blobs.head(&self.at(other)).await?.is_some() {
                return Ok(self.unsupported(format!(
                    "it declares {other}; use a program that knows this version"
                )));
            }
        }
        Ok(self.unsupported(format!(
            "there is no {}; make an archive first",
            layout::ROOT_DECLARATION.0
        )))
    }

    pub(super) async fn put_small(&self, key: &Key, bytes: impl Into<Bytes>) -> Result<(), StoreError> {
        let bytes = bytes.into();
        let digest = Digest::of(&bytes);
        self.blobs
            .put_immutable(key, Source::Bytes(bytes), digest)
            .await
            .map(|_| ())
    }

    /// A small file; `None` where there is none.
    pub(super) async fn read_small(&self, key: &Key) -> Result<Option<Bytes>, StoreError> {
        match self.blobs.get_bytes(key, SMALL_FILE_MAX_BYTES).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }
}

fn pretty(json: &Value) -> String {
    format!("{json:#}\n")
}
