//! How the archive is, and whether this server is well.

use axum::{extract::State, http::HeaderMap, response::Response};
use hrisov_catalog::{Catalog, JobCounts, PageCounts};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{ApiState, conditional, error::ApiError, openapi::Problems};

/// What the archive holds and what is still to be done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Status)]
pub(crate) struct StatusView {
    /// Version of this program.
    version: &'static str,
    /// Dossiers held.
    dossiers: u64,
    /// Pages by state.
    pages: PageCountsView,
    /// Loads of boxes.
    batches: BatchCounts,
    /// Work.
    jobs: JobCountsView,
    /// How recently the stored bytes were read again and compared.
    fixity: FixityView,
}

/// How recently the stored bytes were read again and compared.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Fixity)]
pub(crate) struct FixityView {
    /// Dossiers that were not verified since their deposit.
    never: u64,
    /// When the dossier was verified whose turn is the longest ago.
    oldest: Option<Timestamp>,
    /// When the last dossier was verified.
    newest: Option<Timestamp>,
    /// Dossiers in which something was found the last time.
    with_findings: u64,
    /// Findings of the last verification of everything in log, index and storage root.
    other_findings: u64,
}

/// Pages by their state.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PageCounts)]
pub(crate) struct PageCountsView {
    /// All of them.
    pages: u64,
    /// Not read yet.
    waiting: u64,
    /// Read.
    recognised: u64,
    /// With nothing on them.
    blank: u64,
    /// That could not be read.
    unreadable: u64,
}

/// Loads of boxes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchCounts {
    /// All of them.
    batches: u64,
    /// With work left.
    unfinished: u64,
}

/// Jobs by state.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobCounts)]
pub(crate) struct JobCountsView {
    /// Waiting or running.
    open: u64,
    /// Given up after several tries.
    parked: u64,
}

/// Whether this server is well.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub(crate) struct HealthView {
    /// Always `ok`: otherwise there is a problem instead.
    status: &'static str,
}

/// Says what the archive holds and what is still to be done.
#[utoipa::path(get, path = "/api/v1/status", tag = "server", operation_id = "get_status",
    responses((status = 200, description = "the state of the archive", body = StatusView), Problems))]
pub(crate) async fn status(State(state): State<ApiState>, headers: HeaderMap) -> Result<Response, ApiError> {
    let catalog = &state.catalog;
    let batches = catalog.batches().await?;
    let view = StatusView {
        version: env!("CARGO_PKG_VERSION"),
        dossiers: catalog.dossier_count(None).await?,
        pages: catalog.page_counts(None).await?.into(),
        batches: BatchCounts {
            batches: batches.len() as u64,
            unfinished: batches.iter().filter(|batch| batch.finished_at.is_none()).count() as u64,
        },
        jobs: catalog.job_counts().await?.into(),
        fixity: fixity(catalog).await?,
    };
    conditional::json(&headers, &view)
}

async fn fixity(catalog: &Catalog) -> Result<FixityView, ApiError> {
    let state = catalog.fixity_state(None).await?;
    let last = catalog.last_finished_verification().await?;
    Ok(FixityView {
        never: state.never,
        oldest: state.oldest,
        newest: state.newest,
        with_findings: state.with_findings,
        other_findings: last.map_or(0, |last| last.findings.len() as u64),
    })
}

/// Says whether this server is well: the catalog answers.
#[utoipa::path(get, path = "/health", tag = "server", operation_id = "get_health",
    responses((status = 200, description = "it is", body = HealthView), Problems))]
pub(crate) async fn health(State(state): State<ApiState>, headers: HeaderMap) -> Result<Response, ApiError> {
    state.catalog.dossiers_after(None, 1).await?;
    conditional::json(&headers, &HealthView { status: "ok" })
}

impl From<PageCounts> for PageCountsView {
    fn from(counts: PageCounts) -> Self {
        let PageCounts {
            pages,
            waiting,
            recognised,
            blank,
            unreadable,
        } = counts;
        Self {
            pages,
            waiting,
            recognised,
            blank,
            unreadable,
        }
    }
}

impl From<JobCounts> for JobCountsView {
    fn from(counts: JobCounts) -> Self {
        let JobCounts { open, parked } = counts;
        Self { open, parked }
    }
}
