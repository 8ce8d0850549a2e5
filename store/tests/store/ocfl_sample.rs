//! A dossier of two versions: masters first, then their text.

use std::collections::BTreeMap;

use bytes::Bytes;
use hrisov_model::Digest;
use hrisov_store::{
    Source, StoreError,
    ocfl::{CommittedVersion, LogicalPath, NewContent, StorageRoot, VersionPlan},
};

pub const OBJECT_ID: &str = "urn:uuid:0190f3a0-7c4e-4f0a-9a54-3a1d6f0c2b11";

/// A version and the bytes that it brings.
pub struct Step {
    pub plan: VersionPlan,
    pub new_bytes: Vec<(LogicalPath, Bytes)>,
}

pub fn steps() -> [Step; 2] {
    let masters = [("masters/1.tif", "first scan"), ("masters/2.tif", "second scan")];
    let texts = [("text/1.xml", "<alto/>"), ("description.json", "{}")];
    let both = [masters, texts].concat();
    [step(1, &masters, &masters), step(2, &both, &texts)]
}

pub fn step(version: u32, state: &[(&str, &str)], new: &[(&str, &str)]) -> Step {
    let path = |text: &str| text.parse::<LogicalPath>().unwrap();
    let content = |(name, text): &(&str, &str)| {
        let size_bytes = text.len() as u64;
        (
            Digest::of(text.as_bytes()),
            NewContent {
                path: path(name),
                size_bytes,
            },
        )
    };
    let plan = VersionPlan {
        object_id: OBJECT_ID.to_owned(),
        version,
        created: "2026-01-02T03:04:05Z".parse().unwrap(),
        message: format!("version {version}"),
        user_name: "ingest".to_owned(),
        user_address: Some("mailto:archive@example.org".to_owned()),
        state: state
            .iter()
            .map(|(name, text)| (path(name), Digest::of(text.as_bytes())))
            .collect(),
        new_content: new.iter().map(content).collect::<BTreeMap<_, _>>(),
    };
    let new_bytes = new
        .iter()
        .map(|(name, text)| (path(name), Bytes::from(text.to_string())))
        .collect();
    Step { plan, new_bytes }
}

/// Stores a version's content, then commits it.
pub async fn write(root: &StorageRoot, step: &Step) -> Result<CommittedVersion, StoreError> {
    for (path, bytes) in &step.new_bytes {
        let source = Source::Bytes(bytes.clone());
        root.put_content(
            &step.plan.object_id,
            step.plan.version,
            path,
            source,
            Digest::of(bytes),
        )
        .await?;
    }
    root.commit_version(&step.plan).await
}
