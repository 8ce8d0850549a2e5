//! Addresses within this server.

use std::fmt::{Display, Write as _};

use hrisov_model::{BatchId, DossierId, FileId, PageId};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What needs no escape anywhere in an address (RFC 3986, `unreserved`).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// An address with its query, built part by part.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    text: String,
    has_query: bool,
}

impl Address {
    /// A path that needs no escape.
    pub(crate) fn new(path: impl Into<String>) -> Self {
        Self {
            text: path.into(),
            has_query: false,
        }
    }

    /// Adds a parameter.
    pub(crate) fn with(mut self, name: &str, value: impl Display) -> Self {
        let mark = if std::mem::replace(&mut self.has_query, true) {
            '&'
        } else {
            '?'
        };
        let value = escaped(&value.to_string());
        write!(self.text, "{mark}{name}={value}").expect("text grows without fail");
        self
    }

    /// Adds a parameter once for each value.
    pub(crate) fn with_all(self, name: &str, values: impl IntoIterator<Item = impl Display>) -> Self {
        values
            .into_iter()
            .fold(self, |address, value| address.with(name, value))
    }

    pub(crate) fn into_string(self) -> String {
        self.text
    }
}

pub(crate) fn dossier(id: DossierId) -> String {
    format!("/api/v1/dossiers/{id}")
}

pub(crate) fn page(id: PageId) -> String {
    format!("/api/v1/pages/{id}")
}

pub(crate) fn page_part(id: PageId, part: &str) -> String {
    format!("/api/v1/pages/{id}/{part}")
}

pub(crate) fn file(id: FileId) -> String {
    format!("/api/v1/files/{id}")
}

pub(crate) fn batch(id: BatchId) -> String {
    format!("/api/v1/batches/{id}")
}

/// A text as a part of an address.
pub(crate) fn escaped(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}
