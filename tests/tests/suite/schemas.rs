//! Our XML against the schemas of the Library of Congress, judged by xmllint.

use std::{fs, path::Path, process::Command};

use hrisov_model::{
    Agent, BatchId, Block, BlockKind, DESCRIPTION_FORMAT, Digest, DossierDescription, DossierId, Event,
    EventId, EventKind, FileId, FileRecord, FileState, Line, Outcome, PageId, PageText, Processing, Rect,
    Rotation, Salt, Word,
    alto::{self, AltoPage},
    premis,
};

use super::tools::{conformance, program, python_file};

/// Where ALTO's schema looks for the schema of links.
const XLINK: &str = "http://www.loc.gov/standards/xlink/xlink.xsd";

/// What xmllint finds wrong, without the network; `None` where it or the links' schema is not there.
fn findings(schema: &Path, xml: &str) -> Option<Result<(), String>> {
    let xmllint = program("xmllint")?;
    let links = python_file("a3m/client/assets/mets/xlink.xsd")?;
    let folder = tempfile::tempdir().unwrap();
    let catalog = folder.path().join("catalog.xml");
    let entry = format!(
        "<system systemId=\"{XLINK}\" uri=\"file://{}\"/>",
        links.display()
    );
    let namespace = "urn:oasis:names:tc:entity:xmlns:xml:catalog";
    fs::write(
        &catalog,
        format!("<catalog xmlns=\"{namespace}\">{entry}</catalog>"),
    )
    .unwrap();
    let document = folder.path().join("document.xml");
    fs::write(&document, xml).unwrap();
    let output = Command::new(xmllint)
        .env("XML_CATALOG_FILES", &catalog)
        .args(["--nonet", "--noout", "--schema"])
        .args([schema, &document])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Some(if output.status.success() {
        Ok(())
    } else {
        Err(said)
    })
}

fn assert_valid(schema: &Path, xml: &str) {
    if let Some(result) = findings(schema, xml) {
        assert_eq!(result, Ok(()), "{xml}");
    }
}

/// What a validator accepts says nothing unless it refuses the same document with a fault in it.
fn assert_refused(schema: &Path, xml: &str, from: &str, to: &str) {
    assert!(xml.contains(from), "{from}");
    if let Some(result) = findings(schema, &xml.replacen(from, to, 1)) {
        assert!(result.is_err(), "{from} -> {to} was accepted");
    }
}

fn page(words: &[&str], rotation: Rotation) -> PageText {
    let rect = |x| Rect {
        x,
        y: 20,
        width: 90,
        height: 30,
    };
    let word = |(place, text): (u32, &&str)| Word {
        text: (*text).to_owned(),
        rect: rect(100 * place),
        confidence: 0.87,
        ..Word::default()
    };
    let lines = match words {
        [] => Vec::new(),
        _ => vec![Line {
            rect: rect(0),
            words: (0..).zip(words).map(word).collect(),
        }],
    };
    PageText {
        width_px: 2480,
        height_px: 3508,
        blocks: vec![Block {
            rect: rect(0),
            kind: BlockKind::Text,
            lines,
        }],
        processing: Processing {
            engine: "tesseract".to_owned(),
            engine_version: "5.3.0".to_owned(),
            languages: "ron+eng".parse().unwrap(),
            recipe: "grey deskew:-1.25".to_owned(),
            rotation,
            read_at: "2024-03-05T10:20:30.123456789Z".parse().unwrap(),
        },
    }
}

fn source() -> AltoPage {
    AltoPage {
        page: "0190f3a0-7c4e-4f0a-9a54-3a1d6f0c2b11".parse().unwrap(),
        master_path: "masters/scan 1 & 2.tif".to_owned(),
        master_digest: Digest::of(b"scan"),
        index: 0,
        dpi: None,
    }
}

#[test]
fn alto_is_valid() {
    let Some(schema) = conformance("alto-4-4.xsd") else {
        return;
    };
    for page in [
        page(&["PRIMĂRIA", "comunei"], Rotation::None),
        page(&["<\"&'>", "a\u{0}\tb\n", "", "\u{10FFFF}"], Rotation::Left),
        page(&[], Rotation::Half),
        PageText {
            blocks: Vec::new(),
            ..page(&[], Rotation::Right)
        },
    ] {
        assert_valid(&schema, &alto::write(&page, &source()));
    }
    let xml = alto::write(&page(&["unu", "doi"], Rotation::None), &source());
    assert_refused(&schema, &xml, "WC=\"0.87\"", "WC=\"1.87\"");
    assert_refused(&schema, &xml, "<MeasurementUnit>pixel", "<MeasurementUnit>dots");
}

fn file(source_path: &str) -> FileRecord {
    FileRecord {
        id: FileId::random(),
        source_path: source_path.to_owned(),
        logical_path: Some(format!("masters/{source_path}")),
        digest: Digest::of(source_path.as_bytes()),
        size_bytes: 4096,
        media_type: None,
        state: FileState::Stored,
        received_at: "2024-03-05T10:20:30Z".parse().unwrap(),
        batch: BatchId::random(),
        replaced_by: Some(FileId::random()),
        rescan_of: None,
        held_in: None,
    }
}

fn event(kind: EventKind, outcome: Outcome) -> Event {
    Event {
        id: EventId::random(),
        kind,
        at: "2024-03-05T10:20:30.5Z".parse().unwrap(),
        agent: Agent {
            name: format!("arhivar & {outcome:?}"),
        },
        outcome,
        detail: "12 pagini\u{0}".to_owned(),
        file: Some(FileId::random()),
        page: Some(PageId::random()),
        digest: Some(Digest::of(b"scan")),
        salt: Salt::new([7; 32]),
    }
}

#[test]
fn premis_is_valid() {
    let Some(schema) = python_file("a3m/client/assets/premis/premis.xsd") else {
        return;
    };
    let full = DossierDescription {
        format: DESCRIPTION_FORMAT.to_owned(),
        id: DossierId::random(),
        fonds: "Primăria".to_owned(),
        box_name: "4".to_owned(),
        reference: "17/1978 <bis>".to_owned(),
        title: "Acte".to_owned(),
        inventory: None,
        closing: None,
        files: vec![
            file("scan 1.tif"),
            FileRecord {
                replaced_by: None,
                rescan_of: None,
                held_in: None,
                ..file("scan&2.tif")
            },
        ],
        pages: Vec::new(),
        apart: Vec::new(),
    };
    let empty = DossierDescription {
        files: Vec::new(),
        ..full.clone()
    };
    let kinds = EventKind::ALL.into_iter().zip(
        [Outcome::Success, Outcome::Warning, Outcome::Failure]
            .into_iter()
            .cycle(),
    );
    let mut events: Vec<Event> = kinds.map(|(kind, outcome)| event(kind, outcome)).collect();
    events.push(Event {
        detail: String::new(),
        file: None,
        page: None,
        digest: None,
        ..event(EventKind::Ingestion, Outcome::Success)
    });
    assert_valid(&schema, &premis::write(&empty, &[]));
    let xml = premis::write(&full, &events);
    assert_valid(&schema, &xml);
    assert_refused(&schema, &xml, "<compositionLevel>0", "<compositionLevel>none");
    assert_refused(&schema, &xml, "version=\"3.0\"", "version=\"2.2\"");
    assert_refused(&schema, &xml, "<eventDateTime>", "<eventDetail/><eventDateTime>");
}
