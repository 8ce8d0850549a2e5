//! One thing of the stored log is changed: the check finds it and names it.

use hrisov_ledger::{Finding, LedgerError, check};
use hrisov_model::Digest;
use hrisov_store::{Blobs as _, Key};

use super::support::{Archive, leaves};

#[tokio::test]
async fn a_sound_log_has_no_findings() {
    for size in [0, 1, 255, 256, 257, 700] {
        let archive = Archive::with(&leaves(0..size)).await;
        archive.log().await.unwrap();
        let checked = check(&archive.reader().await).await.unwrap();
        assert_eq!((checked.entries, checked.findings), (size, vec![]));
    }
}

/// Every object that the tree of 700 leaves is made of, each byte of it at some places.
#[tokio::test]
async fn a_changed_byte_anywhere_is_found_where_it_is() {
    let archive = Archive::with(&leaves(0..700)).await;
    let sound = archive.store.snapshot();
    let needed = [
        "ledger/tile/0/000",
        "ledger/tile/0/001",
        "ledger/tile/0/002.p/188",
        "ledger/tile/1/000.p/2",
        "ledger/tile/entries/000",
        "ledger/tile/entries/002.p/188",
    ];
    for name in needed {
        let key = Key::literal(name);
        for at in (0..sound[&key].len()).step_by(523) {
            let mut bytes = sound[&key].to_vec();
            bytes[at] ^= 0x20;
            archive.store.replace(&key, bytes.into()).await.unwrap();
            let findings = check(&archive.reader().await).await.unwrap().findings;
            assert!(!findings.is_empty(), "{name} at {at}");
            assert!(
                findings.iter().any(|finding| finding.to_string().contains(name)),
                "{name}: {findings:?}"
            );
        }
        archive.store.delete(&key).await.unwrap();
        let findings = check(&archive.reader().await).await.unwrap().findings;
        assert!(
            findings.contains(&Finding::Missing { key: key.clone() }),
            "{findings:?}"
        );
        archive.store.replace(&key, sound[&key].clone()).await.unwrap();
    }
    assert_eq!(check(&archive.reader().await).await.unwrap().findings, []);
}

/// What the writer goes on from goes into its next tiles and bundles, and what was there before is removed once those are full.
#[tokio::test]
async fn a_damaged_end_is_not_gone_on_from() {
    let archive = Archive::with(&leaves(0..300)).await;
    let sound = archive.store.snapshot();
    for name in [
        "ledger/tile/entries/001.p/44",
        "ledger/tile/0/001.p/44",
        "ledger/tile/1/000.p/1",
    ] {
        let key = Key::literal(name);
        for at in (0..sound[&key].len()).step_by(101) {
            let mut bytes = sound[&key].to_vec();
            bytes[at] ^= 1;
            archive.store.replace(&key, bytes.into()).await.unwrap();
            assert!(archive.log().await.is_err(), "{name} at {at}");
        }
        archive.store.replace(&key, sound[&key].clone()).await.unwrap();
    }
    archive.append(&leaves(300..301)).await;
}

#[tokio::test]
async fn a_changed_checkpoint_is_refused() {
    let archive = Archive::with(&leaves(0..10)).await;
    let key = Key::literal("ledger/checkpoint");
    let sound = archive.store.snapshot()[&key].clone();
    for at in 0..sound.len() {
        let mut bytes = sound.to_vec();
        bytes[at] ^= 1;
        archive.store.replace(&key, bytes.into()).await.unwrap();
        let refused = match hrisov_ledger::Reader::open(archive.blobs()).await {
            Ok(reader) => reader.verify(&archive.trusted()).is_err(),
            Err(error) => matches!(error, LedgerError::Damaged { .. }),
        };
        assert!(refused, "byte {at}");
        assert!(archive.log().await.is_err(), "byte {at}");
    }
}

/// Entries, tiles and all made anew by somebody without the key: the root no longer fits.
#[tokio::test]
async fn a_consistent_forgery_lacks_only_the_signature() {
    let archive = Archive::with(&leaves(0..300)).await;
    let mut other = leaves(0..300);
    other.swap(3, 4);
    let forged = Archive::with(&other).await;
    let head = Key::literal("ledger/checkpoint");
    let signed = archive.store.snapshot()[&head].clone();
    archive.put_back(forged.store.snapshot()).await;
    let reader = archive.reader().await;
    assert!(reader.verify(&archive.trusted()).is_err());
    assert_eq!(check(&reader).await.unwrap().findings, []);
    archive.store.replace(&head, signed).await.unwrap();
    let findings = check(&archive.reader().await).await.unwrap().findings;
    assert!(
        matches!(findings[..], [Finding::RootDiffers { .. }]),
        "{findings:?}"
    );
    assert!(matches!(
        archive.reader().await.prove(3).await,
        Err(LedgerError::RootDiffers { .. })
    ));
    assert!(matches!(
        archive.reader().await.leaf(3).await,
        Err(LedgerError::RootDiffers { .. })
    ));
    assert!(matches!(
        archive.log().await,
        Err(LedgerError::RootDiffers { .. })
    ));
}

#[tokio::test]
async fn a_changed_pending_batch_is_refused() {
    let archive = Archive::with(&leaves(0..10)).await;
    let key = Key::literal("ledger/pending");
    let sound = archive.store.snapshot()[&key].clone();
    for at in (0..sound.len()).step_by(7) {
        let mut bytes = sound.to_vec();
        bytes[at] ^= 0x10;
        archive.store.replace(&key, bytes.into()).await.unwrap();
        if let Ok(log) = archive.log().await {
            // Only the numbers of a batch that was finished long ago may change without harm.
            assert_eq!(log.size(), 10, "byte {at}");
        }
    }
    let reader = archive.reader().await;
    assert_eq!(check(&reader).await.unwrap().findings, []);
    assert_ne!(reader.head().checkpoint().root, Digest::of(b""));
}
