//! The secret under which personal numbers are indexed.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::IndexError;

/// Name of the key's file, in the folder that holds the index folder.
const FILE_NAME: &str = "index.key";

/// Bytes of a hash that are kept: nobody meets another's by chance.
const HASH_BYTES: usize = 16;

/// The secret of an index: HMAC-SHA256 under it stands for a personal number, so that nobody who has
/// the index alone can read or try out the numbers. Whoever loses it rebuilds the index with another.
#[derive(Clone)]
pub struct IndexKey([u8; 32]);

impl IndexKey {
    /// A key of 32 bytes that are kept secret.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// No secret: the key of indexes in memory, and of folders without a key file beside them.
    #[must_use]
    pub const fn open() -> Self {
        Self([0; 32])
    }

    /// Where the key of an index folder lies: beside the folder, never in it.
    #[must_use]
    pub fn file_beside(index: &Path) -> PathBuf {
        index.with_file_name(FILE_NAME)
    }

    /// Makes a random key beside an index folder, readable by its owner alone; leaves one that is there.
    ///
    /// # Errors
    /// [`IndexError::Key`] where the file cannot be written or the system has no randomness.
    pub fn create_beside(index: &Path) -> Result<(), IndexError> {
        let path = Self::file_beside(index);
        let failed = |source| IndexError::Key {
            path: path.clone(),
            source,
        };
        if path.exists() {
            return Ok(());
        }
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(|error| failed(io::Error::other(error)))?;
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        // Whole or not at all: half a key would lock the index for good.
        let unfinished = path.with_extension("key.new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&unfinished).and_then(|mut file| {
            writeln!(file, "{}", hex::encode(bytes))?;
            file.sync_all()?;
            fs::rename(&unfinished, &path)
        });
        written.map_err(|error| {
            // Nothing is lost with it; what matters is the first failure.
            let _ = fs::remove_file(&unfinished);
            failed(error)
        })
    }

    /// The key beside an index folder; [`IndexKey::open`] where no key file lies there.
    ///
    /// # Errors
    /// [`IndexError::Key`] where the file is there and is no key of 64 hexadecimal digits.
    pub fn beside(index: &Path) -> Result<Self, IndexError> {
        let path = Self::file_beside(index);
        let failed = |source| IndexError::Key {
            path: path.clone(),
            source,
        };
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::open()),
            text => text.map_err(failed)?,
        };
        let mut bytes = [0_u8; 32];
        hex::decode_to_slice(text.trim(), &mut bytes)
            .map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidData, error)))?;
        Ok(Self(bytes))
    }

    /// The hash of a value of some kind, in hexadecimal digits.
    pub(crate) fn hash(&self, kind: &str, value: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(kind.as_bytes());
        mac.update(&[0]);
        mac.update(value.as_bytes());
        hex::encode(&mac.finalize().into_bytes()[..HASH_BYTES])
    }

    /// What tells an index of another key from one of this, without giving the key away.
    pub(crate) fn check(&self) -> String {
        self.hash("check", "")[..8].to_owned()
    }
}

impl std::fmt::Debug for IndexKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IndexKey(secret)")
    }
}
