//! What only folders do.

use std::{fs, os::unix::ffi::OsStrExt as _, path::Path, process::Command, sync::Arc};

use bytes::Bytes;
use futures::StreamExt as _;
use hrisov_model::Digest;
use hrisov_store::{Blobs, Key, LocalBlobs, MemoryBlobs, Source, StoreError};

use super::laws::{self, Racers};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_keeps_every_law() {
    let folder = tempfile::tempdir().unwrap();
    laws::check_all(
        Arc::new(LocalBlobs::open(folder.path()).unwrap()),
        Racers::ToldApart,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_keeps_every_law() {
    laws::check_all(Arc::new(MemoryBlobs::default()), Racers::ToldApart).await;
}

#[tokio::test]
async fn a_missing_folder_is_never_made_by_opening_it() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("disk/archive");
    let error = LocalBlobs::open(&missing).unwrap_err();
    assert!(matches!(&error, StoreError::NoStore { .. }), "{error:?}");
    assert!(error.to_string().contains("mount"), "{error}");
    assert!(!missing.exists());
    LocalBlobs::create(&missing).unwrap();
    LocalBlobs::open(&missing).unwrap();
}

#[tokio::test]
async fn leftovers_of_the_dead_are_removed_and_never_listed() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = LocalBlobs::open(folder.path()).unwrap();
    blobs.replace(&Key::literal("a"), Bytes::from("x")).await.unwrap();
    let incoming = folder.path().join(".incoming");
    fs::write(incoming.join("1-0.part"), "of a process that died").unwrap();
    let living = fs::File::create(incoming.join("2-0.part")).unwrap();
    rustix::fs::flock(&living, rustix::fs::FlockOperation::LockExclusive).unwrap();

    let listed: Vec<_> = blobs.list(&Key::root()).collect().await;
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(blobs.remove_leftovers().await.unwrap(), 1);
    assert_eq!(names(&incoming), ["2-0.part"]);
    drop(living);
    assert_eq!(blobs.remove_leftovers().await.unwrap(), 1);
    let put = blobs
        .replace(&Key::literal(".incoming/1-0.part"), Bytes::new())
        .await;
    assert!(matches!(put, Err(StoreError::InvalidKey { .. })));
}

#[tokio::test]
async fn what_cannot_be_an_object_is_told_and_the_listing_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = LocalBlobs::open(folder.path()).unwrap();
    fs::write(folder.path().join("good"), "x").unwrap();
    fs::write(folder.path().join(std::ffi::OsStr::from_bytes(b"bad-\xff")), "x").unwrap();
    fs::write(folder.path().join("bad\nname"), "x").unwrap();
    std::os::unix::fs::symlink("good", folder.path().join("link")).unwrap();
    let listed: Vec<_> = blobs.list(&Key::root()).collect().await;
    let (good, bad): (Vec<_>, Vec<_>) = listed.into_iter().partition(Result::is_ok);
    assert_eq!((good.len(), bad.len()), (1, 3), "{bad:?}");
}

/// A folder goes as it becomes empty and is made again for the next object: whichever of many writers does either.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn objects_come_and_go_in_one_folder_at_the_same_time() {
    let folder = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap();
    let blobs = Arc::new(LocalBlobs::open(folder.path()).unwrap());
    let writers = (0..4).map(|writer| {
        let blobs = blobs.clone();
        tokio::spawn(async move {
            for round in 0..1_000 {
                let key = Key::literal("staging/pages")
                    .child(&format!("{writer}/{round}"))
                    .unwrap();
                blobs.replace(&key, Bytes::from("one result")).await.unwrap();
                blobs.delete(&key).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    assert_eq!(names(folder.path()), [".incoming"]);
}

#[tokio::test]
async fn a_full_disk_is_said_and_nothing_stays() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_mounted) = SmallDisk::mount(folder.path()) else {
        eprintln!("PASSED OVER: no full disk was tried; mounting one needs the right to mount");
        return;
    };
    let blobs = LocalBlobs::open(folder.path()).unwrap();
    let key = Key::literal("deep/er/object");
    let bytes = Bytes::from(laws::sample(2 << 20));
    let put = blobs.put_immutable(&key, Source::Bytes(bytes.clone()), Digest::of(&bytes));
    let error = put.await.unwrap_err();
    assert!(matches!(error, StoreError::NoSpace { .. }), "{error:?}");
    let error = blobs.replace(&key, bytes).await.unwrap_err();
    assert!(matches!(error, StoreError::NoSpace { .. }), "{error:?}");
    assert!(error.to_string().contains("free some"), "{error}");
    assert_eq!(names(folder.path()), [".incoming"]);
    assert_eq!(names(&folder.path().join(".incoming")), [""; 0]);
    // What fits still goes in.
    blobs.replace(&key, Bytes::from("small")).await.unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A disk of one megabyte.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(at: &'a Path) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
            .arg(at)
            .output();
        mounted
            .is_ok_and(|output| output.status.success())
            .then_some(Self(at))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(self.0).status();
        assert!(unmounted.unwrap().success());
    }
}
