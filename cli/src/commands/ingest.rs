//! `hrisov ingest`: boxes into the archive.

use std::{path::Path, sync::Arc};

use anyhow::bail;
use hrisov_ingest::{BoxReport, LoadOptions, Loader, MovedBox, Progress, ReadingCost, ReadingTime};
use hrisov_model::Account;
use serde::Serialize;

use crate::{
    archive::Archive,
    args::IngestArgs,
    bars::LoadBars,
    exit::Exit,
    inventory::{self, Reconciled},
    loading::Loading,
    output::Output,
    speech::Speech,
};

/// Several boxes in one report: sums, and each box.
#[derive(Serialize)]
struct Boxes {
    boxes: Vec<BoxReport>,
    failed: Vec<FailedBox>,
    #[serde(flatten)]
    account: Account,
    already: u64,
    dossiers: u64,
    pages: u64,
    pages_recognised: u64,
    pages_blank: u64,
    pages_unreadable: u64,
    also_elsewhere: u64,
    separator_sheets: u64,
    files_unread: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reading: Option<ReadingCost>,
}

#[derive(Serialize)]
struct FailedBox {
    path: String,
    error: String,
}

pub async fn run(archive: &Archive, args: &IngestArgs, output: &Output) -> anyhow::Result<Exit> {
    if args.box_name.is_some() && args.boxes.len() > 1 {
        bail!(
            "--box names one box, but {} were given: load them one by one",
            args.boxes.len()
        );
    }
    if args.reconcile.inventory.is_some() && args.boxes.len() > 1 {
        bail!(
            "--inventory is that of one box, but {} were given: load them one by one",
            args.boxes.len()
        );
    }
    let paper = args.reconcile.read()?;
    let mut loading = Loading::open(archive, args.languages.as_ref()).await?;
    let options = LoadOptions {
        fonds: args
            .fonds
            .clone()
            .unwrap_or_else(|| archive.config.ingest.fonds.clone()),
        box_name: args.box_name.clone(),
        moved: if args.same_box {
            MovedBox::Same
        } else {
            MovedBox::Compare
        },
        reading: if args.deposit_only {
            ReadingTime::Later
        } else {
            ReadingTime::Now
        },
        marker: archive.config.watch.marker().map(str::to_owned),
    };
    let mut reports = Vec::new();
    let mut failed = Vec::new();
    for path in &args.boxes {
        match load(&mut loading.loader, path, &options, output).await {
            Ok(report) => reports.push(report),
            Err(error) => {
                output.error(&error);
                failed.push(FailedBox {
                    path: path.display().to_string(),
                    error: format!("{error:#}"),
                });
            }
        }
    }
    if let (Some(paper), [report]) = (paper, reports.as_slice()) {
        let mut compared =
            inventory::compare(&loading.catalog, &report.of, paper, &args.reconcile, output).await?;
        compared.take_over(&mut loading.loader, &report.of).await?;
        return compare(report, &compared, args, output);
    }
    finish(reports, failed, args.boxes.len(), output)
}

/// The account of the one box, and how it compares with its inventory.
fn compare(
    report: &BoxReport,
    compared: &Reconciled,
    args: &IngestArgs,
    output: &Output,
) -> anyhow::Result<Exit> {
    #[derive(Serialize)]
    struct Both<'a> {
        #[serde(flatten)]
        report: &'a BoxReport,
        inventory: &'a Reconciled,
    }
    let both = Both {
        report,
        inventory: compared,
    };
    output.result(&both, || {
        describe(report, output) + &compared.describe(args.reconcile.report.as_ref(), output)
    })?;
    Ok(exit_of(std::slice::from_ref(report)))
}

/// Whether something is quarantined.
pub fn exit_of(reports: &[BoxReport]) -> Exit {
    if reports.iter().any(|report| report.account.quarantined > 0) {
        Exit::Quarantined
    } else {
        Exit::Done
    }
}

/// Loads one box while bars show how far it is.
///
/// # Errors
/// As [`Loader::load`].
pub async fn load(
    loader: &mut Loader,
    path: &Path,
    options: &LoadOptions,
    output: &Output,
) -> anyhow::Result<BoxReport> {
    let progress = Arc::new(Progress::default());
    let bars = LoadBars::follow(&progress, output.speech);
    let report = loader.load(path, options, &progress).await;
    drop(bars);
    Ok(report?)
}

fn finish(
    reports: Vec<BoxReport>,
    failed: Vec<FailedBox>,
    boxes: usize,
    output: &Output,
) -> anyhow::Result<Exit> {
    let exit = if failed.is_empty() {
        exit_of(&reports)
    } else {
        Exit::Failed
    };
    let text = |reports: &[BoxReport]| {
        reports
            .iter()
            .map(|report| describe(report, output))
            .collect::<String>()
    };
    match <[BoxReport; 1]>::try_from(reports) {
        Ok([report]) if boxes == 1 => output.result(&report, || text(std::slice::from_ref(&report)))?,
        Ok([report]) => sum(vec![report], failed).print(output, text)?,
        Err(reports) if boxes == 1 && reports.is_empty() => {}
        Err(reports) => sum(reports, failed).print(output, text)?,
    }
    Ok(exit)
}

fn sum(boxes: Vec<BoxReport>, failed: Vec<FailedBox>) -> Boxes {
    let total = |part: fn(&BoxReport) -> u64| boxes.iter().map(part).sum();
    Boxes {
        account: Account {
            received: total(|b| b.account.received),
            stored: total(|b| b.account.stored),
            duplicate: total(|b| b.account.duplicate),
            ignored: total(|b| b.account.ignored),
            quarantined: total(|b| b.account.quarantined),
        },
        already: total(|b| b.already),
        dossiers: total(|b| b.dossiers),
        pages: total(|b| b.pages),
        pages_recognised: total(|b| b.pages_recognised),
        pages_blank: total(|b| b.pages_blank),
        pages_unreadable: total(|b| b.pages_unreadable),
        also_elsewhere: total(|b| b.also_elsewhere),
        separator_sheets: total(|b| b.separator_sheets),
        files_unread: total(|b| b.files_unread),
        reading: Some(boxes.iter().filter_map(|b| b.reading).sum::<ReadingCost>())
            .filter(|cost| cost.pages > 0),
        boxes,
        failed,
    }
}

impl Boxes {
    fn print(&self, output: &Output, text: impl Fn(&[BoxReport]) -> String) -> anyhow::Result<()> {
        output.result(self, || text(&self.boxes))
    }
}

/// The account of a box in a few lines.
pub fn describe(report: &BoxReport, output: &Output) -> String {
    let speech = output.speech;
    let account = &report.account;
    let number = |count| speech.number(count);
    let mut text = format!(
        "{} {}/{}: {} = {} {} + {} {} + {} {} + {} {}\n",
        speech.pick("Cutia", "Box"),
        report.of.fonds,
        report.of.name,
        speech.count(
            account.received,
            ("fișier primit", "fișiere primite"),
            ("file received", "files received")
        ),
        number(account.stored),
        speech.pick("păstrate", "stored"),
        number(account.duplicate),
        speech.pick("duplicate", "duplicate"),
        number(account.ignored),
        speech.pick("ignorate", "ignored"),
        number(account.quarantined),
        speech.pick("în carantină", "quarantined"),
    );
    let dossiers = speech.count(report.dossiers, ("dosar", "dosare"), ("dossier", "dossiers"));
    let pages = speech.count(report.pages, ("pagină", "pagini"), ("page", "pages"));
    text.push_str(&format!(
        "  {dossiers}, {pages}: {} {}, {} {}, {} {}\n",
        number(report.pages_recognised),
        speech.pick("citite", "recognised"),
        number(report.pages_blank),
        speech.pick("goale", "blank"),
        number(report.pages_unreadable),
        speech.pick("necitibile", "unreadable"),
    ));
    for line in remarks(report, output) {
        text.push_str(&format!("  {line}\n"));
    }
    text
}

fn remarks(report: &BoxReport, output: &Output) -> Vec<String> {
    let speech = output.speech;
    let files = |count| speech.count(count, ("fișier", "fișiere"), ("file", "files"));
    let mut lines = Vec::new();
    if report.already == report.account.received {
        lines.push(
            speech
                .pick(
                    "Nimic nou: toate fișierele erau deja în arhivă.",
                    "Nothing new: every file was there before.",
                )
                .to_owned(),
        );
    } else if report.already > 0 {
        lines.push(format!(
            "{} {}",
            files(report.already),
            speech.pick("erau deja în arhivă", "were there before")
        ));
    }
    if report.replaced > 0 {
        let changed = speech.pick(
            "s-au schimbat de la ultima încărcare: versiuni noi, cele vechi se păstrează",
            "changed since the last load: new versions, the old ones are kept",
        );
        lines.push(format!("{} {changed}", files(report.replaced)));
    }
    if report.also_elsewhere > 0 {
        let where_from = speech.pick(
            "se află și în alte dosare, unde se păstrează de asemenea: hrisov status LOT --files",
            "also in other dossiers, and kept in each: hrisov status BATCH --files",
        );
        lines.push(format!("{} {where_from}", files(report.also_elsewhere)));
    }
    if report.separator_sheets > 0 {
        let sheets = speech.count(
            report.separator_sheets,
            ("foaie separatoare", "foi separatoare"),
            ("separator sheet", "separator sheets"),
        );
        lines.push(format!(
            "{sheets}: {}",
            speech.pick(
                "teancul a fost împărțit în dosare",
                "the stack was divided into dossiers"
            )
        ));
    }
    if report.pages_reused > 0 {
        let pages = speech.count(report.pages_reused, ("pagină", "pagini"), ("page", "pages"));
        lines.push(format!(
            "{pages} {}",
            speech.pick("cu textul citit deja", "with text read before")
        ));
    }
    if let Some(cost) = &report.reading
        && !cost.total().is_zero()
    {
        lines.push(where_time_went(cost, speech));
    }
    if report.files_unread > 0 {
        let wait = speech.pick(
            "sunt în siguranță și așteaptă să fie citite: hrisov worker",
            "are safe and wait to be read: hrisov worker",
        );
        lines.push(format!("{} {wait}", files(report.files_unread)));
    }
    if report.account.quarantined > 0 {
        let why = speech.pick("De ce sunt în carantină", "Why they are quarantined");
        lines.push(format!(
            "{why}: hrisov status {} --files --state quarantined",
            report.batch
        ));
    }
    lines
}

/// Processor seconds a page, and which part of them each kind of work had.
fn where_time_went(cost: &ReadingCost, speech: Speech) -> String {
    let total = cost.total().as_secs_f64();
    let parts = [
        (cost.decode, speech.pick("decodare", "decoding")),
        (cost.look, speech.pick("privire", "looking")),
        (cost.first, speech.pick("citire", "reading")),
        (cost.again, speech.pick("recitire", "again")),
    ];
    let shares = parts.map(|(part, name)| format!("{name} {:.0} %", 100.0 * part.as_secs_f64() / total));
    let each = format!("{:.1}", total / cost.pages as f64);
    format!(
        "{} {}: {}",
        speech.pick("procesor", "processor"),
        speech.pick(
            &format!("{} s/pagină", each.replace('.', ",")),
            &format!("{each} s/page")
        ),
        shares.join(", "),
    )
}
