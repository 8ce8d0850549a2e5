//! Repairs from a second store: what is put back, what is not believed, and what the archive tells of it.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf, process::Command};

use futures::TryStreamExt as _;
use hrisov_model::Digest;
use hrisov_store::Key;
use serde_json::{Value, json};

use super::{
    faults::number,
    ledger::{flip, loaded, run, sql},
    outside::check_storage_root,
    program::{Archive, write_scan},
    seaweed::Seaweed,
};

/// A second store, as somebody makes one: a copy of the folder.
fn copy_of_store(archive: &Archive) -> PathBuf {
    let copy = archive.boxes().join("copie");
    run(Command::new("cp")
        .arg("-r")
        .arg(archive.path().join("store"))
        .arg(&copy));
    copy
}

/// The folder of the object that has a master.
fn object_root(archive: &Archive, ending: &str) -> PathBuf {
    archive.object(ending).ancestors().nth(4).unwrap().to_owned()
}

fn forge_inventory(archive: &Archive) {
    let root = object_root(archive, "masters/a.png");
    for folder in [root.clone(), root.join("v2")] {
        let text = fs::read_to_string(folder.join("inventory.json")).unwrap();
        let text = text.replace("hrisov 0", "altul 0");
        let digest = Digest::of(text.as_bytes());
        fs::write(folder.join("inventory.json"), text).unwrap();
        let sidecar = format!("{digest} inventory.json\n");
        fs::write(folder.join("inventory.json.sha256"), sidecar).unwrap();
    }
}

fn a_text(archive: &Archive) -> PathBuf {
    let texts = object_root(archive, "masters/a.png").join("v2/content/text");
    fs::read_dir(texts).unwrap().next().unwrap().unwrap().path()
}

/// What is damaged, how, and how many files have to be put back.
type Damage = (&'static str, fn(&Archive), u64);

const DAMAGES: [Damage; 9] = [
    (
        "a flipped bit in a master",
        |a| flip(&a.object("masters/a.png")),
        1,
    ),
    (
        "a master that is gone",
        |a| fs::remove_file(a.object("masters/a.png")).unwrap(),
        1,
    ),
    (
        "a cut-off master",
        |a| fs::write(a.object("masters/a.png"), "").unwrap(),
        1,
    ),
    ("a damaged text", |a| flip(&a_text(a)), 1),
    (
        "an object that is gone",
        |a| fs::remove_dir_all(object_root(a, "masters/a.png")).unwrap(),
        // Two masters, two texts, two descriptions, two PREMIS files, three pairs, the declaration.
        15,
    ),
    (
        "a damaged root inventory",
        |a| flip(&object_root(a, "masters/a.png").join("inventory.json")),
        1,
    ),
    (
        "an inventory of an earlier version that is gone, and the declaration",
        |a| {
            let root = object_root(a, "masters/a.png");
            fs::remove_file(root.join("v1/inventory.json")).unwrap();
            fs::remove_file(root.join("0=ocfl_object_1.1")).unwrap();
        },
        2,
    ),
    ("a forged inventory with right sidecars", forge_inventory, 4),
    (
        "two exchanged masters",
        |a| {
            let (one, other) = (a.object("masters/a.png"), a.object("masters/c.png"));
            let bytes = fs::read(&one).unwrap();
            fs::copy(&other, &one).unwrap();
            fs::write(&other, bytes).unwrap();
        },
        2,
    ),
];

fn recoveries(archive: &Archive) -> usize {
    let leaves = archive.leaves();
    leaves.iter().filter(|leaf| leaf["kind"] == "recovery").count()
}

fn masters(archive: &Archive) -> Vec<(PathBuf, Vec<u8>)> {
    let objects = archive.objects().into_iter();
    objects
        .filter(|path| path.to_string_lossy().contains("/content/masters/"))
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect()
}

#[test]
fn every_damage_is_put_back_and_told_of() {
    for (what, damage, files) in DAMAGES {
        let archive = loaded();
        let copy = copy_of_store(&archive);
        let copy = copy.to_str().unwrap();
        let before = masters(&archive);
        damage(&archive);
        archive.json(4, &["verify"]);
        let damaged = masters(&archive);
        let dry = archive.json(4, &["repair", "--from", copy, "--dry-run"]);
        assert_eq!(masters(&archive), damaged, "{what}");
        let repaired = archive.json(0, &["repair", "--from", copy]);
        let count = |report: &Value| -> u64 {
            let dossiers = report["dossiers"].as_array().unwrap();
            dossiers
                .iter()
                .map(|dossier| dossier["files"].as_array().unwrap().len() as u64)
                .sum()
        };
        assert_eq!(
            (count(&dry), count(&repaired)),
            (files, files),
            "{what}: {repaired:#}"
        );
        assert_eq!(repaired["verified"]["ok"], true, "{what}: {repaired:#}");
        assert_eq!(masters(&archive), before, "{what}");
        assert_eq!(archive.json(0, &["verify"])["findings"], json!([]), "{what}");
        assert!(recoveries(&archive) > 0, "{what}");
        check_storage_root(&archive, 2);
        let events = archive
            .objects()
            .into_iter()
            .rfind(|path| path.ends_with("v3/content/premis.xml"));
        let events = fs::read_to_string(events.unwrap()).unwrap();
        assert!(
            events.contains(">recovery</eventType>") && events.contains(copy),
            "{what}: {events}"
        );
        // What is right is left alone, and nothing more is told.
        let leaves = archive.leaves().len();
        let again = archive.json(0, &["repair", "cutia-1/1", "cutia-1/2", "--from", copy]);
        assert_eq!(again["dossiers"], json!([]), "{what}");
        assert_eq!(archive.leaves().len(), leaves, "{what}");
    }
}

/// The proof of a page tells that its file was put back, and is checked by everybody as before.
#[test]
fn a_repair_is_part_of_the_proof() {
    let archive = loaded();
    let copy = copy_of_store(&archive);
    flip(&archive.object("masters/a.png"));
    archive.json(0, &["repair", "cutia-1/1", "--from", copy.to_str().unwrap()]);
    let (path, _) = super::proofs::proof(&archive, "cutia-1/1/1");
    let key = archive.path().join("keys/log.pub");
    let report = archive.json(
        0,
        &[
            "verify-proof",
            path.to_str().unwrap(),
            "--key",
            key.to_str().unwrap(),
        ],
    );
    let kinds: Vec<_> = report["leaves"]
        .as_array()
        .unwrap()
        .iter()
        .map(|leaf| &leaf["kind"])
        .collect();
    assert!(kinds.contains(&&json!("recovery")), "{report:#}");
}

#[test]
fn what_is_wrong_in_the_second_store_too_is_not_taken() {
    let archive = loaded();
    let copy = copy_of_store(&archive);
    let master = archive.object("masters/a.png");
    flip(&master);
    let damaged = fs::read(&master).unwrap();
    let there = copy.join(master.strip_prefix(archive.path().join("store")).unwrap());
    fs::write(&there, "cu totul altceva").unwrap();
    let leaves = archive.leaves().len();
    for _ in 0..2 {
        let refused = archive.json(4, &["repair", "cutia-1/1", "--from", copy.to_str().unwrap()]);
        let left = &refused["dossiers"][0]["left"][0];
        assert!(
            left["reason"]
                .as_str()
                .unwrap()
                .contains("no bytes with that SHA-256"),
            "{refused:#}"
        );
        assert_eq!(fs::read(&master).unwrap(), damaged);
        assert_eq!(archive.leaves().len(), leaves);
    }
    // The whole object is gone, and the second store is from before it came.
    fs::remove_dir_all(object_root(&archive, "masters/a.png")).unwrap();
    let nothing = Archive::scripted();
    let refused = archive.json(
        4,
        &["repair", "cutia-1/1", "--from", nothing.path().to_str().unwrap()],
    );
    let reason = refused["dossiers"][0]["reason"].as_str().unwrap();
    assert!(
        reason.contains("neither the archive nor the second store"),
        "{refused:#}"
    );
}

#[test]
fn an_older_copy_gives_what_it_has_and_another_archive_gives_the_same_masters() {
    let archive = loaded();
    let copy = copy_of_store(&archive);
    // The dossier goes on after the copy was made.
    write_scan(&archive.boxes().join("cutia-1/1/e.png"), 5);
    archive.ingest(0, &archive.boxes().join("cutia-1"));
    let (old, new) = (archive.object("masters/a.png"), archive.object("masters/e.png"));
    let before = [fs::read(&old).unwrap(), fs::read(&new).unwrap()];
    flip(&old);
    flip(&new);
    let repaired = archive.json(4, &["repair", "cutia-1/1", "--from", copy.to_str().unwrap()]);
    assert_eq!(
        repaired["dossiers"][0]["left"].as_array().unwrap().len(),
        1,
        "{repaired:#}"
    );
    assert_eq!(fs::read(&old).unwrap(), before[0]);
    // An archive that loaded the same scans knows them by other names.
    let other = Archive::scripted();
    fs::create_dir_all(other.boxes()).unwrap();
    write_scan(&other.boxes().join("alta/7/z.png"), 5);
    other.ingest(0, &other.boxes().join("alta"));
    archive.json(
        0,
        &["repair", "cutia-1/1", "--from", other.path().to_str().unwrap()],
    );
    assert_eq!(fs::read(&new).unwrap(), before[1]);
    archive.run(&["verify"]).expect_code(0);
}

#[test]
fn what_is_no_second_store_is_refused() {
    let archive = loaded();
    let own = archive.path();
    let store = own.join("store");
    for (from, words) in [
        (own.to_str().unwrap(), "own store"),
        (store.to_str().unwrap(), "own store"),
        (archive.boxes().to_str().unwrap(), "not the store of an archive"),
        ("/nu/este", "cannot be opened"),
        ("ftp://arhiva", "no address of a store"),
    ] {
        let refused = archive
            .run(&["repair", "cutia-1/1", "--from", from])
            .expect_code(1);
        assert!(refused.stderr.contains(words), "{from}: {}", refused.stderr);
    }
    // A store that is ahead of its catalog is no damage.
    sql(&archive, "UPDATE dossiers SET version = 1 WHERE reference = '1'");
    let copy = copy_of_store(&archive);
    let refused = archive.json(4, &["repair", "cutia-1/1", "--from", copy.to_str().unwrap()]);
    let reason = refused["dossiers"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("hrisov rebuild"), "{refused:#}");
}

/// A fault at every third call that a repair makes to the store, or at each where `HRISOV_FAULT_STEP` is 1: a repeat puts
/// everything right, and each file is told of once.
#[test]
fn a_repair_that_breaks_anywhere_is_finished_by_a_repeat() {
    let step = number("HRISOV_FAULT_STEP").unwrap_or(3);
    let mut broken = 0;
    for call in (0..).step_by(usize::try_from(step).unwrap()) {
        let mut has_broken = false;
        for effect in ["lost", "persisted"] {
            let fault = format!("{call}:{effect}:dead");
            let mut archive = loaded();
            let copy = copy_of_store(&archive);
            let before = masters(&archive);
            flip(&archive.object("masters/a.png"));
            flip(&object_root(&archive, "masters/a.png").join("v1/inventory.json"));
            let repair = ["repair", "cutia-1/1", "--from", copy.to_str().unwrap()];
            archive.set("HRISOV_TEST_FAULT", &fault);
            let run = archive.run(&repair);
            archive.unset("HRISOV_TEST_FAULT");
            if run.code != 0 {
                assert!(run.stderr.contains("injected"), "{fault}: {}", run.stderr);
                has_broken = true;
                broken += 1;
            }
            archive.json(0, &repair);
            assert_eq!(masters(&archive), before, "{fault}");
            assert_eq!(recoveries(&archive), 2, "{fault}");
            assert_eq!(archive.json(0, &["verify"])["findings"], json!([]), "{fault}");
        }
        if !has_broken {
            break;
        }
    }
    eprintln!("{broken} broken repairs");
    assert!(broken > 12, "more calls are made than {broken}");
}

/// Other bytes in the place of the one object of a store whose name ends like that.
fn overwrite(url: &str, ending: &str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let blobs = hrisov_store::open(&url.parse().unwrap()).await.unwrap();
        let objects: Vec<_> = blobs.list(&Key::root()).try_collect().await.unwrap();
        let object = objects
            .iter()
            .find(|object| object.key.as_str().ends_with(ending));
        let key = &object.unwrap().key;
        blobs.replace(key, b"altceva".as_slice().into()).await.unwrap();
    });
}

/// From a bucket into a folder, and from a folder into a bucket; verified straight on the bucket.
#[test]
fn buckets_are_repaired_and_repair() {
    let Some(server) = Seaweed::start() else { return };
    let (url, second) = (server.store_url("arhiva/oras"), server.store_url("copie/oras"));
    let archive = Archive::with(&[("HRISOV_TEST_ENGINE", "")], &["--store", &url]);
    let folder = archive.boxes().join("cutia-1");
    write_scan(&folder.join("1/a.png"), 1);
    archive.ingest(0, &folder);
    let other = Archive::with(&[("HRISOV_TEST_ENGINE", "")], &["--store", &second]);
    write_scan(&other.boxes().join("cutia-9/9/a.png"), 1);
    other.ingest(0, &other.boxes().join("cutia-9"));
    let local = Archive::scripted();
    write_scan(&local.boxes().join("cutia-1/1/a.png"), 1);
    local.ingest(0, &local.boxes().join("cutia-1"));
    for from in [&second, local.path().to_str().unwrap()] {
        overwrite(&url, "masters/a.png");
        let found = archive.json(4, &["verify", "--rate", "50MB/s"]);
        assert_eq!(found["findings"][0]["kind"], "damaged", "{found:#}");
        archive.json(0, &["repair", "--from", from]);
        assert_eq!(archive.json(0, &["verify"])["findings"], json!([]));
    }
    flip(&local.object("masters/a.png"));
    local.json(0, &["repair", "1", "--from", &second]);
    local.run(&["verify"]).expect_code(0);
}

/// What becomes of the log or the journal, how, and how many objects have to be put back.
type LogDamage = (&'static str, fn(&Archive), usize);

const LOG_DAMAGES: [LogDamage; 12] = [
    ("a changed leaf", |a| flip(&ledger(a, "tile/entries/000.p/7")), 1),
    (
        "a tile that is gone",
        |a| fs::remove_file(ledger(a, "tile/0/000.p/7")).unwrap(),
        1,
    ),
    (
        "no tiles at all",
        |a| fs::remove_dir_all(ledger(a, "tile")).unwrap(),
        2,
    ),
    (
        "a checkpoint that is gone",
        |a| fs::remove_file(ledger(a, "checkpoint")).unwrap(),
        1,
    ),
    ("a damaged checkpoint", |a| flip(&ledger(a, "checkpoint")), 1),
    (
        "a log that is gone",
        |a| fs::remove_dir_all(ledger(a, "")).unwrap(),
        4,
    ),
    (
        "an account and its salt that are gone",
        |a| {
            for of in ["batches", "salts"] {
                fs::remove_dir_all(a.path().join("store/journal").join(of)).unwrap();
            }
        },
        2,
    ),
    (
        "the archive's record that is gone",
        |a| fs::remove_file(a.path().join("store/journal/archive.json")).unwrap(),
        1,
    ),
    (
        "a damaged record of the archive",
        |a| flip(&a.path().join("store/journal/archive.json")),
        1,
    ),
    (
        "a damaged storage root",
        |a| {
            flip(&a.path().join("store/ocfl/0=ocfl_1.1"));
            flip(&a.path().join("store/ocfl/ocfl_layout.json"));
            fs::remove_dir_all(a.path().join("store/ocfl/extensions")).unwrap();
        },
        3,
    ),
    (
        "lists of keys and of the last batch",
        |a| {
            flip(&ledger(a, "keys"));
            flip(&ledger(a, "pending"));
        },
        2,
    ),
    (
        "a leaf and a master",
        |a| {
            flip(&ledger(a, "tile/entries/000.p/7"));
            flip(&a.object("masters/a.png"));
        },
        1,
    ),
];

fn ledger(archive: &Archive, name: &str) -> PathBuf {
    archive.path().join("store/ledger").join(name)
}

#[test]
fn log_and_journal_are_put_right_and_the_log_tells_of_it() {
    for (what, damage, files) in LOG_DAMAGES {
        let archive = loaded();
        let copy = copy_of_store(&archive);
        let (copy, before) = (copy.to_str().unwrap(), archive.checkpoint());
        damage(&archive);
        archive.json(4, &["verify"]);
        let dry = archive.json(4, &["repair", "--from", copy, "--dry-run"]);
        assert_eq!(
            dry["log"]["files"].as_array().unwrap().len(),
            files,
            "{what}: {dry:#}"
        );
        let repaired = archive.json(0, &["repair", "--from", copy]);
        assert_eq!(
            repaired["log"]["files"], dry["log"]["files"],
            "{what}: {repaired:#}"
        );
        assert_eq!(repaired["verified"]["ok"], true, "{what}: {repaired:#}");
        let status = archive.run(&["status"]).expect_code(0).stdout;
        assert!(!status.contains("!!"), "{what}: {status}");
        assert_eq!(archive.json(0, &["verify"])["findings"], json!([]), "{what}");
        let since = archive.json(0, &["audit", "--since", &before]);
        assert_eq!(since["result"], "extends", "{what}: {since:#}");
        let records = archive.objects().into_iter();
        let records: Vec<_> = records
            .filter(|path| path.to_string_lossy().contains("/journal/fixity/"))
            .map(|path| fs::read_to_string(path).unwrap())
            .collect();
        assert!(
            matches!(&records[..], [record] if record.contains("\"log_repair\"") && record.contains(copy)),
            "{what}: {records:?}"
        );
        assert_eq!(
            archive.json(0, &["repair", "--from", copy])["log"],
            Value::Null,
            "{what}"
        );
        archive.run(&["rebuild"]).expect_code(0);
        archive.run(&["verify"]).expect_code(0);
    }
}

/// A checkpoint that went out to be signed, and the archive's record: taken from a copy where that is right.
#[test]
fn what_is_kept_beside_the_log_comes_back_only_as_it_was() {
    let archive = loaded();
    let request = archive.boxes().join("query.tsq");
    let request = request.to_str().unwrap();
    archive
        .run(&["audit", "stamp", "--request", request])
        .expect_code(0);
    let copy = copy_of_store(&archive);
    let of_copy = |name: &str| copy.join(name);
    let of_archive = |name: &str| archive.path().join("store").join(name);
    let repair = ["repair", "--from", copy.to_str().unwrap()];
    for (name, reason) in [
        ("ledger/asked/7", "as it was signed"),
        ("journal/archive.json", "the record of the archive"),
    ] {
        let right = fs::read(of_archive(name)).unwrap();
        flip(&of_archive(name));
        let found = archive.json(4, &["verify"])["findings"].to_string();
        assert!(found.contains(name), "{name}: {found}");
        flip(&of_copy(name));
        let wrong = fs::read(of_archive(name)).unwrap();
        let refused = archive.json(4, &repair);
        let left = &refused["log"]["left"][0];
        assert_eq!(left["path"], name, "{refused:#}");
        assert!(left["reason"].as_str().unwrap().contains(reason), "{refused:#}");
        assert_eq!(fs::read(of_archive(name)).unwrap(), wrong, "{name}");
        let said = archive.run_in_romanian(&repair).expect_code(4).stdout;
        assert!(said.contains("niciunul din depozite"), "{name}: {said}");
        fs::write(of_copy(name), &right).unwrap();
        archive.json(0, &repair);
        assert_eq!(fs::read(of_archive(name)).unwrap(), right, "{name}");
        assert_eq!(archive.json(0, &["verify"])["findings"], json!([]), "{name}");
    }
    // Of the same name and well-formed, but another log's.
    let other = loaded();
    other
        .run(&["audit", "stamp", "--request", &format!("{request}2")])
        .expect_code(0);
    let foreign = fs::read(other.path().join("store/ledger/asked/7")).unwrap();
    fs::remove_file(of_archive("ledger/asked/7")).unwrap();
    fs::write(of_copy("ledger/asked/7"), foreign).unwrap();
    archive.json(0, &repair);
    assert!(!of_archive("ledger/asked/7").exists());
}

/// The copy is from before the last load: what it has, what is still there and the memory beside the key give the rest.
#[test]
fn an_older_copy_and_the_key_give_back_the_log() {
    let archive = loaded();
    let copy = copy_of_store(&archive);
    let copy = copy.to_str().unwrap();
    write_scan(&archive.boxes().join("cutia-2/1/a.png"), 9);
    archive.ingest(0, &archive.boxes().join("cutia-2"));
    let before = archive.checkpoint();
    fs::remove_file(ledger(&archive, "checkpoint")).unwrap();
    flip(&ledger(&archive, "tile/entries/000.p/10"));
    // Nothing is added to a log that is damaged at its end.
    let key = archive.path().join("keys/log.key");
    let kept = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    let refused = archive.json(4, &["repair", "--from", copy]);
    let reason = refused["log"]["left"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("signed last"), "{refused:#}");
    fs::write(&key, kept).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    archive.json(0, &["repair", "--from", copy]);
    assert_eq!(
        archive.json(0, &["audit", "--since", &before])["result"],
        "extends"
    );
    assert_eq!(archive.json(0, &["verify"])["findings"], json!([]));
    // Leaves that neither store has are told of, and dossiers wait for the log.
    fs::remove_dir_all(ledger(&archive, "tile")).unwrap();
    let lost = archive.json(4, &["repair", "--from", copy]);
    assert!(!lost["log"]["left"].as_array().unwrap().is_empty(), "{lost:#}");
    let said = archive.run(&["repair", "--from", copy]).expect_code(4).stdout;
    assert!(said.contains("Give a newer copy"), "{said}");
}

/// The same of the log and the journal: whatever broke, a repeat puts everything right, and the log never forked.
#[test]
fn a_repair_of_the_log_that_breaks_anywhere_is_finished_by_a_repeat() {
    let step = number("HRISOV_FAULT_STEP").unwrap_or(3);
    let mut broken = 0;
    for call in (0..).step_by(usize::try_from(step).unwrap()) {
        let mut has_broken = false;
        for effect in ["lost", "persisted"] {
            let fault = format!("{call}:{effect}:dead");
            let mut archive = loaded();
            let (copy, before) = (copy_of_store(&archive), archive.checkpoint());
            flip(&ledger(&archive, "tile/entries/000.p/7"));
            fs::remove_file(ledger(&archive, "checkpoint")).unwrap();
            fs::remove_dir_all(archive.path().join("store/journal/batches")).unwrap();
            let repair = ["repair", "--from", copy.to_str().unwrap()];
            archive.set("HRISOV_TEST_FAULT", &fault);
            let run = archive.run(&repair);
            archive.unset("HRISOV_TEST_FAULT");
            if run.code != 0 {
                assert!(run.stderr.contains("injected"), "{fault}: {}", run.stderr);
                has_broken = true;
                broken += 1;
            }
            archive.json(0, &repair);
            // What a broken repair recorded gets its leaf with the next load.
            archive.ingest(0, &archive.boxes().join("cutia-1"));
            assert_eq!(archive.json(0, &["verify"])["findings"], json!([]), "{fault}");
            let since = archive.json(0, &["audit", "--since", &before]);
            assert_eq!(since["result"], "extends", "{fault}");
        }
        if !has_broken {
            break;
        }
    }
    eprintln!("{broken} broken repairs");
    assert!(broken > 12, "more calls are made than {broken}");
}
