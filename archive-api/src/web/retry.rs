//! Taking up again what ended badly in a load: offered on the load's page, entered as jobs, done by whoever reads next.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use hrisov_catalog::{Batch, Catalog, Retry};
use hrisov_model::BatchId;
use uuid::Uuid;

use super::{archivist::batch_address, messages::Language};
use crate::{ApiState, error::ApiError, extract::Path};

/// What the page of a load says of it.
#[derive(Debug)]
pub(super) struct RetryShown {
    /// What can be taken up again, or what already waits to be.
    pub(super) text: String,
    /// Where it is asked for; `None` where it waits already.
    pub(super) action: Option<String>,
}

/// What may be taken up again of a load; `None` where there is nothing, or its box is closed or still being loaded.
pub(super) async fn offer(
    catalog: &Catalog,
    batch: &Batch,
    t: Language,
) -> Result<Option<RetryShown>, ApiError> {
    if refusal(catalog, batch).await?.is_some() {
        return Ok(None);
    }
    let waiting = catalog.waiting_again(batch.id).await?;
    if waiting > 0 {
        return Ok(Some(RetryShown {
            text: t.count("retry-waiting", waiting),
            action: None,
        }));
    }
    let counts = catalog.retry_counts(&all_of(batch.id)).await?;
    Ok((counts.files + counts.pages > 0).then(|| RetryShown {
        text: [("retry-files", counts.files), ("retry-pages", counts.pages)]
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(key, count)| t.count(key, count))
            .collect::<Vec<_>>()
            .join(", "),
        action: Some(format!("{}/reia", batch_address(batch.id))),
    }))
}

/// Enters the jobs, and leads back to the load's page, which says that they wait. Asked for twice, it is done once.
pub(crate) async fn retry(State(state): State<ApiState>, Path(id): Path<Uuid>) -> Result<Response, ApiError> {
    let catalog = &state.catalog;
    let batch = catalog.batch(BatchId::from(id)).await?;
    let batch = batch.ok_or(ApiError::Unknown { what: "batch" })?;
    if let Some(reason) = refusal(catalog, &batch).await? {
        return Err(ApiError::NotNow { reason });
    }
    catalog.take_up_again(&all_of(batch.id)).await?;
    let back = HeaderValue::try_from(batch_address(batch.id)).expect("an identifier forms a header");
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, back)]).into_response())
}

/// Why nothing of a load may be taken up again.
async fn refusal(catalog: &Catalog, batch: &Batch) -> Result<Option<&'static str>, ApiError> {
    let is_closed = catalog.closed_box(&batch.of).await?.is_some();
    Ok(match (batch.finished_at, is_closed) {
        (_, true) => Some("the box is closed: open it again with `hrisov box reopen` first"),
        (None, false) => Some("the load has not ended: let `hrisov ingest` finish it first"),
        (Some(_), false) => None,
    })
}

fn all_of(batch: BatchId) -> Retry {
    Retry { batch, reason: None }
}
