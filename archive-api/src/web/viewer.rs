//! A page of a dossier: the scan with its hits, the text beside it, the strip of pages.

use std::collections::HashSet;

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use hrisov_catalog::HeldDossier;
use hrisov_index::PageHit;
use hrisov_model::{Apart, DossierDescription, DossierId, FileRecord, PageId, PageState, PageText, Rect};
use hrisov_store::dossier::DossierObject;
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Visitor,
    about::about,
    archivist::{CONFIDENCE_DOUBTFUL_PERCENT, reason_name},
    frame::{Frame, Section},
    html,
    leaf::{self, LineShown, NumberedHit, PageStrip, StripPage, Way},
    messages::Language,
    narrowing::{self, Asked},
    results::{dossier_address, dossier_name, near_reasons, shelf},
};
use crate::{
    ApiState,
    error::ApiError,
    extract::{Path, Query},
    links,
    pages::HeldPage,
    texts,
};

/// Pages of a dossier whose hits are numbered.
const HIT_PAGES_MAX: usize = 1_000;
/// Dossiers that are listed of a divided stack.
const PARTS_MAX: usize = 500;
/// Letters of a fingerprint that a printed page bears.
const SHORT_DIGEST: usize = 12;

#[derive(Debug, Deserialize)]
pub(crate) struct PageParams {
    /// What was searched for.
    #[serde(default, deserialize_with = "narrowing::words")]
    q: String,
    /// What the results were narrowed by, for the way back to them.
    #[serde(default, deserialize_with = "narrowing::words")]
    filtre: String,
    /// Which page of the dossier is wanted, by its number.
    #[serde(default)]
    pagina: Option<u32>,
    /// Which hit is the current one, by its number in the dossier.
    #[serde(default)]
    aparitia: Option<u32>,
}

#[derive(Template)]
#[template(path = "page.html")]
struct ViewerPage {
    f: Frame,
    q: String,
    narrowing: String,
    back: String,
    id: PageId,
    dossier: DossierId,
    name: String,
    place: String,
    number: u32,
    page_of: String,
    width_px: u32,
    height_px: u32,
    has_picture: bool,
    /// Degrees clockwise by which the picture is turned for its text to stand upright.
    turned: u16,
    remark: String,
    hits: Steps,
    boxes: Vec<BoxShown>,
    near: Vec<String>,
    lines: Vec<LineShown>,
    pages: u32,
    strip: Vec<StripPage>,
    strip_before: Option<String>,
    strip_after: Option<String>,
    previous: Option<String>,
    next: Option<String>,
    pages_hint: String,
    details: Vec<(String, String)>,
    digest: Option<String>,
    original: Option<String>,
    proof: Option<String>,
    has_text: bool,
    print_line: String,
}

/// A dossier without pages, such as one whose only file is in quarantine.
#[derive(Template)]
#[template(path = "pageless.html")]
struct PagelessPage {
    f: Frame,
    name: String,
    place: String,
    details: Vec<(String, String)>,
    files: Vec<FileShown>,
    /// The dossiers that a stack was divided into, with their addresses.
    parts: Vec<(String, String)>,
}

/// A file that was received for a dossier.
#[derive(Debug)]
struct FileShown {
    name: String,
    state: String,
    address: String,
}

/// A hit on the page that is shown.
#[derive(Debug)]
struct BoxShown {
    number: u32,
    rect: Rect,
    is_current: bool,
}

/// The way from hit to hit.
#[derive(Debug, Default)]
struct Steps {
    total: usize,
    /// 0 where none is on this page.
    current: u32,
    label: String,
    previous: Option<String>,
    next: Option<String>,
}

/// What the store gave of a page.
#[derive(Default)]
struct Leaf {
    text: Option<PageText>,
    /// Whether there is a picture to show.
    has_picture: bool,
    /// Whether a log speaks for its file.
    is_provable: bool,
    /// What is to be said about it.
    remarks: Vec<String>,
}

impl PageParams {
    fn way(&self) -> Way<'_> {
        Way {
            q: &self.q,
            narrowing: &self.filtre,
        }
    }
}

/// Leads to the page of a dossier that is wanted, else to its best one for what was searched for, else to its first.
pub(crate) async fn dossier(
    State(state): State<ApiState>,
    Path(id): Path<Uuid>,
    visitor: Visitor,
    Query(params): Query<PageParams>,
) -> Result<Response, ApiError> {
    let held = held(&state, DossierId::from(id)).await?;
    let pages = &held.description.pages;
    // A number beyond the last one is the last.
    let wanted = params
        .pagina
        .and_then(|number| pages.get(number.max(1) as usize - 1).or(pages.last()));
    let hits = match params.q.trim().is_empty() || wanted.is_some() {
        true => Vec::new(),
        false => {
            let text = params.q.clone();
            state
                .searches
                .within(held.description.id, text, HIT_PAGES_MAX)
                .await?
        }
    };
    let best = hits
        .iter()
        .max_by(|a, b| a.score.total_cmp(&b.score).then(b.page.cmp(&a.page)));
    let page = wanted
        .map(|wanted| wanted.id)
        .or(best.map(|best| best.page_id))
        .or(pages.first().map(|page| page.id));
    let Some(page) = page else {
        let frame = visitor.frame(Section::Search);
        let parts = parts(&state, frame.t, &held.description).await?;
        return html(&pageless(frame, &held.description, parts));
    };
    let address = HeaderValue::try_from(leaf::page_address(page, params.way()));
    let address = address.expect("an escaped address forms a header");
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response())
}

/// The dossiers into which a stack was divided: name and address of each, in order.
async fn parts(
    state: &ApiState,
    t: Language,
    stack: &DossierDescription,
) -> Result<Vec<(String, String)>, ApiError> {
    let mut seen = HashSet::new();
    let dossiers = stack.apart.iter().filter_map(|page| match page.apart {
        Apart::Part { dossier } => seen.insert(dossier).then_some(dossier),
        Apart::Sheet(_) | Apart::SheetBack => None,
    });
    let mut parts = Vec::new();
    for dossier in dossiers.take(PARTS_MAX) {
        let part = held(state, dossier).await?.description;
        let name = dossier_name(t, &part.reference, &part.title);
        parts.push((name, dossier_address(dossier, Way::default())));
    }
    Ok(parts)
}

/// What is shown of a dossier of which nothing can be shown.
fn pageless(f: Frame, description: &DossierDescription, parts: Vec<(String, String)>) -> PagelessPage {
    let t = f.t;
    let file = |file: &FileRecord| FileShown {
        name: file.source_path.clone(),
        state: t.say(&format!("state-{}", file.state.name())),
        address: links::file(file.id),
    };
    PagelessPage {
        name: dossier_name(t, &description.reference, &description.title),
        place: shelf(t, &description.fonds, &description.box_name),
        details: about(t, description),
        files: description.files.iter().map(file).collect(),
        parts,
        f,
    }
}

/// Shows a page.
pub(crate) async fn page(
    State(state): State<ApiState>,
    visitor: Visitor,
    Path(id): Path<Uuid>,
    Query(params): Query<PageParams>,
) -> Result<Response, ApiError> {
    let page = HeldPage::find(&state.catalog, id).await?;
    let held = held(&state, page.dossier).await?;
    let found = match params.q.trim().is_empty() {
        true => Vec::new(),
        false => {
            state
                .searches
                .within(page.dossier, params.q.clone(), HIT_PAGES_MAX)
                .await?
        }
    };
    let file = held.description.file(page.record.file).cloned();
    let frame = visitor.frame(Section::Search);
    let leaf = read(&state, frame.t, &page, file.as_ref()).await?;
    html(&view(
        frame,
        &page,
        &held.description,
        file.as_ref(),
        leaf,
        &found,
        params,
    ))
}

async fn held(state: &ApiState, id: DossierId) -> Result<HeldDossier, ApiError> {
    let held = state.catalog.dossier(id).await?;
    held.ok_or(ApiError::Unknown { what: "dossier" })
}

/// Text and state of the page. What the store lacks is said, and all else is shown.
async fn read(
    state: &ApiState,
    t: Language,
    page: &HeldPage,
    file: Option<&FileRecord>,
) -> Result<Leaf, ApiError> {
    let mut leaf = Leaf::default();
    leaf.remarks.extend(remark(t, page));
    leaf.is_provable = !state.log_keys.is_empty();
    let object = match texts::object(state, page).await {
        Ok(object) => object,
        Err(ApiError::Damaged(_)) => {
            leaf.remarks.push(t.say("picture-missing"));
            return Ok(leaf);
        }
        Err(other) => return Err(other),
    };
    leaf.has_picture = page.record.width_px > 0 && page.record.height_px > 0;
    if leaf.has_picture && !has_master(state, &object, file).await? {
        leaf.has_picture = false;
        leaf.remarks.push(t.say("picture-missing"));
    }
    if page.record.text_digest.is_some() {
        match object.page_text(&page.record).await {
            Ok(text) => leaf.text = text,
            Err(error) => {
                tracing::warn!(%error, "a page is shown without its text");
                leaf.remarks.push(t.say("text-missing"));
            }
        }
    }
    Ok(leaf)
}

async fn has_master(
    state: &ApiState,
    object: &DossierObject,
    file: Option<&FileRecord>,
) -> Result<bool, ApiError> {
    let Some(file) = file else { return Ok(false) };
    match object.master_key(file).await? {
        Some(key) => Ok(state.root.blobs().head(&key).await?.is_some()),
        None => Ok(false),
    }
}

fn view(
    f: Frame,
    page: &HeldPage,
    description: &DossierDescription,
    file: Option<&FileRecord>,
    leaf: Leaf,
    found: &[PageHit],
    params: PageParams,
) -> ViewerPage {
    let t = f.t;
    let record = &page.record;
    let name = dossier_name(t, &description.reference, &description.title);
    let numbered = leaf::numbered(found);
    let own: Vec<&NumberedHit> = numbered.iter().filter(|hit| hit.page == record.id).collect();
    let wanted = own.iter().find(|hit| Some(hit.number) == params.aparitia);
    let best = own.iter().find(|hit| hit.is_best);
    let current = wanted.or(best).or(own.first()).map_or(0, |hit| hit.number);
    let mut strip = PageStrip::around(description, page.number, params.way(), &numbered);
    if let Some(here) = strip.pages.iter_mut().find(|page| page.is_here) {
        here.has_picture = leaf.has_picture;
    }
    let neighbour = |number: Option<u32>| {
        let page = description.page_number(number?)?;
        Some(leaf::page_address(page.id, params.way()))
    };
    let digest = file.map(|file| file.digest.to_string());
    let here = found.iter().find(|hit| hit.page_id == record.id);
    ViewerPage {
        back: Asked::way_back(&params.q, &params.filtre),
        id: record.id,
        dossier: description.id,
        place: shelf(t, &description.fonds, &description.box_name),
        number: page.number,
        page_of: t.with_all(
            "page-of",
            [
                ("number", page.number.to_string()),
                ("total", t.number(description.pages.len() as u64)),
            ],
        ),
        width_px: record.width_px,
        height_px: record.height_px,
        has_picture: leaf.has_picture,
        turned: leaf
            .text
            .as_ref()
            .map_or(0, |text| text.processing.rotation.into()),
        remark: leaf.remarks.join(" "),
        hits: steps(t, &numbered, current, page.number, params.way()),
        boxes: own
            .iter()
            .map(|hit| BoxShown {
                number: hit.number,
                rect: hit.rect,
                is_current: hit.number == current,
            })
            .collect(),
        near: here.map_or_else(Vec::new, |hit| near_reasons(t, &hit.near)),
        lines: leaf
            .text
            .as_ref()
            .map_or_else(Vec::new, |text| leaf::lines(text, &own, current)),
        pages: description.pages.len() as u32,
        strip: strip.pages,
        strip_before: strip.before,
        strip_after: strip.after,
        previous: neighbour(page.number.checked_sub(1)),
        next: neighbour(page.number.checked_add(1)),
        pages_hint: t.with(
            "pages-wanted-hint",
            "pages",
            t.count("pages", description.pages.len() as u64),
        ),
        details: details(t, page, description, file),
        original: file.map(|file| links::file(file.id)),
        proof: leaf
            .is_provable
            .then(|| links::page_part(page.record.id, "proof")),
        has_text: record.text_digest.is_some(),
        print_line: print_line(t, &name, page.number, digest.as_deref().unwrap_or_default()),
        digest,
        name,
        q: params.q,
        narrowing: params.filtre,
        f,
    }
}

/// The line under a printed page: what it is, when it was printed, of which bytes.
pub(crate) fn print_line(t: Language, name: &str, number: u32, digest: &str) -> String {
    t.with_all(
        "print-line",
        [
            ("name", name.to_owned()),
            ("number", number.to_string()),
            ("date", t.day(Timestamp::now())),
            ("digest", digest.chars().take(SHORT_DIGEST).collect()),
        ],
    )
}

fn steps(t: Language, hits: &[NumberedHit], current: u32, page: u32, way: Way<'_>) -> Steps {
    let here = hits.iter().position(|hit| hit.number == current);
    // From a page without hits the way leads to those before and after it.
    let previous = match here {
        Some(at) => hits[..at].last(),
        None => hits.iter().rfind(|hit| hit.page_number < page),
    };
    let next = match here {
        Some(at) => hits.get(at + 1),
        None => hits.iter().find(|hit| hit.page_number > page),
    };
    let total = hits.len() as u64;
    Steps {
        total: hits.len(),
        current,
        label: match here {
            Some(_) => t.with_all(
                "hit-of",
                [("number", current.to_string()), ("total", total.to_string())],
            ),
            None => t.count("hits-on-other-pages", total),
        },
        previous: previous.map(|hit| leaf::hit_address(hit, way)),
        next: next.map(|hit| leaf::hit_address(hit, way)),
    }
}

/// What is to be said about a page; nothing where all is well.
fn remark(t: Language, page: &HeldPage) -> Option<String> {
    match (&page.record.state, page.record.confidence_percent) {
        (PageState::Recognised, Some(percent)) if percent < CONFIDENCE_DOUBTFUL_PERCENT => {
            Some(t.with("page-doubtful", "percent", percent))
        }
        (PageState::Recognised, _) => None,
        (PageState::Waiting, _) => Some(t.say("page-waiting")),
        (PageState::Blank, _) => Some(t.say("page-blank")),
        (PageState::Unreadable { reason, .. }, _) => {
            let reason = reason_name(t, &reason.to_string());
            Some(t.with("page-unreadable", "reason", reason))
        }
    }
}

fn details(
    t: Language,
    page: &HeldPage,
    description: &DossierDescription,
    file: Option<&FileRecord>,
) -> Vec<(String, String)> {
    let mut details = about(t, description);
    if let Some(file) = file {
        details.push((t.say("file-name"), file.source_path.clone()));
        details.push((t.say("file-size"), t.size(file.size_bytes)));
        details.push((t.say("received-at"), t.time(file.received_at)));
    }
    let resolution = page
        .record
        .dpi
        .map(|dpi| t.count("resolution-dpi", u64::from(dpi)));
    details.extend(resolution.map(|text| (t.say("resolution"), text)));
    let confidence = page.record.confidence_percent;
    details.extend(confidence.map(|percent| (t.say("confidence"), t.with("percent", "number", percent))));
    details
}
