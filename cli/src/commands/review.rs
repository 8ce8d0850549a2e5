//! `hrisov review`: what a person decided of doubtful pages.

use std::collections::BTreeSet;

use anyhow::bail;
use hrisov_audit::{Judgement, record_review};
use hrisov_catalog::{ReviewRecord, Verdict};

use super::replace::page;
use crate::{archive::Archive, args::ReviewArgs, exit::Exit, output::Output, verifying::enter_records};

pub async fn run(archive: &Archive, args: &ReviewArgs, output: &Output) -> anyhow::Result<Exit> {
    let catalog = archive.catalog().await?;
    let mut pages = BTreeSet::new();
    for called in &args.pages {
        let (dossier, number) = page(called)?;
        let id = archive.dossier(&catalog, dossier).await?;
        let held = catalog.dossier(id).await?;
        let shown = held
            .as_ref()
            .and_then(|held| held.description.page_number(number));
        match shown {
            Some(page) => pages.insert(page.id),
            None => bail!("there is no page {called:?}: `hrisov status --doubtful` lists numbers"),
        };
    }
    let judgement = Judgement {
        by: args.by.clone(),
        verdict: args.verdict.verdict(),
        pages,
    };
    let blobs = archive.store().await?;
    let record = record_review(blobs.as_ref(), &catalog, &archive.config.doubts, &judgement).await?;
    let Some(record) = record else {
        bail!("these pages were scanned again in the meantime: look at them anew");
    };
    // Where a load or another command writes, that one makes the leaf.
    enter_records(archive, &blobs, &catalog).await?;
    output.result(&record, || describe(&record, output))?;
    Ok(Exit::Done)
}

fn describe(record: &ReviewRecord, output: &Output) -> String {
    let speech = output.speech;
    let pages = speech.count(record.pages.len() as u64, ("pagină", "pagini"), ("page", "pages"));
    let what = match record.verdict {
        Verdict::Fine => speech.pick("în regulă", "in order"),
        Verdict::Rescan => speech.pick("de rescanat", "to be scanned again"),
        Verdict::Withdrawn => speech.pick("din nou de verificat", "to be looked at again"),
    };
    format!("{pages}: {what} ({})\n", record.by)
}
