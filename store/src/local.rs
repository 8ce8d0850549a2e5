//! Objects as files in a local folder.

mod durable;

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write},
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use hrisov_model::{Digest, Hasher};
use tokio::{
    sync::mpsc,
    task::{self, JoinError},
};

use self::durable::{DurableFolder, Existing, INCOMING, Written, is_missing};
use crate::{
    Blobs, ByteStream, Key, ObjectMeta, Source, StoreError, StoredObject,
    blobs::{check_digest, check_not_root},
};

/// Bytes read, hashed and written at a time.
const PIECE_BYTES: usize = 1 << 20;
/// Listed objects that wait for the reader: enough to keep the walk ahead, little memory.
const LISTED_AHEAD: usize = 256;

/// Objects as files below one folder, the key being the path. One file system; several processes of one
/// machine may write at the same time.
#[derive(Debug, Clone)]
pub struct LocalBlobs {
    folder: Arc<DurableFolder>,
}

impl LocalBlobs {
    /// Takes an existing folder.
    ///
    /// # Errors
    /// [`StoreError::NoStore`] where it is not there: a disk that is not mounted must not turn into an
    /// empty archive.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let root = std::path::absolute(root.into()).map_err(|e| StoreError::io("find", ".", e))?;
        if !root.is_dir() {
            return Err(StoreError::NoStore {
                place: root.display().to_string(),
            });
        }
        Ok(Self {
            folder: Arc::new(DurableFolder::new(root)),
        })
    }

    /// Makes the folder where it is not there, and its parents.
    ///
    /// # Errors
    /// What the file system says.
    pub fn create(root: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let root = root.into();
        fs::create_dir_all(&root).map_err(|e| StoreError::io("make folder", &root, e))?;
        Self::open(root)
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.folder.root().join(key.as_str())
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&DurableFolder) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let folder = Arc::clone(&self.folder);
        match task::spawn_blocking(move || work(&folder)).await {
            Ok(result) => result,
            Err(failed) => Err(stopped(failed)),
        }
    }
}

#[async_trait]
impl Blobs for LocalBlobs {
    async fn put_immutable(
        &self,
        key: &Key,
        source: Source,
        expected: Digest,
    ) -> Result<StoredObject, StoreError> {
        check_name(key)?;
        let (key, target) = (key.clone(), self.path(key));
        self.blocking(move |folder| put_immutable(folder, key, &target, source, expected))
            .await
    }

    async fn restore(&self, key: &Key, source: Source, expected: Digest) -> Result<(), StoreError> {
        check_name(key)?;
        let (key, target) = (key.clone(), self.path(key));
        self.blocking(move |folder| restore(folder, &key, &target, source, expected))
            .await
    }

    async fn replace(&self, key: &Key, bytes: Bytes) -> Result<(), StoreError> {
        check_name(key)?;
        let target = self.path(key);
        self.blocking(move |folder| {
            let write = |file: &mut dyn Write| {
                file.write_all(&bytes)
                    .map_err(|e| StoreError::io("write", &target, e))
            };
            folder.write(&target, Existing::Replace, write).map(|_| ())
        })
        .await
    }

    async fn get(&self, key: &Key) -> Result<ByteStream, StoreError> {
        let (key, path) = (key.clone(), self.path(key));
        self.blocking(move |_| open_object(&key, &path).map(|(file, size)| (file, size, path)))
            .await
            .map(|(file, size_bytes, path)| pieces(file, size_bytes, path))
    }

    async fn range(&self, key: &Key, range: Range<u64>) -> Result<ByteStream, StoreError> {
        let (key, path) = (key.clone(), self.path(key));
        self.blocking(move |_| {
            let (mut file, size_bytes) = open_object(&key, &path)?;
            if range.is_empty() {
                return Ok(stream::empty().boxed());
            }
            if range.start >= size_bytes {
                return Err(StoreError::OutOfRange {
                    key,
                    start: range.start,
                });
            }
            file.seek(SeekFrom::Start(range.start))
                .map_err(|e| StoreError::io("read", &path, e))?;
            let end = range.end.min(size_bytes);
            Ok(pieces(file, end - range.start, path))
        })
        .await
    }

    async fn head(&self, key: &Key) -> Result<Option<ObjectMeta>, StoreError> {
        let (key, path) = (key.clone(), self.path(key));
        self.blocking(move |_| match fs::metadata(&path) {
            Ok(meta) if meta.is_file() => Ok(Some(ObjectMeta {
                key,
                size_bytes: meta.len(),
            })),
            Ok(_) => Ok(None),
            Err(e) if is_missing(&e) => Ok(None),
            Err(e) => Err(StoreError::io("look at", path, e)),
        })
        .await
    }

    fn list(&self, prefix: &Key) -> BoxStream<'static, Result<ObjectMeta, StoreError>> {
        let (sender, receiver) = mpsc::channel(LISTED_AHEAD);
        let (root, prefix) = (self.path(prefix), prefix.clone());
        task::spawn_blocking(move || {
            // The reader may stop early: then nobody waits for the rest.
            let _ = walk(&root, &prefix, &mut |found| {
                sender.blocking_send(found).map_err(|_| Stopped)
            });
        });
        stream::unfold(receiver, |mut receiver| async {
            receiver.recv().await.map(|item| (item, receiver))
        })
        .boxed()
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        check_name(key)?;
        let target = self.path(key);
        self.blocking(move |folder| folder.remove(&target)).await
    }

    fn local_path(&self, key: &Key) -> Option<PathBuf> {
        Some(self.path(key))
    }

    async fn get_bytes(&self, key: &Key, max_bytes: u64) -> Result<Bytes, StoreError> {
        let (key, path) = (key.clone(), self.path(key));
        // In one turn of a blocking thread: every tile and inventory is read like this.
        self.blocking(move |_| {
            let (mut file, size_bytes) = open_object(&key, &path)?;
            let size = usize::try_from(size_bytes)
                .ok()
                .filter(|_| size_bytes <= max_bytes);
            let size = size.ok_or(StoreError::TooLarge { key, max_bytes })?;
            let mut bytes = vec![0; size];
            file.read_exact(&mut bytes)
                .map_err(|e| StoreError::io("read", &path, e))?;
            Ok(bytes.into())
        })
        .await
    }

    async fn digest(&self, key: &Key) -> Result<(Digest, u64), StoreError> {
        let (key, path) = (key.clone(), self.path(key));
        // The whole pass on one blocking thread: no piece changes threads.
        self.blocking(move |_| {
            let (file, _) = open_object(&key, &path)?;
            copy_file(file, &path, &path, &mut io::sink())
        })
        .await
    }

    async fn remove_leftovers(&self) -> Result<u64, StoreError> {
        self.blocking(DurableFolder::remove_leftovers).await
    }
}

/// Work on a blocking thread that did not come to its end: its panic goes on here; where the program is ending, it fails.
fn stopped(failed: JoinError) -> StoreError {
    match failed.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => StoreError::Io {
            action: "finish with",
            path: PathBuf::from("the store"),
            source: io::Error::new(ErrorKind::Interrupted, "the program is ending"),
        },
    }
}

/// Temporary files are not objects, and neither is the folder itself.
fn check_name(key: &Key) -> Result<(), StoreError> {
    check_not_root(key)?;
    if key.parts().next() == Some(INCOMING) {
        return Err(StoreError::InvalidKey {
            text: key.to_string(),
            reason: "temporary files lie there",
        });
    }
    Ok(())
}

fn put_immutable(
    folder: &DurableFolder,
    key: Key,
    target: &Path,
    source: Source,
    expected: Digest,
) -> Result<StoredObject, StoreError> {
    let stored = |size_bytes| StoredObject {
        key: key.clone(),
        digest: expected,
        size_bytes,
    };
    if target.is_file() {
        let (found, _) = copy_hashing(&source, target, &mut io::sink())?;
        check_digest(&key, expected, found)?;
        return confirm_stored(folder, &key, target, expected).map(stored);
    }
    let (written, size_bytes) = folder.write(target, Existing::Keep, |file| {
        let (found, size_bytes) = copy_hashing(&source, target, file)?;
        check_digest(&key, expected, found).map(|()| size_bytes)
    })?;
    match written {
        Written::Done => Ok(stored(size_bytes)),
        // Another writer was faster.
        Written::NameTaken => confirm_stored(folder, &key, target, expected).map(stored),
    }
}

/// A crash leaves the damaged file or the right one: it is renamed over the other once it is whole and synced.
fn restore(
    folder: &DurableFolder,
    key: &Key,
    target: &Path,
    source: Source,
    expected: Digest,
) -> Result<(), StoreError> {
    if target.is_file() {
        match confirm_stored(folder, key, target, expected) {
            Ok(_) => return Ok(()),
            // Other bytes, or a file that the disk no longer gives back.
            Err(StoreError::Conflict { .. } | StoreError::Io { .. }) => {}
            Err(other) => return Err(other),
        }
    }
    let written = folder.write(target, Existing::Replace, |file| {
        let (found, _) = copy_hashing(&source, target, file)?;
        check_digest(key, expected, found)
    });
    written.map(|_| ())
}

/// The size of what is stored already, once its bytes and its name are known to be right and durable.
fn confirm_stored(
    folder: &DurableFolder,
    key: &Key,
    target: &Path,
    expected: Digest,
) -> Result<u64, StoreError> {
    let (found, size_bytes) = copy_hashing(&Source::File(target.to_owned()), target, &mut io::sink())?;
    if found != expected {
        return Err(StoreError::Conflict {
            key: key.clone(),
            expected,
            found,
        });
    }
    folder.sync_name(target)?;
    Ok(size_bytes)
}

/// Copies in pieces; the digest is that of the bytes that went through.
fn copy_hashing(source: &Source, target: &Path, to: &mut dyn Write) -> Result<(Digest, u64), StoreError> {
    match source {
        Source::Bytes(bytes) => {
            to.write_all(bytes)
                .map_err(|e| StoreError::io("write", target, e))?;
            Ok((Digest::of(bytes), bytes.len() as u64))
        }
        Source::File(path) => {
            let file = File::open(path).map_err(|e| StoreError::io("read", path, e))?;
            copy_file(file, path, target, to)
        }
    }
}

fn copy_file(
    mut file: File,
    path: &Path,
    target: &Path,
    to: &mut dyn Write,
) -> Result<(Digest, u64), StoreError> {
    let mut hasher = Hasher::default();
    let mut size_bytes = 0;
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let read = match file.read(&mut piece) {
            Ok(0) => return Ok((hasher.finish(), size_bytes)),
            Ok(read) => read,
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            Err(e) => return Err(StoreError::io("read", path, e)),
        };
        hasher.update(&piece[..read]);
        to.write_all(&piece[..read])
            .map_err(|e| StoreError::io("write", target, e))?;
        size_bytes += read as u64;
    }
}

fn open_object(key: &Key, path: &Path) -> Result<(File, u64), StoreError> {
    let not_found = || StoreError::NotFound { key: key.clone() };
    let file = File::open(path).map_err(|e| match is_missing(&e) {
        true => not_found(),
        false => StoreError::io("open", path, e),
    })?;
    let meta = file.metadata().map_err(|e| StoreError::io("look at", path, e))?;
    if meta.is_file() {
        Ok((file, meta.len()))
    } else {
        Err(not_found())
    }
}

/// The next `left` bytes of a file, a piece at a time, read on a blocking thread as they are asked for.
fn pieces(file: File, left: u64, path: PathBuf) -> ByteStream {
    stream::try_unfold((file, left, path), |(mut file, left, path)| async move {
        let size = usize::try_from(left).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
        if size == 0 {
            return Ok(None);
        }
        let reading = task::spawn_blocking(move || {
            let mut piece = vec![0; size];
            // A file that became shorter under our hands ends in an error, not in silence.
            file.read_exact(&mut piece)
                .map_err(|e| StoreError::io("read", &path, e))?;
            Ok((Bytes::from(piece), (file, left - size as u64, path)))
        });
        match reading.await {
            Ok(read) => read.map(Some),
            Err(failed) => Err(stopped(failed)),
        }
    })
    .boxed()
}

/// The reader of a listing has gone.
struct Stopped;

type Found<'a> = dyn FnMut(Result<ObjectMeta, StoreError>) -> Result<(), Stopped> + 'a;

/// Tells of every file below a folder; what cannot be an object is told as an error, and the walk goes on.
fn walk(folder: &Path, prefix: &Key, found: &mut Found<'_>) -> Result<(), Stopped> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if is_missing(&e) => return Ok(()),
        Err(e) => return found(Err(StoreError::io("list", folder, e))),
    };
    for entry in entries {
        match entry {
            Ok(entry) if prefix.is_root() && entry.file_name() == INCOMING => {}
            Ok(entry) => visit(&entry, prefix, found)?,
            Err(e) => found(Err(StoreError::io("list", folder, e)))?,
        }
    }
    Ok(())
}

fn visit(entry: &fs::DirEntry, prefix: &Key, found: &mut Found<'_>) -> Result<(), Stopped> {
    let name = entry.file_name();
    let Some(name) = name.to_str() else {
        let not_text = io::Error::new(ErrorKind::InvalidData, "its name is not UTF-8");
        return found(Err(StoreError::io("list", entry.path(), not_text)));
    };
    let key = match prefix.child(name) {
        Ok(key) => key,
        Err(invalid) => return found(Err(invalid)),
    };
    match entry.metadata() {
        Ok(meta) if meta.is_dir() => walk(&entry.path(), &key, found),
        Ok(meta) if meta.is_file() => found(Ok(ObjectMeta {
            key,
            size_bytes: meta.len(),
        })),
        Ok(_) => {
            let strange = io::Error::new(ErrorKind::InvalidData, "it is neither a file nor a folder");
            found(Err(StoreError::io("list", entry.path(), strange)))
        }
        // Deleted while we looked.
        Err(e) if is_missing(&e) => Ok(()),
        Err(e) => found(Err(StoreError::io("list", entry.path(), e))),
    }
}
