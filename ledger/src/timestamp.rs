//! Time from outside: an authority signs that a checkpoint existed at a time (RFC 3161).
//!
//! What is stamped is the checkpoint's text, so that signatures added later do not matter.

use hrisov_model::Digest;
use jiff::Timestamp;
use ring::{
    digest,
    rand::{SecureRandom as _, SystemRandom},
};
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime, pem::PemObject as _};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use crate::{
    Checkpoint, FormatError, KeyError,
    der::{
        CONTEXT_0, CONTEXT_0_PRIMITIVE, CONTEXT_1, Element, Elements, GENERALIZED_TIME, INTEGER,
        OCTET_STRING, OID, SEQUENCE, SET, element,
    },
};

/// An answer holds a few certificates; authorities send less than 10 kB.
pub const MAX_ANSWER_BYTES: usize = 1 << 18;

/// 2.16.840.1.101.3.4.2.1 to .3 (RFC 5754 section 2): SHA-256, SHA-384, SHA-512.
const SHA2: [(&[u8], &digest::Algorithm); 3] = [
    (
        &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01],
        &digest::SHA256,
    ),
    (
        &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02],
        &digest::SHA384,
    ),
    (
        &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03],
        &digest::SHA512,
    ),
];
/// 1.2.840.113549.1.7.2 (RFC 5652 section 5.1): signed data.
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// 1.2.840.113549.1.9.16.1.4 (RFC 3161 section 2.4.2): the content is a time stamp.
const TST_INFO: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04];
/// 1.2.840.113549.1.9.3 (RFC 5652 section 11.1): content type.
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
/// 1.2.840.113549.1.9.4 (RFC 5652 section 11.2): message digest.
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
/// 1.3.6.1.5.5.7.3.8 (RFC 3161 section 2.3): the certificate is for time stamps.
const TIME_STAMPING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];

/// A question to a time-stamping authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimestampRequest {
    imprint: Digest,
    nonce: [u8; 8],
}

/// What an authority vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The time at which it saw the checkpoint's hash.
    pub time: Timestamp,
    /// The stamp's number at that authority, in hexadecimal.
    pub serial: String,
}

/// Why an answer is no time stamp of this checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    /// Not in the form of RFC 3161.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The authority says no.
    #[error("the authority refused: status {status}")]
    Refused {
        /// `PKIStatus` of RFC 3161 section 2.4.2.
        status: u8,
    },
    /// It stamps something else.
    #[error("it is a time stamp of other bytes than this checkpoint")]
    OtherImprint,
    /// It answers another request.
    #[error("it answers another request: the nonce differs")]
    OtherNonce,
    /// The signed attributes do not fit the stamp.
    #[error("the time stamp was changed: it is not what the authority signed")]
    Changed,
    /// No enclosed certificate made the signature.
    #[error("the signature is of none of its {certificates} certificates, or the time stamp was changed")]
    WrongSignature {
        /// Certificates in the answer.
        certificates: usize,
    },
    /// The signer's certificate does not lead to a trusted one.
    #[error("the authority is not trusted: {reason}")]
    UnknownAuthority {
        /// What the check of the certificates said.
        reason: String,
    },
}

impl TimestampRequest {
    /// A question for a checkpoint, with a fresh nonce.
    ///
    /// # Errors
    /// [`KeyError::NoRandom`].
    pub fn new(checkpoint: &Checkpoint) -> Result<Self, KeyError> {
        let mut nonce = [0; 8];
        SystemRandom::new()
            .fill(&mut nonce)
            .map_err(|_| KeyError::NoRandom)?;
        // A positive integer of always eight bytes (X.690 section 8.3).
        nonce[0] = nonce[0] & 0x3f | 0x40;
        Ok(Self {
            imprint: Digest::of(checkpoint.to_string().as_bytes()),
            nonce,
        })
    }

    /// RFC 3161 section 2.4.1: version 1, SHA-256 of the text, nonce, and the wish for certificates. To be sent
    /// as `application/timestamp-query`.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let algorithm = element(SEQUENCE, &[element(OID, SHA2[0].0), vec![0x05, 0x00]].concat());
        let imprint = [algorithm, element(OCTET_STRING, self.imprint.as_bytes())].concat();
        let certificates = vec![0x01, 0x01, 0xff];
        let parts = [
            element(INTEGER, &[1]),
            element(SEQUENCE, &imprint),
            element(INTEGER, &self.nonce),
            certificates,
        ];
        element(SEQUENCE, &parts.concat())
    }

    /// Checks the authority's answer to this request, as [`check_timestamp`] and its nonce.
    ///
    /// # Errors
    /// [`TimestampError`].
    pub fn check(&self, answer: &[u8], roots: &[CertificateDer<'_>]) -> Result<Stamp, TimestampError> {
        let (stamp, nonce) = check_imprint(answer, &self.imprint, roots)?;
        match nonce == Some(&self.nonce[..]) {
            true => Ok(stamp),
            false => Err(TimestampError::OtherNonce),
        }
    }
}

/// Whether an answer kept earlier is a time stamp of this checkpoint, by an authority whose certificate leads
/// to one of the `roots` and was valid at the stamp's own time.
///
/// # Errors
/// [`TimestampError`].
pub fn check_timestamp(
    answer: &[u8],
    checkpoint: &Checkpoint,
    roots: &[CertificateDer<'_>],
) -> Result<Stamp, TimestampError> {
    let imprint = Digest::of(checkpoint.to_string().as_bytes());
    check_imprint(answer, &imprint, roots).map(|(stamp, _)| stamp)
}

/// The certificates of trusted authorities in a PEM file.
///
/// # Errors
/// Where it is damaged, or holds none.
pub fn read_roots(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, FormatError> {
    let fault = |reason| FormatError::new("file of certificates", "a PEM block", reason);
    let roots: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match roots {
        Err(_) => Err(fault("it is damaged")),
        Ok(roots) if roots.is_empty() => Err(fault("there is no certificate")),
        Ok(roots) => Ok(roots),
    }
}

/// RFC 5652 section 5.3: what is needed of the one signature under a stamp.
struct Signed<'a> {
    content: &'a [u8],
    certificates: Vec<CertificateDer<'a>>,
    digest: &'static digest::Algorithm,
    attributes: Element<'a>,
    signature: &'a [u8],
}

type Imprinted<'a> = (Stamp, Option<&'a [u8]>);

fn check_imprint<'a>(
    answer: &'a [u8],
    imprint: &Digest,
    roots: &[CertificateDer<'_>],
) -> Result<Imprinted<'a>, TimestampError> {
    if answer.len() > MAX_ANSWER_BYTES {
        return Err(FormatError::new("time stamp", "the whole", "longer than 256 KiB").into());
    }
    let signed = read_signed(read_token(answer)?)?;
    let stamped = read_stamp(signed.content)?;
    if stamped.imprint != imprint.as_bytes() {
        return Err(TimestampError::OtherImprint);
    }
    check_signature(&signed, stamped.stamp.time, roots)?;
    Ok((stamped.stamp, stamped.nonce))
}

/// RFC 3161 section 2.4.2: status 0 or 1, then the token.
fn read_token(answer: &[u8]) -> Result<Element<'_>, TimestampError> {
    let mut parts = Elements::new(answer).take(SEQUENCE, "the answer")?.elements();
    let mut status = parts.take(SEQUENCE, "the status")?.elements();
    let status = status.take(INTEGER, "the status")?.value;
    match status {
        [0 | 1] => Ok(parts.take(SEQUENCE, "the token")?),
        _ => Err(TimestampError::Refused {
            status: status.last().copied().unwrap_or(u8::MAX),
        }),
    }
}

/// RFC 5652 sections 3 and 5.1.
fn read_signed(token: Element<'_>) -> Result<Signed<'_>, TimestampError> {
    let fault = |place: &str, reason| FormatError::new("time stamp", place, reason);
    let mut info = token.elements();
    if info.take(OID, "the token's type")?.value != SIGNED_DATA {
        return Err(fault("the token's type", "not signed data").into());
    }
    let mut wrapped = info.take(CONTEXT_0, "the signed data")?.elements();
    let mut data = wrapped.take(SEQUENCE, "the signed data")?.elements();
    data.take(INTEGER, "the version")?;
    data.take(SET, "the digest algorithms")?;
    let mut content = data.take(SEQUENCE, "the content")?.elements();
    if content.take(OID, "the content's type")?.value != TST_INFO {
        return Err(fault("the content's type", "not a time stamp").into());
    }
    let mut content = content.take(CONTEXT_0, "the content")?.elements();
    let content = content.take(OCTET_STRING, "the content")?.value;
    let mut enclosed = data.take(CONTEXT_0, "the certificates")?.elements();
    let mut certificates = Vec::new();
    while !enclosed.is_empty() {
        certificates.push(CertificateDer::from(
            enclosed.take(SEQUENCE, "a certificate")?.whole,
        ));
    }
    // Lists of withdrawn certificates.
    data.take_if(CONTEXT_1);
    let mut signers = data.take(SET, "the signers")?.elements();
    let mut signer = signers.take(SEQUENCE, "the signer")?.elements();
    signer.take(INTEGER, "the signer's version")?;
    // Who signed: by the key's identifier, or by issuer and number. The signature itself tells.
    if signer.take_if(CONTEXT_0_PRIMITIVE).is_none() {
        signer.take(SEQUENCE, "the signer's name")?;
    }
    let mut algorithm = signer.take(SEQUENCE, "the digest algorithm")?.elements();
    let algorithm = algorithm.take(OID, "the digest algorithm")?.value;
    let known = SHA2.iter().find(|(oid, _)| *oid == algorithm);
    let (_, digest) =
        known.ok_or_else(|| fault("the digest algorithm", "none of SHA-256, SHA-384, SHA-512"))?;
    let attributes = signer.take(CONTEXT_0, "the signed attributes")?;
    signer.take(SEQUENCE, "the signature algorithm")?;
    let signature = signer.take(OCTET_STRING, "the signature")?.value;
    if !signers.is_empty() {
        return Err(fault("the signers", "more than one").into());
    }
    Ok(Signed {
        content,
        certificates,
        digest,
        attributes,
        signature,
    })
}

struct Stamped<'a> {
    stamp: Stamp,
    imprint: &'a [u8],
    nonce: Option<&'a [u8]>,
}

/// RFC 3161 section 2.4.2: `TSTInfo`.
fn read_stamp(content: &[u8]) -> Result<Stamped<'_>, FormatError> {
    let mut info = Elements::new(content).take(SEQUENCE, "the stamp")?.elements();
    info.take(INTEGER, "the stamp's version")?;
    info.take(OID, "the policy")?;
    let mut imprint = info.take(SEQUENCE, "the imprint")?.elements();
    let mut algorithm = imprint.take(SEQUENCE, "the imprint's algorithm")?.elements();
    if algorithm.take(OID, "the imprint's algorithm")?.value != SHA2[0].0 {
        return Err(FormatError::new(
            "time stamp",
            "the imprint's algorithm",
            "not SHA-256",
        ));
    }
    let imprint = imprint.take(OCTET_STRING, "the imprint")?.value;
    let serial = hex::encode(info.take(INTEGER, "the serial number")?.value);
    let time = read_time(info.take(GENERALIZED_TIME, "the time")?.value)
        .ok_or_else(|| FormatError::new("time stamp", "the time", "not a time in UTC"))?;
    // Accuracy and ordering.
    info.take_if(SEQUENCE);
    info.take_if(0x01);
    let nonce = info.take_if(INTEGER).map(|nonce| nonce.value);
    Ok(Stamped {
        stamp: Stamp { time, serial },
        imprint,
        nonce,
    })
}

/// RFC 3161 section 2.4.2: `YYYYMMDDhhmmss[.s...]Z`.
fn read_time(bytes: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.is_ascii())?;
    let (digits, rest) = text.split_at_checked(14)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(())?;
    let part = |start: usize, end: usize| &digits[start..end];
    let (date, time) = (
        [part(0, 4), part(4, 6), part(6, 8)],
        [part(8, 10), part(10, 12), part(12, 14)],
    );
    format!("{}T{}{rest}", date.join("-"), time.join(":"))
        .parse()
        .ok()
        .filter(|_| rest.ends_with('Z'))
}

/// RFC 5652 section 5.4: the attributes hold the content's digest, and the signature is over the attributes.
fn check_signature(
    signed: &Signed<'_>,
    time: Timestamp,
    roots: &[CertificateDer<'_>],
) -> Result<(), TimestampError> {
    let found = digest::digest(signed.digest, signed.content);
    if attribute(signed, MESSAGE_DIGEST)?.value != found.as_ref()
        || attribute(signed, CONTENT_TYPE)?.value != TST_INFO
    {
        return Err(TimestampError::Changed);
    }
    // They are signed as a SET, though they stand there under another tag.
    let message = [&[SET], &signed.attributes.whole[1..]].concat();
    let signer = signed.certificates.iter().find(|certificate| {
        EndEntityCert::try_from(*certificate).is_ok_and(|certificate| {
            let verified = |algorithm: &&dyn rustls_pki_types::SignatureVerificationAlgorithm| {
                certificate
                    .verify_signature(*algorithm, &message, signed.signature)
                    .is_ok()
            };
            ALL_VERIFICATION_ALGS.iter().any(verified)
        })
    });
    let signer = signer.ok_or(TimestampError::WrongSignature {
        certificates: signed.certificates.len(),
    })?;
    check_certificate(signer, &signed.certificates, time, roots)
}

/// The one value of an attribute.
fn attribute<'a>(signed: &Signed<'a>, wanted: &[u8]) -> Result<Element<'a>, TimestampError> {
    let mut attributes = signed.attributes.elements();
    while !attributes.is_empty() {
        let mut attribute = attributes.take(SEQUENCE, "a signed attribute")?.elements();
        if attribute.take(OID, "a signed attribute")?.value == wanted {
            let mut values = attribute.take(SET, "a signed attribute")?.elements();
            let tag = if wanted == CONTENT_TYPE { OID } else { OCTET_STRING };
            return Ok(values.take(tag, "a signed attribute")?);
        }
    }
    Err(TimestampError::Changed)
}

/// RFC 5280 section 6: the certificate leads to a root and was valid then; RFC 3161 section 2.3: it is for time
/// stamps. Withdrawn certificates are not looked up: that needs a network.
fn check_certificate(
    signer: &CertificateDer<'_>,
    enclosed: &[CertificateDer<'_>],
    time: Timestamp,
    roots: &[CertificateDer<'_>],
) -> Result<(), TimestampError> {
    let unknown = |error: webpki::Error| TimestampError::UnknownAuthority {
        reason: error.to_string(),
    };
    let anchors: Vec<TrustAnchor<'_>> = roots
        .iter()
        .filter_map(|root| anchor_from_trusted_cert(root).ok())
        .collect();
    let seconds = u64::try_from(time.as_second()).unwrap_or_default();
    let when = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
    let usage = KeyUsage::required(TIME_STAMPING);
    let certificate = EndEntityCert::try_from(signer).map_err(unknown)?;
    certificate
        .verify_for_usage(ALL_VERIFICATION_ALGS, &anchors, enclosed, when, usage, None, None)
        .map(|_| ())
        .map_err(unknown)
}
