//! Signed notes: a text and the signatures under it.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    FormatError, KeyKind, SigningKey, TrustError, VerifierKey,
    cosignature::{cosign, cosigned_at},
    key::check_name,
};

/// signed-note, section Format: verifiers set a limit, and must take 16 signatures of up to 5 kB each.
pub const MAX_NOTE_BYTES: usize = 1 << 18;
/// See [`MAX_NOTE_BYTES`].
const MAX_SIGNATURES: usize = 64;
/// signed-note, section Format: em dash and space before the key's name.
const SIGNATURE_MARK: &str = "\u{2014} ";

/// A text and who signed it, as it was read: nothing about it is believed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// One signature line of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The key's name.
    name: String,
    /// The key's identifier.
    id: [u8; 4],
    /// What the key made.
    bytes: Vec<u8>,
}

/// A signature that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// Whose it is.
    pub key: VerifierKey,
    /// For a witness: the second (since 1970, UTC) at which it says to have seen the checkpoint.
    pub time: Option<u64>,
}

impl Note {
    /// A text to be signed.
    ///
    /// # Errors
    /// Where signed-note, section Format, forbids it: no newline at the end, or a control character.
    pub fn new(text: String) -> Result<Self, FormatError> {
        check_text(&text)?;
        if !text.ends_with('\n') {
            return Err(FormatError::new(
                "signed note",
                "its text",
                "it does not end in a newline",
            ));
        }
        Ok(Self {
            text,
            signatures: Vec::new(),
        })
    }

    /// signed-note, section Format: the text, an empty line, one or more signature lines.
    ///
    /// # Errors
    /// Where it differs from that in a single byte, or is beyond [`MAX_NOTE_BYTES`].
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let fault = |place: &str, reason| FormatError::new("signed note", place, reason);
        if bytes.len() > MAX_NOTE_BYTES {
            return Err(fault("the whole", "longer than 256 KiB"));
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| fault("the whole", "not UTF-8"))?;
        check_text(whole)?;
        let split = whole
            .rfind("\n\n")
            .ok_or_else(|| fault("the whole", "no empty line between text and signatures"))?;
        let (text, signatures) = (&whole[..=split], &whole[split + 2..]);
        Ok(Self {
            text: text.to_owned(),
            signatures: parse_signatures(signatures)?,
        })
    }

    /// The text with its last newline, which is what is signed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many signatures are under it, known or not.
    #[must_use]
    pub fn signature_count(&self) -> usize {
        self.signatures.len()
    }

    /// Adds the log's signature (signed-note, section Ed25519 signatures). Again by the same key changes
    /// nothing: the signature is the same.
    pub fn sign(&mut self, key: &SigningKey) {
        self.add(Signature {
            name: key.verifier().name().to_owned(),
            id: key.verifier().id(),
            bytes: key.sign(self.text.as_bytes()),
        });
    }

    /// Adds a witness's signature (tlog-cosignature) of a time in seconds since 1970.
    pub fn cosign(&mut self, key: &SigningKey, seconds: u64) {
        let signature = cosign(key, seconds, &self.text);
        self.add(signature);
    }

    /// The signatures of these keys. signed-note, section Signatures: others are ignored.
    ///
    /// # Errors
    /// [`TrustError::WrongSignature`] where one bears a known name and identifier and is not of that key.
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<Vec<Signer>, TrustError> {
        let mut signers = Vec::new();
        for signature in &self.signatures {
            if let Some(key) = keys.iter().find(|key| signature.is_by(key)) {
                signers.push(signature.check(key, &self.text)?);
            }
        }
        Ok(signers)
    }

    /// The same text with these signatures alone.
    pub(crate) fn with_signatures(&self, signatures: Vec<Signature>) -> Self {
        Self {
            text: self.text.clone(),
            signatures,
        }
    }

    pub(crate) fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Adds a signature in the place of an earlier one by the same key.
    pub(crate) fn add(&mut self, signature: Signature) {
        let same = |other: &Signature| (&other.name, other.id) == (&signature.name, signature.id);
        match self.signatures.iter().position(same) {
            Some(place) => self.signatures[place] = signature,
            None => self.signatures.push(signature),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.text, SignatureLines(&self.signatures))
    }
}

impl Signature {
    pub(crate) fn new(key: &VerifierKey, bytes: Vec<u8>) -> Self {
        Self {
            name: key.name().to_owned(),
            id: key.id(),
            bytes,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn is_by(&self, key: &VerifierKey) -> bool {
        key.name() == self.name && key.id() == self.id
    }

    fn check(&self, key: &VerifierKey, text: &str) -> Result<Signer, TrustError> {
        let time = match key.kind() {
            KeyKind::Log => key.signed(text.as_bytes(), &self.bytes).then_some(None),
            KeyKind::Witness => cosigned_at(key, text, &self.bytes).map(Some),
        };
        let time = time.ok_or_else(|| TrustError::WrongSignature {
            name: self.name.clone(),
            id: hex::encode(self.id),
        })?;
        Ok(Signer {
            key: key.clone(),
            time,
        })
    }
}

/// Signature lines as signed-note writes them, each with its newline.
pub(crate) struct SignatureLines<'a>(pub(crate) &'a [Signature]);

impl fmt::Display for SignatureLines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|signature| {
            let encoded = STANDARD.encode([signature.id.as_slice(), &signature.bytes].concat());
            writeln!(f, "{SIGNATURE_MARK}{} {encoded}", signature.name)
        })
    }
}

/// signed-note, section Format: one or more lines of em dash, space, name, space, base64.
///
/// # Errors
/// [`FormatError`] with the line's number among the signatures.
pub(crate) fn parse_signatures(lines: &str) -> Result<Vec<Signature>, FormatError> {
    let fault = |place: usize, reason| FormatError::new("signed note", format!("signature {place}"), reason);
    let lines = lines
        .strip_suffix('\n')
        .ok_or_else(|| fault(1, "it does not end in a newline"))?;
    if lines.split('\n').count() > MAX_SIGNATURES {
        return Err(fault(MAX_SIGNATURES, "more than 64 of them"));
    }
    let mut signatures = Vec::new();
    for (line, place) in lines.split('\n').zip(1..) {
        let parts = line
            .strip_prefix(SIGNATURE_MARK)
            .and_then(|rest| rest.split_once(' '));
        let (name, encoded) = parts.ok_or_else(|| fault(place, "expected em dash, name, base64"))?;
        check_name("signed note", name)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| fault(place, "not base64"))?;
        match bytes.split_first_chunk() {
            Some((id, bytes)) if !bytes.is_empty() => signatures.push(Signature {
                name: name.to_owned(),
                id: *id,
                bytes: bytes.to_vec(),
            }),
            _ => return Err(fault(place, "shorter than five bytes")),
        }
    }
    Ok(signatures)
}

/// signed-note, section Format: no control character below U+0020 but newlines.
fn check_text(text: &str) -> Result<(), FormatError> {
    match text.lines().position(|line| line.contains(|c: char| c < ' ')) {
        None if !text.contains('\r') => Ok(()),
        place => Err(FormatError::new(
            "signed note",
            format!("line {}", place.unwrap_or_default() + 1),
            "it holds a control character",
        )),
    }
}
