//! Search: the same JSON as `hrisov search --json`, with links.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};
use hrisov_index::{DossierHit, PageHit, SearchHits, SearchQuery, Searcher};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    ApiState, conditional,
    error::ApiError,
    extract::{Query, bounded},
    links,
    openapi::Problems,
    views::{NextLink, RectView},
};

/// Most dossiers in one answer.
const LIMIT_MAX: u32 = 100;
/// Most pages of each dossier in one answer.
const PAGES_MAX: u32 = 50;
/// How deep one may page: nobody reads on so far, and every page before costs as much again.
const OFFSET_MAX: u32 = 10_000;
/// Searches that run at once; each keeps one core busy.
const AT_ONCE: usize = 4;

/// The searcher off the async threads, a few searches at a time.
#[derive(Debug)]
pub(crate) struct Searches {
    searcher: Arc<Searcher>,
    places: Arc<Semaphore>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchParams {
    /// Words as a person types them; quotes make a phrase. Every word must stand somewhere in the dossier.
    q: String,
    /// Dossiers wanted; 10 where not given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// Dossiers to leave out from the front; none where not given.
    #[param(minimum = 0, maximum = 10_000)]
    offset: Option<u32>,
    /// Best pages wanted of each dossier; 5 where not given.
    #[param(minimum = 1, maximum = 50)]
    pages: Option<u32>,
}

/// Dossiers in which every word of the query occurs, best first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SearchAnswer {
    /// All dossiers that were found.
    total: u64,
    /// Pages of those dossiers with at least one word of the query.
    pages_total: u64,
    /// The dossiers asked for.
    hits: Vec<DossierHitView>,
    /// Where the answer goes on.
    links: NextLink,
}

/// A dossier that was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DossierHit)]
pub(crate) struct DossierHitView {
    /// Its identifier.
    dossier: Uuid,
    /// Reference within the box.
    reference: String,
    /// Title.
    title: String,
    /// Name of the box.
    #[serde(rename = "box")]
    box_name: String,
    /// Code of the fonds.
    fonds: String,
    /// Comparable within one answer only.
    score: f32,
    /// Pages with at least one word of the query.
    page_hits: u64,
    /// Pages of the dossier that could not be read.
    unreadable_pages: u32,
    /// The best pages, best first.
    pages: Vec<PageHitView>,
    /// Where to read on.
    links: DossierHitLinks,
}

/// Where to read on about a dossier.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DossierHitLinks {
    /// The dossier.
    dossier: String,
}

/// A page with at least one word of the query.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PageHit)]
pub(crate) struct PageHitView {
    /// Number of the page in its dossier, from 1.
    page: u32,
    /// Its identifier.
    page_id: Uuid,
    /// Comparable within one answer only.
    score: f32,
    /// The recognised lines around the best hit: plain text, unescaped.
    snippet: String,
    /// One rectangle per hit word, for a phrase one per line.
    boxes: Vec<RectView>,
    /// Where to read on.
    links: PageHitLinks,
}

/// Where to read on about a page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PageHitLinks {
    /// The page.
    page: String,
    /// Its picture.
    image: String,
    /// Its text.
    text: String,
}

impl Searches {
    pub(crate) fn new(searcher: Arc<Searcher>) -> Self {
        Self {
            searcher,
            places: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Answers a query on a thread for computing.
    pub(crate) async fn search(&self, query: SearchQuery) -> Result<SearchHits, ApiError> {
        let place = Arc::clone(&self.places)
            .acquire_owned()
            .await
            .expect("the semaphore is never closed");
        let searcher = Arc::clone(&self.searcher);
        let search = move || {
            let _place = place;
            searcher.search(&query)
        };
        Ok(tokio::task::spawn_blocking(search).await??)
    }
}

/// Searches text and descriptions of all dossiers.
#[utoipa::path(get, path = "/api/v1/search", tag = "search", operation_id = "search", params(SearchParams),
    responses((status = 200, description = "the dossiers found", body = SearchAnswer), Problems))]
pub(crate) async fn search(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Query(params): Query<SearchParams>,
) -> Result<Response, ApiError> {
    let limit = bounded("limit", params.limit, 10, 1..=LIMIT_MAX)?;
    let offset = bounded("offset", params.offset, 0, 0..=OFFSET_MAX)?;
    let pages = bounded("pages", params.pages, 5, 1..=PAGES_MAX)?;
    let query = SearchQuery {
        limit: limit as usize,
        offset: offset as usize,
        pages_per_dossier: pages as usize,
        ..SearchQuery::new(params.q.clone())
    };
    let hits = state.searches.search(query).await?;
    let mut answer = SearchAnswer::from(hits);
    let next = offset + limit;
    if u64::from(next) < answer.total && next <= OFFSET_MAX {
        let q = links::escaped(&params.q);
        answer.links.next = Some(format!(
            "/api/v1/search?q={q}&limit={limit}&offset={next}&pages={pages}"
        ));
    }
    conditional::json(&headers, &answer)
}

impl From<SearchHits> for SearchAnswer {
    fn from(hits: SearchHits) -> Self {
        Self {
            total: hits.total,
            pages_total: hits.pages_total,
            hits: hits.hits.into_iter().map(DossierHitView::from).collect(),
            links: NextLink::default(),
        }
    }
}

impl From<DossierHit> for DossierHitView {
    fn from(hit: DossierHit) -> Self {
        Self {
            dossier: hit.dossier.uuid(),
            reference: hit.reference,
            title: hit.title,
            box_name: hit.box_name,
            fonds: hit.fonds,
            score: hit.score,
            page_hits: hit.page_hits,
            unreadable_pages: hit.unreadable_pages,
            pages: hit.pages.into_iter().map(PageHitView::from).collect(),
            links: DossierHitLinks {
                dossier: links::dossier(hit.dossier),
            },
        }
    }
}

impl From<PageHit> for PageHitView {
    fn from(hit: PageHit) -> Self {
        Self {
            page: hit.page,
            page_id: hit.page_id.uuid(),
            score: hit.score,
            snippet: hit.snippet,
            boxes: hit.boxes.into_iter().map(RectView::from).collect(),
            links: PageHitLinks {
                page: links::page(hit.page_id),
                image: links::page_part(hit.page_id, "image"),
                text: links::page_part(hit.page_id, "text"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use hrisov_model::{DossierId, PageId, Rect};
    use serde_json::Value;

    use super::*;

    fn without_links(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.remove("links");
                map.values_mut().for_each(without_links);
            }
            Value::Array(list) => list.iter_mut().for_each(without_links),
            _ => {}
        }
    }

    #[test]
    fn without_its_links_the_answer_is_what_the_command_line_prints() {
        let page = PageHit {
            page: 37,
            page_id: PageId::random(),
            score: 1.25,
            snippet: "strada Morii".to_owned(),
            boxes: vec![Rect {
                x: 1,
                y: 2,
                width: 3,
                height: 4,
            }],
            near: Vec::new(),
        };
        let hits = SearchHits {
            total: 12,
            pages_total: 31,
            hits: vec![DossierHit {
                dossier: DossierId::random(),
                reference: "17".to_owned(),
                title: "Acte".to_owned(),
                box_name: "4".to_owned(),
                fonds: "PMB".to_owned(),
                score: 2.5,
                page_hits: 6,
                unreadable_pages: 3,
                years: None,
                pages: vec![page],
            }],
            ..SearchHits::default()
        };
        let mut answer = serde_json::to_value(SearchAnswer::from(hits.clone())).unwrap();
        without_links(&mut answer);
        assert_eq!(answer, serde_json::to_value(hits).unwrap());
    }
}
