//! Writing a version.

use std::collections::BTreeMap;

use futures::TryStreamExt as _;
use hrisov_model::Digest;

use super::{
    Inventory, StorageRoot, VersionPlan,
    inventory::content_folder,
    layout,
    read::{sidecar_text, version_folder},
};
use crate::{Key, StoreError};

/// A version that is part of the archive: only [`StorageRoot::commit_version`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommittedVersion {
    /// The object.
    pub object_id: String,
    /// The version's number.
    pub version: u32,
    /// SHA-256 of the version's inventory, which pins every byte of the object up to this version.
    pub inventory_digest: Digest,
}

impl StorageRoot {
    /// Makes a version out of content that is stored already. Repeating it, after a failure at any write
    /// or after success, ends in the same bytes; where the object has gone on since, nothing is written.
    ///
    /// Two writers of one object at a time are the caller's to prevent (a lease); two with the same plan do
    /// no harm.
    ///
    /// # Errors
    /// [`StoreError::PlanRefused`] where the plan does not follow from what is stored: another plan was
    /// committed under its number, content is missing or of another size, or the version's folder holds
    /// content that the plan does not name (see [`StorageRoot::discard_unfinished`]).
    pub async fn commit_version(&self, plan: &VersionPlan) -> Result<CommittedVersion, StoreError> {
        let stored = self.inventory(&plan.object_id).await?;
        let head = stored.as_ref().map_or(0, Inventory::head);
        let previous = match &stored {
            Some(inventory) if head >= plan.version => inventory.at(plan.version.saturating_sub(1)),
            other => other.clone(),
        };
        let inventory = Inventory::next(previous.as_ref(), plan)?;
        if let Some(stored) = stored.filter(|_| head >= plan.version)
            && stored.at(plan.version).as_ref() != Some(&inventory)
        {
            return Err(plan.refused("another plan was committed as this version"));
        }
        if head < plan.version {
            self.check_content(plan).await?;
        }
        if head <= plan.version {
            self.write_inventory(&inventory).await?;
        }
        Ok(CommittedVersion {
            object_id: plan.object_id.clone(),
            version: plan.version,
            inventory_digest: inventory.digest(),
        })
    }

    /// Fails unless the version's content folder holds exactly the plan's new content.
    async fn check_content(&self, plan: &VersionPlan) -> Result<(), StoreError> {
        let folder = self
            .object_root(&plan.object_id)
            .join(&content_folder(plan.version));
        let planned = plan.new_content.values();
        let mut missing: BTreeMap<Key, u64> = planned
            .map(|content| (folder.join(content.path.as_key()), content.size_bytes))
            .collect();
        let mut stored = self.blobs().list(&folder);
        while let Some(object) = stored.try_next().await? {
            match missing.remove(&object.key) {
                None => return Err(plan.refused(format!("it does not name {}, which is stored", object.key))),
                Some(size) if size != object.size_bytes => {
                    let (key, found) = (object.key, object.size_bytes);
                    return Err(plan.refused(format!("{key} has {found} bytes, {size} were planned")));
                }
                Some(_) => {}
            }
        }
        match missing.into_keys().next() {
            Some(key) => Err(plan.refused(format!("its content {key} is not stored"))),
            None => Ok(()),
        }
    }

    /// The version's own pair, the declaration, the root's pair: in this order.
    async fn write_inventory(&self, inventory: &Inventory) -> Result<(), StoreError> {
        let root = self.object_root(inventory.object_id());
        let folder = version_folder(&root, inventory.head());
        let json = inventory.to_json();
        let sidecar = sidecar_text(inventory.digest());
        self.put_small(&folder.join(&Key::literal(layout::INVENTORY)), json)
            .await?;
        self.put_small(&folder.join(&Key::literal(layout::SIDECAR)), sidecar)
            .await?;
        self.write_root(inventory).await
    }

    /// The declaration where it is missing, and the root's pair.
    pub(super) async fn write_root(&self, inventory: &Inventory) -> Result<(), StoreError> {
        let root = self.object_root(inventory.object_id());
        let (declaration, text) = layout::OBJECT_DECLARATION;
        self.put_small(&root.join(&Key::literal(declaration)), text)
            .await?;
        let (json, sidecar) = (inventory.to_json(), sidecar_text(inventory.digest()));
        self.blobs()
            .replace(&root.join(&Key::literal(layout::INVENTORY)), json.into())
            .await?;
        self.blobs()
            .replace(&root.join(&Key::literal(layout::SIDECAR)), sidecar)
            .await
    }
}
