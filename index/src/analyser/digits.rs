//! Digits as recognition leaves them: letters put for them, one taken for another, one lost.

use std::{collections::BTreeSet, ops::Range};

/// Digits of a part in which recognition put letters that look like them; `None` where fewer than half
/// are digits, or a letter looks like none. The second value says whether any letter was replaced.
pub(crate) fn digits_of(text: &str) -> Option<(String, bool)> {
    let digits: String = text.chars().map(digit_like).collect::<Option<_>>()?;
    let true_digits = text.bytes().filter(u8::is_ascii_digit).count();
    (2 * true_digits >= digits.len()).then_some((digits, true_digits < text.chars().count()))
}

/// A row of digits with one of them changed to any other.
pub(super) fn with_one_changed(digits: &str) -> impl Iterator<Item = String> {
    changed(digits, |_| "0123456789")
}

/// A row of digits with one of them changed to another that looks like it.
pub(super) fn with_one_misread(digits: &str) -> impl Iterator<Item = String> {
    changed(digits, digits_like)
}

/// A row of digits with one more at any of some places: each result once, in rising order.
pub(super) fn with_one_more(digits: &str, places: Range<usize>) -> BTreeSet<String> {
    let with = |at: usize, digit: char| format!("{}{digit}{}", &digits[..at], &digits[at..]);
    places
        .flat_map(|at| ('0'..='9').map(move |digit| with(at, digit)))
        .collect()
}

fn changed(digits: &str, others: fn(char) -> &'static str) -> impl Iterator<Item = String> {
    digits.char_indices().flat_map(move |(at, digit)| {
        let others = others(digit).chars().filter(move |&other| other != digit);
        others.map(move |other| format!("{}{other}{}", &digits[..at], &digits[at + 1..]))
    })
}

/// Digits that recognition takes for a digit it is not sure of: round ones for round ones, straight ones for straight
/// ones. So are 100 of 111 wrong digits on 250 generated pages of the degraded kind.
const fn digits_like(digit: char) -> &'static str {
    match digit {
        '1' | '4' | '7' => "147",
        _ => "0235689",
    }
}

/// Small letters for which recognition takes a digit: those of [`digit_like`], folded.
pub(crate) const fn letters_like(digit: char) -> &'static str {
    match digit {
        '0' => "oqduc",
        '1' => "il",
        '2' => "z",
        '5' => "s",
        '6' => "gb",
        '8' => "br",
        '9' => "gq",
        _ => "",
    }
}

/// The digit that a letter is read for.
pub(super) const fn digit_like(letter: char) -> Option<char> {
    Some(match letter {
        '0'..='9' => letter,
        'O' | 'o' | 'Q' | 'D' | 'U' | 'u' | 'C' => '0',
        'I' | 'l' | 'i' | 'ı' | 'î' | 'Î' => '1',
        'Z' | 'z' => '2',
        'S' | 's' => '5',
        'G' | 'b' => '6',
        'B' | 'R' => '8',
        'g' | 'q' => '9',
        _ => return None,
    })
}
