//! What `verify` finds: one damaged archive per defect.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::program::{Archive, write_scan};

/// Two dossiers of two pages.
fn loaded() -> Archive {
    let archive = Archive::scripted();
    let folder = archive.boxes().join("cutia-1");
    for (seed, file) in (1..).zip(["1/a.png", "1/b.png", "2/c.png", "2/d.png"]) {
        write_scan(&folder.join(file), seed);
    }
    archive.ingest(0, &folder);
    archive.run(&["verify"]).expect_code(0);
    archive
}

fn flip_bit(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn object_root(archive: &Archive, ending: &str) -> PathBuf {
    let master = archive.object(ending);
    master.ancestors().nth(4).unwrap().to_owned()
}

fn swap(a: &Path, b: &Path) {
    let bytes = fs::read(a).unwrap();
    fs::copy(b, a).unwrap();
    fs::write(b, bytes).unwrap();
}

fn sql(archive: &Archive, statement: &str) {
    let python = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()";
    let catalog = archive.path().join("catalog.sqlite");
    let run = Command::new("python3")
        .args(["-c", python])
        .arg(catalog)
        .arg(statement)
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

/// A defect, how it comes about, and the kinds of findings that must be among those reported.
type Defect = (&'static str, fn(&Archive), &'static [&'static str]);

const DEFECTS: [Defect; 10] = [
    (
        "a flipped bit in a master",
        |a| flip_bit(&a.object("masters/a.png")),
        &["damaged"],
    ),
    (
        "a missing master",
        |a| fs::remove_file(a.object("masters/a.png")).unwrap(),
        &["missing"],
    ),
    (
        "a missing object",
        |a| fs::remove_dir_all(object_root(a, "masters/a.png")).unwrap(),
        &["missing"],
    ),
    (
        "an extra object",
        |a| {
            let copy = Command::new("cp")
                .arg("-r")
                .arg(object_root(a, "masters/a.png"))
                .arg(a.ocfl().join("alt"))
                .status();
            assert!(copy.unwrap().success());
        },
        &["extra"],
    ),
    (
        "an extra file",
        |a| fs::write(object_root(a, "masters/a.png").join("v1/content/strain.txt"), "x").unwrap(),
        &["extra"],
    ),
    (
        "two swapped masters",
        |a| swap(&a.object("masters/a.png"), &a.object("masters/c.png")),
        &["damaged"],
    ),
    (
        "a damaged text",
        |a| {
            let texts = object_root(a, "masters/a.png").join("v2/content/text");
            flip_bit(&fs::read_dir(texts).unwrap().next().unwrap().unwrap().path());
        },
        &["damaged"],
    ),
    (
        "a changed inventory",
        |a| flip_bit(&object_root(a, "masters/a.png").join("inventory.json")),
        &["inventory"],
    ),
    (
        "a catalog that disagrees",
        |a| sql(a, "UPDATE dossiers SET title = 'altul' WHERE reference = '1'"),
        &["catalog"],
    ),
    (
        "an index that lost its pages",
        |a| sql(a, "UPDATE pages SET text_digest = NULL WHERE number = 1"),
        &["catalog", "index"],
    ),
];

#[test]
fn every_defect_is_found_and_named() {
    for (defect, damage, kinds) in DEFECTS {
        let archive = loaded();
        damage(&archive);
        let report = archive.json(4, &["verify"]);
        assert_eq!(report["ok"], false, "{defect}");
        let found: Vec<_> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["kind"].as_str().unwrap())
            .collect();
        for kind in kinds {
            assert!(found.contains(kind), "{defect}: {report:#}");
        }
    }
}

#[test]
fn a_forged_inventory_with_a_right_sidecar_is_found_through_the_catalog() {
    let archive = loaded();
    let root = object_root(&archive, "masters/a.png");
    for folder in [root.clone(), root.join("v2")] {
        let text = fs::read_to_string(folder.join("inventory.json")).unwrap();
        fs::write(folder.join("inventory.json"), text.replace("hrisov 0", "altul 0")).unwrap();
        let digest = Command::new("sha256sum")
            .arg(folder.join("inventory.json"))
            .output()
            .unwrap()
            .stdout;
        let digest = String::from_utf8(digest).unwrap()[..64].to_owned();
        fs::write(
            folder.join("inventory.json.sha256"),
            format!("{digest} inventory.json\n"),
        )
        .unwrap();
    }
    let report = archive.json(4, &["verify"]);
    assert!(
        report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|f| f["kind"] == "catalog"),
        "{report:#}"
    );
}

#[test]
fn a_rebuild_gives_the_same_catalog_and_the_same_answers() {
    let archive = loaded();
    let state = |archive: &Archive| {
        let word = archive.run(&["text", "cutia-1/1", "1"]).expect_code(0).stdout;
        let word = word.split_whitespace().next().unwrap().to_owned();
        (
            archive.json(0, &["status"]),
            archive.json(0, &["search", &word]),
            archive.json(0, &["status", "cutia-1", "--files"]),
            dump(archive),
        )
    };
    // When everything was verified is in the store once it is on record.
    archive.run(&["verify", "--due"]).expect_code(0);
    let before = state(&archive);
    fs::remove_file(archive.path().join("catalog.sqlite")).unwrap();
    fs::remove_dir_all(archive.path().join("index")).unwrap();
    archive.run(&["rebuild"]).expect_code(0);
    let after = state(&archive);
    assert_eq!(before.0, after.0);
    assert_eq!(before.1, after.1);
    assert_eq!(before.2, after.2);
    assert_eq!(before.3, after.3);
    archive.run(&["verify"]).expect_code(0);
    // And the archive goes on from there.
    let again = archive.ingest(0, &archive.boxes().join("cutia-1"));
    assert_eq!((&again["already"], &again["stored"]), (&4.into(), &4.into()));
}

/// Every row of every table that a rebuild restores.
fn dump(archive: &Archive) -> String {
    let python = "import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
for table in 'archive boxes dossiers files pages events batches batch_files'.split():
    print(table)
    print(*sorted(map(repr, c.execute('SELECT * FROM ' + table))), sep='\\n')";
    let run = Command::new("python3")
        .args(["-c", python])
        .arg(archive.path().join("catalog.sqlite"))
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}
