//! What was scanned in one go is divided at the separator sheets between its dossiers.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use serde_json::Value;

use super::{
    faults::every_fault,
    program::{Archive, write_scan},
    serve::{get, serve},
    tools,
};

/// Dossiers whose sheets are printed, as the inventory calls them.
const REFERENCES: [&str; 2] = ["101", "102"];

/// The printed sheets, one page each: as a PDF, and as scans of 100 dpi.
struct Sheets {
    pdf: Vec<u8>,
    scans: Vec<Vec<u8>>,
}

fn sheets() -> &'static Sheets {
    static SHEETS: OnceLock<Sheets> = OnceLock::new();
    SHEETS.get_or_init(|| {
        let archive = Archive::scripted();
        fs::create_dir_all(archive.boxes()).unwrap();
        let inventory = archive.boxes().join("inventar.csv");
        let rows = REFERENCES.map(|reference| format!("{reference};Anchete;1978;2;10 ani\r\n"));
        let header = "Nr. crt.;Conținutul pe scurt;Date extreme;Nr. file;Termen de păstrare\r\n";
        fs::write(&inventory, format!("{header}{}", rows.concat())).unwrap();
        let pdf = archive.boxes().join("foi.pdf");
        archive.json(0, &["sheets", text(&inventory), "-o", text(&pdf)]);
        let pictures = archive.boxes().join("foaie");
        tool(
            "pdftoppm",
            &["-r", "100", "-gray", "-png", text(&pdf), text(&pictures)],
        );
        let scans = (1..=REFERENCES.len())
            .map(|page| fs::read(format!("{}-{page}.png", pictures.display())).unwrap())
            .collect();
        Sheets {
            pdf: fs::read(&pdf).unwrap(),
            scans,
        }
    })
}

/// A folder scanned in one go: a page, the sheet of each dossier, and pages behind it.
pub fn write_stack(folder: &Path, pages: u32) {
    write_scan(&folder.join("000.png"), 9_000);
    for (number, scan) in (1..).zip(&sheets().scans) {
        fs::write(folder.join(format!("{number}00.png")), scan).unwrap();
        for page in 1..=pages {
            write_scan(
                &folder.join(format!("{number}{page:02}.png")),
                9_000 + number * 100 + page,
            );
        }
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn tool(name: &str, args: &[&str]) {
    let program = tools::program(name).expect("poppler's programs are needed");
    let run = Command::new(program).args(args).output().unwrap();
    assert!(
        run.status.success(),
        "{name}: {}",
        String::from_utf8_lossy(&run.stderr)
    );
}

fn box_with_stack(archive: &Archive) -> PathBuf {
    let folder = archive.boxes().join("cutia-3");
    write_stack(&folder.join("teanc"), 2);
    folder
}

/// How many pages a dossier has, as the program says where one more is asked for.
fn pages(archive: &Archive, reference: &str) -> usize {
    let refused = archive.run(&["text", reference, "9999"]).expect_code(1).stderr;
    let (_, said) = refused.split_once(" has ").unwrap_or_else(|| panic!("{refused}"));
    said.split_once(" pages").unwrap().0.parse().unwrap()
}

#[test]
fn a_folder_is_divided_at_its_sheets_and_stays_so() {
    let archive = Archive::scripted();
    let folder = box_with_stack(&archive);
    let inventory = archive.boxes().join("inventar 3.csv");
    let rows =
        "Nr. crt.;Conținutul pe scurt;Nr. file\r\n101;Anchete sociale;2\r\n102;Cereri;2\r\n103;Lipsă;1\r\n";
    fs::write(&inventory, rows).unwrap();
    let load = [
        "ingest",
        text(&folder),
        "--inventory",
        text(&inventory),
        "--sides",
        "simplex",
    ];
    let report = archive.json(0, &load);
    // Seven files, of which two are sheets: five pages.
    for (name, count) in [
        ("received", 7),
        ("stored", 7),
        ("quarantined", 0),
        ("pages", 5),
        ("dossiers", 3),
        ("separator_sheets", 2),
    ] {
        assert_eq!(report[name], count, "{name} in {report:#}");
    }
    let counts = &report["inventory"]["counts"];
    for (name, count) in [
        ("matched", 2),
        ("missing", 1),
        ("unexpected", 1),
        ("leaves_differ", 0),
    ] {
        assert_eq!(counts[name], count, "{name} in {report:#}");
    }
    for (reference, count) in [("teanc", 1), ("101", 2), ("102", 2)] {
        assert_eq!(pages(&archive, reference), count, "{reference}");
    }
    // The stack says where each page is that it does not show.
    let (server, address) = serve(&archive);
    let (_, body) = get(&address, "/api/v1/dossiers/teanc");
    drop(server);
    let stack: Value = serde_json::from_slice(&body).unwrap();
    let apart = stack["apart"].as_array().unwrap();
    for (kind, count) in [("sheet", 2), ("part", 4)] {
        let found = apart.iter().filter(|page| page["apart"] == kind).count();
        assert_eq!(found, count, "{kind} in {stack:#}");
    }
    let objects = archive.objects();
    let again = archive.json(0, &load);
    assert_eq!(again["already"], 7, "{again:#}");
    assert_eq!(archive.objects(), objects);
    assert_eq!(archive.json(0, &["verify"])["ok"], true);
    // The part's proof has the master that the stack keeps.
    let bundle = archive.boxes().join("101.zip");
    let proven = archive.json(0, &["prove", "101/2", "-o", text(&bundle)]);
    assert_eq!(proven["masters"], 1, "{proven:#}");
    let key = archive.path().join("keys/log.pub");
    let proof = archive.json(0, &["verify-proof", text(&bundle), "--key", text(&key)]);
    assert_eq!(proof["leaves"][0]["master"], "teanc/102.png", "{proof:#}");
    let status = archive.held();
    archive.json(0, &["rebuild"]);
    assert_eq!(archive.held(), status);
    assert_eq!(pages(&archive, "102"), 2);
    assert_eq!(archive.json(0, &["verify"])["ok"], true);
}

#[test]
fn a_pdf_is_divided_without_being_cut() {
    let archive = Archive::scripted();
    let folder = archive.boxes().join("cutia-4");
    fs::create_dir_all(&folder).unwrap();
    let part = |name: &str| archive.boxes().join(name);
    fs::write(part("foi.pdf"), &sheets().pdf).unwrap();
    tool(
        "pdfseparate",
        &[text(&part("foi.pdf")), text(&part("foaie-%d.pdf"))],
    );
    let page = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../fixtures/sample/box/10.pdf"
    ));
    let [first, second] = [1, 2].map(|number| part(&format!("foaie-{number}.pdf")));
    let stack = folder.join("stapel.pdf");
    tool(
        "pdfunite",
        &[&first, &page, &second, &page, &page, &stack].map(|path| text(path)),
    );
    let report = archive.json(0, &["ingest", text(&folder)]);
    assert_eq!(
        (&report["received"], &report["stored"]),
        (&1.into(), &1.into()),
        "{report:#}"
    );
    let single = pages(&archive, "101");
    assert_eq!(pages(&archive, "102"), 2 * single);
    assert_eq!(report["pages"], 3 * single, "{report:#}");
    // Nothing is left that would be shown as a dossier called after the file.
    assert_eq!(report["dossiers"], 2, "{report:#}");
    let masters = archive
        .objects()
        .iter()
        .filter(|path| text(path).ends_with("/content/masters/stapel.pdf"))
        .count();
    assert_eq!(masters, 1);
    assert_eq!(archive.json(0, &["verify", "102"])["ok"], true);
}

#[test]
fn a_stack_that_was_scanned_again_is_divided_again() {
    let archive = Archive::scripted();
    let folder = box_with_stack(&archive);
    archive.json(0, &["ingest", text(&folder)]);
    // Another page behind the first sheet, and one that was scanned better.
    write_scan(&folder.join("teanc/103.png"), 4_000);
    write_scan(&folder.join("teanc/201.png"), 4_001);
    let report = archive.json(0, &["ingest", text(&folder)]);
    assert_eq!(report["replaced"], 1, "{report:#}");
    for (reference, count) in [("teanc", 1), ("101", 3), ("102", 2)] {
        assert_eq!(pages(&archive, reference), count, "{reference}");
    }
    assert_eq!(archive.json(0, &["verify"])["ok"], true);
}

#[test]
fn every_fault_of_the_store_while_a_stack_is_divided_is_made_good_by_a_repeat() {
    every_fault(
        |archive| drop(box_with_stack(archive)),
        |archive| {
            vec![
                "ingest".to_owned(),
                text(&archive.boxes().join("cutia-3")).to_owned(),
            ]
        },
        0,
    );
}
