//! Repair: files of an object that are damaged or gone, from a second store.
//!
//! What a file must be is known before the second store is asked: the catalog knows the digest of the last inventory, the
//! inventory those of all content, and the inventories of the versions before follow from it byte for byte. The second
//! store is trusted with nothing: bytes that have not the digest are not taken.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use futures::TryStreamExt as _;
use hrisov_catalog::{Catalog, Defect, HeldDossier};
use hrisov_model::{Digest, DossierId};
use hrisov_store::{
    Blobs, Key, Source, Spool, StoreError,
    ocfl::{ExpectedFile, Inventory, StorageRoot},
};
use serde::Serialize;
use tokio::sync::OnceCell;

use crate::AuditError;

/// Most bytes of an inventory that are read: over 200,000 files.
const INVENTORY_MAX_BYTES: u64 = 64 << 20;

/// What is wrong with a dossier's object.
#[derive(Debug, Clone)]
pub struct Damage {
    /// Whose object.
    pub dossier: DossierId,
    /// The files that are wrong, in the order in which they may be written again.
    pub files: DamagedFiles,
}

/// Files that have other bytes than they have to have, or none.
#[derive(Debug, Clone, Default)]
pub struct DamagedFiles(Vec<(ExpectedFile, Option<Digest>)>);

/// What a look at a dossier's object found.
#[derive(Debug, Clone)]
pub enum Examined {
    /// Every file is as it has to be.
    Sound,
    /// Some are not.
    Damaged(Damage),
    /// What its files have to be is not known.
    Unknown {
        /// Why, and what to do.
        reason: String,
    },
}

/// A file that could not be put back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unrestored {
    /// Where it lies in the store.
    pub path: String,
    /// SHA-256 that its bytes must have; `None` where nothing tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Digest>,
    /// Why not.
    pub reason: String,
}

/// A store that bytes are taken from.
#[derive(Debug)]
pub struct SecondStore {
    root: StorageRoot,
    spool: Spool,
    /// Where it has bytes that are wanted, whatever they are called there; made when first asked for.
    elsewhere: OnceCell<HashMap<Digest, Vec<Key>>>,
}

impl DamagedFiles {
    /// Adds the file, unless it is as it has to be.
    pub(crate) async fn judge(&mut self, blobs: &dyn Blobs, file: ExpectedFile) -> Result<(), StoreError> {
        match digest(blobs, &file.key).await? {
            Some(found) if found == file.digest => {}
            found => self.0.push((file, found)),
        }
        Ok(())
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The files that are wrong, as an event tells of them.
    #[must_use]
    pub fn defects(&self) -> Vec<Defect> {
        let defect = |(file, found): &(ExpectedFile, Option<Digest>)| Defect {
            path: file.key.to_string(),
            expected: file.digest,
            found: *found,
        };
        self.0.iter().map(defect).collect()
    }

    /// The bytes that only a second store can give.
    pub fn wanted(&self) -> impl Iterator<Item = Digest> {
        let wanted = self.0.iter().filter(|(file, _)| file.known.is_none());
        wanted.map(|(file, _)| file.digest)
    }
}

impl SecondStore {
    /// Takes the store of an archive, or a copy of one.
    ///
    /// # Errors
    /// [`StoreError::UnsupportedRoot`] where it is none, and what the store says.
    pub async fn open(blobs: Arc<dyn Blobs>) -> Result<Self, StoreError> {
        Ok(Self {
            root: StorageRoot::open(blobs).await?,
            spool: Spool::default(),
            elsewhere: OnceCell::new(),
        })
    }

    /// Its objects.
    pub(crate) fn blobs(&self) -> &Arc<dyn Blobs> {
        self.root.blobs()
    }

    /// The right bytes for `key` into `to`; whether there were any.
    async fn put_into(
        &self,
        to: &dyn Blobs,
        file: &ExpectedFile,
        wanted: &HashSet<Digest>,
    ) -> Result<bool, StoreError> {
        if self.copy(&file.key, to, file).await? {
            return Ok(true);
        }
        // Another archive may hold the same master under another name.
        let elsewhere = self.elsewhere.get_or_try_init(|| self.locate(wanted)).await?;
        for key in elsewhere.get(&file.digest).into_iter().flatten() {
            if *key != file.key && self.copy(key, to, file).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn copy(&self, from: &Key, to: &dyn Blobs, file: &ExpectedFile) -> Result<bool, StoreError> {
        let copied = match self
            .spool
            .local(self.root.blobs().as_ref(), from, file.digest)
            .await
        {
            Ok(local) => {
                let source = Source::File(local.path().to_owned());
                to.restore(&file.key, source, file.digest).await
            }
            Err(error) => Err(error),
        };
        match copied {
            Ok(_) => Ok(true),
            // Not there, or damaged there too.
            Err(StoreError::NotFound { .. } | StoreError::DigestMismatch { .. }) => Ok(false),
            Err(StoreError::Io { action: "read", .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Where the wanted bytes lie by the store's own inventories.
    async fn locate(&self, wanted: &HashSet<Digest>) -> Result<HashMap<Digest, Vec<Key>>, StoreError> {
        let mut found = HashMap::<_, Vec<_>>::new();
        let mut objects = self.root.object_roots();
        while let Some(object) = objects.try_next().await? {
            let Ok(Some(inventory)) = object.inventory else {
                continue;
            };
            for (digest, path) in inventory.content().filter(|(digest, _)| wanted.contains(digest)) {
                found.entry(digest).or_default().push(object.key.join(path));
            }
        }
        Ok(found)
    }
}

/// Reads every file of a dossier's object and compares it with what it has to be. `from` is asked for the inventory where
/// it is damaged.
///
/// # Errors
/// Where store or catalog cannot be looked at.
pub async fn examine(
    root: &StorageRoot,
    catalog: &Catalog,
    from: &SecondStore,
    dossier: DossierId,
) -> Result<Examined, AuditError> {
    let missing = || AuditError::Internal(format!("dossier {dossier} is not held"));
    let held = catalog.dossier(dossier).await?.ok_or_else(missing)?;
    if let Some(reason) = later_version(root, &held).await? {
        return Ok(Examined::Unknown { reason });
    }
    let Some(inventory) = last_inventory(root, from, &held).await? else {
        let reason = format!(
            "neither the archive nor the second store has the inventory of version {} with SHA-256 {}, which the catalog \
             recorded: give a newer copy of the store",
            held.version, held.inventory_digest
        );
        return Ok(Examined::Unknown { reason });
    };
    let mut files = DamagedFiles::default();
    for file in root.expected_files(&inventory) {
        files.judge(root.blobs().as_ref(), file).await?;
    }
    Ok(match files.is_empty() {
        true => Examined::Sound,
        false => Examined::Damaged(Damage { dossier, files }),
    })
}

/// Puts back what is wrong, in its order; `wanted` is all that is wanted of the second store, for these files and others.
/// Gives what could not be put back. Repeatable after a failure.
///
/// # Errors
/// Where one of the stores fails.
pub async fn restore(
    blobs: &dyn Blobs,
    from: &SecondStore,
    files: &DamagedFiles,
    wanted: &HashSet<Digest>,
) -> Result<Vec<Unrestored>, AuditError> {
    let mut left = Vec::new();
    for (file, _) in &files.0 {
        let is_restored = match &file.known {
            Some(bytes) => {
                blobs
                    .restore(&file.key, Source::Bytes(bytes.clone()), file.digest)
                    .await?;
                true
            }
            None => from.put_into(blobs, file, wanted).await?,
        };
        if !is_restored {
            left.push(Unrestored {
                path: file.key.to_string(),
                expected: Some(file.digest),
                reason: "the second store has no bytes with that SHA-256".to_owned(),
            });
        }
    }
    Ok(left)
}

/// A store that is ahead of its catalog is no damage.
async fn later_version(root: &StorageRoot, held: &HeldDossier) -> Result<Option<String>, AuditError> {
    let id = held.description.id.object_id();
    match root.inventory(&id).await {
        Ok(Some(inventory)) if inventory.head() > held.version => Ok(Some(format!(
            "the store has version {} of it, the catalog knows version {}: run `hrisov rebuild` first",
            inventory.head(),
            held.version
        ))),
        Err(error) if error.is_transient() => Err(error.into()),
        _ => Ok(None),
    }
}

/// The inventory that the catalog recorded, wherever it still is.
async fn last_inventory(
    root: &StorageRoot,
    from: &SecondStore,
    held: &HeldDossier,
) -> Result<Option<Inventory>, AuditError> {
    let id = held.description.id.object_id();
    for root in [root, &from.root] {
        for key in root.inventory_keys(&id, held.version) {
            let json = match root.blobs().get_bytes(&key, INVENTORY_MAX_BYTES).await {
                Ok(json) => json,
                Err(error) if error.is_transient() => return Err(error.into()),
                Err(_) => continue,
            };
            if Digest::of(&json) == held.inventory_digest {
                let parsed = Inventory::parse(&key, &json);
                return Ok(parsed.ok().filter(|inventory| inventory.object_id() == id));
            }
        }
    }
    Ok(None)
}

/// `None` of what is gone, or no longer readable.
async fn digest(blobs: &dyn Blobs, key: &Key) -> Result<Option<Digest>, StoreError> {
    match blobs.digest(key).await {
        Ok((found, _)) => Ok(Some(found)),
        Err(error) if error.is_transient() => Err(error),
        Err(_) => Ok(None),
    }
}
