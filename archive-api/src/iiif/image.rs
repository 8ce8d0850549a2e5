//! Image API 3, level 2.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use hrisov_model::FileRecord;
use serde_json::json;
use uuid::Uuid;

use super::{
    json_ld,
    request::{self, SIDE_MAX_PX},
};
use crate::{ApiState, conditional, error::ApiError, extract::Path, images, pages::HeldPage};

const JSON: &str = "application/ld+json;profile=\"http://iiif.io/api/image/3/context.json\"";
/// Tiles that a viewer fits together, and by how much they are reduced.
const TILE_PX: u32 = 1024;
const SCALES: [u32; 5] = [1, 2, 4, 8, 16];

/// Leads from the image itself to what is said about it.
pub(super) async fn base(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    let (page, _) = shown(&state, id).await?;
    let address = format!(
        "{}/iiif/image/{}/info.json",
        super::base(&headers),
        page.record.id
    );
    let address = HeaderValue::try_from(address).expect("a host and an identifier form a header");
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response())
}

/// Says what can be asked for of a page.
pub(super) async fn info(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    let (page, _) = shown(&state, id).await?;
    let view = json!({
        "@context": "http://iiif.io/api/image/3/context.json",
        "id": format!("{}/iiif/image/{}", super::base(&headers), page.record.id),
        "type": "ImageService3",
        "protocol": "http://iiif.io/api/image",
        "profile": "level2",
        "width": page.record.width_px,
        "height": page.record.height_px,
        "maxWidth": SIDE_MAX_PX,
        "maxHeight": SIDE_MAX_PX,
        "tiles": [{"width": TILE_PX, "height": TILE_PX, "scaleFactors": SCALES}],
        "preferredFormats": ["jpg"],
        "extraFormats": ["jpg", "png"],
        "extraQualities": ["color", "gray", "bitonal"],
        "extraFeatures": ["regionSquare", "sizeByConfinedWh"],
    });
    json_ld(&headers, JSON, &view)
}

/// Gives a picture.
pub(super) async fn picture(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Path((id, region, size, rotation, form)): Path<(Uuid, String, String, String, String)>,
) -> Result<Response, ApiError> {
    let (page, file) = shown(&state, id).await?;
    let sides = (page.record.width_px, page.record.height_px);
    let wanted = request::read(sides, [&region, &size, &rotation, &form]);
    let (wanted, form) = wanted.ok_or_else(|| ApiError::InvalidRequest {
        detail: "the image request is not one of IIIF's Image API 3, level 2, or asks for what is not there"
            .to_owned(),
    })?;
    let tag = images::tag(&page, &file, wanted);
    if let Some(response) = tag.not_modified(&headers) {
        return Ok(response);
    }
    let (tag, bytes) = images::picture(&state, &page, &file, wanted).await?;
    let mut response = conditional::tagged(&headers, &tag, form.media_type, bytes);
    let profile = HeaderValue::from_static("<http://iiif.io/api/image/3/level2.json>;rel=\"profile\"");
    response.headers_mut().append(header::LINK, profile);
    Ok(response)
}

/// A page that has a picture, and its file.
async fn shown(state: &ApiState, id: Uuid) -> Result<(HeldPage, FileRecord), ApiError> {
    let page = HeldPage::find(&state.catalog, id).await?;
    if page.record.width_px == 0 || page.record.height_px == 0 {
        return Err(ApiError::NoPicture {
            detail: "it could not be decoded when it was read".to_owned(),
        });
    }
    let file = state.catalog.file(page.record.file).await?;
    let (_, file) = file.ok_or_else(|| ApiError::Internal("a page of a file that is not held".into()))?;
    Ok((page, file))
}
