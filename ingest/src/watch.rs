//! Watching a folder into which scanners drop boxes: which of them can be taken now.
//!
//! Every sub-folder is a box. A box is taken when its marker is there, or, where no marker is used, when nothing in it
//! changed for a while. Whether something changed is told by comparing what the folder shows now with what it showed
//! before, and for how long by this machine's own steady clock: the times on a network share are compared with each
//! other and with nothing else, since another machine's clock made them.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs, io,
    os::unix::{ffi::OsStrExt as _, fs::MetadataExt as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use hrisov_model::{Digest, Hasher};

use crate::{IngestError, names::encode_name};

/// Folders within folders that are looked into, as in a survey.
const DEPTH_MAX: usize = 32;

/// What tells that a box is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completion {
    /// A file of that name directly in the box, written last.
    Marker(String),
    /// Nothing in the box changed for so long.
    Quiet(Duration),
}

/// What a box looked like: names, sizes and times of everything in it. Another one means that something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoxLook(Digest);

/// A box that can be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadyBox {
    /// Its folder.
    pub path: PathBuf,
    /// Its look, to be given back with [`Watch::took`].
    pub look: BoxLook,
}

/// A watched folder.
#[derive(Debug)]
pub struct Watch {
    folder: PathBuf,
    completion: Completion,
    boxes: BTreeMap<OsString, Watched>,
    /// What each box looked like when it was taken; names encoded.
    taken: BTreeMap<String, Digest>,
}

/// A box as it was seen last.
#[derive(Debug, Clone, Copy)]
struct Watched {
    look: BoxLook,
    since: Instant,
}

impl Watch {
    /// Watches a folder; `taken` is what an earlier watch of it had taken.
    #[must_use]
    pub fn new(folder: PathBuf, completion: Completion, taken: BTreeMap<String, Digest>) -> Self {
        Self {
            folder,
            completion,
            boxes: BTreeMap::new(),
            taken,
        }
    }

    /// Looks at the folder once: the boxes that can be taken, in the order of their names.
    ///
    /// # Errors
    /// [`IngestError::NoBox`] where the folder cannot be listed. A box that cannot be listed is not ready.
    pub fn look(&mut self, now: Instant) -> Result<Vec<ReadyBox>, IngestError> {
        let seen = self.boxes_now().map_err(|source| IngestError::NoBox {
            path: self.folder.clone(),
            source,
        })?;
        self.boxes.retain(|name, _| seen.contains_key(name));
        let mut ready = Vec::new();
        for (name, look) in seen {
            let before = self.boxes.get(&name).filter(|before| before.look == look);
            let since = before.map_or(now, |before| before.since);
            let is_settled = before.is_some();
            self.boxes.insert(name.clone(), Watched { look, since });
            let path = self.folder.join(&name);
            let is_complete = match &self.completion {
                // What changes under a marker that is there already is a correction: taken once it stands still.
                Completion::Marker(marker) => {
                    path.join(marker).is_file() && (is_settled || !self.was_taken(&name))
                }
                Completion::Quiet(quiet) => is_settled && now.duration_since(since) >= *quiet,
            };
            if is_complete && self.taken.get(&key(&name)) != Some(&look.0) {
                ready.push(ReadyBox { path, look });
            }
        }
        Ok(ready)
    }

    /// A box was loaded as it looked then.
    pub fn took(&mut self, ready: &ReadyBox) {
        if let Some(name) = ready.path.file_name() {
            self.taken.insert(key(name), ready.look.0);
        }
    }

    /// What each box looked like when it was taken, for a later watch.
    #[must_use]
    pub const fn taken(&self) -> &BTreeMap<String, Digest> {
        &self.taken
    }

    /// Boxes that were seen and wait: for their marker, or for the end of a change.
    #[must_use]
    pub fn waiting(&self) -> Vec<PathBuf> {
        let open = self.boxes.iter();
        let open = open.filter(|(name, seen)| self.taken.get(&key(name)) != Some(&seen.look.0));
        open.map(|(name, _)| self.folder.join(name)).collect()
    }

    fn was_taken(&self, name: &OsString) -> bool {
        self.taken.contains_key(&key(name))
    }

    /// Every box with something in it and how it looks.
    fn boxes_now(&self) -> io::Result<BTreeMap<OsString, BoxLook>> {
        let mut boxes = BTreeMap::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let is_hidden = entry.file_name().as_bytes().starts_with(b".");
            if is_hidden || !entry.path().is_dir() {
                continue;
            }
            // A box that vanishes or cannot be listed now may be ready at the next look.
            if let Ok(Some(look)) = box_look(&entry.path()) {
                boxes.insert(entry.file_name(), look);
            }
        }
        Ok(boxes)
    }
}

fn key(name: &std::ffi::OsStr) -> String {
    encode_name(name.as_bytes())
}

/// `None` for a box without any file.
fn box_look(path: &Path) -> io::Result<Option<BoxLook>> {
    let mut seen = Vec::new();
    collect(path, &mut seen, 0)?;
    if seen.is_empty() {
        return Ok(None);
    }
    seen.sort_unstable();
    let mut hasher = Hasher::default();
    for (name, size_bytes, seconds, nanoseconds) in seen {
        hasher.update(name.as_bytes());
        // A name holds no zero byte: what follows it is told apart.
        hasher.update(&[0]);
        for number in [size_bytes.cast_signed(), seconds, nanoseconds] {
            hasher.update(&number.to_le_bytes());
        }
    }
    Ok(Some(BoxLook(hasher.finish())))
}

/// Path, size and time of each file below a folder; links are named and not followed.
fn collect(folder: &Path, seen: &mut Vec<(OsString, u64, i64, i64)>, depth: usize) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let found = entry.metadata()?;
        if found.is_dir() && depth < DEPTH_MAX {
            collect(&entry.path(), seen, depth + 1)?;
        } else {
            let path = entry.path().into_os_string();
            seen.push((path, found.len(), found.mtime(), found.mtime_nsec()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Share {
        folder: tempfile::TempDir,
        began: Instant,
        watch: Watch,
    }

    impl Share {
        fn new(completion: Completion) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let watch = Watch::new(folder.path().to_owned(), completion, BTreeMap::new());
            Self {
                folder,
                began: Instant::now(),
                watch,
            }
        }

        fn write(&self, name: &str, bytes: &str) {
            let path = self.folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }

        /// Names of the boxes that are ready `second` after the beginning; they are taken at once.
        fn taken_at(&mut self, second: u64) -> Vec<String> {
            let now = self.began + Duration::from_secs(second);
            let ready = self.watch.look(now).unwrap();
            ready.iter().for_each(|ready| self.watch.took(ready));
            let name = |ready: &ReadyBox| ready.path.file_name().unwrap().to_str().unwrap().to_owned();
            ready.iter().map(name).collect()
        }
    }

    #[test]
    fn a_box_is_taken_when_nothing_in_it_changed_for_a_while() {
        let mut share = Share::new(Completion::Quiet(Duration::from_secs(60)));
        assert!(share.taken_at(0).is_empty());
        share.write("cutia-1/1/a.tif", "half");
        share.write("cutia-2/1/a.tif", "whole");
        assert!(share.taken_at(10).is_empty(), "only just seen");
        share.write("cutia-1/1/a.tif", "half, and the rest");
        assert!(
            share.taken_at(65).is_empty(),
            "one changed, the other is quiet for 55 s"
        );
        assert_eq!(share.taken_at(70), ["cutia-2"]);
        assert!(share.taken_at(124).is_empty());
        assert_eq!(share.taken_at(125), ["cutia-1"]);
        assert!(share.taken_at(1_000).is_empty(), "nothing new");
        share.write("cutia-2/1/b.tif", "one more page");
        assert!(share.taken_at(2_000).is_empty());
        assert_eq!(share.watch.waiting(), [share.folder.path().join("cutia-2")]);
        assert_eq!(share.taken_at(2_060), ["cutia-2"]);
    }

    #[test]
    fn with_a_marker_a_box_is_taken_as_soon_as_it_is_there_and_not_before() {
        let mut share = Share::new(Completion::Marker("gata".to_owned()));
        share.write("cutia-1/1/a.tif", "half");
        assert!(share.taken_at(0).is_empty());
        assert!(share.taken_at(100_000).is_empty());
        share.write("cutia-1/gata", "");
        assert_eq!(share.taken_at(100_001), ["cutia-1"]);
        share.write("cutia-1/1/a.tif", "corrected");
        assert!(share.taken_at(100_002).is_empty(), "it may still be written");
        assert_eq!(share.taken_at(100_003), ["cutia-1"]);
        assert!(share.taken_at(100_004).is_empty());
    }

    #[test]
    fn times_of_the_share_are_only_compared_with_each_other() {
        let mut share = Share::new(Completion::Quiet(Duration::from_secs(60)));
        share.write("cutia-1/a.tif", "from a machine whose clock is years ahead");
        let file = fs::File::open(share.folder.path().join("cutia-1/a.tif")).unwrap();
        let ahead = std::time::SystemTime::now() + Duration::from_secs(400_000_000);
        file.set_modified(ahead).unwrap();
        assert!(share.taken_at(0).is_empty());
        assert_eq!(share.taken_at(60), ["cutia-1"]);
        // The same size with another time is a change, wherever the clock jumped to.
        file.set_modified(std::time::UNIX_EPOCH).unwrap();
        assert!(share.taken_at(61).is_empty());
        assert_eq!(share.taken_at(121), ["cutia-1"]);
    }

    #[test]
    fn a_later_watch_knows_what_was_taken() {
        let mut share = Share::new(Completion::Quiet(Duration::ZERO));
        share.write("cutia-1/a.tif", "x");
        share.write(".ascuns/a.tif", "x");
        share.write("singur.tif", "not in a box");
        fs::create_dir(share.folder.path().join("goala")).unwrap();
        share.taken_at(0);
        assert_eq!(share.taken_at(1), ["cutia-1"]);
        let taken = share.watch.taken().clone();
        share.watch = Watch::new(
            share.folder.path().to_owned(),
            Completion::Quiet(Duration::ZERO),
            taken,
        );
        share.taken_at(2);
        assert!(share.taken_at(3).is_empty());
        assert!(share.watch.waiting().is_empty());
    }
}
