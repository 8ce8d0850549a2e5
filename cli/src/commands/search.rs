//! `hrisov search`: the caseworker's search on the terminal.

use hrisov_index::{DossierHit, SearchHits, SearchQuery};

use crate::{archive::Archive, args::SearchArgs, exit::Exit, output::Output};

/// Width of a snippet on a terminal of 80 columns.
const SNIPPET_COLUMNS: usize = 66;

pub async fn run(archive: &Archive, args: &SearchArgs, output: &Output) -> anyhow::Result<Exit> {
    let query = SearchQuery {
        limit: args.limit,
        offset: args.offset,
        pages_per_dossier: args.pages,
        ..SearchQuery::new(args.query.join(" "))
    };
    let searcher = archive.searcher()?;
    let hits = tokio::task::block_in_place(|| searcher.search(&query))?;
    output.result(&hits, || describe(&hits, output))?;
    Ok(Exit::Done)
}

fn describe(hits: &SearchHits, output: &Output) -> String {
    let speech = output.speech;
    if hits.total == 0 {
        return speech
            .pick(
                "Niciun dosar nu conține toate cuvintele căutate. Încercați mai puține cuvinte.",
                "No dossier holds all these words. Try fewer of them.",
            )
            .to_owned();
    }
    let dossiers = speech.count(hits.total, ("dosar", "dosare"), ("dossier", "dossiers"));
    let pages = speech.count(hits.pages_total, ("pagină", "pagini"), ("page", "pages"));
    let mut text = format!("{dossiers}, {pages}\n");
    for hit in &hits.hits {
        text.push('\n');
        text.push_str(&describe_dossier(hit, output));
    }
    text
}

fn describe_dossier(hit: &DossierHit, output: &Output) -> String {
    let speech = output.speech;
    let mut text = format!("{}/{}/{}", hit.fonds, hit.box_name, hit.reference);
    if hit.title != hit.reference && !hit.title.is_empty() {
        text.push_str(&format!(" · {}", hit.title));
    }
    text.push('\n');
    for page in &hit.pages {
        text.push_str(&format!(
            "  {} {:>3}  {}\n",
            speech.pick("p.", "p."),
            page.page,
            one_line(&page.snippet)
        ));
    }
    let more = hit.page_hits.saturating_sub(hit.pages.len() as u64);
    if more > 0 {
        let pages = speech.count(more, ("pagină", "pagini"), ("page", "pages"));
        text.push_str(&match speech {
            crate::speech::Speech::Romanian => format!("          încă {pages}\n"),
            crate::speech::Speech::English => format!("          {pages} more\n"),
        });
    }
    if hit.unreadable_pages > 0 {
        let pages = speech.count(
            u64::from(hit.unreadable_pages),
            ("pagină", "pagini"),
            ("page", "pages"),
        );
        text.push_str(&format!(
            "          {pages} {}\n",
            speech.pick("nu au putut fi citite", "could not be read")
        ));
    }
    text
}

/// A snippet in one line of a terminal; control characters of a document never reach it.
fn one_line(snippet: &str) -> String {
    let words = snippet.split_whitespace().collect::<Vec<_>>().join(" ");
    let clean: String = words.chars().filter(|letter| !letter.is_control()).collect();
    match clean.char_indices().nth(SNIPPET_COLUMNS) {
        Some((cut, _)) => format!("{}…", &clean[..cut]),
        None => clean,
    }
}
