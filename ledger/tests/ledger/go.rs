//! Go's `sumdb/tlog` and `sumdb/note`, the programs that these formats come from, read our log.

use std::{env, fs, path::Path, process::Command, sync::Arc};

use hrisov_ledger::Log;
use hrisov_store::LocalBlobs;

use super::support::{KeyFile, ORIGIN, leaves};

/// Debian's golang-golang-x-mod-dev keeps its sources here.
const GO_PATH: &str = "/usr/share/gocode";

/// A Go command in the folder of the checker; `None`, said aloud, where Go or the package is missing.
fn go() -> Option<Command> {
    let found = Command::new("go")
        .arg("version")
        .output()
        .is_ok_and(|output| output.status.success())
        && Path::new(GO_PATH)
            .join("src/golang.org/x/mod/sumdb/tlog")
            .is_dir();
    if !found {
        assert!(
            env::var_os("HRISOV_REQUIRE_TOOLS").is_none_or(|value| value != "1"),
            "golang-go and golang-golang-x-mod-dev are required"
        );
        eprintln!("SKIPPED: golang-go or golang-golang-x-mod-dev is not installed");
        return None;
    }
    let mut command = Command::new("go");
    command
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/go"))
        .env("GO111MODULE", "off")
        .env("GOPATH", GO_PATH)
        .env("GOFLAGS", "");
    Some(command)
}

#[tokio::test]
async fn go_accepts_our_tiles_checkpoints_and_proofs() {
    let Some(mut command) = go() else { return };
    let folder = tempfile::tempdir().unwrap();
    let key = KeyFile::new(ORIGIN, hrisov_ledger::KeyKind::Log);
    let blobs = Arc::new(LocalBlobs::create(folder.path().join("store")).unwrap());
    let memory = Arc::new(LocalBlobs::create(folder.path().join("memory")).unwrap());
    let mut log = Log::create(blobs, key.signing(), memory).await.unwrap();
    let mut old = Vec::new();
    for end in [1, 2, 255, 256, 300, 511, 700] {
        log.append(log.size(), &leaves(log.size()..end)).await.unwrap();
        old.push(log.head().checkpoint().clone());
    }
    let reader = log.reader();
    let proofs = folder.path().join("proofs");
    fs::create_dir(&proofs).unwrap();
    for index in (0..700).step_by(13) {
        let proof = reader.prove(index).await.unwrap().to_string();
        fs::write(proofs.join(format!("{index}.tlog-proof")), proof).unwrap();
    }
    for then in old {
        let request = hrisov_ledger::WitnessRequest::new(&reader, then.size)
            .await
            .unwrap();
        fs::write(
            proofs.join(format!("{}.request", then.size)),
            format!("{then}\n{request}"),
        )
        .unwrap();
    }
    let output = command
        .args(["run", "check.go"])
        .arg(folder.path().join("store/ledger"))
        .arg(key.verifier().to_string())
        .arg(key.path())
        .arg(&proofs)
        .env("GOCACHE", folder.path().join("cache"))
        .output()
        .unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("700 entries, 54 proofs, 7 extensions"), "{said}");
}
