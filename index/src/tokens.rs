//! Words to positioned keys, as the engine takes them.

use tantivy::tokenizer::{PreTokenizedString, Token};

use crate::analyser::{self, KeyCache, Keys};

/// Between the folded and the full form in the `spelling` field.
pub(crate) const SPELLING_SEPARATOR: char = '\u{1f}';

/// Positions left free between two texts of one field, so that no phrase spans them.
const GAP: usize = 8;

/// The keys of a text, growing word by word. One part takes one position; a word without parts takes none.
pub(crate) struct Tokens<'a> {
    cache: &'a mut KeyCache,
    positioned: Positioned,
    position: usize,
}

/// A text as the engine takes it.
pub(crate) struct Indexed {
    pub(crate) exact: PreTokenizedString,
    pub(crate) stems: PreTokenizedString,
    /// Terms of the spelling field.
    pub(crate) spellings: PreTokenizedString,
}

#[derive(Default)]
struct Positioned {
    exact: Vec<Token>,
    stems: Vec<Token>,
    spellings: Vec<String>,
}

impl<'a> Tokens<'a> {
    /// No words yet.
    pub(crate) fn new(cache: &'a mut KeyCache) -> Self {
        Self {
            cache,
            positioned: Positioned::default(),
            position: 0,
        }
    }

    /// The next word as it stands on the page.
    pub(crate) fn push_word(&mut self, word: &str) {
        if let Some(identifier) = analyser::identifier(word) {
            self.positioned.exact.push(token(identifier, self.position));
        }
        for part in analyser::parts(word) {
            self.positioned.push(self.cache.keys(&part), self.position);
            self.position += 1;
        }
    }

    /// A word broken over the last position and the next one: found at both, so that both halves are
    /// boxed and phrases run through it.
    pub(crate) fn push_joined(&mut self, word: &str) {
        if let Some(first) = self.position.checked_sub(1) {
            let keys = self.cache.keys(word);
            self.positioned.push(keys, first);
            self.positioned.push(keys, first + 1);
        }
    }

    /// The words of a plain text; no phrase spans from what came before.
    pub(crate) fn push_text(&mut self, text: &str) {
        text.split_whitespace().for_each(|word| self.push_word(word));
        self.position += GAP;
    }

    /// All of it.
    pub(crate) fn finish(self) -> Indexed {
        let Positioned {
            exact,
            stems,
            mut spellings,
        } = self.positioned;
        spellings.sort_unstable();
        spellings.dedup();
        Indexed {
            exact: tokenized(rising(exact)),
            stems: tokenized(rising(stems)),
            spellings: tokenized(
                spellings
                    .into_iter()
                    .enumerate()
                    .map(|(at, term)| token(term, at))
                    .collect(),
            ),
        }
    }
}

impl Positioned {
    fn push(&mut self, keys: &Keys, position: usize) {
        if let Some(reformed) = &keys.reformed {
            let spelling = |folded: &String| format!("{folded}{SPELLING_SEPARATOR}{reformed}");
            self.spellings.extend(keys.exact.iter().map(spelling));
        }
        let at = |key: &String| token(key.clone(), position);
        self.exact.extend(keys.exact.iter().map(at));
        self.stems.extend(keys.stems.iter().map(at));
    }
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
