//! Putting an object right after a crash.

use futures::TryStreamExt as _;

use super::{Inventory, StorageRoot, layout};
use crate::{Key, StoreError};

/// What recovery found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// The object's last finished version; `None` where none was ever finished.
    pub head: Option<u32>,
    /// Whether the root's inventory, its sidecar or the declaration had to be written.
    pub root: RootState,
    /// Objects of versions beyond the last finished one: content that waits for its plan to be repeated,
    /// or for [`StorageRoot::discard_unfinished`].
    pub unfinished: Vec<Key>,
}

/// Whether an object's root agreed with its last version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootState {
    /// It did, or there is no finished version yet.
    Current,
    /// It did not, and was written again.
    Rewritten,
}

impl StorageRoot {
    /// Rewrites an object's root where it does not agree with the highest valid version, and reports what
    /// belongs to no finished version. Deletes nothing.
    ///
    /// # Errors
    /// As [`StorageRoot::inventory`].
    pub async fn recover_object(&self, object_id: &str) -> Result<Recovery, StoreError> {
        let inventory = self.inventory(object_id).await?;
        let unfinished = self.unfinished(object_id, inventory.as_ref()).await?;
        let Some(inventory) = inventory else {
            return Ok(Recovery {
                head: None,
                root: RootState::Current,
                unfinished,
            });
        };
        let head = Some(inventory.head());
        if self.root_is_current(&inventory).await? {
            return Ok(Recovery {
                head,
                root: RootState::Current,
                unfinished,
            });
        }
        self.write_root(&inventory).await?;
        Ok(Recovery {
            head,
            root: RootState::Rewritten,
            unfinished,
        })
    }

    /// Deletes what belongs to no finished version, so that another plan can take its number; says what it
    /// deleted. The caller must be the object's only writer.
    ///
    /// # Errors
    /// As [`StorageRoot::inventory`].
    pub async fn discard_unfinished(&self, object_id: &str) -> Result<Vec<Key>, StoreError> {
        let inventory = self.inventory(object_id).await?;
        let unfinished = self.unfinished(object_id, inventory.as_ref()).await?;
        for key in &unfinished {
            self.blobs().delete(key).await?;
        }
        Ok(unfinished)
    }

    async fn root_is_current(&self, inventory: &Inventory) -> Result<bool, StoreError> {
        let root = self.object_root(inventory.object_id());
        let (declaration, text) = layout::OBJECT_DECLARATION;
        let declared = self.read_small(&root.join(&Key::literal(declaration))).await?;
        Ok(declared.is_some_and(|found| found == text.as_bytes())
            && self.agreeing_pair(&root).await?.as_ref() == Some(inventory))
    }

    /// What lies in folders of versions that no valid inventory knows.
    async fn unfinished(
        &self,
        object_id: &str,
        inventory: Option<&Inventory>,
    ) -> Result<Vec<Key>, StoreError> {
        let root = self.object_root(object_id);
        let head = inventory.map_or(0, Inventory::head);
        let objects: Vec<_> = self.blobs().list(&root).try_collect().await?;
        let is_beyond = |key: &Key| {
            let version = key
                .below(&root)
                .and_then(|path| layout::version_number(path.parts().next()?));
            version.is_some_and(|version| version > head)
        };
        let mut unfinished: Vec<_> = objects
            .into_iter()
            .map(|object| object.key)
            .filter(is_beyond)
            .collect();
        unfinished.sort();
        Ok(unfinished)
    }
}
