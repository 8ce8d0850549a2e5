//! An object as a whole: its files, and its inventories against each other.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::Arc,
};

use bytes::Bytes;
use futures::StreamExt as _;

use super::{
    Finding, Findings, Fixity, OcflCode,
    algorithm::Algorithm,
    content,
    inventory::{Inventory, Specification},
    version::{Version, version_number},
};
use crate::{
    Blobs, Key, StoreError,
    ocfl::{layout, read::INVENTORY_MAX_BYTES},
};

/// Most bytes of a declaration or sidecar that are read.
const SMALL_FILE_MAX_BYTES: u64 = 4 << 10;

/// Registered extensions (<https://ocfl.github.io/extensions/>).
pub(super) const REGISTERED_EXTENSIONS: [&str; 12] = [
    "0001-digest-algorithms",
    "0002-flat-direct-storage-layout",
    "0003-hash-and-id-n-tuple-storage-layout",
    "0004-hashed-n-tuple-storage-layout",
    "0005-mutable-head",
    "0006-flat-omit-prefix-storage-layout",
    "0007-n-tuple-omit-prefix-storage-layout",
    "0008-schema-registry",
    "0009-digest-algorithms",
    "0010-differential-n-tuple-omit-prefix-storage-layout",
    "0011-direct-clean-path-layout",
    "initial",
];

/// An object under examination.
pub(super) struct Object<'a> {
    pub(super) blobs: &'a Arc<dyn Blobs>,
    pub(super) root: &'a Key,
    /// All its files: path below the root, and size.
    pub(super) files: BTreeMap<Key, u64>,
    pub(super) findings: Findings,
}

/// An inventory with the bytes that it was read from.
struct Read {
    bytes: Bytes,
    inventory: Inventory,
}

/// Checks the object at a folder of any store against OCFL 1.0 and 1.1.
///
/// # Errors
/// What the store says. What is wrong with the object comes as findings.
pub async fn validate_object(
    blobs: &Arc<dyn Blobs>,
    root: &Key,
    fixity: Fixity,
) -> Result<Vec<Finding>, StoreError> {
    let mut object = Object {
        blobs,
        root,
        files: BTreeMap::new(),
        findings: Findings::default(),
    };
    object.list_files().await?;
    let specification = object.check_declaration().await?;
    object.check_extensions();
    if let Some(read) = object.read_inventory(root).await? {
        if read.inventory.specification != specification {
            let at = &read.inventory.at;
            object.findings.add(
                OcflCode::E038,
                at,
                "the type is not the specification of the declaration",
            );
        }
        object.check_entries(&read.inventory);
        let inventories = object.check_versions(&read).await?;
        content::check(&mut object, &read.inventory, &inventories, fixity).await?;
    } else {
        object.findings.check(
            object.files.contains_key(&Key::literal(layout::INVENTORY)),
            OcflCode::E063,
            root,
            "there is no inventory",
        );
    }
    Ok(object.findings.0)
}

impl Object<'_> {
    /// The place in the store of a path below the root.
    pub(super) fn at(&self, path: &Key) -> Key {
        self.root.join(path)
    }

    async fn list_files(&mut self) -> Result<(), StoreError> {
        let mut listing = self.blobs.list(self.root);
        while let Some(found) = listing.next().await {
            match found {
                Ok(meta) => {
                    let path = meta.key.below(self.root);
                    self.files.extend(path.map(|path| (path, meta.size_bytes)));
                }
                Err(StoreError::InvalidKey { text, reason }) => {
                    self.findings
                        .add(OcflCode::E001, self.root, format!("{text:?}: {reason}"));
                }
                Err(StoreError::Io { path, source, .. }) if source.kind() == io::ErrorKind::InvalidData => {
                    self.findings
                        .add(OcflCode::E001, self.root, format!("{}: {source}", path.display()));
                }
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    /// The specification that the object declares.
    async fn check_declaration(&mut self) -> Result<Option<Specification>, StoreError> {
        let is_declaration = |path: &&Key| path.as_str().starts_with("0=") && path.parts().count() == 1;
        let declarations: Vec<_> = self.files.keys().filter(is_declaration).cloned().collect();
        if declarations.len() != 1 {
            let detail = format!("there are {} declarations", declarations.len());
            self.findings.add(OcflCode::E003, self.root, detail);
        }
        let mut declared = None;
        for declaration in declarations {
            let at = self.at(&declaration);
            let text = &declaration.as_str()[2..];
            let version = text.strip_prefix("ocfl_object_");
            let known = Specification::ALL
                .into_iter()
                .find(|spec| version == Some(spec.version()));
            self.findings.check(
                known.is_some(),
                OcflCode::E006,
                &at,
                "the specification is not known",
            );
            let is_right = self
                .read_small(&at)
                .await?
                .is_some_and(|found| found == format!("{text}\n"));
            self.findings
                .check(is_right, OcflCode::E007, &at, "the text does not repeat the name");
            declared = known.or(declared);
        }
        Ok(declared)
    }

    fn check_extensions(&mut self) {
        let extensions = Key::literal("extensions");
        let inside: BTreeSet<_> = self
            .files
            .keys()
            .filter_map(|path| path.below(&extensions))
            .collect();
        let mut folders = BTreeSet::new();
        for path in inside.iter().filter(|path| !path.is_root()) {
            let at = self.root.join(&extensions).join(path);
            let name = path.parts().next().unwrap_or_default();
            if path.parts().count() == 1 {
                self.findings
                    .add(OcflCode::E067, &at, "a file lies where only folders may");
            } else if folders.insert(name) && !REGISTERED_EXTENSIONS.contains(&name) {
                self.findings
                    .add(OcflCode::W013, &at, format!("extension {name} is not registered"));
            }
        }
    }

    /// Everything directly in the root, and directly in version folders.
    fn check_entries(&mut self, inventory: &Inventory) {
        let sidecar = format!(
            "{}.{}",
            layout::INVENTORY,
            inventory.algorithm.as_deref().unwrap_or("sha512")
        );
        let mut reported = BTreeSet::new();
        for path in self.files.keys() {
            let parts: Vec<_> = path.parts().collect();
            let version = inventory.versions.iter().find(|version| version.name == parts[0]);
            let code = match (&parts[..], version) {
                ([file], _) => {
                    let known = file.starts_with("0=") || *file == layout::INVENTORY || *file == sidecar;
                    (!known).then_some(OcflCode::E001)
                }
                (["extensions" | "logs", ..], _) => None,
                ([folder, ..], None) if version_number(folder).is_some() => Some(OcflCode::E046),
                (_, None) => Some(OcflCode::E001),
                ([_, file], Some(_)) => {
                    let known = *file == layout::INVENTORY || file.starts_with("inventory.json.");
                    (!known).then_some(OcflCode::E015)
                }
                ([_, folder, ..], Some(_)) => (*folder != inventory.content_folder).then_some(OcflCode::W002),
                ([], _) => None,
            };
            let depth = if version.is_some() { 2 } else { 1 };
            let entry = parts[..depth.min(parts.len())].join("/");
            if let Some(code) = code
                && reported.insert(entry.clone())
            {
                self.findings.add(
                    code,
                    &self.root.join(path),
                    format!("{entry} does not belong there"),
                );
            }
        }
        for version in &inventory.versions {
            let folder: Option<Key> = version.name.parse().ok();
            let is_there = folder.is_some_and(|folder| {
                self.files
                    .range(folder.clone()..)
                    .any(|(path, _)| path.below(&folder).is_some())
            });
            let detail = format!("there is no folder {}", version.name);
            self.findings.check(is_there, OcflCode::E010, self.root, detail);
        }
    }

    /// The inventory in a folder and its sidecar; `None` where it is missing or unreadable.
    async fn read_inventory(&mut self, folder: &Key) -> Result<Option<Read>, StoreError> {
        let at = folder.join(&Key::literal(layout::INVENTORY));
        let bytes = match self.blobs.get_bytes(&at, INVENTORY_MAX_BYTES).await {
            Ok(bytes) => bytes,
            Err(StoreError::NotFound { .. }) => return Ok(None),
            Err(StoreError::TooLarge { .. }) => {
                self.findings
                    .add(OcflCode::E033, &at, "it is too large to be read");
                return Ok(None);
            }
            Err(other) => return Err(other),
        };
        let Some(inventory) = Inventory::read(&at, &bytes, &mut self.findings) else {
            return Ok(None);
        };
        self.check_sidecar(folder, &bytes, inventory.algorithm.as_deref())
            .await?;
        Ok(Some(Read { bytes, inventory }))
    }

    async fn check_sidecar(
        &mut self,
        folder: &Key,
        json: &[u8],
        algorithm: Option<&str>,
    ) -> Result<(), StoreError> {
        let below = folder.below(self.root).unwrap_or_else(Key::root);
        let sidecar = |path: &Key| {
            let name = path.below(&below).filter(|path| path.parts().count() == 1)?;
            name.as_str().strip_prefix("inventory.json.").map(str::to_owned)
        };
        let found: Vec<_> = self.files.keys().filter_map(sidecar).collect();
        let [name] = &found[..] else {
            self.findings.add(
                OcflCode::E058,
                folder,
                format!("the inventory has {} sidecars", found.len()),
            );
            return Ok(());
        };
        let at = folder.child(&format!("inventory.json.{name}"))?;
        if let Some(algorithm) = algorithm {
            let detail = format!("the inventory's algorithm is {algorithm}");
            self.findings
                .check(algorithm == name, OcflCode::E059, &at, detail);
        }
        let text = self.read_small(&at).await?.unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let (digest, file) = text.split_once([' ', '\t']).unwrap_or((&text, ""));
        let is_digest = !digest.is_empty() && digest.bytes().all(|digit| digit.is_ascii_hexdigit());
        let is_file = file
            .trim_start_matches([' ', '\t'])
            .trim_end_matches(['\n', '\r'])
            == layout::INVENTORY;
        if !self
            .findings
            .check(is_digest && is_file, OcflCode::E061, &at, "it is no sidecar")
        {
            return Ok(());
        }
        if let Some(algorithm) = Algorithm::named(name) {
            let is_right = algorithm.digest(json).eq_ignore_ascii_case(digest);
            self.findings
                .check(is_right, OcflCode::E060, &at, "the inventory has another digest");
        }
        Ok(())
    }

    /// The inventories of the versions before the last, each checked against the root's.
    async fn check_versions(&mut self, root: &Read) -> Result<Vec<Inventory>, StoreError> {
        let mut earlier = Vec::new();
        let mut newest_specification = None;
        let last = root.inventory.versions.len().saturating_sub(1);
        for (n, version) in root.inventory.versions.iter().enumerate() {
            let Ok(name) = version.name.parse() else { continue };
            let folder = self.at(&name);
            let at = folder.join(&Key::literal(layout::INVENTORY));
            let is_there = self
                .files
                .contains_key(&name.join(&Key::literal(layout::INVENTORY)));
            if !self
                .findings
                .check(is_there, OcflCode::W010, &folder, "there is no inventory")
            {
                continue;
            }
            if n == last {
                self.check_last(root, &folder, &at).await?;
                continue;
            }
            let Some(read) = self.read_inventory(&folder).await? else {
                continue;
            };
            self.check_against_root(&root.inventory, &read.inventory, version);
            let older = read.inventory.specification < newest_specification;
            self.findings.check(
                !older,
                OcflCode::E103,
                &at,
                "a version before follows a newer specification",
            );
            newest_specification = newest_specification.max(read.inventory.specification);
            earlier.push(read.inventory);
        }
        let older = root.inventory.specification < newest_specification;
        self.findings.check(
            !older,
            OcflCode::E103,
            self.root,
            "a version before follows a newer specification",
        );
        Ok(earlier)
    }

    async fn check_last(&mut self, root: &Read, folder: &Key, at: &Key) -> Result<(), StoreError> {
        let bytes = self.blobs.get_bytes(at, INVENTORY_MAX_BYTES).await?;
        if self.findings.check(
            bytes == root.bytes,
            OcflCode::E064,
            at,
            "it is not the object's inventory",
        ) {
            return self
                .check_sidecar(folder, &bytes, root.inventory.algorithm.as_deref())
                .await;
        }
        if let Some(read) = self.read_inventory(folder).await?
            && let Some(version) = root.inventory.versions.last()
        {
            self.check_against_root(&root.inventory, &read.inventory, version);
        }
        Ok(())
    }

    fn check_against_root(&mut self, root: &Inventory, earlier: &Inventory, version: &Version) {
        let (at, findings) = (&earlier.at, &mut self.findings);
        findings.check(
            earlier.id == root.id,
            OcflCode::E037,
            at,
            "the id is not the object's",
        );
        let is_its_own = earlier.head.as_deref() == Some(&version.name);
        findings.check(
            is_its_own,
            OcflCode::E040,
            at,
            format!("the head is not {}", version.name),
        );
        let same_folder = earlier.content_folder == root.content_folder;
        findings.check(
            same_folder,
            OcflCode::E019,
            at,
            "the content folder is not that of the last version",
        );
        for known in &earlier.versions {
            let Some(now) = root.versions.iter().find(|now| now.number == known.number) else {
                findings.add(OcflCode::E066, at, format!("the object has no {}", known.name));
                continue;
            };
            let detail = format!("{} has other files than in the object's inventory", known.name);
            findings.check(same_state(root, now, earlier, known), OcflCode::E066, at, detail);
            let detail = format!(
                "{} has another time, message or user than in the object's",
                known.name
            );
            findings.check(now.metadata == known.metadata, OcflCode::W011, at, detail);
        }
    }

    async fn read_small(&self, at: &Key) -> Result<Option<Bytes>, StoreError> {
        match self.blobs.get_bytes(at, SMALL_FILE_MAX_BYTES).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(StoreError::NotFound { .. } | StoreError::TooLarge { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }
}

/// Whether two inventories say the same of a version: by digest, or by content where they use different
/// algorithms.
fn same_state(root: &Inventory, now: &Version, earlier: &Inventory, known: &Version) -> bool {
    let (now, known) = (now.digest_by_path(), known.digest_by_path());
    if !now.keys().eq(known.keys()) {
        return false;
    }
    let same_algorithm = root.algorithm == earlier.algorithm;
    now.values().zip(known.values()).all(|(now, known)| {
        if same_algorithm {
            return now.eq_ignore_ascii_case(known);
        }
        // Later manifests may know more places of the same bytes.
        let places = |inventory: &Inventory, digest: &str| -> BTreeSet<String> {
            let content = inventory.content().filter(|(_, found)| *found == digest);
            content.map(|(path, _)| path.to_owned()).collect()
        };
        places(earlier, known).is_subset(&places(root, now))
    })
}
