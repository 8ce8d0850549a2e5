//! Maps from digests to paths: the manifest, the fixity block, the state of a version.

use std::collections::{BTreeMap, BTreeSet};

use super::{Findings, OcflCode, json::Json};
use crate::Key;

/// Digests as written, and their paths.
pub(super) type DigestMap = Vec<(String, Vec<String>)>;

/// The codes for one kind of map.
#[derive(Debug, Clone, Copy)]
pub(super) struct MapCodes {
    /// It is no map of digests to lists of texts.
    pub(super) shape: OcflCode,
    /// A digest comes twice.
    pub(super) digest_twice: OcflCode,
    /// A path has an empty part, `.` or `..`.
    pub(super) part: OcflCode,
    /// A path begins or ends with a slash.
    pub(super) slash: OcflCode,
    /// Paths repeat, or one is another's folder; `None` where that is allowed.
    pub(super) conflict: Option<OcflCode>,
}

/// Section 3.5.2.
pub(super) const MANIFEST: MapCodes = MapCodes {
    shape: OcflCode::E106,
    digest_twice: OcflCode::E096,
    part: OcflCode::E099,
    slash: OcflCode::E100,
    conflict: Some(OcflCode::E101),
};
/// Section 3.5.4.
pub(super) const FIXITY: MapCodes = MapCodes {
    shape: OcflCode::E057,
    digest_twice: OcflCode::E097,
    part: OcflCode::E099,
    slash: OcflCode::E100,
    conflict: None,
};
/// Section 3.5.3.1.
pub(super) const STATE: MapCodes = MapCodes {
    shape: OcflCode::E050,
    digest_twice: OcflCode::E050,
    part: OcflCode::E052,
    slash: OcflCode::E053,
    conflict: Some(OcflCode::E095),
};

/// Reads a map and checks its paths; `what` names it in findings.
pub(super) fn read_map(
    json: &Json,
    what: &str,
    codes: MapCodes,
    at: &Key,
    findings: &mut Findings,
) -> DigestMap {
    let Some(members) = json.as_object() else {
        findings.add(codes.shape, at, format!("{what} is no JSON object"));
        return Vec::new();
    };
    let mut map = Vec::new();
    let mut digests = BTreeSet::new();
    for (digest, paths) in members {
        let unique = digests.insert(digest.to_ascii_lowercase());
        findings.check(
            unique,
            codes.digest_twice,
            at,
            format!("{what} has digest {digest} twice"),
        );
        match paths.as_texts() {
            Some(paths) => map.push((digest.clone(), paths)),
            None => findings.add(
                codes.shape,
                at,
                format!("{what} has no list of paths for {digest}"),
            ),
        }
    }
    check_paths(&map, what, codes, at, findings);
    map
}

fn check_paths(map: &DigestMap, what: &str, codes: MapCodes, at: &Key, findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    let mut folders = BTreeMap::new();
    for path in map.iter().flat_map(|(_, paths)| paths) {
        if path.starts_with('/') || path.ends_with('/') {
            findings.add(codes.slash, at, format!("{what} has the path {path:?}"));
        }
        let inner = path.trim_matches('/');
        if inner.split('/').any(|part| matches!(part, "" | "." | "..")) || path.contains("//") {
            findings.add(codes.part, at, format!("{what} has the path {path:?}"));
        }
        let Some(conflict) = codes.conflict else { continue };
        findings.check(
            seen.insert(path),
            conflict,
            at,
            format!("{what} has the path {path:?} twice"),
        );
        let slashes = path.match_indices('/').map(|(place, _)| &path[..place]);
        folders.extend(slashes.map(|folder| (folder, path)));
    }
    let Some(conflict) = codes.conflict else { return };
    for path in seen {
        if let Some(below) = folders.get(path.as_str()) {
            findings.add(
                conflict,
                at,
                format!("{what} has {path:?} as a file and as the folder of {below:?}"),
            );
        }
    }
}
