//! A plain search page for people: no scripts, every text in Romanian.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{Html, IntoResponse, Response},
};
use hrisov_index::{SearchHits, SearchQuery};
use hrisov_model::{PageId, PageState, Rect};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    ApiState,
    conditional::NO_STORE,
    error::ApiError,
    extract::{Path, Query},
    links,
    pages::HeldPage,
};

/// Style and pictures of this server alone, forms to it alone, no scripts.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);
/// Most boxes that a link carries: addresses stay short.
const BOXES_MAX: usize = 60;
/// Dossiers on one page.
const PER_PAGE: u32 = 10;
/// Last page of results that can be opened.
const PAGE_MAX: u32 = 1000;

#[derive(Debug, Deserialize)]
pub(crate) struct SearchParams {
    #[serde(default)]
    q: String,
    /// Part of the results, from 1.
    #[serde(default, rename = "p")]
    part: Option<u32>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PageParams {
    /// What was searched for, to go back.
    #[serde(default)]
    q: String,
    /// Boxes as `x,y,width,height`, joined by `;`.
    #[serde(default, rename = "b")]
    boxes: String,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    q: String,
    hits: Option<SearchHits>,
    first: u32,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "page.html")]
struct PagePage {
    q: String,
    back: String,
    id: PageId,
    reference: String,
    title: String,
    number: u32,
    pages: usize,
    width_px: u32,
    height_px: u32,
    state: String,
    boxes: Vec<Rect>,
    previous: Option<String>,
    next: Option<String>,
}

impl SearchPage {
    /// Where a page is shown with its hits.
    fn page_link(&self, page: &hrisov_index::PageHit) -> String {
        let boxes = page.boxes.iter().take(BOXES_MAX);
        let boxes: Vec<_> = boxes
            .map(|b| format!("{},{},{},{}", b.x, b.y, b.width, b.height))
            .collect();
        format!("{}&b={}", page_link(page.page_id, &self.q), boxes.join(";"))
    }
}

/// The search box, and results where there is a query.
pub(crate) async fn search(
    State(state): State<ApiState>,
    Query(params): Query<SearchParams>,
) -> Result<Response, ApiError> {
    let part = params.part.unwrap_or(1).clamp(1, PAGE_MAX);
    let offset = (part - 1) * PER_PAGE;
    let mut page = SearchPage {
        q: params.q,
        hits: None,
        first: offset + 1,
        next: None,
    };
    if !page.q.trim().is_empty() {
        let query = SearchQuery {
            limit: PER_PAGE as usize,
            offset: offset as usize,
            ..SearchQuery::new(page.q.clone())
        };
        let hits = state.searches.search(query).await?;
        let has_more = u64::from(offset + PER_PAGE) < hits.total && part < PAGE_MAX;
        page.next = has_more.then(|| format!("/?q={}&p={}", links::escaped(&page.q), part + 1));
        page.hits = Some(hits);
    }
    html(&page)
}

/// One page with its hits boxed.
pub(crate) async fn page(
    State(state): State<ApiState>,
    Path(id): Path<Uuid>,
    Query(params): Query<PageParams>,
) -> Result<Response, ApiError> {
    let page = HeldPage::find(&state.catalog, id).await?;
    let held = state
        .catalog
        .dossier(page.dossier)
        .await?
        .ok_or(ApiError::Unknown { what: "dossier" })?;
    let description = held.description;
    let neighbour = |number: Option<u32>| {
        let page = description.page_number(number?)?;
        Some(page_link(page.id, &params.q))
    };
    html(&PagePage {
        back: format!("/?q={}", links::escaped(&params.q)),
        id: page.record.id,
        number: page.number,
        pages: description.pages.len(),
        previous: neighbour(page.number.checked_sub(1)),
        next: neighbour(page.number.checked_add(1)),
        reference: description.reference,
        title: description.title,
        width_px: page.record.width_px,
        height_px: page.record.height_px,
        state: remark(&page.record.state).to_owned(),
        boxes: params.boxes.split(';').take(BOXES_MAX).filter_map(rect).collect(),
        q: params.q,
    })
}

/// The style sheet of both pages.
pub(crate) async fn style() -> impl IntoResponse {
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/css; charset=utf-8"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, include_str!("../templates/style.css"))
}

fn html(page: &impl Template) -> Result<Response, ApiError> {
    let text = page
        .render()
        .map_err(|error| ApiError::Internal(Box::new(error)))?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    Ok((headers, Html(text)).into_response())
}

fn page_link(id: PageId, q: &str) -> String {
    format!("/pagini/{id}?q={}", links::escaped(q))
}

/// What is to be said about a page; nothing where all is well.
const fn remark(state: &PageState) -> &'static str {
    match state {
        PageState::Recognised => "",
        PageState::Waiting => "Textul acestei pagini nu a fost citit încă.",
        PageState::Blank => "Pagina este goală.",
        PageState::Unreadable { .. } => "Această pagină nu a putut fi citită.",
    }
}

fn rect(text: &str) -> Option<Rect> {
    let mut numbers = text.split(',').map(|number| number.parse::<u32>().ok());
    let mut next = || numbers.next().flatten();
    Some(Rect {
        x: next()?,
        y: next()?,
        width: next()?,
        height: next()?,
    })
}

/// The plural forms of Romanian: `1 dosar`, `2 dosare`, `20 de dosare`.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    match (count, count % 100) {
        (1, _) => format!("1 {one}"),
        (0, _) | (_, 1..=19) => format!("{count} {many}"),
        _ => format!("{count} de {many}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plural_forms_are_those_of_the_language() {
        for (count, expected) in [
            (0, "0 dosare"),
            (1, "1 dosar"),
            (2, "2 dosare"),
            (19, "19 dosare"),
            (20, "20 de dosare"),
            (100, "100 de dosare"),
            (101, "101 dosare"),
            (119, "119 dosare"),
            (120, "120 de dosare"),
        ] {
            assert_eq!(counted(count, "dosar", "dosare"), expected);
        }
    }

    #[test]
    fn boxes_are_four_numbers() {
        assert_eq!(
            rect("1,2,3,4"),
            Some(Rect {
                x: 1,
                y: 2,
                width: 3,
                height: 4
            })
        );
        for bad in ["", "1,2,3", "1,2,3,-4", "a,b,c,d", "1,2,3,99999999999"] {
            assert_eq!(rect(bad), None, "{bad}");
        }
    }
}
