//! Search for programs, and search as you type.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};
use hrisov_index::{
    Completion, FacetCounts, Filters, IndexError, PageHit, Quality, SearchCursor, SearchHits, SearchQuery,
    Searcher, Sort,
};
use hrisov_model::DossierId;
use serde::Deserialize;
use tokio::sync::Semaphore;
use utoipa::ToSchema;

use crate::{
    ApiState, conditional,
    error::ApiError,
    extract::{Query, bounded, given},
    hits::{Completions, SearchAnswer},
    links::Address,
    openapi::Problems,
};

/// Most dossiers in one answer.
const LIMIT_MAX: u32 = 100;
/// Most pages of each dossier in one answer.
const PAGES_MAX: u32 = 50;
/// How deep one may page by number: nobody reads on so far, and every page before costs as much again. A cursor goes
/// as deep as there is anything.
const OFFSET_MAX: u32 = 10_000;
/// Most completions of a kind.
const COMPLETIONS_MAX: u32 = 20;
/// Searches that run at once; each keeps one core busy.
const AT_ONCE: usize = 4;
/// Years that dossiers are narrowed by.
pub(crate) const YEARS: std::ops::RangeInclusive<u16> = 1..=9999;

/// The searcher off the async threads, a few searches at a time.
#[derive(Debug)]
pub(crate) struct Searches {
    searcher: Arc<Searcher>,
    places: Arc<Semaphore>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchParams {
    /// Words as a person types them; quotes make a phrase, a minus leaves out, `an:1978`, `nr:` and `cnp:` say what
    /// is meant. Every word must stand somewhere in the dossier; `partial` has those that lack one, where few hold all.
    /// Empty with filters: every dossier that they let pass.
    q: String,
    /// Dossiers wanted; 10 where not given.
    #[param(minimum = 1, maximum = 100)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<u32>,
    /// Dossiers to leave out from the front; none where not given. Deeper than that leads `after`.
    #[param(minimum = 0, maximum = 10_000)]
    #[serde(default, deserialize_with = "given")]
    offset: Option<u32>,
    /// The `next` of the answer before: the dossiers that follow, whatever has come in since.
    #[param(pattern = "^([0-9a-fA-F]{40})?$")]
    after: Option<String>,
    /// Best pages wanted of each dossier; 5 where not given.
    #[param(minimum = 1, maximum = 50)]
    #[serde(default, deserialize_with = "given")]
    pages: Option<u32>,
    /// Which dossiers come first; the best match where not given.
    #[serde(default)]
    #[param(inline)]
    sort: SortName,
    /// Whether to count what the answer can be narrowed by; not where not given.
    #[serde(default)]
    facets: bool,
    /// Codes of fonds. Within one filter any value will do; every filter that is given must be met.
    #[serde(default)]
    fonds: Vec<String>,
    /// Departments that the dossiers come from.
    #[serde(default)]
    department: Vec<String>,
    /// Names of boxes.
    #[serde(default, rename = "box")]
    boxes: Vec<String>,
    /// Kinds of document, as facets name them.
    #[serde(default)]
    kind: Vec<String>,
    /// How well the dossiers could be read.
    #[serde(default)]
    #[param(inline)]
    quality: Vec<QualityName>,
    /// First year of which one must be among the dossier's.
    #[param(minimum = 1, maximum = 9999)]
    #[serde(default, deserialize_with = "given")]
    from: Option<u16>,
    /// Last of those years.
    #[param(minimum = 1, maximum = 9999)]
    #[serde(default, deserialize_with = "given")]
    to: Option<u16>,
}

/// Which dossiers come first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SortName {
    /// The best match.
    #[default]
    Relevance,
    /// The oldest; those without any date last.
    Oldest,
    /// The newest; those without any date last.
    Newest,
}

/// How well a dossier could be read: its worst page counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum QualityName {
    /// Every page with text has a mean confidence of 80 % and more.
    Good,
    /// A page has less.
    Doubtful,
    /// A page could not be read.
    Unreadable,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CompletionParams {
    /// What was typed so far; anything is offered from two letters on.
    q: String,
    /// Completions wanted of each kind; 5 where not given.
    #[param(minimum = 1, maximum = 20)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<u32>,
}

impl Searches {
    pub(crate) fn new(searcher: Arc<Searcher>) -> Self {
        Self {
            searcher,
            places: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Answers a query.
    pub(crate) async fn search(&self, query: SearchQuery) -> Result<SearchHits, ApiError> {
        self.ask(move |searcher| searcher.search(&query)).await
    }

    /// The pages of one dossier with words of a query.
    pub(crate) async fn within(
        &self,
        dossier: DossierId,
        text: String,
        limit: usize,
    ) -> Result<Vec<PageHit>, ApiError> {
        self.ask(move |searcher| searcher.search_within(dossier, &text, limit))
            .await
    }

    /// What begins with a text.
    async fn complete(&self, text: String, limit: usize) -> Result<Vec<Completion>, ApiError> {
        self.ask(move |searcher| searcher.complete(&text, limit)).await
    }

    /// Asks on a thread for computing, once there is a place.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Searcher) -> Result<T, IndexError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let place = Arc::clone(&self.places)
            .acquire_owned()
            .await
            .expect("the semaphore is never closed");
        let searcher = Arc::clone(&self.searcher);
        let answer = move || {
            let _place = place;
            question(&searcher)
        };
        Ok(tokio::task::spawn_blocking(answer).await??)
    }
}

/// Searches text and descriptions of all dossiers.
#[utoipa::path(get, path = "/api/v1/search", tag = "search", operation_id = "search",
    params(SearchParams),
    responses((status = 200, description = "the dossiers found", body = SearchAnswer), Problems))]
pub(crate) async fn search(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Query(params): Query<SearchParams>,
) -> Result<Response, ApiError> {
    let query = params.query()?;
    let hits = state.searches.search(query).await?;
    let next = hits.next.map(|next| params.next(&next));
    let mut answer = SearchAnswer::from(hits);
    answer.links.next = next;
    conditional::json(&headers, &answer)
}

/// Offers references, names and streets that begin with what was typed so far.
#[utoipa::path(get, path = "/api/v1/completions", tag = "search", operation_id = "complete",
    params(CompletionParams),
    responses((status = 200, description = "what begins so", body = Completions), Problems))]
pub(crate) async fn complete(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Query(params): Query<CompletionParams>,
) -> Result<Response, ApiError> {
    let limit = bounded("limit", params.limit, 5, 1..=COMPLETIONS_MAX)?;
    let found = state.searches.complete(params.q, limit as usize).await?;
    conditional::json(&headers, &Completions::from(found))
}

/// A cursor as it was given.
///
/// # Errors
/// Where it is not one of ours.
pub(crate) fn cursor(text: &str) -> Result<SearchCursor, ApiError> {
    text.parse().map_err(|_| ApiError::InvalidRequest {
        detail: "after must be the `next` of an answer".to_owned(),
    })
}

/// The years between two ends, of which one may be open.
///
/// # Errors
/// Where one is no year.
pub(crate) fn years(from: Option<u16>, to: Option<u16>) -> Result<Option<(u16, u16)>, ApiError> {
    if [from, to]
        .into_iter()
        .flatten()
        .any(|year| !YEARS.contains(&year))
    {
        return Err(ApiError::InvalidRequest {
            detail: format!("years must be from {} to {}", YEARS.start(), YEARS.end()),
        });
    }
    let ends = (from.unwrap_or(*YEARS.start()), to.unwrap_or(*YEARS.end()));
    Ok((from.is_some() || to.is_some()).then_some(ends))
}

impl SearchParams {
    fn query(&self) -> Result<SearchQuery, ApiError> {
        Ok(SearchQuery {
            limit: self.limit()? as usize,
            offset: bounded("offset", self.offset, 0, 0..=OFFSET_MAX)? as usize,
            pages_per_dossier: self.pages()? as usize,
            filters: Filters {
                fonds: self.fonds.clone(),
                departments: self.department.clone(),
                boxes: self.boxes.clone(),
                kinds: self.kind.clone(),
                qualities: self.quality.iter().map(|&quality| quality.into()).collect(),
                years: years(self.from, self.to)?,
            },
            sort: match self.sort {
                SortName::Relevance => Sort::Relevance,
                SortName::Oldest => Sort::Oldest,
                SortName::Newest => Sort::Newest,
            },
            after: self.after.as_deref().map(cursor).transpose()?,
            facets: match self.facets {
                true => FacetCounts::Count,
                false => FacetCounts::Skip,
            },
            ..SearchQuery::new(self.q.clone())
        })
    }

    fn limit(&self) -> Result<u32, ApiError> {
        bounded("limit", self.limit, 10, 1..=LIMIT_MAX)
    }

    fn pages(&self) -> Result<u32, ApiError> {
        bounded("pages", self.pages, 5, 1..=PAGES_MAX)
    }

    /// The address of what follows: the same question behind the cursor. Facets are the same on every part and are
    /// not asked for again.
    fn next(&self, next: &SearchCursor) -> String {
        let sort = match self.sort {
            SortName::Relevance => None,
            SortName::Oldest => Some("oldest"),
            SortName::Newest => Some("newest"),
        };
        let qualities = self.quality.iter().map(|&quality| Quality::from(quality).name());
        Address::new("/api/v1/search")
            .with("q", &self.q)
            .with_all("limit", self.limit)
            .with_all("pages", self.pages)
            .with_all("sort", sort)
            .with_all("fonds", &self.fonds)
            .with_all("department", &self.department)
            .with_all("box", &self.boxes)
            .with_all("kind", &self.kind)
            .with_all("quality", qualities)
            .with_all("from", self.from)
            .with_all("to", self.to)
            .with("after", next)
            .into_string()
    }
}

impl From<QualityName> for Quality {
    fn from(name: QualityName) -> Self {
        match name {
            QualityName::Good => Self::Good,
            QualityName::Doubtful => Self::Doubtful,
            QualityName::Unreadable => Self::Unreadable,
        }
    }
}
