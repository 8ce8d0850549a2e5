//! What binds a leaf to a file without telling which one.

use std::{fmt, str::FromStr};

use hrisov_model::{Digest, Event, Hasher, ParseDigestError, Salt};
use serde::{Deserialize, Serialize};

/// `SHA-256(salt || SHA-256(file))`; written as 64 lower-case hexadecimal digits.
///
/// Whoever has the file and the salt can check it; without the salt nobody can try likely files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Commitment(Digest);

/// A text that is no commitment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a commitment: {0}")]
pub struct ParseCommitmentError(#[from] ParseDigestError);

impl Commitment {
    /// The commitment to the file with that digest, blinded by that salt.
    #[must_use]
    pub fn new(salt: &Salt, file: &Digest) -> Self {
        let mut hasher = Hasher::default();
        hasher.update(salt.as_bytes());
        hasher.update(file.as_bytes());
        Self(hasher.finish())
    }

    /// The commitment to the bytes that an event is about; where it is about none, to its detail as text.
    #[must_use]
    pub fn of_event(event: &Event) -> Self {
        Self::new(&event.salt, &event.committed_digest())
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl fmt::Display for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Commitment {
    type Err = ParseCommitmentError;

    fn from_str(text: &str) -> Result<Self, ParseCommitmentError> {
        Ok(Self(text.parse()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected value comes from other software:
    ///
    /// ```sh
    /// (printf %s 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f | xxd -r -p
    ///  printf abc | openssl dgst -sha256 -binary) | openssl dgst -sha256
    /// ```
    #[test]
    fn matches_what_openssl_computes() {
        let salt = Salt::new(std::array::from_fn(|place| u8::try_from(place).unwrap()));
        let commitment = Commitment::new(&salt, &Digest::of(b"abc"));
        assert_eq!(
            commitment.to_string(),
            "2f89854450769cb248c4c5dc8d77cdd7354cae1ad5ef96afaf4c5e382b0da680"
        );
        assert_eq!(commitment.to_string().parse(), Ok(commitment));
    }

    #[test]
    fn another_salt_or_another_file_is_another_commitment() {
        let of = |salt, file: &[u8]| Commitment::new(&Salt::new([salt; 32]), &Digest::of(file));
        assert_ne!(of(0, b"abc"), of(1, b"abc"));
        assert_ne!(of(0, b"abc"), of(0, b"abd"));
    }
}
