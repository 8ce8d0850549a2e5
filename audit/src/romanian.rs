//! What the parts of the archive say in English, in Romanian: for people. Data and programs get the English.

use std::{cmp::Reverse, sync::LazyLock};

use hrisov_model::takes_de;

/// Sentences of both languages, with holes for what differs from case to case.
static PHRASES: LazyLock<Vec<Phrase>> = LazyLock::new(|| phrases(include_str!("../messages/ro.txt")));

/// A sentence in both languages.
struct Phrase {
    /// What stands before, between and after the holes.
    english: Vec<&'static str>,
    /// With numbered holes.
    romanian: &'static str,
}

/// A finding's details, the reason of a refusal or an error in Romanian; what is not known stays as it is.
#[must_use]
pub fn in_romanian(english: &str) -> String {
    let known = PHRASES
        .iter()
        .find_map(|phrase| Some((phrase.romanian, phrase.holes_in(english)?)));
    match known {
        Some((romanian, holes)) => filled(romanian, &holes),
        None => english.to_owned(),
    }
}

/// Two lines each, English and Romanian; the one that says the most by itself comes first.
fn phrases(text: &'static str) -> Vec<Phrase> {
    let mut lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut phrases = Vec::new();
    while let (Some(english), Some(romanian)) = (lines.next(), lines.next()) {
        let english = english.split("{}").collect();
        phrases.push(Phrase { english, romanian });
    }
    phrases.sort_by_key(|phrase| Reverse(phrase.english.iter().map(|part| part.len()).sum::<usize>()));
    phrases
}

impl Phrase {
    /// What stands in the holes, if the text is this sentence.
    fn holes_in<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        let (first, rest) = self.english.split_first()?;
        let mut left = text.strip_prefix(first)?;
        let Some((last, between)) = rest.split_last() else {
            return left.is_empty().then(Vec::new);
        };
        let mut holes = Vec::new();
        for part in between {
            let (hole, after) = left.split_once(part)?;
            holes.push(hole);
            left = after;
        }
        holes.push(left.strip_suffix(last)?);
        Some(holes)
    }
}

/// `{1}` stands for the first hole, in Romanian where it is known; `{1|intrare|intrări}` for a number with its noun.
fn filled(romanian: &str, holes: &[&str]) -> String {
    let mut text = String::new();
    let mut left = romanian;
    while let Some((before, rest)) = left.split_once('{') {
        let (name, after) = rest.split_once('}').unwrap_or((rest, ""));
        let mut parts = name.split('|');
        let number = parts.next().and_then(|number| number.parse::<usize>().ok());
        let hole = number.and_then(|number| holes.get(number.checked_sub(1)?));
        let hole = hole.copied().unwrap_or_default();
        text.push_str(before);
        text.push_str(&match (parts.next(), parts.next()) {
            (Some(one), Some(many)) => counted(hole, one, many),
            _ => in_romanian(hole),
        });
        left = after;
    }
    text + left
}

/// A number with its noun; what is no number stands before the plural.
fn counted(number: &str, one: &str, many: &str) -> String {
    match number.parse::<u64>() {
        Ok(1) => format!("1 {one}"),
        Ok(count) if takes_de(count) => format!("{number} de {many}"),
        _ => format!("{number} {many}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_found_with_what_stands_in_them() {
        for (english, romanian) in [
            (
                "entry 3 in tile/entries/000 is not the one that tile/0/000 holds the hash of",
                "intrarea 3 din tile/entries/000 nu este cea a cărei amprentă este în tile/0/000",
            ),
            (
                "the checkpoint cannot be trusted: none of the 2 signatures is by a trusted key",
                "punctul de control nu este de încredere: nicio semnătură (din 2) nu este a unei chei de încredere",
            ),
            (
                "the log had 21 leaves and has 1: an older copy was put in its place",
                "registrul avea 21 de intrări și are 1: a fost pusă la loc o copie mai veche",
            ),
            (
                "the same log, with 1 leaves added since",
                "același registru, neschimbat, cu 1 intrare adăugată de atunci",
            ),
            ("something else", "something else"),
            ("", ""),
        ] {
            assert_eq!(in_romanian(english), romanian);
        }
    }

    #[test]
    fn every_sentence_has_its_holes_in_both_languages() {
        for phrase in PHRASES.iter() {
            let holes = phrase.english.len() - 1;
            let english = phrase.english.join("{}");
            assert!(phrase.english.iter().any(|part| part.len() > 2), "{english}");
            let mut named: Vec<usize> = phrase
                .romanian
                .split('{')
                .skip(1)
                .map(|rest| rest.split(['}', '|']).next().unwrap().parse().unwrap())
                .collect();
            named.sort_unstable();
            assert_eq!(named, (1..=holes).collect::<Vec<_>>(), "{english}");
        }
    }
}
