//! What is found, where it stands, and in which order.

use hrisov_index::{SearchHits, SearchQuery};
use hrisov_model::DossierId;

use crate::pages::{Archive, dossier, page, page_numbers, references, words_in};

const INQUIRY: &str = "PRIMĂRIA ORAŞULUI Râmnicu\nAnchetă socială nr. 1234/12.03.1978\n\
    Subsemnata Maria Bălcescu, CNP 2780312123456,\ndomiciliată în Strada Morii nr. 17/A, solicită autori-\n\
    zaţie de construire. Prin hotărîrea din 12 martie\ns-a aprobat cererea doamnei.";

/// Each row: a query, and what the boxes of its one page cover.
#[test]
fn boxes_cover_what_was_asked() {
    let mut archive = Archive::in_ram();
    archive.put("17_A", "Anchetă socială", &[INQUIRY]);
    let text = page(INQUIRY);
    for (query, expected) in [
        ("balcescu", &["Bălcescu,"][..]),
        ("BĂLCESCU maria", &["Maria", "Bălcescu,"]),
        ("2780312123456", &["2780312123456,"]),
        ("1234/12.03.1978", &["1234/12.03.1978"]),
        ("12.03.1978", &["1234/12.03.1978"]),
        ("12 03 1978", &["1234/12.03.1978"]),
        ("12 martie 1978", &["1234/12.03.1978"]),
        ("nr 1234 din 12 martie 1978", &["1234/12.03.1978"]),
        ("1234", &["1234/12.03.1978"]),
        ("17/a", &["17/A,"]),
        ("\"strada morii nr 17\"", &["Strada Morii nr. 17/A,"]),
        ("autorizație", &["autori-", "zaţie"]),
        ("autorizații", &["autori-", "zaţie"]),
        ("autorizatie construire", &["autori-", "zaţie", "construire."]),
        (
            "\"solicită autorizație de construire\"",
            &["solicită autori-", "zaţie de construire."],
        ),
        ("\"autorizație de\"", &["autori-", "zaţie de"]),
        ("zaţie", &["zaţie"]),
        ("hotărâre", &["hotărîrea"]),
        ("hotarire", &["hotărîrea"]),
        ("s-a", &["s-a"]),
        ("orașul ramnicu", &["ORAŞULUI", "Râmnicu"]),
        ("cerere", &["cererea"]),
    ] {
        let hits = archive.search(query);
        assert_eq!((hits.total, hits.pages_total), (1, 1), "{query}");
        let boxes = &hits.hits[0].pages[0].boxes;
        let covered: Vec<_> = boxes.iter().map(|&rect| words_in(&text, rect)).collect();
        assert_eq!(covered, expected, "{query}");
    }
}

/// Each row: a query, the words of its best hit, and what stands before and after them on the line.
#[test]
fn the_best_hit_stands_where_most_of_the_words_meet() {
    let mut archive = Archive::in_ram();
    let text = "Strada Horea nr. 2\nPopa Ion, Strada Morii nr. 7\nStrada Nouă; Strada Lungă; Strada Gării";
    archive.put("17", "Tabel", &[text]);
    archive.put("18", "Alte străzi", &["Strada Unirii", "Strada Vlad"]);
    for (query, best, before, after) in [
        ("strada morii", "Morii", "Popa Ion, Strada", "nr. 7"),
        ("morii strada 7", "Morii", "Popa Ion, Strada", "nr. 7"),
        (
            "\"strada lungă\"",
            "Strada Lungă;",
            "Strada Nouă;",
            "Strada Gării",
        ),
        ("popa", "Popa", "", "Ion, Strada Morii nr. 7"),
    ] {
        let hits = archive.search(query);
        let hit = &hits.hits[0].pages[0];
        assert_eq!(words_in(&page(text), hit.boxes[hit.best]), best, "{query}");
        let context = &hit.contexts[hit.best];
        let found = [&context.before, &context.found, &context.after];
        assert_eq!(found, [before, best, after], "{query}");
        assert_eq!(hit.contexts.len(), hit.boxes.len(), "{query}");
        assert!(hit.snippet.contains(best), "{query}: {}", hit.snippet);
    }
}

#[test]
fn what_is_not_there_is_not_found() {
    let mut archive = Archive::in_ram();
    archive.put("17_A", "Anchetă socială", &[INQUIRY]);
    for query in [
        "",
        "   ",
        "...",
        "Băsescu",
        "Bălcescu Ionescu",
        "\"Morii Strada\"",
        "\"strada moara\"",
        "1979",
        "1234/1979",
        "278031212345",
        "\"anchetă socială cutia\"",
    ] {
        let hits = SearchHits {
            partial: Vec::new(),
            ..archive.search(query)
        };
        assert_eq!(hits, SearchHits::default(), "{query:?}");
    }
}

/// Each row: a query, the dossiers with all its words, and those that lack one, with the word.
#[test]
fn where_few_dossiers_have_all_words_those_that_lack_one_follow() {
    let mut archive = Archive::in_ram();
    archive.put(
        "a",
        "Cerere",
        &["Popescu Zamfir, Strada Morii", "chitanță din 12 martie 1971"],
    );
    archive.put("b", "Cerere", &["Popescu Zam:ir, Strada Morii nr. 55"]);
    archive.put("c", "Cerere", &["Ionescu Zamfir, Strada Gării"]);
    archive.put("d", "Cerere", &["nimic din toate acestea"]);
    for (query, all, lacking) in [
        ("popescu zamfir morii", &["a"][..], &[("b", "zamfir")][..]),
        ("popescu zamfir", &["a"], &[("b", "zamfir"), ("c", "popescu")]),
        ("zamfir", &["a", "c"], &[]),
        ("zamfir chitanță -ionescu", &["a"], &[]),
        ("popescu zamfir gării", &[], &[("a", "gării"), ("c", "popescu")]),
        ("\"popescu zamfir\" morii", &["a"], &[("b", "zamfir")]),
        (
            "\"morii popescu\"",
            &[],
            &[("a", "morii popescu"), ("b", "morii popescu")],
        ),
        ("nr. 55/12.03.1971", &[], &[("a", "55"), ("b", "12.03.1971")]),
        ("popescu 1780312123456", &[], &[("a", ""), ("b", "")]),
    ] {
        let hits = archive.search(query);
        let mut found = references(&hits);
        found.sort();
        assert_eq!(found, all, "{query}");
        assert_eq!(hits.total, all.len() as u64, "{query}");
        let mut partial: Vec<(&str, &str)> = hits
            .partial
            .iter()
            .map(|hit| (hit.reference.as_str(), hit.missing[0].as_str()))
            .collect();
        partial.sort_unstable();
        assert_eq!(partial, lacking, "{query}");
        assert!(hits.partial.iter().all(|hit| hit.missing.len() == 1), "{query}");
    }
    let second = SearchQuery {
        offset: 1,
        ..SearchQuery::new("popescu zamfir")
    };
    assert!(archive.searcher().search(&second).unwrap().partial.is_empty());
    for at in 0..9 {
        archive.put(&format!("f{at}"), "Cerere", &["Popescu Zamfir"]);
    }
    let hits = archive.search("popescu zamfir");
    assert_eq!((hits.total, hits.partial.len()), (10, 0), "there are enough");
}

#[test]
fn a_snippet_is_the_recognised_line_with_its_neighbours() {
    let mut archive = Archive::in_ram();
    archive.put(
        "1",
        "<b>x</b>",
        &[INQUIRY, "scurt <b>rând</b>", &"cuvânt ".repeat(300)],
    );
    let snippet = |query: &str| archive.search(query).hits[0].pages[0].snippet.clone();
    assert_eq!(
        snippet("Bălcescu cnp"),
        "Anchetă socială nr. 1234/12.03.1978 Subsemnata Maria Bălcescu, CNP •••••••••••••, \
         domiciliată în Strada Morii nr. 17/A, solicită autori-"
    );
    assert_eq!(snippet("rând"), "scurt <b>rând</b>");
    assert_eq!(snippet("cuvânt").chars().count(), 400);
}

#[test]
fn other_readings_of_a_word_find_its_page_and_the_surest_is_shown() {
    let mut archive = Archive::in_ram();
    let text =
        "Cneurghita¿Gheorghița Muresan nr. I2B4¿1234 din 12 mai 1978\nJUDEUS¿JUDEPUI¿JUDEȚUL Sibiu 3/1";
    archive.put("1", "x", &[text]);
    archive.put("2", "x", &["Gheorghe Mureșanu nr. 1243 din 12 mai 1978 județ"]);
    for (query, marked) in [
        ("gheorghita muresan", "Cneurghita Muresan"),
        ("\"gheorghita muresan\"", "Cneurghita Muresan"),
        ("cneurghita", "Cneurghita"),
        ("nr. 1234/12.05.1978", "I2B4 din 12 mai 1978"),
        ("\"judetul sibiu\"", "JUDEUS Sibiu"),
    ] {
        let hits = archive.search(query);
        assert_eq!(references(&hits)[0], "1", "{query}");
        let page = &hits.hits[0].pages[0];
        assert!(!page.snippet.contains("Gheorghița"), "{}", page.snippet);
        let boxed = page.boxes.iter().map(|&rect| words_in(&self::page(text), rect));
        let boxed: Vec<String> = boxed.collect();
        assert_eq!(boxed.join(" "), marked, "{query}");
    }
}

#[test]
fn every_word_must_stand_somewhere_in_the_dossier() {
    let mut archive = Archive::in_ram();
    archive.put("a", "Autorizație Popescu", &["cerere de mutare", "proces verbal"]);
    archive.put("b", "Cerere", &["Popescu"]);
    archive.put("c", "Popescu", &[]);
    for (query, expected) in [
        ("cerere verbal", &["a"][..]),
        ("cerere popescu mutare", &["a"]),
        ("popescu", &["a", "b", "c"]),
        ("popescu cerere", &["a", "b"]),
        ("popescu cerere verbal lipsă", &[]),
        ("cutia prim popescu", &["a", "b", "c"]),
        ("\"cutia 4\" mutare", &["a"]),
    ] {
        let mut found = archive.references(query);
        found.sort();
        assert_eq!(found, expected, "{query}");
    }
    let hits = archive.search("popescu");
    let described = hits.hits.iter().find(|hit| hit.reference == "c").unwrap();
    assert_eq!(
        (described.page_hits, described.pages.len()),
        (0, 0),
        "only the description matches"
    );
    assert_eq!(hits.pages_total, 1);
}

#[test]
fn better_hits_come_first() {
    let mut archive = Archive::in_ram();
    archive.put("stem", "x", &["autorizații autorizații autorizații"]);
    archive.put("body", "x", &["o autorizație între alte cuvinte de pe pagină"]);
    archive.put("title stem", "Autorizații", &["x"]);
    archive.put("title", "Autorizație", &["x"]);
    assert_eq!(
        archive.references("autorizație"),
        ["title", "title stem", "body", "stem"]
    );

    archive.put("apart", "x", &["Maria", "Bălcescu"]);
    archive.put("together", "x", &["Maria Bălcescu"]);
    archive.put("by title", "Maria", &["Bălcescu"]);
    assert_eq!(
        archive.references("maria bălcescu"),
        ["together", "by title", "apart"]
    );

    archive.put("split", "x", &["nr. 1234 / 1978"]);
    archive.put("whole", "x", &["nr. 1234/1978"]);
    archive.put("other", "x", &["nr. 1234/1979, din 1978"]);
    let mut found = archive.references("1234/1978");
    found.sort();
    assert_eq!(found, ["split", "whole"]);
}

#[test]
fn pages_with_more_of_the_words_come_first() {
    let mut archive = Archive::in_ram();
    archive.put(
        "a",
        "x",
        &[
            "strada",
            "strada morii strada",
            "strada morii 1978",
            "morii",
            "nimic",
        ],
    );
    archive.put("b", "x", &["strada"; 20]);
    let hits = archive.search("strada morii 1978");
    assert_eq!(
        page_numbers(&hits.hits[0]),
        [3, 2, 4],
        "those that tell little are not listed"
    );
    assert_eq!((hits.hits[0].page_hits, hits.pages_total), (4, 4));
    let scores: Vec<f32> = hits.hits[0].pages.iter().map(|page| page.score.floor()).collect();
    assert_eq!(scores, [3.0, 2.0, 1.0]);
    assert!(hits.hits[0].score >= hits.hits[0].pages[0].score);
}

#[test]
fn references_are_found_as_typed() {
    let mut archive = Archive::in_ram();
    for reference in ["17_A-1978 (vol. II)", "Dosar 12", "img_0012.tif", "1"] {
        archive.put(reference, reference, &["pagina"]);
        assert_eq!(
            archive.references(reference).first().map(String::as_str),
            Some(reference)
        );
        let quoted = archive.references(&format!("\"{reference}\""));
        assert_eq!(quoted.first().map(String::as_str), Some(reference));
    }
}

#[test]
fn words_without_marks_meet_through_the_archives_own_words() {
    let mut archive = Archive::in_ram();
    archive.put("typewriter", "x", &["PIINE"]);
    assert_eq!(archive.references("paine"), [""; 0], "no rule makes i of a");
    archive.put("print", "x", &["Pâine"]);
    let mut found = archive.references("paine");
    found.sort();
    assert_eq!(found, ["print", "typewriter"]);
    assert_eq!(archive.references("piine").len(), 2);
}

#[test]
fn pages_of_an_answer_are_cut_out_of_one_stable_order() {
    let mut archive = Archive::in_ram();
    for at in 0..25 {
        archive.put(
            &at.to_string(),
            "x",
            &["aceeași pagină", "aceeași pagină", "aceeași"],
        );
    }
    let searcher = archive.searcher();
    let ask = |offset, limit, pages_per_dossier| {
        let text = "aceeași".into();
        searcher
            .search(&SearchQuery {
                text,
                limit,
                offset,
                pages_per_dossier,
                ..SearchQuery::new("")
            })
            .unwrap()
    };
    let all = ask(0, usize::MAX, usize::MAX);
    assert_eq!((all.total, all.pages_total, all.hits.len()), (25, 75, 25));
    assert!(
        all.hits.iter().all(|hit| page_numbers(hit) == [3, 1, 2]),
        "the shortest page, then by number"
    );
    let ids = |hits: &SearchHits| {
        hits.hits
            .iter()
            .map(|hit| hit.dossier)
            .collect::<Vec<DossierId>>()
    };
    for (offset, limit) in [
        (0, 10),
        (10, 10),
        (20, 10),
        (25, 10),
        (usize::MAX, usize::MAX),
        (3, 0),
    ] {
        let part = ask(offset, limit, 1);
        let expected: Vec<_> = ids(&all).into_iter().skip(offset).take(limit).collect();
        assert_eq!(ids(&part), expected, "{offset} {limit}");
        assert_eq!((part.total, part.pages_total), (25, 75));
        assert!(
            part.hits
                .iter()
                .all(|hit| hit.pages.len() == 1 && hit.page_hits == 3)
        );
    }
}

#[test]
fn a_rare_word_narrows_the_search_without_changing_its_answer() {
    // Enough dossiers that the rare word's are walked alone, and the common words' all.
    let mut archive = Archive::in_ram();
    for at in 0..1_500 {
        let id = DossierId::random();
        archive
            .writer
            .put_dossier(&dossier(id, &format!("D{at}"), "Cerere"))
            .unwrap();
        archive.put_page(id, 1, &page("cerere de autorizație"));
        archive.put_page(id, 2, &page(&format!("popescu numărul{at}")));
    }
    archive.commit();
    let hits = archive.search("cerere popescu numărul7777");
    assert_eq!(
        references(&hits),
        [""; 0],
        "a word with digits is not stemmed, nor cut"
    );
    let hits = archive.search("cerere popescu numarul777 autorizații");
    assert_eq!(
        (references(&hits), hits.pages_total),
        (vec!["D777".to_owned()], 2)
    );
    let hits = archive.search("cerere popescu");
    assert_eq!((hits.total, hits.pages_total), (1_500, 3_000));
}

#[test]
fn unreadable_pages_are_told_with_the_hit() {
    let mut archive = Archive::in_ram();
    let id = DossierId::random();
    let entry = hrisov_index::DossierEntry {
        unreadable_pages: 3,
        ..dossier(id, "1", "Titlu")
    };
    archive.writer.put_dossier(&entry).unwrap();
    archive.commit();
    let hit = archive.search("titlu").hits.remove(0);
    assert_eq!(hit.unreadable_pages, 3);
    assert_eq!((hit.fonds.as_str(), hit.box_name.as_str()), ("PRIM", "Cutia 4"));
}
