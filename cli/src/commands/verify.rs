//! `hrisov verify`: nothing changed, nothing is missing, nothing was slipped in.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use hrisov_audit::{Beginning, Report, Resumed, Scope, Verification};
use hrisov_catalog::CatalogError;
use indicatif::ProgressBar;
use jiff::Timestamp;
use tokio::task::JoinHandle;

use crate::{
    archive::Archive,
    args::VerifyArgs,
    bars::counting_bar,
    commands::finding::describe_finding,
    exit::Exit,
    output::Output,
    speech::Speech,
    verifying::{all_cores, verification, verify_all_due},
};

pub async fn run(archive: &Archive, args: &VerifyArgs, output: &Output) -> anyhow::Result<Exit> {
    let verified = match args.due {
        true => due(archive, args, output).await,
        false => now(archive, args, output).await,
    };
    let report = match verified {
        // It could not even be opened: that is what an auditor has to be told.
        Err(error) => match error.downcast_ref::<CatalogError>() {
            Some(wrong) if wrong.is_of_content() => Report::of_catalog(wrong),
            _ => return Err(error),
        },
        report => report?,
    };
    output.result(&report, || describe(&report, output))?;
    Ok(if report.ok { Exit::Done } else { Exit::Findings })
}

/// What has its turn.
async fn due(archive: &Archive, args: &VerifyArgs, output: &Output) -> anyhow::Result<Report> {
    let rate = args.rate.unwrap_or(archive.config.verify.rate);
    let verification = verification(archive, Some(rate), all_cores()).await?;
    let total = match archive.config.verify.schedule() {
        None => 0,
        Some(schedule) => {
            let before = schedule.due_before(Timestamp::now());
            verification.catalog.count_due_since(before).await?
        }
    };
    let bar = Bar::over(&verification, total, output);
    let report = verify_all_due(archive, &verification).await;
    bar.clear();
    report
}

/// What was asked for, or everything.
async fn now(archive: &Archive, args: &VerifyArgs, output: &Output) -> anyhow::Result<Report> {
    let catalog = archive.catalog().await?;
    let mut dossiers = Vec::new();
    for called in &args.dossiers {
        dossiers.push(archive.dossier(&catalog, called).await?);
    }
    let scope = if dossiers.is_empty() {
        Scope::Archive(match args.anew {
            true => Beginning::Anew,
            false => Beginning::Interrupted,
        })
    } else {
        Scope::Dossiers(dossiers)
    };
    let total = match &scope {
        Scope::Dossiers(dossiers) => dossiers.len() as u64,
        _ => catalog.dossier_count(None).await?,
    };
    let verification = verification(archive, args.rate, all_cores()).await?;
    let bar = Bar::over(&verification, total, output);
    let report = hrisov_audit::verify(&verification, &scope).await;
    bar.clear();
    Ok(report?)
}

/// Shows how many dossiers are done.
struct Bar {
    bar: ProgressBar,
    drawing: JoinHandle<()>,
}

impl Bar {
    fn over(verification: &Verification, total: u64, output: &Output) -> Self {
        let bar = counting_bar(output.speech.pick("dosare", "dossiers"), total);
        let (drawn, done) = (bar.clone(), Arc::clone(&verification.done));
        let drawing = tokio::spawn(async move {
            loop {
                drawn.set_position(done.load(Ordering::Relaxed));
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        });
        Self { bar, drawing }
    }

    fn clear(self) {
        self.drawing.abort();
        self.bar.finish_and_clear();
    }
}

/// What was gone on with, in a sentence.
fn describe_resumed(resumed: &Resumed, speech: Speech) -> String {
    let dossiers = speech.count(resumed.dossiers, ("dosar", "dosare"), ("dossier", "dossiers"));
    let begun = resumed.started_at.strftime("%Y-%m-%d %H:%M UTC");
    match speech {
        Speech::Romanian => format!(
            "Continuă verificarea întreruptă, începută la {begun}: {dossiers} erau deja citite (de la capăt: --anew).\n"
        ),
        Speech::English => format!(
            "Went on with the interrupted verification of {begun}: {dossiers} had been read already (to begin again: --anew).\n"
        ),
    }
}

pub fn describe(report: &Report, output: &Output) -> String {
    let speech = output.speech;
    let resumed = report.resumed.as_ref();
    let resumed = resumed.map_or_else(String::new, |resumed| describe_resumed(resumed, speech));
    let checked = &report.checked;
    let files = speech.count(checked.files, ("fișier", "fișiere"), ("file", "files"));
    let dossiers = speech.count(checked.dossiers, ("dosar", "dosare"), ("dossier", "dossiers"));
    let leaves = speech.count(
        checked.leaves,
        ("intrare în registru", "intrări în registru"),
        ("leaf of the log", "leaves of the log"),
    );
    let looked = match speech {
        Speech::Romanian => format!("{resumed}Verificate: {dossiers}, {files}, {leaves}."),
        Speech::English => format!("{resumed}Verified: {dossiers}, {files}, {leaves}."),
    };
    let mut looked = looked;
    if checked.doubtful_times > 0 {
        let leaves = speech.count(checked.doubtful_times, ("intrare", "intrări"), ("leaf", "leaves"));
        let why = speech.pick(
            "au ora mai mică decât una dinaintea lor: ceasul a fost dat înapoi; ordinea rămâne, ora e îndoielnică.",
            "of the log with an earlier time than one before: the clock was put back; the order holds, the times are doubtful.",
        );
        looked.push_str(&format!("\n{leaves} {why}\n"));
    }
    if report.ok {
        return format!(
            "{looked} {}",
            speech.pick("Totul este în regulă.", "All is well.")
        );
    }
    let found = speech.count(
        report.findings.len() as u64,
        ("constatare", "constatări"),
        ("finding", "findings"),
    );
    let mut text = format!("{looked} {found}:\n");
    for finding in &report.findings {
        text.push_str(&describe_finding(finding, speech));
    }
    text
}
