//! Names as people and other systems make them: whatever a file is called, it is stored under a name that every tool can
//! show, and is found again.

use std::{
    ffi::OsStr,
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::ffi::OsStrExt as _,
    path::Path,
};

use serde_json::json;

use super::{
    outside::check_storage_root,
    program::{Archive, write_scan},
};

/// Two that differ in case alone, two that differ in Unicode's normal form alone, and the longest that a file system
/// takes. The name on disk, and how it is shown.
const NAMES: [(&str, &str); 17] = [
    ("cu spații.png", "cu spații.png"),
    (" la capete ", " la capete "),
    ("ghilimele\"'`.png", "ghilimele\"'`.png"),
    ("două\nrânduri.png", "două%0Arânduri.png"),
    ("Scan.png", "Scan.png"),
    ("scan.png", "scan.png"),
    ("ș compus.png", "ș compus.png"),
    ("s\u{326} descompus.png", "s\u{326} descompus.png"),
    ("ș.png", "ș.png"),
    ("s\u{326}.png", "s\u{326}.png"),
    ("100%41.png", "100%2541.png"),
    ("invers\\bară.png", "invers%5Cbară.png"),
    ("doi..puncte..", "doi..puncte.."),
    ("-rf", "-rf"),
    ("a:b?*<>|.png", "a:b?*<>|.png"),
    ("CON.png", "CON.png"),
    ("\u{202e}gnp.tif", "\u{202e}gnp.tif"),
];

/// A scan whose bytes no other has.
fn scan(path: &Path, number: usize) {
    let png = path.with_file_name("scan-in-lucru.png");
    write_scan(&png, 1);
    let mut file = OpenOptions::new().append(true).open(&png).unwrap();
    file.write_all(&number.to_le_bytes()).unwrap();
    fs::rename(png, path).unwrap();
}

#[test]
fn files_of_any_name_are_stored_and_found() {
    let archive = Archive::scripted();
    let folder = archive.boxes().join("cutia-1");
    let longest = format!("{}.png", "ă".repeat(125));
    let names = NAMES.iter().map(|(name, shown)| (*name, (*shown).to_owned()));
    let names: Vec<_> = names.chain([(longest.as_str(), longest.clone())]).collect();
    for (number, (name, _)) in names.iter().enumerate() {
        scan(&folder.join("1").join(name), number);
        // The same as dossiers, each a folder and a file within.
        scan(&folder.join(name).join("1.png"), 100 + number);
    }
    scan(&folder.join("1").join(OsStr::from_bytes(b"Pe\xbatera.png")), 99);
    let received = 2 * names.len() + 1;
    let report = archive.ingest(3, &folder);
    for (member, value) in [
        ("received", received),
        ("stored", received - 1),
        ("quarantined", 1),
        ("dossiers", names.len() + 1),
        ("pages_recognised", received - 1),
    ] {
        assert_eq!(report[member], value, "{member} in {report:#}");
    }
    let listed = archive.json(0, &["status", "cutia-1", "--files"]);
    let paths: Vec<_> = listed["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| &file["source_path"])
        .collect();
    for (_, shown) in &names {
        assert!(
            paths.contains(&&json!(format!("1/{shown}"))),
            "{shown:?} in {paths:#?}"
        );
        archive
            .run(&["text", &format!("cutia-1/{shown}"), "1"])
            .expect_code(0);
    }
    assert!(paths.contains(&&json!("1/Pe%BAtera.png")));
    assert_eq!(archive.json(0, &["verify"])["findings"], json!([]));
    assert_eq!(archive.ingest(3, &folder)["already"], received);
    let proof = archive.boxes().with_file_name("dovada.zip");
    archive
        .run(&["prove", "cutia-1/1", "-o", proof.to_str().unwrap()])
        .expect_code(0);
    let key = archive.path().join("keys/log.pub");
    archive
        .run(&[
            "verify-proof",
            proof.to_str().unwrap(),
            "--key",
            key.to_str().unwrap(),
        ])
        .expect_code(0);
    archive.run(&["rebuild"]).expect_code(0);
    assert_eq!(archive.json(0, &["verify"])["findings"], json!([]));
    check_storage_root(&archive, names.len() + 1);
}

/// What would be followed out of the box, or round and round, is reported instead.
#[test]
fn links_and_devices_are_reported_and_never_followed_out_of_the_box() {
    let archive = Archive::scripted();
    let folder = archive.boxes().join("cutia-1");
    let elsewhere = archive.boxes().join("altundeva");
    scan(&elsewhere.join("secret.png"), 1);
    scan(&folder.join("1/a.png"), 2);
    for (target, link) in [
        ("../../altundeva/secret.png", "1/afara.png"),
        ("../altundeva", "2"),
        ("..", "1/sus"),
        ("/etc/passwd", "1/parole.png"),
        ("lipsa.png", "1/lipsa.png"),
    ] {
        std::os::unix::fs::symlink(target, folder.join(link)).unwrap();
    }
    let pipe = std::process::Command::new("mkfifo")
        .arg(folder.join("1/teava"))
        .status();
    assert!(pipe.unwrap().success());
    let report = archive.ingest(3, &folder);
    for (member, value) in [
        ("received", 7),
        ("stored", 1),
        ("quarantined", 6),
        ("dossiers", 1),
    ] {
        assert_eq!(report[member], value, "{member} in {report:#}");
    }
    let masters = archive
        .objects()
        .iter()
        .filter(|path| path.to_str().unwrap().contains("/masters/"))
        .count();
    assert_eq!(masters, 1);
}
