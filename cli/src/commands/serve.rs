//! `hrisov serve`: the API and pages on this machine.

use std::{num::NonZeroUsize, sync::Arc};

use anyhow::Context as _;
use hrisov_archive_api::{ApiState, check_loopback};
use hrisov_imaging::worker::{WorkerCommand, WorkerPool};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use crate::{
    archive::Archive,
    args::ServeArgs,
    exit::Exit,
    output::Output,
    verifying::{keep_logging, keep_verifying, verification},
};

pub async fn run(archive: &Archive, args: &ServeArgs, output: &Output) -> anyhow::Result<Exit> {
    let address = args.listen.unwrap_or(archive.config.serve.listen);
    check_loopback(address)?;
    let workers = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let command = WorkerCommand::this_program(["page-worker"]);
    let pool = WorkerPool::start(command, workers, archive.config.limits());
    let catalog = archive.catalog().await?;
    let searcher = Arc::new(archive.searcher()?);
    let warmed = Arc::clone(&searcher);
    // What fails here is told to whoever asks.
    drop(tokio::task::spawn_blocking(move || warmed.warm()));
    let state = ApiState::new(archive.root().await?, catalog.clone(), searcher, pool)
        .with_log_keys([archive.log_trust().await?.keys, archive.witnesses()?].concat())
        .with_thresholds(archive.config.doubts.clone())
        .with_viewer_origins(archive.config.serve.viewer_origins.clone());
    let listener = TcpListener::bind(address).await;
    let listener = listener
        .with_context(|| format!("cannot listen on {address}: is another program using the port?"))?;
    let address = listener.local_addr()?;
    let shutdown = until_told_to_end()?;
    let verifying = match archive.config.verify.schedule() {
        None => None,
        Some(schedule) => {
            let rate = Some(archive.config.verify.rate);
            // One dossier at a time: people come first.
            let verification = verification(archive, rate, NonZeroUsize::MIN).await?;
            Some(tokio::spawn(keep_verifying(
                archive.clone(),
                verification,
                schedule,
            )))
        }
    };
    let logging = tokio::spawn(keep_logging(archive.clone(), catalog));
    output.say(format_args!(
        "{} http://{address}/",
        output.speech.pick("Arhiva se vede la", "The archive is shown at")
    ));
    hrisov_archive_api::serve(listener, state, shutdown).await?;
    logging.abort();
    if let Some(verifying) = verifying {
        verifying.abort();
    }
    Ok(Exit::Done)
}

/// Ends with Ctrl-C or SIGTERM.
pub fn until_told_to_end() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    })
}
