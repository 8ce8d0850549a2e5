//! Verifying as arguments and configuration say, once or in the background, and logging what came of it.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use hrisov_audit::{Finding, Report, Schedule, Verification, is_record_due, record_fixity, verify_due};
use hrisov_catalog::Catalog;
use hrisov_index::{IndexError, SearchIndex, Searcher};
use hrisov_ingest::Notary;
use hrisov_store::{Blobs, ThrottledBlobs, ocfl::StorageRoot};
use jiff::Timestamp;

use crate::{archive::Archive, args::Rate};

/// Pause of the background verification while nothing has its turn.
const LOOK: Duration = Duration::from_secs(60);
/// Pause between two looks for what the log does not have.
const LOG: Duration = Duration::from_secs(2);
/// Pause after store or catalog could not be looked at.
const AFTER_FAILURE: Duration = Duration::from_mins(10);

/// As many dossiers at once as there are cores.
pub fn all_cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// The parts of the archive that are held against each other, the store being read at `rate` at most.
pub async fn verification(
    archive: &Archive,
    rate: Option<Rate>,
    tasks: NonZeroUsize,
) -> anyhow::Result<Verification> {
    let root = match rate {
        None => archive.unchecked_root().await?,
        Some(rate) => {
            let throttled = ThrottledBlobs::new(archive.store().await?, rate.bytes_per_second());
            StorageRoot::unchecked(Arc::new(throttled))
        }
    };
    let (index, found) = open_index(archive)?;
    Ok(Verification {
        root,
        trust: Arc::new(archive.log_trust().await?),
        catalog: archive.catalog().await?,
        index,
        found,
        tasks,
        done: Arc::default(),
    })
}

/// The index; where it cannot be opened as it is, that is a finding.
pub fn open_index(archive: &Archive) -> anyhow::Result<(Option<Arc<Searcher>>, Vec<Finding>)> {
    match SearchIndex::open_reader(&archive.index_path()) {
        Ok(searcher) => Ok((Some(Arc::new(searcher)), Vec::new())),
        Err(error @ (IndexError::Folder { .. } | IndexError::WriterBusy)) => Err(error.into()),
        Err(error) => Ok((None, vec![Finding::of_index(&error)])),
    }
}

/// Verifies everything that has its turn now, then records and logs what came of it.
pub async fn verify_all_due(archive: &Archive, verification: &Verification) -> anyhow::Result<Report> {
    let mut whole = Report {
        ok: true,
        ..Report::default()
    };
    if let Some(schedule) = archive.config.verify.schedule() {
        let before = schedule.due_before(Timestamp::now());
        while let Some(step) = verify_due(verification, before).await? {
            whole.checked.add(step.checked);
            whole.findings.extend(step.findings);
        }
    }
    whole.findings.extend(record(archive, verification).await?);
    whole.ok = whole.findings.is_empty();
    Ok(whole)
}

/// Verifies in the background, in small steps, for as long as it is let.
pub async fn keep_verifying(archive: Archive, verification: Verification, schedule: Schedule) {
    loop {
        let pause = match step(&archive, &verification, schedule).await {
            Ok(true) => continue,
            Ok(false) => LOOK,
            Err(error) => {
                tracing::error!("the archive could not be verified: {error:#}");
                AFTER_FAILURE
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Whether there was something to do.
async fn step(archive: &Archive, verification: &Verification, schedule: Schedule) -> anyhow::Result<bool> {
    let now = Timestamp::now();
    let verified = verify_due(verification, schedule.due_before(now)).await?;
    let mut found = verified.as_ref().map_or(0, |report| report.findings.len());
    if is_record_due(&verification.catalog, now).await? {
        found += record(archive, verification).await?.len();
    }
    if found > 0 {
        // What and where is in the catalog, not in the log of the program: names of folders may be those of people.
        tracing::error!("verification found {found} faults: run `hrisov status`");
    }
    Ok(verified.is_some())
}

/// Writes results into the journal and enters them in the log; gives what is wrong with the log.
async fn record(archive: &Archive, verification: &Verification) -> anyhow::Result<Vec<Finding>> {
    let (blobs, catalog) = (verification.root.blobs(), &verification.catalog);
    let findings = record_fixity(blobs, catalog, &verification.trust).await?;
    // Nothing is added to a log that something is wrong with.
    if findings.is_empty()
        && let Err(error) = enter_records(archive, blobs, catalog).await
    {
        tracing::error!("the results of the verification are not in the log yet: {error:#}");
    }
    Ok(findings)
}

/// Enters in the log what was decided of pages while the archive is served, for as long as it is let.
pub async fn keep_logging(archive: Archive, catalog: Catalog) {
    loop {
        tokio::time::sleep(LOG).await;
        if let Err(error) = log_waiting(&archive, &catalog).await {
            tracing::error!("what was decided is not in the log yet: {error:#}");
            tokio::time::sleep(AFTER_FAILURE).await;
        }
    }
}

async fn log_waiting(archive: &Archive, catalog: &Catalog) -> anyhow::Result<()> {
    if catalog.closings_to_log().await?.is_empty() {
        return Ok(());
    }
    enter_records(archive, &archive.store().await?, catalog).await
}

/// Enters in the log the records of the journal that are not in it. Where another process writes to the archive, that one
/// does.
///
/// # Errors
/// Where store, catalog or log fail.
pub async fn enter_records(
    archive: &Archive,
    blobs: &Arc<dyn Blobs>,
    catalog: &Catalog,
) -> anyhow::Result<()> {
    let Some(_writer) = archive.lock_if_free()? else {
        return Ok(());
    };
    if archive.readable_log(blobs).await?.is_some() {
        let log = archive.writable_log(blobs, catalog).await?;
        Notary::open(catalog.clone(), log).await?.enter_closings().await?;
    }
    Ok(())
}
