//! Content files: all in the manifest, all there, all with their digests.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt as _, TryStreamExt as _, stream};

use super::{
    FaultyContent, Fixity, OcflCode,
    algorithm::Algorithm,
    inventory::Inventory,
    object::Object,
    version::{Version, version_number},
};
use crate::{Key, StoreError};

/// Files read at the same time: hides the latency of a distant store, and uses no more cores than a small
/// machine has.
const FILES_AT_ONCE: usize = 4;

/// A digest that an inventory gives to a content path.
struct Claim<'a> {
    algorithm: Algorithm,
    digest: &'a str,
    /// The inventory.
    at: &'a Key,
    /// What it means if it is wrong.
    code: OcflCode,
}

/// Claims by content path.
type Claims<'a> = BTreeMap<&'a str, Vec<Claim<'a>>>;

/// Checks content against the object's inventory and those of the versions before the last.
pub(super) async fn check(
    object: &mut Object<'_>,
    root: &Inventory,
    earlier: &[Inventory],
    fixity: Fixity,
) -> Result<(), StoreError> {
    check_all_in_manifest(object, root, root.versions.last());
    for inventory in earlier {
        check_all_in_manifest(object, inventory, inventory.versions.last());
    }
    let inventories = || earlier.iter().chain([root]);
    let mut claims = Claims::new();
    for inventory in inventories() {
        collect_claims(inventory, &mut claims);
    }
    let mut there = Vec::new();
    for (path, claims) in claims {
        match path.parse::<Key>() {
            Ok(key) if object.files.contains_key(&key) => there.push((key, claims)),
            _ => {
                let missing: BTreeSet<_> = claims.iter().map(|claim| (claim.code, claim.at)).collect();
                for (code, at) in missing {
                    // A path that is no key is told by the inventory that has it.
                    let key = path.parse().map_or_else(|_| at.clone(), |key| object.at(&key));
                    let content = FaultyContent::Absent(key);
                    object
                        .findings
                        .add_content(code, at, content, format!("{path} is not there"));
                }
            }
        }
    }
    if fixity == Fixity::Check {
        check_digests(object, there).await?;
    }
    Ok(())
}

/// Every file in the content folders of the versions that an inventory knows must be in its manifest.
fn check_all_in_manifest(object: &mut Object<'_>, inventory: &Inventory, last: Option<&Version>) {
    let Some(last) = last else { return };
    let known: BTreeSet<_> = inventory.content().map(|(path, _)| path).collect();
    for path in object.files.keys() {
        let mut parts = path.parts();
        let version = parts.next().and_then(version_number);
        let is_content = version.is_some_and(|version| version <= last.number)
            && parts.next() == Some(&inventory.content_folder)
            && parts.next().is_some();
        if is_content && !known.contains(path.as_str()) {
            let content = FaultyContent::Unnamed(object.at(path));
            let detail = format!("{path} is not in the manifest");
            object
                .findings
                .add_content(OcflCode::E023, &inventory.at, content, detail);
        }
    }
}

fn collect_claims<'a>(inventory: &'a Inventory, claims: &mut Claims<'a>) {
    let at = &inventory.at;
    // Of a foreign algorithm only the place can be checked, which any algorithm does.
    let algorithm = inventory.content_algorithm().unwrap_or(Algorithm::Sha512);
    for (path, digest) in inventory.content() {
        claims.entry(path).or_default().push(Claim {
            algorithm,
            digest,
            at,
            code: OcflCode::E092,
        });
    }
    for (path, algorithm, digest) in inventory.fixity_content() {
        claims.entry(path).or_default().push(Claim {
            algorithm,
            digest,
            at,
            code: OcflCode::E093,
        });
    }
}

async fn check_digests(object: &mut Object<'_>, files: Vec<(Key, Vec<Claim<'_>>)>) -> Result<(), StoreError> {
    let reader = &*object;
    let found = files.into_iter().map(|(path, claims)| async move {
        let algorithms = claims.iter().map(|claim| claim.algorithm).collect();
        let digests = digests(reader, &path, algorithms).await?;
        Ok::<_, StoreError>((path, claims, digests))
    });
    let found: Vec<_> = stream::iter(found).buffered(FILES_AT_ONCE).try_collect().await?;
    for (path, claims, digests) in found {
        for claim in claims {
            let is_right = digests
                .get(&claim.algorithm)
                .is_some_and(|d| d.eq_ignore_ascii_case(claim.digest));
            if is_right {
                continue;
            }
            let detail = format!(
                "{path} does not have the {} {}",
                claim.algorithm.name(),
                claim.digest
            );
            let content = FaultyContent::Altered(object.at(&path));
            object.findings.add_content(claim.code, claim.at, content, detail);
        }
    }
    Ok(())
}

/// The digests of one file, in one reading.
async fn digests(
    object: &Object<'_>,
    path: &Key,
    algorithms: BTreeSet<Algorithm>,
) -> Result<BTreeMap<Algorithm, String>, StoreError> {
    let key = object.at(path);
    if algorithms.iter().eq([&Algorithm::Sha256]) {
        // What this program writes: the store's own way is the fastest.
        let (digest, _) = object.blobs.digest(&key).await?;
        return Ok(BTreeMap::from([(Algorithm::Sha256, digest.to_string())]));
    }
    let mut hashers: Vec<_> = algorithms
        .into_iter()
        .map(|algorithm| (algorithm, algorithm.hasher()))
        .collect();
    let mut pieces = object.blobs.get(&key).await?;
    while let Some(piece) = pieces.try_next().await? {
        for (_, hasher) in &mut hashers {
            hasher.update(&piece);
        }
    }
    Ok(hashers
        .into_iter()
        .map(|(algorithm, hasher)| (algorithm, hex::encode(hasher.finalize())))
        .collect())
}
