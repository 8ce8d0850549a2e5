//! An inventory by itself, as any program may have written it.

use std::collections::BTreeSet;

use super::{
    Findings, OcflCode,
    algorithm::Algorithm,
    json::Json,
    manifest::{self, DigestMap},
    version::{self, Version, is_uri},
};
use crate::Key;

/// The specifications that an inventory may follow, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Specification {
    V1_0,
    V1_1,
}

impl Specification {
    pub(super) const ALL: [Self; 2] = [Self::V1_0, Self::V1_1];

    /// Its version as names and addresses have it.
    pub(super) const fn version(self) -> &'static str {
        match self {
            Self::V1_0 => "1.0",
            Self::V1_1 => "1.1",
        }
    }

    fn of_type(address: &str) -> Option<Self> {
        let found = |spec: &Self| address == format!("https://ocfl.io/{}/spec/#inventory", spec.version());
        Self::ALL.into_iter().find(found)
    }
}

/// What an inventory says; what it says wrongly is left out.
#[derive(Debug, Clone)]
pub(super) struct Inventory {
    /// Where it lies.
    pub(super) at: Key,
    pub(super) specification: Option<Specification>,
    pub(super) id: Option<String>,
    pub(super) head: Option<String>,
    /// The algorithm's name as written.
    pub(super) algorithm: Option<String>,
    /// The name of content folders.
    pub(super) content_folder: String,
    pub(super) manifest: DigestMap,
    /// By number.
    pub(super) versions: Vec<Version>,
    /// Algorithm, digest and content paths.
    pub(super) fixity: Vec<(Algorithm, DigestMap)>,
}

impl Inventory {
    /// Reads and checks an inventory; `None` where it is no JSON object.
    pub(super) fn read(at: &Key, bytes: &[u8], findings: &mut Findings) -> Option<Self> {
        let json = match Json::parse(bytes) {
            Ok(json) if json.as_object().is_some() => json,
            Ok(_) => {
                findings.add(OcflCode::E033, at, "it is no JSON object");
                return None;
            }
            Err(e) => {
                findings.add(OcflCode::E033, at, e.to_string());
                return None;
            }
        };
        let content_folder = read_content_folder(json.get("contentDirectory"), at, findings);
        let mut block = |name| {
            let found = json.get(name);
            findings.check(found.is_some(), OcflCode::E041, at, format!("there is no {name}"));
            found
        };
        let (manifest, versions) = (block("manifest"), block("versions"));
        let manifest = manifest
            .map(|json| manifest::read_map(json, "the manifest", manifest::MANIFEST, at, findings))
            .unwrap_or_default();
        let versions = versions
            .map(|json| version::read_versions(json, &manifest, at, findings))
            .unwrap_or_default();
        let inventory = Self {
            at: at.clone(),
            specification: read_type(json.get("type"), at, findings),
            id: read_id(json.get("id"), at, findings),
            head: read_head(json.get("head"), &versions, at, findings),
            algorithm: read_algorithm(json.get("digestAlgorithm"), at, findings),
            content_folder,
            fixity: read_fixity(json.get("fixity"), at, findings),
            manifest,
            versions,
        };
        inventory.check_content_paths(findings);
        inventory.check_all_used(findings);
        Some(inventory)
    }

    /// Content paths of the manifest with their digest.
    pub(super) fn content(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self
            .manifest
            .iter()
            .flat_map(|(digest, paths)| paths.iter().map(move |path| (path, digest)));
        pairs.map(|(path, digest)| (path.as_str(), digest.as_str()))
    }

    /// Content paths of the fixity block with algorithm and digest.
    pub(super) fn fixity_content(&self) -> impl Iterator<Item = (&str, Algorithm, &str)> {
        self.fixity.iter().flat_map(|(algorithm, map)| {
            map.iter().flat_map(move |(digest, paths)| {
                paths
                    .iter()
                    .map(move |path| (path.as_str(), *algorithm, digest.as_str()))
            })
        })
    }

    /// The algorithm of the manifest, if it is an allowed one.
    pub(super) fn content_algorithm(&self) -> Option<Algorithm> {
        Algorithm::for_content(self.algorithm.as_deref()?)
    }

    fn check_content_paths(&self, findings: &mut Findings) {
        for (path, _) in self.content() {
            let mut parts = path.split('/');
            let version = parts.next().unwrap_or_default();
            let lies_in_version = self.versions.iter().any(|known| known.name == version);
            let lies_in_content = parts.next() == Some(&self.content_folder);
            let known = lies_in_version && lies_in_content && parts.next().is_some();
            findings.check(
                known,
                OcflCode::E042,
                &self.at,
                format!("the manifest has the path {path:?}"),
            );
        }
    }

    fn check_all_used(&self, findings: &mut Findings) {
        let states = self.versions.iter().flat_map(|version| &version.state);
        let used: BTreeSet<_> = states.map(|(digest, _)| digest.to_ascii_lowercase()).collect();
        for (digest, _) in &self.manifest {
            let is_used = used.contains(&digest.to_ascii_lowercase());
            findings.check(
                is_used,
                OcflCode::E107,
                &self.at,
                format!("no version has {digest} of the manifest"),
            );
        }
    }
}

fn read_id(json: Option<&Json>, at: &Key, findings: &mut Findings) -> Option<String> {
    let Some(json) = json else {
        findings.add(OcflCode::E036, at, "there is no id");
        return None;
    };
    let Some(id) = json.as_text().filter(|id| !id.is_empty()) else {
        findings.add(OcflCode::E037, at, "the id is no text");
        return None;
    };
    findings.check(is_uri(id), OcflCode::W005, at, format!("the id {id:?} is no URI"));
    Some(id.to_owned())
}

fn read_type(json: Option<&Json>, at: &Key, findings: &mut Findings) -> Option<Specification> {
    let Some(json) = json else {
        findings.add(OcflCode::E036, at, "there is no type");
        return None;
    };
    let specification = json.as_text().and_then(Specification::of_type);
    findings.check(
        specification.is_some(),
        OcflCode::E038,
        at,
        "the type is no known specification",
    );
    specification
}

fn read_head(json: Option<&Json>, versions: &[Version], at: &Key, findings: &mut Findings) -> Option<String> {
    let Some(json) = json else {
        findings.add(OcflCode::E036, at, "there is no head");
        return None;
    };
    let last = versions.last().map(|version| version.name.as_str());
    let head = json.as_text();
    let detail = format!(
        "the head is {}, the last version {}",
        head.unwrap_or("no text"),
        last.unwrap_or("missing")
    );
    findings.check(head.is_some() && head == last, OcflCode::E040, at, detail);
    head.map(str::to_owned)
}

fn read_algorithm(json: Option<&Json>, at: &Key, findings: &mut Findings) -> Option<String> {
    let Some(json) = json else {
        findings.add(OcflCode::E036, at, "there is no digestAlgorithm");
        return None;
    };
    let name = json.as_text().unwrap_or_default();
    let algorithm = Algorithm::for_content(name);
    findings.check(
        algorithm.is_some(),
        OcflCode::E025,
        at,
        format!("the algorithm is {name:?}"),
    );
    findings.check(
        algorithm != Some(Algorithm::Sha256),
        OcflCode::W004,
        at,
        "the algorithm is sha256",
    );
    Some(name.to_owned())
}

fn read_content_folder(json: Option<&Json>, at: &Key, findings: &mut Findings) -> String {
    let Some(json) = json else {
        return "content".to_owned();
    };
    let name = json.as_text().unwrap_or_default();
    let is_name = !name.is_empty() && !name.contains('/');
    findings.check(
        is_name,
        OcflCode::E017,
        at,
        format!("the content folder is {name:?}"),
    );
    let is_real = !matches!(name, "." | "..");
    findings.check(
        is_real,
        OcflCode::E018,
        at,
        format!("the content folder is {name:?}"),
    );
    name.to_owned()
}

/// Algorithms that we do not know are passed over: the specification allows any.
fn read_fixity(json: Option<&Json>, at: &Key, findings: &mut Findings) -> Vec<(Algorithm, DigestMap)> {
    let Some(json) = json else { return Vec::new() };
    let Some(blocks) = json.as_object() else {
        findings.add(OcflCode::E111, at, "fixity is no JSON object");
        return Vec::new();
    };
    let mut fixity = Vec::new();
    for (name, block) in blocks {
        let what = format!("the fixity of {name}");
        let map = manifest::read_map(block, &what, manifest::FIXITY, at, findings);
        fixity.extend(Algorithm::named(name).map(|algorithm| (algorithm, map)));
    }
    fixity
}
