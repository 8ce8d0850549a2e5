//! Words that recognition may have made of a word: those of the index that look like it.
//!
//! A word is compared with the index's own words only, by an automaton that walks their transducer and
//! leaves every branch that has become too unlike. Costs are quarters of an edit: letters that look alike
//! cost half of one or three quarters, two letters that look like one (`rn`, `m`) as well. Marks do not
//! matter: both sides are folded.

use std::cell::Cell;

use tantivy::{TantivyError, Term};
use tantivy_fst::Automaton;

use crate::{analyser, query::Unit, snapshot::Snapshot};

/// Letters of a word that is compared.
const LETTERS: std::ops::RangeInclusive<usize> = 4..=24;

/// An edit that has nothing to do with how letters look.
const EDIT: u8 = 4;
/// The same for words that the index has: out of reach of all but long words.
const EDIT_OF_KNOWN: u8 = 6;

/// Letters that are easily taken for each other: half an edit.
const ALIKE: [&str; 16] = [
    "ce", "nu", "il", "1l", "1i", "1t", "lt", "0o", "oc", "uv", "ij", "5s", "8b", "gq", "2z", "fl",
];
/// Letters that are sometimes taken for each other: three quarters.
const SIMILAR: [&str; 22] = [
    "hb", "ft", "eo", "ao", "ae", "mn", "rn", "rt", "hn", "hk", "vy", "uy", "6b", "9g", "6g", "ld", "cg",
    "pn", "kx", "it", "sz", "ti",
];
/// Two letters that look like one: half an edit.
const PAIRS: [(&[u8; 2], u8); 14] = [
    (b"rn", b'm'),
    (b"nn", b'm'),
    (b"in", b'm'),
    (b"ni", b'm'),
    (b"ri", b'n'),
    (b"ii", b'u'),
    (b"ii", b'n'),
    (b"li", b'h'),
    (b"vv", b'w'),
    (b"cl", b'd'),
    (b"ol", b'd'),
    (b"lc", b'k'),
    (b"ci", b'a'),
    (b"li", b'b'),
];

/// Nodes of the transducers that are looked at for one word in one segment: some ten milliseconds.
const STEPS_MAX: u32 = 200_000;

/// Forms taken over for one word.
const FORMS_MAX: usize = 24;

/// A form is recognition's work where it is at most one so-many-th as frequent as the word: more frequent
/// ones are words of their own.
const RARER: u64 = 4;

/// Adds to each word of the query the forms of the index that look like it.
pub(crate) fn widen(units: &mut [Unit], snapshot: &Snapshot) -> Result<(), TantivyError> {
    for unit in units {
        if let Unit::Word {
            exact, stems, near, ..
        } = unit
            && !stems.is_empty()
        {
            *near = forms(&exact[0], exact, stems, snapshot)?;
        }
    }
    Ok(())
}

/// The words of the index that are nearest to a folded word, nearest and most frequent first.
fn forms(
    word: &str,
    exact: &[String],
    stems: &[String],
    snapshot: &Snapshot,
) -> Result<Vec<String>, TantivyError> {
    if !LETTERS.contains(&word.len()) || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Ok(Vec::new());
    }
    let known = known(stems, snapshot)?;
    let mut forms: Vec<(u8, u64, String)> = Vec::new();
    for (form, cost) in candidates(word, known > 0, snapshot)? {
        let is_own = exact.contains(&form)
            || analyser::keys(&form)
                .stems
                .iter()
                .any(|stem| stems.contains(stem));
        if is_own {
            continue;
        }
        let count = frequency(&form, snapshot)?;
        if count > 0 && (known == 0 || count <= 2 || count <= known / RARER) {
            forms.push((cost, count, form));
        }
    }
    forms.sort_by(|a, b| (a.0, b.1, &a.2).cmp(&(b.0, a.1, &b.2)));
    forms.truncate(FORMS_MAX);
    Ok(forms.into_iter().map(|(_, _, form)| form).collect())
}

/// The word of the index that was perhaps meant by one that is not in it: the most frequent of the nearest.
pub(crate) fn meant(word: &str, snapshot: &Snapshot) -> Result<Option<String>, TantivyError> {
    if !LETTERS.contains(&word.len()) || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Ok(None);
    }
    let mut best: Option<(u64, String)> = None;
    for (form, cost) in candidates(word, false, snapshot)? {
        if form == word || form.bytes().any(|byte| byte.is_ascii_digit()) {
            continue;
        }
        // A frequent word is the likelier one, an edit further off must be far more frequent.
        let weight = (frequency(&form, snapshot)? * 1_000) >> (2 * u32::from(cost)).min(20);
        let is_better = best
            .as_ref()
            .is_none_or(|(most, known)| (weight, known) > (*most, &form));
        if weight > 0 && is_better {
            best = Some((weight, form));
        }
    }
    Ok(best.map(|(_, form)| form))
}

/// Whether any form of a word stands anywhere.
pub(crate) fn is_known(
    exact: &[String],
    stems: &[String],
    snapshot: &Snapshot,
) -> Result<bool, TantivyError> {
    let place = snapshot.fields.place.exact;
    for form in exact {
        if snapshot.living_count(&Term::from_field_text(place, form))? > 0 {
            return Ok(true);
        }
    }
    Ok(known(stems, snapshot)? > 0)
}

/// Documents with any form of a word: of its commonest stem.
fn known(stems: &[String], snapshot: &Snapshot) -> Result<u64, TantivyError> {
    let mut known = 0;
    for stem in stems {
        for field in [snapshot.fields.body.stem, snapshot.fields.about.stem] {
            known = snapshot
                .living_count(&Term::from_field_text(field, stem))?
                .max(known);
        }
    }
    Ok(known)
}

fn frequency(form: &str, snapshot: &Snapshot) -> Result<u64, TantivyError> {
    let body = snapshot.living_count(&Term::from_field_text(snapshot.fields.body.exact, form))?;
    Ok(body + snapshot.living_count(&Term::from_field_text(snapshot.fields.about.exact, form))?)
}

/// Forms with their costs, of all segments, by form.
fn candidates(word: &str, is_known: bool, snapshot: &Snapshot) -> Result<Vec<(String, u8)>, TantivyError> {
    let alike = LooksLike::new(word, is_known);
    let mut found = Vec::new();
    for segment in &snapshot.segments {
        for field in [snapshot.fields.body.exact, snapshot.fields.about.exact] {
            let index = segment.reader.inverted_index(field)?;
            alike.steps.set(0);
            let mut terms = index.terms().search(&alike).into_stream()?;
            while terms.advance() {
                if let Ok(form) = std::str::from_utf8(terms.key()) {
                    found.push((form.to_owned(), alike.cost(form)));
                }
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Accepts what looks like a word.
struct LooksLike {
    word: Vec<u8>,
    edit: u8,
    budget: u8,
    steps: Cell<u32>,
}

const WIDTH: usize = 25;
const FAR: u8 = 100;

/// Per number of letters of the word, what it costs to make of them what was read so far; and the same one
/// letter before.
#[derive(Clone, Copy)]
struct State {
    now: [u8; WIDTH],
    before: [u8; WIDTH],
    last: u8,
}

impl LooksLike {
    fn new(word: &str, is_known: bool) -> Self {
        Self {
            word: word.as_bytes().to_vec(),
            edit: if is_known { EDIT_OF_KNOWN } else { EDIT },
            budget: match word.len() {
                ..=4 => 2,
                5 => 3,
                6..=9 => 4,
                _ => 6,
            },
            steps: Cell::new(0),
        }
    }

    fn cost(&self, form: &str) -> u8 {
        let state = form
            .bytes()
            .fold(self.start(), |state, byte| self.accept(&state, byte));
        state.now[self.word.len()]
    }

    /// What remains possible where the last byte may be the first of two that stand for one letter.
    fn may_be_pair(&self, state: &State) -> bool {
        let begins = |letter: u8| {
            PAIRS
                .iter()
                .any(|(pair, one)| *one == letter && pair[0] == state.last)
        };
        let letters = self.word.iter().enumerate();
        letters
            .filter(|&(_, &letter)| begins(letter))
            .any(|(at, _)| state.before[at] + 2 <= self.budget)
    }
}

impl Automaton for LooksLike {
    type State = State;

    fn start(&self) -> State {
        let mut now = [FAR; WIDTH];
        for (at, cost) in now.iter_mut().take(self.word.len() + 1).enumerate() {
            *cost = self.edit.saturating_mul(at as u8).min(FAR);
        }
        State {
            now,
            before: [FAR; WIDTH],
            last: 0,
        }
    }

    fn is_match(&self, state: &State) -> bool {
        state.now[self.word.len()] <= self.budget
    }

    fn can_match(&self, state: &State) -> bool {
        let is_near = state.now[..=self.word.len()]
            .iter()
            .any(|&cost| cost <= self.budget);
        self.steps.get() < STEPS_MAX && (is_near || self.may_be_pair(state))
    }

    fn accept(&self, state: &State, byte: u8) -> State {
        self.steps.set(self.steps.get() + 1);
        let mut next = [FAR; WIDTH];
        next[0] = (state.now[0] + self.edit).min(FAR);
        for at in 1..=self.word.len() {
            let letter = self.word[at - 1];
            let mut cost = state.now[at - 1] + self.unlike(letter, byte);
            cost = cost.min(state.now[at] + self.edit).min(next[at - 1] + self.edit);
            cost = cost.min(state.before[at - 1] + pair_cost([state.last, byte], letter));
            if let Some(before) = at.checked_sub(2) {
                let pair = [self.word[before], letter];
                cost = cost.min(state.now[before] + pair_cost(pair, byte));
                if pair == [byte, state.last] {
                    cost = cost.min(state.before[before] + self.edit);
                }
            }
            next[at] = cost.min(FAR);
        }
        State {
            now: next,
            before: state.now,
            last: byte,
        }
    }
}

impl LooksLike {
    fn unlike(&self, a: u8, b: u8) -> u8 {
        if a == b {
            return 0;
        }
        UNLIKE[usize::from(class(a))][usize::from(class(b))].min(self.edit)
    }
}

fn pair_cost(pair: [u8; 2], one: u8) -> u8 {
    match PAIRS
        .iter()
        .any(|(letters, letter)| *letter == one && **letters == pair)
    {
        true => 2,
        false => FAR,
    }
}

/// Letters and digits from 1 on; everything else is 0.
const fn class(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => byte - b'a' + 1,
        b'0'..=b'9' => byte - b'0' + 27,
        _ => 0,
    }
}

/// What it costs to take one letter for another.
static UNLIKE: [[u8; 37]; 37] = {
    let mut table = [[FAR; 37]; 37];
    let mut at = 0;
    while at < SIMILAR.len() {
        table = with(table, SIMILAR[at].as_bytes(), 3);
        at += 1;
    }
    let mut at = 0;
    while at < ALIKE.len() {
        table = with(table, ALIKE[at].as_bytes(), 2);
        at += 1;
    }
    table
};

const fn with(mut table: [[u8; 37]; 37], pair: &[u8], cost: u8) -> [[u8; 37]; 37] {
    let (a, b) = (class(pair[0]) as usize, class(pair[1]) as usize);
    table[a][b] = cost;
    table[b][a] = cost;
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike_is_near_and_other_words_are_not() {
        for (word, form, is_known, expected) in [
            ("balcescu", "balcescn", true, true),
            ("balcescu", "ba1cescu", true, true),
            ("balcescu", "baicescu", true, true),
            ("balcescu", "basescu", true, false),
            ("morii", "rnorii", true, true),
            ("morii", "morli", true, true),
            ("morii", "morari", true, false),
            ("cornel", "comel", true, true),
            ("dumitru", "clumitru", true, true),
            ("popescu", "popovici", false, false),
            ("popescu", "poppescu", false, true),
            ("popescu", "poepscu", false, true),
            ("popescu", "poppescu", true, false),
            ("strada", "strado", true, true),
            ("casa", "masa", true, false),
        ] {
            let alike = LooksLike::new(word, is_known);
            let mut state = alike.start();
            let mut can = alike.can_match(&state);
            for byte in form.bytes() {
                state = alike.accept(&state, byte);
                can &= alike.can_match(&state) || !expected;
            }
            assert_eq!(alike.is_match(&state) && can, expected, "{word} {form}");
        }
    }
}
