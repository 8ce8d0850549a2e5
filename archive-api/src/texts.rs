//! What was read on a page: plain, word by word, and as the stored ALTO file.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use hrisov_model::{Block, Digest, Line, PageState, PageText, Word};
use hrisov_store::dossier::DossierObject;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    ApiState,
    conditional::{self, EntityTag},
    error::ApiError,
    extract::Path,
    openapi::Problems,
    pages::HeldPage,
    views::RectView,
};

/// Changes whenever the same ALTO file gives another text or other words, so that nobody keeps the old ones.
const FORM: &str = "1";
const PLAIN: &str = "text/plain; charset=utf-8";
const ALTO: &str = "application/xml";
const VARY_ACCEPT: HeaderValue = HeaderValue::from_static("accept");

/// What was read on a page, with places.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Words)]
pub(crate) struct WordsView {
    /// The page.
    page_id: Uuid,
    /// Width of the page raster in pixels: what the places refer to.
    width_px: u32,
    /// Height of the page raster in pixels.
    height_px: u32,
    /// How it was read.
    processing: ProcessingView,
    /// Blocks in reading order.
    blocks: Vec<BlockView>,
}

/// How a page was read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Processing)]
pub(crate) struct ProcessingView {
    /// Name of the recogniser.
    engine: String,
    /// Version of the recogniser.
    engine_version: String,
    /// Language models used, such as `ron+eng`.
    languages: String,
    /// Preparation steps in order.
    recipe: String,
    /// Degrees clockwise by which the page is turned for its text to stand upright: 0, 90, 180 or 270.
    rotation: u16,
    /// When it was read.
    read_at: Timestamp,
}

/// A paragraph-like block of lines.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Block)]
pub(crate) struct BlockView {
    #[serde(flatten)]
    rect: RectView,
    /// Its lines from first to last.
    lines: Vec<LineView>,
}

/// A line of words.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Line)]
pub(crate) struct LineView {
    #[serde(flatten)]
    rect: RectView,
    /// Its words in reading order.
    words: Vec<WordView>,
}

/// A word.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Word)]
pub(crate) struct WordView {
    /// What was read.
    text: String,
    #[serde(flatten)]
    rect: RectView,
    /// The recogniser's confidence, 0 to 1.
    confidence: f32,
    /// What less sure readings of the same place gave: searched as well, never shown as the text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alternatives: Vec<String>,
}

/// Gives the text of a page: plain, or word by word for who accepts JSON rather than plain text.
#[utoipa::path(get, path = "/api/v1/pages/{page_id}/text", tag = "pages", operation_id = "get_page_text",
    params(("page_id" = Uuid, Path, description = "the page")),
    responses((status = 200, description = "the text: one line each, an empty line between blocks", content(
        (String = "text/plain"), (WordsView = "application/json"))), Problems))]
pub(crate) async fn text(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    let page = PageWithText::find(&state, id).await?;
    let mut response = match prefers_json(&headers) {
        true => page.words(&state, &headers).await?,
        false => page.plain(&state, &headers).await?,
    };
    response.headers_mut().insert(header::VARY, VARY_ACCEPT);
    Ok(response)
}

/// Gives the text of a page word by word, with places and confidences.
#[utoipa::path(get, path = "/api/v1/pages/{page_id}/words", tag = "pages", operation_id = "get_page_words",
    params(("page_id" = Uuid, Path, description = "the page")),
    responses((status = 200, description = "the words", body = WordsView), Problems))]
pub(crate) async fn words(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    PageWithText::find(&state, id)
        .await?
        .words(&state, &headers)
        .await
}

/// Gives the ALTO 4.4 file of a page as it is stored.
#[utoipa::path(get, path = "/api/v1/pages/{page_id}/alto", tag = "pages", operation_id = "get_page_alto",
    params(("page_id" = Uuid, Path, description = "the page")),
    responses((status = 200, description = "the ALTO file", body = String, content_type = "application/xml"),
        Problems))]
pub(crate) async fn alto(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    let page = PageWithText::find(&state, id).await?;
    let tag = EntityTag::of(page.digest);
    if let Some(response) = tag.not_modified(&headers) {
        return Ok(response);
    }
    let object = page.object(&state).await?;
    let xml = object
        .alto(&page.held.record)
        .await?
        .ok_or(ApiError::TextUnderWay)?;
    Ok(conditional::tagged(&headers, &tag, ALTO, xml))
}

/// A page whose text is in the store.
#[derive(Debug)]
struct PageWithText {
    held: HeldPage,
    /// Of its ALTO file.
    digest: Digest,
}

impl PageWithText {
    async fn find(state: &ApiState, id: Uuid) -> Result<Self, ApiError> {
        let held = HeldPage::find(&state.catalog, id).await?;
        match (held.record.text_digest, &held.record.state) {
            (Some(digest), _) => Ok(Self { held, digest }),
            (None, PageState::Recognised) => Err(ApiError::TextUnderWay),
            (None, other) => Err(ApiError::NoText { state: other.name() }),
        }
    }

    async fn object(&self, state: &ApiState) -> Result<DossierObject, ApiError> {
        object(state, &self.held).await
    }

    async fn read(&self, state: &ApiState) -> Result<PageText, ApiError> {
        let text = self.object(state).await?.page_text(&self.held.record).await?;
        text.ok_or(ApiError::TextUnderWay)
    }

    async fn plain(&self, state: &ApiState, headers: &HeaderMap) -> Result<Response, ApiError> {
        let tag = EntityTag::made_from(self.digest, &format!("plain {FORM}"));
        if let Some(response) = tag.not_modified(headers) {
            return Ok(response);
        }
        let mut plain = self.read(state).await?.to_plain_text();
        plain.push('\n');
        Ok(conditional::tagged(headers, &tag, PLAIN, plain.into()))
    }

    async fn words(&self, state: &ApiState, headers: &HeaderMap) -> Result<Response, ApiError> {
        let tag = EntityTag::made_from(self.digest, &format!("words {FORM}"));
        if let Some(response) = tag.not_modified(headers) {
            return Ok(response);
        }
        let view = WordsView::of(self.held.record.id.uuid(), self.read(state).await?);
        let json = serde_json::to_vec(&view).map_err(|error| ApiError::Internal(Box::new(error)))?;
        Ok(conditional::tagged(
            headers,
            &tag,
            "application/json",
            json.into(),
        ))
    }
}

/// The object of the dossier that holds a page.
///
/// # Errors
/// [`ApiError::Damaged`] where the catalog knows it and the store does not.
pub(crate) async fn object(state: &ApiState, page: &HeldPage) -> Result<DossierObject, ApiError> {
    let object = state.root.dossier(page.dossier).await?;
    object.ok_or_else(|| ApiError::Damaged("the dossier has no object in the store".into()))
}

/// Whether JSON has a higher weight than plain text in `Accept` (RFC 9110, section 12.5.1); without a wish, or
/// with equal ones, plain text it is.
fn prefers_json(request: &HeaderMap) -> bool {
    let accept = request
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("*/*");
    weight(accept, "application", "json") > weight(accept, "text", "plain")
}

/// The weight of a media type, by its most exact mention.
fn weight(accept: &str, kind: &str, subkind: &str) -> f32 {
    let mut best = (0, 0.0);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let exactness = match parts.next().and_then(|name| name.split_once('/')) {
            Some((k, s)) if k.eq_ignore_ascii_case(kind) && s.eq_ignore_ascii_case(subkind) => 3,
            Some((k, "*")) if k.eq_ignore_ascii_case(kind) => 2,
            Some(("*", "*")) => 1,
            _ => continue,
        };
        let quality = parts
            .find_map(|part| part.strip_prefix("q="))
            .map_or(Ok(1.0), str::parse::<f32>);
        if exactness > best.0 {
            best = (exactness, quality.unwrap_or(0.0));
        }
    }
    best.1
}

impl WordsView {
    fn of(page_id: Uuid, text: PageText) -> Self {
        Self {
            page_id,
            width_px: text.width_px,
            height_px: text.height_px,
            processing: ProcessingView {
                engine: text.processing.engine,
                engine_version: text.processing.engine_version,
                languages: text.processing.languages.to_string(),
                recipe: text.processing.recipe,
                rotation: text.processing.rotation.into(),
                read_at: text.processing.read_at,
            },
            blocks: text.blocks.into_iter().map(BlockView::from).collect(),
        }
    }
}

impl From<Block> for BlockView {
    fn from(block: Block) -> Self {
        Self {
            rect: block.rect.into(),
            lines: block.lines.into_iter().map(LineView::from).collect(),
        }
    }
}

impl From<Line> for LineView {
    fn from(line: Line) -> Self {
        Self {
            rect: line.rect.into(),
            words: line.words.into_iter().map(WordView::from).collect(),
        }
    }
}

impl From<Word> for WordView {
    fn from(word: Word) -> Self {
        Self {
            text: word.text,
            rect: word.rect.into(),
            confidence: word.confidence,
            alternatives: word.alternatives,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_unless_json_is_wanted_more() {
        for (accept, json) in [
            ("*/*", false),
            ("", false),
            ("text/plain", false),
            ("application/json", true),
            ("application/json, text/plain", false),
            ("text/plain;q=0.5, application/json", true),
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                false,
            ),
            ("application/*, text/plain;q=0.9", true),
            ("application/json;q=0, */*", false),
            ("application/json;q=x", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::try_from(accept).unwrap())]);
            assert_eq!(prefers_json(&headers), json, "{accept}");
        }
    }
}
