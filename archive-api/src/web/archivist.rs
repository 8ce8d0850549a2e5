//! The archivist's view: what was loaded, how it ended, which pages somebody should look at.

use askama::Template;
use axum::{extract::State, response::Response};
use hrisov_catalog::{Batch, DoubtfulPage, PageCounts};
use hrisov_model::{BatchId, PageId, PageState};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Visitor,
    frame::{Frame, Section},
    html, leaf,
    messages::Language,
    results::{dossier_name, shelf},
};
use crate::{ApiState, error::ApiError, extract::Query, links::Address};

/// Below this mean confidence a page's text is doubtful, as search results have it.
pub(crate) const CONFIDENCE_DOUBTFUL_PERCENT: u8 = 80;
/// Batches that are listed: the latest.
const BATCHES_MAX: usize = 100;
/// Pictures on one wall.
const WALL_PAGES: u32 = 60;
/// Walls that can be opened one after the other.
const WALLS_MAX: u32 = 500;

#[derive(Template)]
#[template(path = "archivist.html")]
struct ArchivistPage {
    f: Frame,
    figures: Vec<(String, String)>,
    parked: u64,
    batches: Vec<BatchShown>,
}

/// A load of a box in the list.
#[derive(Debug)]
struct BatchShown {
    address: String,
    name: String,
    begun: String,
    state: String,
    /// Received, stored, duplicate, ignored, quarantined.
    account: [String; 5],
}

#[derive(Debug, Deserialize)]
pub(crate) struct WallParams {
    /// Only of this batch.
    #[serde(default)]
    lot: Option<Uuid>,
    /// Which wall, from 1.
    #[serde(default)]
    p: Option<u32>,
}

#[derive(Template)]
#[template(path = "doubtful.html")]
struct WallPage {
    f: Frame,
    back: String,
    back_label: String,
    groups: Vec<Group>,
    next: Option<String>,
}

/// Doubtful pages of one reason.
#[derive(Debug)]
struct Group {
    reason: String,
    pages: Vec<PageShown>,
}

/// A page on the wall.
#[derive(Debug)]
struct PageShown {
    id: PageId,
    address: String,
    label: String,
    remark: String,
    has_picture: bool,
}

/// Everything at a glance, and the batches.
pub(crate) async fn overview(State(state): State<ApiState>, visitor: Visitor) -> Result<Response, ApiError> {
    let f = visitor.frame(Section::Archivist);
    let catalog = &state.catalog;
    let mut batches = Vec::new();
    for batch in catalog.batches().await?.iter().take(BATCHES_MAX) {
        let account = catalog.account(batch.id).await?;
        let numbers = [
            account.received,
            account.stored,
            account.duplicate,
            account.ignored,
            account.quarantined,
        ];
        batches.push(BatchShown {
            address: batch_address(batch.id),
            name: batch_name(f.t, batch),
            begun: f.t.time(batch.started_at),
            state: batch_state(f.t, batch),
            account: numbers.map(|number| f.t.number(number)),
        });
    }
    let counts = catalog.page_counts(None).await?;
    html(&ArchivistPage {
        figures: figures(f.t, catalog.dossier_count(None).await?, counts),
        parked: catalog.job_counts().await?.parked,
        batches,
        f,
    })
}

/// Doubtful pages as pictures, by reason.
pub(crate) async fn doubtful(
    State(state): State<ApiState>,
    visitor: Visitor,
    Query(params): Query<WallParams>,
) -> Result<Response, ApiError> {
    let f = visitor.frame(Section::Archivist);
    let wall = params.p.unwrap_or(1).clamp(1, WALLS_MAX);
    let batch = match params.lot {
        Some(id) => state.catalog.batch(BatchId::from(id)).await?,
        None => None,
    };
    let (offset, of) = ((wall - 1) * WALL_PAGES, batch.as_ref().map(|batch| batch.id));
    let mut pages = state
        .catalog
        .doubtful_pages(of, CONFIDENCE_DOUBTFUL_PERCENT, offset, WALL_PAGES + 1)
        .await?;
    let goes_on = pages.len() > WALL_PAGES as usize && wall < WALLS_MAX;
    pages.truncate(WALL_PAGES as usize);
    let mut groups: Vec<Group> = Vec::new();
    for page in &pages {
        let reason = reason_of(f.t, &page.page.state);
        let shown = PageShown::new(f.t, page);
        match groups.last_mut().filter(|group| group.reason == reason) {
            Some(group) => group.pages.push(shown),
            None => groups.push(Group {
                reason,
                pages: vec![shown],
            }),
        }
    }
    let next = Address::new("/arhivar/pagini")
        .with_all("lot", of)
        .with("p", wall + 1);
    html(&WallPage {
        back: of.map_or_else(|| "/arhivar".to_owned(), batch_address),
        back_label: match &batch {
            Some(batch) => batch_name(f.t, batch),
            None => f.t.say("archivist"),
        },
        groups,
        next: goes_on.then(|| next.into_string()),
        f,
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

fn reason_of(t: Language, state: &PageState) -> String {
    match state {
        PageState::Unreadable { .. } => t.say("reason-unreadable"),
        _ => t.say("reason-low_confidence"),
    }
}

impl PageShown {
    fn new(t: Language, doubtful: &DoubtfulPage) -> Self {
        let page = &doubtful.page;
        let name = dossier_name(t, &doubtful.reference, "");
        Self {
            id: page.id,
            address: leaf::page_address(page.id, ""),
            label: format!("{name}, {}", t.with("page-short", "number", doubtful.number)),
            remark: match (&page.state, page.confidence_percent) {
                (PageState::Unreadable { reason, .. }, _) => {
                    t.with("why", "reason", reason_name(t, &reason.to_string()))
                }
                (_, Some(percent)) => t.with("read-with", "percent", percent),
                _ => String::new(),
            },
            has_picture: page.width_px > 0,
        }
    }
}
