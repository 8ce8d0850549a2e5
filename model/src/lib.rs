//! The shared vocabulary of the archive: identifiers, digests, descriptions, page text.
//!
//! Names are those of ISAD(G), PREMIS, OCFL and ALTO. This crate does no I/O and knows no async:
//! every other crate speaks in these types.

pub mod alto;
mod condition;
mod counting;
mod description;
mod digest;
mod doubt;
mod doubted;
mod event;
mod foreign;
mod geometry;
mod id;
mod inventory;
mod languages;
pub mod letters;
mod likeness;
mod page_text;
mod person;
pub mod premis;
mod separator;
mod sheet;
mod sketch;
mod state;
mod thresholds;
mod xml;

pub use condition::{LineDirection, PageCondition, PageFigures, PageHash};
pub use counting::takes_de;
pub use description::{
    BoxClosing, DESCRIPTION_FORMAT, DossierDescription, FileRecord, PagePlace, PageRecord,
};
pub use digest::{Digest, Hasher, ParseDigestError};
pub use doubt::{Doubt, ParseDoubtError};
pub use doubted::{Doubted, NEARLY_BLANK_WORDS, doubts, is_nearly_blank, page_doubts};
pub use event::{Agent, Event, EventKind, Outcome, Salt};
pub use foreign::foreign_percent;
pub use geometry::{Rect, Rotation};
pub use id::{
    BatchId, BoxRecordId, DossierId, EventId, FileId, FixityRecordId, PageId, ParseIdError, ReviewId,
};
pub use inventory::{ExtremeDates, InventoryEntry, PartialDate, RetentionTerm};
pub use languages::{Languages, ParseLanguagesError};
pub use likeness::{Likeness, SecondScan, second_scans};
pub use page_text::{Block, BlockKind, Line, PageText, Processing, Word};
pub use person::{ParsePersonNameError, PersonName};
pub use separator::{Apart, Holding, PageApart, Separator, SeparatorKind};
pub use sketch::WordSketch;
pub use state::{Account, FileState, IgnoreRule, PageState, QuarantineReason, UnreadableReason};
pub use thresholds::{InvalidThreshold, Thresholds};
pub use xml::XmlError;
