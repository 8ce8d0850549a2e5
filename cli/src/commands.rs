//! One module for each sub-command.

mod attest;
mod audit;
mod audit_report;
mod box_certificate;
mod boxes;
mod doctor;
mod doubtful;
mod finding;
mod ingest;
mod init;
mod prove;
mod rebuild;
mod repair;
mod replace;
mod retry;
mod review;
mod search;
mod serve;
mod sheets;
mod status;
mod text;
mod verify;
mod verify_proof;
mod watch;
mod witness;
mod worker;

use std::path::Path;

use anyhow::Context as _;

use crate::{
    archive::Archive,
    args::{Cli, Command},
    exit::Exit,
    output::Output,
};

/// Runs a sub-command.
///
/// # Errors
/// Why it failed, for people.
pub async fn run(cli: Cli, output: &Output) -> anyhow::Result<Exit> {
    let folder = cli.archive.as_deref();
    match cli.command {
        Command::Init(args) => init::run(folder, &args, output).await,
        Command::Worker(args) => worker::run(&open(folder)?, &args, output).await,
        Command::Retry(args) => retry::run(&open(folder)?, &args, output).await,
        Command::Box(args) => boxes::run(&open(folder)?, &args.command, output).await,
        Command::Sheets(args) => sheets::run(&args, output),
        Command::Doctor => doctor::run(folder, output).await,
        Command::Ingest(args) => ingest::run(&open(folder)?, &args, output).await,
        Command::Watch(args) => watch::run(&open(folder)?, &args, output).await,
        Command::Replace(args) => replace::run(&open(folder)?, &args, output).await,
        Command::Review(args) => review::run(&open(folder)?, &args, output).await,
        Command::Status(args) => status::run(&open(folder)?, &args, output).await,
        Command::Search(args) => search::run(&open(folder)?, &args, output).await,
        Command::Text(args) => text::run(&open(folder)?, &args, output).await,
        Command::Serve(args) => serve::run(&open(folder)?, &args, output).await,
        Command::Verify(args) => verify::run(&open(folder)?, &args, output).await,
        Command::Repair(args) => repair::run(&open(folder)?, &args, output).await,
        Command::Prove(args) => prove::run(&open(folder)?, &args, output).await,
        Command::VerifyProof(args) => verify_proof::run(&args, output),
        Command::Audit(args) => audit::run(&open(folder)?, &args, output).await,
        Command::Witness(args) => witness::run(&args, output).await,
        Command::Rebuild => rebuild::run(&open(folder)?, output).await,
        Command::PageWorker => unreachable!("page workers are started before any other command"),
    }
}

fn open(folder: Option<&Path>) -> anyhow::Result<Archive> {
    Archive::open(folder.context("which archive? give --archive DIR, or set HRISOV_ARCHIVE")?)
}
