//! The OCFL editors' own objects: good, doubtful and bad ones, the bad ones named after their codes.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use hrisov_store::{
    Blobs, Key, LocalBlobs,
    ocfl::{Finding, Fixity, validate_object},
};

fn fixtures() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/conformance/ocfl-1.1");
    if !folder.is_dir() {
        eprintln!(
            "PASSED OVER: the OCFL editors' fixtures are not on this machine ({})",
            folder.display()
        );
        return None;
    }
    Some(folder)
}

/// Every object of a kind with what was found.
async fn validated(kind: &str) -> Vec<(String, Vec<Finding>)> {
    let Some(folder) = fixtures() else {
        return Vec::new();
    };
    let folder = folder.join(kind);
    let blobs: Arc<dyn Blobs> = Arc::new(LocalBlobs::open(&folder).unwrap());
    let mut validated = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let root: Key = name.parse().unwrap();
        let findings = validate_object(&blobs, &root, Fixity::Check).await.unwrap();
        validated.push((name, findings));
    }
    assert!(validated.len() >= 10);
    validated.sort_by(|(one, _), (other, _)| one.cmp(other));
    validated
}

fn report(findings: &[Finding]) -> String {
    findings.iter().map(|finding| format!("\n  {finding}")).collect()
}

fn codes_in(name: &str) -> BTreeSet<&str> {
    let is_code = |part: &&str| part.len() == 4 && part[1..].bytes().all(|digit| digit.is_ascii_digit());
    name.split('_').take_while(is_code).collect()
}

#[tokio::test]
async fn good_objects_give_no_findings() {
    for (name, findings) in validated("good-objects").await {
        assert!(findings.is_empty(), "{name}:{}", report(&findings));
    }
}

#[tokio::test]
async fn doubtful_objects_give_their_warnings_and_no_errors() {
    for (name, findings) in validated("warn-objects").await {
        let found: BTreeSet<_> = findings.iter().map(|finding| finding.code.as_str()).collect();
        assert_eq!(found, codes_in(&name), "{name}:{}", report(&findings));
    }
}

#[tokio::test]
async fn bad_objects_give_the_errors_that_they_are_named_after() {
    let mut wrong = String::new();
    for (name, findings) in validated("bad-objects").await {
        let found: BTreeSet<_> = findings.iter().map(|finding| finding.code.as_str()).collect();
        if !found.is_superset(&codes_in(&name)) {
            wrong += &format!("\n{name}:{}", report(&findings));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
