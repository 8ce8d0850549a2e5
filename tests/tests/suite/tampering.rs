//! Every way of tampering that an auditor should find, done to the archive of the real program.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    ledger::{flip, forget_log, loaded, run, sql},
    program::{Archive, write_scan},
};

/// Replaces bytes of a file by as many others.
#[track_caller]
fn change(path: &Path, from: &[u8], to: &[u8]) {
    let bytes = fs::read(path).unwrap();
    let at = bytes.windows(from.len()).position(|window| window == from);
    let at = at.unwrap_or_else(|| panic!("{} does not hold it", path.display()));
    fs::write(path, [&bytes[..at], to, &bytes[at + from.len()..]].concat()).unwrap();
}

fn copy(from: &Path, to: &Path) {
    run(Command::new("cp").arg("-a").arg(from).arg(to));
}

fn put_back(copy: &Path, place: &Path) {
    fs::remove_dir_all(place).unwrap();
    fs::rename(copy, place).unwrap();
}

/// A way of tampering, how it is done, and words of the finding.
type Tampering = (&'static str, fn(&Archive), &'static str);

const TAMPERINGS: [Tampering; 17] = [
    (
        "a changed master",
        |a| flip(&a.object("masters/a.png")),
        "damaged",
    ),
    (
        "a changed account of a box",
        |a| {
            let journal = a.path().join("store/journal/batches");
            let batch = fs::read_dir(journal).unwrap().next().unwrap().unwrap().path();
            flip(&fs::read_dir(batch).unwrap().next().unwrap().unwrap().path());
        },
        "logged when it was closed",
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
        |a| change(&checkpoint(a), b"\n7\n", b"\n5\n"),
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
    archive.path().join("store/ledger/tile/entries/000.p/7")
}

fn tile(archive: &Archive) -> PathBuf {
    archive.path().join("store/ledger/tile/0/000.p/7")
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
        (&"extends".into(), &10.into())
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
