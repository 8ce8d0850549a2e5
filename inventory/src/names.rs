//! What the name of a scanned folder or file says: a reference, or a number, perhaps a year.

use crate::fold::{fold, whole_number};

/// Endings of single files that are dossiers of their own, folded.
const ENDINGS: [&str; 13] = [
    "tif", "tiff", "pdf", "jpg", "jpeg", "png", "jp2", "jpx", "j2k", "bmp", "webp", "gif", "jpe",
];
/// Words before a number that only say what it counts, folded.
const LABELS: [&str; 19] = [
    "dosar",
    "dosarul",
    "dosarului",
    "dos",
    "nr",
    "numar",
    "numarul",
    "no",
    "d",
    "ds",
    "crt",
    "poz",
    "u",
    "a",
    "ua",
    "unitatea",
    "unitate",
    "dossier",
    "file",
];
/// Words that tell a dossier from another of the same number.
const SUFFIXES: [&str; 4] = ["bis", "ter", "bis1", "quater"];
/// Four digits in a name that are a year.
const YEARS: std::ops::RangeInclusive<u32> = 1700..=2100;

/// A name taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    /// As it is, but for the ending of a file.
    pub(crate) bare: String,
    /// Words and numbers, without labels and leading zeros: equal for two spellings of one reference.
    pub(crate) key: String,
    /// The dossier's number, where the name has one.
    pub(crate) number: Option<u32>,
    /// The year, where it has one beside the number.
    pub(crate) year: Option<u32>,
}

impl Name {
    /// Takes a name apart, or a reference as the inventory has it.
    pub(crate) fn of(name: &str) -> Self {
        let bare = without_ending(name.trim());
        let all = tokens(bare);
        let tokens = without_labels(&all);
        let (number, year) = number_and_year(&all, tokens);
        Self {
            bare: bare.to_owned(),
            key: tokens.join(" "),
            number,
            year,
        }
    }
}

fn without_ending(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && ENDINGS.contains(&fold(ending).as_str()) => stem,
        _ => name,
    }
}

/// Folded words; digits and letters part even where nothing stands between them.
fn tokens(name: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    for word in fold(name).split(' ') {
        let mut rest = word;
        while let Some(first) = rest.chars().next() {
            let is_digit = first.is_ascii_digit();
            let length = rest
                .find(|letter: char| letter.is_ascii_digit() != is_digit)
                .unwrap_or(rest.len());
            let token = &rest[..length];
            let bare = if is_digit {
                token.trim_start_matches('0')
            } else {
                token
            };
            tokens.push(if bare.is_empty() {
                "0".to_owned()
            } else {
                bare.to_owned()
            });
            rest = &rest[length..];
        }
    }
    tokens
}

/// Labels go where a number follows them: "D" alone is a reference.
fn without_labels(tokens: &[String]) -> &[String] {
    let labels = tokens
        .iter()
        .take_while(|token| LABELS.contains(&token.as_str()))
        .count();
    match tokens.get(labels) {
        Some(next) if whole_number(next).is_some() => &tokens[labels..],
        _ => tokens,
    }
}

fn number_and_year(all: &[String], tokens: &[String]) -> (Option<u32>, Option<u32>) {
    let is_year = |number: &u32| YEARS.contains(number);
    let number_at = |tokens: &[String], place: usize| tokens.get(place).and_then(|token| whole_number(token));
    // "cutia 3 dosar 12": the number after the word for dossier is meant, wherever it stands.
    let told = all
        .iter()
        .position(|token| matches!(token.as_str(), "dosar" | "dosarul" | "dos" | "dossier"));
    let told = told.map(|place| without_labels(&all[place..]));
    let tokens = told.filter(|told| number_at(told, 0).is_some()).unwrap_or(tokens);
    let (number, rest) = match (number_at(tokens, 0), number_at(tokens, 1)) {
        // "1978_12": the year comes first.
        (Some(year), Some(number)) if is_year(&year) && !is_year(&number) => {
            return (unless_suffixed(number, tokens.get(2)), Some(year));
        }
        (Some(number), _) => (number, &tokens[1..]),
        (None, _) => match lone_number(tokens) {
            Some(number) => return (Some(number), year_in(tokens)),
            None => return (None, None),
        },
    };
    (unless_suffixed(number, rest.first()), year_in(rest))
}

/// "12 a" and "12 bis" are not dossier 12.
fn unless_suffixed(number: u32, next: Option<&String>) -> Option<u32> {
    let is_suffix = next.is_some_and(|next| {
        SUFFIXES.contains(&next.as_str())
            || (next.len() == 1 && next.bytes().all(|byte| byte.is_ascii_lowercase()))
    });
    (!is_suffix).then_some(number)
}

/// "Popescu Ion 12": the only number beside a year.
fn lone_number(tokens: &[String]) -> Option<u32> {
    let mut numbers = tokens
        .iter()
        .filter_map(|token| whole_number(token))
        .filter(|number| !YEARS.contains(number));
    numbers.next().filter(|_| numbers.next().is_none())
}

fn year_in(tokens: &[String]) -> Option<u32> {
    let mut years = tokens
        .iter()
        .filter_map(|token| whole_number(token))
        .filter(|number| YEARS.contains(number));
    years.next().filter(|_| years.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_years_in_names() {
        for (name, number, year) in [
            ("12", Some(12), None),
            ("012", Some(12), None),
            ("0012", Some(12), None),
            ("12.pdf", Some(12), None),
            ("Dosar 12", Some(12), None),
            ("DOSAR NR. 12", Some(12), None),
            ("nr. 12", Some(12), None),
            ("Nr_12", Some(12), None),
            ("d12", Some(12), None),
            ("D-12-1978", Some(12), Some(1978)),
            ("dosar_12_1978", Some(12), Some(1978)),
            ("Dosar 12 din 1978.tif", Some(12), Some(1978)),
            ("12 Popescu Ion", Some(12), None),
            ("12_Popescu_Ion_1978", Some(12), Some(1978)),
            ("12. Popescu Ion", Some(12), None),
            ("1978_12", Some(12), Some(1978)),
            ("1978-12 Popescu", Some(12), Some(1978)),
            ("Popescu Ion 12", Some(12), None),
            ("cutia 3 dosar 12", Some(12), None),
            ("12 vol. 2", Some(12), None),
            ("12a", None, None),
            ("12 bis", None, None),
            ("dosar 12-b", None, None),
            ("Popescu Ion", None, None),
            ("A 3 B 5", None, None),
            ("", None, None),
        ] {
            let read = Name::of(name);
            assert_eq!((read.number, read.year), (number, year), "{name}");
        }
    }

    #[test]
    fn spellings_of_one_reference_have_one_key() {
        for (one, other) in [
            ("Dosar 12", "012"),
            ("D-11/1968", "d 11 1968"),
            ("12/2", "12_2"),
            ("12A", "12 a"),
            ("Ștefănescu Țața", "STEFANESCU_TATA"),
            ("I A 26", "i-a-26"),
            ("P/12", "p 12"),
            ("dosar 7.TIFF", "7"),
        ] {
            assert_eq!(Name::of(one).key, Name::of(other).key, "{one}");
        }
        for (one, other) in [("12", "12a"), ("1", "11"), ("D", "12"), ("12/1", "12/2")] {
            assert_ne!(Name::of(one).key, Name::of(other).key, "{one}");
        }
    }
}
