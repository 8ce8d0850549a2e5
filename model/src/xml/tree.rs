//! Untrusted bytes to a tree of elements.

use std::{borrow::Cow, str::FromStr};

use quick_xml::{
    Error as ReadError, XmlVersion,
    events::{BytesDecl, BytesRef, BytesStart, Event},
    name::ResolveResult,
    reader::NsReader,
};

use super::{XmlError, XmlLimits, is_xml_character};

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
    at: usize,
}

impl<'i> Element<'i> {
    /// Whether it is that element of that namespace.
    pub(crate) fn is(&self, namespace: &str, name: &str) -> bool {
        self.namespace == Some(namespace) && self.start.local_name().as_ref() == name
    }

    /// Where its start tag ends, in bytes from the start of the document.
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
        Ok(Attributes { values, at })
    }

    /// The one child with that name.
    pub(crate) fn only(&self, name: &'static str) -> Result<&Self, XmlError> {
        let mut found = self.named(name);
        let first = found.next().ok_or(XmlError::Missing {
            what: name,
            at: self.at,
        })?;
        match found.next() {
            None => Ok(first),
            Some(second) => Err(second.invalid(name, "the only one")),
        }
    }

    /// Its text as a value.
    pub(crate) fn parse<T: FromStr>(
        &self,
        what: &'static str,
        expected: &'static str,
    ) -> Result<T, XmlError> {
        self.text.parse().map_err(|_| self.invalid(what, expected))
    }

    /// That something in it is not what it should be.
    pub(crate) const fn invalid(&self, what: &'static str, expected: &'static str) -> XmlError {
        XmlError::Invalid {
            what,
            expected,
            at: self.at,
        }
    }
}

impl Attributes<'_> {
    /// The value of the attribute with that qualified name.
    pub(crate) fn get(&self, name: &'static str) -> Result<&str, XmlError> {
        self.find(name).ok_or(XmlError::Missing {
            what: name,
            at: self.at,
        })
    }

    /// The value of the attribute with that qualified name, if it is there.
    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.values
            .iter()
            .find_map(|(key, value)| (key == name).then_some(value.as_ref()))
    }

    /// The value of the attribute with that qualified name, as a value.
    pub(crate) fn parse<T: FromStr>(
        &self,
        name: &'static str,
        expected: &'static str,
    ) -> Result<T, XmlError> {
        let invalid = |_| XmlError::Invalid {
            what: name,
            expected,
            at: self.at,
        };
        self.get(name)?.parse().map_err(invalid)
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
            attributes.find("a").unwrap_or_default(),
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
}
