//! What holds for every page and every query.

use std::collections::BTreeMap;

use hrisov_index::{FacetCounts, SearchQuery};
use hrisov_model::{DossierId, PageText};
use proptest::prelude::*;

use crate::pages::{self, Archive, page, page_id};

/// Words as recognition gives them: letters of all kinds, digits, stray signs, halves of broken words.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[a-zăâîșțşţA-ZĂÂÎȘȚ]{1,14}[,.;:-]?",
        1 => "[0-9]{1,13}",
        1 => "[0-9]{1,4}[/.-][0-9]{1,4}([/.-][0-9]{2,4})?",
        1 => "[„\"(«]?[a-zăî]{2,8}[\"”»)?!-]{0,2}[a-z]{0,4}",
        1 => "\\PC{1,12}",
        1 => "[a-zöőüűß\u{301}\u{327}\u{ad}ﬁ\u{200b}İıǅ]{4,10}",
    ]
    .prop_map(|word| word.split_whitespace().collect::<String>())
    .prop_filter("words are not empty", |word| !word.is_empty())
}

/// Anything that may come in a query: any text, and signs that mean something in the wrong places.
fn query_text() -> impl Strategy<Value = String> {
    let signs = prop::sample::select(vec![
        "\"",
        "-",
        "an:",
        "nr:",
        "cnp:",
        "1978",
        "-1980",
        "„",
        "”",
        "«",
        "Ion",
        "I.",
        " ",
        "/",
        ".",
        "12",
        "mai",
        "17A",
        "CF",
        "art",
        "\0",
        "\u{301}",
        "-\"",
        "2780512123456",
        "RX",
        "l2",
        "ß",
    ]);
    prop_oneof![
        "\\PC{0,60}",
        any::<String>(),
        prop::collection::vec(signs, 0..14).prop_map(|signs| signs.concat()),
    ]
}

fn page_text() -> impl Strategy<Value = PageText> {
    let line = prop::collection::vec(word(), 1..8).prop_map(|words| words.join(" "));
    prop::collection::vec(line, 1..8).prop_map(|lines| page(&lines.join("\n")))
}

/// What happens to an archive: a page is put (again), a title changes, a page goes, all is committed.
#[derive(Debug, Clone)]
enum Act {
    Put {
        dossier: usize,
        number: u32,
        text: String,
    },
    Title {
        dossier: usize,
        text: String,
    },
    Delete {
        dossier: usize,
        number: u32,
    },
    Commit,
}

/// Few words, so that pages share them; some are one word in other spellings.
fn few_words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "pâine",
        "PIINE",
        "paine",
        "cerere",
        "cererii",
        "Bălcescu",
        "12.03.1978",
        "strada",
        "Morii",
        "hotărîre",
        "hotarire",
    ]);
    prop::collection::vec(word, 1..6).prop_map(|words| words.join(" "))
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0..4_usize, 1..4_u32, few_words()).prop_map(|(dossier, number, text)| Act::Put { dossier, number, text }),
        2 => (0..4_usize, few_words()).prop_map(|(dossier, text)| Act::Title { dossier, text }),
        2 => (0..4_usize, 1..4_u32).prop_map(|(dossier, number)| Act::Delete { dossier, number }),
        1 => Just(Act::Commit),
    ]
}

/// Words of a page, no two alike side by side; some lines end in the middle of a word.
fn running_text() -> impl Strategy<Value = (Vec<&'static str>, String)> {
    const WORDS: [&str; 4] = ["casa", "de", "autorizatie", "morii"];
    let word = (prop::sample::select(WORDS.to_vec()), 0..4_usize);
    prop::collection::vec(word, 3..40).prop_map(|mut words| {
        words.dedup_by_key(|(word, _)| *word);
        let set = words.iter().map(|&(word, end)| match (word, end) {
            ("autorizatie", 0) => "autori-\nzatie ".to_owned(),
            (_, 1) => format!("{word}\n"),
            _ => format!("{word} "),
        });
        let text = set.collect();
        (words.into_iter().map(|(word, _)| word).collect(), text)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_word_finds_its_page_and_its_place(pages in prop::collection::vec(page_text(), 1..4)) {
        let mut archive = Archive::in_ram();
        let dossier = DossierId::random();
        let ids: Vec<_> = (1..).zip(&pages).map(|(number, page)| archive.put_page(dossier, number, page)).collect();
        archive.commit();
        let searcher = archive.searcher();
        for (id, page) in ids.iter().zip(&pages) {
            let words: Vec<_> = page.words().collect();
            // Digits beside digits may be a personal number in groups: that is found as a whole.
            let has_letters = |at: usize| words.get(at).is_none_or(|word| word.text.chars().any(|c| c.is_alphabetic()));
            for (at, word) in words.iter().enumerate().filter(|(_, word)| word.text.chars().filter(|c| c.is_alphanumeric()).count() >= 4) {
                let is_alone = has_letters(at + 1) && at.checked_sub(1).is_none_or(has_letters);
                if !(has_letters(at) || is_alone) {
                    continue;
                }
                let hits = searcher.search(&SearchQuery::new(&word.text)).unwrap();
                let hit = hits.hits.iter().flat_map(|hit| &hit.pages).find(|hit| hit.page_id == *id);
                let boxes = hit.map(|hit| hit.boxes.clone());
                let overlaps = boxes.iter().flatten().any(|rect| rect.overlap(word.rect) > 0);
                prop_assert!(overlaps, "{:?} not found at {:?}: {boxes:?}", word.text, word.rect);
            }
        }
    }

    #[test]
    fn a_phrase_is_found_on_the_pages_that_have_it(
        pages in prop::collection::vec(running_text(), 2..12), at in 0..30_usize, count in 2..6_usize,
    ) {
        let mut archive = Archive::in_ram();
        for (number, (_, text)) in (1..).zip(&pages) {
            archive.put_page(DossierId::random(), number, &page(text));
        }
        archive.commit();
        let phrase: Vec<_> = pages[0].0.iter().skip(at).take(count).copied().collect();
        prop_assume!(phrase.len() > 1);
        let holds = |words: &[&str]| words.windows(phrase.len()).any(|window| window == phrase);
        let expected = pages.iter().filter(|(words, _)| holds(words)).count();
        let found = archive.searcher().search(&SearchQuery::new(format!("\"{}\"", phrase.join(" ")))).unwrap();
        prop_assert_eq!(found.pages_total, expected as u64);
        let mut boxes = found.hits.iter().flat_map(|hit| &hit.pages).map(|page| page.boxes.len());
        prop_assert!(boxes.all(|boxes| boxes > 0));
    }

    #[test]
    fn no_query_fails_and_every_hit_can_be_shown(text in query_text(), page_text in page_text()) {
        let mut archive = Archive::in_ram();
        archive.put_page(DossierId::random(), 1, &page_text);
        archive.commit();
        let searcher = archive.searcher();
        searcher.complete(&text, 3).unwrap();
        let hits = searcher.search(&SearchQuery { facets: FacetCounts::Count, ..SearchQuery::new(text) }).unwrap();
        for hit in hits.hits.iter().flat_map(|hit| &hit.pages) {
            prop_assert!(!hit.boxes.is_empty() && !hit.snippet.is_empty());
        }
    }

    #[test]
    fn an_index_made_anew_answers_alike(acts in prop::collection::vec(act(), 1..30)) {
        let ids: Vec<DossierId> = (0..4).map(|_| DossierId::random()).collect();
        let mut archive = Archive::in_ram();
        // Follows every commit, and keeps what it read of segments that stay.
        let searcher = archive.searcher();
        let counted = |text: &str| SearchQuery { facets: FacetCounts::Count, ..SearchQuery::new(text) };
        let (mut pages, mut titles) = (BTreeMap::new(), BTreeMap::new());
        for act in acts {
            match act {
                Act::Put { dossier, number, text } => {
                    archive.put_page(ids[dossier], number, &page(&text));
                    pages.insert((dossier, number), text);
                }
                Act::Title { dossier, text } => {
                    archive.writer.put_dossier(&pages::dossier(ids[dossier], "D", &text)).unwrap();
                    titles.insert(dossier, text);
                }
                Act::Delete { dossier, number } => {
                    archive.writer.delete_page(page_id(ids[dossier], number)).unwrap();
                    pages.remove(&(dossier, number));
                }
                Act::Commit => {
                    archive.commit();
                    searcher.search(&counted("cerere")).unwrap();
                }
            }
        }
        archive.commit();
        let mut anew = Archive::in_ram();
        for (&(dossier, number), text) in pages.iter().rev() {
            anew.put_page(ids[dossier], number, &page(text));
        }
        for (&dossier, text) in &titles {
            anew.writer.put_dossier(&pages::dossier(ids[dossier], "D", text)).unwrap();
        }
        anew.commit();
        for query in ["paine", "pâine", "cerere", "strada Morii", "\"strada morii\"", "hotarire cererea", "12.03.1978 balcescu", "d"] {
            let afresh = anew.searcher().search(&counted(query)).unwrap();
            prop_assert_eq!(searcher.search(&counted(query)).unwrap(), afresh, "{}", query);
        }
    }
}
