//! Numbers in Romanian words, as official forms want them beside the figures.

use hrisov_model::takes_de;

/// Gender of what is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gender {
    /// *un leu, doi lei*.
    Masculine,
    /// *o filă, două file*.
    Feminine,
    /// *un dosar, două dosare*: singular as masculine, plural as feminine.
    Neuter,
}

const TEENS: [&str; 10] = [
    "zece",
    "unsprezece",
    "doisprezece",
    "treisprezece",
    "paisprezece",
    "cincisprezece",
    "șaisprezece",
    "șaptesprezece",
    "optsprezece",
    "nouăsprezece",
];
const UNITS: [&str; 10] = [
    "zero", "unu", "doi", "trei", "patru", "cinci", "șase", "șapte", "opt", "nouă",
];
const TENS: [&str; 10] = [
    "",
    "",
    "douăzeci",
    "treizeci",
    "patruzeci",
    "cincizeci",
    "șaizeci",
    "șaptezeci",
    "optzeci",
    "nouăzeci",
];

/// The number in words, standing alone: 21 feminine is *douăzeci și una*.
#[must_use]
pub fn number_in_words(number: u32, gender: Gender) -> String {
    let groups = [
        (number / 1_000_000_000, "un miliard", "miliarde"),
        (number / 1_000_000 % 1000, "un milion", "milioane"),
        (number / 1000 % 1000, "o mie", "mii"),
    ];
    let mut words: Vec<String> = Vec::new();
    for (count, one, many) in groups {
        match count {
            0 => {}
            1 => words.push(one.to_owned()),
            // Thousands are feminine, millions neuter: both say "două".
            _ => words.push(format!(
                "{}{} {many}",
                below_thousand(count, Gender::Feminine),
                linking(count)
            )),
        }
    }
    let rest = number % 1000;
    if rest > 0 || words.is_empty() {
        words.push(below_thousand(rest, gender));
    }
    words.join(" ")
}

/// The number with the noun, as Romanian joins them: `1 filă`, `2 file`, `20 de file`, `101 file`.
#[must_use]
pub fn counted(number: u32, one: &str, many: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{number}{} {many}", linking(number)),
    }
}

/// The number in figures and in words with the noun: `20 (douăzeci) de file`.
#[must_use]
pub fn counted_in_words(number: u32, gender: Gender, one: &str, many: &str) -> String {
    let words = number_in_words(number, gender);
    match number {
        1 => format!("1 ({words}) {one}"),
        _ => format!("{number} ({words}){} {many}", linking(number)),
    }
}

/// ` de` between a number and its noun, where Romanian wants it.
fn linking(number: u32) -> &'static str {
    if takes_de(u64::from(number)) { " de" } else { "" }
}

fn below_thousand(number: u32, gender: Gender) -> String {
    let (hundreds, rest) = (number / 100, number % 100);
    let hundreds = match hundreds {
        0 => String::new(),
        1 => "o sută".to_owned(),
        _ => format!("{} sute", unit(hundreds, Gender::Feminine)),
    };
    match (hundreds.is_empty(), rest) {
        (false, 0) => hundreds,
        (false, _) => format!("{hundreds} {}", below_hundred(rest, gender)),
        (true, _) => below_hundred(rest, gender),
    }
}

fn below_hundred(number: u32, gender: Gender) -> String {
    let (tens, units) = (number / 10, number % 10);
    match (tens, units) {
        (0, _) => unit(number, gender).to_owned(),
        (1, 2) if gender != Gender::Masculine => "douăsprezece".to_owned(),
        (1, _) => TEENS[units as usize].to_owned(),
        (_, 0) => TENS[tens as usize].to_owned(),
        _ => format!("{} și {}", TENS[tens as usize], unit(units, gender)),
    }
}

fn unit(number: u32, gender: Gender) -> &'static str {
    match (number, gender) {
        (1, Gender::Feminine) => "una",
        (2, Gender::Feminine | Gender::Neuter) => "două",
        _ => UNITS[number as usize],
    }
}

pub(crate) fn leaves_in_romanian(number: u32) -> String {
    counted(number, "filă", "file")
}

pub(crate) fn pictures_in_romanian(number: u32) -> String {
    counted(number, "imagine", "imagini")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_a_registrar_writes_them() {
        use Gender::{Feminine, Masculine, Neuter};
        for (number, gender, words) in [
            (0, Neuter, "zero"),
            (1, Neuter, "unu"),
            (1, Feminine, "una"),
            (2, Neuter, "două"),
            (2, Masculine, "doi"),
            (12, Neuter, "douăsprezece"),
            (12, Masculine, "doisprezece"),
            (14, Neuter, "paisprezece"),
            (16, Neuter, "șaisprezece"),
            (21, Feminine, "douăzeci și una"),
            (32, Neuter, "treizeci și două"),
            (60, Neuter, "șaizeci"),
            (100, Neuter, "o sută"),
            (101, Neuter, "o sută unu"),
            (112, Neuter, "o sută douăsprezece"),
            (200, Neuter, "două sute"),
            (999, Neuter, "nouă sute nouăzeci și nouă"),
            (1000, Neuter, "o mie"),
            (2002, Neuter, "două mii două"),
            (12_000, Neuter, "douăsprezece mii"),
            (20_000, Neuter, "douăzeci de mii"),
            (
                21_345,
                Neuter,
                "douăzeci și una de mii trei sute patruzeci și cinci",
            ),
            (101_000, Neuter, "o sută una mii"),
            (100_000, Neuter, "o sută de mii"),
            (1_000_000, Neuter, "un milion"),
            (2_000_001, Neuter, "două milioane unu"),
            (
                4_294_967_295,
                Neuter,
                "patru miliarde două sute nouăzeci și patru de milioane nouă sute șaizeci și \
             șapte de mii două sute nouăzeci și cinci",
            ),
        ] {
            assert_eq!(number_in_words(number, gender), words, "{number}");
        }
    }

    #[test]
    fn nouns_follow_their_number() {
        for (number, text) in [
            (0, "0 file"),
            (1, "1 filă"),
            (19, "19 file"),
            (20, "20 de file"),
            (100, "100 de file"),
            (101, "101 file"),
            (119, "119 file"),
            (120, "120 de file"),
        ] {
            assert_eq!(counted(number, "filă", "file"), text);
        }
        let dossiers = |number| counted_in_words(number, Gender::Neuter, "dosar", "dosare");
        assert_eq!(dossiers(1), "1 (unu) dosar");
        assert_eq!(dossiers(12), "12 (douăsprezece) dosare");
        assert_eq!(dossiers(40), "40 (patruzeci) de dosare");
    }
}
