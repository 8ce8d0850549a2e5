//! Boxes and snippet of one hit page, from what the index keeps of it.

use std::collections::BTreeMap;

use hrisov_model::Rect;

use crate::{
    cursor::Span,
    stored_page::{Place, StoredPage, StoredWord},
};

/// A snippet grows to neighbouring lines while it is shorter than this.
const SNIPPET_LETTERS_WANTED: usize = 120;

/// A snippet is cut to this; recognised lines are rarely half as long.
const SNIPPET_LETTERS_MAX: usize = 400;

/// One rectangle per hit word, for a phrase one per line, in reading order. `spans` has, per unit of the
/// query, where it stands; `places` are the page's.
pub(crate) fn boxes(page: &StoredPage, places: &[Place], spans: &[Vec<Span>]) -> Vec<Rect> {
    let mut boxes = BTreeMap::new();
    for &span in spans.iter().flatten() {
        for (line, first, last) in stretches(places, span) {
            let words = &page.lines[line][first..=last];
            if let Some(rect) = Rect::bounding(words.iter().map(|word| word.rect)) {
                boxes.insert((line, first, last), rect);
            }
        }
    }
    boxes.into_values().collect()
}

/// What was read at the places where a unit stands, each text once.
pub(crate) fn texts_at(page: &StoredPage, places: &[Place], spans: &[Span]) -> Vec<String> {
    let mut texts = Vec::new();
    for &span in spans {
        let words = stretches(places, span)
            .into_iter()
            .flat_map(|(line, first, last)| &page.lines[line][first..=last]);
        let text = words.map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

/// The line with most of the units, with its neighbours where it is short: plain text.
pub(crate) fn snippet(page: &StoredPage, places: &[Place], spans: &[Vec<Span>]) -> String {
    let mut hits: BTreeMap<usize, (u64, usize)> = BTreeMap::new();
    for (unit, spans) in spans.iter().enumerate() {
        for place in spans.iter().filter_map(|&(first, _)| places.get(first as usize)) {
            let (units, first_word) = hits.entry(place.line).or_insert((0, place.word));
            *units |= 1 << unit;
            *first_word = place.word.min(*first_word);
        }
    }
    let best = hits
        .iter()
        .max_by_key(|&(&line, &(units, _))| (units.count_ones(), std::cmp::Reverse(line)));
    let Some((&line, &(_, first_word))) = best else {
        return String::new();
    };
    let mut text = cut(&page.lines[line], first_word);
    for neighbour in [line.checked_add(1), line.checked_sub(1)].into_iter().flatten() {
        let Some(words) = page.lines.get(neighbour) else {
            continue;
        };
        if text.chars().count() >= SNIPPET_LETTERS_WANTED {
            break;
        }
        text = match neighbour > line {
            true => format!("{text} {}", cut(words, 0)),
            false => format!("{} {text}", cut(words, 0)),
        };
    }
    text
}

/// Per line that a span touches: line, first word, last word.
fn stretches(places: &[Place], (first, last): Span) -> Vec<(usize, usize, usize)> {
    let mut stretches: Vec<(usize, usize, usize)> = Vec::new();
    for place in (first..=last).filter_map(|position| places.get(position as usize)) {
        match stretches.last_mut() {
            Some((line, _, last)) if *line == place.line => *last = place.word,
            _ => stretches.push((place.line, place.word, place.word)),
        }
    }
    stretches
}

/// A line's text; a very long one from shortly before the given word on.
fn cut(words: &[StoredWord], from: usize) -> String {
    let join = |words: &[StoredWord]| {
        words
            .iter()
            .map(|word| word.text.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let whole = join(words);
    if whole.chars().count() <= SNIPPET_LETTERS_MAX {
        return whole;
    }
    join(&words[from.saturating_sub(5)..])
        .chars()
        .take(SNIPPET_LETTERS_MAX)
        .collect()
}
