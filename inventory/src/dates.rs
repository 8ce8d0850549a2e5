//! Extreme dates as people write them.

use hrisov_model::{ExtremeDates, PartialDate};

use crate::fold::fold;

/// Years that an archive can hold.
const YEARS: std::ops::RangeInclusive<u32> = 1000..=2100;
/// Two digits from here on mean the last century: paper of the years after it is dated in full.
const CENTURY_TURN: u32 = 30;

/// The dates in a text; both `None` where it holds none that can be understood.
pub(crate) fn parse(text: &str) -> ExtremeDates {
    let tokens = tokens(text);
    let mut found: Vec<PartialDate> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match date_at(&tokens[at..]) {
            Some((date, length)) => {
                complete_shorter(&tokens[..at], date, &mut found);
                found.push(date);
                at += length;
                at += abbreviated_year(&tokens[at..], date, &mut found);
            }
            None => at += 1,
        }
    }
    ExtremeDates {
        text: text.to_owned(),
        first: found
            .iter()
            .copied()
            .min_by_key(|date| (date.year, date.month.unwrap_or(1), date.day.unwrap_or(1))),
        last: found
            .iter()
            .copied()
            .max_by_key(|date| (date.year, date.month.unwrap_or(12), date.day.unwrap_or(31))),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    /// A number and how many digits it was written with.
    Number(u32, usize),
    /// A month by name or in Roman figures.
    Month(u8),
    /// `.`, `/` or `-`; every other dash is a `-`.
    Mark(char),
    /// Anything else.
    Word,
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let same = |kind: fn(char) -> bool| rest.find(|letter| !kind(letter)).unwrap_or(rest.len());
        let length = if letter.is_ascii_digit() {
            let length = same(|letter| letter.is_ascii_digit());
            tokens.push(
                rest[..length]
                    .parse()
                    .map_or(Token::Word, |number| Token::Number(number, length)),
            );
            length
        } else if letter.is_alphabetic() {
            let length = same(char::is_alphabetic);
            tokens.push(month(&fold(&rest[..length])).map_or(Token::Word, Token::Month));
            length
        } else {
            match letter {
                '.' | '/' => tokens.push(Token::Mark(letter)),
                '-' | '–' | '—' | '÷' | '−' | '‐' | '‑' => tokens.push(Token::Mark('-')),
                letter if letter.is_whitespace() => {}
                _ => tokens.push(Token::Word),
            }
            letter.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

fn month(folded: &str) -> Option<u8> {
    const ROMAN: [&str; 12] = [
        "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii",
    ];
    const NAMES: [(&str, u8); 19] = [
        ("ian", 1),
        ("jan", 1),
        ("feb", 2),
        ("mar", 3),
        ("apr", 4),
        ("mai", 5),
        ("may", 5),
        ("iun", 6),
        ("jun", 6),
        ("iul", 7),
        ("jul", 7),
        ("aug", 8),
        ("sep", 9),
        ("oct", 10),
        ("noi", 11),
        ("nov", 11),
        ("noe", 11),
        ("dec", 12),
        ("sept", 9),
    ];
    if let Some(place) = ROMAN.iter().position(|roman| *roman == folded) {
        return u8::try_from(place + 1).ok();
    }
    let found = NAMES.iter().find(|(name, _)| folded.starts_with(name));
    found.filter(|_| folded.len() <= 10).map(|(_, month)| *month)
}

/// A date that starts here, and how many tokens it takes.
fn date_at(tokens: &[Token]) -> Option<(PartialDate, usize)> {
    use Token::{Mark, Month, Number};
    let date = |year, month: Option<u8>, day| valid(year, month, day);
    match *tokens {
        // 1978-05-12, 1978.05.12
        [
            Number(y, 4),
            Mark(one),
            Number(m, 1..=2),
            Mark(two),
            Number(d, 1..=2),
            ..,
        ] if one == two => date(y, u8::try_from(m).ok(), Some(d)).map(|date| (date, 5)),
        // 12.05.1978, 12/5/78
        [
            Number(d, 1..=2),
            Mark(one),
            Number(m, 1..=2),
            Mark(two),
            Number(y, size @ (2 | 4)),
            ..,
        ] if one == two => date(full_year(y, size), u8::try_from(m).ok(), Some(d)).map(|date| (date, 5)),
        // 12.V.1978, 12-mai-1978
        [Number(d, 1..=2), Mark(_), Month(m), Mark(_), Number(y, 4), ..] => {
            date(y, Some(m), Some(d)).map(|date| (date, 5))
        }
        // 12 mai 1978
        [Number(d, 1..=2), Month(m), Number(y, 4), ..] => date(y, Some(m), Some(d)).map(|date| (date, 3)),
        // 12 ian. 1978
        [Number(d, 1..=2), Month(m), Mark('.'), Number(y, 4), ..] => {
            date(y, Some(m), Some(d)).map(|date| (date, 4))
        }
        // mai 1978; ian. 1978
        [Month(m), Number(y, 4), ..] => date(y, Some(m), None).map(|date| (date, 2)),
        [Month(m), Mark(_), Number(y, 4), ..] => date(y, Some(m), None).map(|date| (date, 3)),
        // 05.1978
        [Number(m, 1..=2), Mark('.' | '/'), Number(y, 4), ..] if (1..=12).contains(&m) => {
            date(y, u8::try_from(m).ok(), None).map(|date| (date, 3))
        }
        // 1978
        [Number(y, 4), ..] => date(y, None, None).map(|date| (date, 1)),
        _ => None,
    }
}

fn full_year(year: u32, digits: usize) -> u32 {
    match (digits, year) {
        (4, year) => year,
        (_, year) if year >= CENTURY_TURN => 1900 + year,
        (_, year) => 2000 + year,
    }
}

fn valid(year: u32, month: Option<u8>, day: Option<u32>) -> Option<PartialDate> {
    let month_is_right = month.is_none_or(|month| (1..=12).contains(&month));
    let day_is_right = day.is_none_or(|day| (1..=31).contains(&day));
    if !YEARS.contains(&year) || !month_is_right || !day_is_right {
        return None;
    }
    Some(PartialDate {
        year: u16::try_from(year).ok()?,
        month,
        day: day.and_then(|day| u8::try_from(day).ok()),
    })
}

/// `ian.–dec. 1978`, `01.02–15.03.1978`: what stands before the dash lacks its year.
fn complete_shorter(before: &[Token], date: PartialDate, found: &mut Vec<PartialDate>) {
    use Token::{Mark, Month, Number};
    let year = u32::from(date.year);
    let earlier = match *before {
        [.., Number(d, 1..=2), Mark('.' | '/'), Number(m, 1..=2), Mark('-')]
        | [
            ..,
            Number(d, 1..=2),
            Mark('.' | '/'),
            Number(m, 1..=2),
            Mark('.'),
            Mark('-'),
        ] => u8::try_from(m).ok().and_then(|m| valid(year, Some(m), Some(d))),
        [.., Number(d, 1..=2), Month(m), Mark('-')] => valid(year, Some(m), Some(d)),
        [.., Month(m), Mark('-')] | [.., Month(m), Mark('.'), Mark('-')] => valid(year, Some(m), None),
        [.., Number(d, 1..=2), Mark('-')] if found.is_empty() && date.day.is_some() => {
            valid(year, date.month, Some(d))
        }
        _ => None,
    };
    found.extend(earlier);
}

/// `1978-80`, `1978/79`: the year after the mark lacks its century. Returns the tokens it took.
fn abbreviated_year(after: &[Token], date: PartialDate, found: &mut Vec<PartialDate>) -> usize {
    let [Token::Mark('-' | '/'), Token::Number(short, 2), rest @ ..] = after else {
        return 0;
    };
    let year = u32::from(date.year) / 100 * 100 + short;
    let is_year = date.month.is_none()
        && year > u32::from(date.year)
        && !matches!(rest, [Token::Mark(_), Token::Number(..), ..]);
    match valid(year, None, None).filter(|_| is_year) {
        Some(last) => {
            found.push(last);
            2
        }
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_way_of_writing_them() {
        for (text, first, last) in [
            ("1978", "1978", "1978"),
            ("1978-1980", "1978", "1980"),
            ("1978 – 1980", "1978", "1980"),
            ("1978-80", "1978", "1980"),
            ("1978/79", "1978", "1979"),
            ("1980-1978", "1978", "1980"),
            ("1950, 1953, 1951", "1950", "1953"),
            ("12.05.1978 - 30.11.1979", "1978-05-12", "1979-11-30"),
            ("12.05.1978-30.11.1979", "1978-05-12", "1979-11-30"),
            ("12/5/78 – 3/1/79", "1978-05-12", "1979-01-03"),
            ("1978-05-12", "1978-05-12", "1978-05-12"),
            ("1978-05-12 – 1979-01-03", "1978-05-12", "1979-01-03"),
            ("12 mai 1978 - 3 ianuarie 1979", "1978-05-12", "1979-01-03"),
            ("ian.-dec. 1978", "1978-01", "1978-12"),
            ("ianuarie–martie 1978", "1978-01", "1978-03"),
            ("01.02-15.03.1978", "1978-02-01", "1978-03-15"),
            ("01.02.-15.03.1978", "1978-02-01", "1978-03-15"),
            ("5-12 mai 1978", "1978-05-05", "1978-05-12"),
            ("3.V.1953", "1953-05-03", "1953-05-03"),
            ("05.1978-06.1979", "1978-05", "1979-06"),
            ("1978-1979/80", "1978", "1980"),
            ("anii 1945 și 1946", "1945", "1946"),
            ("1978 (cu documente din 1965)", "1965", "1978"),
        ] {
            let dates = parse(text);
            let show = |date: Option<PartialDate>| date.map(|date| date.to_string());
            assert_eq!(
                (show(dates.first).as_deref(), show(dates.last).as_deref()),
                (Some(first), Some(last)),
                "{text}"
            );
            assert_eq!(dates.text, text);
        }
        for text in ["", "fără dată", "f.d.", "12", "99.99", "secolul XIX", "123456"] {
            assert_eq!((parse(text).first, parse(text).last), (None, None), "{text}");
        }
    }
}
