//! The shape of the workspace: who imports whom, what may be built in, how large a file may be.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, Package};
use serde::Deserialize;

use super::tools::root;

/// Each crate and every crate of the workspace that it may import: the arrows of ARCHITECTURE.md with
/// everything that can be reached along them.
const IMPORTS: [(&str, &[&str]); 14] = [
    ("model", &[]),
    ("imaging", &["model"]),
    ("ocr", &["model", "imaging"]),
    ("store", &["model"]),
    ("ledger", &["model", "store"]),
    ("catalog", &["model"]),
    ("index", &["model"]),
    ("inventory", &["model"]),
    (
        "ingest",
        &["model", "imaging", "ocr", "store", "ledger", "catalog", "index"],
    ),
    ("audit", &["model", "store", "ledger", "catalog", "index"]),
    (
        "archive-api",
        &[
            "model",
            "imaging",
            "store",
            "ledger",
            "catalog",
            "index",
            "inventory",
            "audit",
        ],
    ),
    (
        "cli",
        &[
            "model",
            "imaging",
            "ocr",
            "store",
            "ledger",
            "catalog",
            "index",
            "inventory",
            "ingest",
            "audit",
            "archive-api",
        ],
    ),
    ("fixtures", &["model"]),
    (
        "tests",
        &[
            "model",
            "imaging",
            "ocr",
            "store",
            "ledger",
            "catalog",
            "index",
            "inventory",
            "ingest",
            "audit",
            "archive-api",
            "cli",
            "fixtures",
        ],
    ),
];

/// Lines of one source file: more than that no longer fits in the head.
const MAX_LINES: usize = 600;

/// The parts of `deny.toml` that are checked here.
#[derive(Deserialize)]
struct Deny {
    licenses: Licenses,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Banned>,
}

#[derive(Deserialize)]
struct Banned {
    #[serde(rename = "crate")]
    name: String,
    wrappers: BTreeSet<String>,
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .features(CargoOpt::SomeFeatures(Vec::new()))
        .other_options(vec![
            "--locked".into(),
            "--filter-platform=x86_64-unknown-linux-gnu".into(),
        ])
        .exec()
        .expect("cargo metadata reads this workspace")
}

fn deny() -> Deny {
    let text = fs::read_to_string(root().join("deny.toml")).unwrap();
    toml::from_str(&text).unwrap()
}

/// The workspace's own packages by folder name, as the table names them.
fn members(metadata: &Metadata) -> BTreeMap<&str, &Package> {
    let folder = |package: &Package| {
        package
            .manifest_path
            .parent()
            .unwrap()
            .file_name()
            .unwrap()
            .to_owned()
    };
    let known = |name: &str| {
        IMPORTS
            .iter()
            .find(|(member, _)| *member == name)
            .map(|(member, _)| *member)
    };
    metadata
        .workspace_packages()
        .into_iter()
        .map(|package| {
            let name = folder(package);
            (
                known(&name).unwrap_or_else(|| panic!("{name} is not in the table of imports")),
                package,
            )
        })
        .collect()
}

#[test]
fn imports_go_one_way() {
    let metadata = metadata();
    let members = members(&metadata);
    assert_eq!(
        members.len(),
        IMPORTS.len(),
        "the table names crates that are not there"
    );
    for (name, allowed) in IMPORTS {
        for dependency in &members[name].dependencies {
            let Some(imported) = dependency.name.strip_prefix("hrisov-") else {
                continue;
            };
            // Generated boxes are test material: whoever tests with them looks down, not up.
            let is_material = dependency.kind == DependencyKind::Development && imported == "fixtures";
            assert!(
                is_material || allowed.contains(&imported),
                "{name} must not import {imported}: see the table in this file and ARCHITECTURE.md"
            );
        }
    }
}

#[test]
fn the_table_of_imports_is_closed_and_without_circles() {
    let table: BTreeMap<_, _> = IMPORTS.into_iter().collect();
    let mut before = BTreeSet::new();
    for (name, allowed) in IMPORTS {
        for imported in allowed {
            assert!(
                before.contains(imported),
                "{name} imports {imported}, which comes later"
            );
            for reached in table[imported] {
                assert!(
                    allowed.contains(reached),
                    "{name} reaches {reached} through {imported}"
                );
            }
        }
        before.insert(name);
    }
}

#[test]
fn a_library_with_one_owner_is_used_by_no_other_crate() {
    let metadata = metadata();
    let banned = deny().bans.deny;
    let owners: BTreeMap<_, _> = banned
        .iter()
        .map(|entry| (entry.name.as_str(), &entry.wrappers))
        .collect();
    for library in ["aws-sdk-s3", "sqlx", "tantivy", "tesseract-rs"] {
        assert_eq!(
            owners.get(library).map(|owners| owners.len()),
            Some(1),
            "{library} has one owner in deny.toml"
        );
    }
    for package in &metadata.packages {
        for dependency in &package.dependencies {
            if let Some(owners) = owners.get(dependency.name.as_str()) {
                let is_owner = owners.contains(package.name.as_str());
                assert!(
                    is_owner,
                    "{} must not use {}: see deny.toml",
                    package.name, dependency.name
                );
            }
        }
    }
}

#[test]
fn every_licence_is_allowed() {
    let allow = deny().licenses.allow;
    let allowed: Vec<spdx::Licensee> = allow
        .iter()
        .map(|name| spdx::Licensee::parse(name).unwrap())
        .collect();
    let metadata = metadata();
    for package in &metadata.packages {
        let licence = package.license.as_deref();
        let licence = licence.unwrap_or_else(|| panic!("{} names no licence", package.name));
        let expression = spdx::Expression::parse_mode(licence, spdx::ParseMode::LAX)
            .unwrap_or_else(|error| panic!("{}: {error}", package.name));
        assert!(
            expression.evaluate(|wanted| allowed.iter().any(|licensee| licensee.satisfies(wanted))),
            "{} is under {licence}, which deny.toml does not allow",
            package.name
        );
    }
    assert!(
        metadata.packages.len() > IMPORTS.len(),
        "outside packages are looked at"
    );
}

#[test]
fn every_crate_takes_lints_and_terms_from_the_workspace() {
    let metadata = metadata();
    for (name, package) in members(&metadata) {
        let manifest: toml::Table =
            toml::from_str(&fs::read_to_string(&package.manifest_path).unwrap()).unwrap();
        let inherits = |table: &toml::Value| table.get("workspace") == Some(&toml::Value::Boolean(true));
        assert!(
            manifest.get("lints").is_some_and(inherits),
            "{name} has no [lints] workspace = true"
        );
        for key in ["version", "edition", "rust-version", "license", "publish"] {
            assert!(
                manifest["package"].get(key).is_some_and(inherits),
                "{name}: {key} is not the workspace's"
            );
        }
    }
}

#[test]
fn source_files_are_short_and_every_test_runs() {
    let ignored = ["#[ign", "ore"].concat();
    let mut seen = 0;
    for (name, _) in IMPORTS {
        for file in rust_files(&root().join(name)) {
            let text = fs::read_to_string(&file).unwrap();
            let lines = text.lines().count();
            assert!(
                lines <= MAX_LINES,
                "{} has {lines} lines: split it by noun",
                file.display()
            );
            assert!(
                !text.contains(&ignored),
                "{} has a test that never runs",
                file.display()
            );
            seen += 1;
        }
    }
    assert!(seen > IMPORTS.len(), "found only {seen} source files");
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
