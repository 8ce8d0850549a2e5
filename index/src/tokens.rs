//! Words to positioned keys, as the engine takes them.

use tantivy::tokenizer::{PreTokenizedString, Token};

use crate::analyser::{self, Keys};

/// Between the folded and the full form in the `spelling` field.
pub(crate) const SPELLING_SEPARATOR: char = '\u{1f}';

/// Positions left free between two texts of one field, so that no phrase spans them.
const GAP: usize = 8;

/// The keys of a text, growing word by word. One part takes one position; a word without parts takes none.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    exact: Vec<Token>,
    stems: Vec<Token>,
    spellings: Vec<String>,
    position: usize,
}

impl Tokens {
    /// The next word as it stands on the page.
    pub(crate) fn push_word(&mut self, word: &str) {
        if let Some(identifier) = analyser::identifier(word) {
            self.exact.push(token(identifier, self.position));
        }
        for part in analyser::parts(word) {
            self.push_keys(analyser::keys(&part), self.position);
            self.position += 1;
        }
    }

    /// A word broken over the last position and the next one: found at both, so that both halves are
    /// boxed and phrases run through it.
    pub(crate) fn push_joined(&mut self, word: &str) {
        let Some(first) = self.position.checked_sub(1) else {
            return;
        };
        let keys = analyser::keys(word);
        self.push_keys(keys.clone(), first);
        self.push_keys(keys, first + 1);
    }

    /// The words of a plain text; no phrase spans from what came before.
    pub(crate) fn push_text(&mut self, text: &str) {
        text.split_whitespace().for_each(|word| self.push_word(word));
        self.position += GAP;
    }

    /// Exact forms, stems, and the terms of the spelling field.
    pub(crate) fn finish(mut self) -> (PreTokenizedString, PreTokenizedString, Vec<String>) {
        self.spellings.sort_unstable();
        self.spellings.dedup();
        (
            tokenized(rising(self.exact)),
            tokenized(rising(self.stems)),
            self.spellings,
        )
    }

    fn push_keys(&mut self, keys: Keys, position: usize) {
        if let Some(reformed) = keys.reformed {
            let spelling = |folded: &String| format!("{folded}{SPELLING_SEPARATOR}{reformed}");
            self.spellings.extend(keys.exact.iter().map(spelling));
        }
        self.exact
            .extend(keys.exact.into_iter().map(|key| token(key, position)));
        self.stems
            .extend(keys.stems.into_iter().map(|key| token(key, position)));
    }
}

/// The given terms as one pre-cut value.
pub(crate) fn spelling_terms(terms: Vec<String>) -> PreTokenizedString {
    tokenized(
        terms
            .into_iter()
            .enumerate()
            .map(|(at, term)| token(term, at))
            .collect(),
    )
}

/// The engine wants rising positions; a joined word comes before the second half's own parts.
fn rising(mut tokens: Vec<Token>) -> Vec<Token> {
    tokens.sort_by(|a, b| (a.position, &a.text).cmp(&(b.position, &b.text)));
    tokens.dedup_by(|a, b| a.position == b.position && a.text == b.text);
    tokens
}

fn token(text: String, position: usize) -> Token {
    Token {
        text,
        position,
        position_length: 1,
        ..Token::default()
    }
}

fn tokenized(tokens: Vec<Token>) -> PreTokenizedString {
    PreTokenizedString {
        text: String::new(),
        tokens,
    }
}
