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

/// The folder of the box's dossier with that reference, as its description says in the store and as `rebuild` finds it.
fn described(archive: &Archive, reference: &str) -> Value {
    let descriptions = archive.objects();
    let latest = descriptions
        .iter()
        .filter(|path| path.ends_with("description.json"))
        .map(|path| {
            let version = path.ancestors().nth(2).unwrap().file_name().unwrap();
            let version: u32 = version.to_str().unwrap()[1..].parse().unwrap();
            (
                version,
                serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap(),
            )
        })
        .filter(|(_, description)| description["reference"] == reference)
        .max_by_key(|(version, _)| *version);
    let (version, mut description) = latest.unwrap();
    description["version"] = json!(version);
    description
}

#[test]
fn rows_of_the_inventory_describe_their_dossiers() {
    let archive = Archive::scripted();
    let (folder, inventory) = box_and_inventory(&archive);
    // A dossier of which no page can be read is found by its title all the same.
    fs::remove_file(folder.join("2/001.png")).unwrap();
    fs::write(folder.join("2/001.tif"), "nu este o imagine").unwrap();
    let (folder, inventory) = (folder.to_str().unwrap(), inventory.to_str().unwrap());
    let load = |described: u64| {
        let report = archive.json(3, &["ingest", folder, "--inventory", inventory]);
        assert_eq!(report["inventory"]["described"], described, "{report:#}");
    };
    archive.json(3, &["ingest", folder]);
    assert_eq!(described(&archive, "1")["title"], "1");
    load(3);
    let objects = archive.objects();
    load(0);
    assert_eq!(
        archive.objects(),
        objects,
        "what says the same is not written again"
    );
    let anchete = described(&archive, "1");
    assert_eq!(
        (&anchete["version"], &anchete["title"]),
        (&json!(3), &json!("Anchete sociale"))
    );
    assert_eq!(anchete["inventory"]["leaves"], 2);
    assert_eq!(anchete["inventory"]["retention"], json!({"years": 10}));
    assert!(
        described(&archive, "5").get("inventory").is_none(),
        "no row means it"
    );
    let check_found = |archive: &Archive| {
        let found = archive.json(0, &["search", "hotărâri", "--facets"]);
        assert_eq!(found["hits"][0]["reference"], "Dosar 3", "{found:#}");
        let found = archive.json(0, &["search", "cereri", "an:1977"]);
        assert_eq!(found["hits"][0]["title"], "Cereri", "{found:#}");
        assert_eq!(found["hits"][0]["years"], json!([1977, 1978]));
        let found = archive.json(0, &["search", "secretariat"]);
        assert_eq!(found["total"], 3, "{found:#}");
        let listed = archive.json(0, &["search", "--department", "Secretariat", "--facets"]);
        assert_eq!(listed["total"], 3, "{listed:#}");
        let facet = |name: &str| {
            let facets = listed["facets"].as_array().unwrap().iter();
            facets.clone().find(|facet| facet["field"] == name).unwrap()["values"].clone()
        };
        assert_eq!(facet("department"), json!([{"value": "Secretariat", "count": 3}]));
        assert_eq!(
            facet("year"),
            json!([{"value": "1978", "count": 3}, {"value": "1977", "count": 1}])
        );
        archive.run(&["verify"]).expect_code(0);
    };
    // The row changes: the department is written above the table, a leaf was miscounted.
    let text = String::from_utf8_lossy(&fs::read(inventory).unwrap())
        .replace("Inventarul", "Compartimentul: Secretariat;;;;\r\nInventarul")
        .replace("1978;1;permanent", "1978;2;permanent")
        .replace('\u{fffd}', "ă");
    fs::write(inventory, text).unwrap();
    load(3);
    assert_eq!(described(&archive, "1")["version"], 4);
    let events = archive.json(0, &["verify"]);
    assert_eq!(events["checked"]["leaves_waiting"], 0, "{events:#}");
    check_found(&archive);
    archive.json(0, &["rebuild"]);
    check_found(&archive);
}
