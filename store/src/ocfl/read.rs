//! Reading the state of objects.

use std::collections::BTreeSet;

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, future, stream::BoxStream};
use hrisov_model::Digest;

use super::{Inventory, StorageRoot, layout};
use crate::{Key, StoreError};

/// Most bytes of an inventory that are read: over 200,000 files.
pub(super) const INVENTORY_MAX_BYTES: u64 = 64 << 20;
/// Inventories read at the same time in a listing: hides the latency of a distant store, little memory.
const INVENTORIES_AHEAD: usize = 8;

/// An object as found in the storage root.
#[derive(Debug)]
pub struct ObjectRoot {
    /// Where it lies in the store.
    pub key: Key,
    /// Its inventory; `None` where no version was ever finished; an error where it cannot be read.
    pub inventory: Result<Option<Inventory>, StoreError>,
}

impl StorageRoot {
    /// The inventory of an object's highest version whose own inventory and sidecar agree; `None` where
    /// there is no such version.
    ///
    /// # Errors
    /// [`StoreError::InvalidInventory`] where the pair agrees and yet is no inventory of this object; what
    /// the store says.
    pub async fn inventory(&self, object_id: &str) -> Result<Option<Inventory>, StoreError> {
        let root = self.object_root(object_id);
        let found = self.inventory_at(&root).await?;
        check_place(&root, found, |inventory| inventory.object_id() == object_id)
    }

    /// Every object that lies where the layout puts objects, with its inventory; also objects that a crash
    /// left without a declaration or without a finished version.
    #[must_use]
    pub fn object_roots(&self) -> BoxStream<'static, Result<ObjectRoot, StoreError>> {
        let (this, prefix) = (self.clone(), self.prefix.clone());
        let objects = self.blobs().list(&self.prefix).try_filter_map(move |meta| {
            let part = meta
                .key
                .below(&prefix)
                .and_then(|path| layout::object_part(&path));
            future::ok(part.map(|part| prefix.join(&part)))
        });
        // A listing keeps what lies in one folder together.
        let distinct = objects.scan(None, |last: &mut Option<Key>, found| {
            let repeated = found.as_ref().is_ok_and(|key| last.as_ref() == Some(key));
            if let Ok(key) = &found {
                *last = Some(key.clone());
            }
            future::ready(Some((!repeated).then_some(found)))
        });
        let distinct = distinct.filter_map(future::ready);
        distinct
            .map_ok(move |key| {
                let this = this.clone();
                async move {
                    let found = this.inventory_at(&key).await;
                    let inventory = found.and_then(|found| {
                        check_place(&key, found, |found| this.object_root(found.object_id()) == key)
                    });
                    Ok(ObjectRoot { key, inventory })
                }
            })
            .try_buffered(INVENTORIES_AHEAD)
            .boxed()
    }

    /// As [`StorageRoot::inventory`], at an object's root.
    pub(super) async fn inventory_at(&self, root: &Key) -> Result<Option<Inventory>, StoreError> {
        let mut newest = match self.agreeing_pair(root).await? {
            Some(inventory) => inventory,
            None => return self.highest_version(root).await,
        };
        // A version that was committed when the program died before it rewrote the root.
        while let Some(later) = self
            .agreeing_pair(&version_folder(root, newest.head() + 1))
            .await?
        {
            newest = later;
        }
        Ok(Some(newest))
    }

    /// The inventory in a folder, if its sidecar agrees with it.
    pub(super) async fn agreeing_pair(&self, folder: &Key) -> Result<Option<Inventory>, StoreError> {
        let key = folder.join(&Key::literal(layout::INVENTORY));
        let Some(sidecar) = self
            .read_small(&folder.join(&Key::literal(layout::SIDECAR)))
            .await?
        else {
            return Ok(None);
        };
        let json = match self.blobs().get_bytes(&key, INVENTORY_MAX_BYTES).await {
            Ok(json) => json,
            Err(StoreError::NotFound { .. }) => return Ok(None),
            Err(other) => return Err(other),
        };
        if sidecar != sidecar_text(Digest::of(&json)) {
            return Ok(None);
        }
        Inventory::parse(&key, &json).map(Some)
    }

    async fn highest_version(&self, root: &Key) -> Result<Option<Inventory>, StoreError> {
        for version in self.versions_with_inventory(root).await?.into_iter().rev() {
            if let Some(inventory) = self.agreeing_pair(&version_folder(root, version)).await? {
                return Ok(Some(inventory));
            }
        }
        Ok(None)
    }

    async fn versions_with_inventory(&self, root: &Key) -> Result<BTreeSet<u32>, StoreError> {
        let files: Vec<_> = self.blobs().list(root).try_collect().await?;
        let version = |path: Key| {
            let folder = path.parent().filter(|_| path.name() == layout::INVENTORY)?;
            layout::version_number(folder.as_str())
        };
        Ok(files
            .into_iter()
            .filter_map(|meta| version(meta.key.below(root)?))
            .collect())
    }
}

/// The folder of a version.
pub(super) fn version_folder(root: &Key, version: u32) -> Key {
    let name = layout::version_name(version);
    root.child(&name).expect("a version's name is a key")
}

/// The one form of a sidecar: the digest, a blank, the inventory's name (section 3.7).
pub(super) fn sidecar_text(digest: Digest) -> Bytes {
    format!("{digest} {}\n", layout::INVENTORY).into()
}

fn check_place(
    root: &Key,
    found: Option<Inventory>,
    is_here: impl Fn(&Inventory) -> bool,
) -> Result<Option<Inventory>, StoreError> {
    match found {
        Some(inventory) if !is_here(&inventory) => Err(StoreError::InvalidInventory {
            key: root.join(&Key::literal(layout::INVENTORY)),
            reason: "it belongs to an object that lies elsewhere".to_owned(),
        }),
        other => Ok(other),
    }
}
