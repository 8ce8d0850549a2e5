//! Pages of a batch that somebody should look at, for programs.

use std::collections::BTreeMap;

use axum::{extract::State, http::HeaderMap, response::Response};
use hrisov_catalog::{Decision, DoubtfulPage, PageScope, Review};
use hrisov_model::{BatchId, Doubted};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    ApiState, conditional,
    error::ApiError,
    extract::{Path, Query, bounded, given},
    links,
    openapi::Problems,
    views::NextLink,
};

/// Most pages in one answer.
const PAGES_MAX: u32 = 1000;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DoubtfulParams {
    /// Pages to leave out from the front.
    #[param(minimum = 0, default = 0)]
    #[serde(default, deserialize_with = "given")]
    offset: Option<u32>,
    /// Most pages to list.
    #[param(minimum = 1, maximum = 1000, default = 200)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<u32>,
    /// Only pages of which this was decided; without it, all but those that are settled.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    decision: Option<DecisionName>,
}

/// Where a doubted page stands.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DecisionName {
    /// Nobody decided anything, or it was doubted for another reason since.
    Undecided,
    /// It is to be scanned again.
    Rescan,
    /// Somebody looked at it: its doubts are settled.
    Fine,
}

/// Pages of a batch that somebody should look at or scan again, in the order of their dossiers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DoubtfulPageList {
    /// All such pages of the batch by the name of the reason; a page can have several.
    doubts: BTreeMap<&'static str, u64>,
    /// This part of them.
    pages: Vec<DoubtfulPageView>,
    /// Where the list goes on.
    links: NextLink,
}

/// A page that somebody should look at.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DoubtfulPage)]
pub(crate) struct DoubtfulPageView {
    /// Its identifier.
    page: Uuid,
    /// Its dossier.
    dossier: Uuid,
    /// Reference of its dossier.
    reference: String,
    /// Number in the dossier, from 1.
    number: u32,
    /// The file to scan again, below the box as received.
    source_path: String,
    /// Why.
    doubts: Vec<DoubtView>,
    /// The page of which it may be a second scan.
    looks_like: Option<Uuid>,
    /// Where it stands.
    decision: DecisionName,
    /// Who decided that, where it was decided.
    decided_by: Option<String>,
    /// When.
    decided_at: Option<String>,
    /// Where it is described.
    links: DoubtfulLinks,
}

/// A reason to look at a page.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Doubt)]
pub(crate) struct DoubtView {
    /// Its name, such as `blurred` or `cut_off`.
    doubt: &'static str,
    /// What was measured, where it is a matter of more or less.
    figure: Option<f32>,
    /// The threshold that it is beyond.
    limit: Option<f32>,
}

/// Where to read on about a page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DoubtfulLinks {
    /// The page.
    page: String,
    /// Its picture.
    image: String,
}

/// Lists the pages of a batch that somebody should look at or scan again, by the thresholds of now.
#[utoipa::path(get, path = "/api/v1/batches/{batch_id}/doubtful-pages", tag = "batches",
    operation_id = "list_doubtful_pages",
    params(("batch_id" = Uuid, Path, description = "the batch"), DoubtfulParams),
    responses((status = 200, description = "a part of the list", body = DoubtfulPageList), Problems))]
pub(crate) async fn pages(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Query(params): Query<DoubtfulParams>,
) -> Result<Response, ApiError> {
    let limit = bounded("limit", params.limit, 200, 1..=PAGES_MAX)?;
    let offset = params.offset.unwrap_or_default();
    let batch = state.catalog.batch(BatchId::from(id)).await?;
    let batch = batch.ok_or(ApiError::Unknown { what: "batch" })?;
    let scope = PageScope::Batch(batch.id);
    let mut found = state.catalog.doubtful_pages(&scope, &state.thresholds).await?;
    let decision = params.decision.map(Decision::from);
    found.retain(|page| match decision {
        None => page.decision() != Decision::Fine,
        Some(decision) => page.decision() == decision,
    });
    let mut doubts = BTreeMap::new();
    for doubted in found.iter().flat_map(|page| &page.doubts) {
        *doubts.entry(doubted.doubt.name()).or_default() += 1;
    }
    let end = offset.saturating_add(limit);
    let goes_on = found.len() > end as usize;
    let next = || {
        format!(
            "{}/doubtful-pages?offset={end}&limit={limit}{}",
            links::batch(batch.id),
            decision.map_or_else(String::new, |decision| format!("&decision={decision}")),
        )
    };
    let part = found.into_iter().skip(offset as usize).take(limit as usize);
    let list = DoubtfulPageList {
        doubts,
        pages: part.map(DoubtfulPageView::from).collect(),
        links: NextLink {
            next: goes_on.then(next),
        },
    };
    conditional::json(&headers, &list)
}

impl From<DoubtfulPage> for DoubtfulPageView {
    fn from(doubtful: DoubtfulPage) -> Self {
        let id = doubtful.page.id;
        let decision = doubtful.decision();
        let review: Option<Review> = doubtful.review.filter(|_| decision != Decision::Undecided);
        Self {
            page: id.uuid(),
            dossier: doubtful.dossier.uuid(),
            reference: doubtful.reference,
            number: doubtful.number,
            source_path: doubtful.path,
            doubts: doubtful.doubts.iter().map(DoubtView::from).collect(),
            looks_like: doubtful.like.map(|like| like.id.uuid()),
            decision: decision.into(),
            decided_at: review.as_ref().map(|review| review.at.to_string()),
            decided_by: review.map(|review| review.by.into()),
            links: DoubtfulLinks {
                page: links::page(id),
                image: links::page_part(id, "image"),
            },
        }
    }
}

impl From<DecisionName> for Decision {
    fn from(name: DecisionName) -> Self {
        match name {
            DecisionName::Undecided => Self::Undecided,
            DecisionName::Rescan => Self::Rescan,
            DecisionName::Fine => Self::Fine,
        }
    }
}

impl From<Decision> for DecisionName {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Undecided => Self::Undecided,
            Decision::Rescan => Self::Rescan,
            Decision::Fine => Self::Fine,
        }
    }
}

impl From<&Doubted> for DoubtView {
    fn from(doubted: &Doubted) -> Self {
        Self {
            doubt: doubted.doubt.name(),
            figure: doubted.figure,
            limit: doubted.limit,
        }
    }
}
