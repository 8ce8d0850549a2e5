//! Chosen pages as a PDF: the scan, its text beneath it to be searched and copied, a discreet line below.

mod pages;
mod sheet;

use std::num::NonZeroU32;

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use hrisov_imaging::RenditionRequest;
use hrisov_model::{DossierDescription, DossierId, PageRecord};
use hrisov_store::dossier::DossierObject;
use serde::Deserialize;
use tokio::sync::Semaphore;
use uuid::Uuid;

use self::sheet::{Sheet, document};
use crate::{
    ApiState,
    conditional::NO_STORE,
    error::ApiError,
    extract::{Path, Query},
    files, images,
    pages::HeldPage,
    web::{Visitor, dossier_name, print_line},
};

/// Longest side of a page in the file: about 200 dpi of an A4 sheet, sharp on paper.
const SIDE_MAX_PX: u32 = 2_400;
const JPEG_QUALITY: u8 = 80;
/// Files that are made at once: each holds its pages in memory.
static PLACES: Semaphore = Semaphore::const_new(2);

#[derive(Debug, Deserialize)]
pub(crate) struct ExportParams {
    /// Pages as people write them: `1-3, 7`.
    #[serde(default)]
    pagini: String,
}

/// Gives the pages asked for, never more.
pub(crate) async fn pdf(
    State(state): State<ApiState>,
    visitor: Visitor,
    Path(id): Path<Uuid>,
    Query(params): Query<ExportParams>,
) -> Result<Response, ApiError> {
    let held = state.catalog.dossier(DossierId::from(id)).await?;
    let held = held.ok_or(ApiError::Unknown { what: "dossier" })?;
    let description = held.description;
    let wanted =
        pages::parse(&params.pagini, description.pages.len() as u32).ok_or(ApiError::InvalidPages)?;
    let _place = PLACES.acquire().await.expect("the semaphore is never closed");
    let object = state.root.dossier(description.id).await?;
    let object = object.ok_or_else(|| ApiError::Damaged("the dossier has no object in the store".into()))?;
    let name = dossier_name(visitor.language, &description.reference, &description.title);
    let mut sheets = Vec::with_capacity(wanted.len());
    for number in &wanted {
        sheets.push(sheet(&state, &visitor, &object, &description, *number, &name).await?);
    }
    let language = visitor.language.code();
    let title = name.clone();
    let made = tokio::task::spawn_blocking(move || document(&sheets, &title, language)).await?;
    let bytes = made.map_err(|error| ApiError::Internal(error.into()))?;
    let file_name = format!("{name}, p. {}.pdf", pages::written(&wanted)).replace('/', "-");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/pdf")),
        (header::CONTENT_DISPOSITION, files::attachment(&file_name)),
        (header::CACHE_CONTROL, NO_STORE),
    ];
    Ok((headers, Bytes::from(bytes)).into_response())
}

async fn sheet(
    state: &ApiState,
    visitor: &Visitor,
    object: &DossierObject,
    description: &DossierDescription,
    number: NonZeroU32,
    name: &str,
) -> Result<Sheet, ApiError> {
    let record = description
        .page_number(number.get())
        .ok_or(ApiError::InvalidPages)?;
    let file = description.file(record.file);
    let file = file.ok_or_else(|| ApiError::Internal("a page of a file that is not held".into()))?;
    let page = HeldPage {
        dossier: description.id,
        number: number.get(),
        record: record.clone(),
    };
    let wanted = RenditionRequest::jpeg_within(SIDE_MAX_PX, SIDE_MAX_PX, JPEG_QUALITY);
    let (_, jpeg) = images::picture(state, &page, file, wanted).await?;
    Ok(Sheet {
        jpeg,
        size_px: (record.width_px, record.height_px),
        size_pt: paper(record),
        text: object.page_text(record).await?,
        line: print_line(visitor.language, name, number.get(), &file.digest.to_string()),
    })
}

/// The size of the paper in points: by the resolution where it is known, else as if the longer side were A4's.
fn paper(page: &PageRecord) -> (f32, f32) {
    const A4_LONG_PT: f32 = 841.89;
    /// PDF allows no larger page, and none of no size.
    const SIDE_PT: std::ops::RangeInclusive<f32> = 36.0..=14_000.0;
    let (width, height) = (page.width_px as f32, page.height_px as f32);
    let scale = match page.dpi {
        Some(dpi) if dpi > 0 => 72.0 / dpi as f32,
        _ => A4_LONG_PT / width.max(height).max(1.0),
    };
    let within = |side: f32| (side * scale).clamp(*SIDE_PT.start(), *SIDE_PT.end());
    (within(width), within(height))
}
