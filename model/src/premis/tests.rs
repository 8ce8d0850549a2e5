use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{
    Agent, DESCRIPTION_FORMAT, Digest, DossierDescription, EventKind, FileRecord, FileState, Outcome,
    QuarantineReason, Salt,
};

fn id<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128(number).into()
}

fn file(number: u128, logical_path: Option<&str>) -> FileRecord {
    FileRecord {
        id: id(number),
        source_path: format!("scan & {number}.tif"),
        logical_path: logical_path.map(str::to_owned),
        digest: Digest::of(&number.to_be_bytes()),
        size_bytes: 1_234_567,
        media_type: Some("image/tiff".to_owned()),
        state: FileState::Stored,
        received_at: "2024-03-05T10:20:30Z".parse().unwrap(),
        batch: id(9),
        replaced_by: None,
        rescan_of: None,
        held_in: None,
    }
}

fn description() -> DossierDescription {
    let replaced = FileRecord {
        replaced_by: Some(id(0x12)),
        rescan_of: None,
        held_in: None,
        ..file(0x11, Some("masters/0001.tif"))
    };
    let damaged = FileRecord {
        media_type: None,
        state: FileState::Quarantined {
            reason: QuarantineReason::Damaged,
            detail: "cut off".to_owned(),
        },
        ..file(0x12, Some("masters/0002.tif"))
    };
    let duplicate = FileRecord {
        state: FileState::Duplicate { of: id(0x12) },
        ..file(0x13, None)
    };
    DossierDescription {
        format: DESCRIPTION_FORMAT.to_owned(),
        id: id(1),
        fonds: "Primăria Șcheia".to_owned(),
        box_name: "Cutia 4".to_owned(),
        reference: "17/1978".to_owned(),
        title: "Acte".to_owned(),
        inventory: None,
        closing: None,
        files: vec![replaced, damaged, duplicate],
        pages: Vec::new(),
        apart: Vec::new(),
    }
}

fn events() -> Vec<Event> {
    let event = |number, kind| Event {
        id: id(number),
        kind,
        at: "2024-03-05T10:20:30.25Z".parse().unwrap(),
        agent: Agent {
            name: "hrisov 0.1.0".to_owned(),
        },
        outcome: Outcome::Success,
        detail: String::new(),
        file: Some(id(0x11)),
        page: None,
        digest: Some(Digest::of(b"scan")),
        salt: Salt::new([number.to_be_bytes()[15]; 32]),
    };
    let agent = Agent {
        name: "arhivar <Ș>".to_owned(),
    };
    let detail = "12 pages, 1 of them \"unreadable\"\r\n".to_owned();
    let outcome = Outcome::Warning;
    vec![
        event(0x21, EventKind::Ingestion),
        Event {
            detail,
            outcome,
            digest: None,
            page: Some(id(0x31)),
            ..event(0x22, EventKind::Transcription)
        },
        Event {
            agent,
            file: None,
            outcome: Outcome::Failure,
            ..event(0x23, EventKind::MetadataModification)
        },
    ]
}

#[test]
fn bytes_stay_the_same_from_version_to_version() {
    insta::assert_snapshot!(write(&description(), &events()));
}

#[test]
fn a_dossier_without_files_and_events_is_read_back() {
    let description = DossierDescription {
        files: Vec::new(),
        ..description()
    };
    assert_eq!(read(write(&description, &[]).as_bytes()), Ok(Vec::new()));
}

#[test]
fn an_agent_is_described_once_by_the_name_that_is_read_back() {
    let mut events = events();
    for (event, name) in events.iter_mut().zip(["a\u{1}", "a\u{2}", "a\u{FFFD}"]) {
        event.agent.name = name.to_owned();
    }
    assert_eq!(write(&description(), &events).matches("<agent>").count(), 1);
}

#[test]
fn every_kind_has_a_term_of_its_own() {
    for kind in EventKind::ALL {
        assert_eq!(EventKind::from_premis_term(kind.premis_term()), Some(kind));
    }
    assert_eq!(EventKind::from_premis_term("migration"), None);
}

#[test]
fn damage_is_a_typed_error() {
    let whole = write(&description(), &events());
    let check = |from: &str, to: &str, expected: &str| {
        assert!(whole.contains(from), "{from}");
        let error = read(whole.replacen(from, to, 1).as_bytes())
            .unwrap_err()
            .to_string();
        let (message, _) = error.split_once(" at byte ").unwrap_or((&error, ""));
        assert_eq!(message, expected, "{from} -> {to}: {error}");
    };
    let missing = |what: &str| format!("{what} is missing in the element");
    for (from, to, expected) in [
        (
            "/premis/v3",
            "/premis/v2",
            "the root element is not premis of version 3".to_owned(),
        ),
        (
            "x-hrisov:premis:1",
            "x-hrisov:premis:2",
            missing("hrisov:commitment"),
        ),
        (">ingestion<", ">digestion<", "eventType".to_owned()),
        (">success<", ">successful<", "eventOutcome".to_owned()),
        ("10:20:30.25Z", "10:20:61Z", "eventDateTime".to_owned()),
        ("salt=\"21", "salt=\"2", "salt".to_owned()),
        ("salt=", "pepper=", missing("salt")),
        ("sha256=\"", "sha256=\"x", "sha256".to_owned()),
        (">page</linking", ">file</linking", "linkingObjectRole".to_owned()),
        (
            "<eventIdentifierType>",
            "<eventIdentifierValue/><eventIdentifierType>",
            "eventIdentifierValue".to_owned(),
        ),
        (
            "<?xml version",
            "<!DOCTYPE a><?xml version",
            "the XML document declares a document type".to_owned(),
        ),
    ] {
        check(from, to, &expected);
    }
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~ăâîșțĂÂÎȘȚ„”–]{0,20}",
        proptest::collection::vec(any::<char>(), 0..12).prop_map(String::from_iter),
        "[\\x00-\\x20]{0,4}",
    ]
}

prop_compose! {
    fn any_event()(
        ids in any::<[u128; 3]>(),
        kind in prop::sample::select(EventKind::ALL.to_vec()),
        second in Timestamp::MIN.as_second()..Timestamp::MAX.as_second(),
        nanosecond in 0..1_000_000_000,
        name in any_text(),
        outcome in prop::sample::select(vec![Outcome::Success, Outcome::Warning, Outcome::Failure]),
        detail in any_text(),
        has in any::<[bool; 3]>(),
        digest in any::<[u8; 32]>(),
        salt in any::<[u8; 32]>(),
    ) -> Event {
        Event {
            id: id(ids[0]),
            kind,
            at: Timestamp::new(second, nanosecond).unwrap(),
            agent: Agent { name },
            outcome,
            detail,
            file: has[0].then(|| id(ids[1])),
            page: has[1].then(|| id(ids[2])),
            digest: has[2].then(|| digest.into()),
            salt: Salt::new(salt),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_written_is_read_back(events in proptest::collection::vec(any_event(), 0..5)) {
        let description = description();
        let xml = write(&description, &events);
        let expected: Vec<Event> = events.into_iter().map(canonical).collect();
        prop_assert_eq!(read(xml.as_bytes()), Ok(expected.clone()));
        prop_assert_eq!(write(&description, &expected), xml);
    }

    #[test]
    fn damaged_bytes_never_panic(
        events in proptest::collection::vec(any_event(), 1..3),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = write(&description(), &events).into_bytes();
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let _ = read(&bytes);
        let _ = read(&bytes[..cut.index(bytes.len())]);
    }
}
