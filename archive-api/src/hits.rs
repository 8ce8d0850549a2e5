//! What a search answers: the same JSON as `hrisov search --json`, with links.

use hrisov_index::{
    Completion, CompletionKind, DossierHit, Facet, FacetField, NearMatch, NearReason, PageHit, SearchHits,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    links,
    views::{NextLink, RectView},
};

/// Dossiers in which every word of the query occurs, best first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SearchAnswer {
    /// All dossiers that were found.
    total: u64,
    /// Pages of those dossiers with at least one word of the query.
    pages_total: u64,
    /// The dossiers asked for.
    hits: Vec<DossierHitView>,
    /// With the first of few dossiers, those that lack one word of the query: it may have been misread beyond knowing.
    /// Best first; not counted in `total`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    partial: Vec<DossierHitView>,
    /// What the dossiers found can be narrowed by, where it was asked for; each facet as if its own filter were not
    /// set, none without a value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    facets: Vec<FacetView>,
    /// The query as it was perhaps meant, where no dossier holds all its words but by likeness.
    #[serde(skip_serializing_if = "Option::is_none")]
    did_you_mean: Option<String>,
    /// What to give as `after` for the dossiers that follow; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// Where the answer goes on.
    pub(crate) links: NextLink,
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
    /// Pages of the dossier, read or not.
    page_count: u32,
    /// Pages of the dossier that could not be read.
    unreadable_pages: u32,
    /// First and last year of the dossier as described, or else of the dates on it; absent where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    years: Option<[u16; 2]>,
    /// Words of the query that it lacks; a personal number is an empty one. Absent where it has all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<String>,
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
    /// Which of the boxes is the best hit, counted from 0: the one that the snippet is of. 0 where there is none.
    best: usize,
    /// Words of the query that stand here only by likeness.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    near: Vec<NearView>,
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

/// A word that was found by likeness.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NearMatch)]
pub(crate) struct NearView {
    /// The word of the query; empty for a personal number.
    asked: String,
    /// What was read on the page; a personal number as dots.
    found: String,
    /// Why it may be the same.
    reason: NearReasonName,
}

/// Why something read may be what was asked for.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = NearReason)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NearReasonName {
    /// It looks alike.
    LooksAlike,
    /// An initial stands for the name.
    Initial,
    /// A number with letters or digits that look like others, or one digit changed so that the check digit holds.
    DoubtfulDigit,
}

/// One thing to narrow by.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Facet)]
pub(crate) struct FacetView {
    /// What it is.
    field: FacetName,
    /// Values: years from the newest on, others from the most frequent; at most fifty.
    values: Vec<FacetValueView>,
}

/// What dossiers are narrowed by; the parameter of the same name takes its values (`year`: `from` and `to`).
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = FacetField)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FacetName {
    /// Code of the fonds.
    Fonds,
    /// Department.
    Department,
    /// Year of four digits.
    Year,
    /// Kind of document.
    Kind,
    /// Name of the box.
    Box,
    /// How well the dossier could be read.
    Quality,
}

/// A value and how many of the dossiers found have it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FacetValue)]
pub(crate) struct FacetValueView {
    /// The value.
    value: String,
    /// Dossiers.
    count: u64,
}

/// What begins with the text typed so far.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Completions {
    /// References, then names, then streets; each kind from the most frequent on.
    completions: Vec<CompletionView>,
}

/// Something that begins with what was typed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Completion)]
pub(crate) struct CompletionView {
    /// The text to search for.
    text: String,
    /// What it is.
    kind: CompletionKindName,
    /// Pages (for references: dossiers) that have it.
    count: u64,
}

/// What a completion is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = CompletionKind)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CompletionKindName {
    /// Reference of a dossier.
    Reference,
    /// A person's name as some page has it.
    Name,
    /// A street.
    Street,
}

impl From<SearchHits> for SearchAnswer {
    fn from(hits: SearchHits) -> Self {
        Self {
            total: hits.total,
            pages_total: hits.pages_total,
            hits: hits.hits.into_iter().map(DossierHitView::from).collect(),
            partial: hits.partial.into_iter().map(DossierHitView::from).collect(),
            facets: hits.facets.into_iter().map(FacetView::from).collect(),
            did_you_mean: hits.did_you_mean,
            next: hits.next.map(|next| next.to_string()),
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
            page_count: hit.page_count,
            unreadable_pages: hit.unreadable_pages,
            years: hit.years.map(|(first, last)| [first, last]),
            missing: hit.missing,
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
            best: hit.best,
            near: hit.near.into_iter().map(NearView::from).collect(),
            links: PageHitLinks {
                page: links::page(hit.page_id),
                image: links::page_part(hit.page_id, "image"),
                text: links::page_part(hit.page_id, "text"),
            },
        }
    }
}

impl From<NearMatch> for NearView {
    fn from(near: NearMatch) -> Self {
        Self {
            asked: near.asked,
            found: near.found,
            reason: match near.reason {
                NearReason::LooksAlike => NearReasonName::LooksAlike,
                NearReason::Initial => NearReasonName::Initial,
                NearReason::DoubtfulDigit => NearReasonName::DoubtfulDigit,
            },
        }
    }
}

impl From<Facet> for FacetView {
    fn from(facet: Facet) -> Self {
        let values = facet.values.into_iter().map(|value| FacetValueView {
            value: value.value,
            count: value.count,
        });
        Self {
            field: match facet.field {
                FacetField::Fonds => FacetName::Fonds,
                FacetField::Department => FacetName::Department,
                FacetField::Year => FacetName::Year,
                FacetField::Kind => FacetName::Kind,
                FacetField::Box => FacetName::Box,
                FacetField::Quality => FacetName::Quality,
            },
            values: values.collect(),
        }
    }
}

impl From<Vec<Completion>> for Completions {
    fn from(found: Vec<Completion>) -> Self {
        let view = |completion: Completion| CompletionView {
            text: completion.text,
            kind: match completion.kind {
                CompletionKind::Reference => CompletionKindName::Reference,
                CompletionKind::Name => CompletionKindName::Name,
                CompletionKind::Street => CompletionKindName::Street,
            },
            count: completion.count,
        };
        Self {
            completions: found.into_iter().map(view).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use hrisov_index::{FacetValue, SearchCursor};
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
            best: 0,
            contexts: Vec::new(),
            near: vec![NearMatch {
                asked: "Morii".to_owned(),
                found: "Morn".to_owned(),
                reason: NearReason::LooksAlike,
            }],
        };
        let hit = DossierHit {
            dossier: DossierId::random(),
            reference: "17".to_owned(),
            title: "Acte".to_owned(),
            box_name: "4".to_owned(),
            fonds: "PMB".to_owned(),
            score: 2.5,
            page_hits: 6,
            page_count: 46,
            unreadable_pages: 3,
            years: Some((1978, 1979)),
            missing: Vec::new(),
            pages: vec![page],
        };
        let lacking = DossierHit {
            missing: vec!["Popescu".to_owned()],
            ..hit.clone()
        };
        let hits = SearchHits {
            total: 12,
            pages_total: 31,
            hits: vec![hit],
            partial: vec![lacking],
            facets: vec![Facet {
                field: FacetField::Quality,
                values: vec![FacetValue {
                    value: "doubtful".to_owned(),
                    count: 2,
                }],
            }],
            did_you_mean: Some("morii".to_owned()),
            next: Some("0".repeat(40).parse::<SearchCursor>().unwrap()),
        };
        let mut answer = serde_json::to_value(SearchAnswer::from(hits.clone())).unwrap();
        without_links(&mut answer);
        assert_eq!(answer, serde_json::to_value(hits).unwrap());
    }
}
