//! How recently the stored bytes were read again and compared, and what was found.

use hrisov_audit::Schedule;
use hrisov_catalog::{Catalog, FaultyDossier, FixityState};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::speech::Speech;

/// Dossiers with findings that are listed; `hrisov verify` tells all.
const FAULTY_MAX: u32 = 20;

/// Verification at a glance.
#[derive(Serialize)]
pub struct FixityOverview {
    #[serde(flatten)]
    state: FixityState,
    /// Dossiers that have their turn now; `None` without a schedule.
    due: Option<u64>,
    /// An interrupted verification of the whole archive, that `hrisov verify` goes on with: since when.
    interrupted: Option<Timestamp>,
    /// What the last verification of the whole archive found beside the dossiers.
    other_findings: Vec<Value>,
    /// Dossiers in which something was found the last time: the first of them.
    faulty: Vec<FaultyDossier>,
}

impl FixityOverview {
    pub async fn of(catalog: &Catalog, schedule: Option<Schedule>) -> anyhow::Result<Self> {
        let due = match schedule {
            None => None,
            Some(schedule) => {
                let before = schedule.due_before(Timestamp::now());
                Some(catalog.count_due_since(before).await?)
            }
        };
        let last = catalog.last_verification().await?;
        let finished = catalog.last_finished_verification().await?;
        Ok(Self {
            state: catalog.fixity_state(None).await?,
            due,
            interrupted: last
                .filter(|last| last.finished_at.is_none())
                .map(|last| last.started_at),
            other_findings: finished.map_or_else(Vec::new, |finished| finished.findings),
            faulty: catalog.faulty_dossiers(FAULTY_MAX).await?,
        })
    }

    /// What comes before everything else: something is wrong, and where. Empty where nothing is.
    pub fn alarm(&self, speech: Speech) -> String {
        let found = self.state.with_findings + self.other_findings.len() as u64;
        if found == 0 {
            return String::new();
        }
        let places = speech.count(found, ("loc", "locuri"), ("place", "places"));
        let mut text = match speech {
            Speech::Romanian => format!("!! VERIFICAREA A GĂSIT CEVA ÎN NEREGULĂ, în {places}:\n"),
            Speech::English => format!("!! VERIFICATION FOUND SOMETHING WRONG, in {places}:\n"),
        };
        for dossier in &self.faulty {
            text.push_str(&format!("   {}/{}\n", dossier.box_name.name, dossier.reference));
        }
        for finding in self.other_findings.iter().take(FAULTY_MAX as usize) {
            text.push_str(&format!("   {}\n", finding["path"].as_str().unwrap_or_default()));
        }
        text.push_str(speech.pick(
            "   Ce anume: hrisov verify. De pus la loc dintr-o copie: hrisov repair --from COPIE\n\n",
            "   What it is: hrisov verify. To put back from a copy: hrisov repair --from COPY\n\n",
        ));
        text
    }

    /// One line: when everything was verified.
    pub fn describe(&self, speech: Speech) -> String {
        let day = |time: Timestamp| time.strftime("%Y-%m-%d").to_string();
        let mut parts = Vec::new();
        if let (Some(oldest), Some(newest)) = (self.state.oldest, self.state.newest) {
            let (oldest, newest) = (day(oldest), day(newest));
            parts.push(match (speech, oldest == newest) {
                (Speech::Romanian, true) => format!("verificate la {oldest}"),
                (Speech::English, true) => format!("verified on {oldest}"),
                (Speech::Romanian, false) => format!("verificate între {oldest} și {newest}"),
                (Speech::English, false) => format!("verified between {oldest} and {newest}"),
            });
        }
        if self.state.never > 0 {
            let never = speech.number(self.state.never);
            let what = speech.pick("neverificate de la depunere", "not verified since their deposit");
            parts.push(format!("{never} {what}"));
        }
        if let Some(due) = self.due.filter(|due| *due > 0) {
            let what = speech.pick("de verificat acum", "to be verified now");
            parts.push(format!("{} {what}", speech.number(due)));
        }
        if let Some(since) = self.interrupted {
            let what = speech.pick(
                "verificare întreruptă, începută la",
                "an interrupted verification of",
            );
            parts.push(format!("{what} {}", day(since)));
        }
        match parts.is_empty() {
            true => String::new(),
            false => format!("  {}\n", parts.join("; ")),
        }
    }
}
