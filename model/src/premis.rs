//! PREMIS 3 (Library of Congress): what happened to a dossier and its files, for other archives.
//!
//! A document holds the dossier (`intellectualEntity`), its masters (`file`, with fixity, size and
//! format), its events and their agents. What PREMIS has no place for (the digest that an event is
//! about and the salt that blinds it in the ledger) stands in `eventDetailExtension`, in a namespace
//! of ours. Identifiers are UUIDs; an event's links say by their role what they name.
//!
//! XML 1.0 cannot hold every character: [`canonical`] is the event that is read back.

mod read;
mod write;

pub use read::read;
pub use write::write;

use crate::{
    Event,
    xml::{XmlError, XmlLimits, xml_text},
};

/// Namespace of PREMIS 3.
const NAMESPACE: &str = "http://www.loc.gov/premis/v3";

/// Namespace of what we add; a change of meaning gets a new number.
const EXTENSION: &str = "urn:x-hrisov:premis:1";

/// Roles of the objects that an event links to.
const FILE_ROLE: &str = "file";
const PAGE_ROLE: &str = "page";

/// A dossier of 20,000 files with an event each has about 55 MiB and 950,000 elements.
const LIMITS: XmlLimits = XmlLimits {
    size_bytes: 64 << 20,
    elements: 1_000_000,
    depth: 16,
    attributes: 16,
};

/// Why bytes are not a dossier's events.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PremisError {
    /// Not XML that is read, or not what every event has.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// XML of another kind, or an older PREMIS.
    #[error("the root element is not premis of version 3")]
    NotPremis,
}

/// The event as PREMIS holds it: characters that XML 1.0 forbids (control characters, U+FFFE, U+FFFF)
/// in detail and agent replaced by U+FFFD.
///
/// For every event, `read(write(.., [event])) == [canonical(event)]`; a canonical event stays as it is.
#[must_use]
pub fn canonical(mut event: Event) -> Event {
    event.detail = xml_text(&event.detail).into_owned();
    event.agent.name = xml_text(&event.agent.name).into_owned();
    event
}

#[cfg(test)]
mod tests;
