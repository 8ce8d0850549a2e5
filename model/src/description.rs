//! The description of one dossier, as kept in its OCFL object (`description.json`).

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    BatchId, BoxRecordId, Digest, DossierId, FileId, FileState, Holding, InventoryEntry, PageApart,
    PageFigures, PageId, PageState,
};

/// The value of `format` in every description of this version.
pub const DESCRIPTION_FORMAT: &str = "hrisov-dossier/1";

/// What is said about a dossier and its parts (ISAD(G) level "file").
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DossierDescription {
    /// [`DESCRIPTION_FORMAT`].
    pub format: String,
    /// Permanent identifier.
    pub id: DossierId,
    /// Code of the fonds (*fond*).
    pub fonds: String,
    /// Name of the box (*cutie*).
    #[serde(rename = "box")]
    pub box_name: String,
    /// Reference within the box: the folder's or file's name.
    pub reference: String,
    /// Title (*conținutul pe scurt*); the reference where nobody gave one.
    pub title: String,
    /// What the paper inventory says of it; `None` where no row was found for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inventory: Option<InventoryEntry>,
    /// That its box is closed; `None` while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<BoxClosing>,
    /// Every file ever received for it that has bytes of its own or is a duplicate, in order of reception.
    pub files: Vec<FileRecord>,
    /// Pages in the order in which they are shown.
    pub pages: Vec<PageRecord>,
    /// Of a stack that was divided at separator sheets: its pages that are not shown here, and where they went.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub apart: Vec<PageApart>,
}

/// That the box of a dossier is complete and takes in nothing more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoxClosing {
    /// The record of it in the store's journal, which says what was accepted.
    pub record: BoxRecordId,
    /// When (UTC).
    pub at: Timestamp,
    /// Who closed it, where somebody gave a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// One received file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Permanent identifier.
    pub id: FileId,
    /// Path below the dossier's folder as received, `/`-separated; bytes that are not UTF-8, control
    /// characters and `%` are percent-encoded.
    pub source_path: String,
    /// OCFL logical path of the master; `None` for a duplicate.
    pub logical_path: Option<String>,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Its size.
    pub size_bytes: u64,
    /// Media type found by content, such as `image/tiff`; `None` where unknown or not yet looked at.
    pub media_type: Option<String>,
    /// How it ended.
    #[serde(flatten)]
    pub state: FileState,
    /// When it was received (UTC).
    pub received_at: Timestamp,
    /// The batch that brought it.
    pub batch: BatchId,
    /// The later file that took its place at the same source path, where there is one.
    pub replaced_by: Option<FileId>,
    /// The page that was scanned again into it: its own page is shown in that place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rescan_of: Option<PagePlace>,
    /// The stack that keeps its bytes; `None` where this dossier's object has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_in: Option<Holding>,
}

/// Which page of which file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PagePlace {
    /// The file.
    pub file: FileId,
    /// Which of its pages, from 0.
    pub index: u32,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageRecord {
    /// Permanent identifier.
    pub id: PageId,
    /// The file whose picture it is.
    pub file: FileId,
    /// Which page of that file, from 0.
    pub index: u32,
    /// Width of the page raster in pixels after its orientation tag; 0 where it could not be decoded.
    pub width_px: u32,
    /// Height of the page raster in pixels.
    pub height_px: u32,
    /// Plausible resolution in dots per inch; `None` where metadata gave none that can be believed.
    pub dpi: Option<u32>,
    /// How its reading ended.
    #[serde(flatten)]
    pub state: PageState,
    /// OCFL logical path of its ALTO file; `None` unless recognised.
    pub text_path: Option<String>,
    /// SHA-256 of its ALTO file.
    pub text_digest: Option<Digest>,
    /// Words recognised.
    pub words: u32,
    /// Mean confidence of the words in percent, 0 to 100; `None` without words.
    pub confidence_percent: Option<u8>,
    /// What is known of it beside its text; `None` where it was not read, or by a program that kept no figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figures: Option<PageFigures>,
}

impl FileRecord {
    /// Where its bytes lie: the OCFL logical path in the object of this dossier, or of the stack that it was part of;
    /// `None` for a duplicate.
    #[must_use]
    pub fn kept_at(&self) -> Option<&str> {
        let held = self.held_in.as_ref().map(|holding| holding.path.as_str());
        held.or(self.logical_path.as_deref())
    }
}

impl DossierDescription {
    /// Takes over what the paper inventory says; its title becomes the dossier's.
    pub fn describe(&mut self, entry: &InventoryEntry) {
        self.title = entry.title.clone().unwrap_or_else(|| self.reference.clone());
        self.inventory = Some(entry.clone());
    }

    /// Whether it is only a stack whose pages all went to other dossiers: nothing of it is shown.
    #[must_use]
    pub fn is_emptied_stack(&self) -> bool {
        self.pages.is_empty() && !self.apart.is_empty()
    }

    /// The page with that number, counted from 1 as people do.
    #[must_use]
    pub fn page_number(&self, number: u32) -> Option<&PageRecord> {
        self.pages.get(usize::try_from(number.checked_sub(1)?).ok()?)
    }

    /// Tells where a page stood in what was received first: its own place, or that of the page which it was scanned
    /// again for.
    pub fn first_places(&self) -> impl Fn(&PageRecord) -> PagePlace + use<'_> {
        let files = self.files_by_id();
        move |page| {
            let mut place = PagePlace {
                file: page.file,
                index: page.index,
            };
            // Each step leads to an earlier file.
            for _ in 0..files.len() {
                match files.get(&place.file).and_then(|file| file.rescan_of) {
                    Some(earlier) => place = earlier,
                    None => break,
                }
            }
            place
        }
    }

    /// The file with that identifier.
    #[must_use]
    pub fn file(&self, id: FileId) -> Option<&FileRecord> {
        self.files.iter().find(|file| file.id == id)
    }

    /// Every file by its identifier: for whoever asks for more than a few.
    #[must_use]
    pub fn files_by_id(&self) -> HashMap<FileId, &FileRecord> {
        self.files.iter().map(|file| (file.id, file)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_without_what_came_later_reads_and_writes_as_before() {
        let id = DossierId::random();
        let json = format!(
            r#"{{"format":"{DESCRIPTION_FORMAT}","id":"{id}","fonds":"F1","box":"4","reference":"17","title":"17","files":[],"pages":[]}}"#
        );
        let mut description: DossierDescription = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_string(&description).unwrap(), json);
        for (title, shown) in [(Some("Anchete"), "Anchete"), (None, "17")] {
            description.describe(&InventoryEntry {
                title: title.map(str::to_owned),
                leaves: Some(12),
                ..InventoryEntry::default()
            });
            assert_eq!(description.title, shown);
            let json = serde_json::to_string(&description).unwrap();
            assert_eq!(
                serde_json::from_str::<DossierDescription>(&json).unwrap(),
                description
            );
        }
    }
}
