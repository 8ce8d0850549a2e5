//! Numbers, leaves and retention terms as people write them.

use hrisov_model::RetentionTerm;

use crate::fold::{fold, has_words, whole_number};

/// More leaves than any dossier has: what is above is a date or a typing error.
const MAX_LEAVES: u32 = 100_000;
/// Longer terms are written "permanent".
const MAX_YEARS: u16 = 999;

/// A current number: `12`, `12.`, `12.0`, `nr. 12`.
pub(crate) fn number(text: &str) -> Option<u32> {
    let bare = text.trim().trim_end_matches(['.', ')', ' ']);
    let bare = bare
        .strip_suffix(".0")
        .or_else(|| bare.strip_suffix(",0"))
        .unwrap_or(bare);
    let folded = fold(bare);
    let digits = folded
        .strip_prefix("nr crt ")
        .or_else(|| folded.strip_prefix("nr "))
        .unwrap_or(&folded);
    // "1.5" and "12/2" are not numbers of a row but references.
    whole_number(digits).filter(|_| {
        bare.chars()
            .filter(|c| !c.is_alphanumeric())
            .all(|c| c == ' ' || c == '.')
    })
}

/// How many leaves a text says: `45`, `45 f.`, `1-45`, `f. 1-45, 46-90`, `45 (patruzeci și cinci)`.
pub(crate) fn leaves(text: &str) -> Option<u32> {
    let numbers = numbers(text)?;
    let sum = match numbers.as_slice() {
        [(only, _)] => *only,
        several => ranges(several).or_else(|| added(several))?,
    };
    (sum <= MAX_LEAVES).then_some(sum)
}

/// Every number with the bare text between it and the one before; `None` where one is no whole number.
fn numbers(text: &str) -> Option<Vec<(u32, String)>> {
    let text = without_thousands_marks(text);
    let mut numbers = Vec::new();
    let mut between = String::new();
    let mut rest = text.as_str();
    while let Some(letter) = rest.chars().next() {
        if !letter.is_ascii_digit() {
            between.push(letter);
            rest = &rest[letter.len_utf8()..];
            continue;
        }
        let length = rest
            .find(|letter: char| !letter.is_ascii_digit())
            .unwrap_or(rest.len());
        let number = rest[..length].parse().ok()?;
        numbers.push((number, std::mem::take(&mut between)));
        rest = &rest[length..];
    }
    (!numbers.is_empty()).then_some(numbers)
}

/// `12.0` and `12,00` as spreadsheets show them; `1.234` as Romanians group them.
fn without_thousands_marks(text: &str) -> String {
    let bare = text.trim();
    if let Some((whole, fraction)) = bare.split_once(['.', ',']) {
        let is_number = whole_number(whole).is_some() && whole_number(fraction).is_some();
        if is_number && fraction.bytes().all(|byte| byte == b'0') && fraction.len() < 3 {
            return whole.to_owned();
        }
        if is_number && fraction.len() == 3 && whole.len() <= 3 && bare.contains('.') {
            return format!("{whole}{fraction}");
        }
    }
    bare.to_owned()
}

/// `1-45` and `1-45, 46-90`: ranges of numbered leaves.
fn ranges(numbers: &[(u32, String)]) -> Option<u32> {
    let mut sum: u32 = 0;
    for pair in numbers.chunks(2) {
        let [(first, _), (last, dash)] = pair else {
            return None;
        };
        let is_range = matches!(dash.trim(), "-" | "–" | "—" | "÷" | "−" | "‐" | "‑") || fold(dash) == "la";
        if !is_range || last < first || *first == 0 {
            return None;
        }
        sum = sum.checked_add(last - first + 1)?;
    }
    Some(sum)
}

/// `45 + 3`: leaves counted apart.
fn added(numbers: &[(u32, String)]) -> Option<u32> {
    let is_sum = numbers
        .iter()
        .skip(1)
        .all(|(_, between)| between.trim_matches([' ', 'f', '.']) == "+");
    let sum = || {
        numbers
            .iter()
            .try_fold(0_u32, |sum, (number, _)| sum.checked_add(*number))
    };
    is_sum.then(sum).flatten()
}

/// `permanent`, `P`, `10`, `10 ani`, `30 ani C.S.`.
pub(crate) fn retention(text: &str) -> Option<RetentionTerm> {
    let folded = fold(text);
    let is_permanent = [
        "permanent",
        "permanenta",
        "perm",
        "p",
        "permanently",
        "permanente",
    ]
    .iter()
    .any(|word| has_words(&folded, word));
    match numbers(text).as_deref() {
        None if is_permanent => Some(RetentionTerm::Permanent),
        Some([(years, _)]) if !is_permanent => u16::try_from(*years)
            .ok()
            .filter(|years| (1..=MAX_YEARS).contains(years))
            .map(RetentionTerm::Years),
        _ => None,
    }
}

/// Marks that mean "as above": `"`, `-"-`, `—//—`, `idem`.
pub(crate) fn is_ditto(text: &str) -> bool {
    let text = text.trim();
    let marks = [
        '"', '„', '”', '“', '\'', '’', '/', '-', '–', '—', '_', ' ', '.', '〃', '″',
    ];
    let is_marks = text.chars().all(|letter| marks.contains(&letter));
    let is_quoting =
        text.contains(['"', '„', '”', '“', '〃', '″']) || text.contains("//") || text.contains("''");
    (is_marks && is_quoting) || matches!(fold(text).as_str(), "idem" | "ibidem" | "la fel")
}

/// Marks that mean "nothing": `-`, `—`, `...`.
pub(crate) fn is_nothing(text: &str) -> bool {
    text.chars()
        .all(|letter| matches!(letter, '-' | '–' | '—' | '.' | '_' | ' ' | '/' | '*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_as_written() {
        for (text, wanted) in [
            ("45", Some(45)),
            ("045", Some(45)),
            ("12.0", Some(12)),
            ("12,00", Some(12)),
            ("1.234", Some(1234)),
            ("45 f.", Some(45)),
            ("45f", Some(45)),
            ("f. 45", Some(45)),
            ("45 de file", Some(45)),
            ("1-45", Some(45)),
            ("1 – 45", Some(45)),
            ("f. 1-45", Some(45)),
            ("11-45", Some(35)),
            ("1-45, 46-90", Some(90)),
            ("de la 1 la 45", Some(45)),
            ("45+3", Some(48)),
            ("45 f. + 3 f.", Some(48)),
            ("45 (patruzeci și cinci)", Some(45)),
            ("0", Some(0)),
            ("vol. I 45, vol. II 50", None),
            ("45-1", None),
            ("12.5", None),
            ("nenumerotat", None),
            ("", None),
            ("99999999999", None),
            ("4000000", None),
        ] {
            assert_eq!(leaves(text), wanted, "{text}");
        }
    }

    #[test]
    fn terms_as_written() {
        use RetentionTerm::{Permanent, Years};
        for (text, wanted) in [
            ("permanent", Some(Permanent)),
            ("PERMANENT", Some(Permanent)),
            ("P", Some(Permanent)),
            ("10", Some(Years(10))),
            ("10.0", Some(Years(10))),
            ("10 ani", Some(Years(10))),
            ("30 ani C.S.", Some(Years(30))),
            ("100 years", Some(Years(100))),
            ("0", None),
            ("5-10 ani", None),
            ("conform nomenclatorului", None),
            ("", None),
        ] {
            assert_eq!(retention(text), wanted, "{text}");
        }
    }

    #[test]
    fn numbers_of_rows() {
        for (text, wanted) in [
            ("12", Some(12)),
            ("012", Some(12)),
            ("12.", Some(12)),
            ("12.0", Some(12)),
            ("12)", Some(12)),
            ("nr. 12", Some(12)),
            ("12 bis", None),
            ("12/2", None),
            ("12a", None),
            ("1.5", None),
            ("-12", None),
            ("", None),
            ("5000000000", None),
        ] {
            assert_eq!(number(text), wanted, "{text}");
        }
    }

    #[test]
    fn marks_for_as_above_and_for_nothing() {
        for text in ["\"", "-\"-", "„", "—//—", "idem", "Idem.", "''", "- „ -"] {
            assert!(is_ditto(text), "{text}");
        }
        for text in ["-", "", "/", "dosar \"A\"", "id 5", "..."] {
            assert!(!is_ditto(text), "{text}");
        }
        assert!(is_nothing("-") && is_nothing(" — ") && !is_nothing("0"));
    }
}
