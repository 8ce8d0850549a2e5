//! What is put into the index: a dossier's description, and each page's text, apart from each other.

use hrisov_model::{Digest, DossierId, PageId, PageText};
use serde::{Deserialize, Serialize};

/// The searchable description of one dossier. Its pages are separate entries: a new title leaves them alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DossierEntry {
    /// The dossier.
    pub id: DossierId,
    /// Code of the fonds.
    pub fonds: String,
    /// Name of the box.
    pub box_name: String,
    /// Reference within the box, found as typed.
    pub reference: String,
    /// Title.
    pub title: String,
    /// Pages of the dossier, read or not.
    pub page_count: u32,
    /// How many of them could not be read, so that a result can say so.
    pub unreadable_pages: u32,
    /// What an inventory says of it that results can be narrowed by.
    pub facets: DossierFacets,
}

/// What a dossier is narrowed by beside fonds and box; nothing of it need be known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DossierFacets {
    /// Department that it comes from; its words are found as well.
    pub department: Option<String>,
    /// Kind of document; where there is none, headings of its pages say.
    pub kind: Option<String>,
    /// First and last year (*date extreme*); where there are none, reference and title or else the dates on
    /// its pages say.
    pub years: Option<(u16, u16)>,
}

/// The searchable text of one recognised page.
#[derive(Debug, Clone, Copy)]
pub struct PageEntry<'a> {
    /// The page.
    pub id: PageId,
    /// The dossier that holds it.
    pub dossier: DossierId,
    /// Its number in the dossier, from 1.
    pub number: u32,
    /// SHA-256 of the ALTO file that the text came from.
    pub revision: Digest,
    /// What was read; boxes in pixels of the page raster.
    pub text: &'a PageText,
}
