//! One load of a box: its account, and every file with its end.

use askama::Template;
use axum::{extract::State, response::Response};
use hrisov_catalog::{Batch, BatchFile, Catalog, PageCounts};
use hrisov_model::{BatchId, FileState};
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Visitor,
    about::closed_on,
    archivist::{batch_address, batch_name, batch_state, figures, reason_name},
    differences::{self, BoxShown},
    frame::{Frame, Section},
    html,
    leaf::Way,
    messages::Language,
    results::dossier_address,
    retry::{self, RetryShown},
};
use crate::{
    ApiState,
    error::ApiError,
    extract::{Path, Query},
    links::Address,
};

/// Files on one page.
const FILES: usize = 200;
/// Parts of the list that can be opened.
const PARTS_MAX: usize = 5_000;
/// States by name, with their messages.
const STATES: [&str; 4] = ["stored", "duplicate", "ignored", "quarantined"];

#[derive(Debug, Deserialize)]
pub(crate) struct BatchParams {
    /// Only files that ended so.
    #[serde(default)]
    stare: String,
    /// Part of the list, from 1.
    #[serde(default)]
    p: Option<usize>,
}

#[derive(Template)]
#[template(path = "batch.html")]
struct BatchPage {
    f: Frame,
    name: String,
    when: String,
    state: String,
    account: String,
    /// How fast it goes and how long it still takes; `None` once it has ended.
    pace: Option<String>,
    figures: Vec<(String, String)>,
    doubtful: String,
    retry: Option<RetryShown>,
    /// What stands between the box and its closing, once the load has ended.
    whole: Option<BoxShown>,
    tabs: Vec<Tab>,
    files: Vec<FileShown>,
    next: Option<String>,
}

/// Files of one state.
#[derive(Debug)]
struct Tab {
    label: String,
    count: String,
    address: String,
    is_chosen: bool,
}

/// A file of the batch.
#[derive(Debug)]
struct FileShown {
    path: String,
    address: Option<String>,
    state: String,
    reason: String,
}

/// Shows a batch.
pub(crate) async fn batch(
    State(state): State<ApiState>,
    visitor: Visitor,
    Path(id): Path<Uuid>,
    Query(params): Query<BatchParams>,
) -> Result<Response, ApiError> {
    let f = visitor.frame(Section::Archivist);
    let catalog = &state.catalog;
    let batch = catalog.batch(BatchId::from(id)).await?;
    let batch = batch.ok_or(ApiError::Unknown { what: "batch" })?;
    let account = catalog.account(batch.id).await?;
    let counts = [
        account.stored,
        account.duplicate,
        account.ignored,
        account.quarantined,
    ];
    let chosen = STATES.into_iter().find(|name| *name == params.stare);
    let own = Address::new(batch_address(batch.id));
    let mut tabs = vec![Tab {
        label: f.t.say("all-files"),
        count: f.t.number(account.received),
        address: own.clone().into_string(),
        is_chosen: chosen.is_none(),
    }];
    tabs.extend(
        STATES
            .into_iter()
            .zip(counts)
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| Tab {
                label: f.t.say(name),
                count: f.t.number(count),
                address: own.clone().with("stare", name).into_string(),
                is_chosen: chosen == Some(name),
            }),
    );
    let mut files = catalog.batch_files(batch.id).await?;
    files.retain(|file| chosen.is_none_or(|name| file.state.name() == name));
    let part = params.p.unwrap_or(1).clamp(1, PARTS_MAX);
    let next = (files.len() > part * FILES).then(|| {
        let next = own.with_all("stare", chosen).with("p", part + 1);
        next.into_string()
    });
    let shown = files.iter().skip((part - 1) * FILES).take(FILES);
    let pages = catalog.page_counts(Some(batch.id)).await?;
    let pace = pace(catalog, f.t, &batch, account.received, &pages).await?;
    let closed = catalog.closed_box(&batch.of).await?;
    let mut ended = batch_state(f.t, &batch);
    if let Some(closing) = closed.and_then(|record| record.closing()) {
        let on = closed_on(f.t, &closing);
        ended = format!("{ended} · {}: {on}", f.t.say("box-closed").to_lowercase());
    }
    html(&BatchPage {
        name: batch_name(f.t, &batch),
        when: f.t.with_all(
            "batch-from",
            [
                ("date", f.t.time(batch.started_at)),
                ("path", batch.source_path.clone()),
            ],
        ),
        state: ended,
        account: f.t.with_all(
            "account-sentence",
            [
                ("received", f.t.number(account.received)),
                ("stored", f.t.number(account.stored)),
                ("duplicate", f.t.number(account.duplicate)),
                ("ignored", f.t.number(account.ignored)),
                ("quarantined", f.t.number(account.quarantined)),
            ],
        ),
        pace,
        figures: figures(f.t, catalog.dossier_count(Some(batch.id)).await?, pages),
        doubtful: Address::new("/arhivar/pagini")
            .with("lot", batch.id)
            .into_string(),
        retry: retry::offer(catalog, &batch, f.t).await?,
        whole: match batch.finished_at {
            Some(_) => Some(differences::of_box(catalog, &batch.of, f.t).await?),
            None => None,
        },
        tabs,
        files: shown.map(|file| FileShown::new(f.t, file)).collect(),
        next,
        f,
    })
}

/// How fast an unfinished load goes, and how long it still takes.
pub(crate) async fn pace(
    catalog: &Catalog,
    t: Language,
    batch: &Batch,
    received: u64,
    pages: &PageCounts,
) -> Result<Option<String>, ApiError> {
    let run = match batch.finished_at {
        Some(_) => None,
        None => catalog.run_of(batch.id).await?,
    };
    let pace = run.map(|run| run.pace(Timestamp::now(), received, pages));
    Ok(pace.map(|pace| {
        let rate = t.decimal(pace.pages_per_minute as f32);
        let left = pace.seconds_left.map(|seconds| seconds.div_ceil(60));
        let left = match left {
            None => t.say("left-unknown"),
            Some(minutes @ ..60) => t.count("left-minutes", minutes),
            Some(minutes) => {
                let parts = [("hours", minutes / 60), ("minutes", minutes % 60)];
                t.with_all("left-hours", parts.map(|(name, count)| (name, count.to_string())))
            }
        };
        t.with_all("batch-pace", [("rate", rate), ("left", left)])
    }))
}

impl FileShown {
    fn new(t: Language, file: &BatchFile) -> Self {
        let reason = match &file.state {
            FileState::Stored => String::new(),
            FileState::Duplicate { .. } => reason_name(t, "same_bytes"),
            FileState::Ignored { rule } => reason_name(t, &rule.to_string()),
            FileState::Quarantined { reason, .. } => reason_name(t, &reason.to_string()),
        };
        Self {
            path: file.source_path.clone(),
            address: file
                .dossier
                .map(|dossier| dossier_address(dossier, Way::default())),
            state: t.say(&format!("state-{}", file.state.name())),
            reason,
        }
    }
}
