//! Names of objects.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::StoreError;

/// Longest part of a key in bytes: what POSIX file systems take as one name (`NAME_MAX`).
const PART_MAX_BYTES: usize = 255;

/// The name of one object: parts joined by `/`, relative to the store.
///
/// No part is empty, `.` or `..`, holds a control character or a backslash, or is longer than 255 bytes, so
/// that a key means the same in a folder and in every bucket and can never leave the store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key(String);

impl Key {
    /// The store itself: names no object, only the prefix of all of them.
    #[must_use]
    pub const fn root() -> Self {
        Self(String::new())
    }

    /// A key written in the program's own text.
    ///
    /// # Panics
    /// On a text that is no key: a mistake of the programmer, found by the first run.
    #[must_use]
    pub fn literal(text: &'static str) -> Self {
        text.parse().expect("a key in the program's text is valid")
    }

    /// This key followed by the parts of another; joining to the root gives the other.
    #[must_use]
    pub fn join(&self, below: &Self) -> Self {
        match (self.is_root(), below.is_root()) {
            (true, _) => below.clone(),
            (_, true) => self.clone(),
            _ => Self(format!("{}/{}", self.0, below.0)),
        }
    }

    /// This key followed by one or more parts given as text.
    ///
    /// # Errors
    /// [`StoreError::InvalidKey`] where the text is no key.
    pub fn child(&self, parts: &str) -> Result<Self, StoreError> {
        parts.parse().map(|below| self.join(&below))
    }

    /// What is left of this key below `prefix`; `None` where it lies elsewhere. Whole parts count:
    /// `a/bc` does not lie below `a/b`. A key lies below itself, as the root.
    #[must_use]
    pub fn below(&self, prefix: &Self) -> Option<Self> {
        if prefix.is_root() {
            return Some(self.clone());
        }
        match self.0.strip_prefix(&prefix.0)? {
            "" => Some(Self::root()),
            rest => rest.strip_prefix('/').map(|rest| Self(rest.to_owned())),
        }
    }

    /// The key without its last part; `None` for the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        let parent = self.0.rsplit_once('/').map_or("", |(parent, _)| parent);
        Some(Self(parent.to_owned()))
    }

    /// The last part; empty for the root.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, name)| name)
    }

    /// The parts from first to last; none for the root.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/').filter(|part| !part.is_empty())
    }

    /// Whether it is the root, which names no object.
    #[must_use]
    pub const fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The text, without a leading or trailing `/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What forbids a text as a part of a key.
fn part_fault(part: &str) -> Option<&'static str> {
    match part {
        "" => Some("a part is empty"),
        "." | ".." => Some("a part is . or .."),
        _ if part.len() > PART_MAX_BYTES => Some("a part is longer than 255 bytes"),
        _ if part.contains('\\') => Some("it holds a backslash, which some servers take for a slash"),
        _ if part.chars().any(char::is_control) => Some("it holds a control character"),
        _ => None,
    }
}

impl FromStr for Key {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for Key {
    type Error = StoreError;

    fn try_from(text: String) -> Result<Self, StoreError> {
        match text.split('/').find_map(part_fault) {
            Some(reason) => Err(StoreError::InvalidKey { text, reason }),
            None => Ok(Self(text)),
        }
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_that_stay_inside_the_store_are_keys() {
        for good in [
            "a",
            "a/b",
            "ocfl/0=ocfl_1.1",
            "v1/content/Anchetă socială.tif",
            "a/.hidden",
            "...",
        ] {
            assert_eq!(good.parse::<Key>().unwrap().as_str(), good);
        }
        let long = "x".repeat(256);
        for bad in [
            "", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "a/./b", "a\0b", "a\nb", "a\\b", &long,
        ] {
            assert!(bad.parse::<Key>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn join_below_and_parent_undo_each_other() {
        let (a, bc) = (Key::literal("a"), Key::literal("b/c"));
        let abc = a.join(&bc);
        assert_eq!(abc.as_str(), "a/b/c");
        assert_eq!(abc.below(&a), Some(bc.clone()));
        assert_eq!(abc.below(&abc), Some(Key::root()));
        assert_eq!(abc.below(&Key::root()), Some(abc.clone()));
        assert_eq!(abc.below(&Key::literal("a/b/cd")), None);
        assert_eq!(Key::literal("ab").below(&a), None);
        assert_eq!(abc.parent(), Some(Key::literal("a/b")));
        assert_eq!(a.parent(), Some(Key::root()));
        assert_eq!(Key::root().parent(), None);
        assert_eq!((abc.name(), a.name(), Key::root().name()), ("c", "a", ""));
        assert_eq!(abc.parts().rev().collect::<Vec<_>>(), ["c", "b", "a"]);
        assert_eq!(Key::root().join(&bc), bc);
        assert_eq!(bc.join(&Key::root()), bc);
    }
}
