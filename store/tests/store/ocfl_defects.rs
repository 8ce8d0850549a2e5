//! A storage root of our own, damaged in one way after another.

use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt as _;
use hrisov_store::{
    Blobs, Key, MemoryBlobs, StoreError,
    ocfl::{Fixity, OcflCode, StorageRoot, VersionPlan},
};

use proptest::prelude::*;

use super::ocfl_sample::{OBJECT_ID, steps, write};

/// A root with one object of two versions.
async fn sample() -> (MemoryBlobs, StorageRoot) {
    let memory = MemoryBlobs::default();
    let root = StorageRoot::init(Arc::new(memory.clone())).await.unwrap();
    for step in steps() {
        write(&root, &step).await.unwrap();
    }
    (memory, root)
}

/// Every error found in the root and in all its objects.
async fn errors(root: &StorageRoot, fixity: Fixity) -> Vec<OcflCode> {
    let mut findings = root.validate_root().await.unwrap();
    let objects: Vec<_> = root.object_roots().try_collect().await.unwrap();
    for object in objects {
        findings.extend(root.validate_object(&object.key, fixity).await.unwrap());
    }
    let mut codes: Vec<_> = findings
        .iter()
        .filter(|f| f.is_error())
        .map(|finding| finding.code)
        .collect();
    codes.sort();
    codes.dedup();
    codes
}

#[tokio::test]
async fn what_we_write_has_only_the_warning_about_sha256() {
    let (_, root) = sample().await;
    assert_eq!(root.validate_root().await.unwrap(), []);
    let object = root.object_root(OBJECT_ID);
    let findings = root.validate_object(&object, Fixity::Check).await.unwrap();
    assert!(!findings.is_empty());
    assert!(
        findings.iter().all(|finding| finding.code == OcflCode::W004),
        "{findings:?}"
    );
}

/// One thing done to a store.
enum Damage {
    Put(&'static str, &'static str),
    Remove(&'static str),
    Swap(&'static str, &'static str),
    MoveObject(&'static str),
}

/// `@` stands for the object's root.
fn key(root: &StorageRoot, text: &str) -> Key {
    let object = root.object_root(OBJECT_ID);
    match text.strip_prefix("@/") {
        Some(below) => object.child(below).unwrap(),
        None => text.parse().unwrap(),
    }
}

async fn damage(memory: &MemoryBlobs, root: &StorageRoot, damage: &Damage) {
    match damage {
        Damage::Put(at, text) => memory.replace(&key(root, at), Bytes::from(*text)).await.unwrap(),
        Damage::Remove(at) => memory.delete(&key(root, at)).await.unwrap(),
        Damage::Swap(one, other) => {
            let (one, other) = (key(root, one), key(root, other));
            let objects = memory.snapshot();
            memory.replace(&one, objects[&other].clone()).await.unwrap();
            memory.replace(&other, objects[&one].clone()).await.unwrap();
        }
        Damage::MoveObject(to) => {
            let (from, to) = (root.object_root(OBJECT_ID), root.object_root(to));
            for (object, bytes) in memory.snapshot() {
                if let Some(below) = object.below(&from) {
                    memory.replace(&to.join(&below), bytes).await.unwrap();
                    memory.delete(&object).await.unwrap();
                }
            }
        }
    }
}

#[tokio::test]
async fn every_damage_is_found_by_its_code() {
    use Damage::{MoveObject, Put, Remove, Swap};
    use OcflCode::{
        E001, E003, E007, E010, E015, E023, E046, E058, E060, E061, E063, E064, E069, E070, E071, E072, E086,
        E092, Misplaced,
    };
    for (what, codes) in [
        (Put("@/v1/content/masters/1.tif", "First scan"), &[E092][..]),
        (
            Swap("@/v1/content/masters/1.tif", "@/v1/content/masters/2.tif"),
            &[E092],
        ),
        (Remove("@/v1/content/masters/1.tif"), &[E092]),
        (Put("@/v1/content/masters/3.tif", "more"), &[E023]),
        (Put("@/v3/content/masters/3.tif", "more"), &[E046]),
        (Put("@/v1/notes.txt", "more"), &[E015]),
        (Put("@/notes.txt", "more"), &[E001]),
        (Put("@/0=ocfl_object_1.1", "ocfl_object_1.0\n"), &[E007]),
        (Remove("@/0=ocfl_object_1.1"), &[E003, E072]),
        (Remove("@/inventory.json"), &[E063]),
        (Remove("@/inventory.json.sha256"), &[E058]),
        (Remove("@/v1/inventory.json.sha256"), &[E058]),
        (Put("@/inventory.json.sha256", "no digest\n"), &[E061]),
        (Swap("@/inventory.json", "@/v1/inventory.json"), &[E060, E064]),
        (
            Swap("@/inventory.json.sha256", "@/v1/inventory.json.sha256"),
            &[E060],
        ),
        (MoveObject("urn:another"), &[Misplaced]),
        (Put("ocfl/abc/notes.txt", "more"), &[E072]),
        (Put("ocfl/notes.txt", "more"), &[E072]),
        (Put("ocfl/0=ocfl_1.0", "ocfl_1.0\n"), &[E069]),
        (Remove("ocfl/0=ocfl_1.1"), &[E069]),
        (Put("ocfl/ocfl_layout.json", "{}"), &[E070, E071]),
        (
            Remove("ocfl/extensions/0003-hash-and-id-n-tuple-storage-layout/config.json"),
            &[E071],
        ),
        (Put("ocfl/extensions/notes.txt", "more"), &[E086]),
    ] {
        let (memory, root) = sample().await;
        assert_eq!(errors(&root, Fixity::Check).await, []);
        damage(&memory, &root, &what).await;
        let found = errors(&root, Fixity::Check).await;
        assert!(
            codes.iter().all(|code| found.contains(code)),
            "{codes:?} {found:?}"
        );
        assert!(!found.contains(&E010), "{found:?}");
    }
}

#[tokio::test]
async fn without_fixity_only_what_is_missing_is_found() {
    let (memory, root) = sample().await;
    damage(
        &memory,
        &root,
        &Damage::Put("@/v1/content/masters/1.tif", "First scan"),
    )
    .await;
    assert_eq!(errors(&root, Fixity::Skip).await, []);
    damage(&memory, &root, &Damage::Remove("@/v1/content/masters/2.tif")).await;
    assert_eq!(errors(&root, Fixity::Skip).await, [OcflCode::E092]);
}

#[tokio::test]
async fn roots_of_other_kinds_are_refused_with_the_reason() {
    for (what, reason) in [
        (Damage::Remove("ocfl/0=ocfl_1.1"), "make an archive first"),
        (
            Damage::Put("ocfl/0=ocfl_1.1", "ocfl_2.0\n"),
            "does not say ocfl_1.1",
        ),
        (
            Damage::Put("ocfl/ocfl_layout.json", r#"{"extension": "other"}"#),
            "ocfl_layout.json does not say",
        ),
        (
            Damage::Remove("ocfl/ocfl_layout.json"),
            "ocfl_layout.json does not say",
        ),
    ] {
        let (memory, root) = sample().await;
        damage(&memory, &root, &what).await;
        let error = StorageRoot::open(Arc::new(memory)).await.unwrap_err();
        assert!(matches!(error, StoreError::UnsupportedRoot { .. }), "{error:?}");
        assert!(error.to_string().contains(reason), "{error}");
    }
    let memory = MemoryBlobs::default();
    memory
        .replace(&Key::literal("ocfl/0=ocfl_1.0"), Bytes::from("ocfl_1.0\n"))
        .await
        .unwrap();
    let error = StorageRoot::open(Arc::new(memory)).await.unwrap_err().to_string();
    assert!(error.contains("declares 0=ocfl_1.0"), "{error}");
}

#[tokio::test]
async fn plans_that_do_not_follow_are_refused() {
    type Change = fn(&mut VersionPlan);
    let changes: [(Change, &str); 8] = [
        (|plan| plan.version = 4, "the last version is 2"),
        (|plan| plan.version = 0, "counted from 1"),
        (|plan| plan.version = 2, "another plan was committed"),
        (|plan| plan.message = "in vain".into(), "is not stored"),
        (|plan| plan.object_id = String::new(), "no identifier"),
        (
            |plan| plan.new_content.clear(),
            "neither new nor in an earlier version",
        ),
        (|plan| plan.state.clear(), "no file of the version uses"),
        (
            |plan| {
                let digest = *plan.new_content.keys().next().unwrap();
                plan.state.insert("masters/1.tif/below".parse().unwrap(), digest);
            },
            "both a file and a folder",
        ),
    ];
    for (change, reason) in changes {
        let (memory, root) = sample().await;
        let before = memory.snapshot();
        let masters = [("masters/1.tif", "first scan"), ("masters/2.tif", "second scan")];
        let more = ("masters/3.tif", "third scan");
        let mut plan = super::ocfl_sample::step(3, &[&masters[..], &[more]].concat(), &[more]).plan;
        change(&mut plan);
        let error = root.commit_version(&plan).await.unwrap_err();
        assert!(matches!(error, StoreError::PlanRefused { .. }), "{error:?}");
        assert!(error.to_string().contains(reason), "{reason}: {error}");
        assert!(memory.snapshot() == before, "{reason}");
    }
}

#[tokio::test]
async fn content_that_the_plan_does_not_name_stops_the_commit_until_it_is_discarded() {
    let (memory, root) = sample().await;
    let stray = root.new_content_key(OBJECT_ID, 3, &"stray".parse().unwrap());
    memory.replace(&stray, Bytes::from("stray")).await.unwrap();
    let more = ("masters/3.tif", "third scan");
    let step = super::ocfl_sample::step(3, &[("masters/1.tif", "first scan"), more], &[more]);
    let error = write(&root, &step).await.unwrap_err();
    assert!(error.to_string().contains("stray, which is stored"), "{error}");
    let recovery = root.recover_object(OBJECT_ID).await.unwrap();
    assert!(recovery.unfinished.contains(&stray));
    assert_eq!(
        root.discard_unfinished(OBJECT_ID).await.unwrap(),
        recovery.unfinished
    );
    write(&root, &step).await.unwrap();
    assert_eq!(errors(&root, Fixity::Check).await, []);
    // A version left out of the state stays in the versions before.
    let inventory = root.inventory(OBJECT_ID).await.unwrap().unwrap();
    assert_eq!(inventory.head(), 3);
    assert_eq!(inventory.files().len(), 2);
    let path = "masters/3.tif".parse().unwrap();
    let content = root.content_key(&inventory, &path).unwrap();
    assert_eq!(memory.get_bytes(&content, 99).await.unwrap(), "third scan");
    assert_eq!(
        root.content_key(&inventory, &"masters/2.tif".parse().unwrap()),
        None
    );
    assert_eq!(inventory.at(2).unwrap().files().len(), 4);
}

#[tokio::test]
async fn a_repeated_older_plan_changes_nothing() {
    let (memory, root) = sample().await;
    let before = memory.snapshot();
    let [first, second] = steps();
    let committed = root.commit_version(&first.plan).await.unwrap();
    assert_eq!(committed.version, 1);
    root.commit_version(&second.plan).await.unwrap();
    assert!(memory.snapshot() == before);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever bytes are damaged in whichever file, looking at it gives findings.
    #[test]
    fn one_wrong_byte_anywhere_is_found(file in any::<prop::sample::Index>(), place in any::<prop::sample::Index>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (memory, root) = sample().await;
            let objects: Vec<_> = memory.snapshot().into_iter().collect();
            let (key, bytes) = file.get(&objects);
            let mut wrong = bytes.to_vec();
            wrong[place.index(bytes.len())] ^= 1;
            memory.replace(key, wrong.into()).await.unwrap();
            let found = errors(&root, Fixity::Check).await;
            // A letter of the layout's free description is nobody's promise.
            assert!(!found.is_empty() || key.name() == "ocfl_layout.json", "{key}");
        });
    }
}
