//! Numbers with a meaning: registration and dossier numbers with year or date, house numbers with a
//! letter, articles of laws, identity cards, land-register entries.

use super::{
    Found, Identifier,
    dates::{self, Day},
    digits::{digits_of, with_one_misread},
    pieces::Piece,
};

/// Digits of a registration number at most.
const NUMBER_DIGITS_MAX: usize = 9;

/// Digits in which the numbers of one day differ.
pub(super) const OF_ONE_DAY: usize = 2;

/// Words for "number", folded.
const NUMBER_WORDS: [&str; 7] = ["nr", "no", "numarul", "numarului", "numar", "n", "nrul"];

/// Words that may stand between a number and its date.
const JOINING: [&str; 8] = ["din", "de", "data", "la", "anul", "in", "a", "al"];

/// The number of a deed, law or dossier that begins at a piece: `1234/12.05.1978`, `1234 din 12 mai
/// 1978`, `17A/1978`, `1.234/78`, `nr. 15`.
pub(super) fn registration(pieces: &[Piece], first: usize) -> Vec<Found> {
    let Some(head) = head(pieces, first) else {
        return Vec::new();
    };
    let context = number_word(pieces, first);
    let found = |last, year, day, is_doubtful| Found {
        context,
        first,
        last,
        is_doubtful: is_doubtful || head.is_doubtful,
        identifier: Identifier::Number {
            number: head.number.clone(),
            year,
            day,
        },
    };
    match dated(pieces, head.last + 1) {
        Some((last, dates)) => {
            let mut all: Vec<Found> = Vec::new();
            for (year, day, doubt) in dates {
                all.push(found(last, Some(year), day, doubt));
                // Number and date are not both put right.
                let is_misread = pieces[first].is_doubtful && day.is_some() && !doubt;
                let misread = of_one_day(&head.number).filter(|_| is_misread);
                all.extend(misread.map(|number| Found {
                    is_doubtful: true,
                    identifier: Identifier::Number {
                        number,
                        year: None,
                        day,
                    },
                    ..found(last, None, None, true)
                }));
            }
            all
        }
        None if context < first => vec![found(head.last, None, None, false)],
        None => Vec::new(),
    }
}

/// What a doubtful number may have been by one of its last two digits, in which those of one day differ.
fn of_one_day(number: &str) -> impl Iterator<Item = String> {
    let is_digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let ends = number.len().checked_sub(OF_ONE_DAY).filter(|_| is_digits);
    ends.into_iter().flat_map(move |end| {
        with_one_misread(&number[end..]).map(move |changed| format!("{}{changed}", &number[..end]))
    })
}

/// A house number or the like with its letter: `17A`, `17/A`, `17 A`, `17 bis`.
pub(super) fn lettered(pieces: &[Piece], first: usize) -> Option<Found> {
    let piece = &pieces[first];
    let (last, number) = match split_letter(&piece.text) {
        Some((digits, letters)) => (first, format!("{digits}{letters}")),
        None => {
            piece.number().filter(|_| piece.text.len() <= NUMBER_DIGITS_MAX)?;
            let next = pieces.get(first + 1)?;
            (first + 1, format!("{}{}", piece.text, suffix(next)?))
        }
    };
    Some(Found {
        context: number_word(pieces, first),
        first,
        last,
        is_doubtful: false,
        identifier: Identifier::Lettered(without_zeros(&number)),
    })
}

/// `art. 5`, `articolul 12`.
pub(super) fn article(pieces: &[Piece], first: usize) -> Option<Found> {
    let context = first.checked_sub(1)?;
    let says_article = matches!(
        super::plain(&pieces[context].text).as_str(),
        "art" | "articol" | "articolul" | "articolului" | "articolele"
    );
    let number = &pieces[first];
    let is_near = matches!(number.signs()?, "" | ".");
    (says_article && is_near && number.number().is_some()).then(|| Found {
        context,
        first,
        last: first,
        is_doubtful: false,
        identifier: Identifier::Article(without_zeros(&number.text)),
    })
}

/// Series and number of an identity card or bulletin: `RX 123456`, `seria RX nr. 123456`, `RX123456`.
pub(super) fn card(pieces: &[Piece], first: usize) -> Option<Found> {
    let is_series = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_card_number = |text: &str| text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = &pieces[first].text;
    let (last, series, number) = match text.split_at_checked(2) {
        Some((series, number)) if is_series(series) && is_card_number(number) => (first, series, number),
        Some((series, "")) if is_series(series) && number_word_of(series).is_none() => {
            let mut at = first + 1;
            if pieces
                .get(at)
                .is_some_and(|piece| number_word_of(&piece.text).is_some())
            {
                at += 1;
            }
            let number = pieces.get(at)?;
            let is_near = pieces[first + 1..=at]
                .iter()
                .all(|piece| matches!(piece.signs(), Some("" | "." | "," | "-" | "/")));
            if !is_near || !is_card_number(&number.text) {
                return None;
            }
            (at, series, number.text.as_str())
        }
        _ => return None,
    };
    let says_series = first.checked_sub(1).filter(|&at| {
        matches!(
            super::plain(&pieces[at].text).as_str(),
            "seria" | "serie" | "seriei"
        )
    });
    Some(Found {
        context: says_series.unwrap_or(first),
        first,
        last,
        is_doubtful: false,
        identifier: Identifier::Card(format!("{}{number}", series.to_lowercase())),
    })
}

/// A land-register entry: `C.F. nr. 1234`, `carte funciară 1234`, `CF 1234`.
pub(super) fn land_register(pieces: &[Piece], first: usize) -> Option<Found> {
    let number = pieces[first].number()?;
    let before = number_word(pieces, first);
    let says = |back: usize, words: &[&str]| {
        before
            .checked_sub(back)
            .is_some_and(|at| words.contains(&super::plain(&pieces[at].text).as_str()))
    };
    let context = match () {
        () if says(1, &["cf"]) => before - 1,
        () if says(2, &["c"]) && says(1, &["f"]) => before - 2,
        () if says(2, &["carte", "cartea", "cartii"]) && says(1, &["funciara", "funciare"]) => before - 2,
        () => return None,
    };
    pieces[context + 1..=first]
        .iter()
        .all(|piece| piece.signs().is_some())
        .then(|| Found {
            context,
            first,
            last: first,
            is_doubtful: false,
            identifier: Identifier::LandRegister(number.to_string()),
        })
}

/// The number of a registration number with its letter.
struct Head {
    last: usize,
    number: String,
    is_doubtful: bool,
}

fn head(pieces: &[Piece], first: usize) -> Option<Head> {
    let text = &pieces[first].text;
    let at_most = |digits: &str| digits.len() <= NUMBER_DIGITS_MAX;
    if let Some((digits, letters)) = split_letter(text).filter(|(digits, _)| at_most(digits)) {
        return Some(Head {
            last: first,
            number: without_zeros(&format!("{digits}{letters}")),
            is_doubtful: false,
        });
    }
    let (mut digits, is_doubtful) = digits_of(text).filter(|(digits, _)| at_most(digits))?;
    let mut last = first;
    // `1.234` is one number where three digits follow the point and a year or date follows those.
    if let Some(thousands) = pieces
        .get(first + 1)
        .filter(|next| next.gap == "." && next.text.len() == 3 && next.is_number() && digits.len() <= 3)
    {
        digits.push_str(&thousands.text);
        last += 1;
    }
    if let Some(letters) = pieces.get(last + 1).and_then(suffix) {
        digits.push_str(&letters);
        last += 1;
    }
    Some(Head {
        last,
        number: without_zeros(&digits),
        is_doubtful,
    })
}

/// Year or date after a number: last piece, and what it may mean.
type Dated = (usize, Vec<(u32, Option<Day>, bool)>);

fn dated(pieces: &[Piece], from: usize) -> Option<Dated> {
    let next = pieces.get(from)?;
    let at = match next.signs()? {
        "/" | "-" | "/:" | "./" => from,
        "" | "," | "." if JOINING.contains(&super::plain(&next.text).as_str()) => {
            (from + 1..from + 4).find(|&at| {
                pieces
                    .get(at)
                    .is_some_and(|piece| !JOINING.contains(&super::plain(&piece.text).as_str()))
            })?
        }
        _ => return None,
    };
    if let Some(date) = dates::date_at(pieces, at) {
        let days = date
            .days
            .iter()
            .map(|&day| (day.year, Some(day), date.is_doubtful));
        let guessed = date.guessed.iter().map(|&day| (day.year, Some(day), true));
        return Some((date.last, days.chain(guessed).collect()));
    }
    let piece = &pieces[at];
    if let Some(year) = dates::year(piece) {
        return Some((at, vec![(year, None, false)]));
    }
    let has_slash = pieces[from].signs() == Some("/");
    let read = digits_of(&piece.text).filter(|(digits, doubt)| *doubt && digits.len() == 4);
    if let Some(year) = read
        .and_then(|(digits, _)| digits.parse().ok())
        .filter(|year| has_slash && (1700..=2099).contains(year))
    {
        return Some((at, vec![(year, None, true)]));
    }
    let years = dates::short_years(piece);
    (has_slash && !years.is_empty())
        .then(|| (at, years.into_iter().map(|year| (year, None, false)).collect()))
}

/// Where the word "number" before a piece begins; the piece itself without one.
fn number_word(pieces: &[Piece], first: usize) -> usize {
    let Some(before) = first.checked_sub(1) else {
        return first;
    };
    let is_near = matches!(pieces[first].signs(), Some("" | "." | ":" | ".:"));
    match is_near && number_word_of(&pieces[before].text).is_some() {
        true => before,
        false => first,
    }
}

fn number_word_of(text: &str) -> Option<()> {
    let folded = super::plain(text);
    NUMBER_WORDS.contains(&folded.as_str()).then_some(())
}

/// `17A` as digits and letters.
fn split_letter(text: &str) -> Option<(&str, String)> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (digits, letters) = text.split_at(digits);
    let lower = letters.to_lowercase();
    let fits = letters.chars().count() == 1 && letters.chars().all(char::is_alphabetic) || lower == "bis";
    (fits && !digits.is_empty()).then_some((digits, lower))
}

/// The letter that a number goes on with in the next piece: `/A`, `-A`, ` A`, ` bis`.
fn suffix(next: &Piece) -> Option<String> {
    if super::plain(&next.text) == "bis" && next.signs().is_some() {
        return Some("bis".to_owned());
    }
    let letter = next.letter()?;
    let is_joined = matches!(next.gap.as_str(), "/" | "-" | " / ");
    let is_apart = next.gap == " " && letter.is_uppercase() && !matches!(letter, 'I' | 'V' | 'X');
    (is_joined || is_apart).then(|| letter.to_lowercase().to_string())
}

fn without_zeros(number: &str) -> String {
    let trimmed = number.trim_start_matches('0');
    match trimmed.is_empty() {
        true => "0".to_owned(),
        false => trimmed.to_owned(),
    }
}
