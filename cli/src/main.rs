//! The program `hrisov`: arguments, progress, exit codes.
//!
//! Data goes to stdout, talk to stderr; `--json` prints one JSON value, never translated.

mod archive;
mod args;
mod bars;
mod commands;
mod config;
mod exit;
mod inventory;
mod loading;
mod log;
mod output;
mod post;
mod speech;
mod verifying;

use std::process::ExitCode;

use clap::Parser as _;

use crate::{
    args::{Cli, Command},
    exit::Exit,
    output::Output,
};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout with code 0, everything else to stderr with code 2; a reader
            // that has gone away is nobody's error.
            let _gone = error.print();
            return if error.use_stderr() {
                Exit::Usage.into()
            } else {
                Exit::Done.into()
            };
        }
    };
    if matches!(cli.command, Command::PageWorker) {
        return page_worker();
    }
    let output = Output::new(cli.json);
    start_log();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output.error(&anyhow::Error::from(error).context("cannot start"));
            return Exit::Failed.into();
        }
    };
    match runtime.block_on(commands::run(cli, &output)) {
        Ok(exit) => exit.into(),
        Err(error) if output::is_broken_pipe(&error) => Exit::Done.into(),
        Err(error) => {
            output.error(&error);
            Exit::Failed.into()
        }
    }
}

/// A child that decodes and reads pages; it ends with its parent.
fn page_worker() -> ExitCode {
    match hrisov_ocr::worker::run_page_worker() {
        Ok(()) => Exit::Done.into(),
        Err(_) => Exit::Failed.into(),
    }
}

/// Warnings on stderr unless `HRISOV_LOG` asks for more. Nothing of a document's content is ever logged.
fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("HRISOV_LOG");
    let filter = filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("error"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
