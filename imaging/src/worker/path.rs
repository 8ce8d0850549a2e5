//! Paths on the wire: any bytes that a file system allows.

use std::{
    ffi::OsString,
    os::unix::ffi::{OsStrExt as _, OsStringExt as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

/// A path of a file to be opened by a worker; a name that is not UTF-8 travels as a list of bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
pub struct SourcePath(PathBuf);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Wire {
    Text(String),
    Bytes(Vec<u8>),
}

impl SourcePath {
    /// A path, absolute or relative to the directory in which the program was started.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The path as the system takes it.
    #[must_use]
    pub fn as_path(&self) -> &Path {
        &self.0
    }
}

impl From<Wire> for SourcePath {
    fn from(wire: Wire) -> Self {
        Self(match wire {
            Wire::Text(text) => PathBuf::from(text),
            Wire::Bytes(bytes) => PathBuf::from(OsString::from_vec(bytes)),
        })
    }
}

impl From<SourcePath> for Wire {
    fn from(path: SourcePath) -> Self {
        match path.0.to_str() {
            Some(text) => Self::Text(text.to_owned()),
            None => Self::Bytes(path.0.as_os_str().as_bytes().to_vec()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn any_name_survives_the_wire() {
        for name in [b"/a/dosar 1/p\xc4\x83.tif".as_slice(), b"/a/\xff\xfe.tif", b""] {
            let path = SourcePath::new(OsStr::from_bytes(name));
            let json = serde_json::to_string(&path).unwrap();
            assert_eq!(serde_json::from_str::<SourcePath>(&json).unwrap(), path, "{json}");
        }
    }
}
