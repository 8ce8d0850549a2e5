//! Romanian words to index keys: the one place that decides which spellings meet.
//!
//! A text is cut into *parts* (runs of letters and digits); each part takes one position. For a part,
//! in this order: NFC and comma letters, lower case, reform spelling, stem, fold.
//!
//! | step | before | after |
//! |---|---|---|
//! | letters | `AUTORIZAŢII` | `AUTORIZAȚII` |
//! | lower case | `AUTORIZAȚII` | `autorizații` |
//! | reform (1953, 1964, 1993) | `hotărîre`, `romîn`, `sînt` | `hotărâre`, `român`, `sunt` |
//! | stem (Snowball, comma letters) | `autorizații` | `autoriz` |
//! | fold | `hotărâre`, `Müller` | `hotarare`, `muller` |
//! | short forms | `str.`, `Gh.` | the stems of `stradă`, `Gheorghe` as well |
//! | letters with full stops | `B.I.`, `C. A. P.` | `bi`, `cap` at each of them as well |
//!
//! Folding loses what the reform changed: without diacritics `hotărâre` is typed `hotarare` or, by habit
//! or by an old typewriter, `hotarire`. A part with an inner â therefore has two folded forms, one with
//! `a` and one with `i`, at the same position. Words typed without diacritics stem otherwise than the
//! right ones (`autorizatii` keeps its suffix), so stems are taken of the part and of its folded forms.
//! Two parts meet where any of their keys agree; this is not transitive, which keeps classes small.

mod abbreviations;
mod acronyms;
mod cnp;
mod completions;
mod dates;
mod digits;
mod identifier;
mod kinds;
pub(crate) mod likeness;
mod names;
mod numbers;
mod pieces;

use std::{collections::HashMap, sync::LazyLock};

use frostem::{Algorithm, Stemmer};
use hrisov_model::letters;
use unicode_normalization::UnicodeNormalization as _;

pub(crate) use acronyms::{acronym, acronyms};
pub(crate) use completions::{Offer, Offered, folded, is_street_word, offered, without_street_word};
pub(crate) use digits::letters_like;
pub(crate) use identifier::{
    Found, Identifier, Sought, days, doubtful_number, doubtful_numbers, number_and_date, recognise,
};
pub(crate) use kinds::{HEADING_LINES, kind_of_heading};
pub(crate) use names::{initial_beside, name_keys, only_initial_beside};
pub(crate) use pieces::{Piece, Pieces};

/// Letters of a part that are looked at; longer runs are drawn lines and noise.
const PART_LETTERS_MAX: usize = 64;

/// Parts kept in a [`KeyCache`]: about 10 MB.
const CACHED_PARTS_MAX: usize = 30_000;

/// Endings that may still close a stem: `-uri`, `-ări`, typed `-ari`.
const PLURAL_ENDINGS: [&str; 3] = ["ur", "ăr", "ar"];

/// What closes the stem of a long infinitive (`nașterii`, `opriri`), where Snowball took the bare one
/// (`naștere`) for a verb; and what such a word ends in.
const INFINITIVE_ENDINGS: [&str; 2] = ["er", "ir"];
const INFINITIVE_ARTICLES: [&str; 5] = ["rea", "ri", "rii", "rile", "rilor"];

/// Endings of nouns and adjectives, folded, as they stand behind the letters that their forms have in common.
const ENDINGS: [&str; 29] = [
    "", "a", "e", "i", "u", "o", "l", "ii", "ie", "ia", "ei", "iei", "ea", "ele", "elor", "ul", "ului",
    "lui", "le", "lor", "ile", "ilor", "iile", "iilor", "uri", "urile", "urilor", "rii", "rilor",
];

/// A root is never cut shorter than this.
const ROOT_LETTERS_MIN: usize = 3;

static ROMANIAN: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::new(Algorithm::Romanian));

/// The keys of one part.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Keys {
    /// Folded forms of the word as it stands, one or two; equal ones are an exact hit.
    pub(crate) exact: Vec<String>,
    /// Folded stems; whatever meets exactly meets here too. Empty for parts with digits.
    pub(crate) stems: Vec<String>,
    /// The part after the reform step, where it has an inner â.
    pub(crate) reformed: Option<String>,
}

/// Keys of parts seen before: few words make most of a text, and stemming is what indexing spends its
/// time on.
#[derive(Debug, Default)]
pub(crate) struct KeyCache(HashMap<String, Keys>);

/// How an inner â is folded.
#[derive(Clone, Copy)]
enum InnerA {
    A,
    I,
}

impl KeyCache {
    /// As [`keys`].
    pub(crate) fn keys(&mut self, part: &str) -> &Keys {
        if self.0.len() >= CACHED_PARTS_MAX {
            self.0.clear();
        }
        self.0.entry(part.to_owned()).or_insert_with(|| keys(part))
    }
}

/// The parts of a text in order: runs of letters and digits, letter forms normalised, case kept.
/// Soft hyphens and zero-width characters vanish, everything else separates.
pub(crate) fn parts(text: &str) -> Vec<String> {
    let pieces = Pieces::of(text);
    pieces.as_slice().iter().map(|piece| piece.text.clone()).collect()
}

/// The keys of one part.
pub(crate) fn keys(part: &str) -> Keys {
    let lower: String = letters::normalise(part)
        .chars()
        .take(PART_LETTERS_MAX)
        .flat_map(char::to_lowercase)
        .nfc()
        .collect();
    let reformed = reform(&lower);
    let exact = both_folds(&reformed);
    let has_inner_a = exact.len() > 1;
    let mut stems = Vec::new();
    if !has_digit(part) {
        for stem in stems_of(&reformed) {
            both_folds(&stem)
                .into_iter()
                .for_each(|stem| push_new(&mut stems, stem));
        }
        for stem in exact.iter().flat_map(|form| stems_of(form)) {
            push_new(&mut stems, fold(&stem, InnerA::A));
        }
        for stem in abbreviations::full(&exact[0]).into_iter().flat_map(stems_of) {
            push_new(&mut stems, fold(&stem, InnerA::A));
        }
    }
    Keys {
        exact,
        stems,
        reformed: has_inner_a.then_some(reformed),
    }
}

/// The key of a whole identifier such as `1234/1978` or `17/A`: its parts with their separators as one
/// word; `None` for a single part or where no part has a digit.
pub(crate) fn identifier(word: &str) -> Option<String> {
    let trimmed = letters::normalise(word);
    let trimmed = trimmed.trim_matches(|letter: char| !letter.is_alphanumeric());
    (has_digit(trimmed) && parts(trimmed).len() > 1).then(|| {
        let key = trimmed
            .chars()
            .filter(|&letter| !is_ignorable(letter))
            .take(2 * PART_LETTERS_MAX);
        key.flat_map(char::to_lowercase).collect()
    })
}

/// Whether a digit stands in it: such parts are numbers and are never stemmed.
pub(crate) fn has_digit(text: &str) -> bool {
    text.chars().any(char::is_numeric)
}

/// The first and second half of a word broken at a line end, joined; `None` where the line does not end
/// in a hyphen after a letter or the next one does not go on with a letter.
pub(crate) fn join_broken(end_of_line: &str, next_line: &str) -> Option<String> {
    let before = end_of_line.strip_suffix(['-', '\u{ad}', '\u{2010}', '\u{2011}', '¬'])?;
    let first = parts(before)
        .pop()
        .filter(|_| before.ends_with(char::is_alphabetic))?;
    let second = next_line
        .starts_with(char::is_alphabetic)
        .then(|| parts(next_line).into_iter().next())??;
    (!has_digit(&first) && !has_digit(&second)).then(|| first + &second)
}

/// î inside a word becomes â, `sînt` and its kin become `sunt`: the spelling since 1993. Also wrong where
/// a root begins with î (`neînsemnat`): harmless, since both folded forms are kept.
fn reform(lower: &str) -> String {
    let last = lower.chars().count().saturating_sub(1);
    let inner = |(at, letter)| match letter {
        'î' if at > 0 && at < last => 'â',
        other => other,
    };
    let reformed: String = lower.chars().enumerate().map(inner).collect();
    match reformed.as_str() {
        "sânt" | "sint" => "sunt".to_owned(),
        "sântem" | "sintem" => "suntem".to_owned(),
        "sânteți" | "sinteți" | "sinteti" => "sunteți".to_owned(),
        _ => reformed,
    }
}

/// Whether two folded words look like two forms of one: a common beginning with one of the usual endings each.
pub(crate) fn are_inflected(a: &str, b: &str) -> bool {
    let common = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let ends = |word: &str| word.get(common..).is_some_and(|ending| ENDINGS.contains(&ending));
    common > ROOT_LETTERS_MIN && ends(a) && ends(b)
}

/// The Snowball stem without its closing vowels, which Snowball leaves on some forms of a word and not on others
/// (`consiliu`, `consil`; `anchete`, `anchet`), and the same without the plural endings that it does
/// not know (`coduri`, `cercetări`): either may meet.
fn stems_of(word: &str) -> Vec<String> {
    let base = without_vowels(&ROMANIAN.stem(word)).to_owned();
    let is_infinitive = INFINITIVE_ARTICLES.iter().any(|article| word.ends_with(article));
    let infinitive = INFINITIVE_ENDINGS.iter().filter(|_| is_infinitive);
    let shorter = PLURAL_ENDINGS
        .iter()
        .chain(infinitive)
        .filter_map(|ending| base.strip_suffix(ending));
    let shorter: Vec<String> = shorter
        .map(without_vowels)
        .filter(|root| is_long_enough(root))
        .map(str::to_owned)
        .collect();
    std::iter::once(base).chain(shorter).collect()
}

fn without_vowels(stem: &str) -> &str {
    let root = stem.trim_end_matches(['a', 'ă', 'â', 'e', 'i', 'î', 'u', 'o']);
    if is_long_enough(root) { root } else { stem }
}

fn is_long_enough(root: &str) -> bool {
    root.chars().count() >= ROOT_LETTERS_MIN
}

/// The folded form, and the one with `i` for each inner â where that differs.
fn both_folds(reformed: &str) -> Vec<String> {
    let mut forms = vec![fold(reformed, InnerA::A)];
    push_new(&mut forms, fold(reformed, InnerA::I));
    forms
}

/// A part in lower case without any marks: for comparing with words of a list.
pub(crate) fn plain(part: &str) -> String {
    fold(&letters::normalise(part).to_lowercase(), InnerA::A)
}

/// Letters without marks, ligatures and the letters of neighbours spelt out. Never empty.
fn fold(text: &str, inner_a: InnerA) -> String {
    let mut folded = String::with_capacity(text.len());
    for (at, letter) in text.chars().enumerate() {
        match (letter, inner_a) {
            ('â', InnerA::I) if at > 0 => folded.push('i'),
            ('a'..='z' | '0'..='9', _) => folded.push(letter),
            ('ß', _) => folded.push_str("ss"),
            ('æ', _) => folded.push_str("ae"),
            ('œ', _) => folded.push_str("oe"),
            ('ø', _) => folded.push('o'),
            ('ł', _) => folded.push('l'),
            ('đ' | 'ð', _) => folded.push('d'),
            ('ı', _) => folded.push('i'),
            _ => folded.extend(
                std::iter::once(letter)
                    .nfkd()
                    .filter(|mark| mark.is_alphanumeric())
                    .flat_map(char::to_lowercase),
            ),
        }
    }
    match folded.is_empty() {
        true => text.to_owned(),
        false => folded,
    }
}

fn push_new(forms: &mut Vec<String>, form: String) {
    if !forms.contains(&form) {
        forms.push(form);
    }
}

fn is_ignorable(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'
    )
}

#[cfg(test)]
mod measured;

#[cfg(test)]
mod tests {
    use super::*;

    fn meet(a: &str, b: &str) -> bool {
        let (a, b) = (keys(a), keys(b));
        a.exact.iter().any(|key| b.exact.contains(key)) || a.stems.iter().any(|key| b.stems.contains(key))
    }

    #[track_caller]
    fn check_all_meet(words: &[&str]) {
        for a in words {
            for b in words {
                assert!(meet(a, b), "{a} and {b} must meet: {:?} {:?}", keys(a), keys(b));
            }
        }
    }

    #[test]
    fn spellings_and_forms_of_a_word_meet() {
        for words in [
            // Marks, reforms, capitals. `hotarare` meets `hotarire` only through the archive's own words.
            &[
                "hotarire",
                "hotarâre",
                "hotărâre",
                "hotărîre",
                "HOTĂRÎRE",
                "Hotărâre",
            ][..],
            &["hotarare", "hotarâre", "hotărâre", "hotărîre"],
            &["sînt", "sunt", "sint", "SUNT", "sânt"],
            &["sîntem", "suntem", "sintem"],
            &["sînteţi", "sunteți", "sinteti"],
            &["pîine", "pâine", "pîini", "paine"],
            &["romîn", "român", "roman", "români", "românilor"],
            &["Pîrvulescu", "Pârvulescu", "PIRVULESCU"],
            &["ŞCOALĂ", "școală", "scoala", "Şcoala"],
            // Inflection.
            &[
                "autorizație",
                "autorizații",
                "autorizației",
                "autorizaţiilor",
                "AUTORIZAȚIA",
            ],
            &["autorizatie", "autorizație"],
            &["autorizatii", "autorizații"],
            &["cerere", "cererii", "cereri", "cererea", "cererilor"],
            &[
                "naștere",
                "nașterii",
                "nașterea",
                "nașteri",
                "nasterii",
                "nastere",
            ],
            &["moștenire", "moștenirii", "mostenirea"],
            &["dosar", "dosarul", "dosare", "dosarului", "dosarele"],
            &["anchetă", "ancheta", "anchete", "anchetei", "anchetelor"],
            &["primar", "primarul", "primarului", "primari"],
            &["consiliu", "consiliul", "consiliului"],
            // Neighbours and oddities of print.
            &["Kovács", "KOVACS", "kovács"],
            &["Győző", "gyozo"],
            &["Müller", "muller"],
            &["Groß", "gross", "GROSS"],
            &["oﬁciu", "oficiu"],
            &["s\u{326}i", "și", "si"],
            &["casa\u{301}", "casa"],
        ] {
            check_all_meet(words);
        }
    }

    #[test]
    fn other_words_stay_apart() {
        for (a, b) in [
            ("mare", "mire"),
            ("casă", "cască"),
            ("1978", "1979"),
            ("Bălcescu", "Băsescu"),
            ("hotar", "otravă"),
            ("primar", "primăvară"),
            ("stat", "strat"),
            ("17A", "17B"),
        ] {
            assert!(
                !meet(a, b),
                "{a} and {b} must not meet: {:?} {:?}",
                keys(a),
                keys(b)
            );
        }
    }

    #[test]
    fn exact_forms_are_folded_and_nothing_more() {
        for (word, exact) in [
            ("Autorizaţii", &["autorizatii"][..]),
            ("hotărîre", &["hotarare", "hotarire"]),
            ("hotărî", &["hotari"]),
            ("Înscris", &["inscris"]),
            ("1978", &["1978"]),
            ("²", &["2"]),
            ("ǅ", &["dz"]),
        ] {
            assert_eq!(keys(word).exact, exact, "{word}");
        }
        assert_eq!(keys("12bis").stems, [""; 0], "numbers are never stemmed");
    }

    #[test]
    fn texts_are_cut_into_runs_of_letters_and_digits() {
        for (text, expected) in [
            ("Nr.1234/12.03.1978,", &["Nr", "1234", "12", "03", "1978"][..]),
            ("într-un", &["într", "un"]),
            ("auto\u{ad}rizaţie", &["autorizație"]),
            ("17/A", &["17", "A"]),
            ("--- … ---", &[]),
            ("\u{301}\u{327}", &[]),
            ("d'Arc", &["d", "Arc"]),
            ("", &[]),
        ] {
            assert_eq!(parts(text), expected, "{text:?}");
        }
    }

    #[test]
    fn identifiers_are_words_of_several_parts_with_a_digit() {
        for (word, expected) in [
            ("1234/1978", Some("1234/1978")),
            ("(12.03.1978).", Some("12.03.1978")),
            ("17/A", Some("17/a")),
            ("S.R.L.", None),
            ("1780312123456", None),
            ("Nr.", None),
        ] {
            assert_eq!(identifier(word).as_deref(), expected, "{word}");
        }
    }

    #[test]
    fn words_broken_at_a_line_end_are_joined() {
        for (end, next, expected) in [
            ("autori-", "zație,", Some("autorizație")),
            ("(autori\u{ad}", "zație", Some("autorizație")),
            ("AUTORI-", "ZAȚIE", Some("AUTORIZAȚIE")),
            ("1978-", "1979", None),
            ("Nr.12-", "bis", None),
            ("-", "zi", None),
            ("vine", "zi", None),
            ("zi-", "„mâine", None),
        ] {
            assert_eq!(join_broken(end, next).as_deref(), expected, "{end} {next}");
        }
    }
}
