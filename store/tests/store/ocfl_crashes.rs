//! An object of two versions, broken at every call, ends as if nothing had happened.

use std::sync::Arc;

use super::ocfl_sample::{OBJECT_ID, steps, write};
use hrisov_store::{
    After, Blobs, Effect, Fault, FaultyBlobs, MemoryBlobs, StoreError,
    ocfl::{RootState, StorageRoot},
};

/// Everything that a process does from the empty store to the second version.
async fn whole_life(blobs: Arc<dyn Blobs>) -> Result<(), StoreError> {
    let root = StorageRoot::init(blobs).await?;
    for step in steps() {
        write(&root, &step).await?;
    }
    Ok(())
}

#[tokio::test]
async fn broken_at_any_call_and_repeated_it_ends_in_the_same_bytes() {
    let undisturbed = MemoryBlobs::default();
    let counting = Arc::new(FaultyBlobs::counting(Arc::new(undisturbed.clone())));
    whole_life(counting.clone()).await.unwrap();
    let expected = undisturbed.snapshot();
    assert!(counting.calls() > 20, "the fault must hit something");

    for effect in [Effect::Lost, Effect::Persisted] {
        for after in [After::Dead, After::Works] {
            for call in 0..counting.calls() {
                let memory = MemoryBlobs::default();
                let fault = Fault { call, effect, after };
                let faulty = FaultyBlobs::new(Arc::new(memory.clone()), fault);
                let broken = whole_life(Arc::new(faulty)).await;
                assert!(
                    matches!(broken, Err(StoreError::Injected { .. })),
                    "{fault:?}: {broken:?}"
                );

                whole_life(Arc::new(memory.clone()))
                    .await
                    .unwrap_or_else(|e| panic!("{fault:?}: {e}"));
                assert!(memory.snapshot() == expected, "{fault:?}");
            }
        }
    }
}

#[tokio::test]
async fn broken_at_any_call_the_object_is_whole_and_recovery_puts_its_root_right() {
    let memory = MemoryBlobs::default();
    let counting = Arc::new(FaultyBlobs::counting(Arc::new(memory)));
    whole_life(counting.clone()).await.unwrap();
    let mut rewritten = 0;
    for effect in [Effect::Lost, Effect::Persisted] {
        for call in 0..counting.calls() {
            let memory = MemoryBlobs::default();
            let fault = Fault {
                call,
                effect,
                after: After::Dead,
            };
            let faulty = FaultyBlobs::new(Arc::new(memory.clone()), fault);
            whole_life(Arc::new(faulty)).await.unwrap_err();

            let root = StorageRoot::init(Arc::new(memory.clone())).await.unwrap();
            let before = root.inventory(OBJECT_ID).await.unwrap();
            let recovery = root.recover_object(OBJECT_ID).await.unwrap();
            rewritten += u32::from(recovery.root == RootState::Rewritten);
            assert_eq!(
                recovery.head,
                before.as_ref().map(|inventory| inventory.head()),
                "{fault:?}"
            );
            assert_eq!(root.inventory(OBJECT_ID).await.unwrap(), before, "{fault:?}");
            root.discard_unfinished(OBJECT_ID).await.unwrap();
            let again = root.recover_object(OBJECT_ID).await.unwrap();
            assert_eq!(again.root, RootState::Current, "{fault:?}");
            assert_eq!(again.unfinished, [], "{fault:?}");
            // Every byte of every finished version is there.
            for (digest, path) in before.iter().flat_map(|inventory| inventory.content()) {
                let key = root.object_root(OBJECT_ID).join(path);
                assert_eq!(memory.digest(&key).await.unwrap().0, digest, "{fault:?}");
            }
        }
    }
    assert!(
        rewritten >= 6,
        "a crash between a version's pair and the root's must have happened: {rewritten}"
    );
}
