//! `hrisov audit`: whether today's log extends the one that an auditor saw earlier.

use std::{fs, path::Path, sync::Arc};

use anyhow::{Context as _, bail};
use hrisov_ledger::{Extension, Reader, compare, printed};
use hrisov_model::Digest;
use hrisov_store::Blobs;
use serde::Serialize;

use crate::{
    archive::Archive,
    args::{AuditArgs, AuditCommand},
    commands::{attest, audit_report, verify_proof::read_keys},
    exit::Exit,
    output::Output,
    speech::Speech,
};

/// A page of typing, or a checkpoint with many witnesses, is shorter.
const CHECKPOINT_MAX_BYTES: u64 = 256 << 10;

/// What the comparison found.
#[derive(Serialize)]
struct Compared {
    ok: bool,
    origin: String,
    earlier_size: u64,
    size: u64,
    root: Digest,
    result: &'static str,
    detail: String,
    /// RFC 6962 section 2.1.2: for other programs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    proof: Vec<Digest>,
}

pub async fn run(archive: &Archive, args: &AuditArgs, output: &Output) -> anyhow::Result<Exit> {
    let root = archive.root().await?;
    let log = archive.readable_log(root.blobs()).await?;
    let log = log.context("the archive has no log yet: the next load begins it")?;
    match &args.command {
        Some(AuditCommand::Stamp(args)) => attest::stamp(archive, &log, args, output).await,
        Some(AuditCommand::Cosign(args)) => attest::cosign(archive, &log, root.blobs(), args, output).await,
        Some(AuditCommand::Report(args)) => audit_report::run(archive, &root, &log, args, output).await,
        Some(AuditCommand::NewKey) => new_key(archive, root.blobs(), output).await,
        Some(AuditCommand::Checkpoint(args)) => checkpoint(&log, args.output.as_deref(), output),
        None => match &args.since {
            Some(earlier) => since(archive, &log, earlier, &args.keys, output).await,
            None => {
                bail!("which checkpoint? give --since FILE or --since TEXT, or see `hrisov audit --help`")
            }
        },
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
    log: &Reader,
    given: &str,
    keys: &[String],
    output: &Output,
) -> anyhow::Result<Exit> {
    let earlier = printed::read(&text_of(given)?).context("the earlier checkpoint cannot be read")?;
    let mut trusted = archive.log_trust().await?.keys;
    if !keys.is_empty() {
        trusted.clear();
        for key in keys {
            trusted.extend(read_keys(key)?);
        }
    }
    let signed = log.verify(&trusted);
    let extension = compare(log, &earlier).await?;
    let today = log.head().checkpoint();
    let (ok, result, detail) = match &signed {
        Err(error) => (
            false,
            "not_trusted",
            format!("today's checkpoint cannot be trusted: {error}"),
        ),
        Ok(_) => (extension.holds(), name(&extension), extension.to_string()),
    };
    let compared = Compared {
        ok,
        origin: today.origin.clone(),
        earlier_size: earlier.size,
        size: today.size,
        root: today.root,
        result,
        detail,
        proof: match &extension {
            Extension::Extends { proof, .. } => proof.clone(),
            _ => Vec::new(),
        },
    };
    output.result(&compared, || match &signed {
        Err(error) => format!("{}: {error}\n", output.speech.pick("GREȘIT", "WRONG")),
        Ok(_) => describe(&extension, &compared, output.speech),
    })?;
    Ok(if ok { Exit::Done } else { Exit::Findings })
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

fn describe(extension: &Extension, compared: &Compared, speech: Speech) -> String {
    if speech == Speech::English {
        let said = match compared.ok {
            true => "GOOD",
            false => "WRONG",
        };
        return format!("{said}: {}\n", compared.detail);
    }
    match extension {
        Extension::Same => "BUN: același registru, la care nu s-a adăugat nimic\n".to_owned(),
        Extension::Extends { added, .. } => {
            let added = speech.count(*added, ("intrare adăugată", "intrări adăugate"), ("", ""));
            format!("BUN: același registru, neschimbat, cu {added} de atunci\n")
        }
        Extension::OtherLog { earlier, today } => {
            format!("GREȘIT: punctul de control este al registrului {earlier}, acesta este {today}\n")
        }
        Extension::RolledBack { earlier, today } => {
            let leaves = |count| speech.count(count, ("intrare", "intrări"), ("", ""));
            let (earlier, today) = (leaves(*earlier), leaves(*today));
            format!(
                "GREȘIT: registrul avea {earlier} și are acum {today}: a fost pusă la loc o copie mai veche\n"
            )
        }
        Extension::Fork { size, earlier, today } => {
            let leaves = speech.count(*size, ("intrare", "intrări"), ("", ""));
            format!(
                "GREȘIT: la {leaves}, registrul nu este cel de atunci: istoria a fost rescrisă\n  atunci {earlier}\n  acum   {today}\n"
            )
        }
        Extension::Truncated { missing } => {
            format!("GREȘIT: lipsește {missing}: intrări semnate nu mai există\n")
        }
        Extension::Damaged { key, fault } => format!("GREȘIT: {key} este stricat: {fault}\n"),
        Extension::RootDiffers { signed, stored } => format!(
            "GREȘIT: fișierele registrului duc la altă rădăcină decât cea semnată: au fost schimbate\n  semnat {signed}\n  găsit  {stored}\n"
        ),
    }
}
