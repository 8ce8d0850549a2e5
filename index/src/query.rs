//! What a person typed, as units that must each be found.

use crate::analyser;

/// Letters of a query that are read; what follows is left out.
const QUERY_LETTERS_MAX: usize = 10_000;

/// Units of a query that are looked for; what follows is left out. At most 64: a unit is a bit.
const UNITS_MAX: usize = 32;

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
    },
    /// Parts one after the other, each by any of its exact forms.
    Phrase(Vec<Vec<String>>),
    /// An identifier as one word, or else its parts one after the other.
    Identifier { whole: String, parts: Vec<Vec<String>> },
}

/// Reads a query. Quotes around words make a phrase; a quote without its partner, and whatever else
/// looks like an operator, is taken literally. Nothing to look for gives no unit.
pub(crate) fn units(text: &str) -> Vec<Unit> {
    let letters: Vec<char> = text.chars().take(QUERY_LETTERS_MAX).collect();
    let mut units = Vec::new();
    let mut at = 0;
    let mut literal = String::new();
    while at < letters.len() && units.len() < UNITS_MAX {
        match closing_quote(&letters, at) {
            Some(end) => {
                push_words(&mut units, &std::mem::take(&mut literal));
                push(
                    &mut units,
                    phrase(&letters[at + 1..end].iter().collect::<String>()),
                );
                at = end + 1;
            }
            None => {
                literal.push(letters[at]);
                at += 1;
            }
        }
    }
    push_words(&mut units, &literal);
    units.truncate(UNITS_MAX);
    units
}

/// Where the quote that opens at `at` closes: it opens before a word and closes after one.
fn closing_quote(letters: &[char], at: usize) -> Option<usize> {
    let closers: &[char] = match letters[at] {
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

fn push_words(units: &mut Vec<Unit>, text: &str) {
    for word in text.split_whitespace() {
        push(units, word_unit(word));
    }
}

fn push(units: &mut Vec<Unit>, unit: Option<Unit>) {
    units.extend(unit.filter(|unit| !units.contains(unit)));
}

fn word_unit(word: &str) -> Option<Unit> {
    let mut parts = analyser::parts(word);
    if parts.len() > 1 {
        return match analyser::identifier(word) {
            Some(whole) => Some(Unit::Identifier {
                whole,
                parts: exact_parts(parts),
            }),
            None => Some(Unit::Phrase(exact_parts(parts))),
        };
    }
    let part = parts.pop()?;
    let keys = analyser::keys(&part);
    Some(Unit::Word {
        part,
        exact: keys.exact,
        stems: keys.stems,
    })
}

fn phrase(text: &str) -> Option<Unit> {
    let parts = exact_parts(analyser::parts(text));
    (!parts.is_empty()).then_some(Unit::Phrase(parts))
}

fn exact_parts(parts: Vec<String>) -> Vec<Vec<String>> {
    let exact = |part: String| analyser::keys(&part).exact;
    parts.into_iter().take(PHRASE_PARTS_MAX).map(exact).collect()
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
            Unit::Phrase(parts) => format!("[{}]", first(parts)),
            Unit::Identifier { whole, parts } => format!("<{whole}: {}>", first(parts)),
        };
        units(text).iter().map(outline).collect::<Vec<_>>().join(" ")
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
            ("nr. 1234/1978", "nr <1234/1978: 1234 1978>"),
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
        assert_eq!(units(&huge).len(), UNITS_MAX);
        assert_eq!(units(&"x".repeat(1_000_000)).len(), 1);
        let phrase = format!("\"{}\"", "a ".repeat(4_000));
        assert!(
            matches!(units(&phrase).as_slice(), [Unit::Phrase(parts)] if parts.len() == PHRASE_PARTS_MAX)
        );
    }
}
