//! The outside programs and material that tests use. What is missing is said and passed over; under
//! `make test` (`HRISOV_REQUIRE_TOOLS=1`) a missing program fails the test.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// A program on the search path, such as `xmllint`.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    required(
        name,
        env::split_paths(&path)
            .map(|folder| folder.join(name))
            .find(|file| file.is_file()),
    )
}

/// A program of the Python environment, such as `ocfl-validate.py`.
pub fn python_program(name: &str) -> Option<PathBuf> {
    let environment = env::var_os("HRISOV_VENV").map_or_else(|| root().join("target/venv"), PathBuf::from);
    let file = environment.join("bin").join(name);
    required(name, file.is_file().then_some(file))
}

/// A file of an installed Python package, such as `a3m/client/assets/premis/premis.xsd`.
pub fn python_file(name: &str) -> Option<PathBuf> {
    let environment = env::var_os("HRISOV_VENV").map_or_else(|| root().join("target/venv"), PathBuf::from);
    let versions = fs::read_dir(environment.join("lib"))
        .into_iter()
        .flatten()
        .flatten();
    let file = versions
        .map(|version| version.path().join("site-packages").join(name))
        .find(|file| file.is_file());
    required(name, file)
}

/// Material of other projects that lies beside the repository on some machines; never required.
pub fn conformance(name: &str) -> Option<PathBuf> {
    let file = root().join("../shared/conformance").join(name);
    if !file.exists() {
        eprintln!("PASSED OVER: {} is not on this machine", file.display());
        return None;
    }
    Some(file)
}

/// The top folder of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the crate lies in a workspace")
}

fn required(name: &str, found: Option<PathBuf>) -> Option<PathBuf> {
    if found.is_none() {
        assert!(
            env::var_os("HRISOV_REQUIRE_TOOLS").is_none(),
            "{name} is missing: run `make test-deps`"
        );
        eprintln!("PASSED OVER: {name} is not on this machine; `make test-deps` installs it");
    }
    found
}
