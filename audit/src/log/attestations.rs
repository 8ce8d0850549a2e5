//! What was kept of the log elsewhere: signatures of witnesses, checkpoints that went out, time stamps.

use std::sync::Arc;

use hrisov_ledger::{
    Extension, KeyKind, Reader, SignedCheckpoint, TimestampError, VerifierKey, check_timestamp, compare,
};

use super::{LogPart, LogTrust, finding};
use crate::{AuditError, Finding, FindingKind};

/// Time stamps that are checked again, the newest: one a day for a quarter of a century.
const STAMPS_MAX: usize = 10_000;

/// What others signed, and what went out to be signed: every kept checkpoint must be of this very history, every time stamp
/// of its checkpoint's very text.
pub(super) async fn attestations(
    log: &Reader,
    trust: &LogTrust,
    part: &mut LogPart,
) -> Result<(), AuditError> {
    let keys = [trust.keys.as_slice(), &trust.witnesses].concat();
    let witnessed = log.witnessed().await;
    if let Some(head) = part.readable(witnessed)?.flatten() {
        let against = "against what a witness signed";
        let of = ("ledger/witnessed", "the witnessed checkpoint", against);
        compare_kept(log, &head, &keys, of, part).await?;
    }
    for size in log.asked_sizes().await? {
        let asked = log.asked_at(size).await;
        if let Some(head) = part.readable(asked)?.flatten() {
            let place = format!("ledger/asked/{size}");
            let of = (
                place.as_str(),
                "the checkpoint",
                "against what went out to be signed",
            );
            compare_kept(log, &head, &keys, of, part).await?;
        }
    }
    let sizes = log.stamped_sizes().await?;
    for size in sizes.iter().take(STAMPS_MAX) {
        stamp(log, *size, (trust, &keys), part).await?;
    }
    let more = sizes.len().saturating_sub(STAMPS_MAX);
    if more > 0 {
        part.found(
            "ledger/stamps",
            format!("{more} older time stamps were not checked"),
        );
    }
    Ok(())
}

/// A kept checkpoint: whose it is, and whether the log extends it. `of` is where it lies and what findings call it.
async fn compare_kept(
    log: &Reader,
    head: &SignedCheckpoint,
    keys: &[VerifierKey],
    (place, name, against): (&str, &str, &str),
    part: &mut LogPart,
) -> Result<(), AuditError> {
    // Without any key of the log that was told of its newest checkpoint.
    let is_known = keys.iter().any(|key| key.kind() == KeyKind::Log);
    if is_known && let Err(error) = head.verify(keys) {
        part.found(place, format!("{name} cannot be trusted: {error}"));
    }
    let then = head.checkpoint();
    if then.origin == log.head().checkpoint().origin
        && then.size <= log.size()
        && matches!(log.root_at(then.size).await, Ok(root) if root == then.root)
    {
        return Ok(());
    }
    match compare(log, then).await? {
        // What of the log itself is damaged or gone is found when it is held against itself.
        Extension::Truncated { .. } | Extension::Damaged { .. } | Extension::RootDiffers { .. } => {}
        extension if extension.holds() => {}
        extension => part.found(place, format!("{against}: {extension}")),
    }
    Ok(())
}

/// One time stamp, its checkpoint, and that the two belong together.
async fn stamp(
    log: &Reader,
    size: u64,
    (trust, keys): (&LogTrust, &[VerifierKey]),
    part: &mut LogPart,
) -> Result<(), AuditError> {
    let place = format!("ledger/stamps/{size}.tsr");
    let head = log.stamped_at(size).await;
    let Some(head) = part.readable(head)? else {
        return Ok(());
    };
    let Some(head) = head else {
        let detail = "the checkpoint of this time stamp is gone: nobody can say what was stamped";
        part.findings.push(Finding {
            kind: FindingKind::Missing,
            ..finding(place, detail.to_owned())
        });
        return Ok(());
    };
    let kept = format!("ledger/stamps/{size}.checkpoint");
    let of = (
        kept.as_str(),
        "the stamped checkpoint",
        "against what an authority stamped",
    );
    compare_kept(log, &head, keys, of, part).await?;
    let answer = Reader::at(Arc::clone(log.blobs()), head.clone()).stamp().await;
    let Some(Some(answer)) = part.readable(answer)? else {
        // Of another size than its name says.
        part.found(
            kept,
            "the checkpoint counts another number of leaves than its name".to_owned(),
        );
        return Ok(());
    };
    match check_timestamp(&answer, head.checkpoint(), &trust.authorities) {
        Ok(_) => {}
        Err(TimestampError::UnknownAuthority { .. }) if trust.authorities.is_empty() => {}
        Err(error) => part.found(place, error.to_string()),
    }
    Ok(())
}
