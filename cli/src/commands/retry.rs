//! `hrisov retry`: quarantined files and unreadable pages of one batch, once more.

use std::sync::Arc;

use hrisov_ingest::{Progress, RetryReport};

use crate::{
    archive::Archive, args::RetryArgs, bars::LoadBars, commands::status, exit::Exit, loading::Loading,
    output::Output,
};

pub async fn run(archive: &Archive, args: &RetryArgs, output: &Output) -> anyhow::Result<Exit> {
    let mut loading = Loading::open(archive, args.languages.as_ref()).await?;
    let batch = status::find(&loading.catalog, &args.batch).await?;
    let progress = Arc::new(Progress::default());
    let bars = LoadBars::follow(&progress, output.speech);
    let report = loading.loader.retry(&batch, args.reason.clone(), &progress).await;
    drop(bars);
    let report = report?;
    output.result(&report, || describe(&report, output))?;
    Ok(match report.account.quarantined {
        0 => Exit::Done,
        _ => Exit::Quarantined,
    })
}

fn describe(report: &RetryReport, output: &Output) -> String {
    let speech = output.speech;
    let (taken, left) = (&report.taken_up, &report.left);
    let files = |count| speech.count(count, ("fișier", "fișiere"), ("file", "files"));
    let pages = |count| speech.count(count, ("pagină", "pagini"), ("page", "pages"));
    if taken.files + taken.pages + taken.files_to_load_again == 0 {
        return speech
            .pick("Nimic de reluat.\n", "Nothing to take up again.\n")
            .to_owned();
    }
    let mut text = String::new();
    if taken.files + taken.pages > 0 {
        text.push_str(&format!(
            "{}: {}, {}\n{}: {}, {}\n",
            speech.pick("Reluate", "Taken up again"),
            files(taken.files),
            pages(taken.pages),
            speech.pick("Ca înainte", "As before"),
            files(left.files),
            pages(left.pages),
        ));
    }
    if left.files_to_load_again > 0 {
        text.push_str(&format!(
            "{} {}: hrisov ingest {}\n",
            files(left.files_to_load_again),
            speech.pick(
                "fără conținut păstrat sau cu nume greșit: îndreptați în cutie și încărcați-o din nou",
                "without kept bytes, or misnamed: mend them in the box and load it again",
            ),
            report.batch.source_path,
        ));
    }
    text
}
