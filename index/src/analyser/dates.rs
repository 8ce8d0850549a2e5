//! Dates in every written form: `12.05.1978`, `12/5/78`, `12.V.1978`, `1978-05-12`, `12 mai 1978`,
//! `12 ale lunii mai anul 1978`, `mai 1978`.

use super::{
    digits::{digits_of, with_one_changed, with_one_misread, with_one_more},
    likeness,
    pieces::Piece,
};

/// Years that dates on paper have.
const YEARS: std::ops::RangeInclusive<u32> = 1700..=2099;

/// Two-digit years below this may belong to this century.
const PIVOT: u32 = 30;

/// Month names as they are written and shortened, folded; period forms too.
const MONTHS: [&[&str]; 12] = [
    &["ianuarie", "ianuar", "ian", "ghenarie", "ianuariu"],
    &["februarie", "februar", "febr", "feb", "fevruarie", "februariu"],
    &["martie", "mart", "mar", "martiu"],
    &["aprilie", "april", "apr"],
    &["mai", "maiu"],
    &["iunie", "iun", "iuniu"],
    &["iulie", "iul", "iuliu"],
    &["august", "aug"],
    &["septembrie", "septemvrie", "sept", "sep"],
    &["octombrie", "octomvrie", "oct", "octom"],
    &["noiembrie", "noembrie", "noemvrie", "noiemvrie", "nov", "noi"],
    &["decembrie", "decemvrie", "dechemvrie", "dec"],
];

const ROMAN: [&str; 12] = [
    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII",
];

/// Months that are short enough to be another word by one letter.
const SHORT_MONTH_LETTERS: usize = 3;

/// Years of dates whose signs were misread: others are other numbers.
const USUAL_YEARS: std::ops::RangeInclusive<u32> = 1850..=2030;

/// Years that a date is put right to: most of what is recognised is of these.
const LIKELY_YEARS: std::ops::RangeInclusive<u32> = 1900..=2030;

/// Words that may stand between day, month and year.
const BETWEEN: [&str; 14] = [
    "ale", "a", "al", "lunii", "luna", "lui", "de", "din", "anul", "anului", "an", "zile", "zi", "in",
];

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day {
    pub(crate) year: u32,
    pub(crate) month: u32,
    pub(crate) day: u32,
}

/// A date that was recognised: its last piece, the days that it may mean, and whether letters had to be
/// taken for digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DateFound {
    pub(super) last: usize,
    pub(super) days: Vec<Day>,
    pub(super) is_doubtful: bool,
    /// Days that recognition may have made it of.
    pub(super) guessed: Vec<Day>,
}

impl Day {
    fn new(year: u32, month: u32, day: u32) -> Option<Self> {
        let fits =
            YEARS.contains(&year) && (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
        fits.then_some(Self { year, month, day })
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

const fn days_in(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

/// The year of dates and numbers that a piece of four digits says.
pub(super) fn year(piece: &Piece) -> Option<u32> {
    piece
        .number()
        .filter(|year| piece.text.len() == 4 && YEARS.contains(year))
}

/// The years that two digits may mean, the likelier first.
pub(super) fn short_years(piece: &Piece) -> Vec<u32> {
    let short = piece.number().filter(|_| piece.text.len() == 2);
    match short {
        Some(short) if short < PIVOT => vec![2000 + short, 1900 + short],
        Some(short) => vec![1900 + short],
        None => Vec::new(),
    }
}

/// The date that begins at a piece.
pub(super) fn date_at(pieces: &[Piece], first: usize) -> Option<DateFound> {
    let begins_inside = pieces[first].gap.ends_with(['.', '/', '-'])
        && pieces[first].gap.len() == 1
        && first
            .checked_sub(2)
            .is_some_and(|at| pieces[at].is_number() && pieces[at + 1].is_number());
    // The third number of `1.2.3.4` begins no date.
    if begins_inside && pieces[first].text.len() < 3 && pieces[first - 1].text.len() < 3 {
        return None;
    }
    in_digits(pieces, first)
        .or_else(|| in_reverse(pieces, first))
        .or_else(|| in_words(pieces, first))
        .or_else(|| without_sign(pieces, first))
}

/// The month of a year that begins at a piece: `mai 1978`, `luna mai a anului 1978`. Last piece, year, month.
pub(super) fn month_at(pieces: &[Piece], first: usize) -> Option<(usize, u32, u32)> {
    let month = month_name(&pieces[first].text).filter(|_| pieces[first].text.chars().count() >= 3)?;
    let at = skip_between(pieces, first + 1)?;
    Some((at, year(&pieces[at])?, month))
}

/// `12.05.1978`, `12/V/78`, `12 05 1978`.
fn in_digits(pieces: &[Piece], first: usize) -> Option<DateFound> {
    let [day, month, year_piece] = pieces.get(first..first + 3)? else {
        return None;
    };
    let (before_month, before_year) = (month.signs()?, year_piece.signs()?);
    let sign_doubt = is_misread_sign(before_month)? | is_misread_sign(before_year)?;
    let (day, day_doubt) = digits_of(&day.text).filter(|(digits, _)| digits.len() <= 2)?;
    let (month, month_doubt) = month_of(&month.text)?;
    let day = day.parse().ok()?;
    let (years, year_doubt) = match digits_of(&year_piece.text)? {
        (digits, doubt) if digits.len() == 4 => (vec![digits.parse().ok()?], doubt),
        _ if sign_doubt => return None,
        // Fewer digits are a year only where signs, not spaces, hold the date together.
        _ if before_month.is_empty() || before_year.is_empty() => return None,
        _ if continues(pieces, first + 3) => return None,
        (digits, false) if digits.len() == 3 => return one_digit_lost(&digits, month, day, first + 2),
        _ => (short_years(year_piece), false),
    };
    // `11` may have been `II`, `19 78` one year.
    let february = days(&years, 2, day).filter(|_| pieces[first + 1].text == "11");
    let in_two = pieces
        .get(first + 3)
        .filter(|end| end.gap == " " && end.is_number());
    let in_two = in_two.and_then(|end| format!("{}{}", year_piece.text, end.text).parse().ok());
    let in_two = in_two.filter(|year| year_piece.text.len() == 2 && USUAL_YEARS.contains(year));
    let in_two = in_two.and_then(|year| Day::new(year, month, day));
    let mut guessed: Vec<Day> = february.into_iter().flatten().chain(in_two).collect();
    let days = days(&years, month, day).unwrap_or_default();
    guessed.extend(one_digit_off(
        &days,
        &years,
        (month, day),
        &pieces[first..first + 3],
    ));
    if days.is_empty() && guessed.is_empty() {
        return None;
    }
    Some(DateFound {
        last: first + 2,
        days,
        is_doubtful: day_doubt || month_doubt || year_doubt || sign_doubt,
        guessed,
    })
}

/// A date of whose year three digits are left.
fn one_digit_lost(year: &str, month: u32, day: u32, last: usize) -> Option<DateFound> {
    let years = with_one_more(year, 0..year.len() + 1).into_iter();
    let years = years.filter_map(|year| year.parse().ok());
    let years = years.filter(|year| LIKELY_YEARS.contains(year));
    let guessed: Vec<Day> = years.filter_map(|year| Day::new(year, month, day)).collect();
    (!guessed.is_empty()).then_some(DateFound {
        last,
        days: Vec::new(),
        is_doubtful: true,
        guessed,
    })
}

/// `1978-05-12`, as programs write it.
fn in_reverse(pieces: &[Piece], first: usize) -> Option<DateFound> {
    let [year_piece, month, day] = pieces.get(first..first + 3)? else {
        return None;
    };
    let holds = matches!(
        (month.signs()?, day.signs()?),
        ("-", "-") | (".", ".") | ("/", "/")
    );
    let years = [year(year_piece)?];
    let is_short = month.text.len() <= 2 && day.text.len() <= 2;
    let days = days(&years, month.number()?, day.number()?)?;
    (holds && is_short).then_some(DateFound {
        last: first + 2,
        days,
        is_doubtful: false,
        guessed: Vec::new(),
    })
}

/// `12 mai 1978`, `12-mai-1978`, `1 ale lunii mai anul 1978`, `întâi mai 1978`.
fn in_words(pieces: &[Piece], first: usize) -> Option<DateFound> {
    let (day, is_doubtful) = match super::plain(&pieces[first].text).as_str() {
        "intai" | "intii" => (1, false),
        _ => {
            let (digits, doubt) = digits_of(&pieces[first].text).filter(|(digits, _)| digits.len() <= 2)?;
            (digits.parse().ok()?, doubt)
        }
    };
    let month_at = skip_between(pieces, first + 1)?;
    let broken = broken_month(pieces, month_at);
    let month = month_name(&pieces[month_at].text).filter(|_| broken.is_none());
    let at = skip_between(pieces, month_at + 1 + usize::from(broken.is_some()))?;
    let (month, years, misread) = match (month, year(&pieces[at])) {
        (Some(month), Some(year)) => (month, vec![year], false),
        (None, Some(year)) => {
            let month = broken.or_else(|| misread_month(&pieces[month_at].text, 0));
            (month?, vec![year], true)
        }
        (Some(month), None) => match digits_of(&pieces[at].text) {
            Some((digits, doubt)) if digits.len() == 4 => (month, vec![digits.parse().ok()?], doubt),
            Some((digits, false)) if digits.len() == 3 => return one_digit_lost(&digits, month, day, at),
            _ => (month, short_years(&pieces[at]), false),
        },
        (None, None) => return None,
    };
    let days = days(&years, month, day).unwrap_or_default();
    let guessed = one_digit_off(&days, &years, (month, day), &pieces[first..=at]);
    (!days.is_empty() || !guessed.is_empty()).then_some(DateFound {
        last: at,
        days,
        is_doubtful: is_doubtful || misread,
        guessed,
    })
}

/// The days that `22.95.1979` or `24.07.2915` may have been: no day as it was read, one digit changed. Where it is one
/// and recognition was not sure, those with a digit changed that looks like it.
fn one_digit_off(days: &[Day], years: &[u32], (month, day): (u32, u32), pieces: &[Piece]) -> Vec<Day> {
    let &[year] = years else {
        return Vec::new();
    };
    let read = format!("{year:04}{month:02}{day:02}");
    let part = |text: &str, range: std::ops::Range<usize>| text.get(range)?.parse().ok();
    let day_of = |text: String| {
        let day = Day::new(part(&text, 0..4)?, part(&text, 4..6)?, part(&text, 6..8)?)?;
        LIKELY_YEARS.contains(&day.year).then_some(day)
    };
    let mut others: Vec<Day> = if days.is_empty() {
        with_one_changed(&read).filter_map(day_of).collect()
    } else if pieces.iter().any(|piece| piece.is_doubtful) {
        with_one_misread(&read).filter_map(day_of).collect()
    } else {
        Vec::new()
    };
    others.sort_unstable();
    others.dedup();
    others
}

/// `12.051978`, `1205.1978`: a sign was lost.
fn without_sign(pieces: &[Piece], first: usize) -> Option<DateFound> {
    let text = |at: usize| {
        let piece = pieces.get(first + at)?;
        let holds = at == 0 || matches!(piece.signs(), Some("." | ","));
        piece.number().filter(|_| holds)?;
        Some(piece.text.as_str())
    };
    let (day, month, year) = match (text(0)?, text(1)?) {
        (day, rest) if day.len() <= 2 && rest.len() == 6 => (day, &rest[..2], &rest[2..]),
        (both, year) if both.len() == 4 && year.len() == 4 => (&both[..2], &both[2..], year),
        _ => return None,
    };
    let year = year.parse().ok().filter(|year| USUAL_YEARS.contains(year))?;
    Some(DateFound {
        last: first + 1,
        days: days(&[year], month.parse().ok()?, day.parse().ok()?)?,
        is_doubtful: true,
        guessed: Vec::new(),
    })
}

/// Whether the signs between two parts of a date were read for others; `None` where they hold no date together. The second of
/// two is what was left of a figure (`26/0:/1986`).
fn is_misread_sign(signs: &str) -> Option<bool> {
    const USUAL: &str = "./-,:";
    const READ_FOR_THEM: &str = ";'·•*_~=°!|\"„";
    let is_one = |sign: char| USUAL.contains(sign) || READ_FOR_THEM.contains(sign);
    let mut each = signs.chars();
    match (each.next(), each.next(), each.next()) {
        (None, ..) => Some(false),
        (Some(sign), None, _) if USUAL.contains(sign) => Some(false),
        (Some(first), second, None) => (is_one(first) && second.is_none_or(is_one)).then_some(true),
        _ => None,
    }
}

fn days(years: &[u32], month: u32, day: u32) -> Option<Vec<Day>> {
    let days: Vec<Day> = years
        .iter()
        .filter_map(|&year| Day::new(year, month, day))
        .collect();
    (!days.is_empty()).then_some(days)
}

/// The next piece that is no joining word, at most three on and within the text.
fn skip_between(pieces: &[Piece], from: usize) -> Option<usize> {
    for (at, piece) in pieces.iter().enumerate().skip(from).take(4) {
        if !matches!(piece.signs()?, "" | "." | "-" | "," | "/" | "., ") {
            return None;
        }
        if !BETWEEN.contains(&super::plain(&piece.text).as_str()) {
            return Some(at);
        }
    }
    None
}

fn month_name(text: &str) -> Option<u32> {
    let folded = super::plain(text);
    let at = MONTHS.iter().position(|names| names.contains(&folded.as_str()))?;
    Some(at as u32 + 1)
}

/// The month in two pieces: a sign was read for one of its letters (`iul:e`).
fn broken_month(pieces: &[Piece], first: usize) -> Option<u32> {
    let (begin, end) = (&pieces[first], pieces.get(first + 1)?);
    let is_broken = end.gap.chars().count() == 1 && end.gap != " " && end.gap != "\n";
    let holds_letters = |piece: &Piece| piece.text.chars().all(char::is_alphabetic);
    (is_broken && holds_letters(begin) && holds_letters(end))
        .then(|| misread_month(&format!("{}{}", begin.text, end.text), 2))?
}

/// The month whose name was read for another word; `None` where two are as near. `more` is what it may be less like it,
/// in quarters of an edit.
fn misread_month(text: &str, more: u8) -> Option<u32> {
    let read = super::plain(text);
    let mut near: Vec<(u8, u32)> = Vec::new();
    for (month, names) in (1..).zip(MONTHS) {
        let cost = likeness::distance(names[0], &read);
        let limit = match names[0].len() {
            ..=SHORT_MONTH_LETTERS => 4,
            4..=5 => 3,
            6..=7 => 4,
            _ => 6,
        };
        near.extend((cost <= limit + more).then_some((cost, month)));
    }
    near.sort_unstable();
    match near[..] {
        [(cost, month)] | [(cost, month), ..] if near.get(1).is_none_or(|&(other, _)| other > cost) => {
            Some(month)
        }
        _ => None,
    }
}

/// The month that stands between day and year, and whether letters had to be taken for others.
fn month_of(text: &str) -> Option<(u32, bool)> {
    if let Some(month) = roman_month(text) {
        return Some((month, false));
    }
    let letters = text.chars().count();
    let is_roman = text.contains(['V', 'v', 'X', 'x']) || letters == 3;
    match misread_roman(text).filter(|_| is_roman && letters <= 5) {
        Some(month) => Some((month, true)),
        None => {
            let (digits, doubt) = digits_of(text).filter(|(digits, _)| digits.len() <= 2)?;
            Some((digits.parse().ok()?, doubt))
        }
    }
}

fn roman_month(text: &str) -> Option<u32> {
    let at = ROMAN.iter().position(|&roman| roman == text)?;
    Some(at as u32 + 1)
}

/// `V11`, `XIl`, `1v`: strokes taken for others.
fn misread_roman(text: &str) -> Option<u32> {
    let stroke = |letter| match letter {
        'V' | 'v' | 'Y' => Some('V'),
        'X' | 'x' => Some('X'),
        'I' | 'i' | 'l' | 'L' | '1' | 'J' | 'T' => Some('I'),
        _ => None,
    };
    roman_month(&text.chars().map(stroke).collect::<Option<String>>()?)
}

/// Whether a number goes on: `12.05.78.33`.
fn continues(pieces: &[Piece], at: usize) -> bool {
    pieces
        .get(at)
        .is_some_and(|piece| matches!(piece.gap.as_str(), "." | "/" | "-") && piece.is_number())
}
