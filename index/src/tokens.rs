//! Words to positioned keys, as the engine takes them.

use std::{collections::BTreeSet, ops::Range};

use tantivy::tokenizer::{PreTokenizedString, Token};

use crate::{
    IndexKey,
    analyser::{self, Found, KeyCache, Keys, Piece, Pieces},
    completion,
    links::links,
};

/// Between the folded and the full form in the `spelling` field.
pub(crate) const SPELLING_SEPARATOR: char = '\u{1f}';

/// Positions left free between two texts of one field, so that no phrase spans them.
const GAP: usize = 8;

/// Parts before and after a word that may make an identifier or a name with it.
const AROUND: usize = 8;

/// What has more digits may be a personal number that was misread.
const OPEN_DIGITS_MAX: usize = 9;

/// The keys of a text, growing word by word. One part takes one position; a word without parts takes none.
pub(crate) struct Tokens<'a> {
    cache: &'a mut KeyCache,
    key: &'a IndexKey,
    pieces: Pieces,
    /// Per piece, its position.
    positions: Vec<usize>,
    position: usize,
    words: Vec<Range<usize>>,
    /// Identifiers as one word, and their pieces.
    wholes: Vec<(String, Range<usize>)>,
    /// Broken words, and the piece that is their first half.
    joined: Vec<(String, usize)>,
    /// Words counted from 0, and what else they may be.
    alternatives: Vec<(usize, &'a str)>,
}

/// A text as the engine takes it.
pub(crate) struct Indexed {
    pub(crate) exact: PreTokenizedString,
    pub(crate) stems: PreTokenizedString,
    /// Identifiers, names, and what doubtful numbers may be.
    pub(crate) ids: PreTokenizedString,
    /// Which exact forms follow each other.
    pub(crate) links: PreTokenizedString,
    /// Terms of the spelling field.
    pub(crate) spellings: PreTokenizedString,
    /// Words, counted from 0, that nobody may read out of the index.
    pub(crate) hidden_words: BTreeSet<usize>,
    /// Days named in it: see [`analyser::days`].
    pub(crate) days: Vec<u32>,
    /// Terms of the completion field.
    pub(crate) completions: PreTokenizedString,
}

#[derive(Default)]
struct Positioned {
    exact: Vec<Token>,
    stems: Vec<Token>,
    ids: Vec<Token>,
    spellings: Vec<String>,
}

impl<'a> Tokens<'a> {
    /// No words yet.
    pub(crate) fn new(cache: &'a mut KeyCache, key: &'a IndexKey) -> Self {
        Self {
            cache,
            key,
            pieces: Pieces::default(),
            positions: Vec::new(),
            position: 0,
            words: Vec::new(),
            wholes: Vec::new(),
            joined: Vec::new(),
            alternatives: Vec::new(),
        }
    }

    /// The next word as it stands on the page, and whether recognition was not sure of it.
    pub(crate) fn push_word(&mut self, word: &str, is_doubtful: bool) {
        let pieces = self.pieces.push_word(word, is_doubtful);
        if let Some(identifier) = analyser::identifier(word) {
            self.wholes.push((identifier, pieces.clone()));
        }
        for _ in pieces.clone() {
            self.positions.push(self.position);
            self.position += 1;
        }
        self.words.push(pieces);
    }

    /// What a less sure reading made of the word pushed last: found where that stands.
    pub(crate) fn push_alternative(&mut self, text: &'a str) {
        if let Some(word) = self.words.len().checked_sub(1) {
            self.alternatives.push((word, text));
        }
    }

    /// A word broken over the last position and the next one: found at both, so that both halves are
    /// boxed and phrases run through it.
    pub(crate) fn push_joined(&mut self, word: String) {
        if let Some(first) = self.positions.len().checked_sub(1) {
            self.joined.push((word, first));
        }
    }

    /// No identifier and no name spans from here on to what came before.
    pub(crate) fn push_break(&mut self) {
        self.pieces.push_break();
    }

    /// The words of a plain text; no phrase spans from what came before.
    pub(crate) fn push_text(&mut self, text: &str) {
        self.push_break();
        text.split_whitespace()
            .for_each(|word| self.push_word(word, false));
        self.position += GAP;
    }

    /// All of it.
    pub(crate) fn finish(self) -> Indexed {
        let mut positioned = Positioned::default();
        let pieces = self.pieces.as_slice();
        let found = analyser::recognise(pieces);
        let mut is_hidden = vec![false; pieces.len()];
        for found in &found {
            positioned.push_identifier(found, &self.positions, self.key);
            if found.is_personal_number() {
                is_hidden[found.first..=found.last].fill(true);
            }
        }
        let numbers = analyser::doubtful_numbers(pieces);
        positioned
            .ids
            .extend(numbers.map(|(at, key)| token(key, self.positions[at])));
        let names = analyser::name_keys(pieces).into_iter();
        positioned
            .ids
            .extend(names.map(|name| token(name.key, self.positions[name.at])));
        let open = (pieces.iter().zip(&self.positions).zip(&is_hidden)).filter(|(_, hidden)| !**hidden);
        for ((piece, &position), _) in open {
            positioned.push(self.cache.keys(&piece.text), position);
        }
        for (word, first) in &self.joined {
            let keys = self.cache.keys(word);
            positioned.push(keys, self.positions[*first]);
            positioned.push(keys, self.positions[*first] + 1);
        }
        for &(word, text) in &self.alternatives {
            let own = self.words[word].clone();
            if !own.is_empty() {
                let is_hidden = is_hidden[own.clone()].contains(&true);
                let reread = Reread::new(pieces, &self.positions, own, text);
                positioned.push_reread(&reread, self.cache, self.key, is_hidden);
            }
        }
        for (letters, word) in analyser::acronyms(pieces) {
            let keys = self.cache.keys(&word);
            self.positions[letters]
                .iter()
                .for_each(|&position| positioned.push(keys, position));
        }
        let is_hidden_word = |word: &Range<usize>| is_hidden[word.clone()].contains(&true);
        for (whole, of) in self.wholes {
            if !is_hidden_word(&of) {
                positioned.exact.push(token(whole, self.positions[of.start]));
            }
        }
        let words = self.words.iter().enumerate();
        let hidden_words = words
            .filter(|(_, word)| is_hidden_word(word))
            .map(|(at, _)| at)
            .collect();
        let completions = completion::terms(analyser::offered(pieces));
        positioned.finish(hidden_words, analyser::days(pieces, &found), completions)
    }
}

/// Parts of a text with another reading of one word among them.
struct Reread {
    pieces: Vec<Piece>,
    /// Per piece, the position of what stands there.
    positions: Vec<usize>,
    /// Those of the other reading.
    own: Range<usize>,
    /// It as one word, where it is an identifier.
    whole: Option<String>,
}

impl Reread {
    /// Of a word's parts, at least one, with what stands around them.
    fn new(pieces: &[Piece], positions: &[usize], word: Range<usize>, text: &str) -> Self {
        let before = word.start.saturating_sub(AROUND)..word.start;
        let after = word.end..pieces.len().min(word.end + AROUND);
        let mut other = Pieces::default();
        other.push_word(text, true);
        let mut reread = Self {
            own: before.len()..before.len() + other.as_slice().len(),
            whole: analyser::identifier(text),
            pieces: pieces[before.clone()].to_vec(),
            positions: positions[before].to_vec(),
        };
        for (at, piece) in other.as_slice().iter().enumerate() {
            reread.pieces.push(piece.clone());
            reread
                .positions
                .push(positions[word.start + at.min(word.len() - 1)]);
        }
        if let Some(first) = reread.pieces.get_mut(reread.own.start) {
            first.gap.clone_from(&pieces[word.start].gap);
        }
        reread.pieces.extend_from_slice(&pieces[after.clone()]);
        reread.positions.extend_from_slice(&positions[after]);
        reread
    }
}

impl Positioned {
    /// What another reading of a word is found by, at the word's positions: the identifiers and names that it makes with what
    /// stands around it, and its parts, unless these may be of a personal number.
    fn push_reread(&mut self, reread: &Reread, cache: &mut KeyCache, key: &IndexKey, mut is_hidden: bool) {
        let Reread {
            pieces,
            positions,
            own,
            whole,
        } = reread;
        let found = analyser::recognise(pieces);
        for found in found
            .iter()
            .filter(|found| found.first < own.end && own.start <= found.last)
        {
            is_hidden |= found.is_personal_number();
            self.push_identifier(found, positions, key);
        }
        let names = analyser::name_keys(pieces).into_iter();
        let names = names.filter(|name| own.contains(&name.at));
        self.ids
            .extend(names.map(|name| token(name.key, positions[name.at])));
        let of_own = || own.clone().map(|at| (&pieces[at].text, positions[at]));
        let digits = of_own()
            .flat_map(|(text, _)| text.bytes())
            .filter(u8::is_ascii_digit);
        if !is_hidden && digits.count() <= OPEN_DIGITS_MAX {
            of_own().for_each(|(text, position)| self.push(cache.keys(text), position));
            let whole = whole.iter().zip(&positions[own.clone()]);
            self.exact
                .extend(whole.map(|(whole, &position)| token(whole.clone(), position)));
        }
    }

    /// The keys of an identifier at each position that it takes.
    fn push_identifier(&mut self, found: &Found, positions: &[usize], key: &IndexKey) {
        for key in found.keys(key) {
            let at = positions[found.first..=found.last].iter();
            self.ids.extend(at.map(|&position| token(key.clone(), position)));
        }
    }

    fn push(&mut self, keys: &Keys, position: usize) {
        if let Some(reformed) = &keys.reformed {
            let spelling = |folded: &String| format!("{folded}{SPELLING_SEPARATOR}{reformed}");
            self.spellings.extend(keys.exact.iter().map(spelling));
        }
        let at = |key: &String| token(key.clone(), position);
        self.exact.extend(keys.exact.iter().map(at));
        self.stems.extend(keys.stems.iter().map(at));
    }

    fn finish(mut self, hidden_words: BTreeSet<usize>, days: Vec<u32>, completions: Vec<String>) -> Indexed {
        self.spellings.sort_unstable();
        self.spellings.dedup();
        let list = |terms: Vec<String>| {
            let terms = terms.into_iter().enumerate();
            tokenized(terms.map(|(at, term)| token(term, at)).collect())
        };
        let exact = rising(self.exact);
        let links = links(&exact).into_iter();
        let links = links.map(|(link, position)| token(link, position));
        Indexed {
            links: tokenized(rising(links.collect())),
            exact: tokenized(exact),
            stems: tokenized(rising(self.stems)),
            ids: tokenized(rising(self.ids)),
            spellings: list(self.spellings),
            completions: list(completions),
            hidden_words,
            days,
        }
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
