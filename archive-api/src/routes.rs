//! Which address is answered by whom.

use axum::{Extension, Router, middleware};
use utoipa::OpenApi as _;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiState, batches, dossiers, doubtful,
    error::ApiError,
    files, guard, iiif, images, metrics,
    openapi::{self, Base, Document},
    pages, proofs, search, status, texts, web,
};

/// Everything that is answered, with all guards but the limits of [`crate::serve`] on connections.
pub fn router(state: ApiState) -> Router {
    let (api, document) = api().split_for_parts();
    api.layer(Extension(Document::new(&document)))
        .merge(iiif::routes())
        .merge(web::routes())
        .fallback(async || ApiError::UnknownRoute)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(middleware::from_fn_with_state(state.clone(), iiif::let_in))
        .layer(middleware::from_fn(guard::limit_time))
        .layer(middleware::from_fn(guard::refuse_other_sites))
        .layer(middleware::from_fn(guard::check_host))
        .layer(middleware::from_fn(web::explain))
        .layer(middleware::from_fn(guard::protect))
        .with_state(state)
}

/// The routes for programs: each brings its own description.
pub(crate) fn api() -> OpenApiRouter<ApiState> {
    OpenApiRouter::with_openapi(Base::openapi())
        .routes(routes!(search::search))
        .routes(routes!(search::complete))
        .routes(routes!(dossiers::list))
        .routes(routes!(dossiers::one))
        .routes(routes!(pages::one))
        .routes(routes!(texts::text))
        .routes(routes!(texts::words))
        .routes(routes!(texts::alto))
        .routes(routes!(images::image))
        .routes(routes!(files::download))
        .routes(routes!(proofs::dossier))
        .routes(routes!(proofs::page))
        .routes(routes!(proofs::checkpoint))
        .routes(routes!(batches::list))
        .routes(routes!(batches::one))
        .routes(routes!(batches::files))
        .routes(routes!(doubtful::pages))
        .routes(routes!(status::status))
        .routes(routes!(status::health))
        .routes(routes!(metrics::metrics))
        .routes(routes!(openapi::openapi))
}
