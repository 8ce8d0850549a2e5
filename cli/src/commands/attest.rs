//! `hrisov audit stamp` and `cosign`: others vouch for today's checkpoint, over the network or by files on a stick.

use std::{fs, path::Path, sync::Arc};

use anyhow::{Context as _, bail};
use hrisov_ledger::{
    Certificate, LedgerError, Log, MAX_ANSWER_BYTES, MAX_REQUEST_BYTES, Reader, SignedCheckpoint, Stamp,
    TimestampError, TimestampRequest, TrustError, VerifierKey, WitnessRequest, check_timestamp, compare,
    read_roots,
};
use hrisov_store::Blobs;
use serde::Serialize;

use crate::{
    archive::Archive,
    args::{CosignArgs, StampArgs},
    exit::Exit,
    inventory::write_new,
    output::Output,
    post::post,
};

/// Most bytes of a file of certificates.
const ROOTS_MAX_BYTES: u64 = 4 << 20;

/// What came of it.
#[derive(Serialize)]
struct Attested {
    origin: String,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stamped_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    witnesses: Option<Vec<String>>,
}

impl Attested {
    fn of(log: &Reader) -> Self {
        Self {
            origin: log.head().checkpoint().origin.clone(),
            size: log.size(),
            request: None,
            stamped_at: None,
            witnesses: None,
        }
    }
}

/// A time stamp of an authority (RFC 3161) over the checkpoint's text.
pub async fn stamp(
    archive: &Archive,
    log: &Reader,
    args: &StampArgs,
    output: &Output,
) -> anyhow::Result<Exit> {
    let mut done = Attested::of(log);
    if let Some(path) = &args.exchange.request {
        log.keep_asked().await?;
        write_new(path, &TimestampRequest::new(log.head().checkpoint())?.to_der())?;
        done.request = Some(path.display().to_string());
        return say(&done, output);
    }
    let roots = args.roots.clone().or_else(|| archive.stamp_roots());
    let roots =
        roots.context("which authority is trusted? give --roots FILE.pem, or stamp_roots in hrisov.toml")?;
    let roots = read_roots(&read_within(&roots, ROOTS_MAX_BYTES)?)?;
    let url = args
        .exchange
        .url
        .clone()
        .or_else(|| archive.config.ledger.stamp_url.clone());
    let (answer, of, stamp): (Vec<u8>, Reader, Stamp) = match (&args.exchange.answer, url) {
        (Some(path), _) => {
            let answer = read_within(path, MAX_ANSWER_BYTES as u64)?;
            let (of, stamp) = stamped(archive, log, &answer, &roots).await?;
            (answer, of, stamp)
        }
        (None, Some(url)) => {
            let request = TimestampRequest::new(log.head().checkpoint())?;
            let asked = post(
                &url,
                "application/timestamp-query",
                request.to_der(),
                MAX_ANSWER_BYTES,
            )
            .await?;
            if asked.status != 200 {
                bail!("{url} answered with status {}", asked.status);
            }
            let stamp = request.check(&asked.body, &roots)?;
            (asked.body.to_vec(), log.clone(), stamp)
        }
        (None, None) => bail!("from whom? give --url, or --request FILE and later --answer FILE"),
    };
    let _writer = archive.lock()?;
    if of.stamp().await?.is_none() {
        of.keep_stamp(answer.into()).await?;
    }
    done.size = of.size();
    done.stamped_at = Some(stamp.time.to_string());
    say(&done, output)
}

/// What an answer that came by a file stamps: today's checkpoint, or an earlier one that the request was made of.
async fn stamped(
    archive: &Archive,
    log: &Reader,
    answer: &[u8],
    roots: &[Certificate<'static>],
) -> anyhow::Result<(Reader, Stamp)> {
    let keys = archive.log_trust().await?.keys;
    for head in log.asked().await? {
        match check_timestamp(answer, head.checkpoint(), roots) {
            Err(TimestampError::OtherImprint) => {}
            stamp => {
                head.verify(&keys)?;
                let extension = compare(log, head.checkpoint()).await?;
                if !extension.holds() {
                    bail!("the log of today against the one that was stamped: {extension}");
                }
                return Ok((Reader::at(Arc::clone(log.blobs()), head), stamp?));
            }
        }
    }
    bail!(
        "it is a time stamp of other bytes than this log's checkpoint, today's or any that a request was made of"
    )
}

/// A witness's signature (tlog-witness) under the checkpoint.
pub async fn cosign(
    archive: &Archive,
    log: &Reader,
    blobs: &Arc<dyn Blobs>,
    args: &CosignArgs,
    output: &Output,
) -> anyhow::Result<Exit> {
    let mut done = Attested::of(log);
    let known = log.witnessed().await?.map_or(0, |head| head.checkpoint().size);
    if let Some(path) = &args.exchange.request {
        log.keep_asked().await?;
        let request = WitnessRequest::new(log, args.known.unwrap_or(known)).await?;
        write_new(path, request.to_string().as_bytes())?;
        done.request = Some(path.display().to_string());
        return say(&done, output);
    }
    let trusted = archive.witnesses()?;
    if trusted.is_empty() {
        bail!("no witness is known: put the contents of its witness.pub into witness_keys in hrisov.toml");
    }
    let lines = match (&args.exchange.answer, &args.exchange.url) {
        (Some(path), _) => String::from_utf8(read_within(path, MAX_REQUEST_BYTES as u64)?)
            .with_context(|| format!("{} is no answer of a witness", path.display()))?,
        (None, Some(url)) => ask(log, url, args.known.unwrap_or(known)).await?,
        (None, None) => bail!("from whom? give --url, or --request FILE and later --answer FILE"),
    };
    let _writer = archive.lock()?;
    let catalog = archive.catalog().await?;
    let mut writer = archive.writable_log(blobs, &catalog).await?;
    let head = take_in(&mut writer, log, &lines, &trusted).await?;
    done.size = head.checkpoint().size;
    let keys = [archive.log_trust().await?.keys, trusted].concat();
    let witnesses = head.verify(&keys)?.witnesses;
    done.witnesses = Some(
        witnesses
            .iter()
            .map(|signer| signer.key.name().to_owned())
            .collect(),
    );
    say(&done, output)
}

/// The witness signed today's checkpoint, or an earlier one that the request was made of.
async fn take_in(
    writer: &mut Log,
    log: &Reader,
    lines: &str,
    trusted: &[VerifierKey],
) -> anyhow::Result<SignedCheckpoint> {
    for asked in log.asked().await? {
        match writer.add_cosignatures(&asked, lines, trusted).await {
            Err(LedgerError::Trust(TrustError::WrongSignature { .. })) => {}
            taken => return Ok(taken?),
        }
    }
    bail!(
        "the signature is under no checkpoint of this log, today's or any that a request was made of: it was made of \
         another log, or changed"
    )
}

/// tlog-witness, section add-checkpoint: where the witness knows another size than we thought, once more with that.
async fn ask(log: &Reader, url: &str, known: u64) -> anyhow::Result<String> {
    let url = format!("{}/add-checkpoint", url.trim_end_matches('/'));
    let mut known = known;
    for _ in 0..2 {
        let request = WitnessRequest::new(log, known).await?;
        let asked = post(
            &url,
            "text/plain",
            request.to_string().into_bytes(),
            MAX_REQUEST_BYTES,
        )
        .await?;
        let body = String::from_utf8_lossy(&asked.body).into_owned();
        match (asked.status, body.trim().parse()) {
            (200, _) => return Ok(body),
            (409, Ok(size)) if size <= log.size() => known = size,
            (409, Ok(size)) => bail!(
                "the witness knows {size} leaves of this log, which has only {} today: an older copy was put in its place; \
                 run `hrisov verify`, and ask the witness for the checkpoint that it signed",
                log.size()
            ),
            (status, _) => bail!("the witness refused with status {status}: {}", body.trim()),
        }
    }
    bail!("the witness knows another history of this log than its first {known} leaves")
}

fn read_within(path: &Path, max_bytes: u64) -> anyhow::Result<Vec<u8>> {
    let cannot = || format!("cannot read {}", path.display());
    if fs::metadata(path).with_context(cannot)?.len() > max_bytes {
        bail!("{} is too large: {max_bytes} bytes at most", path.display());
    }
    fs::read(path).with_context(cannot)
}

fn say(done: &Attested, output: &Output) -> anyhow::Result<Exit> {
    let speech = output.speech;
    output.result(done, || {
        let leaves = speech.count(done.size, ("intrare", "intrări"), ("leaf", "leaves"));
        let mut text = format!(
            "{} {}: {leaves}\n",
            speech.pick("registrul", "the log"),
            done.origin
        );
        if let Some(request) = &done.request {
            let next = speech.pick(
                "cererea; răspunsul se primește cu --answer FIȘIER",
                "the request; take in the answer with --answer FILE",
            );
            text.push_str(&format!("{request}: {next}\n"));
        }
        if let Some(time) = &done.stamped_at {
            text.push_str(&format!(
                "{} {time}\n",
                speech.pick("marcat temporal la", "time-stamped at")
            ));
        }
        if let Some(witnesses) = &done.witnesses {
            let names = witnesses.join(", ");
            text.push_str(&format!("{}: {names}\n", speech.pick("martori", "witnesses")));
        }
        text
    })?;
    Ok(Exit::Done)
}
