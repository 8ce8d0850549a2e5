//! What a person typed, as units that must each be found.
//!
//! Words are plain words; identifiers are recognised in any notation. For those who want it: quotes make
//! a phrase, `-word` and `-"phrase"` leave dossiers out, `an:1978` and `an:1970-1980` narrow to years,
//! `nr:` and `cnp:` say what a number is. What does not fit these forms is taken literally.

mod words;

use crate::{
    IndexKey,
    analyser::{self, Pieces},
};

/// Letters of a query that are read; what follows is left out.
const QUERY_LETTERS_MAX: usize = 10_000;

/// Units of a query that are looked for; what follows is left out. At most 64: a unit is a bit.
pub(crate) const UNITS_MAX: usize = 32;

/// Stands where a word hangs on a quote; the analyser does not see it.
const BOUND: char = '\u{2060}';

/// Parts of one phrase that are looked for.
const PHRASE_PARTS_MAX: usize = 32;

/// One thing that must stand somewhere in the dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A word in any of its forms; a number, which has no stems, as it is.
    Word {
        part: String,
        exact: Vec<String>,
        stems: Vec<String>,
        /// Keys of what may stand for it: its initial beside its neighbour; a number read with doubt.
        ids: Vec<String>,
        /// Exact keys that recognition may have made of it.
        near: Vec<String>,
        /// The words beside it in the query.
        neighbours: Vec<Neighbour>,
        /// Exact keys that recognition may have made of it where one of the neighbours stands beside them: less like it.
        far: Vec<String>,
    },
    /// Parts one after the other.
    Phrase {
        /// As typed.
        text: String,
        parts: Vec<PhrasePart>,
    },
    /// An identifier as one word, or else its parts one after the other.
    Identifier { whole: String, parts: Vec<Vec<String>> },
    /// What the analyser recognised, by its keys or else by its parts one after the other.
    Typed(Typed),
}

/// A word beside another, by its keys.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Neighbour {
    pub(crate) exact: Vec<String>,
    pub(crate) stems: Vec<String>,
}

/// A word of a phrase.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PhrasePart {
    /// Its exact forms: any of them is the word.
    pub(crate) exact: Vec<String>,
    /// Its stems, which tell its other forms from misread ones.
    pub(crate) stems: Vec<String>,
    /// Exact keys that recognition may have made of it.
    pub(crate) near: Vec<String>,
}

/// An identifier or an initial by its keys.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Typed {
    /// As typed; empty for a personal number.
    pub(crate) text: String,
    pub(crate) sure: Vec<String>,
    pub(crate) loose: Vec<String>,
    pub(crate) guessed: Vec<String>,
    /// Its parts; none where they are not kept in the open.
    pub(crate) parts: Vec<Vec<String>>,
}

/// A query as it was understood.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Query {
    /// What must be found, but for the optional ones.
    pub(crate) units: Vec<Unit>,
    /// Bits of the units that may be missing.
    pub(crate) optional: u64,
    /// What must not be found.
    pub(crate) excluded: Vec<Unit>,
    /// First and last year that are wanted.
    pub(crate) years: Option<(u16, u16)>,
}

impl Query {
    /// Reads a query; every text is one.
    pub(crate) fn read(text: &str, key: &IndexKey) -> Self {
        let letters: Vec<char> = text.chars().take(QUERY_LETTERS_MAX).collect();
        let mut query = Self::default();
        let mut literal = String::new();
        let mut at = 0;
        while at < letters.len() && query.units.len() < UNITS_MAX {
            let is_minus = letters[at] == '-' && is_word_begin(&letters, at);
            let opens = at + usize::from(is_minus);
            match closing_quote(&letters, opens) {
                Some(end) => {
                    query.push_literal(&std::mem::take(&mut literal), key);
                    let units = phrase(&letters[opens + 1..end].iter().collect::<String>(), key);
                    match is_minus {
                        true => query.excluded.extend(units),
                        false => units
                            .into_iter()
                            .for_each(|unit| query.push(unit, Need::Required)),
                    }
                    at = end + 1;
                    // What hangs on a quote is no operator.
                    literal.push(BOUND);
                }
                None => {
                    literal.push(letters[at]);
                    at += 1;
                }
            }
        }
        query.push_literal(&literal, key);
        query.excluded.truncate(UNITS_MAX);
        // Nothing but exclusions is no question: it is taken at its word.
        if query.units.is_empty() && query.years.is_none() {
            let excluded = std::mem::take(&mut query.excluded);
            excluded
                .into_iter()
                .for_each(|unit| query.push(unit, Need::Required));
        }
        query
    }

    /// The same with what belongs together as words that may stand anywhere; `None` where nothing does.
    pub(crate) fn loosened(&self, key: &IndexKey) -> Option<Self> {
        let apart: Vec<_> = self.units.iter().map(|unit| unit.loosened(key)).collect();
        if apart.iter().all(Option::is_none) {
            return None;
        }
        let mut loose = Self {
            units: Vec::new(),
            optional: 0,
            ..self.clone()
        };
        for (at, (unit, apart)) in self.units.iter().zip(apart).enumerate() {
            let need = match self.optional >> at & 1 {
                1 => Need::Optional,
                _ => Need::Required,
            };
            let units = apart.unwrap_or_else(|| vec![(unit.clone(), need)]);
            units.into_iter().for_each(|(unit, need)| loose.push(unit, need));
        }
        loose.drop_small_words();
        Some(loose)
    }

    /// Bits of the units that must be found.
    pub(crate) fn required(&self) -> u64 {
        match self.units.len() {
            0 => 0,
            count => (u64::MAX >> (64 - count)) & !self.optional,
        }
    }

    fn push_literal(&mut self, text: &str, key: &IndexKey) {
        let mut words = Vec::new();
        for word in text.split_whitespace() {
            let minus = word
                .strip_prefix('-')
                .filter(|rest| rest.starts_with(char::is_alphanumeric));
            match (minus, years(word)) {
                (Some(rest), _) => self
                    .excluded
                    .extend(words::units(&[rest], key).into_iter().map(|(unit, _)| unit)),
                (None, Some(years)) => self.years = Some(years),
                (None, None) => words.push(word),
            }
        }
        for (unit, need) in words::units(&words, key) {
            self.push(unit, need);
        }
        self.drop_small_words();
    }

    fn push(&mut self, unit: Unit, need: Need) {
        if self.units.len() < UNITS_MAX && !self.units.contains(&unit) {
            if need == Need::Optional {
                self.optional |= 1 << self.units.len();
            }
            self.units.push(unit);
        }
    }

    /// Words like `de` and `din` stand everywhere and say nothing beside others.
    fn drop_small_words(&mut self) {
        let is_small = |unit: &Unit| matches!(unit, Unit::Word { exact, .. } if words::is_small(&exact[0]));
        if self.units.iter().all(is_small) || !self.units.iter().any(is_small) {
            return;
        }
        let optional = self.optional;
        self.optional = 0;
        for (at, unit) in std::mem::take(&mut self.units).into_iter().enumerate() {
            let need = match optional >> at & 1 {
                1 => Need::Optional,
                _ => Need::Required,
            };
            if !is_small(&unit) {
                self.push(unit, need);
            }
        }
    }
}

/// Whether a unit must be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Required,
    Optional,
}

/// `an:1978`, `an:1970-1980`.
fn years(word: &str) -> Option<(u16, u16)> {
    let lower = word.to_lowercase();
    let value = lower
        .strip_prefix("an:")
        .or_else(|| lower.strip_prefix("year:"))?;
    let year = |text: &str| {
        let is_year = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_year.then(|| text.parse().ok()).flatten()
    };
    let (first, last) = value.split_once('-').unwrap_or((value, value));
    let (first, last) = (year(first)?, year(last)?);
    Some((std::cmp::min(first, last), std::cmp::max(first, last)))
}

fn is_word_begin(letters: &[char], at: usize) -> bool {
    at.checked_sub(1)
        .is_none_or(|before| letters[before].is_whitespace())
}

/// Where the quote that opens at `at` closes: it opens before a word and closes after one.
fn closing_quote(letters: &[char], at: usize) -> Option<usize> {
    let closers: &[char] = match letters.get(at)? {
        '"' => &['"'],
        '„' => &['”', '“', '"'],
        '“' | '”' => &['”'],
        '«' => &['»'],
        _ => return None,
    };
    let is_inside_word = |at: Option<usize>| {
        at.and_then(|at| letters.get(at))
            .is_some_and(|c| c.is_alphanumeric())
    };
    if is_inside_word(at.checked_sub(1)) {
        return None;
    }
    let closes = |end: &usize| closers.contains(&letters[*end]) && !is_inside_word(Some(end + 1));
    (at + 1..letters.len()).find(closes)
}

/// What stands in quotes; a personal number in it is sought by its hash, beside the rest.
fn phrase(text: &str, key: &IndexKey) -> Vec<Unit> {
    let pieces = Pieces::of(text);
    let pieces = pieces.as_slice();
    let mut units = Vec::new();
    let mut from = 0;
    let push_parts = |units: &mut Vec<Unit>, pieces: &[analyser::Piece]| {
        units.extend(
            (!pieces.is_empty()).then(|| Unit::phrase(pieces.iter().map(|piece| piece.text.as_str()))),
        );
    };
    for found in analyser::recognise(pieces) {
        if found.is_personal_number() {
            push_parts(&mut units, &pieces[from..found.first]);
            units.push(words::typed(
                std::slice::from_ref(&found),
                String::new(),
                Vec::new(),
                key,
            ));
            from = found.last + 1;
        }
    }
    push_parts(&mut units, &pieces[from..]);
    units
}

impl Unit {
    /// The words of a phrase, and the number and the date of a registration number, each by itself; `None` of others.
    pub(crate) fn loosened(&self, key: &IndexKey) -> Option<Vec<(Self, Need)>> {
        let words = |text: &str| words::units(&text.split(' ').collect::<Vec<_>>(), key);
        match self {
            Self::Phrase { text, parts } if parts.len() > 1 => Some(words(text)),
            Self::Typed(typed) => {
                let (number, date) = analyser::number_and_date(&typed.text)?;
                Some([words(&number), words(&date)].concat())
            }
            _ => None,
        }
    }

    /// As it was typed; empty for a personal number.
    pub(crate) fn as_typed(&self) -> &str {
        match self {
            Self::Word { part, .. } => part,
            Self::Phrase { text, .. } => text,
            Self::Identifier { whole, .. } => whole,
            Self::Typed(typed) => &typed.text,
        }
    }

    /// The words of a phrase, one after the other.
    fn phrase<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let words: Vec<&str> = words.take(PHRASE_PARTS_MAX).collect();
        let part = |word: &&str| {
            let keys = analyser::keys(word);
            PhrasePart {
                exact: keys.exact,
                stems: keys.stems,
                near: Vec::new(),
            }
        };
        Self::Phrase {
            parts: words.iter().map(part).collect(),
            text: words.join(" "),
        }
    }
}

fn exact_parts<'a>(parts: impl Iterator<Item = &'a str>) -> Vec<Vec<String>> {
    parts
        .take(PHRASE_PARTS_MAX)
        .map(|part| analyser::keys(part).exact)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Units in short: words as typed, phrases in `[]`, identifiers in `<>`.
    fn outline(text: &str) -> String {
        let first = |parts: &[Vec<String>]| {
            parts
                .iter()
                .map(|forms| forms[0].as_str())
                .collect::<Vec<_>>()
                .join(" ")
        };
        let outline = |unit: &Unit| match unit {
            Unit::Word { part, .. } => part.clone(),
            Unit::Phrase { parts, .. } => {
                let parts: Vec<_> = parts.iter().map(|part| part.exact.clone()).collect();
                format!("[{}]", first(&parts))
            }
            Unit::Identifier { whole, parts } => format!("<{whole}: {}>", first(parts)),
            Unit::Typed(typed) => format!("{{{}}}", typed.sure.join(" ")),
        };
        let query = Query::read(text, &IndexKey::open());
        let units = query
            .units
            .iter()
            .enumerate()
            .map(|(at, unit)| match query.optional >> at & 1 {
                1 => format!("{}?", outline(unit)),
                _ => outline(unit),
            });
        let excluded = query.excluded.iter().map(|unit| format!("not {}", outline(unit)));
        let years = query.years.map(|(first, last)| format!("{first}-{last}"));
        units.chain(excluded).chain(years).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn queries_are_read_as_people_mean_them_and_otherwise_literally() {
        for (text, expected) in [
            ("Strada Morii", "Strada Morii"),
            ("  \t\n ", ""),
            ("... ??? !!", ""),
            ("\"strada Morii\" 1978", "[strada morii] 1978"),
            ("„strada Morii” «Ion Popescu»", "[strada morii] [ion popescu]"),
            ("\"autorizații\"", "[autorizatii]"),
            ("\"strada Morii", "strada Morii"),
            ("strada\" Morii\"", "strada Morii"),
            ("5\"x7\" cm", "<5\"x7: 5 x7> cm"),
            ("\"\" gol", "gol"),
            ("nr. 1234/1978", "{r1234/1978}"),
            ("cerere din 12 mai 1978 a lui Ion", "cerere {d1978-05-12} Ion"),
            ("din de la", "din de la"),
            (
                "Popescu -mutare -\"Strada Morii\"",
                "Popescu not mutare not [strada morii]",
            ),
            ("-mutare", "mutare"),
            ("zi-lumină - Ion", "[zi lumina] Ion"),
            ("Popescu an:1978", "Popescu 1978-1978"),
            ("an:1980-1970", "1970-1980"),
            ("an:78 an:", "<an:78: an 78> an"),
            ("nr:15 nr:1234/1978", "{r15} {r1234/1978}"),
            ("I. Popescu", "{jpopescu+i} Popescu"),
            ("POPESCU D. ION", "POPESCU {jpopescu+d jion+d}? ION"),
            ("într-un", "[intr un]"),
            ("title:Popescu AND (x OR", "[title popescu] AND x OR"),
            ("Morii Morii", "Morii"),
            ("/.*/ <b> ' OR 1=1 --", "b OR <1=1: 1 1>"),
            ("\0\u{1f}\u{7f}", ""),
        ] {
            assert_eq!(outline(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_huge_query_is_cut_to_its_first_words() {
        let huge: String = (0..200_000).map(|at| format!("w{at} ")).collect();
        let units = |text: &str| Query::read(text, &IndexKey::open()).units;
        assert_eq!(units(&huge).len(), UNITS_MAX);
        assert_eq!(units(&"x".repeat(1_000_000)).len(), 1);
        let phrase = format!("\"{}\"", "a ".repeat(4_000));
        assert!(
            matches!(units(&phrase).as_slice(), [Unit::Phrase { parts, .. }] if parts.len() == PHRASE_PARTS_MAX)
        );
    }
}
