//! Pictures of pages, made in worker processes.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{extract::State, http::HeaderMap, response::Response};
use bytes::Bytes;
use hrisov_imaging::{
    RenditionRequest,
    worker::{Reply, Request, SourcePath, WorkerPool},
};
use hrisov_model::{FileRecord, PageState, QuarantineReason, Rect};
use hrisov_store::{LocalMaster, Spool};
use serde::Deserialize;
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::{
    ApiState,
    conditional::{self, EntityTag},
    error::ApiError,
    extract::{Path, Query, bounded, given},
    openapi::Problems,
    pages::HeldPage,
    renditions::Renditions,
    texts,
};

/// Changes whenever the same page and size give another picture, so that nobody keeps the old one.
const FORM: &str = "1";
/// Longest side where no size is asked for: sharp on an office screen.
const SIDE_DEFAULT_PX: u32 = 1600;
/// Longest side that may be asked for: an A3 sheet at 600 dpi.
const SIDE_MAX_PX: u32 = 10_000;
/// Stamps and pencil stay legible, letters have no visible halos.
const JPEG_QUALITY: u8 = 82;
/// Pictures under way and waiting; further requests are sent away, since their readers have left by then.
const WAITING_MAX: usize = 64;
/// Pictures kept: about 200 of the default size.
const KEPT_BYTES: usize = 64 << 20;
/// Copies of masters that are kept from a store without files: a reader turns the pages of one dossier.
const COPIES_KEPT: usize = 4;

/// The worker pool with what spares it work.
#[derive(Debug)]
pub(crate) struct Pictures {
    pool: WorkerPool,
    waiting: Semaphore,
    spool: Spool,
    copies: Mutex<VecDeque<LocalMaster>>,
    kept: Mutex<Renditions>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImageParams {
    /// Most pixels from left to right. Without width and height, 1600 on the longer side.
    #[param(minimum = 1, maximum = 10_000)]
    #[serde(default, deserialize_with = "given")]
    width: Option<u32>,
    /// Most pixels from top to bottom.
    #[param(minimum = 1, maximum = 10_000)]
    #[serde(default, deserialize_with = "given")]
    height: Option<u32>,
    /// Part of the page as `x,y,width,height` in its pixels; all of it where not given. What lies outside is cut off.
    #[param(pattern = r"^[0-9]{1,9},[0-9]{1,9},[1-9][0-9]{0,8},[1-9][0-9]{0,8}$")]
    region: Option<String>,
}

/// Gives a page as JPEG, reduced to fit the size asked for, never enlarged.
#[utoipa::path(get, path = "/api/v1/pages/{page_id}/image", tag = "pages", operation_id = "get_page_image",
    params(("page_id" = Uuid, Path, description = "the page"), ImageParams),
    responses((status = 200, description = "the picture", content_type = "image/jpeg"), Problems))]
pub(crate) async fn image(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Query(params): Query<ImageParams>,
) -> Result<Response, ApiError> {
    let wanted = wanted(&params)?;
    let page = HeldPage::find(&state.catalog, id).await?;
    let file = state.catalog.file(page.record.file).await?;
    let (_, file) = file.ok_or_else(|| ApiError::Internal("a page of a file that is not held".into()))?;
    let tag = tag(&page, &file, wanted);
    if let Some(response) = tag.not_modified(&headers) {
        return Ok(response);
    }
    let (tag, jpeg) = picture(&state, &page, &file, wanted).await?;
    Ok(conditional::tagged(&headers, &tag, "image/jpeg", jpeg))
}

fn wanted(params: &ImageParams) -> Result<RenditionRequest, ApiError> {
    let default = match (params.width, params.height) {
        (None, None) => SIDE_DEFAULT_PX,
        _ => SIDE_MAX_PX,
    };
    let width_px = bounded("width", params.width, default, 1..=SIDE_MAX_PX)?;
    let height_px = bounded("height", params.height, default, 1..=SIDE_MAX_PX)?;
    Ok(RenditionRequest {
        region: params.region.as_deref().map(region).transpose()?,
        ..RenditionRequest::jpeg_within(width_px, height_px, JPEG_QUALITY)
    })
}

fn region(text: &str) -> Result<Rect, ApiError> {
    let rect = || {
        let mut numbers = text.split(',').map(|number| number.parse::<u32>().ok());
        let [x, y, width, height] = [(); 4].map(|()| numbers.next().flatten());
        let rect = Rect {
            x: x?,
            y: y?,
            width: width.filter(|&width| width > 0)?,
            height: height.filter(|&height| height > 0)?,
        };
        numbers.next().is_none().then_some(rect)
    };
    rect().ok_or_else(|| ApiError::InvalidRequest {
        detail: "region must be x,y,width,height in pixels of the page, such as 0,0,800,600".to_owned(),
    })
}

/// A page as JPEG, for whoever shows it: the kept one, or a new one.
pub(crate) async fn picture(
    state: &ApiState,
    page: &HeldPage,
    file: &FileRecord,
    wanted: RenditionRequest,
) -> Result<(EntityTag, Bytes), ApiError> {
    let tag = tag(page, file, wanted);
    let kept = state.pictures.kept().get(&tag);
    if let Some(jpeg) = kept {
        return Ok((tag, jpeg));
    }
    let jpeg = render(state, page, file, wanted).await?;
    state.pictures.kept().put(tag.clone(), jpeg.clone());
    Ok((tag, jpeg))
}

/// The tag that a page's picture has before it is made.
pub(crate) fn tag(page: &HeldPage, file: &FileRecord, wanted: RenditionRequest) -> EntityTag {
    let form = format!("page {} {wanted:?} {FORM}", page.record.index);
    EntityTag::made_from(file.digest, &form)
}

async fn render(
    state: &ApiState,
    page: &HeldPage,
    file: &FileRecord,
    wanted: RenditionRequest,
) -> Result<Bytes, ApiError> {
    // A page without size did not decode when it was read: its state says why.
    if let (0, PageState::Unreadable { detail, .. }) = (page.record.width_px, &page.record.state) {
        return Err(ApiError::NoPicture {
            detail: detail.clone(),
        });
    }
    let pictures = &state.pictures;
    let _waiting = pictures.waiting.try_acquire().map_err(|_| ApiError::Busy)?;
    let object = texts::object(state, page).await?;
    let key = object.master_key(file).await?.ok_or(ApiError::NotKept)?;
    let master = pictures
        .spool
        .local(state.root.blobs().as_ref(), &key, file.digest)
        .await?;
    pictures.keep_copy(&master);
    let request = Request::Render {
        path: SourcePath::new(master.path()),
        page: page.record.index,
        rendition: wanted,
    };
    let answer = pictures.pool.call_twice::<_, Reply>(&request).await?;
    match answer.reply {
        Reply::Rendered => Ok(answer.binary.into()),
        Reply::Refused(refusal) if refusal.quarantine == QuarantineReason::NotReadable => {
            Err(ApiError::Damaged(Box::new(refusal)))
        }
        Reply::Refused(refusal) => Err(ApiError::NoPicture {
            detail: refusal.detail,
        }),
        Reply::Probed(_) => Err(ApiError::Internal("the worker answered another question".into())),
    }
}

impl Pictures {
    pub(crate) fn new(pool: WorkerPool) -> Self {
        Self {
            pool,
            waiting: Semaphore::new(WAITING_MAX),
            spool: Spool::default(),
            copies: Mutex::default(),
            kept: Mutex::new(Renditions::within(KEPT_BYTES)),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Renditions> {
        // Whole after any panic: what is forgotten is made again.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a copy live on for the next page of the same file.
    fn keep_copy(&self, master: &LocalMaster) {
        let LocalMaster::Copy(copy) = master else { return };
        let mut copies = self.copies.lock().unwrap_or_else(PoisonError::into_inner);
        copies.retain(|kept| !matches!(kept, LocalMaster::Copy(kept) if Arc::ptr_eq(kept, copy)));
        copies.push_back(master.clone());
        if copies.len() > COPIES_KEPT {
            copies.pop_front();
        }
    }
}
