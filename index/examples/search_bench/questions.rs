//! What is asked: twelve kinds of question, each with many different ones, drawn from what was planted.

use std::{
    collections::{HashMap, HashSet},
    error::Error,
    fs,
    path::Path,
};

use hrisov_index::{FacetCounts, SearchQuery, Sort};

use crate::{
    corpus::{Dossier, Page, misread},
    random::Random,
};

/// Different questions of each kind.
const EACH: usize = 50;

/// Pages of which the words are counted.
const SAMPLE_PAGES: usize = 20_000;

/// The kinds, in the order of the table.
pub const KINDS: [&str; 12] = [
    "commonest words",
    "common word",
    "two common words",
    "rare word",
    "name",
    "initial and name",
    "name, street, kind",
    "phrase",
    "registration number",
    "date",
    "personal number",
    "misread name",
];

/// One question.
pub struct Question {
    /// Index into [`KINDS`].
    pub kind: usize,
    pub query: SearchQuery,
}

/// Collects what can be asked while pages are made.
pub struct Questions {
    random: Random,
    counts: HashMap<String, u32>,
    pages: usize,
    drawn: Vec<Vec<String>>,
}

impl Questions {
    pub fn new() -> Self {
        Self {
            random: Random(23),
            counts: HashMap::new(),
            pages: 0,
            drawn: vec![Vec::new(); KINDS.len()],
        }
    }

    /// Looks at a page; of all pages alike many are asked for.
    pub fn look(&mut self, dossier: &Dossier, page: &Page) {
        self.pages += 1;
        if self.pages <= SAMPLE_PAGES {
            let different: HashSet<&String> = page.words.iter().collect();
            for word in different {
                *self.counts.entry(word.to_lowercase()).or_default() += 1;
            }
        }
        let person = &dossier.people[0];
        let initial = person.given.chars().next().expect("no name is empty");
        let street = person.street.split(' ').next_back().unwrap_or_default();
        let Some((number, day)) = page.registration else {
            return;
        };
        for (kind, text) in [
            (4, Some(format!("{} {}", person.surname, person.given))),
            (5, Some(format!("{initial}. {}", person.surname))),
            (
                6,
                Some(format!(
                    "{} {street} {}",
                    person.surname,
                    dossier.heading.to_lowercase()
                )),
            ),
            (7, page.phrase.as_ref().map(|phrase| format!("\"{phrase}\""))),
            (8, Some(format!("nr. {number}/{}", day.short()))),
            (9, Some(day.long().join(" "))),
            (10, Some(person.cnp.clone())),
            (
                11,
                Some(misread(&person.surname, &mut self.random).to_lowercase()),
            ),
        ] {
            let drawn = &mut self.drawn[kind];
            let place = match drawn.len() < EACH {
                true => drawn.len(),
                false => self.random.below(self.pages),
            };
            match (text, drawn.get_mut(place)) {
                (Some(text), Some(old)) => *old = text,
                (Some(text), None) if place < EACH => drawn.push(text),
                _ => {}
            }
        }
    }

    /// All questions, every one with snippets, boxes and facets.
    pub fn finish(mut self) -> Vec<Question> {
        let is_word = |word: &str| word.chars().all(char::is_alphabetic);
        let mut words: Vec<(String, u32)> = self.counts.drain().filter(|(word, _)| is_word(word)).collect();
        words.sort_unstable_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
        let long = |from: usize, count: usize, letters: usize| -> Vec<String> {
            let words = words[from.min(words.len())..]
                .iter()
                .map(|(word, _)| word.clone());
            words
                .filter(|word| word.chars().count() >= letters)
                .take(count)
                .collect()
        };
        self.drawn[0] = long(0, EACH, 1);
        self.drawn[1] = long(30, EACH, 5);
        let (first, second) = (long(20, EACH, 4), long(60, EACH, 5));
        self.drawn[2] = first
            .iter()
            .zip(&second)
            .map(|(a, b)| format!("{a} {b}"))
            .collect();
        self.drawn[3] = long(words.len() / 4, EACH, 6);
        let of_kind = |(kind, texts): (usize, Vec<String>)| {
            texts.into_iter().enumerate().map(move |(at, text)| Question {
                kind,
                query: question(kind, at, text),
            })
        };
        self.drawn.into_iter().enumerate().flat_map(of_kind).collect()
    }
}

/// The questions that an earlier run left in a folder.
pub fn read(folder: &Path) -> Result<Vec<Question>, Box<dyn Error>> {
    let text = fs::read_to_string(folder.join("questions.tsv"))?;
    let mut at = [0; KINDS.len()];
    let read = |line: &str| {
        let (name, text) = line.split_once('\t').ok_or("a line without a question")?;
        let kind = KINDS
            .iter()
            .position(|kind| *kind == name)
            .ok_or("an unknown kind")?;
        let text = text.split('\t').next().unwrap_or_default();
        at[kind] += 1;
        Ok(Question {
            kind,
            query: question(kind, at[kind] - 1, text.to_owned()),
        })
    };
    text.lines().map(read).collect()
}

/// Of the common words some are narrowed or ordered by date, as people do it.
fn question(kind: usize, at: usize, text: String) -> SearchQuery {
    let mut query = SearchQuery::new(text);
    query.facets = FacetCounts::Count;
    match (kind, at % 4) {
        (1 | 2, 1) => query.sort = Sort::Newest,
        (1 | 2, 2) => query.filters.years = Some((1970, 1979)),
        (1 | 2, 3) => query.filters.kinds = vec!["cerere".to_owned()],
        _ => {}
    }
    query
}
