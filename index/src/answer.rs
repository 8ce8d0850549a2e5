//! From a question to its answer: read, widened, evaluated, narrowed, ordered, shown.

use hrisov_model::DossierId;

use crate::{
    DossierHit, FacetCounts, IndexError, IndexKey, PageHit, SearchCursor, SearchHits, SearchQuery, Sort,
    cursor::{Detail, UnitCursor},
    evaluate::{Evaluation, Listed, RankedDossier, RankedPage},
    facets::{self, Sieve},
    facts::Facts,
    near::{self, Neighbours},
    page_hit,
    paging::Rank,
    query::{PhrasePart, Query, Unit},
    searcher::stored,
    shown,
    snapshot::{Group, Snapshot},
    spelling,
    stored_page::StoredPage,
};

/// Where fewer dossiers hold every word, those that lack one follow, up to so many together.
const FEW_DOSSIERS: usize = 10;

/// Answers a query from one state of the index.
pub(crate) fn answer(
    snapshot: &Snapshot,
    query: &SearchQuery,
    key: &IndexKey,
) -> Result<SearchHits, IndexError> {
    let understood = widened(Query::read(&query.text, key), snapshot)?;
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
    let room = FEW_DOSSIERS.saturating_sub(dossiers.len()).min(query.limit);
    if let Some(evaluation) = &evaluation
        && room > 0
        && query.after.is_none()
        && query.offset == 0
    {
        let known: Vec<Group> = dossiers.iter().map(|dossier| dossier.group).collect();
        let best = SearchQuery {
            limit: room,
            sort: Sort::Relevance,
            ..query.clone()
        };
        let is_new = |group: Group| passes(group) && !known.contains(&group);
        hits.partial = partial((evaluation, &understood), key, &best, facts.as_deref(), &is_new)?;
    }
    let (wanted, next) = cut(snapshot, dossiers, query, facts.as_deref());
    hits.next = next;
    hits.hits = match &evaluation {
        Some(evaluation) => shown(evaluation, &understood, &wanted, query, facts.as_deref())?,
        None => {
            let bare = |dossier| shown::dossier_hit(snapshot, dossier, Vec::new(), facts.as_deref());
            wanted.iter().map(bare).collect::<Result<_, _>>()?
        }
    };
    Ok(hits)
}

/// A query with what may stand for its words in the index.
fn widened(mut query: Query, snapshot: &Snapshot) -> Result<Query, IndexError> {
    spelling::widen(&mut query.units, snapshot)?;
    Neighbours::new(snapshot).widen(&mut query.units)?;
    Ok(query)
}

/// The best of the dossiers that lack one word, or have what was asked for together apart.
fn partial(
    (evaluation, understood): (&Evaluation<'_>, &Query),
    key: &IndexKey,
    query: &SearchQuery,
    facts: Option<&Facts>,
    is_wanted: &(dyn Fn(Group) -> bool + Sync),
) -> Result<Vec<DossierHit>, IndexError> {
    let Some(loose) = understood.loosened(key) else {
        return nearly_whole(evaluation, understood, query, facts, is_wanted);
    };
    let loose = widened(loose, evaluation.snapshot)?;
    let Some(evaluation) = Evaluation::new(evaluation.snapshot, &loose)? else {
        return Ok(Vec::new());
    };
    let mut hits = nearly_whole(&evaluation, &loose, query, facts, is_wanted)?;
    for hit in hits.iter_mut().filter(|hit| hit.missing.is_empty()) {
        let units = understood.units.iter();
        let together = units.filter(|unit| unit.loosened(key).is_some());
        hit.missing = together.map(|unit| unit.as_typed().to_owned()).collect();
    }
    Ok(hits)
}

/// Dossiers with at most one word missing, the best ones.
fn nearly_whole(
    evaluation: &Evaluation<'_>,
    understood: &Query,
    query: &SearchQuery,
    facts: Option<&Facts>,
    is_wanted: &(dyn Fn(Group) -> bool + Sync),
) -> Result<Vec<DossierHit>, IndexError> {
    let mut dossiers = evaluation.nearly_whole(is_wanted)?;
    dossiers.retain(|dossier| is_wanted(dossier.group));
    let (wanted, _) = cut(evaluation.snapshot, dossiers, query, None);
    shown(evaluation, understood, &wanted, query, facts)
}

/// Dossiers with their best pages.
fn shown(
    evaluation: &Evaluation<'_>,
    understood: &Query,
    wanted: &[RankedDossier],
    query: &SearchQuery,
    facts: Option<&Facts>,
) -> Result<Vec<DossierHit>, IndexError> {
    let groups: Vec<Group> = wanted.iter().map(|dossier| dossier.group).collect();
    let pages = evaluation.pages(&groups, Listed::Telling, query.pages_per_dossier)?;
    let mut shown = shown::page_hits(evaluation, &understood.units, &pages.concat())?.into_iter();
    let hit = |(dossier, pages): (&RankedDossier, Vec<RankedPage>)| {
        let pages = shown.by_ref().take(pages.len()).collect();
        let mut hit = shown::dossier_hit(evaluation.snapshot, dossier, pages, facts)?;
        hit.missing = words_of(&understood.units, dossier.missing);
        Ok(hit)
    };
    wanted.iter().zip(pages).map(hit).collect()
}

/// The units of some bits, as they were typed.
fn words_of(units: &[Unit], bits: u64) -> Vec<String> {
    let of_bits = units.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1);
    of_bits.map(|(_, unit)| unit.as_typed().to_owned()).collect()
}

/// The pages of one dossier with at least one unit of a query, in their order; of more than `limit` the best.
pub(crate) fn within(
    snapshot: &Snapshot,
    dossier: DossierId,
    text: &str,
    limit: usize,
    key: &IndexKey,
) -> Result<Vec<PageHit>, IndexError> {
    let understood = widened(Query::read(text, key), snapshot)?;
    let group = snapshot.dossiers.iter().position(|known| *known == dossier);
    let (Some(group), Some(evaluation)) = (group, Evaluation::new(snapshot, &understood)?) else {
        return Ok(Vec::new());
    };
    let pages = evaluation.pages(&[group as Group], Listed::All, limit)?;
    let mut pages = pages.into_iter().flatten().collect::<Vec<_>>();
    pages.sort_unstable_by_key(|page| page.number);
    shown::page_hits(&evaluation, &understood.units, &pages)
}

/// Every dossier, where filters alone are asked.
fn browsed(facts: &Facts) -> Vec<RankedDossier> {
    facts
        .groups()
        .map(|group| RankedDossier {
            group,
            score: 0.0,
            page_hits: 0,
            missing: 0,
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
    let neighbours = Neighbours::new(snapshot);
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
        if let Some(form) = neighbours.meant(&exact[0])? {
            let shown = shown_form(&form, snapshot)?.unwrap_or(form);
            // Headings are in capitals; people type as they type.
            let shown = match part.starts_with(char::is_lowercase) {
                true => shown.to_lowercase(),
                false => shown,
            };
            meant = meant.replace(part.as_str(), &shown);
        }
    }
    Ok((meant != text).then_some(meant))
}

/// A folded word as some page writes it.
fn shown_form(form: &str, snapshot: &Snapshot) -> Result<Option<String>, IndexError> {
    let unit = Unit::Phrase {
        text: String::new(),
        parts: vec![PhrasePart {
            exact: vec![form.to_owned()],
            ..PhrasePart::default()
        }],
    };
    for (at, segment) in snapshot.segments.iter().enumerate() {
        let cursor = UnitCursor::open(&segment.reader, snapshot.fields.body, &unit, Detail::Positions)?;
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
