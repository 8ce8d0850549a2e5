//! `hrisov audit`: whether today's log extends the one that an auditor saw earlier.

use std::{fs, path::Path, sync::Arc};

use anyhow::{Context as _, bail};
use hrisov_ledger::{Checkpoint, Extension, LedgerError, Reader, VerifierKey, compare, printed};
use hrisov_model::Digest;
use hrisov_store::Blobs;
use serde::Serialize;

use crate::{
    archive::Archive,
    args::{AuditArgs, AuditCommand},
    commands::{attest, audit_report, verify_proof::read_keys_of},
    exit::Exit,
    log::LOG_GONE,
    output::Output,
    speech::Speech,
};

/// A page of typing, or a checkpoint with many witnesses, is shorter.
const CHECKPOINT_MAX_BYTES: u64 = 256 << 10;
/// An archive of an older program.
const NO_LOG: &str = "the archive has no log yet: the next load begins it";

/// What the comparison found.
#[derive(Serialize)]
struct Compared {
    ok: bool,
    origin: String,
    earlier_size: u64,
    /// Today's log; not there where it is gone or cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    root: Option<Digest>,
    result: &'static str,
    detail: String,
    /// RFC 6962 section 2.1.2: for other programs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    proof: Vec<Digest>,
}

pub async fn run(archive: &Archive, args: &AuditArgs, output: &Output) -> anyhow::Result<Exit> {
    let root = archive.unchecked_root().await?;
    let Some(command) = &args.command else {
        let earlier = args.since.as_deref();
        let earlier = earlier
            .context("which checkpoint? give --since FILE or --since TEXT, or see `hrisov audit --help`")?;
        return since(archive, root.blobs(), earlier, &args.keys, output).await;
    };
    let log = match archive.readable_log(root.blobs()).await? {
        Some(log) => log,
        None if archive.log_trust().await?.keys.is_empty() => bail!(NO_LOG),
        None => bail!(LOG_GONE),
    };
    match command {
        AuditCommand::Stamp(args) => attest::stamp(archive, &log, args, output).await,
        AuditCommand::Cosign(args) => attest::cosign(archive, &log, root.blobs(), args, output).await,
        AuditCommand::Report(args) => audit_report::run(archive, &root, &log, args, output).await,
        AuditCommand::NewKey => new_key(archive, root.blobs(), output).await,
        AuditCommand::Checkpoint(args) => checkpoint(&log, args.output.as_deref(), output),
    }
}

/// Today's checkpoint, for an auditor to keep: on paper, or as the file itself.
fn checkpoint(log: &Reader, to: Option<&Path>, output: &Output) -> anyhow::Result<Exit> {
    #[derive(Serialize)]
    struct Today {
        origin: String,
        size: u64,
        root: Digest,
        note: String,
    }
    let head = log.head();
    if let Some(path) = to {
        crate::inventory::write_new(path, head.to_string().as_bytes())?;
    }
    let today = Today {
        origin: head.checkpoint().origin.clone(),
        size: log.size(),
        root: head.checkpoint().root,
        note: head.to_string(),
    };
    output.result(&today, || printed::print(head.checkpoint()))?;
    Ok(Exit::Done)
}

async fn new_key(archive: &Archive, blobs: &Arc<dyn Blobs>, output: &Output) -> anyhow::Result<Exit> {
    #[derive(Serialize)]
    struct Made {
        key: String,
        fingerprint: Digest,
        file: String,
    }
    let _writer = archive.lock()?;
    let key = archive.renew_key(blobs, &archive.catalog().await?).await?;
    let made = Made {
        key: key.to_string(),
        fingerprint: key.fingerprint(),
        file: archive.signing_key_path().display().to_string(),
    };
    output.result(&made, || {
        format!(
            "{}: {}\n{}\n{}\n",
            output.speech.pick("Cheia nouă a registrului", "The log's new key"),
            made.file,
            made.fingerprint,
            output.speech.pick(
                "Publicați amprenta cu data de azi, dați log.pub martorilor și păstrați o copie a cheii în altă parte.",
                "Publish the fingerprint with today's date, give log.pub to the witnesses, and keep a copy of the key elsewhere."
            )
        )
    })?;
    Ok(Exit::Done)
}

async fn since(
    archive: &Archive,
    blobs: &Arc<dyn Blobs>,
    given: &str,
    keys: &[String],
    output: &Output,
) -> anyhow::Result<Exit> {
    let earlier = printed::read(&text_of(given)?).context("the earlier checkpoint cannot be read")?;
    let mut trusted = archive.log_trust().await?.keys;
    let had_log = !trusted.is_empty();
    if !keys.is_empty() {
        trusted.clear();
        for key in keys {
            trusted.extend(read_keys_of(&earlier.origin, key)?);
        }
    }
    let mut compared = Compared {
        ok: false,
        origin: earlier.origin.clone(),
        earlier_size: earlier.size,
        size: None,
        root: None,
        result: "gone",
        detail: LOG_GONE.to_owned(),
        proof: Vec::new(),
    };
    match Reader::open(Arc::clone(blobs)).await {
        Ok(log) => compare_with(&log, &earlier, &trusted, &mut compared).await?,
        Err(LedgerError::NoLog { .. }) if had_log => {}
        Err(LedgerError::NoLog { .. }) => bail!(NO_LOG),
        Err(LedgerError::Damaged { key, source: fault }) => {
            compared.take(&Extension::Damaged { key, fault });
        }
        Err(error) => return Err(error.into()),
    }
    output.result(&compared, || describe(&compared, output.speech))?;
    Ok(if compared.ok { Exit::Done } else { Exit::Findings })
}

async fn compare_with(
    log: &Reader,
    earlier: &Checkpoint,
    trusted: &[VerifierKey],
    compared: &mut Compared,
) -> anyhow::Result<()> {
    let extension = compare(log, earlier).await?;
    compared.take(&extension);
    let today = log.head().checkpoint();
    compared.origin.clone_from(&today.origin);
    (compared.size, compared.root) = (Some(today.size), Some(today.root));
    if let Err(error) = log.verify(trusted) {
        (compared.ok, compared.result) = (false, "not_trusted");
        compared.detail = format!("today's checkpoint cannot be trusted: {error}");
    }
    if let Extension::Extends { proof, .. } = extension {
        compared.proof = proof;
    }
    Ok(())
}

impl Compared {
    fn take(&mut self, extension: &Extension) {
        (self.ok, self.result) = (extension.holds(), name(extension));
        self.detail = extension.to_string();
    }
}

/// A file's text, or the words themselves.
fn text_of(given: &str) -> anyhow::Result<String> {
    let path = Path::new(given);
    match fs::metadata(path) {
        Ok(meta) if meta.len() > CHECKPOINT_MAX_BYTES => bail!("{given} is too large for a checkpoint"),
        Ok(_) => fs::read_to_string(path).with_context(|| format!("cannot read {given}")),
        // No checkpoint is one word.
        Err(error) if !given.trim().contains(char::is_whitespace) => {
            Err(error).with_context(|| format!("cannot read {given}"))
        }
        Err(_) => Ok(given.to_owned()),
    }
}

const fn name(extension: &Extension) -> &'static str {
    match extension {
        Extension::Same => "same",
        Extension::Extends { .. } => "extends",
        Extension::OtherLog { .. } => "other_log",
        Extension::RolledBack { .. } => "rolled_back",
        Extension::Fork { .. } => "fork",
        Extension::Truncated { .. } => "truncated",
        Extension::Damaged { .. } => "damaged",
        Extension::RootDiffers { .. } => "root_differs",
    }
}

fn describe(compared: &Compared, speech: Speech) -> String {
    let said = match compared.ok {
        true => speech.pick("BUN", "GOOD"),
        false => speech.pick("GREȘIT", "WRONG"),
    };
    format!("{said}: {}\n", speech.translated(&compared.detail))
}
