//! The served API against its own OpenAPI document: schemathesis asks whatever the document allows, and what it forbids.

use std::process::Command;

use super::{
    program::{Archive, write_scan},
    serve::serve,
    tools,
};

/// Requests that are made up for each operation and each kind of data.
const EXAMPLES: &str = "25";

#[test]
fn schemathesis_finds_no_failure() {
    let Some(schemathesis) = tools::python_program("schemathesis") else {
        return;
    };
    let archive = Archive::scripted();
    let scans = archive.boxes().join("cutia-1");
    for (seed, file) in (1..).zip(["1/a.png", "1/b.png", "2/c.png"]) {
        write_scan(&scans.join(file), seed);
    }
    archive.ingest(0, &scans);
    let (_server, address) = serve(&archive);
    let address = format!("http://{address}");
    let folder = tempfile::tempdir().unwrap();
    let run = Command::new(schemathesis)
        .current_dir(folder.path())
        .args([
            "run",
            &format!("{address}/api/v1/openapi.json"),
            "--url",
            &address,
        ])
        .args(["--checks", "all", "--mode", "all", "--max-examples", EXAMPLES])
        .args(["--seed", "1978", "--generation-deterministic", "--no-color"])
        .output()
        .unwrap();
    assert!(
        run.status.success(),
        "{}{}",
        String::from_utf8_lossy(&run.stdout),
        String::from_utf8_lossy(&run.stderr)
    );
}
