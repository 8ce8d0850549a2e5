//! The log through the whole program: one leaf for each event, whatever happens in between; proofs; and every way of
//! tampering that an auditor should find.

use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::program::{Archive, write_scan};

/// Two dossiers of two pages.
fn a_box(archive: &Archive) -> PathBuf {
    let folder = archive.boxes().join("cutia-1");
    for (seed, file) in (1..).zip(["1/a.png", "1/b.png", "2/c.png", "2/d.png"]) {
        write_scan(&folder.join(file), seed);
    }
    folder
}

fn loaded() -> Archive {
    let archive = Archive::scripted();
    archive.ingest(0, &a_box(&archive));
    archive
}

fn sql(archive: &Archive, statement: &str) {
    let python =
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); c.commit()";
    let catalog = archive.path().join("catalog.sqlite");
    run(Command::new("python3")
        .args(["-c", python])
        .arg(catalog)
        .arg(statement));
}

#[track_caller]
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn kinds(archive: &Archive) -> Vec<String> {
    let leaves = archive.leaves();
    let mut kinds: Vec<_> = leaves
        .iter()
        .map(|leaf| leaf["kind"].as_str().unwrap().to_owned())
        .collect();
    kinds.sort();
    kinds
}

fn times(word: &str, count: usize) -> Vec<String> {
    vec![word.to_owned(); count]
}

/// Replaces bytes of a file by as many others.
#[track_caller]
fn change(path: &Path, from: &[u8], to: &[u8]) {
    let bytes = fs::read(path).unwrap();
    let at = bytes.windows(from.len()).position(|window| window == from);
    let at = at.unwrap_or_else(|| panic!("{} does not hold it", path.display()));
    fs::write(path, [&bytes[..at], to, &bytes[at + from.len()..]].concat()).unwrap();
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn copy(from: &Path, to: &Path) {
    run(Command::new("cp").arg("-a").arg(from).arg(to));
}

fn put_back(copy: &Path, place: &Path) {
    fs::remove_dir_all(place).unwrap();
    fs::rename(copy, place).unwrap();
}

#[test]
fn every_event_has_one_leaf_and_a_repeat_adds_none() {
    let archive = loaded();
    let expected = [times("ingestion", 4), times("transcription", 2)].concat();
    assert_eq!(kinds(&archive), expected);
    let before = archive.checkpoint();
    archive.ingest(0, &archive.boxes().join("cutia-1"));
    assert_eq!(archive.checkpoint(), before);
    let verified = archive.json(0, &["verify"]);
    assert_eq!(verified["checked"]["leaves"], 6);
    assert_eq!(verified["checked"]["leaves_waiting"], 0);
    assert_eq!(archive.json(0, &["verify", "cutia-1/1"])["checked"]["leaves"], 3);
    // A file that changed is a replacement, and a new text.
    write_scan(&archive.boxes().join("cutia-1/1/a.png"), 5);
    archive.ingest(0, &archive.boxes().join("cutia-1"));
    let expected = [expected, times("replacement", 1), times("transcription", 1)].concat();
    let mut expected = expected;
    expected.sort();
    assert_eq!(kinds(&archive), expected);
    archive.run(&["verify"]).expect_code(0);
}

#[test]
fn the_key_is_its_owners_and_apart_from_the_store() {
    let archive = Archive::scripted();
    let key = archive.path().join("keys/log.key");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(
        fs::metadata(archive.path().join("keys"))
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o700
    );
    let secret = fs::read_to_string(&key).unwrap();
    let secret = secret.trim_end().rsplit('+').next().unwrap().to_owned();
    for object in archive.objects() {
        assert!(
            !String::from_utf8_lossy(&fs::read(&object).unwrap()).contains(&secret),
            "{}",
            object.display()
        );
    }
    assert_eq!(archive.checkpoint().lines().nth(1), Some("0"));
    // Without it nothing can be added, and everything else goes on.
    archive.ingest(0, &a_box(&archive));
    fs::rename(&key, archive.path().join("log.key")).unwrap();
    write_scan(&archive.boxes().join("cutia-2/1/a.png"), 9);
    let refused = archive.run(&["ingest", archive.boxes().join("cutia-2").to_str().unwrap()]);
    assert!(refused.expect_code(1).stderr.contains("no signing key"));
    archive.run(&["verify"]).expect_code(0);
    archive.run(&["rebuild"]).expect_code(0);
    archive.run(&["verify"]).expect_code(0);
    fs::rename(archive.path().join("log.key"), &key).unwrap();
    archive.ingest(0, &archive.boxes().join("cutia-2"));
    archive.run(&["verify"]).expect_code(0);
}

#[test]
fn a_new_key_goes_on_with_the_same_log() {
    let archive = loaded();
    let old = archive.checkpoint();
    let (path, _) = proof(&archive, "cutia-1/1/1");
    let old_key = fs::read_to_string(archive.path().join("keys/log.pub")).unwrap();
    fs::remove_file(archive.path().join("keys/log.key")).unwrap();
    let made = archive.json(0, &["audit", "new-key"]);
    assert_ne!(made["key"].as_str(), Some(old_key.trim()));
    write_scan(&archive.boxes().join("cutia-2/1/a.png"), 9);
    archive.ingest(0, &archive.boxes().join("cutia-2"));
    archive.run(&["verify"]).expect_code(0);
    assert_eq!(archive.json(0, &["audit", "--since", &old])["result"], "extends");
    // Old proofs stay good under the old key.
    archive
        .run(&["verify-proof", path.to_str().unwrap(), "--key", old_key.trim()])
        .expect_code(0);
    let (path, _) = proof(&archive, "cutia-1/1/1");
    archive
        .run(&["verify-proof", path.to_str().unwrap(), "--key", old_key.trim()])
        .expect_code(4);
    archive
        .run(&[
            "verify-proof",
            path.to_str().unwrap(),
            "--key",
            made["key"].as_str().unwrap(),
        ])
        .expect_code(0);
}

/// As a program without a log left it.
fn forget_log(archive: &Archive) {
    fs::remove_dir_all(archive.path().join("keys")).unwrap();
    fs::remove_dir_all(archive.path().join("store/ledger")).unwrap();
    sql(
        archive,
        "UPDATE events SET leaf = NULL; UPDATE log_position SET leaves = 0",
    );
}

#[test]
fn an_older_archive_gets_its_log_with_the_next_load() {
    let archive = loaded();
    forget_log(&archive);
    archive.run(&["verify"]).expect_code(0);
    archive.ingest(0, &archive.boxes().join("cutia-1"));
    let expected = [times("adoption", 4), times("transcription", 2)].concat();
    assert_eq!(kinds(&archive), expected);
    archive.run(&["verify"]).expect_code(0);
    // A rebuilt catalog knows them again as adopted.
    let before = archive.checkpoint();
    archive.run(&["rebuild"]).expect_code(0);
    archive.run(&["verify"]).expect_code(0);
    assert_eq!(archive.checkpoint(), before);
}

#[test]
fn a_rebuild_takes_the_log_as_it_is() {
    let archive = loaded();
    let before = archive.checkpoint();
    fs::remove_file(archive.path().join("catalog.sqlite")).unwrap();
    archive.run(&["rebuild"]).expect_code(0);
    assert_eq!(archive.checkpoint(), before);
    archive.run(&["verify"]).expect_code(0);
    archive.ingest(0, &archive.boxes().join("cutia-1"));
    assert_eq!(archive.checkpoint(), before);
}

#[test]
fn what_a_crash_left_between_log_and_catalog_is_matched_and_not_entered_again() {
    for forgotten in ["leaf >= 0", "leaf >= 3", "leaf = 5"] {
        let archive = loaded();
        let before = archive.checkpoint();
        let position =
            "UPDATE log_position SET leaves = (SELECT count(*) FROM events WHERE leaf IS NOT NULL)";
        sql(
            &archive,
            &format!("UPDATE events SET leaf = NULL WHERE {forgotten}; {position}"),
        );
        archive.ingest(0, &archive.boxes().join("cutia-1"));
        assert_eq!(archive.checkpoint(), before, "{forgotten}");
        archive.run(&["verify"]).expect_code(0);
    }
}

/// A way of tampering, how it is done, and words of the finding.
type Tampering = (&'static str, fn(&Archive), &'static str);

const TAMPERINGS: [Tampering; 16] = [
    (
        "a changed master",
        |a| flip(&a.object("masters/a.png")),
        "damaged",
    ),
    (
        "a changed leaf",
        |a| change(&bundle(a), b"\"kind\":\"ingestion\"", b"\"kind\":\"ingestioN\""),
        "is not the one that",
    ),
    (
        "a leaf made another",
        |a| change(&bundle(a), b"\"kind\":\"ingestion\"", b"\"kind\":\"fixity_ch\""),
        "is not the one that",
    ),
    ("a changed tile", |a| flip(&tile(a)), "is not the one that"),
    ("a lost tile", |a| fs::remove_file(tile(a)).unwrap(), "is missing"),
    (
        "a lost entry bundle",
        |a| fs::remove_file(bundle(a)).unwrap(),
        "is missing",
    ),
    (
        "a cut entry bundle",
        |a| {
            let bytes = fs::read(bundle(a)).unwrap();
            fs::write(bundle(a), &bytes[..bytes.len() - 9]).unwrap();
        },
        "is damaged",
    ),
    ("two leaves exchanged", exchange_leaves, "is not the one that"),
    (
        "a changed size in the checkpoint",
        |a| change(&checkpoint(a), b"\n6\n", b"\n5\n"),
        "is wrong",
    ),
    (
        "a changed signature",
        |a| {
            let text = fs::read_to_string(checkpoint(a)).unwrap();
            let at = text.trim_end().len() - 9;
            let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
            fs::write(
                checkpoint(a),
                format!("{}{other}{}", &text[..at], &text[at + 1..]),
            )
            .unwrap();
        },
        "cannot be trusted",
    ),
    (
        "a lost checkpoint",
        |a| fs::remove_file(checkpoint(a)).unwrap(),
        "checkpoint is gone",
    ),
    (
        "a lost log",
        |a| fs::remove_dir_all(a.path().join("store/ledger")).unwrap(),
        "checkpoint is gone",
    ),
    (
        "an event with another salt",
        |a| {
            sql(
                a,
                &format!("UPDATE events SET salt = '{}' WHERE leaf = 1", "5a".repeat(32)),
            )
        },
        "under another salt",
    ),
    (
        "an event at another time",
        |a| sql(a, "UPDATE events SET at = '2001-01-01T00:00:00Z' WHERE leaf = 1"),
        "another time",
    ),
    (
        "an event taken out",
        |a| sql(a, "DELETE FROM events WHERE leaf = 1"),
        "not in the archive",
    ),
    (
        "an event without its leaf",
        |a| sql(a, "UPDATE events SET leaf = NULL WHERE leaf = 1"),
        "not in the log",
    ),
];

fn checkpoint(archive: &Archive) -> PathBuf {
    archive.path().join("store/ledger/checkpoint")
}

fn bundle(archive: &Archive) -> PathBuf {
    archive.path().join("store/ledger/tile/entries/000.p/6")
}

fn tile(archive: &Archive) -> PathBuf {
    archive.path().join("store/ledger/tile/0/000.p/6")
}

fn exchange_leaves(archive: &Archive) {
    let bytes = fs::read(bundle(archive)).unwrap();
    let length = |bytes: &[u8]| 2 + usize::from(bytes[0]) * 256 + usize::from(bytes[1]);
    let first = length(&bytes);
    let second = first + length(&bytes[first..]);
    let exchanged = [&bytes[first..second], &bytes[..first], &bytes[second..]].concat();
    fs::write(bundle(archive), exchanged).unwrap();
}

#[test]
fn verify_finds_every_tampering_and_names_it() {
    for (what, tamper, words) in TAMPERINGS {
        let archive = loaded();
        tamper(&archive);
        let report = archive.json(4, &["verify"]);
        assert!(
            report["findings"].to_string().contains(words),
            "{what}: {report:#}"
        );
    }
}

/// The whole log, made again with the archive's own key, and the catalog with it: only who kept a checkpoint, or the
/// memory beside the key, knows.
#[test]
fn a_history_written_anew_is_found_by_whoever_kept_a_checkpoint() {
    let archive = loaded();
    let kept = archive.boxes().join("kept");
    archive
        .run(&["audit", "checkpoint", "-o", kept.to_str().unwrap()])
        .expect_code(0);
    let typed = archive.run(&["audit", "checkpoint"]).expect_code(0).stdout;
    let since = |archive: &Archive, code, earlier: &str| archive.json(code, &["audit", "--since", earlier]);
    let kept = kept.to_str().unwrap();
    assert_eq!(since(&archive, 0, kept)["result"], "same");
    assert_eq!(since(&archive, 0, &typed)["result"], "same");
    write_scan(&archive.boxes().join("cutia-2/1/a.png"), 9);
    archive.ingest(0, &archive.boxes().join("cutia-2"));
    let extends = since(&archive, 0, &typed);
    assert_eq!(
        (&extends["result"], &extends["size"]),
        (&"extends".into(), &8.into())
    );
    // The log is forgotten with its memory, but not its key, and begins anew.
    let key = fs::read(archive.path().join("keys/log.key")).unwrap();
    forget_log(&archive);
    fs::create_dir(archive.path().join("keys")).unwrap();
    let path = archive.path().join("keys/log.key");
    fs::write(&path, key).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    archive.ingest(0, &archive.boxes().join("cutia-2"));
    archive.run(&["verify"]).expect_code(0);
    assert_eq!(since(&archive, 4, kept)["result"], "fork");
    assert_eq!(since(&archive, 4, &typed)["result"], "fork");
    let changed = typed.replace("control / check      ", "control / check      0");
    archive.run(&["audit", "--since", &changed]).expect_code(1);
}

#[test]
fn a_store_and_catalog_put_back_together_are_found() {
    let archive = loaded();
    let (store, catalog) = (
        archive.path().join("store"),
        archive.path().join("catalog.sqlite"),
    );
    let (old_store, old_catalog) = (
        archive.boxes().join("store"),
        archive.boxes().join("catalog.sqlite"),
    );
    copy(&store, &old_store);
    copy(&catalog, &old_catalog);
    write_scan(&archive.boxes().join("cutia-2/1/a.png"), 9);
    archive.ingest(0, &archive.boxes().join("cutia-2"));
    let kept = archive.checkpoint();
    put_back(&old_store, &store);
    for journal in ["catalog.sqlite-wal", "catalog.sqlite-shm"] {
        let _none = fs::remove_file(archive.path().join(journal));
    }
    fs::rename(&old_catalog, &catalog).unwrap();
    // By the auditor's own copy, by the memory beside the key, and before anything is signed again.
    assert_eq!(
        archive.json(4, &["audit", "--since", &kept])["result"],
        "rolled_back"
    );
    let report = archive.json(4, &["verify"]);
    assert!(
        report["findings"].to_string().contains("older copy"),
        "{report:#}"
    );
    write_scan(&archive.boxes().join("cutia-3/1/a.png"), 10);
    let refused = archive.run(&["ingest", archive.boxes().join("cutia-3").to_str().unwrap()]);
    assert!(refused.expect_code(1).stderr.contains("already signed"));
}

/// The bundle of page 1 of dossier 1, and its files by name.
fn proof(archive: &Archive, subject: &str) -> (PathBuf, Vec<(String, Vec<u8>)>) {
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

fn pack(path: &Path, files: &[(String, Vec<u8>)], method: CompressionMethod) {
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
        Command::new("bash")
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
    assert!(readme.contains("bash check.sh 1 key.pem"));
    flip(&folder.join("1/master.png"));
    let checked = check("1");
    assert!(!checked.status.success());
    assert!(String::from_utf8_lossy(&checked.stdout).contains("WRONG"));
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
        |b| replace(b, "\n6\n", "\n7\n"),
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
        assert!(
            report["reason"].as_str().unwrap().contains(words),
            "{what}: {report}"
        );
    }
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
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    check_refused(&archive, &path, "cut off", ("the bundle", ""));
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

/// A time-stamping authority that openssl plays, in a folder with its root.pem.
fn authority(folder: &Path) {
    let script = r#"
set -eu
cat > tsa.cnf <<END
[tsa]
default_tsa = local
[local]
serial = $PWD/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_chain = no
ess_cert_id_alg = sha256
END
openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -days 30 -subj '/CN=root' \
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
openssl req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj '/CN=tsa'
printf '%s\n' 'extendedKeyUsage=critical,timeStamping' 'basicConstraints=CA:FALSE' > tsa.ext
openssl x509 -req -in tsa.csr -CA root.pem -CAkey root.key -CAcreateserial -days 30 -out tsa.pem -extfile tsa.ext
"#;
    fs::create_dir_all(folder).unwrap();
    run(Command::new("bash").args(["-c", script]).current_dir(folder));
}

const STAMP: &str =
    "openssl ts -reply -config tsa.cnf -queryfile query.tsq -signer tsa.pem -inkey tsa.key -out answer.tsr";

#[test]
fn an_authority_stamps_the_checkpoint_and_openssl_agrees() {
    let archive = loaded();
    let tsa = archive.boxes().join("tsa");
    authority(&tsa);
    let at = |name: &str| tsa.join(name).to_str().unwrap().to_owned();
    archive
        .run(&["audit", "stamp", "--request", &at("query.tsq")])
        .expect_code(0);
    run(Command::new("bash").args(["-c", STAMP]).current_dir(&tsa));
    let stamp = [
        "audit",
        "stamp",
        "--answer",
        &at("answer.tsr"),
        "--roots",
        &at("root.pem"),
    ]
    .map(str::to_owned);
    let stamp: Vec<_> = stamp.iter().map(String::as_str).collect();
    assert!(archive.json(0, &stamp)["stamped_at"].is_string());
    archive.run(&["verify"]).expect_code(0);
    let (path, files) = proof(&archive, "cutia-1/1/1");
    let enclosed = files.iter().find(|(name, _)| name == "stamp.tsr").unwrap();
    fs::write(at("enclosed.tsr"), &enclosed.1).unwrap();
    fs::write(
        at("signed"),
        archive.checkpoint().split("\n\n").next().unwrap().to_owned() + "\n",
    )
    .unwrap();
    run(Command::new("bash")
        .args([
            "-c",
            "openssl ts -verify -data signed -in enclosed.tsr -CAfile root.pem",
        ])
        .current_dir(&tsa));
    let key = archive.path().join("keys/log.pub");
    let (path, key) = (path.to_str().unwrap(), key.to_str().unwrap());
    let report = archive.json(
        0,
        &["verify-proof", path, "--key", key, "--roots", &at("root.pem")],
    );
    assert!(report["stamped_at"].is_string(), "{report}");
    // A changed token, in a bundle and in the store; a stamp of another checkpoint.
    let mut forged = files.clone();
    let token = &mut forged.iter_mut().find(|(name, _)| name == "stamp.tsr").unwrap().1;
    let middle = token.len() / 2;
    token[middle] ^= 1;
    pack(Path::new(path), &forged, CompressionMethod::Stored);
    let refused = archive.json(
        4,
        &["verify-proof", path, "--key", key, "--roots", &at("root.pem")],
    );
    assert_eq!(refused["path"], "stamp.tsr", "{refused}");
    let configuration = fs::read_to_string(archive.path().join("hrisov.toml")).unwrap();
    let configuration = configuration.replace(
        "[ledger]\n",
        &format!("[ledger]\nstamp_roots = {:?}\n", at("root.pem")),
    );
    fs::write(archive.path().join("hrisov.toml"), configuration).unwrap();
    archive.run(&["verify"]).expect_code(0);
    flip(&archive.path().join("store/ledger/stamps/6.tsr"));
    assert!(
        archive.json(4, &["verify"])["findings"]
            .to_string()
            .contains("stamps/6.tsr")
    );
    write_scan(&archive.boxes().join("cutia-2/1/a.png"), 9);
    archive.ingest(0, &archive.boxes().join("cutia-2"));
    assert!(archive.run(&stamp).expect_code(1).stderr.contains("other bytes"));
}

/// A witness by files, as on a stick, and over HTTP.
#[test]
fn a_witness_signs_what_extends_and_nothing_else() {
    let archive = loaded();
    let folder = archive.boxes().join("martor");
    let stick = |name: &str| archive.boxes().join(name).to_str().unwrap().to_owned();
    let folder = folder.to_str().unwrap();
    let witness = archive.json(0, &["witness", "new", folder, "--name", "arhive.example/martor"]);
    let log = fs::read_to_string(archive.path().join("keys/log.pub")).unwrap();
    archive
        .run(&["audit", "cosign", "--request", &stick("cerere")])
        .expect_code(0);
    // A log that it does not watch.
    let strange = archive.run(&["witness", "sign", folder, &stick("cerere"), "-o", &stick("no")]);
    assert!(strange.expect_code(1).stderr.contains("not known"));
    archive
        .run(&["witness", "watch", folder, log.trim()])
        .expect_code(0);
    archive
        .run(&[
            "witness",
            "sign",
            folder,
            &stick("cerere"),
            "-o",
            &stick("semnat"),
        ])
        .expect_code(0);
    // Nobody is believed who is not named.
    archive
        .run(&["audit", "cosign", "--answer", &stick("semnat")])
        .expect_code(1);
    let configuration = fs::read_to_string(archive.path().join("hrisov.toml")).unwrap();
    let named = format!("witness_keys = [{}]", witness["key"]);
    fs::write(
        archive.path().join("hrisov.toml"),
        configuration.replace("# witness_keys = []", &named),
    )
    .unwrap();
    let taken = archive.json(0, &["audit", "cosign", "--answer", &stick("semnat")]);
    assert_eq!(taken["witnesses"][0], "arhive.example/martor");
    archive.run(&["verify"]).expect_code(0);
    let (path, _) = proof(&archive, "cutia-1/1/1");
    let report = archive.json(
        0,
        &[
            "verify-proof",
            path.to_str().unwrap(),
            "--key",
            log.trim(),
            "--key",
            witness["key"].as_str().unwrap(),
        ],
    );
    assert!(
        report["witnesses"][0]
            .as_str()
            .unwrap()
            .starts_with("arhive.example/martor"),
        "{report}"
    );
    // It goes on over HTTP.
    write_scan(&archive.boxes().join("cutia-2/1/a.png"), 9);
    archive.ingest(0, &archive.boxes().join("cutia-2"));
    let mut server = archive.start(&["witness", "serve", folder, "--listen", "127.0.0.1:0"]);
    let mut said = String::new();
    let mut stderr = std::io::BufReader::new(server.stderr.take().unwrap());
    std::io::BufRead::read_line(&mut stderr, &mut said).unwrap();
    let url = said
        .trim()
        .rsplit(' ')
        .next()
        .unwrap()
        .trim_end_matches("/add-checkpoint")
        .to_owned();
    let asked = archive.run(&["audit", "cosign", "--url", &url]);
    server.kill().unwrap();
    server.wait().unwrap();
    asked.expect_code(0);
    archive.run(&["verify"]).expect_code(0);
    // A history written anew is not signed, and a changed signature is found.
    let witnessed = archive.path().join("store/ledger/witnessed");
    let text = fs::read_to_string(&witnessed).unwrap();
    let (before, line) = text.trim_end().rsplit_once(' ').unwrap();
    let other = if line.as_bytes()[30] == b'A' { "B" } else { "A" };
    fs::write(
        &witnessed,
        format!("{before} {}{other}{}\n", &line[..30], &line[31..]),
    )
    .unwrap();
    assert!(
        archive.json(4, &["verify"])["findings"]
            .to_string()
            .contains("witnessed")
    );
    fs::write(&witnessed, text).unwrap();
    let key = fs::read(archive.path().join("keys/log.key")).unwrap();
    forget_log(&archive);
    fs::create_dir(archive.path().join("keys")).unwrap();
    let path = archive.path().join("keys/log.key");
    fs::write(&path, key).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    archive.ingest(0, &archive.boxes().join("cutia-2"));
    archive
        .run(&["audit", "cosign", "--known", "8", "--request", &stick("alta")])
        .expect_code(0);
    archive
        .run(&["witness", "sign", folder, &stick("alta"), "-o", &stick("nu")])
        .expect_code(1);
}

#[test]
fn the_report_says_what_is_proven_and_what_is_not() {
    let archive = loaded();
    let at = |name: &str| archive.boxes().join(name).to_str().unwrap().to_owned();
    let report = archive.json(
        0,
        &["audit", "report", "--html", &at("r.html"), "--pdf", &at("r.pdf")],
    );
    assert_eq!(
        (&report["dossiers"], &report["log"]["size"]),
        (&2.into(), &6.into())
    );
    assert!(fs::read(at("r.pdf")).unwrap().starts_with(b"%PDF"));
    let html = fs::read_to_string(at("r.html")).unwrap();
    for part in ["What is not proven", "Without a witness", "<svg", "byte for byte"] {
        assert!(html.contains(part), "{part}");
    }
    // What it prints is what an auditor can come back with.
    let kept = archive.boxes().join("kept");
    fs::write(&kept, report["log"]["checkpoint"].as_str().unwrap()).unwrap();
    archive
        .run(&["audit", "--since", kept.to_str().unwrap()])
        .expect_code(0);
    flip(&archive.object("masters/a.png"));
    let report = archive.run(&["audit", "report"]).expect_code(4).stdout;
    assert!(
        report.contains("Nothing, until the findings are explained"),
        "{report}"
    );
}
