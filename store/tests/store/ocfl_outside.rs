//! What others' OCFL programs say of what we write, in a folder and in a bucket.
//!
//! `HRISOV_ROCFL` is the path of rocfl, `HRISOV_VENV` a Python environment with ocfl-py; without them the
//! tests are passed over, or fail where `HRISOV_REQUIRE_TOOLS` is set.
//!
//! ocfl-py 2.1.0 knows the layouts 0002 and 0003 alone and stops at any other (its E071), so it judges the
//! objects one by one; the root as a whole is rocfl's. rocfl 1.7.0 in turn speaks only https to a bucket.

use std::{env, path::PathBuf, process::Command, sync::Arc};

use hrisov_store::{Blobs, Key, LocalBlobs, ocfl::StorageRoot, open};

use super::{
    ocfl_sample::{steps, write},
    seaweed::{self, Seaweed},
};

/// A storage root with three objects of two versions; where each lies.
async fn fill(blobs: Arc<dyn Blobs>) -> Vec<Key> {
    let root = StorageRoot::init(blobs).await.unwrap();
    let mut objects = Vec::new();
    for n in 0..3 {
        let object_id = format!("urn:example:{n}");
        objects.push(root.object_root(&object_id));
        for mut step in steps() {
            step.plan.object_id.clone_from(&object_id);
            write(&root, &step).await.unwrap();
        }
    }
    objects
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
    let objects = fill(Arc::new(LocalBlobs::open(folder.path()).unwrap())).await;
    if let Some(mut program) = tool("HRISOV_ROCFL", "") {
        check_rocfl(program.arg("-r").arg(folder.path().join("ocfl")));
    }
    if let Some(mut program) = tool("HRISOV_VENV", "bin/ocfl-validate.py") {
        check_ocfl_py(&mut program, &folder.path().display().to_string(), &objects);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ocfl_py_accepts_a_bucket() {
    let Some(server) = Seaweed::start() else { return };
    server.create_bucket("scans");
    let url = server.store_url("scans/an/archive").parse().unwrap();
    let objects = fill(open(&url).await.unwrap()).await;
    if let Some(mut program) = tool("HRISOV_VENV", "bin/ocfl-validate.py") {
        program
            .env("AWS_ENDPOINT_URL", server.endpoint())
            .env("AWS_REGION", "us-east-1");
        check_ocfl_py(&mut program, "s3://scans/an/archive", &objects);
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

fn check_ocfl_py(program: &mut Command, store: &str, objects: &[Key]) {
    let said = run(program.args(objects.iter().map(|key| format!("{store}/{key}"))));
    assert_eq!(said.matches("is VALID").count(), objects.len(), "{said}");
    let mut warnings = said
        .lines()
        .filter(|line| line.starts_with("[W") || line.starts_with("[E"));
    assert!(warnings.all(|line| line.starts_with("[W004]")), "{said}");
}

fn run(program: &mut Command) -> String {
    let output = program.output().unwrap();
    [output.stdout, output.stderr]
        .map(|text| String::from_utf8_lossy(&text).into_owned())
        .concat()
}
