//! The inventory: all that an object is.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use hrisov_model::Digest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de};

use super::{LogicalPath, VersionPlan, layout};
use crate::{Key, StoreError};

/// Section 3.5.1: the value of `type`.
const TYPE: &str = "https://ocfl.io/1.1/spec/#inventory";
/// Section 3.5.1: the value of `digestAlgorithm`, the only one that this program writes.
const ALGORITHM: &str = "sha256";

/// An object's inventory in the form that this program writes: SHA-256, content under `content`.
///
/// As JSON it has one form: fields in the order of the specification, digests and paths sorted, versions
/// by number, two blanks of indentation and a final line feed. It never holds a path that OCFL forbids, a
/// gap between versions, or a digest without content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Inventory {
    id: String,
    r#type: String,
    digest_algorithm: String,
    head: VersionName,
    manifest: BTreeMap<Digest, BTreeSet<Key>>,
    versions: BTreeMap<VersionName, Version>,
}

/// One version of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// When it was decided (UTC).
    pub created: Timestamp,
    /// Why.
    pub message: String,
    /// By whom.
    pub user: User,
    /// Every file: its bytes, and the paths at which they appear.
    pub state: BTreeMap<Digest, BTreeSet<LogicalPath>>,
}

/// Who made a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// Name of a person or program.
    pub name: String,
    /// URI such as `mailto:...`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// A version's number, written `v1`, `v2`, ... `v10`, and sorted as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct VersionName(u32);

impl Inventory {
    /// The inventory of the planned version: a pure function of the inventory before it (`None` for
    /// version 1) and the plan.
    ///
    /// # Errors
    /// [`StoreError::PlanRefused`] where the plan does not follow the previous inventory, contradicts
    /// itself, names bytes that are nowhere, or brings bytes that are there already.
    pub fn next(previous: Option<&Self>, plan: &VersionPlan) -> Result<Self, StoreError> {
        plan.check()?;
        let head = previous.map_or(0, Self::head);
        if plan.version != head + 1 {
            return Err(plan.refused(format!("the last version is {head}")));
        }
        if previous.is_some_and(|inventory| inventory.id != plan.object_id) {
            return Err(plan.refused("the previous inventory is another object's"));
        }
        let (mut manifest, mut versions) =
            previous.map_or_else(Default::default, |i| (i.manifest.clone(), i.versions.clone()));
        for (digest, content) in &plan.new_content {
            let path = content_folder(plan.version).join(content.path.as_key());
            if manifest.insert(*digest, BTreeSet::from([path])).is_some() {
                return Err(plan.refused(format!("the bytes of {} are in an earlier version", content.path)));
            }
        }
        if let Some((path, _)) = plan
            .state
            .iter()
            .find(|(_, digest)| !manifest.contains_key(digest))
        {
            return Err(plan.refused(format!(
                "the bytes of {path} are neither new nor in an earlier version"
            )));
        }
        versions.insert(VersionName(plan.version), Version::of(plan));
        Ok(Self {
            id: plan.object_id.clone(),
            r#type: TYPE.to_owned(),
            digest_algorithm: ALGORITHM.to_owned(),
            head: VersionName(plan.version),
            manifest,
            versions,
        })
    }

    /// Reads an inventory as this program writes it, at `key`.
    ///
    /// # Errors
    /// [`StoreError::InvalidInventory`] where it is no such inventory; what OCFL allows beyond that form is
    /// refused too, with the reason.
    pub fn parse(key: &Key, json: &[u8]) -> Result<Self, StoreError> {
        let invalid = |reason: String| StoreError::InvalidInventory {
            key: key.clone(),
            reason,
        };
        let inventory: Self = serde_json::from_slice(json).map_err(|e| invalid(e.to_string()))?;
        match inventory.fault() {
            Some(reason) => Err(invalid(reason)),
            None => Ok(inventory),
        }
    }

    /// Its one form as JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).expect("maps with text keys are JSON");
        json.push(b'\n');
        json
    }

    /// SHA-256 of its JSON.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.to_json())
    }

    /// The object's identifier.
    #[must_use]
    pub fn object_id(&self) -> &str {
        &self.id
    }

    /// The number of its last version, from 1.
    #[must_use]
    pub const fn head(&self) -> u32 {
        self.head.0
    }

    /// One version; `None` beyond the last and for 0.
    #[must_use]
    pub fn version(&self, number: u32) -> Option<&Version> {
        self.versions.get(&VersionName(number))
    }

    /// The inventory as it was when `version` was the last; `None` beyond the last and for 0.
    #[must_use]
    pub fn at(&self, version: u32) -> Option<Self> {
        self.version(version)?;
        let mut earlier = self.clone();
        earlier.head = VersionName(version);
        earlier.versions.retain(|name, _| name.0 <= version);
        earlier.manifest.retain(|_, paths| {
            paths.retain(|path| content_version(path).is_some_and(|brought| brought <= version));
            !paths.is_empty()
        });
        Some(earlier)
    }

    /// The files of the last version by path.
    #[must_use]
    pub fn files(&self) -> BTreeMap<&LogicalPath, Digest> {
        let state = self.version(self.head()).map(|version| &version.state);
        let files = state.into_iter().flatten();
        files
            .flat_map(|(digest, paths)| paths.iter().map(|path| (path, *digest)))
            .collect()
    }

    /// The bytes at a path of the last version.
    #[must_use]
    pub fn file(&self, path: &LogicalPath) -> Option<Digest> {
        let state = &self.version(self.head())?.state;
        state
            .iter()
            .find(|(_, paths)| paths.contains(path))
            .map(|(digest, _)| *digest)
    }

    /// Where bytes lie below the object's root; `None` where no version brought them.
    #[must_use]
    pub fn content_path(&self, digest: Digest) -> Option<&Key> {
        self.manifest.get(&digest)?.first()
    }

    /// All content of all versions: its digest and where it lies below the object's root.
    pub fn content(&self) -> impl Iterator<Item = (Digest, &Key)> {
        self.manifest
            .iter()
            .flat_map(|(digest, paths)| paths.iter().map(|path| (*digest, path)))
    }

    /// What makes it no inventory of this program.
    fn fault(&self) -> Option<String> {
        if self.r#type != TYPE || self.digest_algorithm != ALGORITHM {
            return Some(format!(
                "it is of type {} with {}, this program reads {TYPE} with {ALGORITHM}",
                self.r#type, self.digest_algorithm
            ));
        }
        if self.id.is_empty() {
            return Some("it names no object".to_owned());
        }
        let numbers = self.versions.keys().map(|name| name.0);
        if self.head.0 == 0 || !numbers.eq(1..=self.head.0) {
            return Some(format!("its versions are not v1 to {}", self.head));
        }
        let outside = |path: &&Key| content_version(path).is_none_or(|brought| brought > self.head.0);
        if let Some(path) = self.manifest.values().flatten().find(outside) {
            return Some(format!(
                "content path {path} lies in the content folder of no version"
            ));
        }
        let mut used = self.versions.values().flat_map(|version| version.state.keys());
        let missing = used.find(|digest| !self.manifest.contains_key(digest))?;
        Some(format!(
            "a version has a file with {missing}, which is not in the manifest"
        ))
    }
}

impl Version {
    fn of(plan: &VersionPlan) -> Self {
        let mut state = BTreeMap::<_, BTreeSet<_>>::new();
        for (path, digest) in &plan.state {
            state.entry(*digest).or_default().insert(path.clone());
        }
        Self {
            created: plan.created,
            message: plan.message.clone(),
            user: User {
                name: plan.user_name.clone(),
                address: plan.user_address.clone(),
            },
            state,
        }
    }
}

/// The content folder of a version below the object's root.
pub(super) fn content_folder(version: u32) -> Key {
    let folder = format!("{}/{}", layout::version_name(version), layout::CONTENT);
    folder.parse().expect("a version's content folder is a key")
}

/// Which version brought the content at a path below the object's root.
fn content_version(path: &Key) -> Option<u32> {
    let mut parts = path.parts();
    let version = layout::version_number(parts.next()?)?;
    (parts.next()? == layout::CONTENT && parts.next().is_some()).then_some(version)
}

impl fmt::Display for VersionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&layout::version_name(self.0))
    }
}

impl Serialize for VersionName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for VersionName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let number = layout::version_number(&name);
        number
            .map(Self)
            .ok_or_else(|| de::Error::custom(format!("{name:?} is no version such as v1")))
    }
}
