//! Addresses within this server.

use hrisov_model::{BatchId, DossierId, FileId, PageId};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What needs no escape anywhere in an address (RFC 3986, `unreserved`).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

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
