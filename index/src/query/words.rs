//! Unquoted words of a query: which of them together are one identifier, which are names with initials.

use std::ops::Range;

use super::{Need, Neighbour, Typed, Unit, exact_parts};
use crate::{
    IndexKey,
    analyser::{self, Found, Piece, Pieces, Sought},
};

/// Words that stand on nearly every page, folded.
const SMALL_WORDS: [&str; 26] = [
    "a", "ai", "al", "ale", "asupra", "ca", "catre", "ce", "cu", "de", "din", "despre", "in", "la", "lui",
    "nr", "o", "pe", "pentru", "prin", "sau", "si", "un", "unei", "unui", "care",
];

/// Whether a folded word says nothing beside others.
pub(super) fn is_small(folded: &str) -> bool {
    SMALL_WORDS.contains(&folded)
}

/// The units of words in a row, and whether each must be found.
pub(super) fn units(words: &[&str], key: &IndexKey) -> Vec<(Unit, Need)> {
    let mut pieces = Pieces::default();
    let ranges: Vec<Range<usize>> = words.iter().map(|word| pieces.push_word(word, false)).collect();
    let pieces = pieces.as_slice();
    let found = analyser::recognise(pieces);
    let mut units = Vec::new();
    let mut plain: Vec<usize> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        match identifier(&found, &ranges, at) {
            Some((of, end)) => {
                push_plain(&mut units, words, &std::mem::take(&mut plain));
                units.push((typed_words(&of, pieces, key), Need::Required));
                at = end;
            }
            None => {
                plain.push(at);
                at += 1;
            }
        }
    }
    push_plain(&mut units, words, &plain);
    units
}

/// The unit of an identifier in all its meanings.
pub(super) fn typed(found: &[Found], text: String, parts: Vec<Vec<String>>, key: &IndexKey) -> Unit {
    let mut typed = Typed {
        text,
        parts,
        ..Typed::default()
    };
    for found in found {
        let Sought { sure, guessed } = found.sought(key);
        typed.sure.extend(sure);
        typed.guessed.extend(guessed);
    }
    Unit::Typed(typed)
}

/// The widest identifier that begins with a word and ends with one: its meanings, and the word after it.
fn identifier(found: &[Found], ranges: &[Range<usize>], at: usize) -> Option<(Vec<Found>, usize)> {
    let begin = ranges[at].start;
    if ranges[at].is_empty() {
        return None;
    }
    let end_of = |found: &Found| {
        let end = ranges
            .iter()
            .position(|range| range.end == found.last + 1 && !range.is_empty());
        end.map(|end| end + 1).filter(|&end| end > at)
    };
    let fits = |found: &&Found| found.context == begin || found.first == begin;
    let widest = found
        .iter()
        .filter(fits)
        .filter_map(|found| Some((end_of(found)?, found)))
        .max_by_key(|(end, found)| (*end, found.last - found.first, !found.is_doubtful))?;
    let (end, widest) = widest;
    let same = |other: &&Found| {
        (other.first, other.last, other.is_doubtful) == (widest.first, widest.last, widest.is_doubtful)
            && std::mem::discriminant(&other.identifier) == std::mem::discriminant(&widest.identifier)
    };
    Some((found.iter().filter(same).cloned().collect(), end))
}

fn typed_words(found: &[Found], pieces: &[Piece], key: &IndexKey) -> Unit {
    let first = &found[0];
    let pieces = &pieces[first.first..=first.last];
    match first.identifier {
        analyser::Identifier::Cnp(_) | analyser::Identifier::Damaged(_) => {
            typed(found, String::new(), Vec::new(), key)
        }
        // An article's number alone would be any number.
        analyser::Identifier::Article(_) | analyser::Identifier::LandRegister(_) => {
            typed(found, text_of(pieces), Vec::new(), key)
        }
        _ => {
            let parts = exact_parts(pieces.iter().map(|piece| piece.text.as_str()));
            typed(found, text_of(pieces), parts, key)
        }
    }
}

fn text_of(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        if at > 0 {
            text.push_str(&piece.gap);
        }
        text.push_str(&piece.text);
    }
    text
}

fn push_plain(units: &mut Vec<(Unit, Need)>, words: &[&str], plain: &[usize]) {
    let names: Vec<Option<String>> = plain.iter().map(|&at| only_part(words[at])).collect();
    let is_name = |at: usize| {
        names.get(at).and_then(Option::as_deref).filter(|name| {
            name.chars().count() >= 2
                && name.chars().all(char::is_alphabetic)
                && !is_small(&analyser::plain(name))
        })
    };
    let name_count = (0..names.len()).filter(|&at| is_name(at).is_some()).count();
    for (at, &word) in plain.iter().enumerate() {
        let neighbours: Vec<&str> = [at.checked_sub(1), Some(at + 1)]
            .into_iter()
            .flatten()
            .filter_map(is_name)
            .collect();
        let initial = initial(words[word]).filter(|_| !neighbours.is_empty());
        match (initial, names[at].as_deref()) {
            (Some(letter), _) => {
                let need = match name_count {
                    0 | 1 => Need::Required,
                    _ => Need::Optional,
                };
                units.push((initial_unit(words[word], letter, &neighbours), need));
            }
            (None, Some(part)) => {
                let mut beyond = neighbours;
                // `Popescu D. Ion`: the neighbour of a name may stand behind an initial.
                beyond.extend(
                    at.checked_sub(2)
                        .into_iter()
                        .chain([at + 2])
                        .filter(|&other| names.get(usize::midpoint(at, other)).is_some_and(Option::is_some))
                        .filter_map(is_name),
                );
                let beside = [at.checked_sub(1), Some(at + 1)].into_iter().flatten();
                let beside = beside.filter_map(|at| names.get(at)?.as_deref());
                units.push((word_unit(part, &beyond, beside), Need::Required));
            }
            (None, None) => {
                let unit = match analyser::acronym(words[word]) {
                    Some(letters) => Some(word_unit(&letters, &[], std::iter::empty())),
                    None => compound(words[word]),
                };
                units.extend(unit.map(|unit| (unit, Need::Required)));
            }
        }
    }
}

/// The one part of a word; `None` where it has several or none.
fn only_part(word: &str) -> Option<String> {
    let mut parts = analyser::parts(word);
    parts.pop().filter(|_| parts.is_empty())
}

/// The letter of `I.` or a single capital.
fn initial(word: &str) -> Option<char> {
    let mut letters = word.trim_end_matches(['.', ',']).chars();
    let letter = letters.next().filter(|letter| letter.is_alphabetic())?;
    let is_alone = letters.next().is_none();
    (is_alone && (word.contains('.') || letter.is_uppercase())).then_some(letter)
}

fn initial_unit(word: &str, letter: char, neighbours: &[&str]) -> Unit {
    let keys =
        |of: fn(char, &str) -> Vec<String>| neighbours.iter().flat_map(|name| of(letter, name)).collect();
    Unit::Typed(Typed {
        text: word.to_owned(),
        sure: keys(analyser::only_initial_beside),
        loose: keys(analyser::initial_beside),
        ..Typed::default()
    })
}

/// A word with the names beside it, and everything that stands directly beside it.
fn word_unit<'a>(part: &str, neighbours: &[&str], beside: impl Iterator<Item = &'a str>) -> Unit {
    let keys = analyser::keys(part);
    let neighbour = |word: &str| {
        let keys = analyser::keys(word);
        Neighbour {
            exact: keys.exact,
            stems: keys.stems,
        }
    };
    let letter = part
        .chars()
        .next()
        .filter(|_| !keys.stems.is_empty() && part.chars().count() > 1);
    let initials = letter
        .into_iter()
        .flat_map(|letter| neighbours.iter().map(move |name| (letter, *name)))
        .flat_map(|(letter, name)| analyser::only_initial_beside(letter, name));
    Unit::Word {
        part: part.to_owned(),
        exact: keys.exact,
        stems: keys.stems,
        ids: initials.chain(analyser::doubtful_number(part)).collect(),
        near: Vec::new(),
        neighbours: beside.filter(|word| speaks(word)).map(neighbour).collect(),
        far: Vec::new(),
    }
}

/// Whether a word beside another says anything of it.
fn speaks(word: &str) -> bool {
    !is_small(&analyser::plain(word)) && (analyser::has_digit(word) || word.chars().count() > 1)
}

fn compound(word: &str) -> Option<Unit> {
    let parts = analyser::parts(word);
    if parts.is_empty() {
        return None;
    }
    let exact = exact_parts(parts.iter().map(String::as_str));
    Some(match analyser::identifier(word) {
        Some(whole) => Unit::Identifier { whole, parts: exact },
        None => Unit::phrase(parts.iter().map(String::as_str)),
    })
}
