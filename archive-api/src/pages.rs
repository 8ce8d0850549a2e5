//! Pages by their permanent identifiers.

use axum::{extract::State, http::HeaderMap, response::Response};
use hrisov_catalog::Catalog;
use hrisov_model::{DossierId, PageId, PageRecord};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    ApiState, conditional, dossiers::PageFields, error::ApiError, extract::Path, links, openapi::Problems,
};

/// A page as the catalog has it.
#[derive(Debug)]
pub(crate) struct HeldPage {
    pub(crate) dossier: DossierId,
    /// From 1.
    pub(crate) number: u32,
    pub(crate) record: PageRecord,
}

/// A page.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Page)]
pub(crate) struct PageView {
    /// The dossier that holds it.
    dossier: Uuid,
    /// Number in the dossier, from 1.
    number: u32,
    #[serde(flatten)]
    page: PageFields,
    /// Where to read on.
    links: PageLinks,
}

/// Where to read on about a page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PageLinks {
    /// The dossier.
    dossier: String,
    /// Its picture.
    image: String,
    /// The file whose picture it is.
    original: String,
    /// Its text; absent where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Its words with their places; absent where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<String>,
    /// Its ALTO file; absent where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    alto: Option<String>,
}

impl HeldPage {
    /// The page with that identifier.
    ///
    /// # Errors
    /// [`ApiError::Unknown`] where there is none.
    pub(crate) async fn find(catalog: &Catalog, id: Uuid) -> Result<Self, ApiError> {
        let found = catalog.page(PageId::from(id)).await?;
        let (dossier, number, record) = found.ok_or(ApiError::Unknown { what: "page" })?;
        Ok(Self {
            dossier,
            number,
            record,
        })
    }
}

/// Describes a page.
#[utoipa::path(get, path = "/api/v1/pages/{page_id}", tag = "pages", operation_id = "get_page",
    params(("page_id" = Uuid, Path, description = "the page")),
    responses((status = 200, description = "the page", body = PageView), Problems))]
pub(crate) async fn one(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    let page = HeldPage::find(&state.catalog, id).await?;
    conditional::json(&headers, &PageView::from(page))
}

impl From<HeldPage> for PageView {
    fn from(held: HeldPage) -> Self {
        let page = &held.record;
        let of_text = |part| page.text_digest.map(|_| links::page_part(page.id, part));
        Self {
            dossier: held.dossier.uuid(),
            number: held.number,
            page: PageFields::from(page),
            links: PageLinks {
                dossier: links::dossier(held.dossier),
                image: links::page_part(page.id, "image"),
                original: links::file(page.file),
                text: of_text("text"),
                words: of_text("words"),
                alto: of_text("alto"),
            },
        }
    }
}
