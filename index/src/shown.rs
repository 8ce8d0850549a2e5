//! The dossiers and pages asked for, as they are shown: description, snippet, boxes, why they were found.

use rayon::prelude::*;

use crate::{
    DossierHit, IndexError, NearMatch, NearReason, PageHit, analyser,
    cursor::{Detail, Level, Span, UnitCursor},
    evaluate::{Evaluation, RankedDossier, RankedPage},
    facts::Facts,
    page_hit,
    query::Unit,
    searcher::{description, stored},
    snapshot::Snapshot,
    stored_page::{Place, StoredPage},
};

/// Words from a street's word to the rest of its name, at most.
const STREET_REACH: u32 = 3;

/// A dossier with its pages.
pub(crate) fn dossier_hit(
    snapshot: &Snapshot,
    ranked: &RankedDossier,
    pages: Vec<PageHit>,
    facts: Option<&Facts>,
) -> Result<DossierHit, IndexError> {
    let dossier = snapshot.dossiers[ranked.group as usize];
    let described = description(snapshot, dossier)?;
    let mut hit = DossierHit {
        dossier,
        reference: String::new(),
        title: String::new(),
        box_name: String::new(),
        fonds: String::new(),
        score: ranked.score,
        page_hits: ranked.page_hits,
        page_count: 0,
        unreadable_pages: 0,
        years: facts.and_then(|facts| facts.of(ranked.group).year_span()),
        missing: Vec::new(),
        pages,
    };
    if let Some(stored) = described {
        hit.reference = stored.reference;
        hit.title = stored.title;
        hit.box_name = stored.box_name;
        hit.fonds = stored.fonds;
        hit.page_count = stored.page_count;
        hit.unreadable_pages = stored.unreadable_pages;
    }
    Ok(hit)
}

/// The hits on some pages, in their order. Segment by segment each list is walked once for all of them.
pub(crate) fn page_hits(
    evaluation: &Evaluation<'_>,
    units: &[Unit],
    pages: &[RankedPage],
) -> Result<Vec<PageHit>, IndexError> {
    let mut order: Vec<usize> = (0..pages.len()).collect();
    order.sort_unstable_by_key(|&at| (pages[at].segment, pages[at].doc));
    let of_segments: Vec<&[usize]> = order
        .chunk_by(|&a, &b| pages[a].segment == pages[b].segment)
        .collect();
    let shown = |of_segment: &&[usize]| -> Result<Vec<(usize, PageHit)>, IndexError> {
        let mut cursors = evaluation.page_cursors(pages[of_segment[0]].segment, Detail::Positions)?;
        let hit = |&at: &usize| Ok((at, page_hit(evaluation, units, &mut cursors, &pages[at])?));
        of_segment.iter().map(hit).collect()
    };
    let hits = of_segments.par_iter().map(shown).collect::<Result<Vec<_>, _>>()?;
    let mut hits = hits.concat();
    hits.sort_unstable_by_key(|(at, _)| *at);
    Ok(hits.into_iter().map(|(_, hit)| hit).collect())
}

/// `cursors` has one for each unit that its segment may hold.
fn page_hit(
    evaluation: &Evaluation<'_>,
    units: &[Unit],
    cursors: &mut [Option<UnitCursor>],
    ranked: &RankedPage,
) -> Result<PageHit, IndexError> {
    let page = StoredPage::decode(&stored(evaluation.snapshot, ranked.segment, ranked.doc)?)?;
    let places = page.places();
    let mut spans = Vec::with_capacity(units.len());
    let mut near = Vec::new();
    for (unit, cursor) in units.iter().zip(cursors) {
        let mut of_unit = Vec::new();
        if let Some(cursor) = cursor
            && cursor.seek(ranked.doc) == ranked.doc
        {
            of_unit = cursor.spans();
            if cursor.level() == Level::Near {
                near.extend(near_matches(unit, &page, &places, &of_unit));
            }
        }
        spans.push(of_unit);
    }
    leave_other_streets(units, &mut spans);
    let shown = page_hit::shown(&page, &places, &spans, evaluation.weights());
    Ok(PageHit {
        page: ranked.number,
        page_id: page.id,
        score: ranked.score,
        snippet: shown.snippet,
        boxes: shown.boxes,
        best: shown.best,
        contexts: shown.contexts,
        near,
    })
}

/// Of a word such as `str.`, which stands before every street, only the places beside another hit; all where none is.
fn leave_other_streets(units: &[Unit], spans: &mut [Vec<Span>]) {
    for at in 0..units.len() {
        let Unit::Word { part, .. } = &units[at] else {
            continue;
        };
        if !analyser::is_street_word(&analyser::plain(part)) {
            continue;
        }
        let others = spans.iter().enumerate().filter(|(other, _)| *other != at);
        let others: Vec<Span> = others.flat_map(|(_, spans)| spans.iter().copied()).collect();
        // The name follows the word.
        let is_beside = |span: &&Span| {
            let follows = |other: &Span| (span.1 + 1..=span.1 + STREET_REACH).contains(&other.0);
            others.iter().any(follows)
        };
        let beside: Vec<Span> = spans[at].iter().filter(is_beside).copied().collect();
        if !beside.is_empty() {
            spans[at] = beside;
        }
    }
}

/// What stands on the page for a unit that is not there itself.
fn near_matches(unit: &Unit, page: &StoredPage, places: &[Place], spans: &[Span]) -> Vec<NearMatch> {
    let is_word = match unit {
        Unit::Word { .. } | Unit::Phrase { .. } => true,
        Unit::Typed(_) => false,
        Unit::Identifier { .. } => return Vec::new(),
    };
    let is_initial = |text: &str| text.chars().filter(|letter| letter.is_alphabetic()).count() == 1;
    let found = page_hit::texts_at(page, places, spans).into_iter();
    found
        .map(|found| NearMatch {
            asked: unit.as_typed().to_owned(),
            reason: match (is_word, is_initial(&found)) {
                (true, true) => NearReason::Initial,
                (true, false) => NearReason::LooksAlike,
                (false, _) => NearReason::DoubtfulDigit,
            },
            found: found
                .trim_matches(|c: char| !c.is_alphanumeric() && c != '•')
                .to_owned(),
        })
        .collect()
}
