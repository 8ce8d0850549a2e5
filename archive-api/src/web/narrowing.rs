//! What a person asks for: words and filters as they stand in the address, and links that change one of them.

use std::borrow::Cow;

use hrisov_index::{FacetField, Filters, Quality, SearchQuery, Sort};
use serde::{Deserialize, Deserializer};

use super::{leaf::Way, messages::Language};
use crate::{links::Address, search::YEARS};

/// Words, filters, order and place as in the address. What is not understood is passed over: a person with a mended
/// address wants results, not a complaint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Asked {
    /// Words as typed.
    #[serde(default, deserialize_with = "words")]
    pub(crate) q: String,
    #[serde(default)]
    fond: Vec<String>,
    #[serde(default)]
    compartiment: Vec<String>,
    #[serde(default)]
    cutie: Vec<String>,
    #[serde(default)]
    fel: Vec<String>,
    #[serde(default)]
    calitate: Vec<String>,
    /// First year.
    #[serde(default, rename = "din")]
    pub(crate) from: String,
    /// Last year.
    #[serde(default, rename = "pana")]
    pub(crate) to: String,
    #[serde(default)]
    ordine: String,
    /// Behind which place the answer goes on.
    #[serde(default)]
    dupa: String,
}

/// Letters that people may search for at once; every link of a page repeats them.
pub(crate) const WORDS_LETTERS_MAX: usize = 500;

/// Letters of one filter's value, and values of one filter.
const VALUE_LETTERS_MAX: usize = 300;
const VALUES_MAX: usize = 20;

/// Parameters of an address.
type Pairs = Vec<(&'static str, String)>;

const FROM: &str = "din";
const TO: &str = "pana";
const ORDER: &str = "ordine";
const QUALITIES: [Quality; 3] = [Quality::Good, Quality::Doubtful, Quality::Unreadable];
/// Orders with their names in the address and in the messages.
pub(crate) const ORDERS: [(Sort, &str, &str); 3] = [
    (Sort::Relevance, "", "order-relevance"),
    (Sort::Oldest, "vechi", "order-oldest"),
    (Sort::Newest, "noi", "order-newest"),
];

/// The parameter that a facet's values are given in; years have two.
pub(crate) const fn parameter(field: FacetField) -> &'static str {
    match field {
        FacetField::Fonds => "fond",
        FacetField::Department => "compartiment",
        FacetField::Year => FROM,
        FacetField::Kind => "fel",
        FacetField::Box => "cutie",
        FacetField::Quality => "calitate",
    }
}

/// A facet's message.
pub(crate) const fn title_key(field: FacetField) -> &'static str {
    match field {
        FacetField::Fonds => "facet-fonds",
        FacetField::Department => "facet-department",
        FacetField::Year => "facet-year",
        FacetField::Kind => "facet-kind",
        FacetField::Box => "facet-box",
        FacetField::Quality => "facet-quality",
    }
}

/// A facet's value as people call it.
pub(crate) fn value_name(t: Language, field: FacetField, value: &str) -> String {
    let known = match field {
        FacetField::Kind => t.known(&format!("kind-{value}")),
        FacetField::Quality => t.known(&format!("quality-{value}")),
        _ => None,
    };
    known.unwrap_or_else(|| value.to_owned())
}

impl Asked {
    /// Without what is longer than any filter: every link of a page repeats it.
    pub(crate) fn bounded(mut self) -> Self {
        for values in [
            &mut self.fond,
            &mut self.compartiment,
            &mut self.cutie,
            &mut self.fel,
            &mut self.calitate,
        ] {
            values.retain(|value| value.chars().count() <= VALUE_LETTERS_MAX);
            values.truncate(VALUES_MAX);
        }
        for text in [&mut self.from, &mut self.to, &mut self.ordine, &mut self.dupa] {
            if text.len() > VALUE_LETTERS_MAX {
                text.clear();
            }
        }
        self
    }

    /// Whether there is anything to search for.
    pub(crate) fn is_empty(&self) -> bool {
        self.q.trim().is_empty() && self.filters().is_empty()
    }

    /// The question to the index.
    pub(crate) fn query(&self) -> SearchQuery {
        SearchQuery {
            filters: self.filters(),
            sort: self.sort(),
            after: self.dupa.parse().ok(),
            ..SearchQuery::new(self.q.clone())
        }
    }

    /// The same question for other words, from its beginning.
    pub(crate) fn query_of(&self, words: &str) -> SearchQuery {
        SearchQuery {
            filters: self.filters(),
            ..SearchQuery::new(words)
        }
    }

    /// What the addresses of pages that were found keep of it; `narrowing` is [`Asked::narrowing`].
    pub(crate) fn way<'a>(&'a self, narrowing: &'a str) -> Way<'a> {
        Way {
            q: &self.q,
            narrowing,
        }
    }

    /// The order asked for. Where no words are, none fits better than another: the oldest come first.
    pub(crate) fn sort(&self) -> Sort {
        let known = self.orders().find(|(_, name, _)| *name == self.ordine);
        known
            .or_else(|| self.orders().next())
            .map_or(Sort::Relevance, |(sort, ..)| sort)
    }

    /// The orders that can be asked for, the usual one first.
    pub(crate) fn orders(&self) -> impl Iterator<Item = (Sort, &'static str, &'static str)> {
        let has_words = !self.q.trim().is_empty();
        ORDERS
            .into_iter()
            .filter(move |(sort, ..)| has_words || *sort != Sort::Relevance)
    }

    fn filters(&self) -> Filters {
        let named = |name: &String| QUALITIES.into_iter().find(|quality| quality.name() == name);
        Filters {
            fonds: self.fond.clone(),
            departments: self.compartiment.clone(),
            boxes: self.cutie.clone(),
            kinds: self.fel.clone(),
            qualities: self.calitate.iter().filter_map(named).collect(),
            years: self.years(),
        }
    }

    /// First and last year wanted.
    fn years(&self) -> Option<(u16, u16)> {
        let (from, to) = (year(&self.from), year(&self.to));
        (from.is_some() || to.is_some()).then(|| (from.unwrap_or(*YEARS.start()), to.unwrap_or(*YEARS.end())))
    }

    /// All that is asked beside the words and the place.
    fn pairs(&self) -> Pairs {
        let lists = [
            ("fond", &self.fond),
            ("compartiment", &self.compartiment),
            ("cutie", &self.cutie),
            ("fel", &self.fel),
            ("calitate", &self.calitate),
        ];
        let lists = lists
            .into_iter()
            .flat_map(|(name, values)| values.iter().map(move |value| (name, value.clone())));
        let single = [(FROM, &self.from), (TO, &self.to), (ORDER, &self.ordine)];
        let single = single
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name, value.clone()));
        lists.chain(single).collect()
    }

    /// What the search form keeps beside the words.
    pub(crate) fn hidden(&self) -> Pairs {
        self.pairs()
    }

    /// What the form for years keeps: all but the years.
    pub(crate) fn without_years(&self) -> Pairs {
        let mut pairs = vec![("q", self.q.clone())];
        pairs.extend(
            self.pairs()
                .into_iter()
                .filter(|(name, _)| ![FROM, TO].contains(name)),
        );
        pairs
    }

    /// The address of this question with other words.
    pub(crate) fn with_words(&self, words: &str) -> String {
        address(words, &self.pairs())
    }

    /// The address of these words alone.
    pub(crate) fn words_alone(&self) -> String {
        address(&self.q, &[])
    }

    /// Filters, order and place, for the addresses of pages that were found.
    pub(crate) fn narrowing(&self) -> String {
        let mut pairs = self.pairs();
        pairs.extend((!self.dupa.is_empty()).then(|| ("dupa", self.dupa.clone())));
        let address = pairs.iter().fold(Address::new(""), |address, (name, value)| {
            address.with(name, value)
        });
        address.into_string().trim_start_matches('?').to_owned()
    }

    /// The address of the results for words, narrowed as [`Asked::narrowing`] wrote it; what is not understood of that
    /// is passed over.
    pub(crate) fn way_back(words: &str, narrowing: &str) -> String {
        let mut asked: Self = serde_html_form::from_str(narrowing).unwrap_or_default();
        words.clone_into(&mut asked.q);
        match asked.dupa.as_str() {
            "" => asked.itself(),
            after => asked.next(&after),
        }
    }

    /// The address of this question itself, from its first part.
    fn itself(&self) -> String {
        address(&self.q, &self.pairs())
    }

    /// The address of what follows.
    pub(crate) fn next(&self, after: &impl ToString) -> String {
        let mut pairs = self.pairs();
        pairs.push(("dupa", after.to_string()));
        address(&self.q, &pairs)
    }

    /// The address of another order.
    pub(crate) fn ordered(&self, name: &str) -> String {
        let mut pairs = self.pairs();
        pairs.retain(|(known, _)| *known != ORDER);
        if !name.is_empty() {
            pairs.push((ORDER, name.to_owned()));
        }
        address(&self.q, &pairs)
    }

    /// Whether a value of a facet is chosen.
    pub(crate) fn has(&self, field: FacetField, value: &str) -> bool {
        match field {
            FacetField::Year => self.from == value && self.to == value,
            _ => self
                .pairs()
                .iter()
                .any(|(name, chosen)| *name == parameter(field) && chosen == value),
        }
    }

    /// The address with a value chosen, or no longer where it is.
    pub(crate) fn toggled(&self, field: FacetField, value: &str) -> String {
        let is_chosen = self.has(field, value);
        let mut pairs = self.pairs();
        match field {
            FacetField::Year => pairs.retain(|(name, _)| ![FROM, TO].contains(name)),
            _ => pairs.retain(|(name, chosen)| !(*name == parameter(field) && chosen == value)),
        }
        match (is_chosen, field) {
            (true, _) => {}
            (false, FacetField::Year) => {
                pairs.extend([(FROM, value.to_owned()), (TO, value.to_owned())]);
            }
            (false, _) => pairs.push((parameter(field), value.to_owned())),
        }
        address(&self.q, &pairs)
    }

    /// Everything chosen: its facet, its value as people call it, and the address without it.
    pub(crate) fn chosen(&self, t: Language) -> Vec<(FacetField, String, String)> {
        let of = |field, values: &[String]| {
            let chosen = values
                .iter()
                .map(|value| (field, value_name(t, field, value), self.toggled(field, value)));
            chosen.collect::<Vec<_>>()
        };
        let mut chosen = of(FacetField::Fonds, &self.fond);
        chosen.extend(of(FacetField::Department, &self.compartiment));
        chosen.extend(of(FacetField::Box, &self.cutie));
        chosen.extend(of(FacetField::Kind, &self.fel));
        chosen.extend(of(FacetField::Quality, &self.calitate));
        if self.years().is_some() {
            let label = match (year(&self.from), year(&self.to)) {
                (Some(from), Some(to)) if from == to => from.to_string(),
                (Some(from), Some(to)) => t.with_all(
                    "years-between",
                    [("from", from.to_string()), ("to", to.to_string())],
                ),
                (Some(from), None) => t.with("years-since", "from", from),
                (None, to) => t.with(
                    "years-until",
                    "to",
                    to.map_or_else(String::new, |to| to.to_string()),
                ),
            };
            chosen.push((
                FacetField::Year,
                label,
                address(&self.q, &self.without_years()[1..]),
            ));
        }
        chosen
    }
}

/// Words as typed, as many as are looked at.
pub(crate) fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let typed = Cow::<'_, str>::deserialize(deserializer)?;
    Ok(typed.chars().take(WORDS_LETTERS_MAX).collect())
}

fn year(text: &str) -> Option<u16> {
    text.trim().parse().ok().filter(|year| YEARS.contains(year))
}

fn address(q: &str, pairs: &[(&'static str, String)]) -> String {
    let address = Address::new("/").with("q", q);
    pairs
        .iter()
        .fold(address, |address, (name, value)| address.with(name, value))
        .into_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Asked {
        serde_html_form::from_str(query).unwrap()
    }

    #[test]
    fn an_address_is_read_and_made_again() {
        for query in [
            "q=",
            "q=morii",
            "q=strada%20%26%20%3Cb%3E&fond=PMB&fond=SFAT&fel=cerere",
            "q=a&calitate=doubtful&din=1970&pana=1979&ordine=vechi",
        ] {
            assert_eq!(asked(query).itself(), format!("/?{query}"));
        }
    }

    #[test]
    fn a_page_that_was_found_leads_back_to_where_it_was_found() {
        for query in [
            "q=a",
            "q=a&fond=PMB&fel=cerere&din=1970&ordine=vechi",
            "q=a%20b&cutie=x%26y%3D1&dupa=0011",
        ] {
            let narrowing = asked(query).narrowing();
            assert_eq!(Asked::way_back(&asked(query).q, &narrowing), format!("/?{query}"));
        }
        assert_eq!(Asked::way_back("a", "din=%zz&&&=<b>&q=evil"), "/?q=a&din=%25zz");
    }

    #[test]
    fn more_than_people_type_is_cut_off() {
        let long = asked(&format!("q={0}&fond=PMB&fond={0}&ordine={0}", "ș".repeat(9_000))).bounded();
        assert_eq!(long.q.chars().count(), WORDS_LETTERS_MAX);
        assert_eq!(long.pairs(), [("fond", "PMB".to_owned())]);
    }

    #[test]
    fn values_are_chosen_and_given_up() {
        for (before, field, value, after) in [
            ("q=a", FacetField::Fonds, "PMB", "/?q=a&fond=PMB"),
            (
                "q=a&fond=PMB",
                FacetField::Fonds,
                "SFAT",
                "/?q=a&fond=PMB&fond=SFAT",
            ),
            ("q=a&fond=PMB&cutie=4", FacetField::Fonds, "PMB", "/?q=a&cutie=4"),
            (
                "q=a&din=1970",
                FacetField::Year,
                "1978",
                "/?q=a&din=1978&pana=1978",
            ),
            ("q=a&din=1978&pana=1978", FacetField::Year, "1978", "/?q=a"),
            ("q=a&dupa=0011", FacetField::Box, "a b", "/?q=a&cutie=a%20b"),
        ] {
            assert_eq!(asked(before).toggled(field, value), after, "{before}");
        }
    }

    #[test]
    fn what_is_not_understood_is_passed_over() {
        let odd = asked("q=a&din=abc&pana=99999&ordine=x&calitate=best&dupa=zzz&altceva=1");
        let query = odd.query();
        assert!(query.filters.is_empty() && query.after.is_none() && query.sort == Sort::Relevance);
        assert_eq!(asked("q=&fond=PMB&ordine=x").query().sort, Sort::Oldest);
        assert_eq!(asked("q=&fond=PMB&ordine=noi").query().sort, Sort::Newest);
        assert_eq!(asked("q=a&din=&pana=1970").query().filters.years, Some((1, 1970)));
    }
}
