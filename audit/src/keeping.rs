//! What came of a verification, into the catalog while it goes on.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use hrisov_catalog::{Catalog, FixityMark, VerificationRun};
use hrisov_model::DossierId;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::{AuditError, Beginning, Checked, Finding, Resumed, Scope};

/// An interrupted verification that was begun longer ago is not gone on with: what it read first has aged.
const RESUMED_WITHIN: SignedDuration = SignedDuration::from_hours(30 * 24);
/// So often results are written down: a crash costs no more than what was hashed since.
const PAUSE: Duration = Duration::from_secs(2);
/// And after so many at the latest.
const MARKS: usize = 1000;

/// Writes results down as they come.
#[derive(Debug)]
pub(crate) struct Keeper<'a> {
    catalog: &'a Catalog,
    run: Option<VerificationRun>,
    /// Dossiers that an interrupted run found sound.
    done: BTreeSet<DossierId>,
    /// How much was looked at in dossiers that are sound: those are not read again after an interruption.
    sound: Checked,
    marks: Vec<FixityMark>,
    kept_at: Instant,
}

impl<'a> Keeper<'a> {
    /// Only a verification of the whole archive is a run that can be gone on with.
    pub(crate) async fn begin(catalog: &'a Catalog, scope: &Scope) -> Result<Self, AuditError> {
        let (mut run, mut done) = (None, BTreeSet::new());
        if let Scope::Archive(beginning) = scope {
            let now = Timestamp::now();
            let last = match catalog.last_verification().await {
                // A run that nobody understands is not gone on with; the end of this one takes its place.
                Err(error) if error.is_of_content() => None,
                last => last?,
            };
            let interrupted = last.filter(|last| {
                *beginning == Beginning::Interrupted
                    && last.finished_at.is_none()
                    && last.started_at >= now - RESUMED_WITHIN
            });
            run = Some(match interrupted {
                Some(last) => {
                    done = catalog.sound_since(last.started_at).await?;
                    last
                }
                None => {
                    catalog
                        .begin_verification(now, value_of(&Checked::default()))
                        .await?
                }
            });
        }
        let sound = run
            .as_ref()
            .and_then(|run| serde_json::from_value(run.checked.clone()).ok());
        Ok(Self {
            catalog,
            run,
            sound: sound.unwrap_or_default(),
            done,
            marks: Vec::new(),
            kept_at: Instant::now(),
        })
    }

    /// Whether an interrupted run did this dossier.
    pub(crate) fn is_done(&self, id: DossierId) -> bool {
        self.done.contains(&id)
    }

    /// How much an interrupted run had looked at and found sound.
    pub(crate) const fn checked_before(&self) -> Checked {
        self.sound
    }

    /// The interrupted run that is gone on with.
    pub(crate) fn resumed<'k>(&self, known: impl Iterator<Item = &'k DossierId>) -> Option<Resumed> {
        let dossiers = known.filter(|id| self.done.contains(id)).count() as u64;
        let run = self.run.as_ref().filter(|_| dossiers > 0)?;
        Some(Resumed {
            started_at: run.started_at,
            dossiers,
        })
    }

    pub(crate) async fn add(&mut self, mark: FixityMark, checked: Checked) -> Result<(), AuditError> {
        if mark.findings.is_empty() {
            self.sound.add(checked);
        }
        self.marks.push(mark);
        match self.marks.len() >= MARKS || self.kept_at.elapsed() >= PAUSE {
            true => self.keep().await,
            false => Ok(()),
        }
    }

    pub(crate) async fn keep(&mut self) -> Result<(), AuditError> {
        let checked = value_of(&self.sound);
        let run = self.run.as_ref().map(|run| (run.id, &checked));
        self.catalog.mark_verified(&self.marks, run).await?;
        self.marks.clear();
        self.kept_at = Instant::now();
        Ok(())
    }

    /// The end, with what was found beside the dossiers' objects.
    pub(crate) async fn finish(self, checked: &Checked, findings: &[Finding]) -> Result<(), AuditError> {
        if let Some(run) = &self.run {
            let findings: Vec<_> = findings.iter().map(Finding::to_value).collect();
            self.catalog
                .finish_verification(run.id, Timestamp::now(), &value_of(checked), &findings)
                .await?;
        }
        Ok(())
    }
}

fn value_of(checked: &Checked) -> Value {
    serde_json::to_value(checked).unwrap_or_default()
}
