//! `hrisov status`: what is done, waiting, quarantined, and why.

mod box_state;
mod files;
mod fixity;
mod under_way;

use std::collections::BTreeMap;

use anyhow::bail;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets::NOTHING};
use hrisov_catalog::{Batch, BatchFile, Catalog, JobCounts, PageCounts, PageScope, ParkedJob, Waiting};
use hrisov_model::{Account, BoxClosing, Doubt};
use serde::Serialize;

use self::{box_state::BoxState, files::ListedFile, fixity::FixityOverview, under_way::Speed};
use super::doubtful;
use crate::{archive::Archive, args::StatusArgs, commands::boxes::closed_on, exit::Exit, output::Output};

#[derive(Serialize)]
struct Overview {
    dossiers: u64,
    pages: PageCounts,
    jobs: JobCounts,
    waiting: Waiting,
    parked: Vec<ParkedJob>,
    doubts: BTreeMap<Doubt, u64>,
    fixity: FixityOverview,
    batches: Vec<BatchLine>,
}

#[derive(Serialize)]
struct BatchLine {
    #[serde(flatten)]
    batch: Batch,
    #[serde(flatten)]
    account: Account,
    dossiers: u64,
    pages: PageCounts,
    /// How fast it goes, while it is not finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    speed: Option<Speed>,
    /// That its box is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    closing: Option<BoxClosing>,
}

#[derive(Serialize)]
struct OneBatch {
    #[serde(flatten)]
    line: BatchLine,
    box_state: BoxState,
}

#[derive(Serialize)]
struct BatchFiles {
    #[serde(flatten)]
    line: BatchLine,
    files: Vec<ListedFile>,
}

pub async fn run(archive: &Archive, args: &StatusArgs, output: &Output) -> anyhow::Result<Exit> {
    let catalog = archive.catalog().await?;
    let thresholds = &archive.config.doubts;
    if args.doubtful.doubtful {
        let scopes = match &args.batch {
            None => doubtful::boxes(&catalog, args.doubtful.box_name.as_deref()).await?,
            Some(called) => {
                let batch = find(&catalog, called).await?;
                vec![(batch.of, PageScope::Batch(batch.id))]
            }
        };
        return doubtful::run(&catalog, scopes, args, thresholds, output).await;
    }
    match &args.batch {
        None => {
            let overview = overview(&catalog, archive).await?;
            output.result(&overview, || describe(&overview, output))?;
        }
        Some(called) => {
            let line = line(&catalog, find(&catalog, called).await?).await?;
            if args.files {
                let mut files = catalog.batch_files(line.batch.id).await?;
                files.retain(|file| {
                    args.state
                        .as_deref()
                        .is_none_or(|state| file.state.name() == state)
                });
                let mut copies = catalog.copies(line.batch.id).await?;
                let listed = |file: BatchFile| ListedFile {
                    copies: copies.remove(&file.source_path).unwrap_or_default(),
                    file,
                };
                let files: Vec<_> = files.into_iter().map(listed).collect();
                if args.csv {
                    output.raw(files::csv(&files).as_bytes())?;
                } else {
                    let listed = BatchFiles { line, files };
                    output.result(&listed, || files::table(&listed.files, output))?;
                }
            } else {
                let box_state = BoxState::of(&catalog, &line.batch.of).await?;
                let one = OneBatch { line, box_state };
                output.result(&one, || {
                    batches_table(std::slice::from_ref(&one.line), output)
                        + "\n"
                        + &one.box_state.describe(output)
                })?;
            }
        }
    }
    Ok(Exit::Done)
}

async fn overview(catalog: &Catalog, archive: &Archive) -> anyhow::Result<Overview> {
    let mut batches = Vec::new();
    for batch in catalog.batches().await? {
        batches.push(line(catalog, batch).await?);
    }
    Ok(Overview {
        dossiers: catalog.dossier_count(None).await?,
        pages: catalog.page_counts(None).await?,
        jobs: catalog.job_counts().await?,
        waiting: catalog.waiting().await?,
        parked: catalog.parked_jobs().await?,
        doubts: doubtful::counts(catalog, &archive.config.doubts).await?,
        fixity: FixityOverview::of(catalog, archive.config.verify.schedule()).await?,
        batches,
    })
}

async fn line(catalog: &Catalog, batch: Batch) -> anyhow::Result<BatchLine> {
    let account = catalog.account(batch.id).await?;
    let pages = catalog.page_counts(Some(batch.id)).await?;
    let closed = catalog.closed_box(&batch.of).await?;
    Ok(BatchLine {
        speed: Speed::of(catalog, &batch, account.received, &pages).await?,
        closing: closed.and_then(|record| record.closing()),
        account,
        dossiers: catalog.dossier_count(Some(batch.id)).await?,
        pages,
        batch,
    })
}

/// The batch that is meant: by the beginning of its identifier, or the latest of a box.
pub async fn find(catalog: &Catalog, called: &str) -> anyhow::Result<Batch> {
    let batches = catalog.batches().await?;
    let by_id: Vec<_> = batches
        .iter()
        .filter(|batch| batch.id.to_string().starts_with(called))
        .collect();
    match (
        by_id.as_slice(),
        batches.iter().find(|batch| batch.of.name == called),
    ) {
        ([batch], _) => Ok((*batch).clone()),
        (_, Some(batch)) => Ok(batch.clone()),
        ([], None) => bail!("there is no batch {called:?}: `hrisov status` lists them"),
        (several, None) => bail!(
            "{called:?} begins the identifiers of {} batches: give more of it",
            several.len()
        ),
    }
}

fn describe(overview: &Overview, output: &Output) -> String {
    let speech = output.speech;
    let dossiers = speech.count(overview.dossiers, ("dosar", "dosare"), ("dossier", "dossiers"));
    let pages = speech.count(overview.pages.pages, ("pagină", "pagini"), ("page", "pages"));
    let mut text = overview.fixity.alarm(speech);
    text.push_str(&format!("{dossiers}, {pages}\n"));
    text.push_str(&overview.fixity.describe(speech));
    for line in under_way::waiting_lines(&overview.waiting, output) {
        text.push_str(&format!("  {line}\n"));
    }
    for line in &overview.batches {
        if let Some(speed) = &line.speed {
            text.push_str(&format!("  {}: {}\n", line.batch.of.name, speed.describe(output)));
        }
    }
    for parked in &overview.parked {
        let what = speech.pick("Oprit după mai multe încercări", "Given up after several tries");
        text.push_str(&format!("! {what} ({}): {}\n", parked.dossier, parked.error));
    }
    if !overview.doubts.is_empty() {
        text.push_str(&doubtful::summary(&overview.doubts, speech));
        let which = speech.pick("Care anume", "Which ones");
        text.push_str(&format!("  {which}: hrisov status --doubtful\n"));
    }
    if !overview.batches.is_empty() {
        text.push('\n');
        text.push_str(&batches_table(&overview.batches, output));
    }
    text
}

fn batches_table(lines: &[BatchLine], output: &Output) -> String {
    let speech = output.speech;
    let mut table = plain_table();
    table.set_header([
        speech.pick("lot", "batch"),
        speech.pick("cutie", "box"),
        speech.pick("primite", "received"),
        speech.pick("păstrate", "stored"),
        speech.pick("dupl.", "dupl."),
        speech.pick("ignor.", "ignor."),
        speech.pick("carant.", "quar."),
        speech.pick("pagini", "pages"),
        speech.pick("stare", "state"),
    ]);
    for line in lines {
        let state = match (&line.batch.finished_at, &line.closing) {
            (Some(_), Some(closing)) => closed_on(closing, speech),
            (Some(_), None) => speech.pick("gata", "done").to_owned(),
            (None, _) => speech.pick("neterminat", "unfinished").to_owned(),
        };
        let number = |count| speech.number(count);
        table.add_row([
            line.batch.id.to_string()[..8].to_owned(),
            line.batch.of.name.clone(),
            number(line.account.received),
            number(line.account.stored),
            number(line.account.duplicate),
            number(line.account.ignored),
            number(line.account.quarantined),
            number(line.pages.pages),
            state,
        ]);
    }
    for column in 2..=7 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    format!("{table}\n")
}

fn plain_table() -> Table {
    let mut table = Table::new();
    table
        .load_preset(NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table
}
