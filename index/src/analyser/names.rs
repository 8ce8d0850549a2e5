//! Names with initials: `I. Popescu`, `POPESCU D. ION` and `Ion Popescu` meet.
//!
//! Two capitalised parts side by side say of each other with which letter they begin: `Ion Popescu` has
//! `ipopescu+i` where `Ion` stands and `iion+p` where `Popescu` stands. A single capital beside a
//! capitalised part is an initial and says so: `I. Popescu` has `jpopescu+i` as well.

use super::{keys, pieces::Piece};

/// Letters of a name that are looked at.
const NAME_LETTERS: std::ops::RangeInclusive<usize> = 2..=24;

/// A key of the identifier field and the piece where it stands.
pub(crate) struct NameKey {
    pub(crate) at: usize,
    pub(crate) key: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Name,
    Initial,
    Other,
}

/// The keys of names in a text.
pub(crate) fn name_keys(pieces: &[Piece]) -> Vec<NameKey> {
    let kinds: Vec<Kind> = pieces.iter().map(kind).collect();
    let mut found = Vec::new();
    for at in 1..pieces.len() {
        if kinds[at] == Kind::Other || !is_joined(&pieces[at], kinds[at - 1]) {
            continue;
        }
        pair(pieces, &kinds, (at - 1, at), &mut found);
        // Over an initial: `POPESCU D. ION`.
        let over = at.checked_sub(2).filter(|_| kinds[at - 1] == Kind::Initial);
        if let Some(before) =
            over.filter(|&before| kinds[before] == Kind::Name && is_joined(&pieces[at - 1], kinds[before]))
        {
            pair(pieces, &kinds, (before, at), &mut found);
        }
    }
    found
}

/// What a query asks for that has an initial beside a name.
pub(crate) fn initial_beside(initial: char, name: &str) -> Vec<String> {
    beside('i', initial, name)
}

/// What stands for a full name by its initial alone.
pub(crate) fn only_initial_beside(initial: char, name: &str) -> Vec<String> {
    beside('j', initial, name)
}

fn beside(mark: char, initial: char, name: &str) -> Vec<String> {
    let Some(letter) = plain_letter(initial) else {
        return Vec::new();
    };
    let names = keys(name).exact;
    names
        .into_iter()
        .map(|name| format!("{mark}{name}+{letter}"))
        .collect()
}

fn pair(pieces: &[Piece], kinds: &[Kind], (a, b): (usize, usize), found: &mut Vec<NameKey>) {
    for (at, other) in [(a, b), (b, a)] {
        let Some(letter) = pieces[at]
            .text
            .chars()
            .next()
            .filter(|_| kinds[other] == Kind::Name)
        else {
            continue;
        };
        let mut marks = vec!['i'];
        if kinds[at] == Kind::Initial {
            marks.push('j');
        }
        for mark in marks {
            found.extend(
                beside(mark, letter, &pieces[other].text)
                    .into_iter()
                    .map(|key| NameKey { at, key }),
            );
        }
    }
}

fn kind(piece: &Piece) -> Kind {
    if !piece.text.chars().all(char::is_alphabetic) || !piece.text.starts_with(char::is_uppercase) {
        return Kind::Other;
    }
    match piece.text.chars().count() {
        1 => Kind::Initial,
        letters if NAME_LETTERS.contains(&letters) => Kind::Name,
        _ => Kind::Other,
    }
}

/// Whether nothing but a space, or the point after an initial, stands before a piece.
fn is_joined(piece: &Piece, before: Kind) -> bool {
    match piece.signs() {
        Some("" | "-") => before != Kind::Other,
        Some(".") => before == Kind::Initial,
        _ => false,
    }
}

fn plain_letter(letter: char) -> Option<char> {
    super::plain(&letter.to_string()).chars().next()
}
