//! `hrisov witness`: vouches that other archives' logs only ever grow. It needs no archive of its own.

use std::{fs, os::unix::fs::DirBuilderExt as _, path::Path, sync::Arc};

use anyhow::{Context as _, bail};
use hrisov_ledger::{KeyKind, SigningKey, VerifierKey, Witness};
use hrisov_store::LocalBlobs;
use jiff::Timestamp;
use serde::Serialize;
use tokio::net::TcpListener;

use crate::{
    args::{WitnessArgs, WitnessCommand},
    commands::{serve::until_told_to_end, verify_proof::read_keys},
    exit::Exit,
    inventory::write_new,
    output::Output,
};

/// The witness's own key, for its owner alone.
const KEY: &str = "witness.key";
/// What it gives to those whose logs it watches.
const PUBLIC_KEY: &str = "witness.pub";
/// The public keys of the logs that it watches, one a line.
const LOGS: &str = "logs";

pub async fn run(args: &WitnessArgs, output: &Output) -> anyhow::Result<Exit> {
    match &args.command {
        WitnessCommand::New { folder, name } => new(folder, name, output),
        WitnessCommand::Watch { folder, key } => watch(folder, key, output),
        WitnessCommand::Sign {
            folder,
            request,
            output: to,
        } => sign(folder, request, to, output).await,
        WitnessCommand::Serve { folder, listen } => {
            let listener = TcpListener::bind(listen).await;
            let listener = listener.with_context(|| format!("cannot listen on {listen}"))?;
            let address = listener.local_addr()?;
            let witness = Arc::new(open(folder)?);
            output.say(format_args!(
                "{} http://{address}/add-checkpoint",
                output
                    .speech
                    .pick("Martorul răspunde la", "The witness answers at")
            ));
            hrisov_archive_api::serve_witness(listener, witness, until_told_to_end()?).await?;
            Ok(Exit::Done)
        }
    }
}

#[derive(Serialize)]
struct Made {
    key: String,
}

fn new(folder: &Path, name: &str, output: &Output) -> anyhow::Result<Exit> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.with_context(|| format!("cannot make {}", folder.display()))?;
    let key = SigningKey::create(&folder.join(KEY), name, KeyKind::Witness)?;
    write_new(
        &folder.join(PUBLIC_KEY),
        format!("{}\n", key.verifier()).as_bytes(),
    )?;
    let made = Made {
        key: key.verifier().to_string(),
    };
    output.result(&made, || format!("{}\n", made.key))?;
    Ok(Exit::Done)
}

fn watch(folder: &Path, given: &str, output: &Output) -> anyhow::Result<Exit> {
    let mut logs = logs(folder)?;
    for key in read_keys(given)? {
        if key.kind() != KeyKind::Log {
            bail!("{} is not the key of a log", key.name());
        }
        if !logs.contains(&key) {
            logs.push(key);
        }
    }
    let lines: String = logs.iter().map(|key| format!("{key}\n")).collect();
    fs::write(folder.join(LOGS), &lines)
        .with_context(|| format!("cannot write {}", folder.join(LOGS).display()))?;
    let names: Vec<_> = logs.iter().map(VerifierKey::name).collect();
    output.result(&names, || format!("{}\n", names.join("\n")))?;
    Ok(Exit::Done)
}

/// By files on a stick: the request of a log comes in, the signature goes out.
async fn sign(folder: &Path, request: &Path, to: &Path, output: &Output) -> anyhow::Result<Exit> {
    let witness = open(folder)?;
    let request = fs::read(request).with_context(|| format!("cannot read {}", request.display()))?;
    let seconds = u64::try_from(Timestamp::now().as_second()).unwrap_or(0);
    let answer = witness.add_checkpoint(&request, seconds).await?;
    if answer.status != 200 {
        bail!(
            "refused ({}): {}",
            answer.status,
            match answer.status {
                409 => format!(
                    "the witness knows the log's first {} leaves; repeat the request with --known {0}",
                    answer.body.trim()
                ),
                _ => answer.body.trim().to_owned(),
            }
        );
    }
    write_new(to, answer.body.as_bytes())?;
    let file = to.display().to_string();
    output.result(&file, || format!("{file}\n"))?;
    Ok(Exit::Done)
}

fn open(folder: &Path) -> anyhow::Result<Witness> {
    let key = SigningKey::read(&folder.join(KEY))?;
    Ok(Witness::new(
        key,
        logs(folder)?,
        Arc::new(LocalBlobs::open(folder)?),
    )?)
}

fn logs(folder: &Path) -> anyhow::Result<Vec<VerifierKey>> {
    let path = folder.join(LOGS);
    match fs::read_to_string(&path) {
        Ok(text) => text
            .lines()
            .map(|line| {
                line.parse()
                    .with_context(|| format!("{} holds no keys", path.display()))
            })
            .collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}
