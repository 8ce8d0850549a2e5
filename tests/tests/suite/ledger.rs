//! The log through the whole program: one leaf for each event, whatever happens in between.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    program::{Archive, write_scan},
    proofs::proof,
};

/// Two dossiers of two pages.
fn a_box(archive: &Archive) -> PathBuf {
    let folder = archive.boxes().join("cutia-1");
    for (seed, file) in (1..).zip(["1/a.png", "1/b.png", "2/c.png", "2/d.png"]) {
        write_scan(&folder.join(file), seed);
    }
    folder
}

/// An archive that has loaded them.
pub fn loaded() -> Archive {
    let archive = Archive::scripted();
    archive.ingest(0, &a_box(&archive));
    archive
}

/// Runs statements on the catalog, as somebody would who tampers with it.
pub fn sql(archive: &Archive, statement: &str) {
    let python =
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); c.commit()";
    let catalog = archive.path().join("catalog.sqlite");
    run(Command::new("python3")
        .args(["-c", python])
        .arg(catalog)
        .arg(statement));
}

/// What a command prints; fails unless it succeeds.
#[track_caller]
pub fn run(command: &mut Command) -> String {
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

/// Changes one bit in the middle of a file.
pub fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn every_event_has_one_leaf_and_a_repeat_adds_none() {
    let archive = loaded();
    let expected = [
        times("closing", 1),
        times("ingestion", 4),
        times("transcription", 2),
    ]
    .concat();
    assert_eq!(kinds(&archive), expected);
    let before = archive.checkpoint();
    archive.ingest(0, &archive.boxes().join("cutia-1"));
    assert_eq!(archive.checkpoint(), before);
    let verified = archive.json(0, &["verify"]);
    assert_eq!(verified["checked"]["leaves"], 7);
    assert_eq!(verified["checked"]["leaves_waiting"], 0);
    assert_eq!(archive.json(0, &["verify", "cutia-1/1"])["checked"]["leaves"], 3);
    // A file that changed is a replacement, and a new text.
    write_scan(&archive.boxes().join("cutia-1/1/a.png"), 5);
    archive.ingest(0, &archive.boxes().join("cutia-1"));
    let added = ["closing", "replacement", "transcription"].map(|kind| times(kind, 1));
    let expected = [expected, added.concat()].concat();
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
    // PRIVATE+KEY+<name>+<hash>+<key>: the key itself may hold a plus.
    let secret = secret.trim_end().splitn(5, '+').last().unwrap().to_owned();
    assert!(secret.len() > 40, "not a key");
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

/// A clock that is two days slow, for the program and all that it starts.
const SLOW_CLOCK: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
int clock_gettime(clockid_t id, struct timespec *time) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  int ended = real(id, time);
  if (id == CLOCK_REALTIME) time->tv_sec -= 2 * 86400;
  return ended;
}
"#;

#[test]
fn a_clock_that_was_put_back_leaves_the_order_and_makes_times_doubtful() {
    let mut archive = loaded();
    let kept = archive.checkpoint();
    assert_eq!(archive.json(0, &["verify"])["checked"]["doubtful_times"], 0);
    let (source, library) = (archive.boxes().join("clock.c"), archive.boxes().join("clock.so"));
    fs::write(&source, SLOW_CLOCK).unwrap();
    run(Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .arg("-ldl"));
    write_scan(&archive.boxes().join("cutia-1/1/a.png"), 5);
    archive.set("LD_PRELOAD", library.to_str().unwrap());
    archive.ingest(0, &archive.boxes().join("cutia-1"));
    archive.unset("LD_PRELOAD");
    // The replacement and the new text are the dossier's last, and are two days older than what came before.
    let verified = archive.json(0, &["verify"]);
    assert_eq!(verified["checked"]["doubtful_times"], 2, "{verified:#}");
    let said = archive.run(&["verify"]).expect_code(0).stdout;
    assert!(said.contains("times are doubtful"), "{said}");
    assert_eq!(archive.json(0, &["audit", "--since", &kept])["result"], "extends");
    let report = archive.run(&["audit", "report"]).expect_code(0).stdout;
    assert!(report.contains("the times are doubtful"), "{report}");
    let (path, _) = proof(&archive, "cutia-1/1");
    let key = archive.path().join("keys/log.pub");
    let checked = archive.json(
        0,
        &[
            "verify-proof",
            path.to_str().unwrap(),
            "--key",
            key.to_str().unwrap(),
        ],
    );
    assert_eq!(checked["doubtful_times"], 2, "{checked:#}");
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
pub fn forget_log(archive: &Archive) {
    fs::remove_dir_all(archive.path().join("keys")).unwrap();
    fs::remove_dir_all(archive.path().join("store/ledger")).unwrap();
    fs::remove_dir_all(archive.path().join("store/journal/salts")).unwrap();
    sql(
        archive,
        "UPDATE events SET leaf = NULL; DELETE FROM closings; UPDATE log_position SET leaves = 0",
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
            &format!(
                "UPDATE closings SET leaf = NULL; UPDATE events SET leaf = NULL WHERE {forgotten}; {position}"
            ),
        );
        archive.ingest(0, &archive.boxes().join("cutia-1"));
        assert_eq!(archive.checkpoint(), before, "{forgotten}");
        archive.run(&["verify"]).expect_code(0);
    }
}
