//! `hrisov search`: the caseworker's search on the terminal.

use hrisov_index::{
    DossierHit, Facet, FacetCounts, FacetField, Filters, HitContext, NearMatch, NearReason, PageHit,
    SearchHits, SearchQuery,
};

use crate::{archive::Archive, args::SearchArgs, exit::Exit, output::Output};

/// Width of a snippet on a terminal of 80 columns.
const SNIPPET_COLUMNS: usize = 66;

pub async fn run(archive: &Archive, args: &SearchArgs, output: &Output) -> anyhow::Result<Exit> {
    let filters = &args.filters;
    let query = SearchQuery {
        limit: args.limit,
        offset: args.offset,
        pages_per_dossier: args.pages,
        filters: Filters {
            fonds: filters.fonds.clone(),
            departments: filters.department.clone(),
            boxes: filters.box_name.clone(),
            kinds: filters.kind.clone(),
            qualities: filters.quality.iter().map(|&quality| quality.into()).collect(),
            years: filters.years,
        },
        sort: args.sort.into(),
        after: args.after,
        facets: match args.facets {
            true => FacetCounts::Count,
            false => FacetCounts::Skip,
        },
        ..SearchQuery::new(args.query.join(" "))
    };
    let searcher = archive.searcher()?;
    let hits = tokio::task::block_in_place(|| searcher.search(&query))?;
    output.result(&hits, || describe(&hits, output))?;
    Ok(Exit::Done)
}

fn describe(hits: &SearchHits, output: &Output) -> String {
    let speech = output.speech;
    let meant = hits.did_you_mean.as_ref().map_or_else(String::new, |meant| {
        let question = speech.pick("Ați vrut să căutați", "Did you mean");
        format!("{question}: {}\n", clean(meant))
    });
    let mut text = match hits.total {
        0 => speech
            .pick(
                "Niciun dosar nu conține toate cuvintele căutate. Încercați mai puține cuvinte.",
                "No dossier holds all these words. Try fewer of them.",
            )
            .to_owned(),
        total => {
            let dossiers = speech.count(total, ("dosar", "dosare"), ("dossier", "dossiers"));
            let pages = speech.count(hits.pages_total, ("pagină", "pagini"), ("page", "pages"));
            format!("{dossiers}, {pages}")
        }
    };
    text.push_str(&format!("\n{meant}"));
    for facet in &hits.facets {
        text.push_str(&describe_facet(facet, output));
    }
    for hit in &hits.hits {
        text.push('\n');
        text.push_str(&describe_dossier(hit, output));
    }
    if !hits.partial.is_empty() {
        let heading = speech.pick("Le lipsește un cuvânt:", "One word is missing in:");
        text.push_str(&format!("\n{heading}\n"));
    }
    for hit in &hits.partial {
        text.push('\n');
        text.push_str(&describe_dossier(hit, output));
    }
    text.truncate(text.trim_end().len());
    text
}

fn describe_dossier(hit: &DossierHit, output: &Output) -> String {
    let speech = output.speech;
    let mut text = format!("{}/{}/{}", hit.fonds, hit.box_name, hit.reference);
    if hit.title != hit.reference && !hit.title.is_empty() {
        text.push_str(&format!(" · {}", hit.title));
    }
    match hit.years {
        Some((first, last)) if first == last => text.push_str(&format!(" · {first}")),
        Some((first, last)) => text.push_str(&format!(" · {first}-{last}")),
        None => {}
    }
    text.push('\n');
    for word in hit.missing.iter().map(|word| clean(word)) {
        let word = match word.is_empty() {
            true => speech
                .pick("codul numeric personal", "the personal number")
                .to_owned(),
            false => word,
        };
        text.push_str(&format!("  {}: {word}\n", speech.pick("fără", "without")));
    }
    for page in &hit.pages {
        text.push_str(&format!(
            "  {} {:>3}  {}\n",
            speech.pick("p.", "p."),
            page.page,
            one_line(page)
        ));
        let mut told: Vec<String> = Vec::new();
        for reason in page.near.iter().map(|near| describe_near(near, output)) {
            // The same word in capitals says no more.
            if told
                .iter()
                .all(|known| known.to_lowercase() != reason.to_lowercase())
            {
                text.push_str(&format!("          {reason}\n"));
                told.push(reason);
            }
        }
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

/// Why a word stands there that was not asked for: "găsit prin asemănare: Balcescn ≈ Bălcescu".
fn describe_near(near: &NearMatch, output: &Output) -> String {
    let speech = output.speech;
    let why = match near.reason {
        NearReason::LooksAlike => speech.pick("găsit prin asemănare", "found by likeness"),
        NearReason::Initial => speech.pick("găsit prin inițială", "found by initial"),
        NearReason::DoubtfulDigit => speech.pick("cifră îndoielnică", "doubtful digit"),
    };
    match near.asked.as_str() {
        "" => format!("{why}: {}", clean(&near.found)),
        asked => format!("{why}: {} ≈ {}", clean(&near.found), clean(asked)),
    }
}

/// A facet in one line: `ani: 1979 (2), 1978 (5)`.
fn describe_facet(facet: &Facet, output: &Output) -> String {
    let speech = output.speech;
    let name = match facet.field {
        FacetField::Fonds => speech.pick("fond", "fonds"),
        FacetField::Department => speech.pick("compartiment", "department"),
        FacetField::Year => speech.pick("ani", "years"),
        FacetField::Kind => speech.pick("fel de act", "kind"),
        FacetField::Box => speech.pick("cutie", "box"),
        FacetField::Quality => speech.pick("calitate", "quality"),
    };
    let values = facet.values.iter();
    let values = values.map(|value| format!("{} ({})", clean(&value.value), speech.number(value.count)));
    format!("  {name}: {}\n", values.collect::<Vec<_>>().join(", "))
}

/// Control characters of a document never reach the terminal.
fn clean(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}

/// The snippet of a page in one line of a terminal; of a long one what stands around the hit.
fn one_line(page: &PageHit) -> String {
    let snippet = plain(&page.snippet);
    let room = SNIPPET_COLUMNS;
    if snippet.chars().count() <= room {
        return snippet;
    }
    let Some(HitContext { before, found, after }) = page.contexts.get(page.best) else {
        return starting(&snippet, room);
    };
    let (before, found) = (plain(before), plain(found));
    let kept = room.saturating_sub(found.chars().count()) * 2 / 3;
    let left_out = before.chars().count().saturating_sub(kept);
    // From the beginning of a word.
    let mut rest = before.char_indices().skip(left_out);
    let line = match rest.find(|&(_, letter)| letter == ' ') {
        Some((at, _)) if left_out > 0 => format!("…{} {found} {}", &before[at..], plain(after)),
        _ => format!("{before} {found} {}", plain(after)),
    };
    starting(line.trim(), room)
}

/// As much of a text as there is room for.
fn starting(text: &str, room: usize) -> String {
    match text.char_indices().nth(room) {
        Some((cut, _)) => format!("{}…", text[..cut].trim_end()),
        None => text.to_owned(),
    }
}

/// One line without control characters.
fn plain(text: &str) -> String {
    clean(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use hrisov_model::PageId;

    use super::*;

    #[test]
    fn of_a_long_line_the_hit_is_seen() {
        let [lead, rest] = [
            "domiciliat în comuna Vadu, județul Olt,",
            "cu anexe și schițe și hărți vechi",
        ];
        for (before, found, after, shown) in [
            ("", "Popescu Ion", "din Vadu", "Popescu Ion din Vadu"),
            (
                "numitul",
                "Popescu Ion",
                &format!("{lead} {rest}"),
                "numitul Popescu Ion domiciliat în comuna Vadu, județul Olt, cu ane…",
            ),
            (
                &format!("numitul {lead} {rest}"),
                "Popescu Ion",
                rest,
                "… cu anexe și schițe și hărți vechi Popescu Ion cu anexe și schițe…",
            ),
            (
                lead,
                rest,
                lead,
                "… Vadu, județul Olt, cu anexe și schițe și hărți vechi domiciliat…",
            ),
        ] {
            let page = PageHit {
                page: 1,
                page_id: PageId::random(),
                score: 1.0,
                snippet: format!("{before} {found} {after}").trim().to_owned(),
                boxes: Vec::new(),
                best: 0,
                contexts: vec![HitContext {
                    before: before.to_owned(),
                    found: found.to_owned(),
                    after: after.to_owned(),
                }],
                near: Vec::new(),
            };
            assert_eq!(one_line(&page), shown);
        }
    }
}
