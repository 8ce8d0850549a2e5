//! The wall of pages that somebody should look at: their pictures, by reason, and what is decided of them.

use std::cmp::Reverse;

use askama::Template;
use axum::{extract::State, http::HeaderMap, response::Response};
use hrisov_catalog::{BoxName, Decision, DoubtfulPage, PageScope, Verdict};
use hrisov_model::{BatchId, Doubt, PageId};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Visitor,
    archivist::{batch_address, batch_name},
    frame::{Frame, Section},
    html, leaf,
    messages::Language,
    particulars::particulars,
    results::{dossier_name, shelf},
    reviews::{self, DECIDE},
};
use crate::{ApiState, error::ApiError, extract::Query, links::Address};

/// Pictures on one wall.
const WALL_PAGES: usize = 60;
/// Walls that can be opened one after the other.
const WALLS_MAX: usize = 500;

#[derive(Debug, Deserialize)]
pub(crate) struct WallParams {
    /// Only of this batch.
    #[serde(default)]
    lot: Option<Uuid>,
    /// Only those with this doubt; what is none is passed over.
    #[serde(default)]
    motiv: String,
    /// Those of which this was decided; undecided ones where it is nothing known.
    #[serde(default)]
    hotarare: String,
    /// Which wall, from 1.
    #[serde(default)]
    p: Option<usize>,
}

#[derive(Template)]
#[template(path = "doubtful.html")]
struct WallPage {
    f: Frame,
    back: String,
    back_label: String,
    decision: Decision,
    /// What is decided, or not yet.
    decisions: Vec<TabShown>,
    /// The doubts of a batch with their pages.
    tabs: Vec<TabShown>,
    /// Who decided last in this browser.
    name: String,
    boxes: Vec<BoxShown>,
    next: Option<String>,
}

/// Something that the wall can be narrowed to.
#[derive(Debug)]
struct TabShown {
    address: String,
    label: String,
    /// How many pages; empty where the whole archive would have to be looked through.
    count: String,
    is_chosen: bool,
}

/// The pages of one box.
#[derive(Debug)]
struct BoxShown {
    /// Its name, where pages of several are shown.
    shelf: String,
    groups: Vec<Group>,
}

/// Doubtful pages of one box and one reason.
#[derive(Debug)]
struct Group {
    reason: String,
    /// Identifiers of all, for one decision of all of them; empty of a single page.
    all: String,
    /// What that decision is called.
    all_label: String,
    pages: Vec<PageShown>,
}

/// A page on the wall.
#[derive(Debug)]
struct PageShown {
    id: PageId,
    address: String,
    label: String,
    remarks: Vec<String>,
    /// The file to scan again.
    file: String,
    has_picture: bool,
    /// By whom it was decided, and when; empty where it was not.
    decided: String,
    /// Where a decision is sent to: the page behind it is shown next.
    decide: String,
}

/// What the wall is narrowed to.
#[derive(Debug, Clone, Copy)]
struct Narrowing {
    batch: Option<BatchId>,
    doubt: Option<Doubt>,
    decision: Decision,
}

/// Doubtful pages as pictures, by reason.
pub(crate) async fn doubtful(
    State(state): State<ApiState>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(params): Query<WallParams>,
) -> Result<Response, ApiError> {
    let f = visitor.frame(Section::Archivist);
    let wall = params.p.unwrap_or(1).clamp(1, WALLS_MAX);
    let batch = match params.lot {
        Some(id) => state.catalog.batch(BatchId::from(id)).await?,
        None => None,
    };
    let narrowing = Narrowing {
        batch: batch.as_ref().map(|batch| batch.id),
        doubt: params.motiv.parse().ok(),
        decision: params.hotarare.parse().unwrap_or(Decision::Undecided),
    };
    let scopes: Vec<(String, PageScope)> = match &batch {
        Some(batch) => vec![(String::new(), PageScope::Batch(batch.id))],
        None => {
            let boxes = boxes(&state, narrowing.decision).await?.into_iter();
            let scope = |of: BoxName| (shelf(f.t, &of.fonds, &of.name), PageScope::Box(of));
            boxes.map(scope).collect()
        }
    };
    let skipped = (wall - 1) * WALL_PAGES;
    let (mut hung, mut tabs) = (Vec::new(), Vec::new());
    let mut decisions = decisions_of(f.t, None, narrowing);
    let mut seen = 0;
    for (shelf, scope) in scopes {
        let mut pages = state.catalog.doubtful_pages(&scope, &state.thresholds).await?;
        if narrowing.batch.is_some() {
            decisions = decisions_of(f.t, Some(&pages), narrowing);
        }
        pages.retain(|page| page.decision() == narrowing.decision);
        if narrowing.batch.is_some() {
            tabs = tabs_of(f.t, &pages, narrowing);
        }
        pages.retain_mut(|page| narrowing.doubt.is_none_or(|wanted| put_first(page, wanted)));
        pages.sort_by_key(|page| Reverse(weight(page)));
        for page in pages {
            seen += 1;
            if (skipped + 1..=skipped + WALL_PAGES).contains(&seen) {
                hung.push((shelf.clone(), page));
            }
        }
        // The boxes behind the wall are not looked through.
        if seen > skipped + WALL_PAGES {
            break;
        }
    }
    let goes_on = seen > skipped + WALL_PAGES && wall < WALLS_MAX;
    let next = wall_address(narrowing).with("p", wall + 1);
    html(&WallPage {
        back: narrowing
            .batch
            .map_or_else(|| "/arhivar".to_owned(), batch_address),
        back_label: match &batch {
            Some(batch) => batch_name(f.t, batch),
            None => f.t.say("archivist"),
        },
        decision: narrowing.decision,
        decisions,
        tabs,
        name: reviews::last_name(&headers),
        boxes: hang(f.t, &hung),
        next: goes_on.then(|| next.into_string()),
        f,
    })
}

/// The boxes that can have pages of which this was decided.
async fn boxes(state: &ApiState, decision: Decision) -> Result<Vec<BoxName>, ApiError> {
    let verdict = match decision {
        Decision::Undecided => return Ok(state.catalog.boxes().await?),
        Decision::Rescan => Verdict::Rescan,
        Decision::Fine => Verdict::Fine,
    };
    Ok(state.catalog.boxes_reviewed_as(verdict).await?)
}

fn wall_address(narrowing: Narrowing) -> Address {
    let decision = Some(narrowing.decision).filter(|decision| *decision != Decision::Undecided);
    Address::new("/arhivar/pagini")
        .with_all("lot", narrowing.batch)
        .with_all("hotarare", decision)
        .with_all("motiv", narrowing.doubt)
}

/// Every decision, with the number of its pages where they are known.
fn decisions_of(t: Language, pages: Option<&[DoubtfulPage]>, narrowing: Narrowing) -> Vec<TabShown> {
    let count = |decision: Decision, pages: &[DoubtfulPage]| {
        let count = pages.iter().filter(|page| page.decision() == decision).count();
        t.number(count as u64)
    };
    let tab = |decision: Decision| TabShown {
        address: wall_address(Narrowing {
            doubt: None,
            decision,
            ..narrowing
        })
        .into_string(),
        label: t.say(&format!("decision-{decision}")),
        count: pages.map_or_else(String::new, |pages| count(decision, pages)),
        is_chosen: decision == narrowing.decision,
    };
    Decision::ALL.into_iter().map(tab).collect()
}

/// Every doubt of some pages with their number, and all of them.
fn tabs_of(t: Language, pages: &[DoubtfulPage], narrowing: Narrowing) -> Vec<TabShown> {
    let has = |page: &&DoubtfulPage, doubt: Doubt| page.doubts.iter().any(|doubted| doubted.doubt == doubt);
    let tab = |doubt: Option<Doubt>| TabShown {
        address: wall_address(Narrowing { doubt, ..narrowing }).into_string(),
        label: doubt.map_or_else(|| t.say("all-doubts"), |doubt| t.say(&format!("doubt-{doubt}"))),
        count: t.number(
            pages
                .iter()
                .filter(|page| doubt.is_none_or(|doubt| has(page, doubt)))
                .count() as u64,
        ),
        is_chosen: doubt == narrowing.doubt,
    };
    let there = Doubt::ALL
        .into_iter()
        .filter(|&doubt| pages.iter().any(|page| has(&page, doubt)));
    [None].into_iter().chain(there.map(Some)).map(tab).collect()
}

/// Makes a doubt of a page its first one; whether it has it.
fn put_first(page: &mut DoubtfulPage, wanted: Doubt) -> bool {
    let at = page.doubts.iter().position(|doubted| doubted.doubt == wanted);
    if let Some(at) = at {
        page.doubts[..=at].rotate_right(1);
    }
    at.is_some()
}

/// What cannot be read comes first; blank pages, of which there are many for good reasons, last.
fn weight(page: &DoubtfulPage) -> (bool, bool, Reverse<Option<Doubt>>) {
    let first = page.doubts.first().map(|doubted| doubted.doubt);
    (
        first == Some(Doubt::Unreadable),
        first != Some(Doubt::Blank),
        Reverse(first),
    )
}

/// The pages by box and reason, in their order; a decision on one leads on to the next.
fn hang(t: Language, pages: &[(String, DoubtfulPage)]) -> Vec<BoxShown> {
    let by_box = pages.chunk_by(|(one, _), (two, _)| one == two);
    let mut behind = pages.iter().map(|(_, page)| page.page.id).skip(1);
    let mut boxes = Vec::new();
    for pages in by_box {
        let reason = |page: &DoubtfulPage| page.doubts.first().map(|doubted| doubted.doubt);
        let by_reason = pages.chunk_by(|(_, one), (_, two)| reason(one) == reason(two));
        let groups = by_reason.map(|pages| {
            let ids: Vec<_> = pages.iter().map(|(_, page)| page.page.id.to_string()).collect();
            Group {
                reason: match reason(&pages[0].1) {
                    Some(doubt) => t.say(&format!("doubt-{doubt}")),
                    None => t.say("doubt-none"),
                },
                all: if ids.len() > 1 {
                    ids.join(",")
                } else {
                    String::new()
                },
                all_label: t.count("all-fine", ids.len() as u64),
                pages: pages
                    .iter()
                    .map(|(_, page)| PageShown::new(t, page, behind.next()))
                    .collect(),
            }
        });
        boxes.push(BoxShown {
            shelf: pages[0].0.clone(),
            groups: groups.collect(),
        });
    }
    boxes
}

impl PageShown {
    fn new(t: Language, doubtful: &DoubtfulPage, behind: Option<PageId>) -> Self {
        let page = &doubtful.page;
        let name = dossier_name(t, &doubtful.reference, "");
        let remarks = doubtful.doubts.iter().enumerate().filter_map(|(at, doubted)| {
            let about = particulars(t, doubtful, doubted);
            // The first is the group's heading.
            match (at, about) {
                (0, about) => about,
                (_, None) => Some(t.say(&format!("doubt-{}", doubted.doubt))),
                (_, Some(about)) => Some(format!("{}: {about}", t.say(&format!("doubt-{}", doubted.doubt)))),
            }
        });
        let review = doubtful
            .review
            .as_ref()
            .filter(|_| doubtful.decision() != Decision::Undecided);
        Self {
            id: page.id,
            address: leaf::page_address(page.id, leaf::Way::default()),
            label: format!("{name}, {}", t.with("page-short", "number", doubtful.number)),
            remarks: remarks.collect(),
            file: doubtful.path.clone(),
            has_picture: page.width_px > 0,
            decided: review.map_or_else(String::new, |review| {
                format!("{}, {}", review.by, t.day(review.at))
            }),
            // A browser keeps this end of the address when it is led back.
            decide: format!("{DECIDE}#p-{}", behind.unwrap_or(page.id)),
        }
    }
}
