//! The one route of a witness (tlog-witness, section add-checkpoint). It holds nothing of any archive, and what it is
//! asked is signed: so it may be reached from other machines.

use std::{io, sync::Arc};

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::post,
};
use bytes::Bytes;
use hrisov_ledger::{MAX_REQUEST_BYTES, Witness};
use jiff::Timestamp;
use tokio::net::TcpListener;

use crate::{guard, server::serve_app};

/// Serves a witness until `shutdown` ends.
///
/// # Errors
/// Where the socket cannot be used.
pub async fn serve_witness(
    listener: TcpListener,
    witness: Arc<Witness>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    listener.local_addr()?;
    let app = Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
        .layer(middleware::from_fn(guard::limit_time))
        .with_state(witness);
    serve_app(listener, app, shutdown).await;
    Ok(())
}

async fn add_checkpoint(State(witness): State<Arc<Witness>>, request: Bytes) -> Response {
    let seconds = u64::try_from(Timestamp::now().as_second()).unwrap_or(0);
    match witness.add_checkpoint(&request, seconds).await {
        Ok(answer) => {
            let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, [(header::CONTENT_TYPE, answer.content_type)], answer.body).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "nothing was cosigned");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
