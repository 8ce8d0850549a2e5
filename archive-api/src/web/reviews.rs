//! What is decided of doubtful pages on the wall: recorded under a name, as `hrisov review` does.

use std::collections::BTreeSet;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use hrisov_audit::{Judgement, record_review};
use hrisov_catalog::Verdict;
use hrisov_model::{PageId, PersonName};
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use super::frame::{cookie, way_back};
use crate::{ApiState, error::ApiError, extract::Form, links::escaped};

/// Where decisions are sent.
pub(super) const DECIDE: &str = "/arhivar/pagini/hotarari";
/// Keeps the name of who decided last until the browser is closed, so that it is typed once.
const COOKIE: &str = "nume";
/// Pages in one decision: more than are on a wall.
const PAGES_MAX: usize = 1000;

#[derive(Debug, Deserialize)]
pub(crate) struct DecisionForm {
    /// Who decides.
    #[serde(default)]
    nume: String,
    /// Pages that are in order: identifiers with commas between them.
    #[serde(default)]
    bine: String,
    /// Pages to be scanned again.
    #[serde(default)]
    rescan: String,
    /// Pages of which the earlier decision does not hold.
    #[serde(default)]
    anulat: String,
    /// Where to go on.
    #[serde(default)]
    inapoi: String,
}

/// Records a decision, and leads back to the wall, where the page stands no more.
pub(crate) async fn decide(
    State(state): State<ApiState>,
    Form(form): Form<DecisionForm>,
) -> Result<Response, ApiError> {
    let by: PersonName = form.nume.parse().map_err(|_| ApiError::Nameless)?;
    let decided = [
        (Verdict::Fine, &form.bine),
        (Verdict::Rescan, &form.rescan),
        (Verdict::Withdrawn, &form.anulat),
    ];
    let mut decided = decided.into_iter().filter(|(_, pages)| !pages.is_empty());
    let (Some((verdict, pages)), None) = (decided.next(), decided.next()) else {
        return Err(undecided());
    };
    let pages: Result<BTreeSet<PageId>, _> = pages.split(',').map(str::parse).collect();
    let pages = pages.ok().filter(|pages| pages.len() <= PAGES_MAX);
    let pages = pages.ok_or_else(undecided)?;
    let cookie = format!(
        "{COOKIE}={}; Path=/arhivar; SameSite=Strict; HttpOnly",
        escaped(by.as_str())
    );
    let judgement = Judgement { by, verdict, pages };
    let blobs = state.root.blobs().as_ref();
    // Pages that were scanned again in the meantime are on the wall no more.
    record_review(blobs, &state.catalog, &state.thresholds, &judgement).await?;
    let headers = [
        (
            header::SET_COOKIE,
            HeaderValue::try_from(cookie).expect("escaped text forms a header"),
        ),
        (header::LOCATION, way_back(&form.inapoi)),
    ];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

/// Who decided last in this browser; empty where nobody did.
pub(super) fn last_name(headers: &HeaderMap) -> String {
    let kept = cookie(headers, COOKIE).unwrap_or_default();
    let name = percent_decode_str(&kept).decode_utf8().unwrap_or_default();
    name.parse::<PersonName>()
        .map_or_else(|_| String::new(), String::from)
}

fn undecided() -> ApiError {
    ApiError::InvalidRequest {
        detail: "give pages by their identifiers, and one thing that is decided of them".to_owned(),
    }
}
