//! The texts and bytes of the public specifications, taken to the byte and refused when changed.

use bytes::Bytes;
use hrisov_ledger::{
    Checkpoint, KeyError, KeyKind, Note, SignedCheckpoint, SigningKey, TrustError, VerifierKey, printed,
    tile::{TileKind, TilePath, bundle_from_bytes, bundle_to_bytes},
};
use hrisov_model::Digest;
use proptest::prelude::*;

use super::support::{Archive, KeyFile, ORIGIN, leaves};

/// The example of Go's package `sumdb/note`.
const GO_SIGNING_KEY: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const GO_VERIFIER_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const GO_TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const GO_SIGNATURE: &str = "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

/// The example of tlog-checkpoint and tlog-cosignature.
const SPEC_CHECKPOINT: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

#[test]
fn notes_are_those_of_go() {
    let key: SigningKey = GO_SIGNING_KEY.parse().unwrap();
    assert_eq!(key.verifier().to_string(), GO_VERIFIER_KEY);
    assert_eq!(GO_VERIFIER_KEY.parse::<VerifierKey>().unwrap(), *key.verifier());
    let mut note = Note::new(GO_TEXT.to_owned()).unwrap();
    note.sign(&key);
    let text = format!("{GO_TEXT}\n{GO_SIGNATURE}");
    assert_eq!(note.to_string(), text);
    let read = Note::parse(text.as_bytes()).unwrap();
    assert_eq!(
        read.verify(std::slice::from_ref(key.verifier())).unwrap()[0].key,
        *key.verifier()
    );
    assert_eq!(read.verify(&[]).unwrap(), []);
}

#[test]
fn the_specifications_example_is_read() {
    let signed = SignedCheckpoint::parse(SPEC_CHECKPOINT.as_bytes()).unwrap();
    assert_eq!(signed.to_string(), SPEC_CHECKPOINT);
    assert_eq!(signed.checkpoint().origin, "example.com/behind-the-sofa");
    assert_eq!(signed.checkpoint().size, 20_852_163);
    assert_eq!(signed.note().signature_count(), 2);
}

/// The oracle is the crate `signed_note`.
#[test]
fn other_software_verifies_our_notes() {
    use signed_note::{StandardVerifier, Verifier as _, VerifierList};
    let key = KeyFile::new(ORIGIN, KeyKind::Log);
    let checkpoint = Checkpoint::new(ORIGIN.to_owned(), 7, Digest::of(b"root"));
    let signed = SignedCheckpoint::sign(checkpoint, &key.signing()).unwrap();
    let verifier = StandardVerifier::new(&key.verifier().to_string()).unwrap();
    assert_eq!(verifier.name(), ORIGIN);
    let note = signed_note::Note::from_bytes(signed.to_string().as_bytes()).unwrap();
    let (trusted, unknown) = note.verify(&VerifierList::new(vec![Box::new(verifier)])).unwrap();
    assert_eq!((trusted.len(), unknown.len()), (1, 0));
}

/// The oracle is the crate `tlog_tiles`.
#[test]
fn other_software_names_tiles_as_we_do() {
    for (index, width) in [
        (0, 256),
        (999, 256),
        (1000, 1),
        (1_234_067, 255),
        (1_234_067, 256),
    ] {
        for level in 0..4_u8 {
            let ours = TilePath {
                kind: TileKind::Hashes(level.into()),
                index,
                width,
            };
            let theirs = tlog_tiles::Tile::new(8, level, index, u32::try_from(width).unwrap(), false).path();
            // Theirs names the height, as Go does; tlog-tiles fixes it.
            assert_eq!(ours.to_string(), theirs.replacen("tile/8/", "tile/", 1));
            assert_eq!(ours.to_string().parse(), Ok(ours));
        }
    }
    let path = TilePath {
        kind: TileKind::Entries,
        index: 1_234_067,
        width: 256,
    };
    assert_eq!(path.to_string(), "tile/entries/x001/x234/067");
    for other in [
        "tile/00/000",
        "tile/0/00",
        "tile/0/x000/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/9/000",
    ] {
        other.parse::<TilePath>().expect_err(other);
    }
}

#[test]
fn changed_checkpoints_are_refused() {
    let good = "a.example/x\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    good.parse::<Checkpoint>().unwrap();
    for (from, to, expected) in [
        ("a.example/x\n", "\n", "line 1"),
        ("7\n", "07\n", "line 2"),
        ("7\n", "+7\n", "line 2"),
        ("7\n", "-7\n", "line 2"),
        ("7\n", "9223372036854775808\n", "line 2"),
        ("I=", "I", "line 3"),
        ("I=", "J=", "line 3"),
        ("CsU", "Cs", "line 3"),
        ("I=\n", "I=", "its end"),
        ("I=\n", "I=\n\n", "extension"),
    ] {
        let error = good
            .replacen(from, to, 1)
            .parse::<Checkpoint>()
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{to:?}: {error}");
    }
}

#[test]
fn changed_notes_are_refused() {
    let good = format!("{GO_TEXT}\n{GO_SIGNATURE}");
    for (from, to, expected) in [
        ("\n\n\u{2014}", "\n\u{2014}", "no empty line"),
        ("\u{2014} Peter", "- Peter", "em dash"),
        ("PeterNeumann ", "PeterNeumann  ", "base64"),
        ("PeterNeumann", "Peter+Neumann", "plus"),
        ("AM=\n", "AM=", "newline"),
        ("AM=\n", "AN=\n", "base64"),
        ("AM=\n", "AM=\n\n", "newline"),
        ("x08go/ZJk", "x08", "base64"),
        ("cryptography", "crypto\tgraphy", "control"),
        ("problem,\n", "problem,\r\n", "control"),
    ] {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from:?}");
        let error = Note::parse(changed.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(expected), "{to:?}: {error}");
    }
    let key: VerifierKey = GO_VERIFIER_KEY.parse().unwrap();
    let changed = Note::parse(good.replacen("think", "thunk", 1).as_bytes()).unwrap();
    assert!(matches!(
        changed.verify(&[key]),
        Err(TrustError::WrongSignature { .. })
    ));
    let many = format!("{GO_TEXT}\n{}", GO_SIGNATURE.repeat(65));
    assert!(
        Note::parse(many.as_bytes())
            .unwrap_err()
            .to_string()
            .contains("more than 64")
    );
    assert!(Note::parse(&vec![b'a'; 1 << 20]).is_err());
}

#[test]
fn changed_keys_are_refused() {
    for (from, to) in [
        ("+c74f20a3", "+c74f20a4"),
        ("PeterN", "Petern"),
        ("AYEK", "AYEL"),
        ("+AYE", "+AoE"),
    ] {
        GO_SIGNING_KEY
            .replacen(from, to, 1)
            .parse::<SigningKey>()
            .expect_err(to);
    }
    for (from, to) in [
        ("+c74f20a3", "+c74f20a4"),
        ("PeterN", "Petern"),
        ("ARpc", "ARpd"),
        ("+ARp", "+AR"),
    ] {
        GO_VERIFIER_KEY
            .replacen(from, to, 1)
            .parse::<VerifierKey>()
            .expect_err(to);
    }
}

#[test]
fn key_files_are_for_the_owner_alone() {
    use std::{fs, os::unix::fs::PermissionsExt as _};
    let key = KeyFile::new(ORIGIN, KeyKind::Log);
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(key.path()), 0o600);
    assert!(matches!(
        SigningKey::create(&key.path(), ORIGIN, KeyKind::Log),
        Err(KeyError::Exists { .. })
    ));
    assert!(!format!("{:?}", key.signing()).contains("PRIVATE"));
    fs::set_permissions(key.path(), fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(
        SigningKey::read(&key.path()),
        Err(KeyError::Exposed { mode: 0o640, .. })
    ));
    fs::remove_file(key.path()).unwrap();
    let error = SigningKey::read(&key.path()).unwrap_err();
    assert!(
        error.to_string().contains("can still be read and checked"),
        "{error}"
    );
}

#[tokio::test]
async fn paper_is_read_back_however_it_is_typed() {
    let archive = Archive::with(&leaves(0..301)).await;
    let head = archive.reader().await.head().clone();
    let checkpoint = head.checkpoint();
    let page = printed::print(checkpoint);
    assert_eq!(page.lines().count(), 7, "{page}");
    assert!(page.lines().all(|line| line.chars().count() <= 60), "{page}");
    let one_line = page.split_whitespace().collect::<Vec<_>>().join(" ");
    for typed in [
        page.clone(),
        page.to_uppercase(),
        page.replace('\n', "\r\n\r\n"),
        one_line,
        page.replace("   ", " ")
            .replace('0', "O")
            .replace('1', "l")
            .replace("arhiva.exampOe", "arhiva.example"),
        page.replace("registru / log", "Registru:")
            .replace("intrări / entries", "INTRARI:")
            .replace("301", "3.01"),
        head.to_string(),
        format!("  {head}\n\n"),
        checkpoint.to_string(),
        checkpoint.to_string().trim().to_owned(),
        printed::qr_payload(&head),
    ] {
        assert_eq!(printed::read(&typed).as_ref(), Ok(checkpoint), "{typed}");
    }
    SignedCheckpoint::parse(printed::qr_payload(&head).as_bytes())
        .unwrap()
        .verify(&archive.trusted())
        .unwrap();
}

#[tokio::test]
async fn a_mistyped_digit_is_found_and_named() {
    let archive = Archive::with(&leaves(0..301)).await;
    let page = printed::print(archive.reader().await.head().checkpoint());
    let lines: Vec<&str> = page.lines().collect();
    for (line, place) in (2..6).zip(1..) {
        // Each digit of the hash and of its control, changed by one.
        for (at, digit) in lines[line]
            .char_indices()
            .filter(|(at, c)| *at > 20 && c.is_ascii_hexdigit())
        {
            let other = char::from_digit((digit.to_digit(16).unwrap() + 1) % 16, 16).unwrap();
            let mut changed = lines[line].to_owned();
            changed.replace_range(at..=at, &other.to_string());
            let typed = page.replacen(lines[line], &changed, 1);
            let error = printed::read(&typed).unwrap_err().to_string();
            // A line's two digits let one change in 256 pass; the control of the whole finds those.
            assert!(
                error.contains(&format!("line {place}")) || error.contains("control"),
                "{typed}{error}"
            );
        }
    }
    for (from, to, expected) in [
        ("301", "302", "control"),
        ("301", "", "not a number"),
        ("arhiva", "arhivă", "control"),
        ("control / check", "", "root"),
    ] {
        let error = printed::read(&page.replacen(from, to, 1))
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{to:?}: {error}");
    }
    printed::read("").unwrap_err();
    printed::read(&"a ".repeat(10_000)).unwrap_err();
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bundles_are_read_back_and_cut_ones_refused(
        entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..700), 1..20),
    ) {
        let entries: Vec<Bytes> = entries.into_iter().map(Bytes::from).collect();
        let bytes = bundle_to_bytes(&entries).unwrap();
        let count = entries.len() as u64;
        prop_assert_eq!(bundle_from_bytes(bytes.clone(), count).unwrap(), entries);
        prop_assert!(bundle_from_bytes(bytes.slice(..bytes.len() - 1), count).is_err());
        prop_assert!(bundle_from_bytes(bytes.clone(), count + 1).is_err());
        prop_assert!(bundle_from_bytes(bytes, count - 1).is_err());
    }

    #[test]
    fn foreign_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), text in "(?s).{0,300}") {
        let _ = Note::parse(&bytes);
        let _ = Note::parse(text.as_bytes());
        let _ = printed::read(&text);
        let _ = text.parse::<Checkpoint>();
        let _ = text.parse::<VerifierKey>();
        let _ = hrisov_ledger::Proof::parse(text.as_bytes());
        let _ = hrisov_ledger::WitnessRequest::parse(text.as_bytes());
        let _ = bundle_from_bytes(bytes.into(), 3);
    }
}

#[test]
fn an_entry_is_at_most_65535_bytes_long() {
    bundle_to_bytes(&[vec![0; 65_535].into()]).unwrap();
    bundle_to_bytes(&[vec![0; 65_536].into()]).unwrap_err();
}
