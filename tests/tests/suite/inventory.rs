//! The paper inventory beside the box: what is missing, what is too much, what is printed.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use super::program::{Archive, write_scan};

/// A box of four dossiers, and the inventory of what should be in it.
fn box_and_inventory(archive: &Archive) -> (PathBuf, PathBuf) {
    let folder = archive.boxes().join("cutia-7");
    for (seed, file) in (1..).zip([
        "1/001.png",
        "1/002.png",
        "2/001.png",
        "Dosar 3/001.png",
        "5/001.png",
    ]) {
        write_scan(&folder.join(file), seed);
    }
    let inventory = archive.boxes().join("inventar cutia 7.csv");
    // As a spreadsheet of the time writes it: Windows-1250, semicolons, a title above the table.
    let text = b"Inventarul dosarelor pe anul 1978;;;;\r\n\
        Nr. crt.;Con\xfeinutul pe scurt;Date extreme;Nr. file;Termen de p\xe3strare\r\n\
        1;Anchete sociale;1978;2;10 ani\r\n\
        2;Cereri;1977-1978;4;10 ani\r\n\
        3;Hot\xe3r\xe2ri;1978;1;permanent\r\n\
        4;Procese-verbale;1978;12;5 ani\r\n";
    fs::write(&inventory, text).unwrap();
    (folder, inventory)
}

fn kinds(report: &Value) -> Vec<&str> {
    let findings = report["inventory"]["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| finding["kind"].as_str().unwrap())
        .collect()
}

#[test]
fn a_box_is_compared_with_its_inventory() {
    let archive = Archive::scripted();
    let (folder, inventory) = box_and_inventory(&archive);
    let (folder, inventory) = (folder.to_str().unwrap(), inventory.to_str().unwrap());
    let with = |more: &[&'static str]| {
        let args = [&["ingest", folder, "--inventory", inventory], more].concat();
        archive.json(0, &args)
    };
    let report = with(&["--sides", "simplex"]);
    assert_eq!(report["stored"], 5, "{report:#}");
    assert_eq!(
        kinds(&report),
        ["leaves_differ", "missing", "unexpected"],
        "{report:#}"
    );
    let counts = &report["inventory"]["counts"];
    for (name, value) in [
        ("rows", 4),
        ("scanned", 4),
        ("matched", 3),
        ("missing", 1),
        ("unexpected", 1),
    ] {
        assert_eq!(counts[name], value, "{name} in {report:#}");
    }
    // A repeat compares again: how it was scanned can be said later.
    let again = with(&["--sides", "unknown"]);
    assert_eq!(again["already"], 5);
    assert_eq!(kinds(&again), ["leaves_differ", "missing", "unexpected"]);
}

#[test]
fn reports_and_separator_sheets_are_printed_once() {
    let archive = Archive::scripted();
    let (folder, inventory) = box_and_inventory(&archive);
    let (folder, inventory) = (folder.to_str().unwrap(), inventory.to_str().unwrap());
    let made = |name: &str| archive.boxes().join(name).to_str().unwrap().to_owned();
    let ingest =
        |report: &str| archive.run(&["ingest", folder, "--inventory", inventory, "--report", report]);
    for (name, begins) in [
        ("raport.pdf", b"%PDF-".as_slice()),
        ("raport.csv", b"\xef\xbb\xbf"),
    ] {
        let path = made(name);
        let said = ingest(&path).expect_code(0).stdout;
        assert!(
            said.contains("4 in the inventory") || said.contains("dossiers in the inventory"),
            "{said}"
        );
        assert!(fs::read(&path).unwrap().starts_with(begins), "{name}");
        let refused = ingest(&path).expect_code(1).stderr;
        assert!(refused.contains("is there already"), "{refused}");
    }
    let refused = ingest(&made("raport.doc")).expect_code(1).stderr;
    assert!(refused.contains("a .pdf or a .csv"), "{refused}");
    let sheets = made("foi.pdf");
    let printed = archive.json(0, &["sheets", inventory, "-o", &sheets]);
    assert_eq!(
        (&printed["sheets"], &printed["left_out"]),
        (&json!(4), &json!([]))
    );
    assert!(fs::read(&sheets).unwrap().starts_with(b"%PDF-"));
}

#[test]
fn a_wrong_inventory_is_said_before_anything_is_loaded() {
    let archive = Archive::scripted();
    let (folder, inventory) = box_and_inventory(&archive);
    let folder = folder.to_str().unwrap();
    fs::write(&inventory, "doar un text\nfără tabel\n").unwrap();
    let missing = archive.boxes().join("lipsă.csv");
    for (file, word) in [
        (&inventory, "no header row"),
        (&missing, "cannot read the inventory"),
    ] {
        let run = archive.run(&["ingest", folder, "--inventory", file.to_str().unwrap()]);
        let stderr = run.expect_code(1).stderr;
        assert!(stderr.contains(word), "{stderr}");
    }
    assert_eq!(archive.json(0, &["status"])["dossiers"], 0);
}
