//! Sheets laid between the dossiers of a stack, and what became of the pages behind them.

use serde::{Deserialize, Serialize};

use crate::{DossierId, FileId};

/// A sheet that says where one dossier ends and the next begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Separator {
    /// By which mark it was known.
    pub kind: SeparatorKind,
    /// The reference of the dossier that begins behind it; `None` on sheets that say only that one does.
    pub reference: Option<String>,
}

/// The mark on a separator sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeparatorKind {
    /// A QR code.
    Qr,
    /// A bar code: Code 128 or Code 39.
    BarCode,
    /// The four bars of patch code T.
    PatchT,
}

/// A page of a stack that is not shown among its own: with the pages that are, every received page is accounted for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageApart {
    /// The file.
    pub file: FileId,
    /// Which of its pages, from 0.
    pub index: u32,
    /// Why.
    #[serde(flatten)]
    pub apart: Apart,
}

/// Why a page of a stack is not shown among its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "apart", rename_all = "snake_case")]
pub enum Apart {
    /// It is a separator sheet.
    Sheet(Separator),
    /// It is the empty back of a separator sheet.
    SheetBack,
    /// It is a page of that dossier.
    Part {
        /// Which.
        dossier: DossierId,
    },
}

/// Where the bytes of a file lie that was received as part of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// The stack: the dossier whose object has the bytes, and the events of their deposit.
    pub dossier: DossierId,
    /// The file there.
    pub file: FileId,
    /// OCFL logical path there.
    pub path: String,
}
