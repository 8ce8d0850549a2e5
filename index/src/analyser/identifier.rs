//! Identifiers in a text, whatever their notation, and the keys under which they meet.
//!
//! | written | key |
//! |---|---|
//! | `12.05.1978`, `12/V/78`, `12 mai 1978` | `d1978-05-12`, and `m1978-05` for its month |
//! | `nr. 1234/12.05.1978`, `1234 din 12 mai 1978` | `r1234`, `r1234/1978`, `r1234/1978-05-12` |
//! | `17A`, `17/A`, `17 A` | `n17a` |
//! | `art. 5`, `articolul 5` | `a5` |
//! | `seria RX nr. 123456` | `srx123456` |
//! | `C.F. nr. 1234` | `f1234` |
//! | `123456`, read with doubt | `~` and each number that it may be by one digit |
//! | a personal number | `c` and its keyed hash; `q` and the hash of what it may have been; `w` and a short hash of what is left of it |
//!
//! Keys of what had to be guessed (`l2.O5.1978`) begin with `~`: found, but after the others. A key
//! stands at each position that its identifier takes.

use super::{
    cnp,
    dates::{self, Day},
    digits::{with_one_changed, with_one_misread},
    numbers,
    pieces::{Piece, Pieces},
};
use crate::IndexKey;

/// Hexadecimal digits of the hash of what is left of a personal number: of a million such rows none meets another by chance.
const REMAINS_HASH_DIGITS: usize = 12;

/// Before the keys of guessed readings.
const GUESSED: char = '~';

/// What an identifier says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Identifier {
    /// Thirteen digits.
    Cnp(String),
    /// What is left of thirteen digits: ten at least.
    Damaged(String),
    Day(Day),
    Month {
        year: u32,
        month: u32,
    },
    Number {
        number: String,
        year: Option<u32>,
        day: Option<Day>,
    },
    /// A number with a letter, such as `17a`.
    Lettered(String),
    /// An article of a law.
    Article(String),
    /// Series and number of an identity card.
    Card(String),
    /// An entry of the land register.
    LandRegister(String),
}

/// An identifier in a row of pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Where the words that name it begin (`nr.`, `CNP`): in a query they are part of it.
    pub(crate) context: usize,
    pub(crate) first: usize,
    pub(crate) last: usize,
    /// Whether letters had to be taken for digits.
    pub(crate) is_doubtful: bool,
    pub(crate) identifier: Identifier,
}

/// Keys that an identifier of a query is looked up by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Sought {
    /// What it says.
    pub(crate) sure: Vec<String>,
    /// What recognition may have made of it, or the person who typed it.
    pub(crate) guessed: Vec<String>,
}

/// Every identifier of a text; of a date that may mean two years, both.
pub(crate) fn recognise(pieces: &[Piece]) -> Vec<Found> {
    let mut all = Vec::new();
    let mut at = 0;
    while at < pieces.len() {
        if !may_begin(pieces, at) {
            at += 1;
            continue;
        }
        let numbers = cnp::at(pieces, at);
        if let Some(found) = numbers.first() {
            at = found.last + 1;
            all.extend(numbers);
            continue;
        }
        if let Some(found) = cnp::damaged_at(pieces, at) {
            let last = found.last;
            let is_named = found.is_personal_number();
            all.push(found);
            // Where nothing says what it is it may be something else as well.
            if is_named {
                at = last + 1;
                continue;
            }
        }
        if let Some(date) = dates::date_at(pieces, at) {
            let context = date_context(pieces, at);
            let found = |day, is_doubtful| Found {
                context,
                first: at,
                last: date.last,
                is_doubtful,
                identifier: Identifier::Day(day),
            };
            all.extend(date.days.iter().map(|&day| found(day, date.is_doubtful)));
            all.extend(date.guessed.iter().map(|&day| found(day, true)));
            at = date.last + 1;
            continue;
        }
        if let Some((last, year, month)) = dates::month_at(pieces, at) {
            all.push(Found {
                context: date_context(pieces, at),
                first: at,
                last,
                is_doubtful: false,
                identifier: Identifier::Month { year, month },
            });
        }
        all.extend(numbers::registration(pieces, at));
        all.extend(numbers::lettered(pieces, at));
        all.extend(numbers::article(pieces, at));
        all.extend(numbers::card(pieces, at));
        all.extend(numbers::land_register(pieces, at));
        at += 1;
    }
    all
}

/// The number and the date of a registration number such as `1234/12.05.1978`; `None` of anything else.
pub(crate) fn number_and_date(text: &str) -> Option<(String, String)> {
    let pieces = Pieces::of(text);
    let pieces = pieces.as_slice();
    let found = recognise(pieces);
    let ends_there = |found: &&Found| found.first > 0 && found.last + 1 == pieces.len();
    let is_dated = |found: &Found| matches!(found.identifier, Identifier::Number { day: Some(_), .. });
    let is_day = |found: &&Found| matches!(found.identifier, Identifier::Day(_));
    let date = found.iter().filter(ends_there).find(is_day)?;
    let written = |pieces: &[Piece]| {
        let signs = pieces.iter().map(|piece| format!("{}{}", piece.gap, piece.text));
        signs.collect::<String>().trim().to_owned()
    };
    let (number, date) = pieces.split_at(date.first);
    found.iter().any(is_dated).then(|| {
        let date = written(date);
        let date = date.trim_start_matches(|c: char| !c.is_alphanumeric());
        (written(number), date.to_owned())
    })
}

/// The days that a text names, of laws none: year, month and day in one number; 0 where unknown.
pub(crate) fn days(pieces: &[Piece], found: &[Found]) -> Vec<u32> {
    let laws: Vec<&Found> = found.iter().filter(|found| is_of_law(pieces, found)).collect();
    let is_in_law = |found: &Found| {
        laws.iter()
            .any(|law| law.first <= found.first && found.last <= law.last)
    };
    let mut days: Vec<u32> = found
        .iter()
        .filter(|found| !found.is_doubtful && !is_in_law(found))
        .filter_map(|found| match found.identifier {
            Identifier::Day(day) => Some(10_000 * day.year + 100 * day.month + day.day),
            Identifier::Month { year, month } => Some(10_000 * year + 100 * month),
            Identifier::Number {
                year: Some(year),
                day: None,
                ..
            } => Some(10_000 * year),
            _ => None,
        })
        .collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// Whether a number is that of a law, whose year says nothing about the dossier.
fn is_of_law(pieces: &[Piece], found: &Found) -> bool {
    const LAWS: [&str; 14] = [
        "lege",
        "legea",
        "legii",
        "legile",
        "l",
        "decret",
        "decretul",
        "decretului",
        "oug",
        "og",
        "hg",
        "ordonanta",
        "ordonantei",
        "ordinul",
    ];
    let is_number = matches!(found.identifier, Identifier::Number { year: Some(_), .. });
    let before = pieces[..found.context].iter().rev().take(3);
    is_number
        && before
            .map(|piece| super::plain(&piece.text))
            .any(|word| LAWS.contains(&word.as_str()))
}

/// Most parts are words that begin no identifier: a quick look spares the long ones.
fn may_begin(pieces: &[Piece], at: usize) -> bool {
    let text = &pieces[at].text;
    let is_before_number = || {
        pieces[at + 1..]
            .iter()
            .take(4)
            .any(|piece| piece.text.starts_with(|c: char| c.is_ascii_digit()))
    };
    text.bytes().any(|byte| byte.is_ascii_digit()) || (text.len() <= 12 && is_before_number())
}

/// Where the words that lead to a date begin: `din data de 12.05.1978`.
fn date_context(pieces: &[Piece], first: usize) -> usize {
    const LEADING: [&str; 9] = ["din", "de", "data", "la", "ziua", "in", "datat", "luna", "lunii"];
    let mut context = first;
    while let Some(before) = context.checked_sub(1).filter(|_| first - context < 3) {
        let leads = LEADING.contains(&super::plain(&pieces[before].text).as_str());
        if !leads || !matches!(pieces[context].signs(), Some("" | ":" | "." | ",")) {
            break;
        }
        context = before;
    }
    context
}

impl Found {
    /// Whether it is a personal number, or what is left of one, without a doubt.
    pub(crate) fn is_personal_number(&self) -> bool {
        match self.identifier {
            Identifier::Cnp(_) => true,
            Identifier::Damaged(_) => self.context < self.first,
            _ => false,
        }
    }

    /// The keys that a text with this identifier has.
    pub(crate) fn keys(&self, key: &IndexKey) -> Vec<String> {
        let mut keys = match &self.identifier {
            Identifier::Cnp(digits) => return cnp_keys(digits, self.is_doubtful, key),
            Identifier::Damaged(digits) => return remains_keys(digits, key).collect(),
            Identifier::Number { number, year, day } => {
                let mut keys = vec![format!("r{number}")];
                keys.extend(year.map(|year| format!("r{number}/{year}")));
                keys.extend(day.map(|day| format!("r{number}/{day}")));
                // `17A/1978` is also found as `17/1978`.
                let digits = number.trim_end_matches(|c: char| !c.is_ascii_digit());
                if digits.len() < number.len() {
                    keys.extend(year.map(|year| format!("r{digits}/{year}")));
                }
                keys
            }
            Identifier::Day(day) => vec![format!("d{day}"), format!("m{}-{:02}", day.year, day.month)],
            _ => vec![self.narrowest()],
        };
        if self.is_doubtful {
            keys.iter_mut().for_each(|key| key.insert(0, GUESSED));
        }
        keys
    }

    /// The keys that a query with this identifier asks for.
    pub(crate) fn sought(&self, key: &IndexKey) -> Sought {
        if let Identifier::Cnp(digits) = &self.identifier {
            let mut guessed = vec![cnp_key('q', digits, key)];
            // One that was mistyped meets what it may be; what is left of another is too far from it.
            match cnp::is_valid(digits) {
                true => guessed.extend(remains_keys(digits, key)),
                false => guessed.extend(neighbour_keys('c', digits, key)),
            }
            return Sought {
                sure: vec![cnp_key('c', digits, key)],
                guessed,
            };
        }
        if let Identifier::Damaged(digits) = &self.identifier {
            return Sought {
                sure: Vec::new(),
                guessed: remains_keys(digits, key).collect(),
            };
        }
        let narrowest = self.narrowest();
        let mut guessed = vec![format!("{GUESSED}{narrowest}")];
        if let Identifier::Number {
            number,
            day: Some(day),
            ..
        } = &self.identifier
        {
            guessed.extend(misread(number).map(|number| format!("r{number}/{day}")));
        }
        Sought {
            guessed,
            sure: vec![narrowest],
        }
    }

    fn narrowest(&self) -> String {
        match &self.identifier {
            Identifier::Cnp(_) | Identifier::Damaged(_) => String::new(),
            Identifier::Day(day) => format!("d{day}"),
            Identifier::Month { year, month } => format!("m{year}-{month:02}"),
            Identifier::Number { number, year, day } => match (day, year) {
                (Some(day), _) => format!("r{number}/{day}"),
                (None, Some(year)) => format!("r{number}/{year}"),
                (None, None) => format!("r{number}"),
            },
            Identifier::Lettered(number) => format!("n{number}"),
            Identifier::Article(number) => format!("a{number}"),
            Identifier::Card(card) => format!("s{card}"),
            Identifier::LandRegister(number) => format!("f{number}"),
        }
    }
}

/// The keys of the long numbers that recognition was not sure of, by piece: of what they may be.
pub(crate) fn doubtful_numbers(pieces: &[Piece]) -> impl Iterator<Item = (usize, String)> {
    let doubtful = pieces.iter().enumerate().filter(|(_, piece)| piece.is_doubtful);
    let doubtful = doubtful.filter(|(_, piece)| is_long_number(&piece.text));
    doubtful.flat_map(|(at, piece)| {
        with_one_misread(&piece.text).map(move |number| (at, format!("{GUESSED}{number}")))
    })
}

/// The key by which a long number is found where another was read for it.
pub(crate) fn doubtful_number(number: &str) -> Option<String> {
    is_long_number(number).then(|| format!("{GUESSED}{number}"))
}

/// Shorter numbers stand everywhere: with one digit changed they are others.
fn is_long_number(text: &str) -> bool {
    (5..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What a registration number may have been read for, one digit changed. With its day that is hardly another number: those
/// in which numbers of one day differ stay.
fn misread(number: &str) -> impl Iterator<Item = String> {
    let digits = number.len() - number.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (begin, end) = number.split_at(digits.saturating_sub(numbers::OF_ONE_DAY));
    with_one_changed(begin)
        .filter(|begin| !begin.starts_with('0'))
        .map(move |begin| format!("{begin}{end}"))
}

/// What a personal number is found by; of one whose check digit does not hold, also what it may be.
fn cnp_keys(digits: &str, is_doubtful: bool, key: &IndexKey) -> Vec<String> {
    let kind = if is_doubtful { 'q' } else { 'c' };
    let mut keys = vec![cnp_key(kind, digits, key)];
    let is_valid = cnp::is_valid(digits);
    if is_doubtful || !is_valid {
        keys.extend(remains_keys(digits, key));
    }
    if !is_valid {
        keys.extend(neighbour_keys('q', digits, key));
    }
    keys
}

/// The keys of what a personal number may be whose check digit does not hold.
fn neighbour_keys(kind: char, digits: &str, key: &IndexKey) -> impl Iterator<Item = String> {
    let neighbours = cnp::neighbours(digits).into_iter();
    neighbours.map(move |digits| cnp_key(kind, &digits, key))
}

fn cnp_key(kind: char, digits: &str, key: &IndexKey) -> String {
    format!("{kind}{}", key.hash("cnp", digits))
}

/// What a personal number is found by of which two digits are wrong or lost. Short: there are many of them, and two that
/// meet by chance are only likeness.
fn remains_keys(digits: &str, key: &IndexKey) -> impl Iterator<Item = String> {
    let rows = cnp::remains(digits).into_iter();
    rows.map(|row| format!("w{}", &key.hash("cnp-remains", &row)[..REMAINS_HASH_DIGITS]))
}
