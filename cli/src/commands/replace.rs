//! `hrisov replace`: a page that was scanned again.

use std::sync::Arc;

use anyhow::Context as _;
use hrisov_ingest::{Progress, ReplaceReport, Replacement};
use hrisov_model::PageState;

use crate::{archive::Archive, args::ReplaceArgs, exit::Exit, loading::Loading, output::Output};

pub async fn run(archive: &Archive, args: &ReplaceArgs, output: &Output) -> anyhow::Result<Exit> {
    let (called, number) = page(&args.page)?;
    let mut loading = Loading::open(archive, args.languages.as_ref()).await?;
    let replacement = Replacement {
        dossier: archive.dossier(&loading.catalog, called).await?,
        number,
        file: args.file.clone(),
    };
    let progress = Arc::new(Progress::default());
    let report = loading.loader.replace(&replacement, &progress).await?;
    output.result(&report, || describe(&report, called, output))?;
    Ok(Exit::Done)
}

/// A dossier and the number of a page in it, as people write it.
///
/// # Errors
/// Where it is no such thing.
pub fn page(called: &str) -> anyhow::Result<(&str, u32)> {
    let parts = called.rsplit_once('/').filter(|(dossier, _)| !dossier.is_empty());
    let number = |number: &str| number.parse().ok().filter(|number| *number > 0);
    parts
        .and_then(|(dossier, page)| Some((dossier, number(page)?)))
        .with_context(|| format!("{called:?} is no page: give DOSSIER/PAGE, such as 12/3"))
}

fn describe(report: &ReplaceReport, called: &str, output: &Output) -> String {
    let speech = output.speech;
    let number = report.number;
    if report.replaced.is_none() {
        let nothing = speech.pick(
            "Nimic nou: fișierul stă deja în locul paginii",
            "Nothing new: the file stands in the place of page",
        );
        return format!("{nothing} {number} ({called})\n");
    }
    let done = speech.pick("Înlocuită: pagina", "Replaced: page");
    let words = || {
        let words = u64::from(report.page.words);
        speech.count(words, ("cuvânt", "cuvinte"), ("word", "words"))
    };
    let read = match &report.page.state {
        PageState::Recognised => words(),
        PageState::Blank => speech.pick("pagină goală", "a blank page").to_owned(),
        PageState::Waiting => speech.pick("încă necitită", "not read yet").to_owned(),
        PageState::Unreadable { detail, .. } => detail.clone(),
    };
    let kept = speech.pick(
        "Vechea imagine rămâne în arhivă.",
        "The old picture stays in the archive.",
    );
    format!("{done} {number} ({called}): {read}\n  {kept}\n")
}
