//! Files that are whole and durable, or not there at all.
//!
//! What a crash leaves, step by step of [`DurableFolder::write`]:
//!
//! 1. *While the temporary file is written and synced*: a file in [`INCOMING`], which no reader ever
//!    looks into and [`DurableFolder::remove_leftovers`] deletes. It has its own folder, on the same file
//!    system, rather than a strange name beside its target: nothing foreign ever lies in the OCFL
//!    storage root, and cleaning up does not walk millions of files.
//! 2. *After the rename, before the folder is synced*: after a crash of the program, the target with all
//!    its bytes (they were synced before the rename). After a loss of power, the target whole or not at
//!    all. The writer was not told "done", so it repeats, finds the target and syncs the folders.
//! 3. *New folders*: an entry is durable only when its parent is synced. A folder made by a process that
//!    died before syncing looks like any other, so each process syncs the parents of every folder once
//!    before it trusts it, whether it made the folder or found it.
//!
//! A temporary file is locked (`flock`) by its writer: cleaning up deletes only what no living process
//! holds.

use std::{
    collections::HashSet,
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process,
    sync::{
        Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use rustix::{
    fs::{CWD, FlockOperation, RenameFlags, flock, renameat_with},
    io::Errno,
};

use crate::StoreError;

/// The folder of temporary files, directly below the store's root.
pub(super) const INCOMING: &str = ".incoming";

/// Folders remembered as durable; beyond this many all are forgotten, which costs only a few more syncs.
const KNOWN_FOLDERS_MAX: usize = 100_000;

/// A folder that another process takes away again and again is an error at last.
const ATTEMPTS_MAX: u32 = 10;

/// A folder whose files appear whole and stay.
#[derive(Debug)]
pub(super) struct DurableFolder {
    root: PathBuf,
    /// Held by who makes folders and puts something in, alone by who takes empty ones away: what is known to be there
    /// is there.
    taking_away: RwLock<()>,
    /// Folders below the root whose way up to it this process has synced.
    known: Mutex<HashSet<PathBuf>>,
    written: AtomicU64,
}

/// What is to happen to a file that has the name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existing {
    /// It stays.
    Keep,
    /// It is replaced.
    Replace,
}

/// How a write ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// The file is there and durable.
    Done,
    /// Another file has the name, and it was to stay.
    NameTaken,
}

/// A temporary file; removed on drop unless it was moved into place.
#[derive(Debug)]
struct Temporary {
    file: File,
    path: PathBuf,
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Moved into place, the name is gone already. Otherwise a failure leaves what
        // `remove_leftovers` deletes.
        let _ = fs::remove_file(&self.path);
    }
}

impl DurableFolder {
    /// Takes an existing folder as it is.
    pub(super) fn new(root: PathBuf) -> Self {
        Self {
            root,
            taking_away: RwLock::default(),
            known: Mutex::default(),
            written: AtomicU64::new(0),
        }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Writes a file below the root: whole, synced, under its name at once or not at all. `fill` writes
    /// the bytes; where it fails nothing is left.
    pub(super) fn write<T>(
        &self,
        target: &Path,
        existing: Existing,
        fill: impl FnOnce(&mut dyn Write) -> Result<T, StoreError>,
    ) -> Result<(Written, T), StoreError> {
        let mut temporary = self.temporary()?;
        let filled = fill(&mut temporary.file)?;
        temporary
            .file
            .sync_all()
            .map_err(|e| StoreError::io("write to disk", target, e))?;
        let written = self.move_into_place(&temporary.path, target, existing)?;
        Ok((written, filled))
    }

    /// Makes an existing file's name durable, whoever gave it.
    pub(super) fn sync_name(&self, target: &Path) -> Result<(), StoreError> {
        let folder = parent_of(target);
        self.in_folder(folder, || sync_folder(folder))
    }

    /// Removes a file, and the folders that it leaves empty: as in a bucket, a folder is there only as long
    /// as something is in it. A missing file is no error.
    pub(super) fn remove(&self, target: &Path) -> Result<(), StoreError> {
        match fs::remove_file(target) {
            Ok(()) => {}
            Err(e) if is_missing(&e) => return Ok(()),
            Err(e) => return Err(StoreError::io("delete", target, e)),
        }
        let mut folder = parent_of(target);
        let alone = self.taking_away.write().unwrap_or_else(PoisonError::into_inner);
        while folder != self.root && fs::remove_dir(folder).is_ok() {
            self.known().remove(folder);
            folder = parent_of(folder);
        }
        drop(alone);
        match sync_folder(folder) {
            // Another process took the folder away in the meantime, and its removal is what lasts.
            Err(StoreError::Io { source, .. }) if is_missing(&source) => Ok(()),
            other => other,
        }
    }

    /// Deletes the temporary files of writers that are no more; says how many.
    pub(super) fn remove_leftovers(&self) -> Result<u64, StoreError> {
        let folder = self.root.join(INCOMING);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(0),
            Err(e) => return Err(StoreError::io("list", folder, e)),
        };
        let mut removed = 0;
        for entry in entries {
            let path = entry.map_err(|e| StoreError::io("list", &folder, e))?.path();
            let Ok(file) = File::open(&path) else { continue };
            if flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
                fs::remove_file(&path).map_err(|e| StoreError::io("delete", &path, e))?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashSet<PathBuf>> {
        // A set of paths is whole after any panic.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn temporary(&self) -> Result<Temporary, StoreError> {
        let folder = self.root.join(INCOMING);
        loop {
            let number = self.written.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(format!("{}-{number}.part", process::id()));
            let opened = OpenOptions::new().write(true).create_new(true).open(&path);
            let file = match opened {
                Ok(file) => file,
                // A leftover of an earlier process with our number, or another store object of our own.
                Err(e) if e.kind() == ErrorKind::AlreadyExists => continue,
                Err(e) if e.kind() == ErrorKind::NotFound && self.root.is_dir() => {
                    make_folder(&folder)?;
                    continue;
                }
                Err(e) => return Err(StoreError::io("make", path, e)),
            };
            let temporary = Temporary { file, path };
            flock(&temporary.file, FlockOperation::LockExclusive)
                .map_err(|e| StoreError::io("lock", &temporary.path, e.into()))?;
            let links = temporary
                .file
                .metadata()
                .map_err(|e| StoreError::io("look at", &temporary.path, e))?;
            // Cleaned up by another process between making and locking it: take the next.
            if links.nlink() > 0 {
                return Ok(temporary);
            }
        }
    }

    fn move_into_place(&self, from: &Path, target: &Path, existing: Existing) -> Result<Written, StoreError> {
        let folder = parent_of(target);
        let written = self.in_folder(folder, || match rename(from, target, existing) {
            Ok(()) => Ok(Written::Done),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(Written::NameTaken),
            Err(e) => Err(StoreError::io("name", target, e)),
        })?;
        if written == Written::Done {
            sync_folder(folder)?;
        }
        Ok(written)
    }

    /// Does something in a folder that is there and durable; again where another process's `remove` took it away as it
    /// became empty.
    fn in_folder<T>(&self, folder: &Path, act: impl Fn() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut attempts = 0;
        loop {
            let kept = self.taking_away.read().unwrap_or_else(PoisonError::into_inner);
            let done = self.make_folders(folder).and_then(|()| act());
            drop(kept);
            match done {
                Err(StoreError::Io { source, .. })
                    if source.kind() == ErrorKind::NotFound && attempts < ATTEMPTS_MAX =>
                {
                    attempts += 1;
                    self.known().retain(|known| !folder.starts_with(known));
                }
                done => return done,
            }
        }
    }

    /// Makes the folders from the root down to `folder`, each durable before the next.
    fn make_folders(&self, folder: &Path) -> Result<(), StoreError> {
        if folder == self.root || self.known().contains(folder) {
            return Ok(());
        }
        let parent = parent_of(folder);
        self.make_folders(parent)?;
        make_folder(folder)?;
        sync_folder(parent)?;
        let mut known = self.known();
        if known.len() >= KNOWN_FOLDERS_MAX {
            known.clear();
        }
        known.insert(folder.to_owned());
        Ok(())
    }
}

/// Every target lies below the root, and keys are never empty.
fn parent_of(path: &Path) -> &Path {
    path.parent().expect("a path below the store's root has a parent")
}

/// Whether the name is not there: nothing has it, or a file stands where a folder would.
pub(super) fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn make_folder(folder: &Path) -> Result<(), StoreError> {
    match fs::create_dir(folder) {
        Err(e) if e.kind() != ErrorKind::AlreadyExists => Err(StoreError::io("make folder", folder, e)),
        _ => Ok(()),
    }
}

fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    File::open(folder)
        .and_then(|open| open.sync_all())
        .map_err(|e| StoreError::io("write to disk", folder, e))
}

fn rename(from: &Path, target: &Path, existing: Existing) -> io::Result<()> {
    if existing == Existing::Replace {
        return fs::rename(from, target);
    }
    match renameat_with(CWD, from, CWD, target, RenameFlags::NOREPLACE) {
        // Network file systems do not know the flag; a hard link refuses an existing name too. The
        // temporary name goes when the writer drops it.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => fs::hard_link(from, target),
        other => other.map_err(io::Error::from),
    }
}
