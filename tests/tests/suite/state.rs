//! What an archive has come to, so that two loads of the same box can be compared.

use std::{fs, path::Path, sync::LazyLock};

use hrisov_model::Digest;
use regex::Regex;
use serde_json::Value;

use super::program::Archive;

/// What differs between two loads of the same box by nature: identifiers, times and, made from them, digests
/// and salts.
static BY_CHANCE: LazyLock<[(Regex, &str); 5]> = LazyLock::new(|| {
    [
        (
            "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(/[0-9]{13}\\.json)?",
            "<uuid>",
        ),
        (
            "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?Z",
            "<time>",
        ),
        ("[0-9a-f]{64}", "<digest>"),
        (
            "ocfl/[0-9a-f]{3}/[0-9a-f]{3}/[0-9a-f]{3}/urn%3auuid%3a<uuid>",
            "<object>",
        ),
        ("\"score\":[0-9.e-]+", "\"score\":0"),
    ]
    .map(|(pattern, name)| (Regex::new(pattern).unwrap(), name))
});

/// The state of an archive: one line a stored file with what is in it, the account, and what searches find.
/// Equal states differ in identifiers and times alone.
pub fn state(archive: &Archive, words: &[&str]) -> Vec<String> {
    let store = archive.path().join("store");
    let boxes = archive.boxes().to_string_lossy().into_owned();
    let constant = |text: &str| constant(&text.replace(&boxes, "<boxes>"));
    let mut lines: Vec<_> = archive
        .objects()
        .iter()
        // How the leaves fell into batches is chance: they are compared below.
        .filter(|path| !path.starts_with(store.join("ledger")))
        .map(|path| {
            line(
                path.strip_prefix(&store).unwrap(),
                &fs::read(path).unwrap(),
                &boxes,
            )
        })
        .collect();
    lines.sort();
    let mut kinds: Vec<_> = archive
        .leaves()
        .iter()
        .map(|leaf| leaf["kind"].to_string())
        .collect();
    kinds.sort();
    lines.push(format!("log: {}", kinds.join(" ")));
    let mut verified = archive.json(0, &["verify"]);
    // Times are written without trailing zeros: the sum of bytes goes with them.
    verified["checked"]["bytes"] = Value::Null;
    lines.push(format!("verified: {verified}"));
    let mut status = archive.json(0, &["status"]);
    if let Some(batches) = status["batches"].as_array_mut() {
        batches.sort_by_key(Value::to_string);
    }
    lines.push(format!("status: {}", constant(&status.to_string())));
    for word in words {
        let mut found = archive.json(0, &["search", word]);
        if let Some(hits) = found["hits"].as_array_mut() {
            hits.sort_by_key(|hit| constant(&hit.to_string()));
        }
        lines.push(format!("{word}: {}", constant(&found.to_string())));
    }
    lines
}

/// Fails with the lines that only one of two states has.
#[track_caller]
pub fn check_same(found: &[String], expected: &[String], when: &str) {
    let only = |a: &[String], b: &[String]| {
        let mut rest = b.to_vec();
        let lines = a.iter().filter(|line| {
            let at = rest.iter().position(|other| other == *line);
            at.map(|at| rest.swap_remove(at)).is_none()
        });
        lines.cloned().collect::<Vec<_>>().join("\n  ")
    };
    assert!(
        found == expected,
        "{when}:\nonly here:\n  {}\nonly undisturbed:\n  {}",
        only(found, expected),
        only(expected, found)
    );
}

fn line(path: &Path, bytes: &[u8], boxes: &str) -> String {
    let path = path.to_string_lossy();
    // Masters are bytes and compared as such; all else is text that may hold identifiers.
    let content = match path.contains("/content/masters/") {
        true => Digest::of(bytes).to_string(),
        false => {
            let text = String::from_utf8_lossy(bytes).replace(boxes, "<boxes>");
            let mut lines: Vec<_> = constant(&text).lines().map(str::to_owned).collect();
            if path.ends_with("inventory.json") {
                // A map from digests: its order goes with the identifiers.
                lines.sort();
            }
            Digest::of(lines.join("\n").as_bytes()).to_string()
        }
    };
    format!("{} {content}", constant(&path))
}

fn constant(text: &str) -> String {
    BY_CHANCE.iter().fold(text.to_owned(), |text, (pattern, name)| {
        pattern.replace_all(&text, *name).into_owned()
    })
}
