//! `hrisov worker`: reads what waits to be read, without the boxes.

use std::sync::Arc;

use hrisov_ingest::{BoxReport, Progress};
use serde::Serialize;

use super::ingest::describe;
use crate::{
    archive::Archive, args::WorkerArgs, bars::LoadBars, exit::Exit, loading::Loading, output::Output,
};

/// What was finished.
#[derive(Serialize)]
struct Worked {
    boxes: Vec<BoxReport>,
}

pub async fn run(archive: &Archive, args: &WorkerArgs, output: &Output) -> anyhow::Result<Exit> {
    let mut loading = Loading::open(archive, args.languages.as_ref()).await?;
    let progress = Arc::new(Progress::default());
    let bars = LoadBars::follow(&progress, output.speech);
    let worked = loading.loader.read_waiting(&progress).await;
    drop(bars);
    let worked = Worked { boxes: worked? };
    output.result(&worked, || match worked.boxes.as_slice() {
        [] => output
            .speech
            .pick(
                "Nicio cutie nu aștepta să fie citită.\n",
                "No box was waiting to be read.\n",
            )
            .to_owned(),
        boxes => boxes.iter().map(|report| describe(report, output)).collect(),
    })?;
    let quarantined = worked.boxes.iter().any(|report| report.account.quarantined > 0);
    Ok(if quarantined {
        Exit::Quarantined
    } else {
        Exit::Done
    })
}
