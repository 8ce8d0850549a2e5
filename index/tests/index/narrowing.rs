//! Filters, facets, order, paging, likeness, suggestions, completions.

use hrisov_index::{
    CompletionKind, DossierEntry, DossierFacets, Facet, FacetCounts, FacetField, Filters, NearReason,
    Quality, SearchCursor, SearchHits, SearchQuery, Sort,
};
use hrisov_model::DossierId;

use crate::pages::{Archive, dossier, page, references};

/// Fonds, box, reference, title, facets of the inventory, unreadable pages, pages.
type Described<'a> = (
    &'a str,
    &'a str,
    &'a str,
    &'a str,
    DossierFacets,
    u32,
    &'a [&'a str],
);

fn archive() -> Archive {
    let mut archive = Archive::in_ram();
    let given = |department: &str, years| DossierFacets {
        department: Some(department.to_owned()),
        kind: None,
        years,
    };
    let rows: [Described<'_>; 4] = [
        (
            "PRIM",
            "1",
            "17/1978",
            "Cereri",
            DossierFacets::default(),
            0,
            &["CERERE\nteren la Poiana, 3.04.1971"],
        ),
        (
            "PRIM",
            "2",
            "a",
            "Acte",
            given("Urbanism", Some((1960, 1962))),
            2,
            &["PROCES-VERBAL\nteren, 5.05.1990"],
        ),
        (
            "SFAT",
            "1",
            "b",
            "Acte",
            given("Arhivă", None),
            0,
            &[
                "născut 1.01.1931, teren cumpărat la 12 mai 1978",
                "Legea nr. 58/1974",
            ],
        ),
        ("SFAT", "3", "c", "Acte", DossierFacets::default(), 0, &["teren"]),
    ];
    for (fonds, box_name, reference, title, facets, unreadable_pages, pages) in rows {
        let id = DossierId::random();
        let entry = DossierEntry {
            fonds: fonds.into(),
            box_name: box_name.into(),
            facets,
            unreadable_pages,
            ..dossier(id, reference, title)
        };
        archive.writer.put_dossier(&entry).unwrap();
        for (number, text) in (1..).zip(pages) {
            archive.put_page(id, number, &page(text));
        }
    }
    archive.commit();
    archive
}

fn ask(archive: &Archive, text: &str, change: impl FnOnce(&mut SearchQuery)) -> SearchHits {
    let mut query = SearchQuery::new(text);
    change(&mut query);
    archive.searcher().search(&query).unwrap()
}

fn sorted(hits: &SearchHits) -> Vec<String> {
    let mut found = references(hits);
    found.sort();
    found
}

#[test]
fn filters_leave_what_has_one_of_their_values() {
    let archive = archive();
    let words = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect::<Vec<_>>();
    let filters = Filters::default;
    for (name, filters, expected) in [
        ("none", filters(), &["17/1978", "a", "b", "c"][..]),
        (
            "fonds",
            Filters {
                fonds: words(&["PRIM"]),
                ..filters()
            },
            &["17/1978", "a"],
        ),
        (
            "fonds",
            Filters {
                fonds: words(&["PRIM", "SFAT"]),
                ..filters()
            },
            &["17/1978", "a", "b", "c"],
        ),
        (
            "unknown",
            Filters {
                fonds: words(&["X"]),
                ..filters()
            },
            &[],
        ),
        (
            "box",
            Filters {
                boxes: words(&["1"]),
                ..filters()
            },
            &["17/1978", "b"],
        ),
        (
            "both",
            Filters {
                boxes: words(&["1"]),
                fonds: words(&["SFAT"]),
                ..filters()
            },
            &["b"],
        ),
        (
            "department",
            Filters {
                departments: words(&["Urbanism"]),
                ..filters()
            },
            &["a"],
        ),
        (
            "kind",
            Filters {
                kinds: words(&["cerere"]),
                ..filters()
            },
            &["17/1978"],
        ),
        (
            "years of the reference",
            Filters {
                years: Some((1978, 1978)),
                ..filters()
            },
            &["17/1978", "b"],
        ),
        (
            "years as given",
            Filters {
                years: Some((1961, 1961)),
                ..filters()
            },
            &["a"],
        ),
        (
            "not those on pages",
            Filters {
                years: Some((1990, 1990)),
                ..filters()
            },
            &[],
        ),
        (
            "not those of laws",
            Filters {
                years: Some((1974, 1974)),
                ..filters()
            },
            &[],
        ),
        (
            "quality",
            Filters {
                qualities: vec![Quality::Unreadable],
                ..filters()
            },
            &["a"],
        ),
        (
            "quality",
            Filters {
                qualities: vec![Quality::Good],
                ..filters()
            },
            &["17/1978", "b", "c"],
        ),
    ] {
        let hits = ask(&archive, "teren", |query| query.filters = filters.clone());
        assert_eq!(sorted(&hits), expected, "{name}");
        assert_eq!(hits.total, expected.len() as u64, "{name}");
    }
    assert_eq!(sorted(&ask(&archive, "teren an:1978", |_| ())), ["17/1978", "b"]);
    assert_eq!(
        sorted(&ask(&archive, "an:1978", |_| ())),
        ["17/1978", "b"],
        "years alone"
    );
    assert_eq!(sorted(&ask(&archive, "teren -poiana", |_| ())), ["a", "b", "c"]);
    assert_eq!(
        sorted(&ask(&archive, "teren -\"la poiana\" -acte", |_| ())),
        [""; 0]
    );
}

fn counts(facets: &[Facet], field: FacetField) -> Vec<(&str, u64)> {
    let of = facets.iter().filter(|facet| facet.field == field);
    of.flat_map(|facet| &facet.values)
        .map(|value| (value.value.as_str(), value.count))
        .collect()
}

#[test]
fn facets_count_dossiers_and_forget_their_own_filter() {
    let archive = archive();
    let count = |text: &str, filters: Filters| {
        ask(&archive, text, |query| {
            query.facets = FacetCounts::Count;
            query.filters = filters;
        })
        .facets
    };
    let all = count("teren", Filters::default());
    for (field, expected) in [
        (FacetField::Fonds, &[("PRIM", 2), ("SFAT", 2)][..]),
        (FacetField::Department, &[("Arhivă", 1), ("Urbanism", 1)]),
        (FacetField::Kind, &[("cerere", 1), ("proces_verbal", 1)]),
        (FacetField::Box, &[("1", 2), ("2", 1), ("3", 1)]),
        (
            FacetField::Year,
            &[("1978", 2), ("1962", 1), ("1961", 1), ("1960", 1), ("1931", 1)],
        ),
        (FacetField::Quality, &[("good", 3), ("unreadable", 1)]),
    ] {
        assert_eq!(counts(&all, field), expected, "{field:?}");
    }
    let narrowed = count(
        "teren",
        Filters {
            fonds: vec!["PRIM".into()],
            ..Filters::default()
        },
    );
    assert_eq!(counts(&narrowed, FacetField::Fonds), [("PRIM", 2), ("SFAT", 2)]);
    assert_eq!(counts(&narrowed, FacetField::Department), [("Urbanism", 1)]);
    let few = count("cumpărat", Filters::default());
    assert!(
        !few.iter().any(|facet| facet.field == FacetField::Kind),
        "nothing fills it"
    );
    assert_eq!(ask(&archive, "teren", |_| ()).facets, []);
}

#[test]
fn dates_order_dossiers_and_the_undated_come_last() {
    let archive = archive();
    let order = |sort| references(&ask(&archive, "teren", |query| query.sort = sort));
    assert_eq!(order(Sort::Newest), ["b", "17/1978", "a", "c"]);
    assert_eq!(order(Sort::Oldest), ["a", "17/1978", "b", "c"]);
    let hits = ask(&archive, "teren poiana", |query| query.sort = Sort::Oldest);
    assert_eq!(hits.hits[0].years, Some((1978, 1978)));
}

#[test]
fn a_cursor_goes_on_where_the_answer_ended() {
    let mut archive = Archive::in_ram();
    for at in 0..23 {
        archive.put(&at.to_string(), "x", &["comun", "alt comun"]);
    }
    for sort in [Sort::Relevance, Sort::Newest] {
        let all = ask(&archive, "comun", |query| {
            query.limit = 100;
            query.sort = sort;
        });
        assert_eq!(all.next, None);
        let (mut after, mut found) = (None::<SearchCursor>, Vec::new());
        loop {
            let part = ask(&archive, "comun", |query| {
                query.limit = 5;
                query.sort = sort;
                query.after = after;
            });
            assert_eq!(part.total, 23);
            found.extend(references(&part));
            match part.next {
                Some(next) => after = Some(next.to_string().parse().unwrap()),
                None => break,
            }
        }
        assert_eq!(found, references(&all));
    }
}

#[test]
fn likeness_comes_after_the_word_itself_and_says_why() {
    let mut archive = Archive::in_ram();
    archive.put("read", "x", &["Balcescn Balcescn Balcescn"]);
    for at in 0..9 {
        archive.put(
            &format!("true {at}"),
            "x",
            &[&format!(
                "un rând lung {}despre Bălcescu",
                "și altele ".repeat(at)
            )],
        );
    }
    archive.put("initial", "x", &["martor N. Bălcescu"]);
    let hits = archive.search("bălcescu");
    assert_eq!(hits.total, 11);
    let last = hits.hits.last().unwrap();
    assert_ne!(last.reference, "read", "ten are asked for");
    let hits = ask(&archive, "Bălcescu", |query| query.limit = 20);
    let last = hits.hits.last().unwrap();
    let near = &last.pages[0].near[0];
    assert_eq!(last.reference, "read");
    assert_eq!(
        (near.asked.as_str(), near.found.as_str(), near.reason),
        ("Bălcescu", "Balcescn", NearReason::LooksAlike)
    );
    let hits = archive.search("Nicolae Bălcescu");
    let near = &hits.hits[0].pages[0].near[0];
    assert_eq!(
        (near.asked.as_str(), near.reason),
        ("Nicolae", NearReason::Initial)
    );
}

#[test]
fn a_word_that_stands_nowhere_is_perhaps_another() {
    let mut archive = Archive::in_ram();
    for at in 0..3 {
        archive.put(&at.to_string(), "x", &["Autorizație pentru Pârvulescu Ion"]);
    }
    for (query, expected) in [
        ("autorizeție xyzxyz", Some("autorizație xyzxyz")),
        ("Autorizeție xyzxyz", Some("Autorizație xyzxyz")),
        ("parvuleseu", Some("pârvulescu")),
        ("autorizație", None),
        ("qqqqqqq", None),
    ] {
        assert_eq!(archive.search(query).did_you_mean.as_deref(), expected, "{query}");
    }
}

#[test]
fn references_names_and_streets_are_completed() {
    let mut archive = Archive::in_ram();
    archive.put("17_A-1978", "x", &["domnul POPESCU Ion, str. Popa Șapcă nr. 3"]);
    archive.put("171", "x", &["Ion Popescu și Popescu Ion", "Bdul. Unirii"]);
    let searcher = archive.searcher();
    let complete = |text: &str| {
        let found = searcher.complete(text, 5).unwrap();
        found
            .into_iter()
            .map(|completion| (completion.text, completion.kind, completion.count))
            .collect::<Vec<_>>()
    };
    use CompletionKind::{Name, Reference, Street};
    let row = |text: &str, kind, count| (text.to_owned(), kind, count);
    for (typed, expected) in [
        (
            "17",
            vec![row("171", Reference, 1), row("17_A-1978", Reference, 1)],
        ),
        ("17 a", vec![row("17_A-1978", Reference, 1)]),
        (
            "pop",
            vec![
                row("Popescu Ion", Name, 2),
                row("Ion Popescu", Name, 1),
                row("Strada Popa Șapcă", Street, 1),
            ],
        ),
        (
            "ION PO",
            vec![row("Popescu Ion", Name, 2), row("Ion Popescu", Name, 1)],
        ),
        ("strada popa s", vec![row("Strada Popa Șapcă", Street, 1)]),
        ("unir", vec![row("Bulevardul Unirii", Street, 1)]),
        ("p", vec![]),
        ("", vec![]),
        ("\0\u{1f}", vec![]),
    ] {
        assert_eq!(complete(typed), expected, "{typed}");
    }
}
