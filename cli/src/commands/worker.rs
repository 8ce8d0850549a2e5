//! `hrisov worker`: reads what waits to be read, without the boxes.

use std::sync::Arc;

use hrisov_audit::Report;
use hrisov_ingest::{BoxReport, Progress};
use serde::Serialize;

use super::ingest::describe;
use crate::{
    archive::Archive,
    args::WorkerArgs,
    bars::LoadBars,
    exit::Exit,
    loading::Loading,
    output::Output,
    verifying::{all_cores, verification, verify_all_due},
};

/// What was finished.
#[derive(Serialize)]
struct Worked {
    boxes: Vec<BoxReport>,
    /// What had its turn to be verified.
    verified: Report,
}

pub async fn run(archive: &Archive, args: &WorkerArgs, output: &Output) -> anyhow::Result<Exit> {
    let mut loading = Loading::open(archive, args.languages.as_ref()).await?;
    let progress = Arc::new(Progress::default());
    let bars = LoadBars::follow(&progress, output.speech);
    let worked = loading.loader.read_waiting(&progress).await;
    drop((bars, loading));
    let boxes = worked?;
    let rate = Some(archive.config.verify.rate);
    let verification = verification(archive, rate, all_cores()).await?;
    let verified = verify_all_due(archive, &verification).await?;
    let worked = Worked { boxes, verified };
    output.result(&worked, || describe_all(&worked, output))?;
    let quarantined = worked.boxes.iter().any(|report| report.account.quarantined > 0);
    Ok(if !worked.verified.ok {
        Exit::Findings
    } else if quarantined {
        Exit::Quarantined
    } else {
        Exit::Done
    })
}

fn describe_all(worked: &Worked, output: &Output) -> String {
    let mut text = match worked.boxes.as_slice() {
        [] => output
            .speech
            .pick(
                "Nicio cutie nu aștepta să fie citită.\n",
                "No box was waiting to be read.\n",
            )
            .to_owned(),
        boxes => boxes.iter().map(|report| describe(report, output)).collect(),
    };
    if worked.verified.checked.dossiers > 0 || !worked.verified.ok {
        text.push_str(&super::verify::describe(&worked.verified, output));
    }
    text
}
