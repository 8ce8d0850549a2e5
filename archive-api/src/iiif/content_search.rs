//! Content Search 2, and 1 for viewers that speak only that: hits of a dossier as annotations on its pages.

use axum::{extract::State, http::HeaderMap, response::Response};
use hrisov_index::{HitContext, PageHit};
use hrisov_model::{DossierId, Rect};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{base, canvas, json_ld};
use crate::{
    ApiState,
    error::ApiError,
    extract::{Path, Query},
    links::Address,
};

const JSON_2: &str = "application/ld+json;profile=\"http://iiif.io/api/search/2/context.json\"";
const JSON_1: &str = "application/ld+json;profile=\"http://iiif.io/api/search/1/context.json\"";
/// Pages whose hits are told.
const PAGES_MAX: usize = 500;

/// Parameters that are not understood are named in the answer, as the standards ask.
#[derive(Debug, Deserialize)]
pub(super) struct SearchParams {
    #[serde(default)]
    q: String,
    #[serde(default)]
    motivation: Option<String>,
    #[serde(default)]
    date: Option<String>,
    #[serde(default)]
    user: Option<String>,
}

/// A hit as it is told.
#[derive(Clone, Copy)]
struct Told<'a> {
    hit: &'a PageHit,
    rect: &'a Rect,
    context: &'a HitContext,
}

/// Content Search 2.
pub(super) async fn second(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Query(params): Query<SearchParams>,
) -> Result<Response, ApiError> {
    let dossier = DossierId::from(id);
    let hits = find(&state, dossier, &params).await?;
    let base = base(&headers);
    let itself = address(&base, 2, dossier, &params.q);
    let annotation = |(at, Told { hit, rect, context }): (usize, Told<'_>)| {
        json!({
            "id": format!("{itself}#{at}"),
            "type": "Annotation",
            "motivation": "highlighting",
            "body": {"type": "TextualBody", "value": line(context), "format": "text/plain"},
            "target": place(&base, hit, rect),
        })
    };
    let mut view = json!({
        "@context": "http://iiif.io/api/search/2/context.json",
        "id": itself,
        "type": "AnnotationPage",
        "items": places(&hits).enumerate().map(annotation).collect::<Vec<_>>(),
    });
    let ignored = params.ignored();
    if !ignored.is_empty() {
        view["ignored"] = json!(ignored);
    }
    json_ld(&headers, JSON_2, &view)
}

/// Content Search 1.
pub(super) async fn first(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Query(params): Query<SearchParams>,
) -> Result<Response, ApiError> {
    let dossier = DossierId::from(id);
    let hits = find(&state, dossier, &params).await?;
    let base = base(&headers);
    let itself = address(&base, 1, dossier, &params.q);
    let total = places(&hits).count();
    let resource = |(at, Told { hit, rect, context }): (usize, Told<'_>)| {
        json!({
            "@id": format!("{itself}#{at}"),
            "@type": "oa:Annotation",
            "motivation": "sc:painting",
            "resource": {"@type": "cnt:ContentAsText", "chars": line(context)},
            "on": place(&base, hit, rect),
        })
    };
    let told = |(at, Told { context, .. }): (usize, Told<'_>)| {
        json!({
            "@type": "search:Hit",
            "annotations": [format!("{itself}#{at}")],
            "before": context.before,
            "match": context.found,
            "after": context.after,
        })
    };
    let mut layer = json!({"@type": "sc:Layer", "total": total});
    let ignored = params.ignored();
    if !ignored.is_empty() {
        layer["ignored"] = json!(ignored);
    }
    let view = json!({
        "@context": [
            "http://iiif.io/api/presentation/2/context.json",
            "http://iiif.io/api/search/1/context.json",
        ],
        "@id": itself,
        "@type": "sc:AnnotationList",
        "within": layer,
        "startIndex": 0,
        "resources": places(&hits).enumerate().map(resource).collect::<Vec<_>>(),
        "hits": places(&hits).enumerate().map(told).collect::<Vec<Value>>(),
    });
    json_ld(&headers, JSON_1, &view)
}

async fn find(state: &ApiState, dossier: DossierId, params: &SearchParams) -> Result<Vec<PageHit>, ApiError> {
    if state.catalog.dossier(dossier).await?.is_none() {
        return Err(ApiError::Unknown { what: "dossier" });
    }
    state.searches.within(dossier, params.q.clone(), PAGES_MAX).await
}

fn places(hits: &[PageHit]) -> impl Iterator<Item = Told<'_>> {
    hits.iter().flat_map(|hit| {
        let told = hit.boxes.iter().zip(&hit.contexts);
        told.map(move |(rect, context)| Told { hit, rect, context })
    })
}

/// The recognised line that a hit stands on.
fn line(context: &HitContext) -> String {
    let parts = [&context.before, &context.found, &context.after].into_iter();
    let parts: Vec<&str> = parts
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(" ")
}

fn place(base: &str, hit: &PageHit, rect: &Rect) -> String {
    let Rect { x, y, width, height } = rect;
    format!("{}#xywh={x},{y},{width},{height}", canvas(base, hit.page_id))
}

fn address(base: &str, version: u8, dossier: DossierId, q: &str) -> String {
    Address::new(format!("{base}/iiif/search/{version}/{dossier}"))
        .with("q", q)
        .into_string()
}

impl SearchParams {
    fn ignored(&self) -> Vec<&'static str> {
        let given = [
            ("motivation", &self.motivation),
            ("date", &self.date),
            ("user", &self.user),
        ];
        let given = given.into_iter().filter(|(_, value)| value.is_some());
        given.map(|(name, _)| name).collect()
    }
}
