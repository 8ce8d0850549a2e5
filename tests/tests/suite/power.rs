//! Loss of power: what was not synced is gone, on a real ext4 file system, and repeating the load makes it good.
//!
//! The archive lies on a file system in an image file, made and mounted so that only a sync writes to it. The program is
//! killed at some instant and the image copied: the copy is the disk as a machine finds it that lost power then.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use super::{
    faults::{larger_box, next_random, number},
    program::Archive,
    state::{check_same, state},
};

const WORDS: &[&str] = &["dosar", "pagina"];
/// Enough for an archive of the box; a small image is copied in no time.
const DISK_MIB: u64 = 96;
/// What is written back after the program was killed is soon at an end.
const COPIES_MAX: u32 = 1000;

/// `HRISOV_POWER_CUTS` says how often, `HRISOV_SEED` when.
#[test]
fn power_lost_at_any_instant_is_made_good_by_a_repeat() {
    let cuts = number("HRISOV_POWER_CUTS").unwrap_or(12);
    let seed = number("HRISOV_SEED").unwrap_or(1);
    let expected = {
        let archive = Archive::scripted();
        archive.ingest(3, &larger_box(&archive));
        state(&archive, WORDS)
    };
    let mut interrupted = 0;
    for cut in 0..cuts {
        let mut random = (seed << 32) + cut;
        let archive = Archive::folder_only(&[("HRISOV_TEST_ENGINE", "")]);
        let image = archive.boxes().with_file_name("disk.img");
        let Some(disk) = Disk::make(&image, &archive.path()) else {
            assert!(
                std::env::var_os("HRISOV_REQUIRE_TOOLS").is_none(),
                "cannot mount an ext4 image: run the tests as root"
            );
            eprintln!("PASSED OVER: only root can mount an ext4 image");
            return;
        };
        let at = archive.path();
        archive.run(&["init", at.to_str().unwrap()]).expect_code(0);
        // What a person set up before the load is on the disk by then.
        disk.sync();
        archive.configure("retry_pause_ms", 1);
        disk.sync();
        let folder = larger_box(&archive);
        let mut load = archive.start(&["ingest", folder.to_str().unwrap()]);
        // The moment is the subject: whichever it hits, the end must be the same.
        thread::sleep(Duration::from_millis(20 + next_random(&mut random) % 900));
        interrupted += u64::from(load.try_wait().unwrap().is_none());
        load.kill().unwrap();
        load.wait().unwrap();
        let disk = disk.after_power_loss();
        let seen = format!("power cut {cut} of seed {seed}");
        archive.ingest(3, &folder);
        check_same(&state(&archive, WORDS), &expected, &seen);
        drop(disk);
    }
    eprintln!("{cuts} power cuts, {interrupted} within the load, seed {seed}");
    assert!(interrupted > 0, "every load had ended before the power was lost");
}

/// An ext4 file system in a file.
struct Disk {
    image: PathBuf,
    mounted_at: PathBuf,
}

impl Disk {
    /// `None` where this user may not mount.
    fn make(image: &Path, at: &Path) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        fs::File::create(image).unwrap().set_len(DISK_MIB << 20).unwrap();
        let made = Command::new("mkfs.ext4").args(["-q", "-F"]).arg(image).status();
        assert!(made.unwrap().success());
        Self::mount(image, at)
    }

    fn mount(image: &Path, at: &Path) -> Option<Self> {
        // No commit but by a sync, and none of the kernel's kindnesses to programs that rename without one.
        let options = "loop,commit=300,noauto_da_alloc";
        let mounted = Command::new("mount")
            .args(["-o", options])
            .args([image, at])
            .output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Self {
            image: image.to_owned(),
            mounted_at: at.to_owned(),
        })
    }

    fn sync(&self) {
        let synced = Command::new("sync").arg("-f").arg(&self.mounted_at).status();
        assert!(synced.unwrap().success());
    }

    /// The same place with what had reached the disk by now and nothing else.
    fn after_power_loss(self) -> Self {
        let (image, at) = (self.image.with_extension("after"), self.mounted_at.clone());
        copy_of_an_instant(&self.image, &image);
        drop(self);
        Self::mount(&image, &at).expect("it could be mounted before")
    }
}

/// Copies what the kernel may be writing back meanwhile: again until the whole copy is what stood there when its last byte
/// had been read. Anything else is a disk that never was.
fn copy_of_an_instant(from: &Path, to: &Path) {
    for _ in 0..COPIES_MAX {
        fs::copy(from, to).unwrap();
        if fs::read(from).unwrap() == fs::read(to).unwrap() {
            return;
        }
    }
    panic!("{} is written to without end", from.display());
}

impl Drop for Disk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(&self.mounted_at).status();
        assert!(unmounted.unwrap().success());
    }
}
