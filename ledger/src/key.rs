//! Ed25519 keys: names, identifiers, the file of the signing key.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
    str::FromStr,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hrisov_model::{Digest, Hasher};
use ring::{
    rand::{SecureRandom as _, SystemRandom},
    signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey},
};

use crate::{FormatError, KeyError};

/// RFC 8032: bytes of a seed, and of a public key.
const KEY_BYTES: usize = 32;
/// The fixed beginning of an Ed25519 public key in DER (RFC 8410 section 4): openssl reads what follows it.
const SPKI_PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];
/// What a private key's text begins with, as Go's `sumdb/note` writes it.
const PRIVATE: &str = "PRIVATE+KEY+";

/// What a key signs (signed-note, section Signature types).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// `0x01`: the note's text, as the log does.
    Log,
    /// `0x04`: a checkpoint seen at a time, as a witness does (tlog-cosignature).
    Witness,
}

/// A public key with its name; as text `name+id+base64`, the form that tlog programs call a *vkey*.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    public: [u8; KEY_BYTES],
}

/// A private key with its name. Its `Debug` shows the public half only.
pub struct SigningKey {
    verifier: VerifierKey,
    pair: Ed25519KeyPair,
}

impl KeyKind {
    const fn byte(self) -> u8 {
        match self {
            Self::Log => 0x01,
            Self::Witness => 0x04,
        }
    }

    const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0x01 => Some(Self::Log),
            0x04 => Some(Self::Witness),
            _ => None,
        }
    }
}

impl VerifierKey {
    /// signed-note, section Signatures: the key's name. That of a log is its origin.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// signed-note, section Signatures: the first four bytes of
    /// `SHA-256(name || 0x0A || signature type || public key)`.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        let mut hasher = Hasher::default();
        hasher.update(self.name.as_bytes());
        hasher.update(&[b'\n', self.kind.byte()]);
        hasher.update(&self.public);
        *hasher
            .finish()
            .as_bytes()
            .first_chunk()
            .expect("a digest has 32 bytes")
    }

    /// SHA-256 of the public key in DER, to be compared by eye; what
    /// `openssl pkey -pubin -in key.pem -outform DER | sha256sum` prints.
    #[must_use]
    pub fn fingerprint(&self) -> Digest {
        Digest::of(&[SPKI_PREFIX.as_slice(), &self.public].concat())
    }

    /// The public key as openssl reads it (RFC 7468, RFC 8410).
    #[must_use]
    pub fn to_pem(&self) -> String {
        let der = STANDARD.encode([SPKI_PREFIX.as_slice(), &self.public].concat());
        format!("-----BEGIN PUBLIC KEY-----\n{der}\n-----END PUBLIC KEY-----\n")
    }

    /// The key of the log of that name, from the form that openssl reads (RFC 7468, RFC 8410), which tells no name.
    ///
    /// # Errors
    /// Where it is no Ed25519 public key, or the name is not that of a log.
    pub fn from_pem(name: &str, pem: &str) -> Result<Self, FormatError> {
        let fault = |reason| FormatError::new("public key", "the PEM block", reason);
        let (_, rest) = pem
            .split_once("-----BEGIN PUBLIC KEY-----")
            .ok_or_else(|| fault("it has no beginning"))?;
        let (encoded, _) = rest
            .split_once("-----END PUBLIC KEY-----")
            .ok_or_else(|| fault("it has no end"))?;
        let encoded: String = encoded.split_whitespace().collect();
        let der = STANDARD.decode(encoded).map_err(|_| fault("not base64"))?;
        let public = der.strip_prefix(&SPKI_PREFIX).and_then(|key| key.try_into().ok());
        check_name("public key", name)?;
        Ok(Self {
            name: name.to_owned(),
            kind: KeyKind::Log,
            public: public.ok_or_else(|| fault("not an Ed25519 key"))?,
        })
    }

    /// RFC 8032: whether the signature was made by this key over these bytes.
    pub(crate) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, &self.public);
        key.verify(message, signature).is_ok()
    }
}

/// signed-note, section Verifier keys: `name+hex(id)+base64(type || key)`.
impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoded = STANDARD.encode([&[self.kind.byte()], self.public.as_slice()].concat());
        write!(f, "{}+{}+{encoded}", self.name, hex::encode(self.id()))
    }
}

impl FromStr for VerifierKey {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let (name, id, kind, public) = parse_parts("public key", text)?;
        let key = Self { name, kind, public };
        match key.id() == id {
            true => Ok(key),
            false => Err(FormatError::new(
                "public key",
                "its identifier",
                "it belongs to another key or name",
            )),
        }
    }
}

impl SigningKey {
    /// Makes a key and its file, which only the owner can read (mode 0600). Keep a copy of the file in a
    /// safe place, and never beside the archive: who has it can sign in the archive's name.
    ///
    /// # Errors
    /// [`KeyError::Exists`] where there is a file; [`KeyError::Format`] for a name with a space or `+`.
    pub fn create(path: &Path, name: &str, kind: KeyKind) -> Result<Self, KeyError> {
        let mut seed = [0; KEY_BYTES];
        SystemRandom::new()
            .fill(&mut seed)
            .map_err(|_| KeyError::NoRandom)?;
        let key = Self::from_seed(name, kind, &seed)?;
        let text = format!(
            "{PRIVATE}{name}+{}+{}\n",
            hex::encode(key.verifier.id()),
            STANDARD.encode([&[kind.byte()], seed.as_slice()].concat())
        );
        write_new(path, &text)?;
        Ok(key)
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// [`KeyError::Missing`]; [`KeyError::Exposed`] where others than the owner may read or write it.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::Io {
            action: "read",
            path: path.to_owned(),
            source,
        };
        let meta = fs::metadata(path).map_err(|e| match e.kind() {
            ErrorKind::NotFound => KeyError::Missing {
                path: path.to_owned(),
            },
            _ => failed(e),
        })?;
        let mode = meta.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Exposed {
                path: path.to_owned(),
                mode,
            });
        }
        Ok(fs::read_to_string(path).map_err(failed)?.parse()?)
    }

    /// Its public half.
    #[must_use]
    pub const fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// RFC 8032: the same message always gets the same signature.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }

    fn from_seed(name: &str, kind: KeyKind, seed: &[u8; KEY_BYTES]) -> Result<Self, FormatError> {
        check_name("signing key", name)?;
        let pair = Ed25519KeyPair::from_seed_unchecked(seed)
            .map_err(|_| FormatError::new("signing key", "its seed", "not 32 bytes"))?;
        let public = <[u8; KEY_BYTES]>::try_from(pair.public_key().as_ref())
            .map_err(|_| FormatError::new("signing key", "its public half", "not 32 bytes"))?;
        let verifier = VerifierKey {
            name: name.to_owned(),
            kind,
            public,
        };
        Ok(Self { verifier, pair })
    }
}

/// The text that Go's `sumdb/note` writes: `PRIVATE+KEY+name+hex(id)+base64(type || seed)`.
impl FromStr for SigningKey {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let rest = text
            .strip_prefix(PRIVATE)
            .ok_or_else(|| FormatError::new("signing key", "its beginning", "expected PRIVATE+KEY+"))?;
        let (name, id, kind, seed) = parse_parts("signing key", rest)?;
        let key = Self::from_seed(&name, kind, &seed)?;
        match key.verifier.id() == id {
            true => Ok(key),
            false => Err(FormatError::new(
                "signing key",
                "its identifier",
                "it belongs to another key or name",
            )),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.verifier)
    }
}

/// signed-note, section Format: not empty, no space, no `+`, no control character.
pub(crate) fn check_name(what: &'static str, name: &str) -> Result<(), FormatError> {
    let fault = |reason| Err(FormatError::new(what, "the key's name", reason));
    match name {
        "" => fault("it is empty"),
        _ if name.contains(char::is_whitespace) => fault("it holds a space"),
        _ if name.contains('+') => fault("it holds a plus sign"),
        _ if name.contains(char::is_control) => fault("it holds a control character"),
        _ => Ok(()),
    }
}

type Parts = (String, [u8; 4], KeyKind, [u8; KEY_BYTES]);

fn parse_parts(what: &'static str, text: &str) -> Result<Parts, FormatError> {
    let shape = || FormatError::new(what, "its parts", "expected name+identifier+base64");
    let (name, rest) = text.split_once('+').ok_or_else(shape)?;
    let (id_text, encoded) = rest.split_once('+').ok_or_else(shape)?;
    check_name(what, name)?;
    let mut id = [0; 4];
    hex::decode_to_slice(id_text, &mut id)
        .map_err(|_| FormatError::new(what, "its identifier", "expected eight hexadecimal digits"))?;
    let bytes = STANDARD
        .decode(encoded)
        .map_err(|_| FormatError::new(what, "its bytes", "not base64"))?;
    let (kind, key) = bytes.split_first().ok_or_else(shape)?;
    let kind = KeyKind::from_byte(*kind).ok_or_else(|| {
        FormatError::new(
            what,
            "its type",
            "neither Ed25519 (1) nor Ed25519 cosignature (4)",
        )
    })?;
    let key = key
        .try_into()
        .map_err(|_| FormatError::new(what, "its bytes", "an Ed25519 key has 32 of them"))?;
    Ok((name.to_owned(), id, kind, key))
}

/// Writes a file that was not there, durably, with the rights set before the first byte is in it. Under another name
/// first: a full disk or a crash leaves no half of a key in its place.
fn write_new(path: &Path, text: &str) -> Result<(), KeyError> {
    let failed = |source| KeyError::Io {
        action: "write",
        path: path.to_owned(),
        source,
    };
    if path.try_exists().map_err(failed)? {
        return Err(KeyError::Exists {
            path: path.to_owned(),
        });
    }
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    match fs::remove_file(part) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(part)
        .map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    fs::rename(part, path).map_err(failed)?;
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(failed)
}
