//! A witness: another party that signs a log's checkpoints only if each extends the one before.
//!
//! The protocol is tlog-witness without its HTTP: a request's text goes in, an answer's text comes out, so
//! that a web server can carry it as well as a file on a stick.

use std::{fmt, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures::lock::Mutex;
use hrisov_model::Digest;
use hrisov_store::{Blobs, Key, StoreError};

use crate::{
    FormatError, KeyError, KeyKind, LedgerError, Note, Reader, SignedCheckpoint, SigningKey, TrustError,
    VerifierKey,
    checkpoint::{parse_decimal, parse_hash},
    note::{MAX_NOTE_BYTES, SignatureLines},
    reader::read_checkpoint,
    tree::check_consistency,
};

/// tlog-witness, section add-checkpoint: the client must not send more proof lines.
const MAX_PROOF_LINES: usize = 63;
/// A request is a checkpoint after so many lines of base64.
pub const MAX_REQUEST_BYTES: usize = MAX_NOTE_BYTES + 64 * 48;

/// What a log asks of a witness (tlog-witness, section add-checkpoint).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessRequest {
    /// Size of the checkpoint that the witness cosigned last; 0 at first.
    pub old: u64,
    /// RFC 6962 section 2.1.2: that the new checkpoint extends it.
    pub proof: Vec<Digest>,
    /// The checkpoint to be cosigned.
    pub checkpoint: SignedCheckpoint,
}

/// What a witness answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessAnswer {
    /// The HTTP status that tlog-witness asks for; 200 alone means that it cosigned.
    pub status: u16,
    /// The body's type: `text/x.tlog.size` where the body is the size that the witness knows.
    pub content_type: &'static str,
    /// Signature lines, a size, or a sentence that says what is wrong.
    pub body: String,
}

/// A witness with its key, the logs that it serves, and on disk the last checkpoint of each.
#[derive(Debug)]
pub struct Witness {
    key: SigningKey,
    logs: Vec<VerifierKey>,
    state: Arc<dyn Blobs>,
    /// tlog-witness, section add-checkpoint: comparing and recording are one act.
    turn: Mutex<()>,
}

impl WitnessRequest {
    /// The request for a log's newest checkpoint to a witness that knows its first `old` leaves.
    ///
    /// # Errors
    /// As [`Reader::consistency`].
    pub async fn new(reader: &Reader, old: u64) -> Result<Self, LedgerError> {
        Ok(Self {
            old,
            proof: reader.consistency(old).await?,
            checkpoint: reader.head().clone(),
        })
    }

    /// tlog-witness, section add-checkpoint, to the byte.
    ///
    /// # Errors
    /// Where it differs from that, or is beyond [`MAX_REQUEST_BYTES`].
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let fault = |place: &str, reason| FormatError::new("witness request", place, reason);
        if bytes.len() > MAX_REQUEST_BYTES {
            return Err(fault("the whole", "too long"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| fault("the whole", "not UTF-8"))?;
        let (head, checkpoint) = text
            .split_once("\n\n")
            .ok_or_else(|| fault("the whole", "no empty line before the checkpoint"))?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old "));
        let old = old
            .and_then(parse_decimal)
            .ok_or_else(|| fault("line 1", "expected old and a decimal number"))?;
        let proof: Option<Vec<_>> = lines.map(parse_hash).collect();
        let proof = proof.ok_or_else(|| fault("the proof", "a line is not the base64 of 32 bytes"))?;
        if proof.len() > MAX_PROOF_LINES {
            return Err(fault("the proof", "more than 63 lines"));
        }
        Ok(Self {
            old,
            proof,
            checkpoint: SignedCheckpoint::parse(checkpoint.as_bytes())?,
        })
    }
}

impl fmt::Display for WitnessRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        for hash in &self.proof {
            writeln!(f, "{}", STANDARD.encode(hash.as_bytes()))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

impl WitnessAnswer {
    fn new(status: u16, body: impl fmt::Display) -> Self {
        Self {
            status,
            content_type: "text/plain; charset=utf-8",
            body: format!("{body}\n"),
        }
    }

    fn conflict(known: u64) -> Self {
        Self {
            content_type: "text/x.tlog.size",
            ..Self::new(409, known)
        }
    }
}

/// tlog-witness, section add-checkpoint: the answer to a request, given the checkpoint of that log that was
/// cosigned last. The checkpoint of the request is to be recorded before an answer with status 200 is given.
#[must_use]
pub fn decide(
    request: &WitnessRequest,
    latest: Option<&SignedCheckpoint>,
    logs: &[VerifierKey],
    key: &SigningKey,
    seconds: u64,
) -> WitnessAnswer {
    let new = request.checkpoint.checkpoint();
    if logs.iter().all(|log| log.name() != new.origin) {
        return WitnessAnswer::new(404, format!("the log {} is not known here", new.origin));
    }
    if let Err(error) = request.checkpoint.verify(logs) {
        return WitnessAnswer::new(403, error);
    }
    if request.old > new.size {
        return WitnessAnswer::new(400, "the old size is greater than the checkpoint's");
    }
    let known = latest.map_or(0, |latest| latest.checkpoint().size);
    if request.old != known {
        return WitnessAnswer::conflict(known);
    }
    let empty = crate::tree::empty_root();
    let known_root = latest.map_or(&empty, |latest| &latest.checkpoint().root);
    if known == new.size && *known_root != new.root {
        return WitnessAnswer::conflict(known);
    }
    if let Err(fault) = check_consistency((known, known_root), (new.size, &new.root), &request.proof) {
        return WitnessAnswer::new(422, fault);
    }
    let mut note: Note = request.checkpoint.note().with_signatures(Vec::new());
    note.cosign(key, seconds);
    WitnessAnswer {
        body: SignatureLines(note.signatures()).to_string(),
        ..WitnessAnswer::new(200, "")
    }
}

impl Witness {
    /// A witness of these logs. `state` is its own folder.
    ///
    /// # Errors
    /// [`KeyError::Format`] where the key is not one of a witness.
    pub fn new(key: SigningKey, logs: Vec<VerifierKey>, state: Arc<dyn Blobs>) -> Result<Self, KeyError> {
        if key.verifier().kind() != KeyKind::Witness {
            return Err(FormatError::new("signing key", "its type", "not the key of a witness").into());
        }
        Ok(Self {
            key,
            logs,
            state,
            turn: Mutex::new(()),
        })
    }

    /// tlog-witness, section add-checkpoint. `seconds` is the time now, since 1970, UTC.
    ///
    /// # Errors
    /// [`LedgerError::Trust`] where the recorded state is not signed by the log (it was tampered with), and
    /// what the folder says. Nothing was cosigned then, and the request may be repeated.
    pub async fn add_checkpoint(&self, request: &[u8], seconds: u64) -> Result<WitnessAnswer, LedgerError> {
        let request = match WitnessRequest::parse(request) {
            Ok(request) => request,
            Err(error) => return Ok(WitnessAnswer::new(400, error)),
        };
        let _turn = self.turn.lock().await;
        let latest = self.latest(&request.checkpoint.checkpoint().origin).await?;
        let answer = decide(&request, latest.as_ref(), &self.logs, &self.key, seconds);
        if answer.status == 200 && latest.as_ref() != Some(&request.checkpoint) {
            let key = state_key(&request.checkpoint.checkpoint().origin)?;
            self.state
                .replace(&key, request.checkpoint.to_string().into())
                .await?;
        }
        Ok(answer)
    }

    /// The checkpoint of a log that was cosigned last; `None` where none ever was.
    ///
    /// # Errors
    /// As [`Witness::add_checkpoint`].
    pub async fn latest(&self, origin: &str) -> Result<Option<SignedCheckpoint>, LedgerError> {
        let latest = read_checkpoint(&*self.state, &state_key(origin)?).await?;
        if let Some(latest) = &latest {
            latest.verify(&self.logs)?;
            if latest.checkpoint().origin != origin {
                return Err(TrustError::OtherLog {
                    expected: origin.to_owned(),
                    found: latest.checkpoint().origin.clone(),
                }
                .into());
            }
        }
        Ok(latest)
    }
}

/// An origin may hold anything; its digest is always a name of a file.
fn state_key(origin: &str) -> Result<Key, StoreError> {
    format!("witnessed-{}", Digest::of(origin.as_bytes())).parse()
}
