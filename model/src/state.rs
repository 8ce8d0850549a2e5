//! How each received byte stream and each page ended: every doubt has a name.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::FileId;

/// The one state in which every received byte stream ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FileState {
    /// Kept as a master, its pages can be shown.
    Stored,
    /// The same bytes were received before in the same dossier.
    Duplicate {
        /// The file that is kept.
        of: FileId,
    },
    /// Not taken in, by a rule.
    Ignored {
        /// Which one.
        rule: IgnoreRule,
    },
    /// Kept as a master where its bytes could be read, but it cannot be shown.
    Quarantined {
        /// Why.
        reason: QuarantineReason,
        /// The particulars in plain words, without anything of the document's content.
        detail: String,
    },
}

/// Why a file is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IgnoreRule {
    /// `Thumbs.db`, `desktop.ini`, `.DS_Store` and the like: made by an operating system.
    SystemFile,
    /// The name begins with a dot or is a lock or partial file of another program.
    HiddenOrTemporary,
    /// The box's inventory (`inventar.csv`, `inventar.xlsx`), which is read, not stored as a scan.
    Inventory,
    /// The file that says that the box is complete.
    Marker,
}

/// Why a file cannot be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineReason {
    /// No bytes at all.
    Empty,
    /// Not one of the formats that are decoded.
    UnknownFormat,
    /// The format is known, the file is broken or cut off.
    Damaged,
    /// Needs a password.
    Encrypted,
    /// More bytes, pixels or pages than the limits allow.
    TooLarge,
    /// A known format in a variant that is not decoded.
    Unsupported,
    /// The decoder crashed, hung or ran out of memory, twice.
    DecoderFailed,
    /// The bytes could not be read from the disk; nothing is stored.
    NotReadable,
    /// No page in it.
    NoPages,
    /// The name is not UTF-8: it could be shown to nobody. Rename the file and load the box again.
    NameNotUtf8,
}

/// The state of one page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum PageState {
    /// Not read yet.
    Waiting,
    /// Text was read; it may be poor, but it is there.
    Recognised,
    /// Nothing is written on it.
    Blank,
    /// It could not be read.
    Unreadable {
        /// Why.
        reason: UnreadableReason,
        /// The particulars in plain words, without anything of the document's content.
        detail: String,
    },
}

/// Why a page could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnreadableReason {
    /// Its bytes do not decode to a picture.
    Damaged,
    /// More pixels than the limits allow.
    TooLarge,
    /// A variant that is not decoded.
    Unsupported,
    /// The worker process crashed or ran out of memory, twice.
    WorkerFailed,
    /// The time limit passed, twice.
    TimedOut,
    /// There are marks on it, but no text was recognised.
    NothingRecognised,
}

/// The account of a batch: `received = stored + duplicate + ignored + quarantined`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Account {
    /// Files found in the box.
    pub received: u64,
    /// Files kept as masters.
    pub stored: u64,
    /// Files whose bytes were there before in the same dossier.
    pub duplicate: u64,
    /// Files left out by a rule.
    pub ignored: u64,
    /// Files that cannot be shown.
    pub quarantined: u64,
}

impl Account {
    /// Counts one more file.
    pub fn count(&mut self, state: &FileState) {
        self.received += 1;
        *match state {
            FileState::Stored => &mut self.stored,
            FileState::Duplicate { .. } => &mut self.duplicate,
            FileState::Ignored { .. } => &mut self.ignored,
            FileState::Quarantined { .. } => &mut self.quarantined,
        } += 1;
    }

    /// Whether every received file ended in exactly one state.
    #[must_use]
    pub const fn balances(&self) -> bool {
        self.received == self.stored + self.duplicate + self.ignored + self.quarantined
    }
}

impl FileState {
    /// The state's name as programs see it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Duplicate { .. } => "duplicate",
            Self::Ignored { .. } => "ignored",
            Self::Quarantined { .. } => "quarantined",
        }
    }
}

impl PageState {
    /// The state's name as programs see it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Recognised => "recognised",
            Self::Blank => "blank",
            Self::Unreadable { .. } => "unreadable",
        }
    }
}

impl QuarantineReason {
    /// Every reason there is.
    pub const ALL: [Self; 10] = [
        Self::Empty,
        Self::UnknownFormat,
        Self::Damaged,
        Self::Encrypted,
        Self::TooLarge,
        Self::Unsupported,
        Self::DecoderFailed,
        Self::NotReadable,
        Self::NoPages,
        Self::NameNotUtf8,
    ];
}

impl UnreadableReason {
    /// Every reason there is.
    pub const ALL: [Self; 6] = [
        Self::Damaged,
        Self::TooLarge,
        Self::Unsupported,
        Self::WorkerFailed,
        Self::TimedOut,
        Self::NothingRecognised,
    ];
}

/// Writes an enum's `snake_case` wire name.
macro_rules! wire_name_display {
    ($($name:ty),+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.serialize(f)
            }
        }
    )+};
}

wire_name_display!(IgnoreRule, QuarantineReason, UnreadableReason);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_on_the_wire_are_snake_case_and_displayed_alike() {
        let state = FileState::Quarantined {
            reason: QuarantineReason::TooLarge,
            detail: "40000 x 40000".into(),
        };
        assert_eq!(
            serde_json::to_string(&state).unwrap(),
            r#"{"state":"quarantined","reason":"too_large","detail":"40000 x 40000"}"#
        );
        assert_eq!(QuarantineReason::TooLarge.to_string(), "too_large");
    }

    #[test]
    fn an_account_balances_whatever_is_counted() {
        let mut account = Account::default();
        account.count(&FileState::Stored);
        account.count(&FileState::Duplicate { of: FileId::random() });
        account.count(&FileState::Ignored {
            rule: IgnoreRule::SystemFile,
        });
        assert!(account.balances());
        assert_eq!(account.received, 3);
        account.received += 1;
        assert!(!account.balances());
    }
}
