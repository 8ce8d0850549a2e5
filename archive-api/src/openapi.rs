//! The OpenAPI document, made from the handlers.

use std::collections::BTreeMap;

use axum::{Extension, http::HeaderMap, response::Response};
use bytes::Bytes;
use hrisov_model::Digest;
use utoipa::{
    IntoResponses, OpenApi, ToSchema as _,
    openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder},
};

use crate::{
    conditional::{self, EntityTag},
    error::{ApiError, Problem},
    routes,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Hrisov",
        description = "An archive of scanned paper that can be searched, shown and proven. Every route reads. \
            Places are in pixels of the page raster, times are UTC, identifiers are UUIDs and permanent. Every \
            answer has an ETag, except problems, proofs and search pages for people.",
        license(name = "EUPL-1.2", identifier = "EUPL-1.2"),
    ),
    tags(
        (name = "search", description = "finding dossiers and pages"),
        (name = "dossiers", description = "what is held"),
        (name = "pages", description = "pictures and text"),
        (name = "files", description = "originals"),
        (name = "batches", description = "what was loaded"),
        (name = "server", description = "the server itself"),
    ),
    components(schemas(Problem)),
)]
pub(crate) struct Base;

/// The document as it is served.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    json: Bytes,
    tag: EntityTag,
}

/// The responses that every route may give.
pub(crate) struct Problems;

/// The OpenAPI 3.1 document of all routes.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    routes::api().into_openapi()
}

/// Gives this document.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "server", operation_id = "get_openapi",
    responses((status = 200, description = "the OpenAPI 3.1 document", content_type = "application/json"),
        Problems))]
pub(crate) async fn openapi(
    Extension(document): Extension<Document>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    Ok(conditional::tagged(
        &headers,
        &document.tag,
        "application/json",
        document.json,
    ))
}

impl Document {
    pub(crate) fn new(document: &utoipa::openapi::OpenApi) -> Self {
        let json = serde_json::to_vec(document).expect("a document made by the library is JSON");
        Self {
            tag: EntityTag::of(Digest::of(&json)),
            json: json.into(),
        }
    }
}

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let problem = |description: &str| {
            let schema = Ref::from_schema_name(Problem::name());
            let content = ContentBuilder::new().schema(Some(schema)).build();
            let response = ResponseBuilder::new().description(description);
            RefOr::T(response.content("application/problem+json", content).build())
        };
        BTreeMap::from([
            (
                "4XX".to_owned(),
                problem("the request is at fault, or asks for what is not there"),
            ),
            ("5XX".to_owned(), problem("the server is at fault, or busy")),
        ])
    }
}
