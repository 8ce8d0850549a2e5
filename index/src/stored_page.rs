//! What comes back with a hit page: its lines of words with their boxes, packed.
//!
//! All numbers are LEB128 varints, signed ones zigzag. Layout: page UUID (16 bytes), revision digest (32),
//! number of lines; per line number of words, x and y from the line before, height; per word twice the length of
//! the text, plus 1 where it is not one part but the number that follows; the text (UTF-8), x from the right edge of the word before (of the line for the first),
//! y from the line's, width, height less the line's. About 5 bytes a box.

use std::{borrow::Cow, collections::BTreeSet};

use hrisov_model::{Digest, PageId, PageText, Rect};

use crate::{IndexError, analyser};

/// A page as kept in the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredPage {
    pub(crate) id: PageId,
    pub(crate) revision: Digest,
    pub(crate) lines: Vec<Vec<StoredWord>>,
}

/// A word with its place on the page raster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredWord {
    pub(crate) text: String,
    pub(crate) rect: Rect,
    /// Positions that it takes.
    pub(crate) parts: usize,
}

/// Where the part at a position stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) word: usize,
}

impl StoredPage {
    /// Packs a page; of hidden words, counted from 0, only place and length.
    pub(crate) fn encode(id: PageId, revision: Digest, text: &PageText, hidden: &BTreeSet<usize>) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 + 16 * text.words().count());
        out.extend_from_slice(id.uuid().as_bytes());
        out.extend_from_slice(revision.as_bytes());
        put(&mut out, text.lines().count() as u64);
        let mut before = Rect::default();
        let mut ordinal = 0;
        for line in text.lines() {
            put(&mut out, line.words.len() as u64);
            put_signed(&mut out, difference(line.rect.x, before.x));
            put_signed(&mut out, difference(line.rect.y, before.y));
            put(&mut out, line.rect.height.into());
            before = line.rect;
            let mut right = i64::from(line.rect.x);
            for word in &line.words {
                let parts = analyser::parts(&word.text).len() as u64;
                let shown = match hidden.contains(&ordinal) {
                    true => Cow::Owned(masked(&word.text)),
                    false => Cow::Borrowed(word.text.as_str()),
                };
                ordinal += 1;
                put(&mut out, 2 * shown.len() as u64 + u64::from(parts != 1));
                if parts != 1 {
                    put(&mut out, parts);
                }
                out.extend_from_slice(shown.as_bytes());
                put_signed(&mut out, i64::from(word.rect.x) - right);
                put_signed(&mut out, difference(word.rect.y, line.rect.y));
                put(&mut out, word.rect.width.into());
                put_signed(&mut out, difference(word.rect.height, line.rect.height));
                right = i64::from(word.rect.x) + i64::from(word.rect.width);
            }
        }
        out
    }

    /// Unpacks a page.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, IndexError> {
        read_page(&mut Unpacker(bytes)).ok_or(IndexError::Damaged {
            what: "a stored page",
        })
    }

    /// Which page and revision it is, without its words.
    pub(crate) fn decode_identity(bytes: &[u8]) -> Result<(PageId, Digest), IndexError> {
        read_identity(&mut Unpacker(bytes)).ok_or(IndexError::Damaged {
            what: "a stored page",
        })
    }

    /// For each position, which word stands there: the parts of each word in reading order, as
    /// [`crate::tokens::Tokens`] counts them.
    pub(crate) fn places(&self) -> Vec<Place> {
        let mut places = Vec::new();
        for (line, words) in self.lines.iter().enumerate() {
            for (word, stored) in words.iter().enumerate() {
                places.extend(std::iter::repeat_n(Place { line, word }, stored.parts));
            }
        }
        places
    }
}

struct Unpacker<'a>(&'a [u8]);

impl<'a> Unpacker<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    fn size(&mut self) -> Option<u32> {
        self.number()?.try_into().ok()
    }

    /// Never more than the bytes that are left: a damaged count cannot make us allocate.
    fn count(&mut self) -> Option<usize> {
        usize::try_from(self.number()?)
            .ok()
            .filter(|&count| count <= self.0.len())
    }
}

fn read_identity(from: &mut Unpacker<'_>) -> Option<(PageId, Digest)> {
    let id: [u8; 16] = from.take(16)?.try_into().ok()?;
    let revision: [u8; 32] = from.take(32)?.try_into().ok()?;
    Some((uuid::Uuid::from_bytes(id).into(), revision.into()))
}

fn read_page(from: &mut Unpacker<'_>) -> Option<StoredPage> {
    let (id, revision) = read_identity(from)?;
    let (mut x, mut y) = (0_i64, 0_i64);
    let mut lines = Vec::new();
    for _ in 0..from.count()? {
        let words = from.count()?;
        x = x.checked_add(from.signed()?)?;
        y = y.checked_add(from.signed()?)?;
        let height = i64::from(from.size()?);
        lines.push(read_words(from, words, (x, y), height)?);
    }
    Some(StoredPage { id, revision, lines })
}

fn read_words(
    from: &mut Unpacker<'_>,
    words: usize,
    (x, y): (i64, i64),
    height: i64,
) -> Option<Vec<StoredWord>> {
    let mut right = x;
    let read = |from: &mut Unpacker<'_>, right: &mut i64| {
        let head = from.number()?;
        let parts = if head & 1 == 0 { 1 } else { from.count()? };
        let length = usize::try_from(head >> 1).ok()?;
        let text = std::str::from_utf8(from.take(length)?).ok()?.to_owned();
        let left = right.checked_add(from.signed()?)?;
        let top = y.checked_add(from.signed()?)?;
        let width = from.size()?;
        let rect = Rect {
            x: left.try_into().ok()?,
            y: top.try_into().ok()?,
            width,
            height: height.checked_add(from.signed()?)?.try_into().ok()?,
        };
        *right = left + i64::from(width);
        Some(StoredWord { text, rect, parts })
    };
    (0..words).map(|_| read(from, &mut right)).collect()
}

/// A word of which only the length is told.
fn masked(word: &str) -> String {
    let mask = |letter: char| if letter.is_alphanumeric() { '•' } else { letter };
    word.chars().map(mask).collect()
}

fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn put_signed(out: &mut Vec<u8>, number: i64) {
    put(out, ((number << 1) ^ (number >> 63)).cast_unsigned());
}

fn difference(a: u32, b: u32) -> i64 {
    i64::from(a) - i64::from(b)
}

#[cfg(test)]
mod tests {
    use hrisov_model::{Block, BlockKind, Languages, Line, Processing, Rotation, Word};
    use proptest::prelude::*;

    use super::*;

    fn rect() -> impl Strategy<Value = Rect> {
        let side = prop_oneof![0..3_000_u32, 0..=1_000_000_u32];
        (side.clone(), side.clone(), side.clone(), side).prop_map(|(x, y, width, height)| Rect {
            x,
            y,
            width,
            height,
        })
    }

    fn page() -> impl Strategy<Value = PageText> {
        let word = ("\\PC{1,12}", rect()).prop_map(|(text, rect)| Word {
            text,
            rect,
            confidence: 0.5,
            ..Word::default()
        });
        let line = (rect(), prop::collection::vec(word, 1..9)).prop_map(|(rect, words)| Line { rect, words });
        prop::collection::vec(line, 0..9).prop_map(|lines| PageText {
            width_px: 1_000_000,
            height_px: 1_000_000,
            blocks: vec![Block {
                rect: Rect::default(),
                kind: BlockKind::Text,
                lines,
            }],
            processing: Processing {
                engine: String::new(),
                engine_version: String::new(),
                languages: Languages::default(),
                recipe: String::new(),
                rotation: Rotation::None,
                read_at: jiff::Timestamp::UNIX_EPOCH,
            },
        })
    }

    proptest! {
        #[test]
        fn pages_survive_packing_and_damage_is_noticed_or_harmless(text in page(), cut in any::<prop::sample::Index>(), flip in any::<u8>()) {
            let (id, revision) = (PageId::random(), Digest::of(b"alto"));
            let mut bytes = StoredPage::encode(id, revision, &text, &BTreeSet::new());
            let page = StoredPage::decode(&bytes).unwrap();
            prop_assert_eq!((page.id, page.revision), (id, revision));
            prop_assert_eq!(StoredPage::decode_identity(&bytes).unwrap(), (id, revision));
            let words: Vec<_> = page.lines.iter().flatten().map(|word| (word.text.as_str(), word.rect)).collect();
            let expected: Vec<_> = text.words().map(|word| (word.text.as_str(), word.rect)).collect();
            prop_assert_eq!(words, expected);
            let at = cut.index(bytes.len());
            prop_assert!(StoredPage::decode(&bytes[..at]).is_err());
            bytes[at] ^= flip;
            let _ = StoredPage::decode(&bytes);
        }
    }
}
