//! Proofs that masters are as they were deposited, for people who trust neither this server nor its operator.

use std::{fs::File, io::Seek as _, sync::Arc};

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use hrisov_audit::{AuditError, prove};
use hrisov_ledger::{LedgerError, Reader};
use hrisov_model::{Digest, DossierId};
use tokio::sync::Semaphore;
use tokio_util::io::ReaderStream;
use uuid::Uuid;

use crate::{
    ApiState,
    conditional::{self, EntityTag, NO_STORE},
    dossiers::called_so,
    error::ApiError,
    extract::Path,
    files,
    openapi::Problems,
    pages::HeldPage,
};

/// Bundles that are written at once: each reads and copies every master that it proves.
static PLACES: Semaphore = Semaphore::const_new(2);

/// Gives the proof of a dossier: its masters, their leaves in the log, the signed checkpoint, and a page that says how
/// to check all that without this program.
#[utoipa::path(get, path = "/api/v1/dossiers/{dossier}/proof", tag = "dossiers", operation_id = "get_dossier_proof",
    params(("dossier" = String, Path, description = "an identifier or reference, as for the dossier itself")),
    responses((status = 200, description = "the bundle, as `hrisov prove` writes it", content_type = "application/zip"),
        Problems))]
pub(crate) async fn dossier(
    State(state): State<ApiState>,
    Path(called): Path<String>,
) -> Result<Response, ApiError> {
    let description = called_so(&state, &called).await?.description;
    bundle(&state, (description.id, None), &description.reference).await
}

/// Gives the proof of the file that a page shows; it says nothing of the dossier's other files.
#[utoipa::path(get, path = "/api/v1/pages/{page_id}/proof", tag = "pages", operation_id = "get_page_proof",
    params(("page_id" = Uuid, Path, description = "the page")),
    responses((status = 200, description = "the bundle, as `hrisov prove` writes it", content_type = "application/zip"),
        Problems))]
pub(crate) async fn page(State(state): State<ApiState>, Path(id): Path<Uuid>) -> Result<Response, ApiError> {
    let page = HeldPage::find(&state.catalog, id).await?;
    let held = state.catalog.dossier(page.dossier).await?;
    let reference = held
        .ok_or(ApiError::Unknown { what: "dossier" })?
        .description
        .reference;
    let name = format!("{reference}, p. {}", page.number);
    bundle(&state, (page.dossier, Some(page.number)), &name).await
}

/// Gives the log's newest checkpoint as it was signed (C2SP tlog-checkpoint): for an auditor to keep, and to be compared
/// later with `hrisov audit --since`.
#[utoipa::path(get, path = "/api/v1/log/checkpoint", tag = "server", operation_id = "get_checkpoint",
    responses((status = 200, description = "a signed note", content_type = "text/plain"), Problems))]
pub(crate) async fn checkpoint(
    State(state): State<ApiState>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let log = Reader::open(Arc::clone(state.root.blobs())).await;
    let log = match log {
        Err(LedgerError::NoLog { .. }) => return Err(no_log()),
        log => log.map_err(AuditError::from)?,
    };
    let note = Bytes::from(log.head().to_string());
    let tag = EntityTag::of(Digest::of(&note));
    Ok(conditional::tagged(
        &headers,
        &tag,
        "text/plain; charset=utf-8",
        note,
    ))
}

fn no_log() -> ApiError {
    let reason = "the archive has no log yet: the next load begins it".to_owned();
    AuditError::NotProvable { reason }.into()
}

async fn bundle(state: &ApiState, of: (DossierId, Option<u32>), name: &str) -> Result<Response, ApiError> {
    if state.log_keys.is_empty() {
        return Err(no_log());
    }
    let _place = PLACES.try_acquire().map_err(|_| ApiError::Busy)?;
    // Without a name from the start: it goes with the answer, or with this process.
    let internal = |error: std::io::Error| ApiError::Internal(error.into());
    let mut file = tempfile::tempfile().map_err(internal)?;
    let writing: File = file.try_clone().map_err(internal)?;
    prove(&state.root, &state.catalog, of, &state.log_keys, writing).await?;
    file.rewind().map_err(internal)?;
    let size_bytes = file.metadata().map_err(internal)?.len();
    let file_name = format!("dovada {name}.zip").replace('/', "-");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/zip")),
        (header::CONTENT_DISPOSITION, files::attachment(&file_name)),
        (header::CONTENT_LENGTH, HeaderValue::from(size_bytes)),
        (header::CACHE_CONTROL, NO_STORE),
    ];
    let body = Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file)));
    Ok((headers, body).into_response())
}
