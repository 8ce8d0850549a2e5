//! Survey: what lies in a box. Nothing is opened, only listed.
//!
//! A sub-folder is a dossier with everything below it; a single file in the box is a dossier too.

use std::{
    collections::HashSet,
    ffi::{OsStr, OsString},
    fs, io,
    os::unix::{ffi::OsStrExt as _, fs::MetadataExt as _},
    path::{Path, PathBuf},
};

use hrisov_model::{FileState, IgnoreRule, QuarantineReason};

use crate::{IngestError, names};

/// Names that operating systems leave behind, in lower case.
const SYSTEM_FILES: [&str; 6] = [
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    ".ds_store",
    "folder.jpg.lnk",
    ".directory",
];
/// Endings of files that another program is still writing, in lower case.
const TEMPORARY_ENDINGS: [&str; 5] = [".part", ".partial", ".crdownload", ".tmp", ".filepart"];
/// Names of the box's inventory, in lower case.
const INVENTORY_NAMES: [&str; 4] = ["inventar.csv", "inventar.xlsx", "inventory.csv", "inventory.xlsx"];
/// Folders within folders that are followed; deeper ones are not scans but a mistake.
const DEPTH_MAX: usize = 32;

/// What one entry of a box turned out to be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BoxEntry {
    /// The dossier, where there is a file in it that is taken in.
    pub dossier: Option<SurveyedDossier>,
    /// Files that are not taken in, with the state that says why.
    pub others: Vec<OtherFile>,
}

impl BoxEntry {
    /// Files found, whatever becomes of them.
    #[must_use]
    pub fn files(&self) -> u64 {
        let taken = self.dossier.as_ref().map_or(0, |dossier| dossier.files.len());
        (taken + self.others.len()) as u64
    }
}

/// A dossier as found on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyedDossier {
    /// The folder's or file's name, percent-encoded where it is not UTF-8.
    pub reference: String,
    /// Its files in natural order.
    pub files: Vec<SourceFile>,
}

/// One file to be received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Where it lies.
    pub path: PathBuf,
    /// Path below the box, encoded.
    pub box_path: String,
    /// Path below the dossier's folder, encoded; the name alone for a dossier of one file.
    pub source_path: String,
    /// Whether its name below the box is UTF-8.
    pub name: NameEncoding,
}

/// Whether a name can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameEncoding {
    /// It can.
    Utf8,
    /// It holds bytes that are no UTF-8.
    Other,
}

/// A file that never becomes part of a dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherFile {
    /// Path below the box, encoded.
    pub box_path: String,
    /// Ignored or quarantined, and why.
    pub state: FileState,
}

/// The survey of a box: its entries in natural order of their names, each looked at only when asked for, so
/// that work begins at once and a box of any size takes the memory of its largest dossier.
#[derive(Debug)]
pub struct Survey {
    names: std::vec::IntoIter<OsString>,
    walk: Walk,
}

impl Survey {
    /// Lists the names in the box. A file named `marker` in it says that it is complete, and is no scan.
    ///
    /// # Errors
    /// [`IngestError::NoBox`] where the folder cannot be listed. What cannot be read below it is reported
    /// in the entries.
    pub fn open(box_path: &Path, marker: Option<&str>) -> Result<Self, IngestError> {
        let unreadable = |source| IngestError::NoBox {
            path: box_path.to_owned(),
            source,
        };
        let real_root = box_path.canonicalize().map_err(unreadable)?;
        let identity = folder_identity(&real_root).map_err(unreadable)?;
        let listed = fs::read_dir(box_path).map_err(unreadable)?;
        // A box that can be listed only in part would look like one that has lost files.
        let names = listed.map(|entry| entry.map(|entry| entry.file_name()));
        let mut names = names.collect::<io::Result<Vec<_>>>().map_err(unreadable)?;
        names.sort_by(|a, b| {
            let encoded = |name: &OsString| names::encode_name(name.as_bytes());
            names::natural_order(&encoded(a), &encoded(b))
        });
        Ok(Self {
            names: names.into_iter(),
            walk: Walk {
                root: box_path.to_owned(),
                marker: marker.map(OsString::from),
                real_root,
                visited: HashSet::from([identity]),
                files: Vec::new(),
                others: Vec::new(),
            },
        })
    }
}

impl Iterator for Survey {
    type Item = BoxEntry;

    /// The next entry in which a file was found.
    fn next(&mut self) -> Option<BoxEntry> {
        loop {
            let name = self.names.next()?;
            let entry = self.walk.entry(&name);
            if entry.files() > 0 {
                return Some(entry);
            }
        }
    }
}

/// What tells a folder from every other, by whatever path it is reached: its device and its number there.
type FolderIdentity = (u64, u64);

fn folder_identity(path: &Path) -> io::Result<FolderIdentity> {
    fs::metadata(path).map(|found| (found.dev(), found.ino()))
}

#[derive(Debug)]
struct Walk {
    root: PathBuf,
    marker: Option<OsString>,
    real_root: PathBuf,
    visited: HashSet<FolderIdentity>,
    /// Of the entry at hand.
    files: Vec<SourceFile>,
    others: Vec<OtherFile>,
}

impl Walk {
    fn entry(&mut self, name: &OsStr) -> BoxEntry {
        self.visit(&self.root.join(name), 1);
        let mut files = std::mem::take(&mut self.files);
        let mut others = std::mem::take(&mut self.others);
        files.sort_by(|a, b| names::natural_order(&a.source_path, &b.source_path));
        others.sort_by(|a, b| names::natural_order(&a.box_path, &b.box_path));
        let dossier = (!files.is_empty()).then(|| SurveyedDossier {
            reference: names::encode_name(name.as_bytes()),
            files,
        });
        BoxEntry { dossier, others }
    }

    fn visit(&mut self, path: &Path, depth: usize) {
        match fs::metadata(path) {
            Err(error) => self.not_readable(path, &error),
            Ok(_) if self.leads_out(path) => self.other(
                path,
                FileState::Quarantined {
                    reason: QuarantineReason::NotReadable,
                    detail: "a link that leads out of the box: copy what it points to into the box"
                        .to_owned(),
                },
            ),
            Ok(found) if found.is_dir() => self.visit_folder(path, depth),
            Ok(found) if !found.is_file() => self.other(
                path,
                FileState::Quarantined {
                    reason: QuarantineReason::NotReadable,
                    detail: "not a file but a device, pipe or socket".to_owned(),
                },
            ),
            Ok(_) if depth == 1 && path.file_name() == self.marker.as_deref() => {
                let rule = IgnoreRule::Marker;
                self.other(path, FileState::Ignored { rule });
            }
            Ok(_) => match ignored_by(path, depth) {
                Some(rule) => self.other(path, FileState::Ignored { rule }),
                None => self.receive(path),
            },
        }
    }

    /// Whether it is a symbolic link to something outside the box: a box is what lies in it, and a link in scans
    /// that came from elsewhere must not draw in this machine's own files.
    fn leads_out(&self, path: &Path) -> bool {
        let is_link = fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
        is_link
            && !path
                .canonicalize()
                .is_ok_and(|real| real.starts_with(&self.real_root))
    }

    fn visit_folder(&mut self, path: &Path, depth: usize) {
        if is_hidden(path) {
            return self.other(
                path,
                FileState::Ignored {
                    rule: IgnoreRule::HiddenOrTemporary,
                },
            );
        }
        let listed =
            folder_identity(path).and_then(|folder| match self.visited.insert(folder) && depth < DEPTH_MAX {
                true => fs::read_dir(path),
                false => Err(io::Error::other(
                    "the folder was visited before, or lies too deep",
                )),
            });
        match listed {
            Err(error) => self.not_readable(path, &error),
            Ok(entries) => {
                for entry in entries {
                    match entry {
                        Ok(entry) => self.visit(&entry.path(), depth + 1),
                        Err(error) => self.not_readable(path, &error),
                    }
                }
            }
        }
    }

    fn receive(&mut self, path: &Path) {
        let below = path.strip_prefix(&self.root).unwrap_or(path);
        let mut parts = below.components();
        parts.next();
        let within = parts.as_path();
        let within = if within.as_os_str().is_empty() {
            below
        } else {
            within
        };
        let file = SourceFile {
            path: path.to_owned(),
            box_path: names::encode_path(below),
            source_path: names::encode_path(within),
            name: if below.to_str().is_some() {
                NameEncoding::Utf8
            } else {
                NameEncoding::Other
            },
        };
        self.files.push(file);
    }

    fn not_readable(&mut self, path: &Path, error: &io::Error) {
        let state = FileState::Quarantined {
            reason: QuarantineReason::NotReadable,
            detail: format!("cannot be read from the disk: {}", error.kind()),
        };
        self.other(path, state);
    }

    fn other(&mut self, path: &Path, state: FileState) {
        let below = path.strip_prefix(&self.root).unwrap_or(path);
        self.others.push(OtherFile {
            box_path: names::encode_path(below),
            state,
        });
    }
}

/// The rule by which a file is left out, if one says so.
fn ignored_by(path: &Path, depth: usize) -> Option<IgnoreRule> {
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    if SYSTEM_FILES.contains(&name.as_str()) {
        return Some(IgnoreRule::SystemFile);
    }
    if depth == 1 && INVENTORY_NAMES.contains(&name.as_str()) {
        return Some(IgnoreRule::Inventory);
    }
    let temporary = name.starts_with("~$") || TEMPORARY_ENDINGS.iter().any(|ending| name.ends_with(ending));
    (is_hidden(path) || temporary).then_some(IgnoreRule::HiddenOrTemporary)
}

fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.as_bytes().starts_with(b"."))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn box_with(files: &[&[u8]]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in files {
            let path = folder.path().join(OsStr::from_bytes(name));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"x").unwrap();
        }
        folder
    }

    /// Dossiers and files left out, over all entries.
    fn surveyed(folder: &Path) -> (Vec<SurveyedDossier>, Vec<OtherFile>) {
        let (mut dossiers, mut others) = (Vec::new(), Vec::new());
        for entry in Survey::open(folder, Some("gata")).unwrap() {
            dossiers.extend(entry.dossier);
            others.extend(entry.others);
        }
        (dossiers, others)
    }

    #[test]
    fn folders_and_single_files_are_dossiers_in_natural_order() {
        let folder = box_with(&[
            b"10/1.tif",
            b"2/b/3.tif",
            b"2/b/12.tif",
            b"cerere.pdf",
            b"gata",
            b"2/gata",
            b"Thumbs.db",
            b"2/.ascuns",
            b"inventar.csv",
            b"2/inventar.csv",
            b"2/scan.tif.part",
            b"2/Pe\xbatera.tif",
        ]);
        let (dossiers, others) = surveyed(folder.path());
        let listed: Vec<_> = dossiers
            .iter()
            .map(|d| {
                (
                    d.reference.as_str(),
                    d.files.iter().map(|f| f.source_path.as_str()).collect::<Vec<_>>(),
                )
            })
            .collect();
        assert_eq!(
            listed,
            [
                (
                    "2",
                    vec!["b/3.tif", "b/12.tif", "gata", "inventar.csv", "Pe%BAtera.tif"]
                ),
                ("10", vec!["1.tif"]),
                ("cerere.pdf", vec!["cerere.pdf"]),
            ]
        );
        assert_eq!(dossiers[0].files[4].name, NameEncoding::Other);
        let others: Vec<_> = others
            .iter()
            .map(|o| (o.box_path.as_str(), o.state.clone()))
            .collect();
        let ignored = |rule| FileState::Ignored { rule };
        assert_eq!(
            others,
            [
                ("2/.ascuns", ignored(IgnoreRule::HiddenOrTemporary)),
                ("2/scan.tif.part", ignored(IgnoreRule::HiddenOrTemporary)),
                ("gata", ignored(IgnoreRule::Marker)),
                ("inventar.csv", ignored(IgnoreRule::Inventory)),
                ("Thumbs.db", ignored(IgnoreRule::SystemFile)),
            ]
        );
    }

    #[test]
    fn loops_and_dangling_links_are_reported_and_end() {
        let folder = box_with(&[b"1/a.tif"]);
        symlink(folder.path(), folder.path().join("1/bucla")).unwrap();
        symlink("nicaieri", folder.path().join("1/lipsa.tif")).unwrap();
        let (dossiers, others) = surveyed(folder.path());
        assert_eq!(dossiers.len(), 1);
        assert_eq!(others.len(), 2);
        assert!(others.iter().all(|other| other.state.name() == "quarantined"));
    }

    #[test]
    fn links_are_followed_within_the_box_alone() {
        let elsewhere = box_with(&[b"secret.tif", b"dosar/1.tif"]);
        let folder = box_with(&[b"1/a.tif"]);
        symlink(elsewhere.path().join("secret.tif"), folder.path().join("1/b.tif")).unwrap();
        symlink(elsewhere.path().join("dosar"), folder.path().join("2")).unwrap();
        symlink("a.tif", folder.path().join("1/c.tif")).unwrap();
        let (dossiers, others) = surveyed(folder.path());
        let files = dossiers.iter().flat_map(|dossier| &dossier.files);
        let paths: Vec<_> = files.map(|file| file.box_path.as_str()).collect();
        assert_eq!(paths, ["1/a.tif", "1/c.tif"]);
        let others: Vec<_> = others.iter().map(|other| other.box_path.as_str()).collect();
        assert_eq!(others, ["1/b.tif", "2"]);
    }

    #[test]
    fn a_box_that_is_not_there_is_an_error() {
        assert!(matches!(
            Survey::open(Path::new("/nicaieri/cutie"), None),
            Err(IngestError::NoBox { .. })
        ));
    }
}
