//! The archivist's view: what was loaded, how it ended, which pages somebody should look at.

use askama::Template;
use axum::{extract::State, response::Response};
use hrisov_audit::in_romanian;
use hrisov_catalog::{Batch, Catalog, PageCounts};
use hrisov_model::BatchId;
use jiff::Timestamp;
use serde_json::Value;

use super::{
    Visitor,
    batch::pace,
    frame::{Frame, Section},
    html,
    leaf::Way,
    messages::Language,
    results::{dossier_address, shelf},
};
use crate::{ApiState, error::ApiError};

/// Below this mean confidence a page's text is doubtful, as search results have it.
pub(crate) const CONFIDENCE_DOUBTFUL_PERCENT: u8 = 80;
/// Batches that are listed: the latest.
const BATCHES_MAX: usize = 100;
/// Dossiers with findings that are listed; `hrisov verify` tells all.
const FAULTY_MAX: u32 = 20;

#[derive(Template)]
#[template(path = "archivist.html")]
struct ArchivistPage {
    f: Frame,
    figures: Vec<(String, String)>,
    parked: u64,
    fixity: Fixity,
    batches: Vec<BatchShown>,
}

/// How the stored bytes were at their last verification.
#[derive(Debug)]
pub(crate) struct Fixity {
    /// That something was found, how much, and what to do; empty where nothing was.
    pub(crate) alarm: String,
    /// The dossiers in which it was, each with what was found.
    pub(crate) faulty: Vec<Faulty>,
    /// Whether everything was verified, and when last.
    pub(crate) when: String,
    /// When that was verified which is the longest ago; `None` where it is about as long as for all.
    pub(crate) oldest: Option<String>,
    /// How the style sheet shows that: all is well, something is to be said, or neither.
    pub(crate) tone: &'static str,
}

/// A dossier, or another part of the archive, in which something was found.
#[derive(Debug)]
pub(crate) struct Faulty {
    /// Where it is shown; empty of what is no dossier.
    pub(crate) address: String,
    pub(crate) name: String,
    /// When it was found.
    pub(crate) when: String,
    pub(crate) details: Vec<FaultShown>,
}

/// One thing that was found.
#[derive(Debug)]
pub(crate) struct FaultShown {
    /// What it means, and the particulars.
    pub(crate) what: String,
    /// Where: a key of the store, or the part that disagrees.
    pub(crate) place: String,
}

/// A load of a box in the list.
#[derive(Debug)]
struct BatchShown {
    address: String,
    name: String,
    begun: String,
    state: String,
    /// How fast it goes, while it does.
    pace: Option<String>,
    /// Received, stored, duplicate, ignored, quarantined.
    account: [(&'static str, String); 5],
}

/// Everything at a glance, and the batches.
pub(crate) async fn overview(State(state): State<ApiState>, visitor: Visitor) -> Result<Response, ApiError> {
    let f = visitor.frame(Section::Archivist);
    let catalog = &state.catalog;
    let mut batches = Vec::new();
    for batch in catalog.batches().await?.iter().take(BATCHES_MAX) {
        let account = catalog.account(batch.id).await?;
        let numbers = [
            ("received", account.received),
            ("stored", account.stored),
            ("duplicate", account.duplicate),
            ("ignored", account.ignored),
            ("quarantined", account.quarantined),
        ];
        let pace = match batch.finished_at {
            Some(_) => None,
            None => {
                let pages = catalog.page_counts(Some(batch.id)).await?;
                pace(catalog, f.t, batch, account.received, &pages).await?
            }
        };
        batches.push(BatchShown {
            pace,
            address: batch_address(batch.id),
            name: batch_name(f.t, batch),
            begun: f.t.time(batch.started_at),
            state: batch_state(f.t, batch),
            account: numbers.map(|(name, number)| (name, f.t.number(number))),
        });
    }
    let counts = catalog.page_counts(None).await?;
    html(&ArchivistPage {
        figures: figures(f.t, catalog.dossier_count(None).await?, counts),
        parked: catalog.job_counts().await?.parked,
        fixity: fixity(catalog, f.t).await?,
        batches,
        f,
    })
}

/// What the last verifications found, for the pages of archivists and auditors.
pub(crate) async fn fixity(catalog: &Catalog, t: Language) -> Result<Fixity, ApiError> {
    let state = catalog.fixity_state(None).await?;
    let last = catalog.last_finished_verification().await?;
    let ended = last.as_ref().and_then(|last| last.finished_at);
    let others = last.map_or_else(Vec::new, |last| last.findings);
    let detail = |finding: &Value| {
        let text = |member: &str| finding[member].as_str().unwrap_or_default();
        let particulars = match t {
            Language::Romanian => in_romanian(text("detail")),
            Language::English => text("detail").to_owned(),
        };
        FaultShown {
            what: match t.known(&format!("finding-{}", text("kind"))) {
                Some(meaning) => format!("{meaning} ({particulars})"),
                None => particulars,
            },
            place: text("path").to_owned(),
        }
    };
    let mut faulty = Vec::new();
    for dossier in catalog.faulty_dossiers(FAULTY_MAX).await? {
        let name = format!("{}/{}", dossier.box_name.name, dossier.reference);
        let details = dossier.findings.iter().map(detail).collect();
        faulty.push(Faulty {
            address: dossier_address(dossier.id, Way::default()),
            name,
            when: t.time(dossier.verified_at),
            details,
        });
    }
    if !others.is_empty() {
        let details = others.iter().take(FAULTY_MAX as usize).map(detail).collect();
        faulty.push(Faulty {
            address: String::new(),
            name: t.say("fixity-elsewhere"),
            when: ended.map_or_else(String::new, |at| t.time(at)),
            details,
        });
    }
    let now = Timestamp::now();
    let moment = |at: Option<Timestamp>| at.map(|at| t.moment(at, now));
    let (files, _) = catalog.kept_files().await?;
    let when = match (moment(state.newest), state.never) {
        (Some(newest), 0) => t.count_with("fixity-all", files, "when", newest),
        (Some(newest), never) => t.count_with("fixity-some", never, "when", newest),
        (None, _) => t.say("fixity-never"),
    };
    // Where all were verified together, the oldest says no more.
    let oldest = state.oldest.filter(|oldest| {
        let newest = state.newest.unwrap_or(*oldest);
        newest.duration_since(*oldest).as_hours() > 24
    });
    let oldest = moment(oldest).map(|when| t.with("fixity-oldest", "when", when));
    let found = state.with_findings + others.len() as u64;
    let tone = match (found, state.oldest, state.never) {
        (0, Some(_), 0) => "good",
        (0, None, 1..) => "doubt",
        _ => "quiet",
    };
    Ok(Fixity {
        alarm: if found > 0 {
            t.count("fixity-alarm", found)
        } else {
            String::new()
        },
        faulty,
        when,
        oldest,
        tone,
    })
}

pub(crate) fn batch_address(batch: BatchId) -> String {
    format!("/arhivar/loturi/{batch}")
}

pub(crate) fn batch_name(t: Language, batch: &Batch) -> String {
    shelf(t, &batch.of.fonds, &batch.of.name)
}

pub(crate) fn batch_state(t: Language, batch: &Batch) -> String {
    match batch.finished_at {
        Some(at) => t.with("batch-finished", "date", t.time(at)),
        None => t.say("batch-open"),
    }
}

/// Numbers with what they count; those that are zero are left out, but for dossiers and pages.
pub(crate) fn figures(t: Language, dossiers: u64, counts: PageCounts) -> Vec<(String, String)> {
    let figure = |key: &str, count: u64| (t.number(count), t.count(key, count));
    let mut figures = vec![
        figure("figure-dossiers", dossiers),
        figure("figure-pages", counts.pages),
    ];
    for (key, count) in [
        ("figure-recognised", counts.recognised),
        ("figure-blank", counts.blank),
        ("figure-waiting", counts.waiting),
        ("figure-unreadable", counts.unreadable),
    ] {
        if count > 0 {
            figures.push(figure(key, count));
        }
    }
    figures
}

/// A reason as people call it.
pub(crate) fn reason_name(t: Language, reason: &str) -> String {
    t.known(&format!("reason-{reason}"))
        .unwrap_or_else(|| reason.to_owned())
}
