//! `hrisov verify`: nothing changed, nothing is missing, nothing was slipped in.

use std::{
    num::NonZeroUsize,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use hrisov_audit::{Finding, Report, Scope, Verification};

use crate::{archive::Archive, args::VerifyArgs, bars::counting_bar, exit::Exit, output::Output};

pub async fn run(archive: &Archive, args: &VerifyArgs, output: &Output) -> anyhow::Result<Exit> {
    let catalog = archive.catalog().await?;
    let mut dossiers = Vec::new();
    for called in &args.dossiers {
        dossiers.push(archive.dossier(&catalog, called).await?);
    }
    let scope = if dossiers.is_empty() {
        Scope::Archive
    } else {
        Scope::Dossiers(dossiers)
    };
    let total = match &scope {
        Scope::Archive => catalog.dossier_count(None).await?,
        Scope::Dossiers(dossiers) => dossiers.len() as u64,
    };
    let verification = Verification {
        root: archive.root().await?,
        trust: Arc::new(archive.log_trust().await?),
        catalog,
        index: Some(Arc::new(archive.searcher()?)),
        tasks: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        done: Arc::default(),
    };
    let bar = counting_bar(output.speech.pick("dosare", "dossiers"), total);
    let drawing = {
        let (bar, done) = (bar.clone(), Arc::clone(&verification.done));
        tokio::spawn(async move {
            loop {
                bar.set_position(done.load(Ordering::Relaxed));
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        })
    };
    let report = hrisov_audit::verify(&verification, &scope).await;
    drawing.abort();
    bar.finish_and_clear();
    let report = report?;
    output.result(&report, || describe(&report, output))?;
    Ok(if report.ok { Exit::Done } else { Exit::Findings })
}

fn describe(report: &Report, output: &Output) -> String {
    let speech = output.speech;
    let checked = &report.checked;
    let files = speech.count(checked.files, ("fișier", "fișiere"), ("file", "files"));
    let dossiers = speech.count(checked.dossiers, ("dosar", "dosare"), ("dossier", "dossiers"));
    let leaves = speech.count(
        checked.leaves,
        ("intrare în registru", "intrări în registru"),
        ("leaf of the log", "leaves of the log"),
    );
    let looked = match speech {
        crate::speech::Speech::Romanian => format!("Verificate: {dossiers}, {files}, {leaves}."),
        crate::speech::Speech::English => format!("Verified: {dossiers}, {files}, {leaves}."),
    };
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
        text.push_str(&describe_finding(finding));
    }
    text
}

fn describe_finding(finding: &Finding) -> String {
    let kind = serde_json::to_value(finding.kind).ok();
    let kind = kind
        .as_ref()
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default()
        .to_uppercase();
    let dossier = finding.dossier.as_deref().unwrap_or("-");
    format!("\n{kind}  {dossier}\n  {}\n  {}\n", finding.path, finding.detail)
}
