//! Dossiers: one by identifier or reference, and all of them.

use axum::{extract::State, http::HeaderMap, response::Response};
use hrisov_catalog::{HeldDossier, Resolution};
use hrisov_model::{Apart, DossierId, FileRecord, FileState, PageApart, PageRecord};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    ApiState,
    about::{ClosingView, EntryView},
    conditional,
    error::{ApiError, Problem},
    extract::{Path, Query, bounded, given},
    links,
    openapi::Problems,
    views::{DossierLine, NextLink, SelfLink, StateView},
};

/// Most dossiers in one answer.
const LIMIT_MAX: u32 = 500;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListParams {
    /// The last dossier of the part before; from the first where not given.
    #[param(value_type = Option<String>, pattern = r"^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})?$")]
    after: Option<Uuid>,
    /// Dossiers wanted; 50 where not given.
    #[param(minimum = 1, maximum = 500)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<u32>,
}

/// Dossiers in the order of their identifiers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DossierList {
    /// This part of them.
    dossiers: Vec<DossierLine>,
    /// Where the list goes on.
    links: NextLink,
}

/// A dossier with its files and pages.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Dossier)]
pub(crate) struct DossierView {
    /// Permanent identifier.
    id: Uuid,
    /// Code of the fonds.
    fonds: String,
    /// Name of the box.
    #[serde(rename = "box")]
    box_name: String,
    /// Reference within the box.
    reference: String,
    /// Title: that of the paper inventory, or else the reference.
    title: String,
    /// What the paper inventory says of it; absent where no row was found for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    inventory: Option<EntryView>,
    /// That its box is closed; absent while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    closing: Option<ClosingView>,
    /// OCFL version that was recorded last, from 1; pages and files may be ahead of it while a load runs.
    version: u32,
    /// SHA-256 of that version's inventory.
    inventory_digest: String,
    /// Pages in the order in which they are shown.
    pages: Vec<NumberedPage>,
    /// Every file ever received for it, in order of reception.
    files: Vec<FileView>,
    /// Of a stack that was divided at separator sheets: its pages that are not shown here, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    apart: Vec<ApartView>,
    /// Where it is described.
    links: SelfLink,
}

/// A page of a stack that is not shown among its own.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PageApart)]
pub(crate) struct ApartView {
    /// The file.
    file: Uuid,
    /// Which page of that file, from 0.
    index: u32,
    /// Why: `sheet` (a separator sheet), `sheet_back` (the empty back of one) or `part` (a page of another dossier).
    apart: &'static str,
    /// The dossier that shows it; absent for sheets.
    #[serde(skip_serializing_if = "Option::is_none")]
    dossier: Option<Uuid>,
}

/// A page with its place in the dossier.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NumberedPage {
    /// Number in the dossier, from 1.
    pub(crate) number: u32,
    #[serde(flatten)]
    pub(crate) page: PageFields,
    /// Where it is described.
    pub(crate) links: SelfLink,
}

/// What is known about a page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PageFields {
    /// Permanent identifier.
    id: Uuid,
    /// The file whose picture it is.
    file: Uuid,
    /// Which page of that file, from 0.
    index: u32,
    /// Width of the page raster in pixels; 0 where it could not be decoded.
    width_px: u32,
    /// Height of the page raster in pixels; 0 where it could not be decoded.
    height_px: u32,
    /// Plausible resolution in dots per inch.
    dpi: Option<u32>,
    #[serde(flatten)]
    state: StateView,
    /// Words recognised.
    words: u32,
    /// Mean confidence of the words in percent.
    #[schema(maximum = 100)]
    confidence_percent: Option<u8>,
    /// SHA-256 of its ALTO file.
    text_digest: Option<String>,
}

/// A received file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = File)]
pub(crate) struct FileView {
    /// Permanent identifier.
    id: Uuid,
    /// Path below the dossier's folder as received; what is not UTF-8 is percent-encoded.
    source_path: String,
    /// SHA-256 of its bytes.
    digest: String,
    /// Its size.
    size_bytes: u64,
    /// Media type found by content.
    media_type: Option<String>,
    #[serde(flatten)]
    state: StateView,
    /// When it was received.
    received_at: Timestamp,
    /// The batch that brought it.
    batch: Uuid,
    /// The later file that took its place.
    replaced_by: Option<Uuid>,
    /// Where its bytes are.
    links: FileLinks,
}

/// Where a file's bytes are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FileLinks {
    /// The original; absent where no bytes are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
}

/// Lists dossiers.
#[utoipa::path(get, path = "/api/v1/dossiers", tag = "dossiers", operation_id = "list_dossiers", params(ListParams),
    responses((status = 200, description = "a part of the list", body = DossierList), Problems))]
pub(crate) async fn list(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Query(params): Query<ListParams>,
) -> Result<Response, ApiError> {
    let limit = bounded("limit", params.limit, 50, 1..=LIMIT_MAX)?;
    let mut found = state
        .catalog
        .dossiers_after(params.after.map(DossierId::from), limit + 1)
        .await?;
    let is_last = found.len() <= limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| !is_last).map(|last| last.id);
    let list = DossierList {
        dossiers: found.into_iter().map(DossierLine::from).collect(),
        links: NextLink {
            next: next.map(|id| format!("/api/v1/dossiers?after={id}&limit={limit}")),
        },
    };
    conditional::json(&headers, &list)
}

/// Describes a dossier.
#[utoipa::path(get, path = "/api/v1/dossiers/{dossier}", tag = "dossiers", operation_id = "get_dossier",
    params(("dossier" = String, Path, description = "an identifier, `fonds/box/reference`, `box/reference` or the \
        reference alone, percent-encoded (`/` as `%2F`)")),
    responses((status = 200, description = "the dossier", body = DossierView),
        (status = 409, description = "several dossiers are called so", body = Problem,
            content_type = "application/problem+json"),
        Problems))]
pub(crate) async fn one(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Path(called): Path<String>,
) -> Result<Response, ApiError> {
    conditional::json(&headers, &DossierView::from(called_so(&state, &called).await?))
}

/// The dossier that an identifier or reference means.
pub(crate) async fn called_so(state: &ApiState, called: &str) -> Result<HeldDossier, ApiError> {
    let id = match state.catalog.resolve(called).await? {
        Resolution::One(id) => id,
        Resolution::None => return Err(ApiError::Unknown { what: "dossier" }),
        Resolution::Ambiguous(candidates) => {
            let candidates = candidates.into_iter().map(DossierLine::from).collect();
            return Err(ApiError::Ambiguous { candidates });
        }
    };
    let held = state.catalog.dossier(id).await?;
    held.ok_or(ApiError::Unknown { what: "dossier" })
}

impl From<HeldDossier> for DossierView {
    fn from(held: HeldDossier) -> Self {
        let description = held.description;
        let numbered = |(number, page): (u32, &PageRecord)| NumberedPage {
            number,
            page: PageFields::from(page),
            links: SelfLink {
                itself: links::page(page.id),
            },
        };
        Self {
            id: description.id.uuid(),
            fonds: description.fonds,
            box_name: description.box_name,
            reference: description.reference,
            title: description.title,
            inventory: description.inventory.as_ref().map(EntryView::from),
            closing: description.closing.as_ref().map(ClosingView::from),
            version: held.version,
            inventory_digest: held.inventory_digest.to_string(),
            pages: (1..).zip(&description.pages).map(numbered).collect(),
            files: description.files.iter().map(FileView::from).collect(),
            apart: description.apart.iter().map(ApartView::from).collect(),
            links: SelfLink {
                itself: links::dossier(description.id),
            },
        }
    }
}

impl From<&PageApart> for ApartView {
    fn from(page: &PageApart) -> Self {
        let (apart, dossier) = match &page.apart {
            Apart::Sheet(_) => ("sheet", None),
            Apart::SheetBack => ("sheet_back", None),
            Apart::Part { dossier } => ("part", Some(dossier.uuid())),
        };
        Self {
            file: page.file.uuid(),
            index: page.index,
            apart,
            dossier,
        }
    }
}

impl From<&PageRecord> for PageFields {
    fn from(page: &PageRecord) -> Self {
        Self {
            id: page.id.uuid(),
            file: page.file.uuid(),
            index: page.index,
            width_px: page.width_px,
            height_px: page.height_px,
            dpi: page.dpi,
            state: StateView::from(&page.state),
            words: page.words,
            confidence_percent: page.confidence_percent,
            text_digest: page.text_digest.map(|digest| digest.to_string()),
        }
    }
}

impl From<&FileRecord> for FileView {
    fn from(file: &FileRecord) -> Self {
        let is_kept = file.kept_at().is_some() || matches!(file.state, FileState::Duplicate { .. });
        Self {
            id: file.id.uuid(),
            source_path: file.source_path.clone(),
            digest: file.digest.to_string(),
            size_bytes: file.size_bytes,
            media_type: file.media_type.clone(),
            state: StateView::from(&file.state),
            received_at: file.received_at,
            batch: file.batch.uuid(),
            replaced_by: file.replaced_by.map(|id| id.uuid()),
            links: FileLinks {
                content: is_kept.then(|| links::file(file.id)),
            },
        }
    }
}
