//! XML in and out: read under limits into a tree, written with the same bytes for the same value.
//!
//! Read bytes are untrusted: no document type is accepted, so that nothing can be expanded or fetched,
//! and messages carry places and kinds, never what stands in the document.

mod tree;

use std::{borrow::Cow, io};

use quick_xml::{
    events::{BytesDecl, BytesText, Event},
    writer::Writer,
};

pub(crate) use tree::{Attributes, Element, parse};

/// What an XML document may cost to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct XmlLimits {
    /// Size of the document in bytes.
    pub size_bytes: usize,
    /// Elements in the document.
    pub elements: usize,
    /// Elements inside one another, the root included.
    pub depth: usize,
    /// Attributes of one element.
    pub attributes: usize,
}

/// Why bytes are not XML that we read. `at` counts bytes from the start of the document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// More bytes than the limit.
    #[error("the XML document has {size_bytes} bytes, more than the {limit_bytes} that are read")]
    TooLarge {
        /// Its size.
        size_bytes: usize,
        /// The limit.
        limit_bytes: usize,
    },
    /// More of something than the limit.
    #[error("the XML document has more than {limit} {what} at byte {at}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are allowed.
        limit: usize,
        /// Where the limit was passed.
        at: usize,
    },
    /// Not UTF-8, or declared to be something else.
    #[error("the XML document is not UTF-8 at byte {at}")]
    NotUtf8 {
        /// The first bad byte.
        at: usize,
    },
    /// A document type declaration, which could define entities.
    #[error("the XML document declares a document type at byte {at}; none is accepted")]
    DocumentType {
        /// Where it stands.
        at: usize,
    },
    /// A character or a reference to one that XML 1.0 forbids.
    #[error("the XML document has a forbidden character at byte {at}")]
    ForbiddenCharacter {
        /// Where it stands; for a reference, where its element begins.
        at: usize,
    },
    /// Not well-formed. The parser's own words are left out: they quote the document.
    #[error("the XML document is not well-formed at byte {at}: {problem}")]
    Malformed {
        /// Where the parser stopped.
        at: usize,
        /// What kind of mistake it is.
        problem: &'static str,
    },
    /// Something that every document of its kind has is not there.
    #[error("{what} is missing in the element at byte {at}")]
    Missing {
        /// Name of the element or attribute.
        what: &'static str,
        /// Where the start tag ends of the element that should have it.
        at: usize,
    },
    /// A value that cannot be; it is not quoted, as it may be a piece of the document.
    #[error("{what} at byte {at} is not {expected}")]
    Invalid {
        /// Name of the element or attribute.
        what: &'static str,
        /// What it should be.
        expected: &'static str,
        /// Where the start tag ends of the element that has it.
        at: usize,
    },
}

/// Whether XML 1.0 (section 2.2, production 2) allows the character.
pub(crate) const fn is_xml_character(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// The text with each character that XML 1.0 forbids replaced by U+FFFD: XML 1.0 has no way to write
/// them, not even escaped, and the replacement shows that something stood there.
pub(crate) fn xml_text(text: &str) -> Cow<'_, str> {
    match text.chars().all(is_xml_character) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(
            text.chars()
                .map(|letter| match is_xml_character(letter) {
                    true => letter,
                    false => char::REPLACEMENT_CHARACTER,
                })
                .collect(),
        ),
    }
}

/// The document that `content` writes below a declaration, indented by one blank for each level.
pub(crate) fn document(content: impl FnOnce(&mut Writer<Vec<u8>>) -> io::Result<()>) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 1);
    writer
        .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
        .and_then(|()| content(&mut writer))
        .expect("writing to memory cannot fail");
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("only text was written")
}

/// Writes an element that holds only text.
pub(crate) fn write_text(writer: &mut Writer<Vec<u8>>, name: &str, text: &str) -> io::Result<()> {
    let text = xml_text(text);
    writer
        .create_element(name)
        .write_text_content(BytesText::new(&text))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_characters_become_the_replacement_character() {
        assert_eq!(
            xml_text("a\u{0}\u{1f}\u{FFFE}\tș"),
            "a\u{FFFD}\u{FFFD}\u{FFFD}\tș"
        );
    }
}
