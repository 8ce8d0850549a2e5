//! Personal numbers (*cod numeric personal*): thirteen digits, the last a check digit.
//!
//! A run of thirteen digits is taken for one whatever it says; one that is written in groups, or with
//! letters that look like digits, only where the check digit holds or `CNP` stands before it.

use super::{
    Found, Identifier,
    pieces::{Piece, digits_of},
};

/// Digits of a personal number.
pub(crate) const DIGITS: usize = 13;

/// Weights of the first twelve digits (order of the Ministry of the Interior, 1978).
const WEIGHTS: [u32; 12] = [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9];

/// Whether the check digit and the date of birth hold.
pub(crate) fn is_valid(digits: &str) -> bool {
    let values: Vec<u32> = digits.chars().filter_map(|digit| digit.to_digit(10)).collect();
    let [sex, _, _, m1, m2, d1, d2, .., check] = values[..] else {
        return false;
    };
    let sum: u32 = values
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| digit * weight)
        .sum();
    let expected = match sum % 11 {
        10 => 1,
        rest => rest,
    };
    let (month, day) = (10 * m1 + m2, 10 * d1 + d2);
    values.len() == DIGITS
        && sex != 0
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && check == expected
}

/// The valid numbers that differ from these thirteen digits in one, two for each digit at most, since the sum of the check digit
/// is taken modulo 11 and 10 counts as 1. Recognition takes any digit for any other.
pub(crate) fn neighbours(digits: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, digit) in digits.char_indices() {
        for other in ('0'..='9').filter(|&other| other != digit) {
            let candidate = format!("{}{other}{}", &digits[..at], &digits[at + 1..]);
            if is_valid(&candidate) {
                found.push(candidate);
            }
        }
    }
    found
}

/// The personal number that begins at a piece.
pub(super) fn at(pieces: &[Piece], first: usize) -> Option<Found> {
    let mut digits = String::new();
    let mut is_doubtful = false;
    let mut has_signs = false;
    for (at, piece) in pieces.iter().enumerate().skip(first).take(DIGITS) {
        let is_joined = at == first || matches!(piece.signs(), Some("" | "-" | "."));
        let (more, replaced) = match piece.text.len() {
            // One letter alone is a word, not a digit.
            1 if !piece.is_number() => return None,
            _ => digits_of(&piece.text)?,
        };
        digits.push_str(&more);
        is_doubtful |= replaced;
        has_signs |= at > first && piece.signs() != Some("");
        if !is_joined || digits.len() > DIGITS {
            return None;
        }
        if digits.len() == DIGITS {
            let context = context(pieces, first);
            let is_whole = at == first && !is_doubtful;
            // Signs hold other numbers together as well: there the groups must be those that people write.
            let lengths = pieces[first..=at].iter().map(|piece| piece.text.len());
            let is_usual = !has_signs
                || [&[1, 6, 6][..], &[7, 6], &[1, 12]]
                    .iter()
                    .any(|usual| lengths.clone().eq(usual.iter().copied()));
            let holds = is_whole || context < first || (is_usual && is_valid(&digits));
            return holds.then_some(Found {
                context,
                first,
                last: at,
                is_doubtful,
                identifier: Identifier::Cnp(digits),
            });
        }
    }
    None
}

/// Where the words `CNP`, `C.N.P.` or `cod numeric personal` before a number begin.
fn context(pieces: &[Piece], first: usize) -> usize {
    let says = |at: usize, word: &str| {
        pieces
            .get(at)
            .is_some_and(|piece| piece.text.eq_ignore_ascii_case(word))
    };
    let back = |words: &[&str]| {
        let begin = first.checked_sub(words.len())?;
        let all = words.iter().enumerate().all(|(at, word)| says(begin + at, word));
        (all && pieces[first].signs().is_some()).then_some(begin)
    };
    [
        &["cod", "numeric", "personal"][..],
        &["c", "n", "p"],
        &["cnp", "nr"],
        &["cnp"],
    ]
    .into_iter()
    .find_map(back)
    .unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number with its right check digit.
    fn completed(twelve: &str) -> String {
        (0..10)
            .map(|check| format!("{twelve}{check}"))
            .find(|digits| is_valid(digits))
            .unwrap()
    }

    #[test]
    fn check_digits_hold_or_do_not() {
        assert!(is_valid("1800101221144"));
        for wrong in [
            "1800101221145",
            "180010122114",
            "18001012211440",
            "1801301221144",
            "",
            "abcdefghijklm",
        ] {
            assert!(!is_valid(wrong), "{wrong}");
        }
    }

    #[test]
    fn one_doubtful_digit_is_put_right_among_few_proposals() {
        let right = completed("278051212345");
        for at in 0..DIGITS {
            for read in b'0'..=b'9' {
                let mut misread = right.clone().into_bytes();
                misread[at] = read;
                let misread = String::from_utf8(misread).unwrap();
                if is_valid(&misread) {
                    continue;
                }
                let proposals = neighbours(&misread);
                assert!(
                    proposals.contains(&right) && proposals.len() <= 2 * DIGITS,
                    "{misread}: {proposals:?}"
                );
            }
        }
    }
}
