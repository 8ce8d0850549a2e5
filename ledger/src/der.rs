//! Reading and writing DER (ITU-T X.690), as far as time stamps need it.
//!
//! Authorities order sets and write times as they like; what was signed must be taken as the bytes that came,
//! so this walks over them instead of decoding and encoding again.

use crate::FormatError;

/// Tags that occur in time stamps (X.690 section 8).
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
pub(crate) const CONTEXT_0_PRIMITIVE: u8 = 0x80;
pub(crate) const CONTEXT_0: u8 = 0xa0;
pub(crate) const CONTEXT_1: u8 = 0xa1;

/// The elements of one structure, from the first to the last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Elements<'a>(&'a [u8]);

/// One element.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    /// What is in it.
    pub(crate) value: &'a [u8],
    /// All of it, tag and length too.
    pub(crate) whole: &'a [u8],
}

impl<'a> Elements<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The next element, which must have that tag.
    pub(crate) fn take(&mut self, tag: u8, place: &'static str) -> Result<Element<'a>, FormatError> {
        match self.peek() {
            Some(element) if element.tag == tag => {
                self.0 = &self.0[element.whole.len()..];
                Ok(element)
            }
            Some(_) => Err(FormatError::new(
                "time stamp",
                place,
                "another element stands there",
            )),
            None => Err(FormatError::new("time stamp", place, "it is missing or cut off")),
        }
    }

    /// The next element if it has that tag.
    pub(crate) fn take_if(&mut self, tag: u8) -> Option<Element<'a>> {
        self.take(tag, "").ok()
    }

    /// X.690 sections 8.1 and 10.1: one byte of tag, definite length of at most four bytes.
    fn peek(&self) -> Option<Element<'a>> {
        let (tag, rest) = self.0.split_first()?;
        let (first, rest) = rest.split_first()?;
        let (length, rest) = match usize::from(*first) {
            short @ ..=0x7f => (short, rest),
            long @ 0x81..=0x84 => {
                let (length, rest) = rest.split_at_checked(long - 0x80)?;
                (
                    length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)),
                    rest,
                )
            }
            _ => return None,
        };
        let value = rest.get(..length)?;
        let whole = self.0.get(..self.0.len() - rest.len() + length)?;
        Some(Element {
            tag: *tag,
            value,
            whole,
        })
    }
}

impl<'a> Element<'a> {
    pub(crate) const fn elements(self) -> Elements<'a> {
        Elements(self.value)
    }
}

/// An element with these bytes in it: fewer than 65,536.
pub(crate) fn element(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len().to_be_bytes();
    let head = match value.len() {
        0..0x80 => vec![tag, length[7]],
        0x80..0x100 => vec![tag, 0x81, length[7]],
        _ => vec![tag, 0x82, length[6], length[7]],
    };
    [head.as_slice(), value].concat()
}
