//! A text as a row of parts with what stands between them: what identifiers are recognised on.

use std::ops::Range;

use hrisov_model::letters;
use unicode_normalization::char::is_combining_mark;

use super::is_ignorable;

/// Signs kept of what stands between two parts; drawn lines are longer.
const GAP_SIGNS_MAX: usize = 8;

/// One part and what stands before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Letters and digits, letter forms normalised, case kept.
    pub(crate) text: String,
    /// Signs since the part before, white space as one space; a line break of its own where a new text begins.
    pub(crate) gap: String,
    /// Whether recognition was not sure of its word.
    pub(crate) is_doubtful: bool,
}

/// The parts of a text, growing word by word.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    list: Vec<Piece>,
    tail: String,
}

impl Pieces {
    /// The pieces of a whole plain text.
    pub(crate) fn of(text: &str) -> Self {
        let mut pieces = Self::default();
        text.split_whitespace()
            .for_each(|word| _ = pieces.push_word(word, false));
        pieces
    }

    /// The next word as it stands on the page, and whether recognition was not sure of it; gives which pieces are its
    /// own.
    pub(crate) fn push_word(&mut self, word: &str, is_doubtful: bool) -> Range<usize> {
        let first = self.list.len();
        let mut part = String::new();
        for letter in letters::normalise(word).chars() {
            if letter.is_alphanumeric() || (is_combining_mark(letter) && !part.is_empty()) {
                part.push(letter);
            } else if !is_ignorable(letter) {
                self.flush(&mut part, is_doubtful);
                self.push_sign(letter);
            }
        }
        self.flush(&mut part, is_doubtful);
        self.push_sign(' ');
        first..self.list.len()
    }

    /// A new text begins: nothing spans from here on to what came before.
    pub(crate) fn push_break(&mut self) {
        self.tail.clear();
        self.tail.push('\n');
    }

    /// All of them.
    pub(crate) fn as_slice(&self) -> &[Piece] {
        &self.list
    }

    fn flush(&mut self, part: &mut String, is_doubtful: bool) {
        if !part.is_empty() {
            self.list.push(Piece {
                text: std::mem::take(part),
                gap: std::mem::take(&mut self.tail),
                is_doubtful,
            });
        }
    }

    fn push_sign(&mut self, sign: char) {
        if self.tail.len() < GAP_SIGNS_MAX && !(sign == ' ' && self.tail.ends_with(' ')) {
            self.tail.push(sign);
        }
    }
}

impl Piece {
    /// The signs before it without spaces; `None` where a new text begins.
    pub(crate) fn signs(&self) -> Option<&str> {
        (!self.gap.contains('\n')).then(|| self.gap.trim())
    }

    /// Whether it is written in digits alone.
    pub(crate) fn is_number(&self) -> bool {
        self.text.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// Its digits as a number, where it has digits alone and at most nine.
    pub(crate) fn number(&self) -> Option<u32> {
        (self.is_number() && self.text.len() <= 9)
            .then(|| self.text.parse().ok())
            .flatten()
    }

    /// Its one letter, where it is a single one.
    pub(crate) fn letter(&self) -> Option<char> {
        let mut letters = self.text.chars();
        letters
            .next()
            .filter(|letter| letter.is_alphabetic() && letters.next().is_none())
    }
}

/// Digits of a part in which recognition put letters that look like them; `None` where fewer than half
/// are digits, or a letter looks like none. The second value says whether any letter was replaced.
pub(crate) fn digits_of(text: &str) -> Option<(String, bool)> {
    let digits: String = text.chars().map(digit_like).collect::<Option<_>>()?;
    let true_digits = text.bytes().filter(u8::is_ascii_digit).count();
    (2 * true_digits >= digits.len()).then_some((digits, true_digits < text.chars().count()))
}

/// Digits that recognition takes for a digit it is not sure of: round ones for round ones, straight ones for straight
/// ones. So are 100 of 111 wrong digits on 250 generated pages of the degraded kind.
pub(super) const fn digits_like(digit: char) -> &'static str {
    match digit {
        '1' | '4' | '7' => "147",
        _ => "0235689",
    }
}

/// What a row of digits becomes with one of them changed to another that looks like it.
pub(super) fn misread_digit(digits: &str) -> impl Iterator<Item = String> {
    digits.char_indices().flat_map(move |(at, digit)| {
        let others = digits_like(digit).chars().filter(move |&other| other != digit);
        others.map(move |other| format!("{}{other}{}", &digits[..at], &digits[at + 1..]))
    })
}

/// Small letters for which recognition takes a digit: those of [`digit_like`], folded.
pub(crate) const fn letters_like(digit: char) -> &'static str {
    match digit {
        '0' => "oqdu",
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
const fn digit_like(letter: char) -> Option<char> {
    Some(match letter {
        '0'..='9' => letter,
        'O' | 'o' | 'Q' | 'D' | 'U' | 'u' => '0',
        'I' | 'l' | 'i' | 'ı' | 'î' | 'Î' => '1',
        'Z' | 'z' => '2',
        'S' | 's' => '5',
        'G' | 'b' => '6',
        'B' | 'R' => '8',
        'g' | 'q' => '9',
        _ => return None,
    })
}
