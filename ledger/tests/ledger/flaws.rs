//! What is wrong with a stored log is known to the byte, from what is right in it and in a second store.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use hrisov_ledger::{Flaw, check, flaws};
use hrisov_model::Digest;
use hrisov_store::{Blobs, Key, MemoryBlobs, Source};

use super::support::{Archive, leaves};

/// Everything that the root of 700 leaves is made of.
const NEEDED: [&str; 7] = [
    "ledger/tile/0/000",
    "ledger/tile/0/001",
    "ledger/tile/0/002.p/188",
    "ledger/tile/1/000.p/2",
    "ledger/tile/entries/000",
    "ledger/tile/entries/001",
    "ledger/tile/entries/002.p/188",
];

async fn store_of(objects: &BTreeMap<Key, Bytes>) -> Arc<dyn Blobs> {
    let store = MemoryBlobs::default();
    for (key, bytes) in objects {
        store.replace(key, bytes.clone()).await.unwrap();
    }
    Arc::new(store)
}

/// A log of 700 leaves, and copies of it: from today, from when it had 600 and 520, and none.
async fn log_and_copies() -> (Archive, [Arc<dyn Blobs>; 4]) {
    let archive = Archive::with(&leaves(0..520)).await;
    let at_520 = archive.store.snapshot();
    archive.append(&leaves(520..600)).await;
    let at_600 = archive.store.snapshot();
    archive.append(&leaves(600..700)).await;
    let copies = [
        store_of(&archive.store.snapshot()).await,
        store_of(&at_600).await,
        store_of(&at_520).await,
        store_of(&BTreeMap::new()).await,
    ];
    (archive, copies)
}

#[tokio::test]
async fn a_sound_log_has_no_flaws() {
    for size in [0, 1, 255, 256, 257, 700] {
        let archive = Archive::with(&leaves(0..size)).await;
        archive.log().await.unwrap();
        let empty = store_of(&BTreeMap::new()).await;
        assert_eq!(flaws(&archive.reader().await, &empty).await.unwrap(), []);
    }
}

#[tokio::test]
async fn every_object_is_known_to_the_byte_whatever_became_of_it() {
    let (archive, copies) = log_and_copies().await;
    let sound = archive.store.snapshot();
    for name in NEEDED {
        let key = Key::literal(name);
        for at in (0..=sound[&key].len()).step_by(1031) {
            match sound[&key].get(at) {
                None => archive.store.delete(&key).await.unwrap(),
                Some(_) => {
                    let mut bytes = sound[&key].to_vec();
                    bytes[at] ^= 0x20;
                    archive.store.replace(&key, bytes.into()).await.unwrap();
                }
            }
            for (age, copy) in copies.iter().enumerate() {
                let found = flaws(&archive.reader().await, copy).await.unwrap();
                // Entries that only this log had are gone with it; hashes follow from entries.
                let is_lost = age == 3 && name.contains("entries");
                if !is_lost {
                    let right = Some(sound[&key].clone());
                    assert_eq!(
                        found,
                        [Flaw {
                            key: key.clone(),
                            right
                        }],
                        "{name} at {at}, copy {age}"
                    );
                }
                assert!(
                    found.iter().all(|flaw| flaw.key == key),
                    "{name} at {at}, copy {age}"
                );
            }
        }
        archive.store.delete(&key).await.unwrap();
        for flaw in flaws(&archive.reader().await, &copies[1]).await.unwrap() {
            let right = flaw.right.unwrap();
            let digest = Digest::of(&right);
            archive
                .store
                .restore(&flaw.key, Source::Bytes(right), digest)
                .await
                .unwrap();
        }
        assert_eq!(archive.store.snapshot(), sound, "{name}");
        assert_eq!(check(&archive.reader().await).await.unwrap().findings, []);
    }
}

#[tokio::test]
async fn a_copy_that_was_forged_gives_nothing() {
    let (archive, _) = log_and_copies().await;
    let mut other = leaves(0..700);
    other.swap(3, 4);
    let forged = store_of(&Archive::with(&other).await.store.snapshot()).await;
    let key = Key::literal("ledger/tile/entries/000");
    archive.store.delete(&key).await.unwrap();
    let found = flaws(&archive.reader().await, &forged).await.unwrap();
    // Its entries are the same in another order: what is put together from them is what was logged.
    let right = found[0].right.clone().unwrap();
    archive.store.replace(&key, right).await.unwrap();
    assert_eq!(check(&archive.reader().await).await.unwrap().findings, []);
    archive.store.delete(&key).await.unwrap();
    let strange = store_of(&Archive::with(&leaves(1000..1700)).await.store.snapshot()).await;
    let found = flaws(&archive.reader().await, &strange).await.unwrap();
    assert_eq!(found, [Flaw { key, right: None }]);
}

/// Everything is gone but the checkpoint.
#[tokio::test]
async fn a_log_without_tiles_is_put_together_from_its_copy() {
    let (archive, copies) = log_and_copies().await;
    let head = Key::literal("ledger/checkpoint");
    for key in archive.store.snapshot().keys().filter(|key| **key != head) {
        archive.store.delete(key).await.unwrap();
    }
    for (age, copy) in copies.iter().enumerate() {
        let found = flaws(&archive.reader().await, copy).await.unwrap();
        let right = found.iter().filter(|flaw| flaw.right.is_some()).count();
        assert_eq!(right == NEEDED.len(), age == 0, "copy {age}: {found:?}");
    }
}
