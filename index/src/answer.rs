//! From a question to its answer: read, widened, evaluated, narrowed, ordered, shown.

use hrisov_model::DossierId;
use tantivy::TantivyError;

use crate::{
    DossierHit, FacetCounts, IndexError, IndexKey, NearMatch, NearReason, PageHit, SearchCursor, SearchHits,
    SearchQuery, Sort,
    cursor::{Detail, Level, Span, UnitCursor},
    evaluate::{Evaluation, RankedDossier, RankedPage},
    facets::{self, Sieve},
    facts::Facts,
    near, page_hit,
    paging::Rank,
    query::{Query, Unit},
    searcher::{description, stored},
    snapshot::{Group, Snapshot},
    spelling,
    stored_page::{Place, StoredPage},
};

/// Where one unit stands on a page.
struct Stands {
    level: Level,
    spans: Vec<Span>,
}

/// Answers a query from one state of the index.
pub(crate) fn answer(
    snapshot: &Snapshot,
    query: &SearchQuery,
    key: &IndexKey,
) -> Result<SearchHits, IndexError> {
    let mut understood = Query::read(&query.text, key);
    spelling::widen(&mut understood.units, snapshot)?;
    near::widen(&mut understood.units, snapshot)?;
    let is_narrowed = !query.filters.is_empty() || understood.years.is_some();
    let needs_facts = is_narrowed || query.facets == FacetCounts::Count || query.sort != Sort::Relevance;
    let facts = needs_facts.then(|| snapshot.facts()).transpose()?;
    let sieve = facts
        .as_ref()
        .map(|facts| Sieve::new(&query.filters, understood.years, facts));
    let passes = |group: Group| match (&facts, &sieve) {
        (Some(facts), Some(sieve)) if is_narrowed => sieve.passes(facts.of(group)),
        _ => true,
    };
    let evaluation = Evaluation::new(snapshot, &understood)?;
    let mut dossiers = match (&evaluation, &facts) {
        (Some(evaluation), _) => evaluation.dossiers(&passes)?,
        (None, Some(facts)) if is_narrowed => browsed(facts),
        _ => return Ok(SearchHits::default()),
    };
    let mut hits = SearchHits::default();
    if let (Some(facts), Some(sieve), FacetCounts::Count) = (&facts, &sieve, query.facets) {
        let groups = dossiers.iter().map(|dossier| dossier.group);
        hits.facets = facets::count(groups, sieve, facts);
    }
    dossiers.retain(|dossier| passes(dossier.group));
    hits.total = dossiers.len() as u64;
    hits.pages_total = dossiers.iter().map(|dossier| dossier.page_hits).sum();
    // Only a dossier without near forms has a score as high as its words are many.
    let sure = understood.required().count_ones() as f32;
    if !dossiers.iter().any(|dossier| dossier.score >= sure) {
        hits.did_you_mean = suggestion(&query.text, &understood, snapshot)?;
    }
    let (wanted, next) = cut(snapshot, dossiers, query, facts.as_deref());
    hits.next = next;
    let groups: Vec<Group> = wanted.iter().map(|dossier| dossier.group).collect();
    let pages = match &evaluation {
        Some(evaluation) => evaluation.pages(&groups, query.pages_per_dossier)?,
        None => vec![Vec::new(); groups.len()],
    };
    for (dossier, pages) in wanted.iter().zip(pages) {
        hits.hits.push(dossier_hit(
            snapshot,
            &understood.units,
            dossier,
            &pages,
            facts.as_deref(),
        )?);
    }
    Ok(hits)
}

/// The pages of one dossier with at least one unit of a query, in their order; of more than `limit` the best.
pub(crate) fn within(
    snapshot: &Snapshot,
    dossier: DossierId,
    text: &str,
    limit: usize,
    key: &IndexKey,
) -> Result<Vec<PageHit>, IndexError> {
    let mut understood = Query::read(text, key);
    spelling::widen(&mut understood.units, snapshot)?;
    near::widen(&mut understood.units, snapshot)?;
    let group = snapshot.dossiers.iter().position(|known| *known == dossier);
    let (Some(group), Some(evaluation)) = (group, Evaluation::new(snapshot, &understood)?) else {
        return Ok(Vec::new());
    };
    let pages = evaluation.pages(&[group as Group], limit)?;
    let mut pages = pages.into_iter().flatten().collect::<Vec<_>>();
    pages.sort_unstable_by_key(|page| page.number);
    pages
        .iter()
        .map(|page| page_hit(snapshot, &understood.units, page))
        .collect()
}

/// Every dossier, where filters alone are asked.
fn browsed(facts: &Facts) -> Vec<RankedDossier> {
    facts
        .groups()
        .map(|group| RankedDossier {
            group,
            score: 0.0,
            page_hits: 0,
        })
        .collect()
}

/// What a dossier is ordered by.
fn rank(dossier: &RankedDossier, sort: Sort, facts: Option<&Facts>) -> Rank {
    let days = facts.map_or((0, 0), |facts| facts.of(dossier.group).days);
    match sort {
        Sort::Relevance => Rank::of_score(dossier.score),
        Sort::Newest => Rank(days.1),
        Sort::Oldest => Rank(if days.0 == 0 { 0 } else { u32::MAX - days.0 }),
    }
}

/// The dossiers asked for, in order, and where the answer goes on; equal ones stand by identifier, so that
/// answers can be repeated.
fn cut(
    snapshot: &Snapshot,
    dossiers: Vec<RankedDossier>,
    query: &SearchQuery,
    facts: Option<&Facts>,
) -> (Vec<RankedDossier>, Option<SearchCursor>) {
    let place = |dossier: &RankedDossier| SearchCursor {
        rank: rank(dossier, query.sort, facts),
        dossier: snapshot.dossiers[dossier.group as usize],
    };
    let order =
        |a: &SearchCursor, b: &SearchCursor| b.rank.cmp(&a.rank).then_with(|| a.dossier.cmp(&b.dossier));
    let mut placed: Vec<(SearchCursor, RankedDossier)> = dossiers
        .into_iter()
        .map(|dossier| (place(&dossier), dossier))
        .filter(|(place, _)| {
            query
                .after
                .as_ref()
                .is_none_or(|after| order(after, place).is_lt())
        })
        .collect();
    let end = query.offset.saturating_add(query.limit);
    let goes_on = end < placed.len();
    if goes_on {
        placed.select_nth_unstable_by(end, |a, b| order(&a.0, &b.0));
        placed.truncate(end);
    }
    placed.sort_unstable_by(|a, b| order(&a.0, &b.0));
    let last = placed.last().map(|(place, _)| *place).filter(|_| goes_on);
    let wanted = placed.split_off(query.offset.min(placed.len()));
    (wanted.into_iter().map(|(_, dossier)| dossier).collect(), last)
}

/// The query with each word that stands nowhere replaced by one that does; `None` where none helps.
fn suggestion(text: &str, query: &Query, snapshot: &Snapshot) -> Result<Option<String>, IndexError> {
    let mut meant = text.to_owned();
    for unit in &query.units {
        let Unit::Word {
            part, exact, stems, ..
        } = unit
        else {
            continue;
        };
        if stems.is_empty() || near::is_known(exact, stems, snapshot)? {
            continue;
        }
        if let Some(form) = near::meant(&exact[0], snapshot)? {
            let shown = shown_form(&form, snapshot)?.unwrap_or(form);
            meant = meant.replace(part.as_str(), &shown);
        }
    }
    Ok((meant != text).then_some(meant))
}

/// A folded word as some page writes it.
fn shown_form(form: &str, snapshot: &Snapshot) -> Result<Option<String>, IndexError> {
    let unit = Unit::Phrase(vec![vec![form.to_owned()]]);
    for (at, segment) in snapshot.segments.iter().enumerate() {
        let cursor = UnitCursor::open(
            &segment.reader,
            snapshot.fields.body,
            &unit,
            Detail::Positions,
            1.0,
        )?;
        let Some(mut cursor) = cursor else { continue };
        while cursor.doc() != tantivy::TERMINATED {
            let doc = cursor.doc();
            if !segment.reader.is_deleted(doc) {
                let page = StoredPage::decode(&stored(snapshot, at, doc)?)?;
                let texts = page_hit::texts_at(&page, &page.places(), &cursor.spans());
                let clean = |text: String| text.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
                return Ok(texts
                    .into_iter()
                    .next()
                    .map(clean)
                    .filter(|text| !text.is_empty()));
            }
            cursor.advance();
        }
    }
    Ok(None)
}

fn dossier_hit(
    snapshot: &Snapshot,
    units: &[Unit],
    ranked: &RankedDossier,
    pages: &[RankedPage],
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
        pages: pages
            .iter()
            .map(|page| page_hit(snapshot, units, page))
            .collect::<Result<_, _>>()?,
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

fn page_hit(snapshot: &Snapshot, units: &[Unit], ranked: &RankedPage) -> Result<PageHit, IndexError> {
    let page = StoredPage::decode(&stored(snapshot, ranked.segment, ranked.doc)?)?;
    let places = page.places();
    let mut spans = Vec::with_capacity(units.len());
    let mut near = Vec::new();
    for unit in units {
        let stands = stands(snapshot, unit, ranked)?;
        if stands.level == Level::Near {
            near.extend(near_matches(unit, &page, &places, &stands.spans));
        }
        spans.push(stands.spans);
    }
    Ok(PageHit {
        page: ranked.number,
        page_id: page.id,
        score: ranked.score,
        snippet: page_hit::snippet(&page, &places, &spans),
        boxes: page_hit::boxes(&page, &places, &spans),
        near,
    })
}

/// Where and how a unit stands on a page.
fn stands(snapshot: &Snapshot, unit: &Unit, page: &RankedPage) -> Result<Stands, TantivyError> {
    let reader = &snapshot.segments[page.segment].reader;
    let cursor = UnitCursor::open(reader, snapshot.fields.body, unit, Detail::Positions, 1.0)?;
    let mut stands = Stands {
        level: Level::Loose,
        spans: Vec::new(),
    };
    if let Some(mut cursor) = cursor
        && cursor.seek(page.doc) == page.doc
    {
        stands.level = cursor.standing().level;
        stands.spans = cursor.spans();
    }
    Ok(stands)
}

/// What stands on the page for a unit that is not there itself.
fn near_matches(unit: &Unit, page: &StoredPage, places: &[Place], spans: &[Span]) -> Vec<NearMatch> {
    let (asked, is_word) = match unit {
        Unit::Word { part, .. } => (part.as_str(), true),
        Unit::Typed(typed) => (typed.text.as_str(), false),
        Unit::Phrase(_) | Unit::Identifier { .. } => return Vec::new(),
    };
    let is_initial = |text: &str| text.chars().filter(|letter| letter.is_alphabetic()).count() == 1;
    let found = page_hit::texts_at(page, places, spans).into_iter();
    found
        .map(|found| NearMatch {
            asked: asked.to_owned(),
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
