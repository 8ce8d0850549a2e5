//! Pages for people, made on the server: usable without scripts, Romanian first.
//!
//! ```text
//! address --handler--> what the page shows (plain values) --template--> HTML
//!              \-----> ApiError --errors--> a page that says what happened and what to do
//! ```
//!
//! Texts are in `messages/`, scripts and style sheet inside the program; nothing is asked of any other server. All
//! that is typed or was recognised is escaped by the templates.

mod about;
mod archivist;
mod assets;
mod auditor;
mod batch;
mod coverage;
mod differences;
mod doubtful;
mod errors;
mod frame;
mod help;
mod leaf;
mod messages;
mod narrowing;
mod particulars;
mod results;
mod retry;
mod reviews;
mod search;
mod strip;
mod viewer;

use askama::Template;
use axum::{
    Router,
    http::{HeaderMap, HeaderValue, header},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};

use crate::{ApiState, conditional::NO_STORE, error::ApiError, export};

pub(crate) use errors::{explain, explained};
pub(crate) use frame::Visitor;
pub(crate) use results::dossier_name;
pub(crate) use viewer::print_line;

/// Style, scripts and pictures of this server alone; `blob:` is what the zoomable picture is drawn from. The one style
/// within a page is empty: its digest is that of nothing.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; img-src 'self' blob: data:; style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; \
     script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// The routes for people.
pub(crate) fn routes() -> Router<ApiState> {
    Router::new()
        .route("/", get(search::search))
        .route("/pagini/{page_id}", get(viewer::page))
        .route("/dosare/{dossier_id}", get(viewer::dossier))
        .route("/dosare/{dossier_id}/pdf", get(export::pdf))
        .route("/arhivar", get(archivist::overview))
        .route("/arhivar/pagini", get(doubtful::doubtful))
        .route(reviews::DECIDE, post(reviews::decide))
        .route("/arhivar/loturi/{batch_id}", get(batch::batch))
        .route("/arhivar/loturi/{batch_id}/reia", post(retry::retry))
        .route("/auditor", get(auditor::auditor))
        .route("/ajutor", get(help::help))
        .route("/limba/{language}", get(frame::switch_language))
        .route("/stil.css", get(assets::style))
        .route("/semn.svg", get(assets::icon))
        .route("/js/{name}", get(assets::script))
}

/// A page as a response: kept nowhere, since it shows personal data.
///
/// # Errors
/// None that a page can cause; kept as an error rather than a panic.
pub(crate) fn html(page: &impl Template) -> Result<Response, ApiError> {
    let text = page
        .render()
        .map_err(|error| ApiError::Internal(Box::new(error)))?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    Ok((headers, Html(text)).into_response())
}
