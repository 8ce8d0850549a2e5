//! Paths inside an object.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Key, StoreError};

/// Where a file appears in a version of an object, or lies below its `content` folder: parts joined by
/// `/`, without an empty part, `.` or `..` (OCFL 1.1, section 3.5.3.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LogicalPath(Key);

impl LogicalPath {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The same parts as a key, to be joined to a folder's.
    #[must_use]
    pub const fn as_key(&self) -> &Key {
        &self.0
    }
}

impl FromStr for LogicalPath {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        text.parse().map(Self)
    }
}

impl fmt::Display for LogicalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
