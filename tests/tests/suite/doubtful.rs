//! Pages that ask for attention, and pages scanned again.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use super::{
    faults::every_fault,
    ledger::sql,
    program::{Archive, built, write_scan},
};

/// Doubts that the picture alone raises, and so the scripted engine leaves as they are.
const OF_PICTURES: [&str; 6] = [
    "blank",
    "nearly_blank",
    "too_dark",
    "too_faint",
    "blurred",
    "skewed",
];

/// Doubts by file and page index; what is planted in the box, or what the archive lists.
type Doubts = BTreeMap<(String, u64), BTreeSet<String>>;

fn generate(archive: &Archive, args: &[&str]) -> PathBuf {
    let folder = archive.boxes().join("generated");
    let made = Command::new(built("hrisov-fixtures"))
        .arg("generate")
        .arg(&folder)
        .args(args)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    folder
}

fn planted(folder: &Path) -> Doubts {
    let mut doubts = Doubts::new();
    for row in fs::read_to_string(folder.join("truth/defects.csv"))
        .unwrap()
        .lines()
    {
        let fields: Vec<&str> = row.split(',').collect();
        if let Ok(index) = fields[4].parse() {
            let page = (fields[3].to_owned(), index);
            doubts.entry(page).or_default().insert(fields[0].to_owned());
        }
    }
    doubts
}

fn listed(archive: &Archive, folder: &Path) -> Doubts {
    let list = archive.json(0, &["status", "--doubtful"]);
    let mut doubts = Doubts::new();
    for page in list["boxes"].as_array().unwrap().iter().flat_map(pages) {
        let path = Path::new(page["file"].as_str().unwrap());
        let path = path.strip_prefix(folder.join("box")).unwrap();
        let place = (path.to_str().unwrap().to_owned(), page["index"].as_u64().unwrap());
        let names = names(page);
        doubts.entry(place).or_default().extend(names);
    }
    doubts
}

fn pages(of: &Value) -> &Vec<Value> {
    of["pages"].as_array().unwrap()
}

fn names(page: &Value) -> Vec<String> {
    let doubts = page["doubts"].as_array().unwrap();
    let name = |doubt: &Value| doubt["doubt"].as_str().unwrap().to_owned();
    doubts.iter().map(name).collect()
}

#[test]
fn planted_defects_of_pictures_are_listed_with_the_file_to_scan_again() {
    let archive = Archive::scripted();
    let folder = generate(
        &archive,
        &["--pages", "60", "--seed", "41", "--defects", "45", "--dpi", "150"],
    );
    archive.ingest(3, &folder.join("box"));
    let (planted, listed) = (planted(&folder), listed(&archive, &folder));
    let of_picture = |doubts: Option<&BTreeSet<String>>| -> BTreeSet<String> {
        let doubts = doubts.into_iter().flatten();
        doubts
            .filter(|name| OF_PICTURES.contains(&name.as_str()))
            .cloned()
            .collect()
    };
    let places: BTreeSet<_> = planted.keys().chain(listed.keys()).collect();
    let wrong: Vec<_> = places
        .iter()
        .map(|place| {
            (
                place,
                of_picture(planted.get(place)),
                of_picture(listed.get(place)),
            )
        })
        .filter(|(_, planted, listed)| planted != listed)
        .collect();
    let named: BTreeSet<_> = planted.values().flatten().map(String::as_str).collect();
    assert!(
        OF_PICTURES.iter().all(|name| named.contains(name)),
        "planted: {named:?}"
    );
    assert!(wrong.len() <= 2, "place, planted, listed: {wrong:#?}");
}

/// Pages that one threshold doubts are named as soon as it changes; nothing is read again.
#[test]
fn a_changed_threshold_changes_the_list_at_once() {
    let marks = tempfile::tempdir().unwrap();
    let mut archive = Archive::scripted();
    archive.set("HRISOV_TEST_ENGINE_MARKS", marks.path().to_str().unwrap());
    let folder = archive.boxes().join("cutia-1");
    write_scan(&folder.join("1/a.png"), 1);
    write_scan(&folder.join("1/b.png"), 2);
    archive.ingest(0, &folder);
    let names_of = |archive: &Archive| -> BTreeSet<String> {
        let list = archive.json(0, &["status", "--doubtful"]);
        let boxes = list["boxes"].as_array().unwrap();
        boxes.iter().flat_map(pages).flat_map(names).collect()
    };
    assert!(!names_of(&archive).contains("low_confidence"));
    archive.configure("low_confidence_percent", 95);
    let read = fs::read_to_string(marks.path().join("recognised")).unwrap();
    let now = names_of(&archive);
    assert_eq!(fs::read_to_string(marks.path().join("recognised")).unwrap(), read);
    // What the picture explains is not told of the reading.
    let pictures = archive.json(0, &["status", "--doubtful"]);
    assert!(
        now.contains("low_confidence") || now.iter().any(|name| OF_PICTURES.contains(&name.as_str())),
        "{pictures:#}"
    );
    // A slip of the comma is no threshold.
    let path = archive.path().join("hrisov.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replace("# faint_contrast = 0.265", "faint_contrast = 25"),
    )
    .unwrap();
    let refused = archive.run(&["status", "--doubtful"]).expect_code(1);
    assert!(
        refused.stderr.contains("faint_contrast is 25"),
        "{}",
        refused.stderr
    );
}

/// A dossier of three scans and a file of three pages, and what `replace` is given.
fn two_dossiers(archive: &Archive) -> PathBuf {
    let folder = archive.boxes().join("cutia-1");
    for (seed, file) in (1..).zip(["1/a.png", "1/b.png", "1/c.png"]) {
        write_scan(&folder.join(file), seed);
    }
    write_pages(&folder.join("2/dosar.tif"), &[11, 12, 13]);
    // Outside of the box: `ingest` never sees them.
    for seed in [4, 5, 6, 7] {
        write_pages(&archive.boxes().join(format!("rescan-{seed}.tif")), &[seed]);
    }
    folder
}

/// A TIFF of several small pages, grey and not compressed.
fn write_pages(path: &Path, seeds: &[u32]) {
    const SIDE: u32 = 64;
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    for (at, seed) in seeds.iter().enumerate() {
        let ifd = bytes.len() as u32;
        let entries: [(u16, u16, u32); 8] = [
            (256, 3, SIDE),
            (257, 3, SIDE),
            (258, 3, 8),
            (259, 3, 1),
            (262, 3, 1),
            (273, 4, ifd + 2 + 8 * 12 + 4),
            (278, 3, SIDE),
            (279, 4, SIDE * SIDE),
        ];
        bytes.extend((entries.len() as u16).to_le_bytes());
        for (tag, kind, value) in entries {
            bytes.extend(tag.to_le_bytes());
            bytes.extend(kind.to_le_bytes());
            bytes.extend(1_u32.to_le_bytes());
            bytes.extend(value.to_le_bytes());
        }
        let next = match at + 1 < seeds.len() {
            true => ifd + 2 + 8 * 12 + 4 + SIDE * SIDE,
            false => 0,
        };
        bytes.extend(next.to_le_bytes());
        bytes.extend((0..SIDE * SIDE).map(|at| if (at / 3 + seed * 7) % 11 < 4 { 20 } else { 245 }));
    }
    fs::write(path, bytes).unwrap();
}

/// The first word of a page's scripted text: the beginning of its master's digest.
fn master_of(archive: &Archive, dossier: &str, page: u32) -> String {
    let text = archive
        .run(&["text", dossier, &page.to_string()])
        .expect_code(0)
        .stdout;
    text.split_whitespace().next().unwrap().to_owned()
}

fn masters(archive: &Archive, dossier: &str) -> Vec<String> {
    (1..=3).map(|page| master_of(archive, dossier, page)).collect()
}

fn rescan(archive: &Archive, seed: u32) -> String {
    let path = archive.boxes().join(format!("rescan-{seed}.tif"));
    path.to_str().unwrap().to_owned()
}

fn hits(archive: &Archive, word: &str) -> u64 {
    archive.json(0, &["search", word])["total"].as_u64().unwrap()
}

#[test]
fn a_page_scanned_again_stands_where_the_old_one_stood() {
    let archive = Archive::scripted();
    let folder = two_dossiers(&archive);
    archive.ingest(0, &folder);
    for (dossier, page, seed) in [("1", 2, 4), ("2", 2, 5)] {
        let before = masters(&archive, dossier);
        let called = format!("{dossier}/{page}");
        let report = archive.json(0, &["replace", &called, &rescan(&archive, seed)]);
        assert_eq!(report["number"], page, "{report:#}");
        assert!(report["replaced"].is_string(), "{report:#}");
        let after = masters(&archive, dossier);
        let same: Vec<bool> = before
            .iter()
            .zip(&after)
            .map(|(one, other)| one == other)
            .collect();
        assert_eq!(same, [true, false, true], "{before:?} {after:?}");
        assert_eq!(hits(&archive, &after[1]), 1, "the new text is found");
        // Of a file of several pages the others are still there, and begin with the same word.
        let left = if dossier == "1" { 0 } else { 1 };
        assert_eq!(hits(&archive, &before[1]), left, "the old text is found no more");
        let again = archive.json(0, &["replace", &called, &rescan(&archive, seed)]);
        assert!(again["replaced"].is_null(), "{again:#}");
        assert_eq!(masters(&archive, dossier), after);
    }
    archive.run(&["verify"]).expect_code(0);
    let premis: Vec<String> = archive
        .objects()
        .iter()
        .filter(|path| path.to_string_lossy().contains("premis"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let replacements = premis
        .iter()
        .filter(|text| text.contains("was scanned again"))
        .count();
    assert!(replacements >= 2, "an event of each replacement");
    // The box did not change: its own files are known, and do not come back.
    let pages = |archive: &Archive| [masters(archive, "1"), masters(archive, "2")];
    let replaced = pages(&archive);
    let again = archive.ingest(0, &folder);
    assert_eq!(again["already"], again["received"], "{again:#}");
    assert_eq!(pages(&archive), replaced);
    // Nor after everything was made again from the store.
    fs::remove_file(archive.path().join("catalog.sqlite")).unwrap();
    archive.run(&["rebuild"]).expect_code(0);
    let again = archive.ingest(0, &folder);
    assert_eq!(again["already"], again["received"], "{again:#}");
    assert_eq!(pages(&archive), replaced);
}

#[test]
fn a_rescan_is_replaced_by_a_later_one_and_by_a_new_file_of_the_box() {
    let archive = Archive::scripted();
    let folder = two_dossiers(&archive);
    archive.ingest(0, &folder);
    for (page, seed) in [(1, 4), (1, 5), (2, 6), (3, 7)] {
        let called = format!("2/{page}");
        archive.json(0, &["replace", &called, &rescan(&archive, seed)]);
    }
    // Every page of the file was scanned again; the file itself is still known.
    let replaced = masters(&archive, "2");
    let distinct: BTreeSet<_> = replaced.iter().collect();
    assert_eq!(distinct.len(), 3, "{replaced:?}");
    let again = archive.ingest(0, &folder);
    assert_eq!(again["already"], again["received"], "{again:#}");
    assert_eq!(masters(&archive, "2"), replaced);
    write_pages(&folder.join("2/dosar.tif"), &[31, 32, 33]);
    let changed = archive.ingest(0, &folder);
    assert_eq!(changed["replaced"], 1, "{changed:#}");
    let now = masters(&archive, "2");
    assert!(now.iter().all(|master| *master == now[0]), "{now:?}");
    assert!(!replaced.contains(&now[0]));
    archive.run(&["verify"]).expect_code(0);
}

#[test]
fn what_cannot_take_the_place_of_a_page_is_refused_and_changes_nothing() {
    let archive = Archive::scripted();
    let folder = two_dossiers(&archive);
    archive.ingest(0, &folder);
    let boxes = archive.boxes();
    fs::write(boxes.join("text.png"), "no picture").unwrap();
    let whole = fs::read(boxes.join("rescan-4.tif")).unwrap();
    fs::write(boxes.join("broken.tif"), &whole[..whole.len() / 2]).unwrap();
    let objects = archive.objects();
    for (page, file, code, says) in [
        ("1/2", "absent.png", 1, "cannot read"),
        ("1/2", "text.png", 1, "cannot be shown"),
        ("1/2", "broken.tif", 1, "cannot be shown"),
        ("1/2", "cutia-1/2/dosar.tif", 1, "has 3 pages"),
        ("1/2", "cutia-1/1/b.png", 1, "the very bytes of b.png"),
        ("1/9", "rescan-4.tif", 1, "has 3 pages, and no page 9"),
        ("1", "rescan-4.tif", 1, "give DOSSIER/PAGE"),
        ("nobody/1", "rescan-4.tif", 1, "there is no dossier"),
    ] {
        let file = boxes.join(file);
        let run = archive.run(&["replace", page, file.to_str().unwrap()]);
        assert!(
            run.stderr.contains(says),
            "{page} {}: {}",
            file.display(),
            run.stderr
        );
        run.expect_code(code);
    }
    assert_eq!(archive.objects(), objects);
}

#[test]
fn every_fault_of_the_store_during_a_replacement_is_made_good_by_a_repeat() {
    let prepare = |archive: &mut Archive| {
        let folder = two_dossiers(archive);
        archive.ingest(0, &folder);
    };
    let command = |archive: &Archive| {
        let file = rescan(archive, 4);
        ["replace", "2/2", &file].map(str::to_owned).into()
    };
    every_fault(prepare, command, 0);
}

/// Pages of the list by `DOSSIER/PAGE`, with what was decided of each.
fn decisions(archive: &Archive, args: &[&str]) -> BTreeMap<String, String> {
    let list = archive.json(0, &[&["status", "--doubtful"], args].concat());
    let boxes = list["boxes"].as_array().unwrap();
    let listed = boxes.iter().flat_map(pages).map(|page| {
        let called = format!("{}/{}", page["reference"].as_str().unwrap(), page["number"]);
        (called, page["decision"].as_str().unwrap().to_owned())
    });
    listed.collect()
}

#[test]
fn what_a_person_decides_of_a_page_is_kept_logged_and_rebuilt() {
    let archive = Archive::scripted();
    let folder = two_dossiers(&archive);
    archive.ingest(0, &folder);
    let all = decisions(&archive, &[]);
    assert!(all.contains_key("2/1") && all.contains_key("2/2"), "{all:?}");
    assert!(all.values().all(|decision| decision == "undecided"), "{all:?}");
    let leaves = archive.leaves().len();
    let fine = archive.json(0, &["review", "2/1", "2/3", "--fine", "--name", "Ana Pop"]);
    assert_eq!(
        (&fine["verdict"], &fine["by"]),
        (&"fine".into(), &"Ana Pop".into()),
        "{fine:#}"
    );
    assert_eq!(fine["pages"].as_array().unwrap().len(), 2, "{fine:#}");
    archive
        .run_in_romanian(&["review", "2/2", "--rescan", "--name", "Ion Șerban"])
        .expect_code(0);
    assert_eq!(archive.leaves().len(), leaves + 2, "a leaf for each decision");
    let check = |archive: &Archive| {
        let listed = decisions(archive, &[]);
        assert!(
            !listed.contains_key("2/1"),
            "settled pages are not listed: {listed:?}"
        );
        assert_eq!(listed["2/2"], "rescan");
        let settled = decisions(archive, &["--decision", "fine"]);
        assert_eq!(settled.keys().collect::<Vec<_>>(), ["2/1", "2/3"]);
        let rescans = decisions(archive, &["--decision", "rescan"]);
        assert_eq!(rescans.keys().collect::<Vec<_>>(), ["2/2"]);
        archive.run(&["verify"]).expect_code(0);
    };
    check(&archive);
    fs::remove_file(archive.path().join("catalog.sqlite")).unwrap();
    archive.run(&["rebuild"]).expect_code(0);
    check(&archive);
    let list = archive.run_in_romanian(&["status", "--doubtful", "--decision", "rescan"]);
    let list = list.expect_code(0).stdout;
    assert!(list.contains("→ de rescanat: Ion Șerban, "), "{list}");
    let csv = archive.run(&["status", "--doubtful", "--csv", "--decision", "rescan"]);
    assert!(csv.expect_code(0).stdout.contains(",rescan,Ion Șerban,"));
    // Scanned again, it is another page, of which nothing was said; what was said by mistake is withdrawn.
    archive.json(0, &["replace", "2/2", &rescan(&archive, 5)]);
    assert!(decisions(&archive, &["--decision", "rescan"]).is_empty());
    archive.json(0, &["review", "2/1", "--withdraw", "--name", "Ana Pop"]);
    assert_eq!(decisions(&archive, &[])["2/1"], "undecided");
    // The catalog is held against the records.
    for (change, says) in [
        (
            "UPDATE page_reviews SET verdict = 'rescan'",
            "is not the stored one",
        ),
        (
            "UPDATE page_reviews SET at_ms = at_ms + 1",
            "is not the stored one",
        ),
        (
            "UPDATE page_reviews SET doubts = 'x'",
            "the catalog holds an invalid review",
        ),
        ("DELETE FROM page_reviews", "the catalog knows nothing of it"),
    ] {
        sql(&archive, change);
        let verified = archive.run(&["verify"]);
        let verified = verified.expect_code(4).stdout;
        assert!(verified.contains(says), "{change}: {verified}");
        fs::remove_file(archive.path().join("catalog.sqlite")).unwrap();
        archive.run(&["rebuild"]).expect_code(0);
        archive.run(&["verify"]).expect_code(0);
    }
    // The record is the archive's: another one in its place is found.
    let reviews = archive.path().join("store/journal/reviews");
    let record = fs::read_dir(&reviews).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&record).unwrap();
    fs::remove_file(&record).unwrap();
    fs::write(&record, text.replace("Pop", "Pup").replace("Ion", "Ian")).unwrap();
    archive.run(&["verify"]).expect_code(4);
}

#[test]
fn a_decision_has_a_page_and_a_name() {
    let archive = Archive::scripted();
    archive.ingest(0, &two_dossiers(&archive));
    for (args, code, says) in [
        (
            ["2/9", "--fine", "--name", "Ana"].as_slice(),
            1,
            "no page \"2/9\"",
        ),
        (&["2", "--fine", "--name", "Ana"], 1, "give DOSSIER/PAGE"),
        (&["2/1", "--fine", "--name", " "], 2, "1 to 100 letters"),
        (&["2/1", "--fine"], 2, "--name"),
        (&["2/1", "--name", "Ana"], 2, "--fine"),
        (
            &["2/1", "--fine", "--rescan", "--name", "Ana"],
            2,
            "cannot be used",
        ),
    ] {
        let run = archive.run(&[&["review"], args].concat());
        assert!(run.stderr.contains(says), "{args:?}: {}", run.stderr);
        run.expect_code(code);
    }
    assert!(!archive.path().join("store/journal/reviews").exists());
}
