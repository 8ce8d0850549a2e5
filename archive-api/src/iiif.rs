//! IIIF: pages in any viewer that speaks it. Image API 3 (level 2), Presentation 3, Content Search 2 and 1.
//!
//! ```text
//! /iiif/image/PAGE/REGION/SIZE/ROTATION/QUALITY.FORMAT --image--> RenditionRequest --worker--> picture
//! /iiif/presentation/...                               --presentation--> collections of boxes, manifests of dossiers
//! /iiif/search/{1,2}/DOSSIER?q=                        --content_search--> annotations on canvas#xywh
//! ```
//!
//! Viewers of other sites are let in only where the configuration names them: whoever visits one gives it the archive to
//! read. A viewer that is served from here, or that is no web page, sees everything.

mod content_search;
mod image;
mod presentation;
mod request;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
    routing::get,
};
use bytes::Bytes;
use hrisov_model::{Digest, PageId};
use serde_json::Value;

use crate::{
    ApiState,
    conditional::{self, EntityTag},
    error::ApiError,
};

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The routes for viewers.
pub(crate) fn routes() -> Router<ApiState> {
    Router::new()
        .route("/iiif/image/{page_id}", get(image::base))
        .route("/iiif/image/{page_id}/info.json", get(image::info))
        .route(
            "/iiif/image/{page_id}/{region}/{size}/{rotation}/{form}",
            get(image::picture),
        )
        .route("/iiif/presentation/collection", get(presentation::archive))
        .route(
            "/iiif/presentation/collection/{fonds}/{box}",
            get(presentation::of_box),
        )
        .route(
            "/iiif/presentation/{dossier_id}/manifest",
            get(presentation::manifest),
        )
        .route("/iiif/search/2/{dossier_id}", get(content_search::second))
        .route("/iiif/search/1/{dossier_id}", get(content_search::first))
}

/// Tells browsers that the viewers of the origins in the configuration may read the answer (Fetch, CORS protocol), and show
/// its picture: of one that is merely shown, browsers say in `Referer` alone on which site.
pub(crate) async fn let_in(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let is_known = |origin: &[u8]| {
        let known = |known: &String| known == "*" || known.as_bytes() == origin;
        state.viewer_origins.iter().any(known)
    };
    let is_for_viewers = request.uri().path().starts_with("/iiif/");
    let is_shown = is_for_viewers && is_known(referring_origin(request.headers()).as_bytes());
    let origin = origin.filter(|origin| is_for_viewers && is_known(origin.as_bytes()));
    let mut response = match *request.method() {
        Method::OPTIONS if origin.is_some() => StatusCode::NO_CONTENT.into_response(),
        _ => next.run(request).await,
    };
    let headers = response.headers_mut();
    if is_shown || origin.is_some() {
        headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    }
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static("GET, HEAD"),
        );
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    response
}

/// Scheme, name and port of the site that a request comes from; empty where nothing says so.
fn referring_origin(headers: &HeaderMap) -> String {
    let site = headers.get(header::REFERER).and_then(|site| site.to_str().ok());
    let site = site.and_then(|site| site.parse::<Uri>().ok()).unwrap_or_default();
    match (site.scheme_str(), site.authority()) {
        (Some(scheme), Some(authority)) => format!("{scheme}://{authority}"),
        _ => String::new(),
    }
}

/// Scheme and name of this server as the reader knows it: identifiers of IIIF are whole addresses.
pub(crate) fn base(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    format!("http://{}", host.unwrap_or("localhost"))
}

/// The identifier of a page's canvas.
fn canvas(base: &str, page: PageId) -> String {
    format!("{base}/iiif/canvas/{page}")
}

/// JSON-LD with its profile, tagged by its bytes.
fn json_ld(headers: &HeaderMap, media_type: &'static str, value: &Value) -> Result<Response, ApiError> {
    let bytes = serde_json::to_vec(value).map_err(|error| ApiError::Internal(Box::new(error)))?;
    let tag = EntityTag::of(Digest::of(&bytes));
    let mut response = conditional::tagged(headers, &tag, media_type, Bytes::from(bytes));
    // The addresses within are those under which it was asked for.
    response
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("host"));
    Ok(response)
}
