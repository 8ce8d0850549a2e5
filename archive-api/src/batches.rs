//! Batches: what was loaded, and how each file ended.

use axum::{extract::State, http::HeaderMap, response::Response};
use hrisov_catalog::{Batch, BatchFile};
use hrisov_model::{Account, BatchId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    ApiState,
    about::ClosingView,
    conditional,
    error::ApiError,
    extract::{Path, Query, bounded, given},
    links,
    openapi::Problems,
    status::PageCountsView,
    views::{NextLink, SelfLink, StateView},
};

/// Most batches in one answer.
const BATCHES_MAX: u32 = 500;
/// Most files in one answer.
const FILES_MAX: u32 = 1000;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListParams {
    /// The last batch of the part before; from the latest where not given.
    #[param(value_type = Option<String>, pattern = r"^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})?$")]
    after: Option<Uuid>,
    /// Batches wanted; 50 where not given.
    #[param(minimum = 1, maximum = 500)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<u32>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FilesParams {
    /// Only files that ended so.
    #[param(inline)]
    state: Option<FileStateName>,
    /// The last path of the part before; from the first where not given.
    after: Option<String>,
    /// Files wanted; 200 where not given.
    #[param(minimum = 1, maximum = 1000)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<u32>,
}

/// The one state in which a received file ends.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FileStateName {
    /// Kept, its pages can be shown.
    Stored,
    /// The same bytes were received before in the same dossier.
    Duplicate,
    /// Left out by a rule.
    Ignored,
    /// Cannot be shown.
    Quarantined,
}

/// Batches, the latest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchList {
    /// This part of them.
    batches: Vec<BatchLine>,
    /// Where the list goes on.
    links: NextLink,
}

/// One load of a box.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchLine {
    #[serde(flatten)]
    batch: BatchFields,
    /// Where it is described.
    links: SelfLink,
}

/// What is known about a batch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchFields {
    /// Its identifier.
    id: Uuid,
    /// Code of the fonds.
    fonds: String,
    /// Name of the box.
    #[serde(rename = "box")]
    box_name: String,
    /// The folder it was read from.
    source_path: String,
    /// When it began.
    started_at: Timestamp,
    /// When all of its work was done; null while there is some left.
    finished_at: Option<Timestamp>,
}

/// One load of a box with its account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Batch)]
pub(crate) struct BatchView {
    #[serde(flatten)]
    batch: BatchFields,
    /// How its files ended.
    account: AccountView,
    /// Dossiers that its files belong to.
    dossiers: u64,
    /// All pages of those dossiers.
    pages: PageCountsView,
    /// That its box is closed; absent while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    closing: Option<ClosingView>,
    /// Where to read on.
    links: BatchLinks,
}

/// Where to read on about a batch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchLinks {
    /// Its files.
    files: String,
}

/// How files ended: `received = stored + duplicate + ignored + quarantined`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub(crate) struct AccountView {
    /// Files found in the box.
    received: u64,
    /// Kept, their pages can be shown.
    stored: u64,
    /// Whose bytes were there before in the same dossier.
    duplicate: u64,
    /// Left out by a rule.
    ignored: u64,
    /// That cannot be shown.
    quarantined: u64,
}

/// Files of a batch in the order of their paths.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchFileList {
    /// This part of them.
    files: Vec<BatchFileView>,
    /// Where the list goes on.
    links: NextLink,
}

/// A file of a batch.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BatchFile)]
pub(crate) struct BatchFileView {
    /// Path below the box as received; what is not UTF-8 is percent-encoded.
    source_path: String,
    /// Its identifier, where it has a record.
    file: Option<Uuid>,
    /// Its dossier, where it has a record.
    dossier: Option<Uuid>,
    #[serde(flatten)]
    state: StateView,
    /// When it was received.
    at: Timestamp,
}

/// Lists batches.
#[utoipa::path(get, path = "/api/v1/batches", tag = "batches", operation_id = "list_batches", params(ListParams),
    responses((status = 200, description = "a part of the list", body = BatchList), Problems))]
pub(crate) async fn list(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Query(params): Query<ListParams>,
) -> Result<Response, ApiError> {
    let limit = bounded("limit", params.limit, 50, 1..=BATCHES_MAX)? as usize;
    let all = state.catalog.batches().await?;
    let first = match params.after {
        None => 0,
        Some(after) => all
            .iter()
            .position(|batch| batch.id.uuid() == after)
            .map_or(all.len(), |at| at + 1),
    };
    let part = &all[first..all.len().min(first + limit)];
    let next = part
        .last()
        .filter(|_| first + limit < all.len())
        .map(|last| last.id);
    let list = BatchList {
        batches: part.iter().map(BatchLine::from).collect(),
        links: NextLink {
            next: next.map(|id| format!("/api/v1/batches?after={id}&limit={limit}")),
        },
    };
    conditional::json(&headers, &list)
}

/// Describes a batch.
#[utoipa::path(get, path = "/api/v1/batches/{batch_id}", tag = "batches", operation_id = "get_batch",
    params(("batch_id" = Uuid, Path, description = "the batch")),
    responses((status = 200, description = "the batch", body = BatchView), Problems))]
pub(crate) async fn one(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    let batch = find(&state, id).await?;
    let catalog = &state.catalog;
    let view = BatchView {
        batch: BatchFields::from(&batch),
        account: catalog.account(batch.id).await?.into(),
        dossiers: catalog.dossier_count(Some(batch.id)).await?,
        pages: catalog.page_counts(Some(batch.id)).await?.into(),
        closing: catalog
            .closed_box(&batch.of)
            .await?
            .and_then(|record| record.closing())
            .as_ref()
            .map(ClosingView::from),
        links: BatchLinks {
            files: format!("{}/files", links::batch(batch.id)),
        },
    };
    conditional::json(&headers, &view)
}

/// Lists the files of a batch.
#[utoipa::path(get, path = "/api/v1/batches/{batch_id}/files", tag = "batches", operation_id = "list_batch_files",
    params(("batch_id" = Uuid, Path, description = "the batch"), FilesParams),
    responses((status = 200, description = "a part of the list", body = BatchFileList), Problems))]
pub(crate) async fn files(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Query(params): Query<FilesParams>,
) -> Result<Response, ApiError> {
    let limit = bounded("limit", params.limit, 200, 1..=FILES_MAX)?;
    let batch = find(&state, id).await?;
    let wanted = params.state.map(FileStateName::name);
    let after = params.after.unwrap_or_default();
    let mut found = state.catalog.batch_files(batch.id).await?;
    found.retain(|file| wanted.is_none_or(|name| file.state.name() == name) && file.source_path > after);
    let is_last = found.len() <= limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| !is_last).map(|last| {
        let state = wanted.map(|name| format!("state={name}&")).unwrap_or_default();
        let after = links::escaped(&last.source_path);
        format!(
            "{}/files?{state}after={after}&limit={limit}",
            links::batch(batch.id)
        )
    });
    let list = BatchFileList {
        files: found.into_iter().map(BatchFileView::from).collect(),
        links: NextLink { next },
    };
    conditional::json(&headers, &list)
}

async fn find(state: &ApiState, id: Uuid) -> Result<Batch, ApiError> {
    state
        .catalog
        .batch(BatchId::from(id))
        .await?
        .ok_or(ApiError::Unknown { what: "batch" })
}

impl FileStateName {
    const fn name(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Duplicate => "duplicate",
            Self::Ignored => "ignored",
            Self::Quarantined => "quarantined",
        }
    }
}

impl From<&Batch> for BatchFields {
    fn from(batch: &Batch) -> Self {
        Self {
            id: batch.id.uuid(),
            fonds: batch.of.fonds.clone(),
            box_name: batch.of.name.clone(),
            source_path: batch.source_path.clone(),
            started_at: batch.started_at,
            finished_at: batch.finished_at,
        }
    }
}

impl From<&Batch> for BatchLine {
    fn from(batch: &Batch) -> Self {
        Self {
            batch: BatchFields::from(batch),
            links: SelfLink {
                itself: links::batch(batch.id),
            },
        }
    }
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        let Account {
            received,
            stored,
            duplicate,
            ignored,
            quarantined,
        } = account;
        Self {
            received,
            stored,
            duplicate,
            ignored,
            quarantined,
        }
    }
}

impl From<BatchFile> for BatchFileView {
    fn from(file: BatchFile) -> Self {
        Self {
            source_path: file.source_path,
            file: file.file.map(|id| id.uuid()),
            dossier: file.dossier.map(|id| id.uuid()),
            state: StateView::from(&file.state),
            at: file.at,
        }
    }
}
