//! What every store keeps, as a table that each of them runs.

use std::{ops::Range, path::PathBuf, sync::Arc};

use bytes::Bytes;
use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _, future::BoxFuture, stream};
use hrisov_model::Digest;
use hrisov_store::{Blobs, Key, Source, StoreError};

/// A store and the part of it that belongs to one law.
#[derive(Clone)]
pub struct Place {
    pub blobs: Arc<dyn Blobs>,
    pub prefix: Key,
    pub files: PathBuf,
}

type Law = fn(Place) -> BoxFuture<'static, ()>;

/// Whether a store tells apart two writers of one name at the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Racers {
    /// One of them gets [`StoreError::Conflict`].
    ToldApart,
    /// Not even the best servers promise it.
    NotToldApart,
}

/// Runs every law on a store.
pub async fn check_all(blobs: Arc<dyn Blobs>, racers: Racers) {
    let files = tempfile::tempdir().unwrap();
    let laws: &[(&str, Law)] = &[
        ("what-is-put-is-read-back", |p| put_is_read_back(p).boxed()),
        ("putting-again-changes-nothing", |p| put_again(p).boxed()),
        ("other-bytes-are-refused", |p| other_bytes(p).boxed()),
        ("wrong-digest-stores-nothing", |p| wrong_digest(p).boxed()),
        ("restoring", |p| restoring(p).boxed()),
        ("ranges-are-slices", |p| ranges(p).boxed()),
        ("missing-objects", |p| missing(p).boxed()),
        ("limits-of-reading", |p| limits(p).boxed()),
        ("replacing", |p| replacing(p).boxed()),
        ("listing", |p| listing(p).boxed()),
        ("listing-many", |p| listing_many(p).boxed()),
        ("deleting", |p| deleting(p).boxed()),
        ("names", |p| names(p).boxed()),
        ("same-bytes-at-once", |p| same_bytes_at_once(p).boxed()),
        ("sources-that-fail", |p| failing_sources(p).boxed()),
        ("nothing-left-over", |p| nothing_left_over(p).boxed()),
    ];
    for (name, law) in laws {
        eprintln!("{name}");
        law(Place::new(&blobs, name, files.path().to_owned())).await;
    }
    if racers == Racers::ToldApart {
        different_bytes_at_once(Place::new(
            &blobs,
            "different-bytes-at-once",
            files.path().to_owned(),
        ))
        .await;
    }
}

impl Place {
    fn new(blobs: &Arc<dyn Blobs>, name: &str, files: PathBuf) -> Self {
        Self {
            blobs: Arc::clone(blobs),
            prefix: Key::literal("laws").child(name).unwrap(),
            files,
        }
    }

    fn key(&self, text: &str) -> Key {
        self.prefix.child(text).unwrap()
    }

    async fn put(&self, key: &Key, bytes: &[u8]) -> Result<(), StoreError> {
        let source = Source::Bytes(Bytes::copy_from_slice(bytes));
        let stored = self.blobs.put_immutable(key, source, Digest::of(bytes)).await?;
        assert_eq!((&stored.key, stored.size_bytes), (key, bytes.len() as u64));
        assert_eq!(stored.digest, Digest::of(bytes));
        Ok(())
    }

    async fn read(&self, key: &Key) -> Vec<u8> {
        self.blobs.get_bytes(key, 1 << 30).await.unwrap().into()
    }

    async fn read_range(&self, key: &Key, range: Range<u64>) -> Result<Vec<u8>, StoreError> {
        Ok(self
            .blobs
            .range(key, range)
            .await?
            .try_collect::<Vec<_>>()
            .await?
            .concat())
    }

    async fn listed(&self, prefix: &Key) -> Vec<(Key, u64)> {
        let found: Vec<_> = self.blobs.list(prefix).try_collect().await.unwrap();
        let mut found: Vec<_> = found
            .into_iter()
            .map(|meta| (meta.key, meta.size_bytes))
            .collect();
        found.sort();
        found
    }

    fn file(&self, bytes: &[u8]) -> Source {
        let path = self.files.join(format!("{}-{}", self.prefix.name(), bytes.len()));
        std::fs::write(&path, bytes).unwrap();
        Source::File(path)
    }
}

/// Bytes without a pattern that a cut at a round place would hide.
pub fn sample(size: usize) -> Vec<u8> {
    (0..size as u64)
        .map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8)
        .collect()
}

async fn put_is_read_back(place: Place) {
    for size in [
        0,
        1,
        (1 << 20) - 1,
        (1 << 20) + 1,
        16 << 20,
        (16 << 20) + 1,
        40_000_001,
    ] {
        let bytes = sample(size);
        let key = place.key(&format!("from-bytes/{size}"));
        place.put(&key, &bytes).await.unwrap();
        assert!(place.read(&key).await == bytes, "{size}");

        let key = place.key(&format!("from-file/{size}"));
        let digest = Digest::of(&bytes);
        let stored = place
            .blobs
            .put_immutable(&key, place.file(&bytes), digest)
            .await
            .unwrap();
        assert_eq!(stored.size_bytes, size as u64);
        assert_eq!(place.blobs.digest(&key).await.unwrap(), (digest, size as u64));
        let meta = place.blobs.head(&key).await.unwrap().unwrap();
        assert_eq!((meta.key, meta.size_bytes), (key, size as u64));
    }
}

async fn put_again(place: Place) {
    let key = place.key("a");
    for _ in 0..3 {
        place.put(&key, b"the same").await.unwrap();
        let again = place
            .blobs
            .put_immutable(&key, place.file(b"the same"), Digest::of(b"the same"));
        assert_eq!(again.await.unwrap().size_bytes, 8);
    }
    assert_eq!(place.listed(&place.prefix).await, [(key, 8)]);
}

async fn other_bytes(place: Place) {
    let key = place.key("a");
    place.put(&key, b"first").await.unwrap();
    for other in [&b"other"[..], b"", b"first and more"] {
        let error = place.put(&key, other).await.unwrap_err();
        let digests = (Digest::of(other), Digest::of(b"first"));
        assert!(
            matches!(error, StoreError::Conflict { expected, found, .. } if (expected, found) == digests),
            "{error:?}"
        );
    }
    assert_eq!(place.read(&key).await, b"first");
}

async fn wrong_digest(place: Place) {
    let there = place.key("there");
    place.put(&there, b"there").await.unwrap();
    for size in [0, 5, (16 << 20) + 5] {
        let bytes = sample(size);
        let wrong = Digest::of(b"something else");
        for source in [Source::Bytes(bytes.clone().into()), place.file(&bytes)] {
            for key in [place.key("new"), there.clone()] {
                let error = place
                    .blobs
                    .put_immutable(&key, source.clone(), wrong)
                    .await
                    .unwrap_err();
                assert!(
                    matches!(error, StoreError::DigestMismatch { expected, found, .. }
                        if expected == wrong && found == Digest::of(&bytes)),
                    "{size} {error:?}"
                );
            }
        }
    }
    assert_eq!(place.listed(&place.prefix).await, [(there, 5)]);
}

/// Wrong or missing bytes give way to the right ones, and to no others; by a file too, and in parts.
async fn restoring(place: Place) {
    let right: Vec<u8> = (0..20_u32 << 20).map(|at| (at >> 7) as u8).collect();
    let digest = Digest::of(&right);
    let file = place.files.join("right");
    std::fs::write(&file, &right).unwrap();
    let sources = [Source::Bytes(right.clone().into()), Source::File(file)];
    for (name, source) in ["bytes", "file"].into_iter().zip(sources) {
        let key = place.key(name);
        for wrong in [None, Some(&b"damaged"[..]), Some(&right[..])] {
            if let Some(wrong) = wrong {
                let wrong = Bytes::copy_from_slice(wrong);
                place.blobs.replace(&key, wrong).await.unwrap();
            }
            place.blobs.restore(&key, source.clone(), digest).await.unwrap();
            assert!(place.read(&key).await == right, "{name}");
        }
        place
            .blobs
            .replace(&key, b"damaged".as_slice().into())
            .await
            .unwrap();
        let other = Source::Bytes(b"neither".as_slice().into());
        let refused = place.blobs.restore(&key, other, digest).await;
        assert!(
            matches!(refused, Err(StoreError::DigestMismatch { .. })),
            "{name}: {refused:?}"
        );
        assert_eq!(place.read(&key).await, b"damaged", "{name}");
    }
}

async fn ranges(place: Place) {
    let bytes = sample(3_000_000);
    let key = place.key("a");
    place.put(&key, &bytes).await.unwrap();
    for (start, end, expected) in [
        (0, 1, 0..1),
        (0, 3_000_000, 0..3_000_000),
        (1, 2_999_999, 1..2_999_999),
        (2_999_999, 3_000_000, 2_999_999..3_000_000),
        (2_999_999, u64::MAX, 2_999_999..3_000_000),
        (1_048_575, 1_048_577, 1_048_575..1_048_577),
        (5, 5, 0..0),
        (9, 5, 0..0),
        (9_000_000, 9_000_000, 0..0),
    ] {
        let read = place.read_range(&key, start..end).await.unwrap();
        assert!(read == bytes[expected], "{start}..{end}");
    }
    for start in [3_000_000, 4_000_000] {
        let error = place.read_range(&key, start..start + 1).await.unwrap_err();
        assert!(
            matches!(error, StoreError::OutOfRange { start: said, .. } if said == start),
            "{error:?}"
        );
    }
}

async fn missing(place: Place) {
    place.put(&place.key("folder/file"), b"x").await.unwrap();
    // Neither nothing at all, nor a folder, nor something below a file, is an object.
    for name in ["nothing", "folder", "folder/file/below"] {
        let key = place.key(name);
        let blobs = &place.blobs;
        assert!(
            matches!(blobs.get(&key).await.err(), Some(StoreError::NotFound { key: said }) if said == key)
        );
        assert!(matches!(
            blobs.range(&key, 0..1).await.err(),
            Some(StoreError::NotFound { .. })
        ));
        assert!(matches!(
            blobs.range(&key, 0..0).await.err(),
            Some(StoreError::NotFound { .. })
        ));
        assert!(matches!(
            blobs.get_bytes(&key, 9).await,
            Err(StoreError::NotFound { .. })
        ));
        assert!(matches!(
            blobs.digest(&key).await,
            Err(StoreError::NotFound { .. })
        ));
        assert_eq!(blobs.head(&key).await.unwrap(), None, "{name}");
    }
    for name in ["nothing", "folder/file", "folder/file/below"] {
        assert_eq!(place.listed(&place.key(name)).await, [], "{name}");
    }
    place.blobs.delete(&place.key("nothing")).await.unwrap();
}

async fn limits(place: Place) {
    let key = place.key("a");
    place.put(&key, &sample(100_000)).await.unwrap();
    assert_eq!(place.blobs.get_bytes(&key, 100_000).await.unwrap().len(), 100_000);
    for max_bytes in [0, 1, 99_999] {
        let error = place.blobs.get_bytes(&key, max_bytes).await.unwrap_err();
        assert!(matches!(error, StoreError::TooLarge { .. }), "{error:?}");
    }
}

async fn replacing(place: Place) {
    let key = place.key("pointer");
    for text in ["first", "second and longer", "", "third"] {
        place.blobs.replace(&key, Bytes::from(text)).await.unwrap();
        assert_eq!(place.read(&key).await, text.as_bytes());
    }
    assert_eq!(place.listed(&place.prefix).await, [(key, 5)]);
}

async fn listing(place: Place) {
    for name in ["a", "b/c", "b/d/e", "bc/f", "b.x"] {
        place.put(&place.key(name), name.as_bytes()).await.unwrap();
    }
    for (prefix, names) in [
        ("", vec!["a", "b.x", "b/c", "b/d/e", "bc/f"]),
        ("b", vec!["b/c", "b/d/e"]),
        ("b/d", vec!["b/d/e"]),
        ("bc", vec!["bc/f"]),
        ("c", vec![]),
    ] {
        let prefix = if prefix.is_empty() {
            place.prefix.clone()
        } else {
            place.key(prefix)
        };
        let names: Vec<_> = names
            .into_iter()
            .map(|name| (place.key(name), name.len() as u64))
            .collect();
        let mut found = place.listed(&prefix).await;
        found.sort_by_key(|(key, _)| key.to_string());
        assert_eq!(found, names, "{prefix}");
    }
    let all = place.listed(&Key::root()).await;
    assert!(all.contains(&(place.key("b/c"), 3)));
}

async fn listing_many(place: Place) {
    // More than one page of any server's listing.
    let count = 1_100;
    let put = |n: usize| {
        let place = place.clone();
        async move { place.put(&place.key(&format!("{}/{}/x", n % 7, n)), b"x").await }
    };
    stream::iter(0..count)
        .map(put)
        .buffer_unordered(16)
        .try_collect::<()>()
        .await
        .unwrap();
    let found: Vec<_> = place.blobs.list(&place.prefix).try_collect().await.unwrap();
    assert_eq!(found.len(), count);
    // What lies in one folder comes together: no folder comes a second time.
    let mut folders: Vec<_> = found
        .iter()
        .map(|meta| {
            meta.key
                .below(&place.prefix)
                .unwrap()
                .parts()
                .next()
                .unwrap()
                .to_owned()
        })
        .collect();
    folders.dedup();
    assert_eq!(folders.len(), 7, "{folders:?}");
    // A reader may stop early.
    assert!(place.blobs.list(&place.prefix).next().await.unwrap().is_ok());
}

async fn deleting(place: Place) {
    let (gone, stays) = (place.key("a/gone"), place.key("a/stays"));
    for _ in 0..2 {
        place.put(&gone, b"gone").await.unwrap();
        place.put(&stays, b"stays").await.unwrap();
        place.blobs.delete(&gone).await.unwrap();
        place.blobs.delete(&gone).await.unwrap();
        assert_eq!(place.blobs.head(&gone).await.unwrap(), None);
        assert_eq!(place.listed(&place.prefix).await, [(stays.clone(), 5)]);
    }
    place.blobs.delete(&stays).await.unwrap();
    assert_eq!(place.listed(&place.prefix).await, []);
    // Of deleted names nothing is in the way, not even a folder.
    place.put(&place.key("a"), b"now a file").await.unwrap();
}

async fn names(place: Place) {
    let names = [
        "0=ocfl_1.1",
        "Anchetă socială (2).tif",
        "a+b",
        "a%20b",
        "a&b?c#d",
        "~tilde",
        "a:b;c,d@e$f",
        "<xml>\"'",
        "...",
        "日本",
        "e\u{301}",
    ];
    for name in names {
        place.put(&place.key(name), name.as_bytes()).await.unwrap();
        assert_eq!(place.read(&place.key(name)).await, name.as_bytes());
    }
    let mut expected: Vec<_> = names
        .iter()
        .map(|name| (place.key(name), name.len() as u64))
        .collect();
    expected.sort();
    assert_eq!(place.listed(&place.prefix).await, expected);
    for name in names {
        place.blobs.delete(&place.key(name)).await.unwrap();
    }
    assert_eq!(place.listed(&place.prefix).await, []);
    let root = Key::root();
    assert!(matches!(
        place.put(&root, b"x").await,
        Err(StoreError::InvalidKey { .. })
    ));
    assert!(matches!(
        place.blobs.replace(&root, Bytes::new()).await,
        Err(StoreError::InvalidKey { .. })
    ));
    assert!(matches!(
        place.blobs.delete(&root).await,
        Err(StoreError::InvalidKey { .. })
    ));
}

async fn at_once(place: &Place, key: &Key, texts: &[&str]) -> Vec<Result<(), StoreError>> {
    let put = |text: &str| {
        let (place, key, bytes) = (place.clone(), key.clone(), text.as_bytes().to_owned());
        tokio::spawn(async move { place.put(&key, &bytes).await })
    };
    let tasks: Vec<_> = texts.iter().map(|text| put(text)).collect();
    futures::future::join_all(tasks)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect()
}

async fn same_bytes_at_once(place: Place) {
    for round in 0..5 {
        let key = place.key(&format!("deep/er/{round}"));
        let ended = at_once(&place, &key, &["same"; 8]).await;
        assert!(ended.iter().all(Result::is_ok), "{ended:?}");
        assert_eq!(place.read(&key).await, b"same");
    }
}

async fn different_bytes_at_once(place: Place) {
    for round in 0..20 {
        let key = place.key(&format!("deep/er/{round}"));
        let texts = ["0", "1", "2", "3", "4", "5", "6", "7"];
        let ended = at_once(&place, &key, &texts).await;
        let won: Vec<_> = texts
            .iter()
            .zip(&ended)
            .filter(|(_, ended)| ended.is_ok())
            .collect();
        assert_eq!(won.len(), 1, "{ended:?}");
        assert_eq!(place.read(&key).await, won[0].0.as_bytes());
        let lost = ended
            .iter()
            .filter(|ended| matches!(ended, Err(StoreError::Conflict { .. })));
        assert_eq!(lost.count(), 7, "{ended:?}");
    }
}

async fn failing_sources(place: Place) {
    let key = place.key("a");
    for path in [place.files.join("not there"), place.files.clone()] {
        let put = place
            .blobs
            .put_immutable(&key, Source::File(path.clone()), Digest::of(b""));
        let error = put.await.unwrap_err();
        assert!(
            matches!(&error, StoreError::Io { path: said, .. } if *said == path),
            "{error:?}"
        );
    }
    assert_eq!(place.listed(&place.prefix).await, []);
}

async fn nothing_left_over(place: Place) {
    let before = place.listed(&Key::root()).await;
    assert_eq!(place.blobs.remove_leftovers().await.unwrap(), 0);
    assert_eq!(place.listed(&Key::root()).await, before);
}
