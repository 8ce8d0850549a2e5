//! Proof bundles: who is convinced, who is not, and what is refused.

use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::{
    ledger::{flip, loaded, run, sql},
    program::Archive,
};

/// The bundle of page 1 of dossier 1, and its files by name.
pub fn proof(archive: &Archive, subject: &str) -> (PathBuf, Vec<(String, Vec<u8>)>) {
    let path = archive.boxes().join("dovada.zip");
    let _none = fs::remove_file(&path);
    archive
        .run(&["prove", subject, "-o", path.to_str().unwrap()])
        .expect_code(0);
    let mut zip = ZipArchive::new(File::open(&path).unwrap()).unwrap();
    let mut files = Vec::new();
    for at in 0..zip.len() {
        let mut file = zip.by_index(at).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        files.push((file.name().unwrap().into_owned(), bytes));
    }
    (path, files)
}

/// Writes a bundle with these files.
pub fn pack(path: &Path, files: &[(String, Vec<u8>)], method: CompressionMethod) {
    let mut zip = ZipWriter::new(File::create(path).unwrap());
    for (name, bytes) in files {
        zip.start_file(
            name.as_str(),
            SimpleFileOptions::default().compression_method(method),
        )
        .unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

#[test]
fn a_proof_convinces_who_trusts_the_key_and_nobody_else() {
    let archive = loaded();
    let (path, files) = proof(&archive, "cutia-1/1/1");
    let path = path.to_str().unwrap();
    let masters: Vec<_> = files
        .iter()
        .filter(|(name, _)| name.contains("master."))
        .collect();
    assert_eq!(
        masters.len(),
        1,
        "{:?}",
        files.iter().map(|(name, _)| name).collect::<Vec<_>>()
    );
    // Nothing of the dossier's other file is told.
    assert!(
        files
            .iter()
            .all(|(_, bytes)| !String::from_utf8_lossy(bytes).contains("b.png"))
    );
    let keys = archive.path().join("keys");
    for key in ["log.pub", "log.pem"] {
        let key = keys.join(key);
        let report = archive.json(0, &["verify-proof", path, "--key", key.to_str().unwrap()]);
        assert_eq!(report["verdict"], "proven");
        assert_eq!(report["leaves"][0]["master"], "a.png");
    }
    let der = run(Command::new("bash").arg("-c").arg(format!(
        "openssl pkey -pubin -in {}/log.pem -outform DER | sha256sum | cut -d' ' -f1",
        keys.display()
    )));
    let unknown = archive.run(&["verify-proof", path]).expect_code(5).stdout;
    assert!(
        unknown.contains(&format!("consistent, signer unknown: {}", der.trim())),
        "{unknown}"
    );
    let other = Archive::scripted();
    let stranger = other.path().join("keys/log.pub");
    let refused = archive.json(4, &["verify-proof", path, "--key", stranger.to_str().unwrap()]);
    assert!(
        refused["reason"]
            .as_str()
            .unwrap()
            .contains("not by the one given"),
        "{refused}"
    );
    let whole = archive.boxes().join("dosar.zip");
    archive
        .run(&["prove", "cutia-1/1", "-o", whole.to_str().unwrap()])
        .expect_code(0);
    let key = keys.join("log.pub");
    let report = archive.json(
        0,
        &[
            "verify-proof",
            whole.to_str().unwrap(),
            "--key",
            key.to_str().unwrap(),
        ],
    );
    assert_eq!(report["leaves"].as_array().unwrap().len(), 3);
}

#[test]
fn a_bundle_is_checked_by_hand_as_its_own_readme_says() {
    let archive = loaded();
    let (path, files) = proof(&archive, "cutia-1/1");
    let folder = archive.boxes().join("dovada");
    let unpack = "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])";
    run(Command::new("python3")
        .args(["-c", unpack])
        .arg(&path)
        .arg(&folder));
    let key = archive.path().join("keys/log.pem");
    let check = |place: &str| {
        // Debian's /bin/sh, which knows nothing that POSIX does not.
        Command::new("sh")
            .current_dir(&folder)
            .args(["check.sh", place, key.to_str().unwrap()])
            .output()
            .unwrap()
    };
    let folders = files.iter().filter(|(name, _)| name.ends_with("leaf.json"));
    let folders: Vec<_> = folders
        .map(|(name, _)| name.split_once('/').unwrap().0.to_owned())
        .collect();
    assert_eq!(folders.len(), 3);
    for place in &folders {
        let checked = check(place);
        let said = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert!(
            checked.status.success() && said.contains("GOOD"),
            "{place}: {said} {checked:?}"
        );
    }
    let readme = fs::read_to_string(folder.join("LEGE-READ-ME.txt")).unwrap();
    assert!(!readme.contains('{'), "{readme}");
    assert!(readme.contains("        sh check.sh 1 key.pem"));
    let refused = |what: &str| {
        let checked = check("1");
        let said = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert!(
            !checked.status.success() && said.contains("WRONG"),
            "{what}: {checked:?}"
        );
    };
    // Whoever made the bundle gives neither commands nor a second master.
    let proof = folder.join("1/page.tlog-proof");
    let sound = fs::read_to_string(&proof).unwrap();
    let command = format!("PATH[$(touch {}/done)0]", folder.display());
    for (line, other) in [("\n7\n", "\n{}\n"), ("index 0\n", "index {}\n")] {
        let line = line.replace("index 0", sound.lines().nth(1).unwrap());
        assert!(sound.contains(&line), "{line}: {sound}");
        fs::write(&proof, sound.replace(&line, &other.replace("{}", &command))).unwrap();
        refused(&command);
        assert!(!folder.join("done").exists());
    }
    let index = sound.lines().nth(1).unwrap();
    fs::write(&proof, sound.replace(index, "index 16")).unwrap();
    refused("an index beyond the log");
    fs::write(&proof, sound).unwrap();
    assert!(check("1").status.success());
    fs::write(folder.join("1/master.aaa"), "altceva").unwrap();
    refused("a second master");
    fs::remove_file(folder.join("1/master.aaa")).unwrap();
    flip(&folder.join("1/master.png"));
    refused("a changed master");
}

/// A file of the bundle, what becomes of it, and the file and words of the refusal.
type Forgery = (&'static str, fn(&mut Vec<u8>), &'static str, &'static str);

const FORGERIES: [Forgery; 13] = [
    (
        "1/master.png",
        |b| b[100] ^= 1,
        "1/master.png",
        "the leaf speaks of",
    ),
    (
        "1/salt",
        |b| b[0] = if b[0] == b'0' { b'1' } else { b'0' },
        "1/leaf.json",
        "commitment",
    ),
    ("1/salt", |b| b.truncate(10), "1/salt", ""),
    (
        "1/leaf.json",
        |b| replace(b, "ingestion", "ingestioN"),
        "1/leaf.json",
        "not the JSON",
    ),
    (
        "1/leaf.json",
        |b| replace(b, "ingestion", "adoption"),
        "1/page.tlog-proof",
        "not at this place",
    ),
    (
        "1/page.tlog-proof",
        |b| replace(b, "index ", "index 1"),
        "1/page.tlog-proof",
        "not at this place",
    ),
    (
        "1/page.tlog-proof",
        Vec::clear,
        "1/page.tlog-proof",
        "not a valid proof",
    ),
    (
        "checkpoint",
        |b| replace(b, "\n7\n", "\n8\n"),
        "1/page.tlog-proof",
        "another checkpoint",
    ),
    ("log.pub", |b| b[1] ^= 1, "log.pub", ""),
    ("key.pem", |b| b[40] ^= 1, "key.pem", "not the key"),
    (
        "events.xml",
        |b| replace(b, ">ingestion<", ">replacement<"),
        "events.xml",
        "not what",
    ),
    (
        "manifest.json",
        |b| replace(b, "hrisov-proof/1", "hrisov-proof/2"),
        "manifest.json",
        "format",
    ),
    (
        "manifest.json",
        |b| replace(b, "\"leaves\"", "\"leafs\""),
        "manifest.json",
        "",
    ),
];

fn replace(bytes: &mut Vec<u8>, from: &str, to: &str) {
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains(from), "{from}: {text}");
    *bytes = text.replacen(from, to, 1).into_bytes();
}

/// The bundle's files with one digit changed in the signature of that name, in the checkpoint and in every proof.
pub fn with_changed_signature(files: &[(String, Vec<u8>)], name: &str) -> Vec<(String, Vec<u8>)> {
    let (_, checkpoint) = files.iter().find(|(file, _)| file == "checkpoint").unwrap();
    let checkpoint = String::from_utf8(checkpoint.clone()).unwrap();
    let mut lines = checkpoint.lines();
    let line = lines
        .find(|line| line.starts_with(&format!("— {name} ")))
        .unwrap();
    let at = line.len() - 9;
    let other = if &line[at..=at] == "A" { "B" } else { "A" };
    let changed = format!("{}{other}{}", &line[..at], &line[at + 1..]);
    let change = |bytes: &Vec<u8>| match String::from_utf8(bytes.clone()) {
        Ok(text) => text.replace(line, &changed).into_bytes(),
        Err(_) => bytes.clone(),
    };
    files
        .iter()
        .map(|(file, bytes)| (file.clone(), change(bytes)))
        .collect()
}

#[track_caller]
fn check_refused(archive: &Archive, path: &Path, what: &str, (place, words): (&str, &str)) {
    let key = archive.path().join("keys/log.pub");
    for args in [
        &["verify-proof", path.to_str().unwrap()][..],
        &["--key", key.to_str().unwrap()],
    ] {
        let args = match args {
            ["--key", key] => vec!["verify-proof", path.to_str().unwrap(), "--key", key],
            other => other.to_vec(),
        };
        let report: Value = archive.json(4, &args);
        assert_eq!(report["verdict"], "refused", "{what}: {report}");
        assert_eq!(report["path"], place, "{what}: {report}");
        let reason = report["reason"].as_str().unwrap();
        assert!(reason.contains(words), "{what}: {report}");
        let said = archive.run_in_romanian(&args).stdout;
        assert!(said.starts_with("RESPINS: "), "{what}: {said}");
        assert!(!said.contains(reason), "{what}: {said}");
    }
}

/// The second file bears the name of the first, and so does its line in the list: other programs unpack the one that they
/// like.
fn with_twin(whole: &[u8]) -> Vec<u8> {
    let text = |name: &str| name.as_bytes().to_vec();
    let (first, second) = (text("1/salt"), text("2/salt"));
    let mut twin = whole.to_vec();
    for at in 0..twin.len() - second.len() {
        if twin[at..].starts_with(&second) {
            twin[at..at + first.len()].copy_from_slice(&first);
        }
    }
    twin
}

/// The salt as a symbolic link, which `unzip` would make.
fn pack_with_link(path: &Path, files: &[(String, Vec<u8>)]) {
    let mut zip = ZipWriter::new(File::create(path).unwrap());
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in files {
        if name == "1/salt" {
            zip.add_symlink(name.as_str(), "/etc/passwd", stored).unwrap();
            continue;
        }
        zip.start_file(name.as_str(), stored).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

#[test]
fn a_forged_bundle_is_refused_with_what_and_where() {
    let archive = loaded();
    let (path, files) = proof(&archive, "cutia-1/1/1");
    for (name, forge, place, words) in FORGERIES {
        let mut forged = files.clone();
        let file = forged.iter_mut().find(|(found, _)| found == name);
        forge(&mut file.unwrap_or_else(|| panic!("there is no {name}")).1);
        assert_ne!(forged, files, "{name}");
        pack(&path, &forged, CompressionMethod::Stored);
        check_refused(&archive, &path, name, (place, words));
    }
    let origin = archive.checkpoint().lines().next().unwrap().to_owned();
    let unsigned = with_changed_signature(&files, &origin);
    pack(&path, &unsigned, CompressionMethod::Stored);
    check_refused(
        &archive,
        &path,
        "a changed signature",
        ("1/page.tlog-proof", "is wrong"),
    );
    // A name that would write a verdict of its own to the terminal.
    let mut spoken = files.clone();
    let manifest = spoken.iter_mut().find(|(name, _)| name == "manifest.json");
    replace(&mut manifest.unwrap().1, "a.png\"", "\\u001b[2J\\nproven.png\"");
    pack(&path, &spoken, CompressionMethod::Stored);
    let said = archive
        .run(&["verify-proof", path.to_str().unwrap()])
        .expect_code(5)
        .stdout;
    assert!(
        said.contains("?[2J?proven.png") && !said.contains('\u{1b}'),
        "{said}"
    );
    let mut strange = files.clone();
    strange.push(("../../etc/passwd".to_owned(), b"x".to_vec()));
    pack(&path, &strange, CompressionMethod::Stored);
    check_refused(
        &archive,
        &path,
        "a strange name",
        ("../../etc/passwd", "does not belong"),
    );
    let fewer: Vec<_> = files
        .iter()
        .filter(|(name, _)| name != "1/salt")
        .cloned()
        .collect();
    pack(&path, &fewer, CompressionMethod::Stored);
    check_refused(&archive, &path, "a missing file", ("1/salt", "missing"));
    pack(&path, &files, CompressionMethod::Deflated);
    check_refused(&archive, &path, "compressed", ("manifest.json", "compressed"));
    pack(&path, &files, CompressionMethod::Stored);
    let whole = fs::read(&path).unwrap();
    for (what, bytes, words) in [
        ("cut off", whole[..whole.len() / 2].to_vec(), ""),
        ("nothing", Vec::new(), ""),
        (
            "a file before it",
            [b"#!/bin/sh\n", &whole[..]].concat(),
            "before or after",
        ),
        (
            "a file after it",
            [&whole[..], b"altceva"].concat(),
            "before or after",
        ),
        ("two of one name", with_twin(&whole), "two files of one name"),
    ] {
        fs::write(&path, bytes).unwrap();
        check_refused(&archive, &path, what, ("the bundle", words));
    }
    let mut long = files.clone();
    long.push(("a".repeat(60_000), b"x".to_vec()));
    pack(&path, &long, CompressionMethod::Stored);
    let told = format!("{}…", "a".repeat(80));
    check_refused(&archive, &path, "a long name", (&told, "does not belong"));
    pack_with_link(&path, &files);
    check_refused(&archive, &path, "a link", ("1/salt", "it is a link"));
    // Another archive's proof of the same box is sound, and not by this archive's key.
    let other = loaded();
    let (path, _) = proof(&other, "cutia-1/1/1");
    let key = archive.path().join("keys/log.pub");
    archive.json(
        4,
        &[
            "verify-proof",
            path.to_str().unwrap(),
            "--key",
            key.to_str().unwrap(),
        ],
    );
}

#[test]
fn nothing_wrong_is_ever_proven() {
    let archive = loaded();
    let out = archive.boxes().join("dovada.zip");
    let prove = || archive.run(&["prove", "cutia-1/1", "-o", out.to_str().unwrap()]);
    flip(&archive.object("masters/a.png"));
    assert!(
        prove()
            .expect_code(1)
            .stderr
            .contains("not those that were deposited")
    );
    assert!(!out.exists());
    sql(&archive, "UPDATE events SET leaf = NULL");
    assert!(prove().expect_code(1).stderr.contains("not in the log yet"));
    assert!(!out.exists());
}
