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
