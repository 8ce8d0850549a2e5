//! Loading boxes: every file in exactly one state, repeats do nothing, nothing is lost.

use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt as _, path::PathBuf};

use serde_json::{Value, json};

use super::program::{Archive, write_scan};

/// A box of two folders and a single file: four pages in three dossiers.
fn small_box(archive: &Archive, name: &str) -> PathBuf {
    let folder = archive.boxes().join(name);
    for (seed, file) in (1..).zip(["1/002.png", "1/010.png", "2/001.png", "cerere.png"]) {
        write_scan(&folder.join(file), seed + name.len() as u32 * 10);
    }
    folder
}

#[track_caller]
fn check_account(report: &Value, expected: Value) {
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&report[name], value, "{name} in {report:#}");
    }
    let count = |name: &str| report[name].as_u64().unwrap();
    assert_eq!(
        count("received"),
        count("stored") + count("duplicate") + count("ignored") + count("quarantined"),
        "{report:#}"
    );
}

#[test]
fn a_box_is_loaded_and_a_repeat_does_nothing_again() {
    let archive = Archive::scripted();
    let folder = small_box(&archive, "cutia-1");
    let first = archive.ingest(0, &folder);
    check_account(
        &first,
        json!({"received": 4, "stored": 4, "already": 0, "dossiers": 3, "pages": 4, "pages_recognised": 4,
               "pages_blank": 0, "pages_unreadable": 0, "box": "cutia-1"}),
    );
    let objects = archive.objects();
    let again = archive.ingest(0, &folder);
    check_account(
        &again,
        json!({"received": 4, "stored": 4, "already": 4, "pages": 4, "batch": first["batch"]}),
    );
    assert_eq!(archive.objects(), objects, "a repeat writes nothing");
    archive.run(&["verify"]).expect_code(0);
    assert!(
        !archive.path().join("store/staging/pages").is_dir()
            || archive.json(0, &["status"])["jobs"]["open"] == 0
    );
}

#[test]
fn a_word_is_found_on_its_page_with_its_box() {
    let archive = Archive::scripted();
    archive.ingest(0, &small_box(&archive, "cutia-1"));
    let text = archive.run(&["text", "cutia-1/1", "2"]).expect_code(0).stdout;
    let word = text
        .split_whitespace()
        .find(|word| word.chars().count() >= 4)
        .unwrap()
        .to_owned();
    let hits = archive.json(0, &["search", &word]);
    let dossier = hits["hits"]
        .as_array()
        .unwrap()
        .iter()
        .find(|hit| hit["reference"] == "1");
    let page = dossier.unwrap()["pages"]
        .as_array()
        .unwrap()
        .iter()
        .find(|page| page["page"] == 2)
        .unwrap();
    for side in ["x", "y", "width", "height"] {
        assert!(page["boxes"][0][side].is_u64(), "{page:#}");
    }
    assert!(
        archive
            .run(&["text", "cutia-1/1", "2", "--alto"])
            .expect_code(0)
            .stdout
            .contains("<alto")
    );
    let none = archive.json(0, &["search", "nicăieri", &word]);
    assert_eq!((&none["total"], &none["hits"]), (&json!(0), &json!([])));
}

#[test]
fn folders_of_the_same_name_in_two_boxes_stay_apart() {
    let archive = Archive::scripted();
    archive.ingest(0, &small_box(&archive, "cutia-1"));
    archive.ingest(0, &small_box(&archive, "cutia-22"));
    assert_eq!(archive.json(0, &["status"])["dossiers"], 6);
    let ambiguous = archive.run(&["text", "1", "1"]).expect_code(1).stderr;
    assert!(
        ambiguous.contains("F1/cutia-1/1") && ambiguous.contains("F1/cutia-22/1"),
        "{ambiguous}"
    );
    archive.run(&["text", "cutia-22/1", "1"]).expect_code(0);
}

#[test]
fn another_box_of_a_known_name_is_refused_until_it_has_a_name_of_its_own() {
    let archive = Archive::scripted();
    archive.ingest(0, &small_box(&archive, "cutia-1"));
    let other = archive.boxes().join("alt-dosar/cutia-1");
    write_scan(&other.join("1/001.png"), 99);
    let refused = archive.run(&["ingest", other.to_str().unwrap()]).expect_code(1);
    assert!(refused.stderr.contains("--box"), "{}", refused.stderr);
    archive.json(0, &["ingest", other.to_str().unwrap(), "--box", "cutia-1 bis"]);
    // The same box from another mount point is known by its bytes.
    let moved = archive.boxes().join("mutat/cutia-1");
    fs::create_dir_all(moved.parent().unwrap()).unwrap();
    fs::rename(archive.boxes().join("cutia-1"), &moved).unwrap();
    check_account(&archive.ingest(0, &moved), json!({"received": 4, "already": 4}));
}

#[test]
fn a_changed_file_is_a_new_version_and_the_old_bytes_stay() {
    let archive = Archive::scripted();
    let folder = small_box(&archive, "cutia-1");
    archive.ingest(0, &folder);
    let before = archive.json(0, &["text", "cutia-1/2", "1"]);
    write_scan(&folder.join("2/001.png"), 77);
    write_scan(&folder.join("2/000.png"), 78);
    let report = archive.ingest(0, &folder);
    check_account(
        &report,
        json!({"received": 5, "stored": 5, "already": 3, "replaced": 1, "pages": 5}),
    );
    assert_ne!(
        archive.json(0, &["text", "cutia-1/2", "2"]),
        before,
        "the page shows the new bytes"
    );
    let masters = archive
        .objects()
        .iter()
        .filter(|path| path.ends_with("content/masters/001.png"))
        .count();
    assert_eq!(masters, 2, "both masters are kept");
    archive.run(&["verify"]).expect_code(0);
}

#[test]
fn a_file_that_became_equal_to_another_is_its_duplicate_and_its_old_page_is_shown_no_more() {
    let archive = Archive::scripted();
    let folder = archive.boxes().join("cutia-1");
    for (seed, file) in (1..).zip(["1/a.png", "1/b.png", "1/c.png"]) {
        write_scan(&folder.join(file), seed);
    }
    archive.ingest(0, &folder);
    fs::copy(folder.join("1/a.png"), folder.join("1/b.png")).unwrap();
    let same = json!({"received": 3, "stored": 2, "duplicate": 1, "pages": 2});
    let report = archive.ingest(0, &folder);
    check_account(&report, same.clone());
    check_account(&report, json!({"already": 2, "replaced": 1}));
    let report = archive.ingest(0, &folder);
    check_account(&report, same);
    check_account(&report, json!({"already": 3, "replaced": 0}));
    let replacements = archive.leaves();
    let replacements = replacements.iter().filter(|leaf| leaf["kind"] == "replacement");
    assert_eq!(replacements.count(), 1);
    archive.run(&["verify"]).expect_code(0);
}

#[test]
fn originals_are_made_safe_first_and_read_by_a_later_load() {
    let archive = Archive::scripted();
    let folder = small_box(&archive, "cutia-1");
    let box_path = folder.to_str().unwrap();
    for _ in 0..2 {
        let report = archive.json(0, &["ingest", "--deposit-only", box_path]);
        check_account(
            &report,
            json!({"received": 4, "stored": 4, "files_unread": 4, "pages_recognised": 0}),
        );
        archive.run(&["verify"]).expect_code(0);
    }
    let report = archive.ingest(0, &folder);
    check_account(
        &report,
        json!({"received": 4, "already": 4, "files_unread": 0, "pages": 4, "pages_recognised": 4}),
    );
    check_account(
        &archive.ingest(0, &folder),
        json!({"already": 4, "pages_recognised": 4}),
    );
    archive.run(&["verify"]).expect_code(0);
}

#[test]
fn a_deposited_box_is_read_and_closed_without_the_box() {
    let archive = Archive::scripted();
    let folder = small_box(&archive, "cutia-1");
    assert_eq!(archive.json(0, &["worker"])["boxes"], json!([]));
    archive.json(0, &["ingest", "--deposit-only", folder.to_str().unwrap()]);
    fs::remove_dir_all(&folder).unwrap();
    let worked = archive.json(0, &["worker"]);
    check_account(
        &worked["boxes"][0],
        json!({"box": "cutia-1", "received": 4, "files_unread": 0, "pages": 4, "pages_recognised": 4}),
    );
    let status = archive.json(0, &["status"]);
    assert!(status["batches"][0]["finished_at"].is_string(), "{status:#}");
    assert_eq!(archive.json(0, &["worker"])["boxes"], json!([]));
    archive.run(&["verify"]).expect_code(0);
}

#[test]
fn a_watched_folder_is_loaded_box_by_box_once_each_is_complete() {
    let archive = Archive::scripted();
    archive.configure("look_seconds", 0);
    let first = small_box(&archive, "cutia-1");
    let second = small_box(&archive, "cutia-2");
    fs::write(first.join("gata"), "").unwrap();
    let folder = archive.boxes();
    let watch = [
        "--json",
        "watch",
        folder.to_str().unwrap(),
        "--marker",
        "gata",
        "--once",
    ];
    let watching = archive.start(&watch);
    // The second box is given its last page and its marker once the first was seen to be loaded.
    while archive.json(0, &["status"])["batches"]
        .as_array()
        .is_none_or(Vec::is_empty)
    {}
    write_scan(&second.join("2/009.png"), 99);
    fs::write(second.join("gata"), "").unwrap();
    let ended = watching.wait_with_output().unwrap();
    assert!(
        ended.status.success(),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    let said = String::from_utf8(ended.stdout).unwrap();
    let reports: Vec<Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [of_first, of_second] = reports.as_slice() else {
        panic!("not two boxes: {said}");
    };
    check_account(of_first, json!({"box": "cutia-1", "stored": 4, "ignored": 1}));
    check_account(of_second, json!({"box": "cutia-2", "stored": 5, "ignored": 1}));
    // A restart takes nothing again; a file that changed is a new version.
    assert_eq!(archive.run(&watch).expect_code(0).stdout, "");
    write_scan(&first.join("2/001.png"), 99);
    let said = archive.run(&watch).stdout;
    let report: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
    check_account(&report, json!({"box": "cutia-1", "replaced": 1}));
}

#[test]
fn the_same_bytes_in_a_dossier_are_kept_once_and_in_two_dossiers_twice() {
    let archive = Archive::scripted();
    let folder = archive.boxes().join("cutia-1");
    for file in ["1/a.png", "1/b.png", "2/a.png"] {
        write_scan(&folder.join(file), 5);
    }
    let report = archive.ingest(0, &folder);
    check_account(
        &report,
        json!({"received": 3, "stored": 2, "duplicate": 1, "pages": 2, "pages_recognised": 2}),
    );
    archive.run(&["verify"]).expect_code(0);
}

#[test]
fn bad_files_are_named_and_all_else_is_stored() {
    let archive = Archive::scripted();
    let folder = small_box(&archive, "cutia-1");
    fs::write(folder.join("2/note.tif"), "doar un text").unwrap();
    fs::write(folder.join("2/gol.pdf"), "").unwrap();
    let png = fs::read(folder.join("2/001.png")).unwrap();
    fs::write(folder.join("2/rupt.png"), &png[..png.len() / 2]).unwrap();
    fs::write(folder.join("Thumbs.db"), "x").unwrap();
    write_scan(&folder.join("2/nume.png"), 50);
    fs::rename(
        folder.join("2/nume.png"),
        folder.join("2").join(OsStr::from_bytes(b"Pe\xbatera.png")),
    )
    .unwrap();
    std::os::unix::fs::symlink("nicaieri", folder.join("2/disparut.tif")).unwrap();
    let report = archive.ingest(3, &folder);
    check_account(
        &report,
        json!({"received": 10, "stored": 4, "ignored": 1, "quarantined": 5, "pages_recognised": 4}),
    );
    let listed = archive.json(0, &["status", "cutia-1", "--files", "--state", "quarantined"]);
    let mut reasons: Vec<_> = listed["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| (&file["source_path"], &file["reason"]))
        .collect();
    reasons.sort_by_key(|(path, _)| path.as_str());
    assert_eq!(
        serde_json::to_value(reasons).unwrap(),
        json!([
            ["2/Pe%BAtera.png", "name_not_utf8"],
            ["2/disparut.tif", "not_readable"],
            ["2/gol.pdf", "empty"],
            ["2/note.tif", "unknown_format"],
            ["2/rupt.png", "damaged"],
        ])
    );
    archive.run(&["verify"]).expect_code(0);
    check_account(
        &archive.ingest(3, &folder),
        json!({"received": 10, "already": 10, "quarantined": 5}),
    );
}

#[test]
fn a_page_that_kills_its_worker_costs_only_itself() {
    for script in [
        "crash:0:masters/010",
        "hang:0:masters/010",
        "panic:0:masters/010",
        "memory:0:masters/010",
    ] {
        let mut archive = Archive::scripted();
        archive.configure("page_seconds", 2);
        archive.set("HRISOV_TEST_ENGINE", script);
        let folder = small_box(&archive, "cutia-1");
        // The engine sees the master's place in the store, which keeps the file's name.
        let report = archive.ingest(0, &folder);
        check_account(
            &report,
            json!({"pages": 4, "pages_recognised": 3, "pages_unreadable": 1}),
        );
        let why = archive.run(&["text", "cutia-1/1", "2"]).expect_code(1).stderr;
        assert!(why.contains("could not be read"), "{script}: {why}");
        archive.run(&["verify"]).expect_code(0);
    }
}

#[test]
fn an_empty_or_missing_box_is_a_clear_error() {
    let archive = Archive::scripted();
    let empty = archive.boxes().join("goală");
    fs::create_dir_all(&empty).unwrap();
    for (folder, word) in [
        (empty, "is empty"),
        (archive.boxes().join("lipsă"), "cannot read the box"),
    ] {
        let run = archive.run(&["ingest", folder.to_str().unwrap()]).expect_code(1);
        assert!(run.stderr.contains(word), "{}", run.stderr);
    }
}

#[test]
fn a_second_writer_is_told_to_wait() {
    let archive = Archive::scripted();
    let lock = fs::File::create(archive.path().join("writer.lock")).unwrap();
    lock.lock().unwrap();
    let folder = small_box(&archive, "cutia-1");
    let run = archive.run(&["ingest", folder.to_str().unwrap()]).expect_code(1);
    assert!(run.stderr.contains("another hrisov is writing"), "{}", run.stderr);
    drop(lock);
    archive.ingest(0, &folder);
}

#[test]
fn an_archive_of_another_version_is_refused() {
    let archive = Archive::scripted();
    let config = archive.path().join("hrisov.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(
        &config,
        text.replace("archive_version = 1", "archive_version = 9"),
    )
    .unwrap();
    let run = archive.run(&["status"]).expect_code(1);
    assert!(run.stderr.contains("layout version 9"), "{}", run.stderr);
}

#[test]
fn the_same_bytes_in_one_dossier_are_kept_once_and_in_two_dossiers_twice() {
    let archive = Archive::scripted();
    let folder = archive.boxes().join("cutia-6");
    for (seed, file) in (1..).zip(["1/act.png", "1/cerere.png", "2/act.png"]) {
        write_scan(&folder.join(file), seed);
    }
    fs::copy(folder.join("1/act.png"), folder.join("1/copie.png")).unwrap();
    fs::copy(folder.join("1/act.png"), folder.join("2/din dosarul 1.png")).unwrap();
    let report = archive.ingest(0, &folder);
    check_account(
        &report,
        json!({"received": 5, "stored": 4, "duplicate": 1, "also_elsewhere": 3, "pages": 4}),
    );
    let listed = archive.json(0, &["status", "cutia-6", "--files"]);
    let of = |path: &str| {
        let files = listed["files"].as_array().unwrap();
        let file = files.iter().find(|file| file["source_path"] == path).unwrap();
        ["duplicate_of", "elsewhere", "for_instance"].map(|name| file[name].clone())
    };
    assert_eq!(
        of("1/copie.png"),
        [
            json!("act.png"),
            json!(1),
            json!("F1/cutia-6/2: din dosarul 1.png")
        ]
    );
    assert_eq!(
        of("2/din dosarul 1.png"),
        [json!(null), json!(1), json!("F1/cutia-6/1: act.png")]
    );
    assert_eq!(of("1/cerere.png"), [json!(null), json!(0), json!(null)]);
    let table = archive
        .run(&["status", "cutia-6", "--files"])
        .expect_code(0)
        .stdout;
    for said in ["= act.png", "also in F1/cutia-6/1: act.png"] {
        assert!(table.contains(said), "{table}");
    }
}
