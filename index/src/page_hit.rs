//! Boxes, snippet and best hit of one page, from what the index keeps of it.

use std::collections::BTreeMap;

use hrisov_model::Rect;

use crate::{
    HitContext,
    cursor::Span,
    stored_page::{Place, StoredPage, StoredWord},
};

/// A snippet grows to neighbouring lines while it is shorter than this.
const SNIPPET_LETTERS_WANTED: usize = 120;

/// A snippet is cut to this; recognised lines are rarely half as long.
const SNIPPET_LETTERS_MAX: usize = 400;

/// Words of its line that a hit is shown with on each side; recognised lines rarely have as many.
const CONTEXT_WORDS: usize = 30;

/// Words of a line: line, first word, last word.
type Stretch = (usize, usize, usize);

/// The hits of a page with what is shown of them.
pub(crate) struct Shown {
    /// One rectangle per hit word, for a phrase one per line, in reading order.
    pub(crate) boxes: Vec<Rect>,
    /// Of each rectangle, what stands there.
    pub(crate) contexts: Vec<HitContext>,
    /// Which rectangle is the best hit.
    pub(crate) best: usize,
    /// The lines around the best hit: plain text.
    pub(crate) snippet: String,
}

/// What is shown of a page. `spans` has, per unit of the query, where it stands; `weights` what the unit is worth;
/// `places` are the page's.
pub(crate) fn shown(page: &StoredPage, places: &[Place], spans: &[Vec<Span>], weights: &[f32]) -> Shown {
    // Of each stretch the unit that is worth most.
    let mut hits: BTreeMap<Stretch, (f32, Rect)> = BTreeMap::new();
    for (unit, spans) in spans.iter().enumerate() {
        let weight = weights.get(unit).copied().unwrap_or_default();
        for stretch in spans.iter().flat_map(|&span| stretches(places, span)) {
            let (line, first, last) = stretch;
            let words = &page.lines[line][first..=last];
            if let Some(rect) = Rect::bounding(words.iter().map(|word| word.rect)) {
                let hit = hits.entry(stretch).or_insert((weight, rect));
                hit.0 = hit.0.max(weight);
            }
        }
    }
    let best_line = best_line(places, spans, weights);
    let of_best_line = hits
        .iter()
        .enumerate()
        .filter(|(_, ((line, ..), _))| Some(*line) == best_line);
    let best = of_best_line
        .max_by(|(a, (_, (weight, _))), (b, (_, (other, _)))| weight.total_cmp(other).then(b.cmp(a)))
        .map_or(0, |(at, _)| at);
    Shown {
        best,
        snippet: best_line.map_or_else(String::new, |line| {
            let first_word = hits.keys().find(|stretch| stretch.0 == line);
            snippet(page, line, first_word.map_or(0, |stretch| stretch.1))
        }),
        contexts: hits.keys().map(|stretch| context(page, *stretch)).collect(),
        boxes: hits.into_values().map(|(_, rect)| rect).collect(),
    }
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

/// The line with most of the units; of such lines the one with the rarer units, then the first.
fn best_line(places: &[Place], spans: &[Vec<Span>], weights: &[f32]) -> Option<usize> {
    let mut units_of: BTreeMap<usize, u64> = BTreeMap::new();
    for (unit, spans) in spans.iter().enumerate() {
        for place in spans.iter().filter_map(|&(first, _)| places.get(first as usize)) {
            *units_of.entry(place.line).or_default() |= 1 << unit;
        }
    }
    let worth = |units: u64| -> f32 {
        let of_line = weights
            .iter()
            .enumerate()
            .filter(|(unit, _)| units >> unit & 1 == 1);
        of_line.map(|(_, weight)| weight).sum()
    };
    let best = units_of.iter().max_by(|&(line, &a), &(other, &b)| {
        let by_count = a.count_ones().cmp(&b.count_ones());
        by_count.then(worth(a).total_cmp(&worth(b))).then(other.cmp(line))
    });
    best.map(|(&line, _)| line)
}

/// A line with its neighbours where it is short.
fn snippet(page: &StoredPage, line: usize, first_word: usize) -> String {
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

/// A hit within the rest of its line.
fn context(page: &StoredPage, (line, first, last): Stretch) -> HitContext {
    let words = &page.lines[line];
    HitContext {
        before: joined(&words[first.saturating_sub(CONTEXT_WORDS)..first]),
        found: joined(&words[first..=last]),
        after: joined(&words[last + 1..words.len().min(last + 1 + CONTEXT_WORDS)]),
    }
}

/// Per line that a span touches, its stretch.
fn stretches(places: &[Place], (first, last): Span) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
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
    let whole = joined(words);
    if whole.chars().count() <= SNIPPET_LETTERS_MAX {
        return whole;
    }
    joined(&words[from.saturating_sub(5)..])
        .chars()
        .take(SNIPPET_LETTERS_MAX)
        .collect()
}

fn joined(words: &[StoredWord]) -> String {
    let texts: Vec<_> = words.iter().map(|word| word.text.as_str()).collect();
    texts.join(" ")
}
