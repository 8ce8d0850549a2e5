//! Digest algorithms that OCFL names.

use blake2::{
    Blake2b,
    digest::{
        DynDigest,
        consts::{U20, U32, U48, U64},
    },
};

/// An algorithm whose digests can be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Algorithm {
    Sha256,
    Sha512,
    Sha512Of256Bits,
    Sha1,
    Md5,
    Blake2bOf160Bits,
    Blake2bOf256Bits,
    Blake2bOf384Bits,
    Blake2bOf512Bits,
}

impl Algorithm {
    /// By its name in inventories (section 3.5.4 and extensions 0001 and 0009); `None` for one that we
    /// cannot check.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "sha256" => Self::Sha256,
            "sha512" => Self::Sha512,
            "sha512/256" => Self::Sha512Of256Bits,
            "sha1" => Self::Sha1,
            "md5" => Self::Md5,
            "blake2b-160" => Self::Blake2bOf160Bits,
            "blake2b-256" => Self::Blake2bOf256Bits,
            "blake2b-384" => Self::Blake2bOf384Bits,
            "blake2b-512" => Self::Blake2bOf512Bits,
            _ => return None,
        })
    }

    /// By its name, if content may be addressed by it (section 3.5.1).
    pub(super) fn for_content(name: &str) -> Option<Self> {
        Self::named(name).filter(|found| matches!(found, Self::Sha256 | Self::Sha512))
    }

    /// Its name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
            Self::Sha512Of256Bits => "sha512/256",
            Self::Sha1 => "sha1",
            Self::Md5 => "md5",
            Self::Blake2bOf160Bits => "blake2b-160",
            Self::Blake2bOf256Bits => "blake2b-256",
            Self::Blake2bOf384Bits => "blake2b-384",
            Self::Blake2bOf512Bits => "blake2b-512",
        }
    }

    pub(super) fn hasher(self) -> Box<dyn DynDigest + Send> {
        match self {
            Self::Sha256 => Box::new(sha2::Sha256::default()),
            Self::Sha512 => Box::new(sha2::Sha512::default()),
            Self::Sha512Of256Bits => Box::new(sha2::Sha512_256::default()),
            Self::Sha1 => Box::new(sha1::Sha1::default()),
            Self::Md5 => Box::new(md5::Md5::default()),
            Self::Blake2bOf160Bits => Box::new(Blake2b::<U20>::default()),
            Self::Blake2bOf256Bits => Box::new(Blake2b::<U32>::default()),
            Self::Blake2bOf384Bits => Box::new(Blake2b::<U48>::default()),
            Self::Blake2bOf512Bits => Box::new(Blake2b::<U64>::default()),
        }
    }

    /// The digest of bytes at hand, in lower-case hexadecimal digits.
    pub(super) fn digest(self, bytes: &[u8]) -> String {
        let mut hasher = self.hasher();
        hasher.update(bytes);
        hex::encode(hasher.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_the_published_ones() {
        // FIPS 180-4, RFC 1321, RFC 7693 and the vectors of the BLAKE2 authors, for "abc".
        for (name, begins) in [
            ("sha256", "ba7816bf8f01cfea"),
            ("sha512", "ddaf35a193617aba"),
            ("sha512/256", "53048e2681941ef9"),
            ("sha1", "a9993e364706816a"),
            ("md5", "900150983cd24fb0"),
            ("blake2b-160", "384264f676f39536"),
            ("blake2b-256", "bddd813c63423972"),
            ("blake2b-384", "6f56a82c8e7ef526"),
            ("blake2b-512", "ba80a53f981c4d0d"),
        ] {
            let algorithm = Algorithm::named(name).unwrap();
            assert!(
                algorithm.digest(b"abc").starts_with(begins),
                "{name}: {}",
                algorithm.digest(b"abc")
            );
            assert_eq!(algorithm.name(), name);
        }
        assert_eq!(Algorithm::named("crc32"), None);
        assert_eq!(Algorithm::for_content("md5"), None);
    }
}
