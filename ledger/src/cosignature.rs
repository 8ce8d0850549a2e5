//! What a witness adds to a checkpoint: that it saw this one, and no other, at a time.

use crate::{SigningKey, VerifierKey, note::Signature};

/// tlog-cosignature, section Format: `timestamp` must not exceed this.
const MAX_SECONDS: u64 = i64::MAX as u64;

/// tlog-cosignature, section Ed25519 signed message: header line, time line, the whole text of the note.
fn message(seconds: u64, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {seconds}\n{text}").into_bytes()
}

/// tlog-cosignature, section Format: the time in eight bytes, the high one first, then the signature.
pub(crate) fn cosign(key: &SigningKey, seconds: u64, text: &str) -> Signature {
    let seconds = seconds.min(MAX_SECONDS);
    let mut bytes = seconds.to_be_bytes().to_vec();
    bytes.extend(key.sign(&message(seconds, text)));
    Signature::new(key.verifier(), bytes)
}

/// The time, in seconds since 1970, of which the witness signed the text; `None` where it did not.
pub(crate) fn cosigned_at(key: &VerifierKey, text: &str, signature: &[u8]) -> Option<u64> {
    let (seconds, signature) = signature.split_first_chunk()?;
    let seconds = u64::from_be_bytes(*seconds);
    (seconds <= MAX_SECONDS && key.signed(&message(seconds, text), signature)).then_some(seconds)
}
