//! The commands that `docs/ledger.md` gives to a stranger are run as they stand there.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use hrisov_ledger::{Checkpoint, Commitment, Leaf, printed};
use hrisov_model::{Digest, Salt};

use super::support::{Archive, KeyFile, ORIGIN, leaf, leaves};

const DOCUMENT: &str = include_str!("../../../docs/ledger.md");
const MASTER: &[u8] = b"II*\0 a scan";

fn commands() -> &'static str {
    let (_, rest) = DOCUMENT.split_once("```sh\n").expect("the document has commands");
    rest.split_once("```").expect("the commands end").0
}

fn run(folder: &Path) -> Output {
    Command::new("sh")
        .arg("-c")
        .arg(commands())
        .current_dir(folder)
        .output()
        .unwrap()
}

/// Leaves among which that of the master has this place, and the files of its proof.
async fn lay_out(folder: &Path, place: u64, size: u64) {
    let salt = Salt::new([0xa5; 32]);
    let commitment = Commitment::new(&salt, &Digest::of(MASTER));
    let own = Leaf {
        commitment,
        ..leaf(place)
    };
    let mut all = leaves(0..size);
    all[usize::try_from(place).unwrap()] = own;
    let archive = Archive::with(&all).await;
    let proof = archive.reader().await.prove(place).await.unwrap();
    fs::write(folder.join("master"), MASTER).unwrap();
    fs::write(folder.join("salt"), "a5".repeat(32)).unwrap();
    fs::write(folder.join("leaf.json"), own.to_bytes()).unwrap();
    fs::write(folder.join("page.tlog-proof"), proof.to_string()).unwrap();
    fs::write(folder.join("key.pem"), archive.key.verifier().to_pem()).unwrap();
}

#[tokio::test]
async fn a_stranger_can_check_a_proof() {
    for (place, size) in [(0, 1), (0, 7), (6, 7), (3, 5), (4, 5), (255, 257), (256, 257)] {
        let folder = tempfile::tempdir().unwrap();
        lay_out(folder.path(), place, size).await;
        let output = run(folder.path());
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{place} of {size}: {said}");
        assert!(said.contains("Signature Verified Successfully"), "{said}");
    }
}

#[tokio::test]
async fn a_stranger_sees_what_was_changed() {
    let sound = tempfile::tempdir().unwrap();
    lay_out(sound.path(), 3, 7).await;
    let other_key = KeyFile::new(ORIGIN, hrisov_ledger::KeyKind::Log)
        .verifier()
        .to_pem();
    for (name, from, to, expected) in [
        ("master", "scan", "scam", "another master"),
        ("salt", "a5a5", "a5a6", "another master"),
        ("leaf.json", "ingestion", "erasure__", "not at this place"),
        ("page.tlog-proof", "index 3", "index 2", "not at this place"),
        ("page.tlog-proof", "\n7\n", "\n8\n", "another key"),
        ("page.tlog-proof", "\n7\n", "\n6\n", "another key"),
        (
            "page.tlog-proof",
            "\n7\n",
            "\nPATH[$(touch done)0]\n",
            "not a number",
        ),
        (
            "page.tlog-proof",
            "index 3",
            "index PATH[$(touch done)0]",
            "not a number",
        ),
        ("page.tlog-proof", "index 3", "index 11", "not at this place"),
        ("key.pem", "", other_key.as_str(), "another key"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(sound.path()).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
        let path = folder.path().join(name);
        let text = String::from_utf8(fs::read(&path).unwrap()).unwrap();
        let changed = if from.is_empty() {
            to.to_owned()
        } else {
            text.replacen(from, to, 1)
        };
        assert_ne!(changed, text, "{name}");
        fs::write(&path, changed).unwrap();
        let output = run(folder.path());
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            !output.status.success() && said.contains(expected),
            "{name} {to}: {said}"
        );
        assert!(!folder.path().join("done").exists(), "{name} {to}");
    }
}

/// The values in the page were computed by `sha256sum`.
#[test]
fn paper_looks_as_the_document_shows_it() {
    let checkpoint = Checkpoint::new(ORIGIN.to_owned(), 1_234_567, Digest::of(b"root"));
    let page = printed::print(&checkpoint);
    assert!(DOCUMENT.contains(&format!("```\n{page}```")), "{page}");
    assert_eq!(printed::read(&page), Ok(checkpoint));
}
