//! Boxes as a whole: closed only when their differences are resolved or signed for, opened again, taken up again.

use std::{
    fs,
    path::{Path, PathBuf},
};

use image::{GrayImage, Luma};
use serde_json::{Value, json};

use super::{
    faults::every_fault,
    program::{Archive, write_scan},
};

const SIGNED: [&str; 5] = [
    "--accept-differences",
    "--name",
    "Ana Pop",
    "--reason",
    "dosarul 4 s-a pierdut în 1986",
];

/// A box of three dossiers with an inventory of which one dossier is missing.
fn box_and_inventory(archive: &Archive) -> (PathBuf, PathBuf) {
    let folder = archive.boxes().join("cutia-7");
    for (seed, file) in (1..).zip(["1/001.png", "2/001.png", "2/002.png", "3/001.png"]) {
        write_scan(&folder.join(file), seed);
    }
    let inventory = archive.boxes().join("inventar.csv");
    let text = "Nr. crt.,Conținutul pe scurt,Date extreme,Nr. file\n\
        1,Anchete,1978,1\n2,Cereri,1978,2\n3,Hotărâri,1978,1\n4,Procese-verbale,1978,3\n";
    fs::write(&inventory, text).unwrap();
    (folder, inventory)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The description of each dossier in its last version, by reference: the inventory says where its bytes lie, for what was
/// said before is not stored twice.
fn descriptions(archive: &Archive) -> Vec<Value> {
    let mut found = Vec::new();
    for path in archive.objects() {
        let object = path.parent().unwrap();
        if !path.ends_with("inventory.json") || !object.join("0=ocfl_object_1.1").is_file() {
            continue;
        }
        let inventory: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let head = inventory["head"].as_str().unwrap();
        let state = inventory["versions"][head]["state"].as_object().unwrap();
        let (digest, _) = state
            .iter()
            .find(|(_, paths)| paths.as_array().unwrap().contains(&json!("description.json")))
            .unwrap();
        let content = inventory["manifest"][digest][0].as_str().unwrap();
        let description: Value = serde_json::from_slice(&fs::read(object.join(content)).unwrap()).unwrap();
        found.push(description);
    }
    found.sort_by_key(|description| description["reference"].as_str().unwrap().to_owned());
    found
}

fn closings(archive: &Archive) -> usize {
    let leaves = archive.leaves();
    leaves.iter().filter(|leaf| leaf["kind"] == "closing").count()
}

#[test]
fn a_box_is_closed_once_its_differences_are_signed_for() {
    let archive = Archive::scripted();
    let (folder, inventory) = box_and_inventory(&archive);
    let (folder, inventory) = (text(&folder), text(&inventory));
    archive.json(0, &["ingest", folder]);
    let close = |code: i32, more: &[&str]| archive.json(code, &[&["box", "close", "cutia-7"], more].concat());
    let refused = close(4, &[]);
    assert_eq!(refused["differences"]["compared"], "never", "{refused:#}");
    let refused = close(4, &["--inventory", inventory]);
    assert_eq!(
        refused["differences"]["findings"][0]["kind"], "missing",
        "{refused:#}"
    );
    // What was found is kept, not only said.
    let status = archive.json(0, &["status", "cutia-7"]);
    assert_eq!(status["box_state"]["differences"], refused["differences"]);
    assert_eq!(status["box_state"]["closed"], Value::Null);
    for half in [&SIGNED[..1], &SIGNED[..3]] {
        archive
            .run(&[&["box", "close", "cutia-7"], half].concat())
            .expect_code(2);
    }
    let before = closings(&archive);
    let certificate = archive.boxes().join("închidere.pdf");
    let with = [SIGNED.as_slice(), &["--certificate", text(&certificate)]].concat();
    let closed = close(0, &with);
    assert_eq!(closed["record"]["accepted"][0]["kind"], "missing", "{closed:#}");
    assert!(
        closed["checkpoint"].as_str().unwrap().starts_with("hrisov/"),
        "{closed:#}"
    );
    assert!(fs::read(&certificate).unwrap().starts_with(b"%PDF-"));
    assert_eq!(closings(&archive), before + 1);
    let objects = archive.objects();
    assert_eq!(
        close(0, &[])["record"],
        closed["record"],
        "a repeat closes nothing again"
    );
    assert_eq!(archive.objects(), objects);
    let check_closed = || {
        for description in descriptions(&archive) {
            assert_eq!(description["closing"]["record"], closed["record"]["id"]);
            assert_eq!(description["closing"]["by"], "Ana Pop");
        }
        let refused = archive.run(&["ingest", folder]).expect_code(1).stderr;
        assert!(refused.contains("hrisov box reopen"), "{refused}");
        let refused = archive.run(&["retry", "cutia-7"]).expect_code(1).stderr;
        assert!(refused.contains("hrisov box reopen"), "{refused}");
        let said = archive.run(&["status"]).expect_code(0).stdout;
        assert!(said.contains("closed"), "{said}");
        let said = archive.run(&["status", "cutia-7"]).expect_code(0).stdout;
        assert!(said.contains("1 difference accepted: dosarul 4"), "{said}");
        archive.run(&["verify"]).expect_code(0);
    };
    check_closed();
    let status = archive.held();
    archive.json(0, &["rebuild"]);
    assert_eq!(archive.held(), status);
    check_closed();
    let opened = archive.json(
        0,
        &[
            "box",
            "reopen",
            "cutia-7",
            "--name",
            "Ana Pop",
            "--reason",
            "s-a găsit dosarul 4",
        ],
    );
    assert_eq!(opened["was_closed"], true);
    assert!(
        descriptions(&archive)
            .iter()
            .all(|description| description.get("closing").is_none())
    );
    for leaf in 1..=3 {
        write_scan(&Path::new(folder).join(format!("4/{leaf:03}.png")), 100 + leaf);
    }
    archive.json(0, &["ingest", folder]);
    let outdated = close(4, &[]);
    assert_eq!(outdated["differences"]["compared"], "outdated", "{outdated:#}");
    let closed = close(0, &["--inventory", inventory]);
    assert_eq!(closed["record"]["accepted"], json!([]));
    assert_eq!(
        closed["record"]["by"],
        Value::Null,
        "nothing had to be signed for"
    );
    archive.run(&["verify"]).expect_code(0);
}

#[test]
fn a_box_is_named_with_its_fonds_where_two_have_one_of_that_name() {
    let archive = Archive::scripted();
    let (folder, _) = box_and_inventory(&archive);
    for fonds in ["F1", "F2"] {
        archive.json(0, &["ingest", text(&folder), "--fonds", fonds]);
    }
    let said = archive.run(&["box", "close", "cutia-7"]).expect_code(1).stderr;
    assert!(said.contains("--fonds (F1, F2)"), "{said}");
    let said = archive.run(&["box", "close", "cutia-8"]).expect_code(1).stderr;
    assert!(said.contains("no box \"cutia-8\""), "{said}");
    archive.json(
        0,
        &[["box", "close", "cutia-7", "--fonds", "F2"].as_slice(), &SIGNED].concat(),
    );
    archive.json(0, &["ingest", text(&folder), "--fonds", "F1"]);
    archive
        .run(&["ingest", text(&folder), "--fonds", "F2"])
        .expect_code(1);
}

/// A box with a page that the engine cannot read and a file that is over the limit of that day.
fn box_to_retry(archive: &Archive) -> PathBuf {
    let folder = archive.boxes().join("cutia-9");
    for (seed, file) in (1..).zip(["1/a.png", "1/b.png", "2/a.png"]) {
        write_scan(&folder.join(file), seed);
    }
    let large = GrayImage::from_fn(1200, 1000, |x, y| {
        Luma([if (x / 9 + y / 7) % 4 == 0 { 20 } else { 250 }])
    });
    large.save(folder.join("2/mare.png")).unwrap();
    folder
}

const UNREADABLE: &str = "unreadable:0:masters/b";

fn set_megapixels(archive: &Archive, from: u32, to: u32) {
    let path = archive.path().join("hrisov.toml");
    let config = fs::read_to_string(&path).unwrap();
    let (from, to) = (format!("megapixels = {from}\n"), format!("megapixels = {to}\n"));
    assert!(config.contains(&from));
    fs::write(&path, config.replace(&from, &to)).unwrap();
}

/// What a person sees of each page: which file, how it ended, how much was read.
fn pages(archive: &Archive) -> Vec<Value> {
    let page = |page: &Value| json!([page["index"], page["width_px"], page["state"], page["words"]]);
    let of = |description: &Value| {
        let files = description["files"].as_array().unwrap().iter();
        let files = files.map(|file| json!([file["source_path"], file["state"], file["media_type"]]));
        let pages = description["pages"].as_array().unwrap().iter().map(page);
        json!([
            description["reference"],
            files.collect::<Value>(),
            pages.collect::<Value>()
        ])
    };
    descriptions(archive).iter().map(of).collect()
}

#[test]
fn a_retry_takes_up_just_what_ended_badly() {
    let mut archive = Archive::scripted();
    let marks = tempfile::tempdir().unwrap();
    archive.configure("megapixels", 1);
    archive.set("HRISOV_TEST_ENGINE_MARKS", marks.path().to_str().unwrap());
    archive.set("HRISOV_TEST_ENGINE", UNREADABLE);
    let folder = box_to_retry(&archive);
    fs::write(folder.join("2/gol.pdf"), "").unwrap();
    let report = archive.ingest(3, &folder);
    assert_eq!(
        (&report["quarantined"], &report["pages_unreadable"]),
        (&json!(2), &json!(1))
    );
    let csv = archive
        .run(&["status", "cutia-9", "--files", "--state", "quarantined", "--csv"])
        .expect_code(0)
        .stdout;
    let reasons: Vec<_> = csv
        .lines()
        .map(|line| line.split(',').take(3).collect::<Vec<_>>().join(","))
        .collect();
    assert_eq!(
        reasons,
        [
            "path,state,reason",
            "2/gol.pdf,quarantined,empty",
            "2/mare.png,quarantined,too_large"
        ]
    );
    // Nothing became better: it is tried again, told, and nothing else is touched.
    let again = archive.json(3, &["retry", "cutia-9", "--reason", "too_large"]);
    assert_eq!(
        again["taken_up"],
        json!({"files": 1, "pages": 0, "files_to_load_again": 0})
    );
    assert_eq!(again["left"], again["taken_up"]);
    archive
        .run(&["retry", "cutia-9", "--reason", "urât"])
        .expect_code(2);
    archive.set("HRISOV_TEST_ENGINE", "");
    set_megapixels(&archive, 1, 2);
    let read_before = fs::read_to_string(marks.path().join("recognised"))
        .unwrap()
        .lines()
        .count();
    let mended = archive.json(3, &["retry", "cutia-9"]);
    assert_eq!(
        mended["taken_up"],
        json!({"files": 1, "pages": 1, "files_to_load_again": 1})
    );
    assert_eq!(
        mended["left"],
        json!({"files": 0, "pages": 0, "files_to_load_again": 1})
    );
    let read = fs::read_to_string(marks.path().join("recognised"))
        .unwrap()
        .lines()
        .count();
    assert_eq!(read - read_before, 2, "nothing else was read again");
    let objects = archive.objects();
    let nothing = archive.json(3, &["retry", "cutia-9"]);
    assert_eq!(nothing["taken_up"], nothing["left"]);
    assert_eq!(archive.objects(), objects);
    let fresh = Archive::scripted();
    let same = box_to_retry(&fresh);
    fs::write(same.join("2/gol.pdf"), "").unwrap();
    fresh.ingest(3, &same);
    assert_eq!(pages(&archive), pages(&fresh));
    archive.run(&["verify"]).expect_code(0);
    let status = archive.held();
    archive.json(0, &["rebuild"]);
    assert_eq!(archive.held(), status);
}

#[test]
fn every_fault_of_the_store_while_a_dossier_is_described_is_made_good_by_a_repeat() {
    let prepare = |archive: &mut Archive| {
        let (folder, _) = box_and_inventory(archive);
        for dossier in ["2", "3"] {
            fs::remove_dir_all(folder.join(dossier)).unwrap();
        }
        archive.json(0, &["ingest", text(&folder)]);
    };
    let command = |archive: &Archive| {
        let (folder, inventory) = (
            archive.boxes().join("cutia-7"),
            archive.boxes().join("inventar.csv"),
        );
        ["ingest", text(&folder), "--inventory", text(&inventory)]
            .map(str::to_owned)
            .into()
    };
    every_fault(prepare, command, 0);
}

#[test]
fn every_fault_of_the_store_during_a_closing_is_made_good_by_a_repeat() {
    let prepare = |archive: &mut Archive| {
        let (folder, inventory) = box_and_inventory(archive);
        archive.json(0, &["ingest", text(&folder), "--inventory", text(&inventory)]);
    };
    let command = [["box", "close", "cutia-7"].as_slice(), &SIGNED].concat();
    every_fault(
        prepare,
        |_| command.iter().map(|word| (*word).to_owned()).collect(),
        0,
    );
}

#[test]
fn every_fault_of_the_store_during_a_retry_is_made_good_by_a_repeat() {
    let prepare = |archive: &mut Archive| {
        archive.configure("megapixels", 1);
        archive.set("HRISOV_TEST_ENGINE", UNREADABLE);
        let folder = box_to_retry(archive);
        archive.ingest(3, &folder);
        archive.set("HRISOV_TEST_ENGINE", "");
        set_megapixels(archive, 1, 2);
    };
    every_fault(prepare, |_| vec!["retry".to_owned(), "cutia-9".to_owned()], 0);
}
