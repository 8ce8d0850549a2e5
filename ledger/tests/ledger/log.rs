//! Appending, reading back, opening again.

use std::sync::Arc;

use hrisov_ledger::{Checkpoint, KeyKind, LedgerError, Log, Reader, check};
use hrisov_model::Digest;
use hrisov_store::{Blobs as _, Key, MemoryBlobs};
use proptest::prelude::*;

use super::support::{Archive, KeyFile, ORIGIN, leaf, leaves, wait};

#[tokio::test]
async fn a_batch_is_acknowledged_with_places_and_a_checkpoint() {
    let archive = Archive::new();
    let mut log = archive.log().await.unwrap();
    assert_eq!(
        log.head().checkpoint(),
        &Checkpoint::new(ORIGIN.to_owned(), 0, Digest::of(b""))
    );
    let appended = log.append(0, &leaves(0..300)).await.unwrap();
    assert_eq!(appended.indexes, (0..300).collect::<Vec<_>>());
    assert_eq!(appended.checkpoint.checkpoint().size, 300);
    appended.checkpoint.verify(&archive.trusted()).unwrap();
    let reader = archive.reader().await;
    assert_eq!(reader.head(), &appended.checkpoint);
    for index in [0, 255, 256, 299] {
        assert_eq!(reader.leaf(index).await.unwrap(), leaf(index));
    }
    assert!(matches!(
        reader.leaf(300).await,
        Err(LedgerError::NoLeaf {
            index: 300,
            size: 300
        })
    ));
    assert_eq!(reader.stored_keys().await.unwrap(), archive.trusted());
}

#[tokio::test]
async fn a_repeated_batch_goes_in_once() {
    let archive = Archive::with(&leaves(0..300)).await;
    let mut log = archive.log().await.unwrap();
    // The catalog knows of 200 leaves; 100 it has to learn of, 5 are new, one comes twice.
    let mut batch = leaves(250..305);
    batch.push(leaf(304));
    let appended = log.append(200, &batch).await.unwrap();
    assert_eq!(appended.indexes, (250..305).chain([304]).collect::<Vec<_>>());
    assert_eq!(log.size(), 305);
    assert_eq!(log.append(200, &batch).await.unwrap().indexes, appended.indexes);
    assert_eq!(log.size(), 305);
    let error = log.append(306, &batch).await.unwrap_err();
    assert!(
        matches!(
            error,
            LedgerError::AheadOfLog {
                recorded: 306,
                size: 305
            }
        ),
        "{error}"
    );
}

/// tlog-tiles, section Partial Tiles, has this very example of 70,000 leaves.
#[tokio::test]
async fn tiles_are_those_of_the_specification() {
    let archive = Archive::new();
    let entries: Vec<_> = (0..70_000_u64)
        .map(|number| number.to_be_bytes().to_vec().into())
        .collect();
    archive
        .log()
        .await
        .unwrap()
        .append_entries(0, &entries)
        .await
        .unwrap();
    let objects = archive.store.snapshot();
    let below = |prefix: &str| {
        objects
            .keys()
            .filter(|key| key.as_str().starts_with(prefix))
            .count()
    };
    assert_eq!(below("ledger/tile/0/"), 273 + 1);
    assert_eq!(below("ledger/tile/entries/"), 273 + 1);
    assert_eq!(below("ledger/tile/3/"), 0);
    for (key, size) in [
        ("ledger/tile/0/272", 256 * 32),
        ("ledger/tile/0/273.p/112", 112 * 32),
        ("ledger/tile/1/000", 256 * 32),
        ("ledger/tile/1/001.p/17", 17 * 32),
        ("ledger/tile/2/000.p/1", 32),
        ("ledger/tile/entries/273.p/112", 112 * 10),
    ] {
        assert_eq!(
            objects.get(&Key::literal(key)).map(|bytes| bytes.len()),
            Some(size),
            "{key}"
        );
    }
}

#[tokio::test]
async fn another_writer_is_noticed() {
    let archive = Archive::with(&leaves(0..10)).await;
    let (mut one, mut other) = (archive.log().await.unwrap(), archive.log().await.unwrap());
    one.append(10, &leaves(10..12)).await.unwrap();
    let error = other.append(10, &leaves(20..23)).await.unwrap_err();
    assert!(
        matches!(
            error,
            LedgerError::Moved {
                expected: 10,
                found: 12
            }
        ),
        "{error}"
    );
    assert_eq!(archive.reader().await.size(), 12);
}

#[tokio::test]
async fn an_older_store_is_refused_with_the_same_key() {
    let archive = Archive::with(&leaves(0..10)).await;
    let before = archive.store.snapshot();
    archive.append(&leaves(10..20)).await;
    archive.put_back(before).await;
    let error = archive.log().await.unwrap_err();
    assert!(
        matches!(
            error,
            LedgerError::RolledBack {
                stored: 10,
                signed: 20
            }
        ),
        "{error}"
    );
    // An emptied store is no reason to begin a second history either.
    archive.put_back(Default::default()).await;
    let error = archive.log().await.unwrap_err();
    assert!(
        matches!(
            error,
            LedgerError::RolledBack {
                stored: 0,
                signed: 20
            }
        ),
        "{error}"
    );
    assert!(archive.store.snapshot().is_empty());
}

#[tokio::test]
async fn another_history_is_refused_with_the_same_key() {
    let archive = Archive::with(&leaves(0..10)).await;
    let impostor = Archive {
        store: MemoryBlobs::default(),
        memory: MemoryBlobs::default(),
        key: KeyFile::new("x", KeyKind::Log),
    };
    let mut log = Log::create(
        impostor.blobs(),
        archive.key.signing(),
        Arc::new(impostor.memory.clone()),
    )
    .await
    .unwrap();
    log.append(0, &leaves(100..115)).await.unwrap();
    archive.put_back(impostor.store.snapshot()).await;
    let error = archive.log().await.unwrap_err();
    assert!(matches!(error, LedgerError::Forked { size: 10, .. }), "{error}");
}

#[tokio::test]
async fn a_lost_checkpoint_is_no_new_log() {
    let archive = Archive::with(&leaves(0..10)).await;
    archive
        .store
        .delete(&Key::literal("ledger/checkpoint"))
        .await
        .unwrap();
    assert!(matches!(
        archive.log().await,
        Err(LedgerError::LostCheckpoint { .. })
    ));
    assert!(matches!(
        Reader::open(archive.blobs()).await,
        Err(LedgerError::NoLog { .. })
    ));
}

#[tokio::test]
async fn a_new_key_takes_over_and_old_proofs_stay_good() {
    let archive = Archive::with(&leaves(0..10)).await;
    let old_proof = archive.reader().await.prove(3).await.unwrap();
    let next = KeyFile::new(ORIGIN, KeyKind::Log);
    let open = |earlier| {
        Log::open(
            archive.blobs(),
            next.signing(),
            Arc::new(archive.memory.clone()),
            earlier,
        )
    };
    let refused = open(&[]).await.unwrap_err();
    assert!(refused.to_string().contains("trusted key"), "{refused}");
    let mut log = open(&archive.trusted()).await.unwrap();
    // Until the next batch both signatures stand under the same text.
    for key in [archive.key.verifier(), next.verifier()] {
        log.head().verify(&[key]).unwrap();
    }
    log.append(10, &leaves(10..20)).await.unwrap();
    log.head().verify(&[next.verifier()]).unwrap();
    log.head().verify(&archive.trusted()).unwrap_err();
    old_proof
        .verify(&leaf(3).to_bytes(), &archive.trusted(), &[])
        .unwrap();
    assert_eq!(
        archive.reader().await.stored_keys().await.unwrap(),
        [archive.key.verifier(), next.verifier()]
    );
}

#[tokio::test]
async fn partial_tiles_go_once_the_full_one_is_there() {
    let archive = Archive::with(&leaves(0..250)).await;
    let early = archive.reader().await;
    archive.append(&leaves(250..260)).await;
    let objects = archive.store.snapshot();
    assert!(
        objects
            .keys()
            .all(|key| !key.as_str().contains("/000.p/1") || key.as_str().contains("tile/1/"))
    );
    assert!(objects.contains_key(&Key::literal("ledger/tile/0/000")));
    // A reader that began before them still finds everything.
    assert_eq!(early.leaf(249).await.unwrap(), leaf(249));
    assert_eq!(
        early.root_at(100).await.unwrap(),
        archive.reader().await.root_at(100).await.unwrap()
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// However a history is cut into batches and restarts, the log is the same; every proof holds.
    #[test]
    fn batches_do_not_matter(
        cuts in prop::collection::vec((1..400_u64, any::<bool>()), 1..6),
        index in any::<u64>(),
        old in any::<u64>(),
    ) {
        wait(async {
            let (archive, whole) = (Archive::new(), Archive::new());
            let mut log = archive.log().await.unwrap();
            let mut end = 0;
            for (length, restart) in cuts {
                if restart {
                    log = archive.log().await.unwrap();
                }
                log.append(end, &leaves(end..end + length)).await.unwrap();
                end += length;
            }
            whole.append(&leaves(0..end)).await;
            let (reader, other) = (archive.reader().await, whole.reader().await);
            prop_assert_eq!(reader.head().checkpoint(), other.head().checkpoint());
            prop_assert_eq!(check(&reader).await.unwrap().findings, Vec::new());
            let (index, old) = (index % end, old % (end + 1));
            let proof = reader.prove(index).await.unwrap();
            prop_assert!(proof.verify(&leaf(index).to_bytes(), &archive.trusted(), &[]).is_ok());
            prop_assert!(reader.consistency(old).await.is_ok());
            Ok(())
        })?;
    }
}
