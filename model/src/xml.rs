//! XML in and out: read under limits into a tree, written with the same bytes for the same value.
//!
//! Read bytes are untrusted: no document type is accepted, so that nothing can be expanded or fetched,
//! and messages carry places and kinds, never what stands in the document.

use std::{borrow::Cow, io};

use quick_xml::{
    Error as ReadError, XmlVersion,
    events::{BytesDecl, BytesRef, BytesStart, BytesText, Event},
    name::ResolveResult,
    reader::NsReader,
    writer::Writer,
};

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
}

/// An element with everything in it.
pub(crate) struct Element<'i> {
    start: BytesStart<'i>,
    namespace: Option<&'static str>,
    at: usize,
    limit_attributes: usize,
    /// Child elements in document order.
    pub(crate) children: Vec<Element<'i>>,
    /// Character data of an element without child elements; empty for others.
    pub(crate) text: String,
}

/// The attributes of one element, values unescaped.
pub(crate) struct Attributes<'e> {
    values: Vec<(Cow<'e, str>, Cow<'e, str>)>,
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

impl<'i> Element<'i> {
    /// Whether it is that element of that namespace.
    pub(crate) fn is(&self, namespace: &str, name: &str) -> bool {
        self.namespace == Some(namespace) && self.start.local_name().as_ref() == name
    }

    /// Where its tag ends, in bytes from the start of the document.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    /// Children with that name in the namespace of this element.
    pub(crate) fn named<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element<'i>> {
        let namespace = self.namespace.unwrap_or_default();
        self.children
            .iter()
            .filter(move |child| child.is(namespace, name))
    }

    /// Its attributes, under the limit on their number.
    pub(crate) fn attributes(&self) -> Result<Attributes<'_>, XmlError> {
        let at = self.at;
        let mut values = Vec::new();
        for attribute in self.start.attributes() {
            let attribute = attribute.map_err(|source| malformed(&source.into(), at))?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|source| malformed(&source, at))?;
            if !value.chars().all(is_xml_character) {
                return Err(XmlError::ForbiddenCharacter { at });
            }
            if values.len() == self.limit_attributes {
                let (what, limit) = ("attributes of one element", self.limit_attributes);
                return Err(XmlError::TooMany { what, limit, at });
            }
            values.push((attribute.key.0.to_owned().into(), value));
        }
        Ok(Attributes { values })
    }
}

impl Attributes<'_> {
    /// The value of the attribute with that qualified name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values
            .iter()
            .find_map(|(key, value)| (key == name).then_some(value.as_ref()))
    }
}

/// The root element of the document; only elements of the `known` namespaces answer to a name.
pub(crate) fn parse<'i>(
    bytes: &'i [u8],
    limits: &XmlLimits,
    known: &[&'static str],
) -> Result<Element<'i>, XmlError> {
    let text = checked_text(bytes, limits)?;
    let mut reader = NsReader::from_str(text);
    let mut tree = Tree::new(*limits);
    loop {
        let before = position(&reader);
        let (namespace, event) = match reader.read_resolved_event() {
            Ok((ResolveResult::Bound(bound), event)) => {
                (known.iter().find(|k| **k == bound.0).copied(), event)
            }
            Ok((_, event)) => (None, event),
            Err(source) => return Err(malformed(&source, before)),
        };
        let at = position(&reader);
        match event {
            Event::Start(start) => tree.open(start, namespace, at)?,
            Event::Empty(start) => {
                tree.open(start, namespace, at)?;
                tree.close(at)?;
            }
            Event::End(_) => tree.close(at)?,
            Event::Text(text) => tree.text(&text.xml10_content(), at)?,
            Event::CData(text) => tree.text(&text.xml10_content(), at)?,
            Event::GeneralRef(reference) => {
                let letter = referenced(&reference, at)?;
                tree.text(letter.encode_utf8(&mut [0; 4]), at)?;
            }
            Event::DocType(_) => return Err(XmlError::DocumentType { at: before }),
            Event::Decl(declaration) => check_encoding(&declaration, before)?,
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return tree.finish(at),
        }
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

/// The elements opened so far, innermost last, and the root once it is closed.
struct Tree<'i> {
    limits: XmlLimits,
    elements: usize,
    open: Vec<Element<'i>>,
    root: Option<Element<'i>>,
}

impl<'i> Tree<'i> {
    const fn new(limits: XmlLimits) -> Self {
        Self {
            limits,
            elements: 0,
            open: Vec::new(),
            root: None,
        }
    }

    fn open(
        &mut self,
        start: BytesStart<'i>,
        namespace: Option<&'static str>,
        at: usize,
    ) -> Result<(), XmlError> {
        let too_many = |what, limit| XmlError::TooMany { what, limit, at };
        self.elements += 1;
        if self.elements > self.limits.elements {
            return Err(too_many("elements", self.limits.elements));
        }
        if self.open.len() == self.limits.depth {
            return Err(too_many("elements inside one another", self.limits.depth));
        }
        if self.root.is_some() {
            return Err(XmlError::Malformed {
                at,
                problem: "a second root element",
            });
        }
        self.open.push(Element {
            start,
            namespace,
            at,
            limit_attributes: self.limits.attributes,
            children: Vec::new(),
            text: String::new(),
        });
        Ok(())
    }

    fn close(&mut self, at: usize) -> Result<(), XmlError> {
        let problem = "an end tag without its start tag";
        let mut element = self.open.pop().ok_or(XmlError::Malformed { at, problem })?;
        if !element.children.is_empty() {
            element.text = String::new();
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str, at: usize) -> Result<(), XmlError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => {
                let problem = "text outside the root element";
                return Err(XmlError::Malformed { at, problem });
            }
        }
        Ok(())
    }

    fn finish(self, at: usize) -> Result<Element<'i>, XmlError> {
        let problem = match self.open.is_empty() {
            true => "no root element",
            false => "the document ends inside an element",
        };
        match (self.root, self.open.is_empty()) {
            (Some(root), true) => Ok(root),
            _ => Err(XmlError::Malformed { at, problem }),
        }
    }
}

fn checked_text<'i>(bytes: &'i [u8], limits: &XmlLimits) -> Result<&'i str, XmlError> {
    if bytes.len() > limits.size_bytes {
        return Err(XmlError::TooLarge {
            size_bytes: bytes.len(),
            limit_bytes: limits.size_bytes,
        });
    }
    let text = str::from_utf8(bytes).map_err(|source| XmlError::NotUtf8 {
        at: source.valid_up_to(),
    })?;
    match text.char_indices().find(|(_, letter)| !is_xml_character(*letter)) {
        Some((at, _)) => Err(XmlError::ForbiddenCharacter { at }),
        None => Ok(text),
    }
}

fn check_encoding(declaration: &BytesDecl<'_>, at: usize) -> Result<(), XmlError> {
    match declaration.encoding() {
        None => Ok(()),
        Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") => Ok(()),
        Some(_) => Err(XmlError::NotUtf8 { at }),
    }
}

/// The character that `&#…;` or one of XML's five named entities stands for.
fn referenced(reference: &BytesRef<'_>, at: usize) -> Result<char, XmlError> {
    let numbered = reference
        .resolve_char_ref()
        .map_err(|source| malformed(&source, at))?;
    let letter = match (numbered, reference.xml10_content().as_ref()) {
        (Some(letter), _) => letter,
        (None, "lt") => '<',
        (None, "gt") => '>',
        (None, "amp") => '&',
        (None, "apos") => '\'',
        (None, "quot") => '"',
        (None, _) => {
            return Err(XmlError::Malformed {
                at,
                problem: "an unknown entity",
            });
        }
    };
    match is_xml_character(letter) {
        true => Ok(letter),
        false => Err(XmlError::ForbiddenCharacter { at }),
    }
}

fn position(reader: &NsReader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

fn malformed(source: &ReadError, at: usize) -> XmlError {
    let problem = match source {
        ReadError::Io(_) | ReadError::Encoding(_) => "it cannot be decoded",
        ReadError::Syntax(_) => "markup that does not end",
        ReadError::IllFormed(_) => "tags that do not match or a lone ampersand",
        ReadError::InvalidAttr(_) => "a damaged or repeated attribute",
        ReadError::Escape(_) => "an unknown entity or a damaged character reference",
        ReadError::Namespace(_) => "an unknown namespace prefix or too many of them",
    };
    XmlError::Malformed { at, problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: XmlLimits = XmlLimits {
        size_bytes: 2_000,
        elements: 20,
        depth: 4,
        attributes: 3,
    };

    fn outline(element: &Element<'_>) -> Result<String, XmlError> {
        let attributes = element.attributes()?;
        let own = format!(
            "{}{}{:?}",
            if element.namespace.is_some() { "+" } else { "-" },
            attributes.get("a").unwrap_or_default(),
            element.text
        );
        element
            .children
            .iter()
            .try_fold(own, |text, child| Ok(format!("{text}({})", outline(child)?)))
    }

    fn check(xml: &str, expected: Result<&str, XmlError>) {
        let found = parse(xml.as_bytes(), &LIMITS, &["n"]).and_then(|root| outline(&root));
        assert_eq!(found, expected.map(str::to_owned), "{xml}");
    }

    #[test]
    fn well_formed_documents_become_trees() {
        for (xml, tree) in [
            ("<r xmlns='n' a='1&#10;&lt;'/>", "+1\n<\"\""),
            (
                "<?xml version='1.0' encoding='utf-8'?><r> <c xmlns='n'>x&amp;<![CDATA[<y]]></c>\n</r>\n",
                "-\"\"(+\"x&<y\")",
            ),
            ("<r>a<!-- b -->c<?d?></r>", "-\"ac\""),
            ("<r>\r\n&#13;</r>", "-\"\\n\\r\""),
        ] {
            check(xml, Ok(tree));
        }
    }

    #[test]
    fn everything_else_is_a_typed_error() {
        let malformed = |at, problem| XmlError::Malformed { at, problem };
        let too_many = |what, limit, at| XmlError::TooMany { what, limit, at };
        let unknown = "an unknown entity or a damaged character reference";
        for (xml, error) in [
            ("", malformed(0, "no root element")),
            ("<a>", malformed(3, "the document ends inside an element")),
            ("<a/><b/>", malformed(8, "a second root element")),
            ("<a/>x", malformed(5, "text outside the root element")),
            (
                "<a></b>",
                malformed(3, "tags that do not match or a lone ampersand"),
            ),
            ("<a>&x;</a>", malformed(6, "an unknown entity")),
            ("<a b='&x;'/>", malformed(12, unknown)),
            (
                "<a b='1' b='2'/>",
                malformed(16, "a damaged or repeated attribute"),
            ),
            ("<a b='&#1;'/>", XmlError::ForbiddenCharacter { at: 13 }),
            ("<a>&#xFFFE;</a>", XmlError::ForbiddenCharacter { at: 11 }),
            ("<a>\u{1}</a>", XmlError::ForbiddenCharacter { at: 3 }),
            (
                "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
                XmlError::DocumentType { at: 0 },
            ),
            (
                "<?xml version='1.0' encoding='latin1'?><a/>",
                XmlError::NotUtf8 { at: 0 },
            ),
            ("<a><a><a><a><a>", too_many("elements inside one another", 4, 15)),
            (
                "<a b='' c='' d='' e=''/>",
                too_many("attributes of one element", 3, 24),
            ),
        ] {
            check(xml, Err(error));
        }
        check(
            &format!("<a>{}</a>", "<b/>".repeat(20)),
            Err(too_many("elements", 20, 83)),
        );
        let long = "x".repeat(2_001);
        check(
            &long,
            Err(XmlError::TooLarge {
                size_bytes: 2_001,
                limit_bytes: 2_000,
            }),
        );
        let found = parse(b"<a>\xff</a>", &LIMITS, &[]).err();
        assert_eq!(found, Some(XmlError::NotUtf8 { at: 3 }));
    }

    #[test]
    fn forbidden_characters_become_the_replacement_character() {
        assert_eq!(
            xml_text("a\u{0}\u{1f}\u{FFFE}\tș"),
            "a\u{FFFD}\u{FFFD}\u{FFFD}\tș"
        );
    }
}
