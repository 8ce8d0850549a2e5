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

const TAMPERINGS: [Tampering; 49] = [
    (
        "a changed declaration of the storage root",
        |a| flip(&a.path().join("store/ocfl/0=ocfl_1.1")),
        "E069",
    ),
    (
        "a lost declaration of the storage root",
        |a| fs::remove_file(a.path().join("store/ocfl/0=ocfl_1.1")).unwrap(),
        "E069",
    ),
    (
        "a layout that is no JSON",
        |a| fs::write(a.path().join("store/ocfl/ocfl_layout.json"), "{").unwrap(),
        "E070",
    ),
    (
        "a layout that is described otherwise",
        |a| {
            change(
                &a.path().join("store/ocfl/ocfl_layout.json"),
                b"Object",
                b"object",
            )
        },
        "it is not as this program wrote it",
    ),
    (
        "lost parameters of the layout",
        |a| fs::remove_dir_all(a.path().join("store/ocfl/extensions")).unwrap(),
        "E071",
    ),
    (
        "a changed declaration of an object",
        |a| flip(&object_root(a).join("0=ocfl_object_1.1")),
        "E007",
    ),
    (
        "an index of another key",
        |a| fs::write(a.path().join("index.key"), format!("{}\n", "5a".repeat(32))).unwrap(),
        "belongs to another version or key",
    ),
    (
        "a damaged index",
        |a| fs::write(a.path().join("index/meta.json"), "{").unwrap(),
        "the search index failed",
    ),
    (
        "a load that ended at no time",
        |a| sql(a, "UPDATE batches SET finished_at = 'ieri'"),
        "the catalog holds an invalid finished_at",
    ),
    (
        "a load that ended at another time",
        |a| sql(a, "UPDATE batches SET finished_at = '2001-01-01T00:00:00Z'"),
        "has no account of the load",
    ),
    (
        "a load that never ended",
        |a| sql(a, "UPDATE batches SET finished_at = NULL"),
        "the catalog says that it goes on",
    ),
    (
        "a load of another box",
        |a| sql(a, "UPDATE batches SET box_name = 'cutia-2'"),
        "disagree about the box",
    ),
    (
        "a load that the catalog forgot",
        |a| sql(a, "DELETE FROM batch_files; DELETE FROM batches"),
        "the catalog knows no such load",
    ),
    (
        "a file of a load that the catalog forgot",
        |a| sql(a, "DELETE FROM batch_files WHERE source_path LIKE '%b.png'"),
        "the catalog's account of the load",
    ),
    (
        "a file of a load by another name",
        |a| {
            sql(
                a,
                "UPDATE batch_files SET source_path = '1/x.png' WHERE source_path LIKE '%b.png'",
            )
        },
        "the catalog's account of the load",
    ),
    (
        "a number that is none",
        |a| sql(a, "UPDATE files SET size_bytes = 'x'"),
        "the catalog holds an invalid value",
    ),
    (
        "a catalog that is no database",
        |a| {
            sql(a, "PRAGMA wal_checkpoint(TRUNCATE)");
            fs::write(a.path().join("catalog.sqlite"), "altceva".repeat(1000)).unwrap();
        },
        "the catalog's file is damaged",
    ),
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
        "a changed salt of a master",
        |a| {
            let events = object_root(a).join("v2/content/premis.xml");
            change(&events, b" salt=\"", b" salT=\"");
        },
        "E092",
    ),
    (
        "a changed salt of an account",
        |a| {
            let salt = fs::read_to_string(account_salt(a)).unwrap();
            let other = if salt.contains("0") {
                ("0", "1")
            } else {
                ("1", "0")
            };
            fs::write(account_salt(a), salt.replacen(other.0, other.1, 1)).unwrap();
        },
        "the salt is not the one",
    ),
    (
        "a lost salt of an account",
        |a| fs::remove_file(account_salt(a)).unwrap(),
        "the salt is not the one",
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
    ("a leaf taken out", take_out_a_leaf, "is damaged"),
    (
        "a leaf taken out everywhere",
        take_out_the_last_leaf,
        "cannot be trusted",
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
        "a changed OCFL inventory",
        |a| flip(&object_root(a).join("v2/inventory.json")),
        "E060",
    ),
    (
        "a lost inventory of a version",
        |a| fs::remove_file(object_root(a).join("v1/inventory.json")).unwrap(),
        "W010",
    ),
    (
        "a tile that an earlier checkpoint ended in",
        |a| flip(&tile(a).with_file_name("6")),
        "is not the beginning of what took its place",
    ),
    (
        "a changed note of the last batch",
        |a| flip(&a.path().join("store/ledger/pending")),
        "pending batch",
    ),
    (
        "another key in the store's list",
        |a| fs::write(a.path().join("store/ledger/keys"), "").unwrap(),
        "the next load writes it anew",
    ),
    (
        "another archive's record",
        |a| change(&a.path().join("store/journal/archive.json"), b"\"id\"", b"\"iD\""),
        "another identifier or time of the archive",
    ),
    (
        "a row of the catalog that makes no sense",
        |a| sql(a, "UPDATE pages SET state = 'x' WHERE number = 1"),
        "the catalog holds an invalid state",
    ),
    (
        "an event that makes no sense",
        |a| sql(a, "UPDATE events SET kind = 'x' WHERE leaf = 1"),
        "the catalog holds an invalid kind",
    ),
    (
        "a log that the catalog knows to be longer",
        |a| sql(a, "UPDATE log_position SET leaves = 9"),
        "do not belong together",
    ),
    (
        "a changed row of the catalog",
        |a| {
            sql(
                a,
                "UPDATE files SET source_path = 'alta.png' WHERE source_path = 'a.png'",
            )
        },
        "the catalog's description is not the stored one",
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

/// The OCFL object of the first dossier.
fn object_root(archive: &Archive) -> PathBuf {
    archive
        .object("masters/a.png")
        .ancestors()
        .nth(4)
        .unwrap()
        .to_owned()
}

/// What blinds the leaf of the load's account.
fn account_salt(archive: &Archive) -> PathBuf {
    let salts = archive.path().join("store/journal/salts");
    let of_load = fs::read_dir(salts).unwrap().next().unwrap().unwrap().path();
    fs::read_dir(of_load).unwrap().next().unwrap().unwrap().path()
}

fn length_of_first(bytes: &[u8]) -> usize {
    2 + usize::from(bytes[0]) * 256 + usize::from(bytes[1])
}

/// Alone in the bundle: the hashes stay.
fn take_out_a_leaf(archive: &Archive) {
    let bytes = fs::read(bundle(archive)).unwrap();
    fs::write(bundle(archive), &bytes[length_of_first(&bytes)..]).unwrap();
}

/// With its hash and its number, as who has no key would do it.
fn take_out_the_last_leaf(archive: &Archive) {
    let bytes = fs::read(bundle(archive)).unwrap();
    let mut end = 0;
    for _ in 0..6 {
        end += length_of_first(&bytes[end..]);
    }
    fs::write(bundle(archive).with_file_name("6"), &bytes[..end]).unwrap();
    fs::remove_file(bundle(archive)).unwrap();
    let hashes = fs::read(tile(archive)).unwrap();
    fs::write(tile(archive).with_file_name("6"), &hashes[..6 * 32]).unwrap();
    fs::remove_file(tile(archive)).unwrap();
    change(&checkpoint(archive), b"\n7\n", b"\n6\n");
}

fn exchange_leaves(archive: &Archive) {
    let bytes = fs::read(bundle(archive)).unwrap();
    let first = length_of_first(&bytes);
    let second = first + length_of_first(&bytes[first..]);
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
        // What and where, to the last word in the reader's language.
        let said = archive.run_in_romanian(&["verify"]).expect_code(4).stdout;
        for finding in report["findings"].as_array().unwrap() {
            let [path, detail] = ["path", "detail"].map(|part| finding[part].as_str().unwrap());
            assert!(said.contains(path), "{what}: {path}: {said}");
            assert!(!said.contains(detail), "{what}: {detail}: {said}");
        }
    }
}

/// Lists of the store that say nothing but what is known otherwise do not stop a load.
#[test]
fn a_load_goes_on_over_a_damaged_note_and_a_damaged_list_of_keys() {
    let archive = loaded();
    for name in ["pending", "keys"] {
        flip(&archive.path().join("store/ledger").join(name));
    }
    write_scan(&archive.boxes().join("cutia-2/1/a.png"), 9);
    archive.ingest(0, &archive.boxes().join("cutia-2"));
    archive.run(&["verify"]).expect_code(0);
}

/// The whole log taken away is told to whoever comes with an earlier checkpoint, and no new one begins in its place.
#[test]
fn a_log_that_is_gone_is_no_log_that_is_yet_to_begin() {
    let archive = loaded();
    let kept = archive.checkpoint();
    let ledger = archive.path().join("store/ledger");
    fs::write(ledger.join("checkpoint"), "altceva").unwrap();
    assert_eq!(archive.json(4, &["audit", "--since", &kept])["result"], "damaged");
    fs::remove_dir_all(&ledger).unwrap();
    assert_eq!(archive.json(4, &["audit", "--since", &kept])["result"], "gone");
    let said = archive
        .run_in_romanian(&["audit", "--since", &kept])
        .expect_code(4)
        .stdout;
    assert!(
        said.starts_with("GREȘIT: punctul de control al registrului nu mai este"),
        "{said}"
    );
    // Not even where the keys went with it.
    fs::remove_dir_all(archive.path().join("keys")).unwrap();
    write_scan(&archive.boxes().join("cutia-2/1/a.png"), 9);
    let refused = archive.run(&["ingest", archive.boxes().join("cutia-2").to_str().unwrap()]);
    assert!(refused.expect_code(1).stderr.contains("checkpoint is gone"));
    assert!(!ledger.join("checkpoint").exists());
}

/// A description exchanged together with every digest of it, in the store and in the catalog, by somebody without the key:
/// in the place of the one that was logged, and as a later version.
#[test]
fn a_description_that_nothing_but_the_log_contradicts_is_found() {
    for (how, words) in [
        ("exchange", "tells of is not there"),
        ("add", "no leaf speaks for it"),
    ] {
        let archive = loaded();
        run(Command::new("python3")
            .args(["-c", FORGER, how])
            .arg(object_root(&archive))
            .arg(archive.path().join("catalog.sqlite")));
        let found = archive.json(4, &["verify"])["findings"].clone();
        assert!(found.to_string().contains(words), "{how}: {found:#}");
        assert!(
            found
                .as_array()
                .unwrap()
                .iter()
                .all(|finding| finding["kind"] == "ledger" || finding["kind"] == "index"),
            "{how}: {found:#}"
        );
    }
}

const FORGER: &str = r#"
import hashlib, json, pathlib, shutil, sqlite3, sys
how, root, catalog = sys.argv[1], pathlib.Path(sys.argv[2]), sqlite3.connect(sys.argv[3])
sha = lambda b: hashlib.sha256(b).hexdigest()
inventory = json.loads((root / 'inventory.json').read_text())
head = inventory['head']
old = (root / head / 'content/description.json').read_bytes()
title = json.loads(old)['title']
new = old.replace(('"title": "%s"' % title).encode(), b'"title": "alt titlu"')
assert new != old
version = head
if how == 'add':
    version = 'v%d' % (int(head[1:]) + 1)
    inventory['versions'][version] = json.loads(json.dumps(inventory['versions'][head]))
    inventory['head'] = version
    (root / version / 'content').mkdir(parents=True)
else:
    del inventory['manifest'][sha(old)]
inventory['manifest'][sha(new)] = [version + '/content/description.json']
state = inventory['versions'][version]['state']
del state[sha(old)]
state[sha(new)] = ['description.json']
(root / version / 'content/description.json').write_bytes(new)
inventory['manifest'] = dict(sorted(inventory['manifest'].items()))
inventory['versions'][version]['state'] = dict(sorted(state.items()))
text = json.dumps(inventory, indent=2).encode() + b'\n'
for folder in [root, root / version]:
    (folder / 'inventory.json').write_bytes(text)
    (folder / 'inventory.json.sha256').write_text(sha(text) + ' inventory.json\n')
catalog.execute('UPDATE dossiers SET title = ?, inventory_digest = ?, version = ? WHERE id = ?',
    ('alt titlu', sha(text), int(version[1:]), json.loads(old)['id']))
catalog.commit()
"#;

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
