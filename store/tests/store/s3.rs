//! What a bucket does, on a real server.

use std::{net::TcpListener, sync::Arc, time::Instant};

use futures::StreamExt as _;
use hrisov_store::{Ability, Holds, Key, StoreError, StoreUrl, create, ocfl::StorageRoot, open, probe};

use super::{
    laws::{self, Racers},
    ocfl_sample::{OBJECT_ID, steps, write},
    seaweed::Seaweed,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_keeps_every_law() {
    let Some(server) = Seaweed::start() else { return };
    let url: StoreUrl = server.store_url("scans/an/archive").parse().unwrap();
    laws::check_all(create(&url).await.unwrap(), Racers::NotToldApart).await;

    // Another archive in the same bucket sees nothing of it.
    let url: StoreUrl = server.store_url("scans/an/arch").parse().unwrap();
    let root = StorageRoot::init(open(&url).await.unwrap()).await.unwrap();
    for step in steps() {
        write(&root, &step).await.unwrap();
        write(&root, &step).await.unwrap();
    }
    let root = StorageRoot::open(Arc::clone(root.blobs())).await.unwrap();
    assert_eq!(root.inventory(OBJECT_ID).await.unwrap().unwrap().head(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_bucket_is_made_and_what_it_can_do_is_said() {
    let Some(server) = Seaweed::start() else { return };
    let url: StoreUrl = server.store_url("fresh/archive").parse().unwrap();
    assert!(matches!(
        probe(&url).await.unwrap_err(),
        StoreError::NoStore { .. }
    ));
    for _ in 0..2 {
        create(&url).await.unwrap();
    }
    let blobs = open(&url).await.unwrap();
    // What SeaweedFS is known to do; a fresh bucket has neither versions nor locks.
    assert_eq!(
        probe(&url).await.unwrap(),
        [
            (Ability::RefusesWrongChecksum, Holds::Yes),
            (Ability::ConditionalPut, Holds::Yes),
            (Ability::Versioning, Holds::No),
            (Ability::ObjectLock, Holds::No),
        ]
    );
    assert_eq!(
        blobs.list(&Key::root()).count().await,
        0,
        "the probe left something"
    );
}

#[tokio::test]
async fn refusals_say_what_to_check() {
    let Some(server) = Seaweed::start() else { return };

    let error = check_refused(&server.store_url_with_wrong_keys("scans")).await;
    assert!(matches!(error, StoreError::Denied { .. }), "{error:?}");
    let text = error.to_string();
    assert!(
        text.contains(&server.endpoint()) && text.contains("access key"),
        "{text}"
    );

    let error = check_refused(&server.store_url("others")).await;
    assert!(
        matches!(&error, StoreError::NoStore { place } if place.contains("bucket others")),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_soon() {
    // A port that was free a moment ago, and one where nobody ever answers.
    let free = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let keys = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        keys.path(),
        "[default]\naws_access_key_id = a\naws_secret_access_key = b\n",
    )
    .unwrap();
    let begun = Instant::now();
    let url = format!(
        "s3://scans?endpoint=http://{free}&credentials-file={}",
        keys.path().display()
    );
    let error = check_refused(&url).await;
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
    let text = error.to_string();
    assert!(
        text.contains(&free.to_string()) && text.contains("check that it runs"),
        "{text}"
    );
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());

    let url = "s3://scans?endpoint=http://127.0.0.1:1&credentials-file=/not/there";
    let error = check_refused(url).await;
    assert!(
        matches!(&error, StoreError::Io { path, .. } if path.ends_with("there")),
        "{error:?}"
    );
}

async fn check_refused(url: &str) -> StoreError {
    open(&url.parse().unwrap()).await.unwrap_err()
}
