//! The versions block of an inventory.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    Findings, OcflCode,
    json::Json,
    manifest::{self, DigestMap},
};
use crate::Key;

/// One version as an inventory describes it.
#[derive(Debug, Clone)]
pub(super) struct Version {
    /// Its folder, such as `v1` or `v0001`.
    pub(super) name: String,
    pub(super) number: u32,
    pub(super) state: DigestMap,
    /// `created`, `message` and `user` as written.
    pub(super) metadata: [Option<Json>; 3],
}

impl Version {
    /// Digest of each logical path.
    pub(super) fn digest_by_path(&self) -> BTreeMap<&str, &str> {
        let pairs = self
            .state
            .iter()
            .flat_map(|(digest, paths)| paths.iter().map(move |path| (path, digest)));
        pairs
            .map(|(path, digest)| (path.as_str(), digest.as_str()))
            .collect()
    }
}

/// The number in a version's name, zero-padded or not.
pub(super) fn version_number(name: &str) -> Option<u32> {
    let digits = name.strip_prefix('v')?;
    let all_digits = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    digits.parse().ok().filter(|number| all_digits && *number > 0)
}

/// Reads the versions, sorted by number.
pub(super) fn read_versions(
    json: &Json,
    manifest: &DigestMap,
    at: &Key,
    findings: &mut Findings,
) -> Vec<Version> {
    let Some(members) = json.as_object() else {
        findings.add(OcflCode::E044, at, "versions is no JSON object");
        return Vec::new();
    };
    findings.check(!members.is_empty(), OcflCode::E008, at, "there is no version");
    let digests: BTreeSet<_> = manifest.iter().map(|(digest, _)| digest.as_str()).collect();
    let mut versions = Vec::new();
    for (name, version) in members {
        match version_number(name) {
            Some(number) => versions.push(read_version(name, number, version, &digests, at, findings)),
            None => findings.add(OcflCode::E046, at, format!("{name:?} is no version such as v1")),
        }
    }
    versions.sort_by_key(|version| version.number);
    check_names(&versions, at, findings);
    versions
}

fn check_names(versions: &[Version], at: &Key, findings: &mut Findings) {
    let Some(first) = versions.first() else { return };
    findings.check(
        first.number == 1,
        OcflCode::E009,
        at,
        format!("the first version is {}", first.name),
    );
    for (version, expected) in versions.iter().zip(first.number..) {
        if !findings.check(
            version.number == expected,
            OcflCode::E010,
            at,
            format!("v{expected} is missing"),
        ) {
            break;
        }
    }
    let is_padded = |version: &Version| version.name.starts_with("v0");
    if !versions.iter().any(is_padded) {
        return;
    }
    findings.add(OcflCode::W001, at, "version numbers are padded with zeros");
    for version in versions {
        let detail = || format!("{} is named unlike {}", version.name, first.name);
        if !is_padded(version) {
            findings.add(OcflCode::E011, at, detail());
            findings.add(OcflCode::E013, at, detail());
        }
        findings.check(
            version.name.len() == first.name.len(),
            OcflCode::E012,
            at,
            detail(),
        );
    }
}

fn read_version(
    name: &str,
    number: u32,
    json: &Json,
    digests: &BTreeSet<&str>,
    at: &Key,
    findings: &mut Findings,
) -> Version {
    findings.check(
        json.as_object().is_some(),
        OcflCode::E047,
        at,
        format!("{name} is no JSON object"),
    );
    check_created(name, json.get("created"), at, findings);
    check_message(name, json.get("message"), at, findings);
    check_user(name, json.get("user"), at, findings);
    let state = match json.get("state") {
        Some(state) => manifest::read_map(
            state,
            &format!("the state of {name}"),
            manifest::STATE,
            at,
            findings,
        ),
        None => {
            findings.add(OcflCode::E048, at, format!("{name} has no state"));
            Vec::new()
        }
    };
    for (digest, _) in state
        .iter()
        .filter(|(digest, _)| !digests.contains(digest.as_str()))
    {
        findings.add(
            OcflCode::E050,
            at,
            format!("{name} has {digest}, which is not in the manifest"),
        );
    }
    let metadata = ["created", "message", "user"].map(|field| json.get(field).cloned());
    Version {
        name: name.to_owned(),
        number,
        state,
        metadata,
    }
}

fn check_created(name: &str, created: Option<&Json>, at: &Key, findings: &mut Findings) {
    let Some(created) = created else {
        return findings.add(OcflCode::E048, at, format!("{name} has no time of creation"));
    };
    let is_time = created.as_text().is_some_and(is_rfc3339);
    findings.check(
        is_time,
        OcflCode::E049,
        at,
        format!("{name} has no RFC 3339 time of creation"),
    );
}

fn check_message(name: &str, message: Option<&Json>, at: &Key, findings: &mut Findings) {
    match message {
        None => findings.add(OcflCode::W007, at, format!("{name} has no message")),
        Some(Json::Text(_)) => {}
        Some(_) => findings.add(
            OcflCode::E094,
            at,
            format!("{name} has a message that is no text"),
        ),
    }
}

fn check_user(name: &str, user: Option<&Json>, at: &Key, findings: &mut Findings) {
    let Some(user) = user else {
        return findings.add(OcflCode::W007, at, format!("{name} has no user"));
    };
    let has_name = user.get("name").is_some_and(|name| name.as_text().is_some());
    findings.check(
        has_name,
        OcflCode::E054,
        at,
        format!("{name} has a user without a name"),
    );
    match user.get("address") {
        None => findings.add(
            OcflCode::W008,
            at,
            format!("{name} has a user without an address"),
        ),
        Some(Json::Text(address)) => {
            findings.check(
                is_uri(address),
                OcflCode::W009,
                at,
                format!("{name} has a user whose address is no URI"),
            );
        }
        Some(_) => findings.add(
            OcflCode::E054,
            at,
            format!("{name} has a user whose address is no text"),
        ),
    }
}

/// A scheme, a colon and something after it (RFC 3986 section 3).
pub(super) fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(is_scheme) && !rest.is_empty()
}

/// RFC 3339 wants date, time with seconds, and a zone; the library alone would take less.
fn is_rfc3339(text: &str) -> bool {
    let shape = |(found, wanted): (u8, u8)| match wanted {
        b'0' => found.is_ascii_digit(),
        other => found.eq_ignore_ascii_case(&other),
    };
    let wanted = b"0000-00-00T00:00:00";
    text.len() > wanted.len() && text.bytes().zip(*wanted).all(shape) && text.parse::<Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_need_seconds_and_a_zone() {
        for (text, is_time) in [
            ("2019-01-01T02:03:04Z", true),
            ("2021-03-30T15:18:29.613693922-05:00", true),
            ("2019-01-01t02:03:04z", true),
            ("2019-01-01T02:03:04", false),
            ("2019-01-01T02:03Z", false),
            ("2019-01-01", false),
            ("2019-13-01T02:03:04Z", false),
            ("yesterday", false),
        ] {
            assert_eq!(is_rfc3339(text), is_time, "{text}");
        }
    }

    #[test]
    fn a_uri_has_a_scheme() {
        for (text, is_one) in [
            ("urn:uuid:0190f3a0", true),
            ("mailto:a@example.org", true),
            ("https://orcid.org/0000", true),
            ("not_a_uri", false),
            ("1:2", false),
            (":a", false),
            ("a:", false),
        ] {
            assert_eq!(is_uri(text), is_one, "{text}");
        }
    }
}
