//! `hrisov box`: a box is closed once everything in it is accounted for, or opened again.

use anyhow::{Context as _, bail};
use hrisov_catalog::{BoxAct, BoxDifferences, BoxName, BoxRecord, Catalog, Compared};
use hrisov_ingest::{Closed, SignOff};
use hrisov_inventory::Finding;
use hrisov_ledger::{Reader, printed};
use hrisov_model::BoxClosing;
use serde::Serialize;
use serde_json::Value;

use crate::{
    archive::Archive,
    args::{BoxCommand, CloseArgs, ReopenArgs},
    commands::box_certificate,
    exit::Exit,
    inventory::{self, Reconciled, language},
    loading::Loading,
    output::Output,
    speech::Speech,
};

/// What became of the wish to close a box.
#[derive(Serialize)]
struct Report<'a> {
    closed: bool,
    #[serde(flatten)]
    of: &'a BoxName,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<&'a BoxRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    differences: Option<&'a BoxDifferences>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inventory: Option<&'a Reconciled>,
    /// The log's newest checkpoint, which speaks for the closing.
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<String>,
}

pub async fn run(archive: &Archive, command: &BoxCommand, output: &Output) -> anyhow::Result<Exit> {
    match command {
        BoxCommand::Close(args) => close(archive, args, output).await,
        BoxCommand::Reopen(args) => reopen(archive, args, output).await,
    }
}

async fn close(archive: &Archive, args: &CloseArgs, output: &Output) -> anyhow::Result<Exit> {
    let paper = args.reconcile.read()?;
    let mut loading = Loading::open(archive, None).await?;
    let of = named(&loading.catalog, &args.name, args.fonds.as_deref()).await?;
    let is_open = loading.catalog.closed_box(&of).await?.is_none();
    let mut compared = None;
    // What a closed box was found to be when it was closed stays as it is.
    if let Some(paper) = paper.filter(|_| is_open) {
        let mut found = inventory::compare(&loading.catalog, &of, paper, &args.reconcile, output).await?;
        found.take_over(&mut loading.loader, &of).await?;
        compared = Some(found);
    }
    let sign_off = SignOff {
        by: args.by.clone(),
        accept: args.reason.clone().filter(|_| args.accept_differences),
    };
    let outcome = loading.loader.close_box(&of, &sign_off).await?;
    let mut report = Report {
        closed: false,
        of: &of,
        record: None,
        differences: None,
        inventory: compared.as_ref(),
        checkpoint: None,
    };
    match &outcome {
        Closed::Refused(differences) => {
            report.differences = Some(differences);
            output.result(&report, || refused(&of, differences, output.speech))?;
            Ok(Exit::Findings)
        }
        Closed::Box(record) => {
            let log = Reader::open(loading.root.blobs().clone()).await?;
            let head = log.head().checkpoint();
            report.closed = true;
            report.record = Some(record);
            report.checkpoint = Some(log.head().to_string());
            output.result(&report, || {
                describe_closing(record, output.speech) + "\n" + &printed::print(head)
            })?;
            if let Some(path) = &args.certificate {
                inventory::write_new(path, &box_certificate::pdf(record, &log, output.speech)?)?;
            }
            Ok(Exit::Done)
        }
    }
}

async fn reopen(archive: &Archive, args: &ReopenArgs, output: &Output) -> anyhow::Result<Exit> {
    #[derive(Serialize)]
    struct Reopened<'a> {
        #[serde(flatten)]
        of: &'a BoxName,
        was_closed: bool,
    }
    let mut loading = Loading::open(archive, None).await?;
    let of = named(&loading.catalog, &args.name, args.fonds.as_deref()).await?;
    let was_closed = loading.loader.reopen_box(&of, &args.by, &args.reason).await?;
    let said = Reopened { of: &of, was_closed };
    output.result(&said, || {
        let speech = output.speech;
        let what = match was_closed {
            true => speech.pick("este din nou deschisă", "is open again"),
            false => speech.pick("era deschisă", "was open"),
        };
        format!(
            "{} {}/{} {what}\n",
            speech.pick("Cutia", "Box"),
            of.fonds,
            of.name
        )
    })?;
    Ok(Exit::Done)
}

/// The box that is meant, or a clear word why none is.
async fn named(catalog: &Catalog, name: &str, fonds: Option<&str>) -> anyhow::Result<BoxName> {
    let mut called = catalog.boxes_called(name).await?;
    called.retain(|of| fonds.is_none_or(|fonds| of.fonds == fonds));
    match called.len() {
        0 => bail!("there is no box {name:?}: `hrisov status` lists them"),
        1 => called.pop().context("one box"),
        _ => {
            let fonds: Vec<_> = called.iter().map(|of| of.fonds.as_str()).collect();
            bail!(
                "several fonds have a box {name:?}: say which with --fonds ({})",
                fonds.join(", ")
            )
        }
    }
}

/// The differences that keep a box open, and what to do about them.
fn refused(of: &BoxName, differences: &BoxDifferences, speech: Speech) -> String {
    let not_closed = speech.pick("nu se închide", "is not closed");
    let mut text = format!(
        "{} {}/{} {not_closed}:\n",
        speech.pick("Cutia", "Box"),
        of.fonds,
        of.name
    );
    for line in lines(differences, speech) {
        text.push_str(&format!("  ! {line}\n"));
    }
    text.push_str(speech.pick(
        "Lămuriți diferențele și repetați, sau asumați-le: --accept-differences --name NUME --reason MOTIV\n",
        "Resolve the differences and repeat, or sign for them: --accept-differences --name NAME --reason REASON\n",
    ));
    text
}

/// Each difference in a sentence.
pub fn lines(differences: &BoxDifferences, speech: Speech) -> Vec<String> {
    let outdated = match differences.compared {
        Compared::Current => None,
        Compared::Never => Some(speech.pick(
            "cutia nu a fost confruntată cu inventarul: --inventory FIȘIER",
            "the box was never compared with its inventory: --inventory FILE",
        )),
        Compared::Outdated => Some(speech.pick(
            "cutia s-a schimbat de când a fost confruntată cu inventarul: repetați cu --inventory FIȘIER",
            "the box changed since it was compared with its inventory: repeat with --inventory FILE",
        )),
    };
    let mut lines: Vec<String> = outdated.map(str::to_owned).into_iter().collect();
    lines.extend(differences.findings.iter().map(|found| sentence(found, speech)));
    if differences.quarantined > 0 {
        lines.push(quarantined(differences.quarantined, speech));
    }
    lines
}

/// A difference as a comparison or a closing kept it, in a sentence.
pub fn sentence(kept: &Value, speech: Speech) -> String {
    if let Ok(finding) = serde_json::from_value::<Finding>(kept.clone()) {
        return finding.sentence(language(speech));
    }
    match kept["kind"].as_str() {
        Some("never_compared") => speech
            .pick(
                "cutia nu a fost confruntată cu inventarul",
                "the box was never compared with its inventory",
            )
            .to_owned(),
        Some("comparison_outdated") => speech
            .pick(
                "cutia s-a schimbat de la confruntarea cu inventarul",
                "the box changed since it was compared with its inventory",
            )
            .to_owned(),
        Some("quarantined") => quarantined(kept["files"].as_u64().unwrap_or_default(), speech),
        // Kept by another version of the program: its own words are better than none.
        _ => kept.to_string(),
    }
}

fn quarantined(files: u64, speech: Speech) -> String {
    let files = speech.count(files, ("fișier", "fișiere"), ("file", "files"));
    format!("{files} {}", speech.pick("în carantină", "quarantined"))
}

/// That a box is closed, by whom and with what accepted.
pub fn describe_closing(record: &BoxRecord, speech: Speech) -> String {
    let BoxAct::Closed {
        by,
        reason,
        accepted,
        account,
        dossiers,
        pages,
    } = &record.act
    else {
        return String::new();
    };
    let mut text = format!(
        "{} {}/{} {} {}",
        speech.pick("Cutia", "Box"),
        record.of.fonds,
        record.of.name,
        speech.pick("este închisă din", "is closed since"),
        record.at.strftime("%d.%m.%Y %H:%M UTC"),
    );
    if let Some(by) = by {
        text.push_str(&format!(" ({by})"));
    }
    let dossiers = speech.count(*dossiers, ("dosar", "dosare"), ("dossier", "dossiers"));
    let pages = speech.count(*pages, ("pagină", "pagini"), ("page", "pages"));
    let files = speech.count(account.received, ("fișier", "fișiere"), ("file", "files"));
    text.push_str(&format!("\n  {dossiers}, {pages}, {files}\n"));
    if !accepted.is_empty() {
        let differences = speech.count(
            accepted.len() as u64,
            ("diferență asumată", "diferențe asumate"),
            ("difference accepted", "differences accepted"),
        );
        text.push_str(&format!(
            "  {differences}: {}\n",
            reason.as_deref().unwrap_or_default()
        ));
        for kept in accepted {
            text.push_str(&format!("    – {}\n", sentence(kept, speech)));
        }
    }
    text
}

/// The same in a few words, for a table.
pub fn closed_on(closing: &BoxClosing, speech: Speech) -> String {
    format!(
        "{} {}",
        speech.pick("închisă", "closed"),
        closing.at.strftime("%d.%m.%Y")
    )
}
