//! A folder behaves as a map of names to bytes, whatever is done in whatever order.

use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt as _;
use hrisov_model::Digest;
use hrisov_store::{Blobs, Key, LocalBlobs, MemoryBlobs, ObjectMeta, Source, StoreError};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Act {
    Put(Key, Bytes),
    Replace(Key, Bytes),
    Delete(Key),
    List(Key),
}

/// Names that share folders; none is another's folder, which a bucket allows and a file system does not.
fn key() -> impl Strategy<Value = Key> {
    prop::sample::select(vec!["a", "b/c", "b/d", "b/e/f", "b/e/g"]).prop_map(Key::literal)
}

fn act() -> impl Strategy<Value = Act> {
    let bytes = || prop::sample::select(vec!["", "x", "yy"]).prop_map(Bytes::from);
    prop_oneof![
        3 => (key(), bytes()).prop_map(|(key, bytes)| Act::Put(key, bytes)),
        1 => (key(), bytes()).prop_map(|(key, bytes)| Act::Replace(key, bytes)),
        2 => key().prop_map(Act::Delete),
        1 => prop::sample::select(vec!["b", "b/e"]).prop_map(|prefix| Act::List(Key::literal(prefix))),
    ]
}

/// What a caller can tell of an act.
#[derive(Debug, PartialEq)]
enum Seen {
    Done,
    Conflict(Digest),
    Listed(Vec<ObjectMeta>),
}

async fn perform(blobs: &dyn Blobs, act: &Act) -> Seen {
    let ended = match act {
        Act::Put(key, bytes) => {
            let put = blobs.put_immutable(key, Source::Bytes(bytes.clone()), Digest::of(bytes));
            put.await.map(|_| ())
        }
        Act::Replace(key, bytes) => blobs.replace(key, bytes.clone()).await,
        Act::Delete(key) => blobs.delete(key).await,
        Act::List(prefix) => {
            let mut found: Vec<_> = blobs.list(prefix).try_collect().await.unwrap();
            found.sort_by(|one, other| one.key.cmp(&other.key));
            return Seen::Listed(found);
        }
    };
    match ended {
        Ok(()) => Seen::Done,
        Err(StoreError::Conflict { found, .. }) => Seen::Conflict(found),
        Err(other) => panic!("{act:?}: {other}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_folder_behaves_as_a_map(acts in prop::collection::vec(act(), 1..40)) {
        let folder = tempfile::tempdir().unwrap();
        let local: Arc<dyn Blobs> = Arc::new(LocalBlobs::open(folder.path()).unwrap());
        let memory = MemoryBlobs::default();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            for act in &acts {
                assert_eq!(perform(&*local, act).await, perform(&memory, act).await, "{act:?}");
            }
            for (key, bytes) in memory.snapshot() {
                assert_eq!(local.get_bytes(&key, 9).await.unwrap(), bytes);
            }
            assert_eq!(perform(&*local, &Act::List(Key::root())).await,
                perform(&memory, &Act::List(Key::root())).await);
        });
    }
}
