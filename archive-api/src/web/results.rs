//! What the results page shows of an answer of the index.

use hrisov_catalog::Catalog;
use hrisov_index::{
    DossierHit, Facet, FacetField, NearMatch, NearReason, PageHit, SearchHits, SearchQuery, Sort,
};
use jiff::Timestamp;

use super::{
    leaf::{self, Way},
    messages::Language,
    narrowing::{Asked, title_key, value_name},
    strip::Strip,
};
use crate::{ApiState, error::ApiError};

/// Values of a facet that are shown at once.
const VALUES_AT_ONCE: usize = 8;
/// Pages of a dossier that are shown at once.
const PAGES_AT_ONCE: usize = 2;
/// Words of a query without results of which each is tried alone, and left out.
const WORDS_TRIED_MAX: usize = 5;

/// The results page below the search box.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) total: u64,
    pub(crate) pages_total: u64,
    pub(crate) chosen: Vec<Chosen>,
    pub(crate) facets: Vec<FacetShown>,
    pub(crate) orders: Vec<Choice>,
    pub(crate) did_you_mean: Option<Attempt>,
    /// What finds something where this finds nothing.
    pub(crate) attempts: Vec<Attempt>,
    /// Pages of the archive that could not be read, where nothing was found: it may stand there.
    pub(crate) unread: u64,
    /// What was asked, under a printed list.
    pub(crate) print_line: String,
    pub(crate) dossiers: Vec<DossierShown>,
    /// Dossiers that lack a word.
    pub(crate) partial: Vec<DossierShown>,
    pub(crate) next: Option<String>,
}

/// A filter that is set.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub(crate) field: String,
    pub(crate) label: String,
    /// The question without it.
    pub(crate) address: String,
}

/// A facet with its values as links.
#[derive(Debug)]
pub(crate) struct FacetShown {
    pub(crate) title: String,
    pub(crate) is_years: bool,
    values: Vec<Choice>,
}

/// Something that can be chosen.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) label: String,
    pub(crate) count: String,
    pub(crate) address: String,
    pub(crate) is_chosen: bool,
}

/// Another question, as a link.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) label: String,
    pub(crate) address: String,
    /// How many dossiers it finds; empty where that was not looked at.
    pub(crate) count: String,
}

/// A dossier in the list.
#[derive(Debug)]
pub(crate) struct DossierShown {
    pub(crate) name: String,
    pub(crate) place: String,
    pub(crate) address: String,
    pub(crate) unreadable_pages: u64,
    /// What it lacks of the question.
    pub(crate) missing: Vec<String>,
    page_hits: u64,
    pages: Vec<PageShown>,
}

/// A page of a dossier in the list.
#[derive(Debug)]
pub(crate) struct PageShown {
    pub(crate) label: String,
    pub(crate) snippet: String,
    pub(crate) address: String,
    pub(crate) strip: Option<Strip>,
    pub(crate) near: Vec<String>,
}

impl Found {
    pub(crate) async fn new(
        state: &ApiState,
        t: Language,
        asked: &Asked,
        hits: SearchHits,
    ) -> Result<Self, ApiError> {
        let catalog = &state.catalog;
        let chosen: Vec<Chosen> = asked
            .chosen(t)
            .into_iter()
            .map(|(field, label, address)| Chosen {
                field: t.say(title_key(field)),
                label,
                address,
            })
            .collect();
        let (attempts, unread) = match hits.total {
            0 => (
                attempts(state, t, asked, !chosen.is_empty()).await?,
                catalog.page_counts(None).await?.unreadable,
            ),
            _ => (Vec::new(), 0),
        };
        let asked_for = [asked.q.trim().to_owned()].into_iter();
        let asked_for = asked_for.filter(|words| !words.is_empty());
        let chosen_for = chosen
            .iter()
            .map(|chosen| format!("{}: {}", chosen.field, chosen.label));
        let words: Vec<String> = asked_for.chain(chosen_for).collect();
        let print_line = t.with_all(
            "print-results",
            [("words", words.join(", ")), ("date", t.day(Timestamp::now()))],
        );
        let mut dossiers = Vec::with_capacity(hits.hits.len());
        for hit in hits.hits {
            dossiers.push(DossierShown::new(catalog, t, asked, hit).await?);
        }
        let mut partial = Vec::with_capacity(hits.partial.len());
        for hit in hits.partial {
            partial.push(DossierShown::new(catalog, t, asked, hit).await?);
        }
        Ok(Self {
            total: hits.total,
            pages_total: hits.pages_total,
            facets: facets(t, asked, hits.facets, hits.total),
            orders: orders(t, asked),
            did_you_mean: hits.did_you_mean.map(|meant| Attempt {
                address: asked.with_words(&meant),
                label: meant,
                count: String::new(),
            }),
            attempts,
            unread,
            print_line,
            dossiers,
            partial,
            next: hits.next.map(|next| asked.next(&next)),
            chosen,
        })
    }
}

impl FacetShown {
    /// The values that are seen at once.
    pub(crate) fn first(&self) -> &[Choice] {
        &self.values[..self.values.len().min(VALUES_AT_ONCE)]
    }

    /// The values that unfold.
    pub(crate) fn more(&self) -> &[Choice] {
        &self.values[self.values.len().min(VALUES_AT_ONCE)..]
    }
}

impl DossierShown {
    async fn new(catalog: &Catalog, t: Language, asked: &Asked, hit: DossierHit) -> Result<Self, ApiError> {
        let narrowing = asked.narrowing();
        let mut pages = Vec::with_capacity(hit.pages.len());
        for page in hit.pages {
            let held = catalog.page(page.page_id).await?;
            let size = held.map_or((0, 0), |(_, _, record)| (record.width_px, record.height_px));
            pages.push(PageShown::new(t, asked.way(&narrowing), page, size));
        }
        let mut place = vec![shelf(t, &hit.fonds, &hit.box_name)];
        place.extend(hit.years.map(|(first, last)| years(first, last)));
        place.push(t.count("pages", u64::from(hit.page_count)));
        let missing = hit.missing.iter().map(|word| match word.as_str() {
            "" => t.say("missing-personal-number"),
            word => t.with("missing-word", "word", word),
        });
        Ok(Self {
            name: dossier_name(t, &hit.reference, &hit.title),
            place: place.join(" · "),
            address: dossier_address(hit.dossier, asked.way(&narrowing)),
            unreadable_pages: hit.unreadable_pages.into(),
            missing: missing.collect(),
            page_hits: hit.page_hits,
            pages,
        })
    }

    /// The pages that are seen at once.
    pub(crate) fn first(&self) -> &[PageShown] {
        &self.pages[..self.pages.len().min(PAGES_AT_ONCE)]
    }

    /// The pages that unfold.
    pub(crate) fn more(&self) -> &[PageShown] {
        &self.pages[self.pages.len().min(PAGES_AT_ONCE)..]
    }

    /// Pages with hits beside those that are seen at once.
    pub(crate) fn left_over(&self) -> u64 {
        self.page_hits.saturating_sub(self.first().len() as u64)
    }

    /// Whether there are more pages with hits than unfold.
    pub(crate) fn goes_on(&self) -> bool {
        self.page_hits > self.pages.len() as u64
    }
}

impl PageShown {
    fn new(t: Language, way: Way<'_>, page: PageHit, size: (u32, u32)) -> Self {
        Self {
            label: t.with("page-short", "number", page.page),
            strip: Strip::cut(page.page_id, size, &page.boxes, page.best),
            near: near_reasons(t, &page.near),
            address: leaf::page_address(page.page_id, way),
            snippet: page.snippet,
        }
    }
}

/// Reference and title as one line.
pub(crate) fn dossier_name(t: Language, reference: &str, title: &str) -> String {
    let is_named = reference.to_lowercase().starts_with("dosar");
    let reference = match is_named || reference.is_empty() {
        true => reference.to_owned(),
        false => t.with("dossier-named", "name", reference),
    };
    match title.is_empty() || reference.ends_with(title) {
        true => reference,
        false => format!("{reference} · {title}"),
    }
}

/// Fonds and box as one line.
pub(crate) fn shelf(t: Language, fonds: &str, box_name: &str) -> String {
    let box_name = match box_name.to_lowercase().starts_with("cutia") {
        true => box_name.to_owned(),
        false => t.with("box-named", "name", box_name),
    };
    match fonds.is_empty() {
        true => box_name,
        false => format!("{fonds} · {box_name}"),
    }
}

/// The dossier's page, with what was searched for.
pub(crate) fn dossier_address(dossier: hrisov_model::DossierId, way: Way<'_>) -> String {
    way.along(format!("/dosare/{dossier}")).into_string()
}

/// Why words stand on a page that do not stand there as asked; each reason once.
pub(crate) fn near_reasons(t: Language, near: &[NearMatch]) -> Vec<String> {
    let mut reasons = Vec::new();
    for near in near {
        let key = match (near.reason, near.asked.is_empty()) {
            (NearReason::LooksAlike, _) => "near-looks-alike",
            (NearReason::Initial, _) => "near-initial",
            (NearReason::DoubtfulDigit, false) => "near-doubtful-digit",
            (NearReason::DoubtfulDigit, true) => "near-doubtful-digit-hidden",
        };
        let reason = t.with_all(
            key,
            [("found", near.found.clone()), ("asked", near.asked.clone())],
        );
        // The same word in capitals says no more.
        let is_new = |known: &String| known.to_lowercase() != reason.to_lowercase();
        if reasons.iter().all(is_new) {
            reasons.push(reason);
        }
    }
    reasons
}

fn years(first: u16, last: u16) -> String {
    match first == last {
        true => first.to_string(),
        false => format!("{first}–{last}"),
    }
}

/// Facets that can narrow: one with a single value that every dossier has would change nothing.
fn facets(t: Language, asked: &Asked, facets: Vec<Facet>, total: u64) -> Vec<FacetShown> {
    let narrows = |facet: &Facet| {
        facet.field == FacetField::Year
            || facet.values.len() > 1
            || facet
                .values
                .iter()
                .any(|value| value.count < total || asked.has(facet.field, &value.value))
    };
    let shown = |facet: Facet| {
        let choice = |value: hrisov_index::FacetValue| Choice {
            label: value_name(t, facet.field, &value.value),
            count: t.number(value.count),
            address: asked.toggled(facet.field, &value.value),
            is_chosen: asked.has(facet.field, &value.value),
        };
        FacetShown {
            title: t.say(title_key(facet.field)),
            is_years: facet.field == FacetField::Year,
            values: facet.values.into_iter().map(choice).collect(),
        }
    };
    facets.into_iter().filter(narrows).map(shown).collect()
}

fn orders(t: Language, asked: &Asked) -> Vec<Choice> {
    let order = |(sort, name, key)| Choice {
        label: t.say(key),
        count: String::new(),
        address: asked.ordered(name),
        is_chosen: asked.sort() == sort,
    };
    asked.orders().map(order).collect()
}

/// Questions near to one that finds nothing, those that find something: without filters, without quotes, without one of
/// the words, else one word alone.
async fn attempts(
    state: &ApiState,
    t: Language,
    asked: &Asked,
    is_narrowed: bool,
) -> Result<Vec<Attempt>, ApiError> {
    let words: Vec<&str> = asked.q.split_whitespace().collect();
    let mut found = Vec::new();
    if is_narrowed && !words.is_empty() {
        let wider = SearchQuery::new(&asked.q);
        let label = t.say("try-without-filters");
        found.extend(attempt(state, t, label, asked.words_alone(), wider).await?);
    }
    let bare: String = asked.q.replace(['"', '„', '”', '“', '«', '»'], " ");
    if bare != asked.q {
        let label = t.say("try-without-quotes");
        found.extend(
            attempt(
                state,
                t,
                label,
                asked.with_words(bare.trim()),
                asked.query_of(&bare),
            )
            .await?,
        );
    }
    let is_told = |word: &&str| word.chars().filter(|letter| letter.is_alphanumeric()).count() > 2;
    let tried: Vec<&str> = bare
        .split_whitespace()
        .filter(is_told)
        .take(WORDS_TRIED_MAX)
        .collect();
    if words.len() > 2 {
        for &word in &tried {
            let others: Vec<&str> = bare.split_whitespace().filter(|other| *other != word).collect();
            let others = others.join(" ");
            let label = t.with("try-without-word", "word", word);
            let query = asked.query_of(&others);
            found.extend(attempt(state, t, label, asked.with_words(&others), query).await?);
        }
    }
    if words.len() > 1 && found.is_empty() {
        for &word in &tried {
            let word = word.trim_matches(|letter: char| !letter.is_alphanumeric());
            let label = t.with("try-one-word", "word", word);
            found.extend(attempt(state, t, label, asked.with_words(word), asked.query_of(word)).await?);
        }
    }
    Ok(found)
}

/// A question that may find something; `None` where it does not.
async fn attempt(
    state: &ApiState,
    t: Language,
    label: String,
    address: String,
    query: SearchQuery,
) -> Result<Option<Attempt>, ApiError> {
    let query = SearchQuery {
        limit: 0,
        sort: Sort::Relevance,
        ..query
    };
    let total = state.searches.search(query).await?.total;
    Ok((total > 0).then(|| Attempt {
        label,
        address,
        count: t.count("dossiers", total),
    }))
}
