//! What the results page shows of an answer of the index.

use hrisov_catalog::Catalog;
use hrisov_index::{DossierHit, Facet, FacetField, NearMatch, NearReason, PageHit, SearchHits};

use super::{
    messages::Language,
    narrowing::{Asked, ORDERS, title_key, value_name},
    strip::Strip,
};
use crate::{error::ApiError, links::Address};

/// Values of a facet that are shown at once.
const VALUES_AT_ONCE: usize = 8;
/// Pages of a dossier that are shown at once.
const PAGES_AT_ONCE: usize = 2;
/// Words of a query without results that are tried alone.
const ATTEMPTS_MAX: usize = 5;

/// The results page below the search box.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) total: u64,
    pub(crate) pages_total: u64,
    pub(crate) chosen: Vec<Chosen>,
    pub(crate) facets: Vec<FacetShown>,
    pub(crate) orders: Vec<Choice>,
    pub(crate) did_you_mean: Option<Attempt>,
    /// What to try where nothing was found.
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) dossiers: Vec<DossierShown>,
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
}

/// A dossier in the list.
#[derive(Debug)]
pub(crate) struct DossierShown {
    pub(crate) name: String,
    pub(crate) place: String,
    pub(crate) address: String,
    pub(crate) unreadable_pages: u64,
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
        catalog: &Catalog,
        t: Language,
        asked: &Asked,
        hits: SearchHits,
    ) -> Result<Self, ApiError> {
        let chosen: Vec<Chosen> = asked
            .chosen(t)
            .into_iter()
            .map(|(field, label, address)| Chosen {
                field: t.say(title_key(field)),
                label,
                address,
            })
            .collect();
        let attempts = match hits.total {
            0 => attempts(t, asked, !chosen.is_empty()),
            _ => Vec::new(),
        };
        let mut dossiers = Vec::with_capacity(hits.hits.len());
        for hit in hits.hits {
            dossiers.push(DossierShown::new(catalog, t, asked, hit).await?);
        }
        Ok(Self {
            total: hits.total,
            pages_total: hits.pages_total,
            facets: facets(t, asked, hits.facets, hits.total),
            orders: orders(t, asked),
            did_you_mean: hits.did_you_mean.map(|meant| Attempt {
                address: asked.with_words(&meant),
                label: meant,
            }),
            attempts,
            dossiers,
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
        let mut pages = Vec::with_capacity(hit.pages.len());
        for page in hit.pages {
            let held = catalog.page(page.page_id).await?;
            let size = held.map_or((0, 0), |(_, _, record)| (record.width_px, record.height_px));
            pages.push(PageShown::new(t, asked, page, size));
        }
        let mut place = vec![shelf(t, &hit.fonds, &hit.box_name)];
        place.extend(hit.years.map(|(first, last)| years(first, last)));
        place.push(t.count("pages", u64::from(hit.page_count)));
        Ok(Self {
            name: dossier_name(t, &hit.reference, &hit.title),
            place: place.join(" · "),
            address: dossier_address(hit.dossier, &asked.q),
            unreadable_pages: hit.unreadable_pages.into(),
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
    fn new(t: Language, asked: &Asked, page: PageHit, size: (u32, u32)) -> Self {
        let address = Address::new(format!("/pagini/{}", page.page_id));
        let address = match asked.q.is_empty() {
            true => address,
            false => address.with("q", &asked.q),
        };
        Self {
            label: t.with("page-short", "number", page.page),
            strip: Strip::cut(page.page_id, size, &page.boxes),
            near: near_reasons(t, &page.near),
            address: address.into_string(),
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
pub(crate) fn dossier_address(dossier: hrisov_model::DossierId, q: &str) -> String {
    let address = Address::new(format!("/dosare/{dossier}"));
    match q.is_empty() {
        true => address,
        false => address.with("q", q),
    }
    .into_string()
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
    ORDERS.into_iter().map(order).collect()
}

/// The same without filters, then each word alone.
fn attempts(t: Language, asked: &Asked, is_narrowed: bool) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    let words: Vec<_> = asked.q.split_whitespace().collect();
    if is_narrowed && !words.is_empty() {
        attempts.push(Attempt {
            label: t.say("try-without-filters"),
            address: asked.words_alone(),
        });
    }
    if words.len() > 1 {
        let bare = words
            .into_iter()
            .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
            .filter(|word| word.chars().count() > 2);
        attempts.extend(bare.take(ATTEMPTS_MAX).map(|word| Attempt {
            label: t.with("try-one-word", "word", word),
            address: asked.with_words(word),
        }));
    }
    attempts
}
