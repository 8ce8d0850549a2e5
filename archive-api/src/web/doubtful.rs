//! The wall of pages that somebody should look at: their pictures, by reason.

use std::cmp::Reverse;

use askama::Template;
use axum::{extract::State, response::Response};
use hrisov_catalog::{DoubtfulPage, PageScope};
use hrisov_model::{BatchId, Doubt, Doubted, PageId, PageState};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Visitor,
    archivist::{batch_address, batch_name, reason_name},
    frame::{Frame, Section},
    html, leaf,
    messages::Language,
    results::{dossier_name, shelf},
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
    /// The doubts of a batch with their pages.
    tabs: Vec<TabShown>,
    groups: Vec<Group>,
    next: Option<String>,
}

/// A doubt that the wall can be narrowed to.
#[derive(Debug)]
struct TabShown {
    address: String,
    label: String,
    count: String,
    is_chosen: bool,
}

/// Doubtful pages of one box and one reason.
#[derive(Debug)]
struct Group {
    reason: String,
    /// The box, where pages of several are shown.
    shelf: String,
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
}

/// Doubtful pages as pictures, by reason.
pub(crate) async fn doubtful(
    State(state): State<ApiState>,
    visitor: Visitor,
    Query(params): Query<WallParams>,
) -> Result<Response, ApiError> {
    let f = visitor.frame(Section::Archivist);
    let wall = params.p.unwrap_or(1).clamp(1, WALLS_MAX);
    let batch = match params.lot {
        Some(id) => state.catalog.batch(BatchId::from(id)).await?,
        None => None,
    };
    let scopes: Vec<(String, PageScope)> = match &batch {
        Some(batch) => vec![(String::new(), PageScope::Batch(batch.id))],
        None => {
            let boxes = state.catalog.boxes().await?.into_iter();
            let scope = |of: hrisov_catalog::BoxName| (shelf(f.t, &of.fonds, &of.name), PageScope::Box(of));
            boxes.map(scope).collect()
        }
    };
    let skipped = (wall - 1) * WALL_PAGES;
    let wanted: Option<Doubt> = params.motiv.parse().ok();
    let of = batch.as_ref().map(|batch| batch.id);
    let (mut groups, mut tabs) = (Vec::new(), Vec::new());
    let mut seen = 0;
    for (shelf, scope) in scopes {
        let mut pages = state.catalog.doubtful_pages(&scope, &state.thresholds).await?;
        if of.is_some() {
            tabs = tabs_of(f.t, &pages, of, wanted);
        }
        pages.retain_mut(|page| wanted.is_none_or(|wanted| put_first(page, wanted)));
        pages.sort_by_key(|page| Reverse(weight(page)));
        for page in &pages {
            seen += 1;
            if (skipped + 1..=skipped + WALL_PAGES).contains(&seen) {
                hang(f.t, &mut groups, &shelf, page);
            }
        }
        // The boxes behind the wall are not looked through.
        if seen > skipped + WALL_PAGES {
            break;
        }
    }
    let goes_on = seen > skipped + WALL_PAGES && wall < WALLS_MAX;
    let next = wall_address(of, wanted).with("p", wall + 1);
    html(&WallPage {
        back: of.map_or_else(|| "/arhivar".to_owned(), batch_address),
        back_label: match &batch {
            Some(batch) => batch_name(f.t, batch),
            None => f.t.say("archivist"),
        },
        tabs,
        groups,
        next: goes_on.then(|| next.into_string()),
        f,
    })
}

fn wall_address(batch: Option<BatchId>, doubt: Option<Doubt>) -> Address {
    let address = Address::new("/arhivar/pagini").with_all("lot", batch);
    address.with_all("motiv", doubt)
}

/// Every doubt of some pages with their number, and all of them.
fn tabs_of(t: Language, pages: &[DoubtfulPage], of: Option<BatchId>, chosen: Option<Doubt>) -> Vec<TabShown> {
    let has = |page: &&DoubtfulPage, doubt: Doubt| page.doubts.iter().any(|doubted| doubted.doubt == doubt);
    let tab = |doubt: Option<Doubt>| TabShown {
        address: wall_address(of, doubt).into_string(),
        label: doubt.map_or_else(|| t.say("all-doubts"), |doubt| t.say(&format!("doubt-{doubt}"))),
        count: t.number(
            pages
                .iter()
                .filter(|page| doubt.is_none_or(|doubt| has(page, doubt)))
                .count() as u64,
        ),
        is_chosen: doubt == chosen,
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
fn weight(page: &DoubtfulPage) -> (bool, bool, Reverse<Doubt>) {
    let first = page.doubts[0].doubt;
    (first == Doubt::Unreadable, first != Doubt::Blank, Reverse(first))
}

fn hang(t: Language, groups: &mut Vec<Group>, shelf: &str, page: &DoubtfulPage) {
    let reason = t.say(&format!("doubt-{}", page.doubts[0].doubt));
    let shown = PageShown::new(t, page);
    match groups
        .last_mut()
        .filter(|group| group.reason == reason && group.shelf == shelf)
    {
        Some(group) => group.pages.push(shown),
        None => groups.push(Group {
            reason,
            shelf: shelf.to_owned(),
            pages: vec![shown],
        }),
    }
}

impl PageShown {
    fn new(t: Language, doubtful: &DoubtfulPage) -> Self {
        let page = &doubtful.page;
        let name = dossier_name(t, &doubtful.reference, "");
        let remarks = doubtful.doubts.iter().enumerate().filter_map(|(at, doubted)| {
            let about = about(t, doubtful, doubted);
            // The first is the group's heading.
            match (at, about) {
                (0, about) => about,
                (_, None) => Some(t.say(&format!("doubt-{}", doubted.doubt))),
                (_, Some(about)) => Some(format!("{}: {about}", t.say(&format!("doubt-{}", doubted.doubt)))),
            }
        });
        Self {
            id: page.id,
            address: leaf::page_address(page.id, leaf::Way::default()),
            label: format!("{name}, {}", t.with("page-short", "number", doubtful.number)),
            remarks: remarks.collect(),
            file: doubtful.path.clone(),
            has_picture: page.width_px > 0,
        }
    }
}

/// The particulars of a doubt, where there are any.
fn about(t: Language, doubtful: &DoubtfulPage, doubted: &Doubted) -> Option<String> {
    match (doubted.doubt, &doubtful.like, &doubtful.page.state) {
        (Doubt::MayDuplicate, Some(like), _) => {
            let name = dossier_name(t, &like.reference, "");
            let page = t.with("page-short", "number", like.number);
            Some(t.with("looks-like", "page", format!("{name}, {page}")))
        }
        (Doubt::Unreadable, _, PageState::Unreadable { reason, .. }) => {
            Some(t.with("why", "reason", reason_name(t, &reason.to_string())))
        }
        (Doubt::Incomplete, ..) => doubted
            .figure
            .map(|percent| t.with("lost-of-it", "percent", percent.round())),
        (Doubt::LowConfidence, ..) => doubted
            .figure
            .map(|percent| t.with("read-with", "percent", percent.round())),
        _ => in_words(t, doubted),
    }
}

/// What was measured and what is asked for at least or at most, in words.
fn in_words(t: Language, doubted: &Doubted) -> Option<String> {
    let (figure, limit) = (doubted.figure?, doubted.limit?);
    let say = |key: &str, digits: fn(Language, f32) -> String| {
        let values = [("figure", figure.abs()), ("limit", limit)];
        t.with_all(key, values.map(|(name, value)| (name, digits(t, value))))
    };
    let percent = |t: Language, share: f32| t.decimal((100.0 * share).round());
    let whole = |t: Language, figure: f32| t.decimal(figure.round());
    let tenths = |t: Language, figure: f32| t.decimal((10.0 * figure).round() / 10.0);
    Some(match doubted.doubt {
        Doubt::TooDark if figure < limit => say("figure-paper", percent),
        Doubt::TooDark => say("figure-black", percent),
        Doubt::TooFaint => say("figure-contrast", percent),
        Doubt::Blurred => say("figure-sharpness", Language::decimal),
        Doubt::Skewed => say("figure-skew", tenths),
        Doubt::CutOff => t.count("figure-cut", figure as u64),
        // Letters are never that high, resolutions never that low.
        Doubt::LowResolution if limit >= 50.0 => say("figure-dpi", whole),
        Doubt::LowResolution => say("figure-letters", tenths),
        Doubt::LanguageUnexpected => say("figure-foreign", whole),
        Doubt::Incomplete
        | Doubt::Blank
        | Doubt::NearlyBlank
        | Doubt::UpsideDown
        | Doubt::LowConfidence
        | Doubt::NothingRecognised
        | Doubt::MayDuplicate
        | Doubt::Unreadable => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_told_in_words() {
        for (doubt, figure, limit, expected) in [
            (
                Doubt::Skewed,
                -6.24,
                4.0,
                Some("rânduri înclinate cu 6,2°, cel mult 4°"),
            ),
            (
                Doubt::TooDark,
                0.391,
                0.45,
                Some("hârtia are luminozitatea 39 %, cel puțin 45 %"),
            ),
            (
                Doubt::TooDark,
                0.31,
                0.17,
                Some("negru pe 31 % din pagină, cel mult 17 %"),
            ),
            (
                Doubt::CutOff,
                1.0,
                3.0,
                Some("scrisul atinge marginea într-un loc"),
            ),
            (
                Doubt::LowResolution,
                96.0,
                120.0,
                Some("puncte pe inch: 96, cel puțin 120"),
            ),
            (
                Doubt::LowResolution,
                8.31,
                10.5,
                Some("litere înalte de 8,3 pixeli, cel puțin 10,5"),
            ),
            (Doubt::Blank, 0.001, 0.006, None),
        ] {
            let doubted = Doubted {
                doubt,
                figure: Some(figure),
                limit: Some(limit),
            };
            assert_eq!(in_words(Language::Romanian, &doubted).as_deref(), expected);
        }
    }
}
