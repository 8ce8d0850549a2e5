//! What others' OCFL programs say of what we write, in a folder and in a bucket.
//!
//! `HRISOV_ROCFL` is the path of rocfl, `HRISOV_VENV` a Python environment with ocfl-py; without them the
//! tests are passed over, or fail where `HRISOV_REQUIRE_TOOLS` is set.
//!
//! rocfl 1.7.0 speaks only https to a bucket: there ocfl-py judges the root as a whole, and rocfl what lies in a
//! folder.

use std::{env, path::PathBuf, process::Command, sync::Arc};

use hrisov_store::{Blobs, LocalBlobs, create, ocfl::StorageRoot};

use super::{
    ocfl_sample::{steps, write},
    seaweed::{self, Seaweed},
};

/// A storage root with three objects of two versions.
async fn fill(blobs: Arc<dyn Blobs>) {
    let root = StorageRoot::init(blobs).await.unwrap();
    for n in 0..3 {
        let object_id = format!("urn:example:{n}");
        for mut step in steps() {
            step.plan.object_id.clone_from(&object_id);
            write(&root, &step).await.unwrap();
        }
    }
}

fn tool(variable: &str, below: &str) -> Option<Command> {
    let Some(path) = env::var_os(variable).map(PathBuf::from) else {
        assert!(
            env::var_os("HRISOV_REQUIRE_TOOLS").is_none(),
            "{variable} is not set"
        );
        eprintln!("PASSED OVER: {variable} is not set, one program less judged our storage root");
        return None;
    };
    let mut program = Command::new(if below.is_empty() { path } else { path.join(below) });
    program.env("AWS_ACCESS_KEY_ID", seaweed::ACCESS_KEY);
    program.env("AWS_SECRET_ACCESS_KEY", seaweed::SECRET_KEY);
    Some(program)
}

#[tokio::test]
async fn rocfl_and_ocfl_py_accept_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    fill(Arc::new(LocalBlobs::open(folder.path()).unwrap())).await;
    if let Some(mut program) = tool("HRISOV_ROCFL", "") {
        check_rocfl(program.arg("-r").arg(folder.path().join("ocfl")));
    }
    if let Some(mut program) = tool("HRISOV_VENV", "bin/ocfl-root.py") {
        check_ocfl_py(&mut program, &folder.path().join("ocfl").display().to_string());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ocfl_py_accepts_a_bucket() {
    let Some(server) = Seaweed::start() else { return };
    let url = server.store_url("scans/an/archive").parse().unwrap();
    fill(create(&url).await.unwrap()).await;
    if let Some(mut program) = tool("HRISOV_VENV", "bin/ocfl-root.py") {
        program
            .env("AWS_ENDPOINT_URL", server.endpoint())
            .env("AWS_REGION", "us-east-1");
        check_ocfl_py(&mut program, "s3://scans/an/archive/ocfl");
    }
}

/// All our objects are sha256, which the specification allows and advises against (W004).
fn check_rocfl(program: &mut Command) {
    let said = run(program.args(["validate", "-w", "W004"]));
    for line in [
        "Storage root is valid",
        "Storage hierarchy is valid",
        "Total objects:   3",
        "Invalid objects: 0",
    ] {
        assert!(said.contains(line), "{said}");
    }
    assert!(!said.contains("Warnings"), "{said}");
}

fn check_ocfl_py(program: &mut Command, root: &str) {
    let said = run(program
        .args(["validate", "--validate-objects", "--check-digests", "--root"])
        .arg(root));
    assert!(said.contains("Objects checked: 3 / 3 are VALID"), "{said}");
}

fn run(program: &mut Command) -> String {
    let output = program.output().unwrap();
    [output.stdout, output.stderr]
        .map(|text| String::from_utf8_lossy(&text).into_owned())
        .concat()
}
