//! The masters that a dossier shows now, found by path and by bytes while files are added to it, so that a folder
//! of 100,000 files takes a hundred times as long as one of 1,000.

use std::collections::{HashMap, HashSet};

use hrisov_model::{Digest, FileRecord, FileState, QuarantineReason};

use crate::names;

/// Where among the description's files each shown one stands.
#[derive(Debug, Default)]
pub struct ShownMasters {
    by_path: HashMap<String, usize>,
    /// The first of those that hold the same bytes.
    by_digest: HashMap<Digest, usize>,
    paths: LogicalPaths,
}

impl ShownMasters {
    /// Those of a description's files.
    pub fn of(files: &[FileRecord]) -> Self {
        let rescans = files.iter().filter(|file| file.rescan_of.is_some());
        let rescans: HashSet<_> = rescans.map(|file| file.id).collect();
        let mut shown = Self::default();
        for (at, file) in files.iter().enumerate() {
            match file.replaced_by {
                // Received elsewhere: neither its path nor its bytes are of this dossier's folder.
                _ if file.held_in.is_some() => {}
                None => shown.add(at, file),
                // One whose pages were all scanned again still stands for its path: the box itself did not change.
                Some(by) if rescans.contains(&by) => shown.add_path(at, file),
                Some(_) => {}
            }
        }
        shown
    }

    /// Takes in the shown file that stands at `at`: from now on it is the one at its path.
    pub fn add(&mut self, at: usize, file: &FileRecord) {
        self.add_path(at, file);
        if let Some(path) = &file.logical_path {
            self.paths.add(path);
        }
        if is_original(file) {
            self.by_digest.entry(file.digest).or_insert(at);
        }
    }

    /// What a rescan is called is no path of the box.
    fn add_path(&mut self, at: usize, file: &FileRecord) {
        if file.rescan_of.is_none() {
            self.by_path.insert(file.source_path.clone(), at);
        }
    }

    /// The file at `at` is shown no more; its logical path stays taken.
    pub fn forget(&mut self, at: usize, file: &FileRecord) {
        if self.original(file.digest) == Some(at) {
            self.by_digest.remove(&file.digest);
        }
    }

    /// The file at a source path.
    pub fn at_path(&self, source_path: &str) -> Option<usize> {
        self.by_path.get(source_path).copied()
    }

    /// The file that others of these bytes are duplicates of.
    pub fn original(&self, digest: Digest) -> Option<usize> {
        self.by_digest.get(&digest).copied()
    }

    /// A logical path for a master that contradicts none of those in use: a part that is a folder here and a file there
    /// gets a number.
    pub fn free_path(&self, source_path: &str) -> String {
        let wanted = names::master_path(source_path);
        let (folders, name) = wanted.rsplit_once('/').unwrap_or(("", &wanted));
        let mut path = String::new();
        for folder in folders.split('/').filter(|folder| !folder.is_empty()) {
            path = numbered(&path, folder, |path| !self.paths.files.contains(path)) + "/";
        }
        numbered(&path, name, |path| !self.paths.folders.contains(path))
    }
}

/// The first of `name`, `name~2`, `name~3` and so on that fits behind `before`.
fn numbered(before: &str, name: &str, fits: impl Fn(&str) -> bool) -> String {
    let followers = (2..).map(|n| format!("{before}{name}~{n}"));
    std::iter::once(format!("{before}{name}"))
        .chain(followers)
        .find(|path| fits(path))
        .expect("the followers never end")
}

/// Whether the bytes are kept under this file's own name and the name can be shown.
fn is_original(file: &FileRecord) -> bool {
    let hidden_by_name = matches!(
        file.state,
        FileState::Quarantined {
            reason: QuarantineReason::NameNotUtf8,
            ..
        }
    );
    file.logical_path.is_some() && !hidden_by_name
}

/// Logical paths in use, and the folders that they imply.
#[derive(Debug, Default)]
struct LogicalPaths {
    files: HashSet<String>,
    folders: HashSet<String>,
}

impl LogicalPaths {
    fn add(&mut self, path: &str) {
        for folder in folders(path) {
            if !self.folders.contains(folder) {
                self.folders.insert(folder.to_owned());
            }
        }
        self.files.insert(path.to_owned());
    }
}

/// Every folder that a path lies in.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

#[cfg(test)]
mod tests {
    use hrisov_model::{BatchId, FileId};

    use super::*;

    fn file(source_path: &str, logical_path: Option<&str>, bytes: &str, state: FileState) -> FileRecord {
        FileRecord {
            id: FileId::random(),
            source_path: source_path.to_owned(),
            logical_path: logical_path.map(str::to_owned),
            digest: Digest::of(bytes.as_bytes()),
            size_bytes: 1,
            media_type: None,
            state,
            received_at: jiff::Timestamp::UNIX_EPOCH,
            batch: BatchId::random(),
            replaced_by: None,
            rescan_of: None,
            held_in: None,
        }
    }

    #[test]
    fn a_file_where_another_path_has_a_folder_gets_another_name() {
        let stored = |source: &str| {
            file(
                source,
                Some(&names::master_path(source)),
                source,
                FileState::Stored,
            )
        };
        let shown = ShownMasters::of(&[stored("a/1.tif"), stored("b"), stored("c~2/x"), stored("c/x")]);
        for (wanted, given) in [
            ("a", "masters/a~2"),
            ("a/2.tif", "masters/a/2.tif"),
            ("a/1.tif", "masters/a/1.tif"),
            ("b/1.tif", "masters/b~2/1.tif"),
            ("c", "masters/c~3"),
        ] {
            assert_eq!(shown.free_path(wanted), given);
        }
    }

    #[test]
    fn the_first_of_equal_bytes_is_the_original_unless_it_cannot_be_shown() {
        let nameless = FileState::Quarantined {
            reason: QuarantineReason::NameNotUtf8,
            detail: String::new(),
        };
        let mut replaced = file("0", Some("masters/0"), "same", FileState::Stored);
        replaced.replaced_by = Some(FileId::random());
        let files = [
            replaced,
            file("%FF", Some("masters/%FF"), "same", nameless),
            file("2", Some("masters/2"), "same", FileState::Stored),
            file("3", None, "same", FileState::Stored),
            file("4", Some("masters/4"), "same", FileState::Stored),
        ];
        let shown = ShownMasters::of(&files);
        assert_eq!(shown.original(files[0].digest), Some(2));
        assert_eq!(shown.at_path("0"), None);
        assert_eq!(shown.at_path("3"), Some(3));
        assert_eq!(shown.original(Digest::of(b"other")), None);
    }
}
