//! Today's log against the checkpoint that an auditor kept.

use hrisov_ledger::{Extension, compare, printed, tree::check_consistency};
use hrisov_model::Digest;
use hrisov_store::{Blobs as _, Key};

use super::support::{Archive, leaves};

#[tokio::test]
async fn a_log_that_grew_extends_what_it_was() {
    let archive = Archive::with(&leaves(0..90)).await;
    let page = printed::print(archive.reader().await.head().checkpoint());
    let then = printed::read(&page).unwrap();
    assert_eq!(
        compare(&archive.reader().await, &then).await.unwrap(),
        Extension::Same
    );
    archive.append(&leaves(90..700)).await;
    let reader = archive.reader().await;
    let Extension::Extends { added: 610, proof } = compare(&reader, &then).await.unwrap() else {
        panic!("the log grew by 610 leaves")
    };
    let today = reader.head().checkpoint();
    check_consistency((90, &then.root), (700, &today.root), &proof).unwrap();
}

#[tokio::test]
async fn every_size_extends_every_smaller_one() {
    let archive = Archive::new();
    let mut seen = vec![archive.log().await.unwrap().head().checkpoint().clone()];
    for size in 1..40 {
        archive.append(&leaves(size - 1..size)).await;
        let reader = archive.reader().await;
        for then in &seen {
            assert!(
                compare(&reader, then).await.unwrap().holds(),
                "{} in {size}",
                then.size
            );
        }
        seen.push(reader.head().checkpoint().clone());
    }
}

#[tokio::test]
async fn fork_rollback_truncation_and_damage_have_names() {
    let archive = Archive::with(&leaves(0..300)).await;
    let early = archive.store.snapshot();
    let then = {
        archive.append(&leaves(300..400)).await;
        archive.reader().await.head().checkpoint().clone()
    };

    // Store and catalog put back together: only the auditor's checkpoint knows.
    let behind = Archive::with(&leaves(0..300)).await;
    let found = compare(&behind.reader().await, &then).await.unwrap();
    assert_eq!(
        found,
        Extension::RolledBack {
            earlier: 400,
            today: 300
        }
    );
    assert!(!found.holds());

    // The same number of leaves, one of them another, one removed and another put at the end, two exchanged.
    for (case, mut other) in [
        ("changed", leaves(0..400)),
        ("removed", leaves(0..401)),
        ("re-ordered", leaves(0..400)),
    ] {
        match case {
            "changed" => other[123] = leaves(1000..1001).remove(0),
            "removed" => drop(other.remove(123)),
            _ => other.swap(17, 18),
        }
        for extra in [0, 50] {
            let forked = Archive::with(&other).await;
            forked.append(&leaves(2000..2000 + extra)).await;
            let found = compare(&forked.reader().await, &then).await.unwrap();
            assert!(
                matches!(found, Extension::Fork { size: 400, .. }),
                "{case}: {found:?}"
            );
        }
    }

    let found = compare(&Archive::named("alta.example/x").with_log().await, &then)
        .await
        .unwrap();
    assert!(matches!(found, Extension::OtherLog { .. }), "{found:?}");

    // Checkpoint of today, leaves of yesterday.
    let head = archive.store.snapshot()[&Key::literal("ledger/checkpoint")].clone();
    archive.put_back(early).await;
    archive
        .store
        .replace(&Key::literal("ledger/checkpoint"), head)
        .await
        .unwrap();
    let found = compare(&archive.reader().await, &then).await.unwrap();
    assert!(matches!(found, Extension::Truncated { .. }), "{found:?}");
}

#[tokio::test]
async fn changed_tiles_are_damage_not_history() {
    let archive = Archive::with(&leaves(0..300)).await;
    let then = archive.reader().await.head().checkpoint().clone();
    archive.append(&leaves(300..600)).await;
    let tile = Key::literal("ledger/tile/1/000.p/2");
    let mut bytes = archive.store.snapshot()[&tile].to_vec();
    bytes[40] ^= 1;
    archive.store.replace(&tile, bytes.clone().into()).await.unwrap();
    let found = compare(&archive.reader().await, &then).await.unwrap();
    assert!(
        matches!(found, Extension::RootDiffers { signed, stored } if signed != stored),
        "{found:?}"
    );
    bytes.pop();
    archive.store.replace(&tile, bytes.into()).await.unwrap();
    let found = compare(&archive.reader().await, &then).await.unwrap();
    assert!(
        matches!(&found, Extension::Damaged { key, .. } if *key == tile),
        "{found:?}"
    );
    assert_ne!(then.root, Digest::of(b""));
}
