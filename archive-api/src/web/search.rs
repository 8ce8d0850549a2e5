//! The search box, and results where anything is asked.

use askama::Template;
use axum::{extract::State, response::Response};
use hrisov_index::{FacetCounts, SearchQuery};

use super::{
    Visitor,
    frame::{Frame, Section},
    html,
    narrowing::{self, Asked},
    results::Found,
};
use crate::{ApiState, error::ApiError, extract::Query};

/// Dossiers on one page.
const DOSSIERS: usize = 10;
/// Best pages of each dossier: two at once, the others unfold.
const PAGES: usize = 6;

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    f: Frame,
    asked: Asked,
    found: Option<Found>,
    dossiers_held: u64,
    pages_held: u64,
}

pub(crate) async fn search(
    State(state): State<ApiState>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, ApiError> {
    let mut page = SearchPage {
        f: visitor.frame(Section::Search),
        asked: asked.bounded(),
        found: None,
        dossiers_held: 0,
        pages_held: 0,
    };
    if page.asked.is_empty() {
        page.dossiers_held = state.catalog.dossier_count(None).await?;
        page.pages_held = state.catalog.page_counts(None).await?.pages;
    } else {
        let query = SearchQuery {
            limit: DOSSIERS,
            pages_per_dossier: PAGES,
            facets: FacetCounts::Count,
            ..page.asked.query()
        };
        let hits = state.searches.search(query).await?;
        page.found = Some(Found::new(&state, page.f.t, &page.asked, hits).await?);
    }
    html(&page)
}
