//! Personal numbers (*cod numeric personal*): thirteen digits, the last a check digit.
//!
//! A run of thirteen digits is taken for one whatever it says; one that is written in groups, or with
//! letters that look like digits, only where the check digit holds or `CNP` stands before it. Of one of which three digits were
//! lost or misread ten are left, in their order: those meet (see [`remains`]).

use std::collections::BTreeSet;

use super::{
    Found, Identifier,
    digits::{digit_like, digits_of, with_one_changed, with_one_more},
    pieces::Piece,
};

/// Digits of a personal number.
pub(crate) const DIGITS: usize = 13;

/// Digits that readings of one number have in common at least, in their order. Nine are those of all of one sex who were born
/// on one day in one county.
const LEFT: usize = 10;

/// Parts into which recognition breaks a number, and the digits that the longest has at least where nothing says that it is
/// a personal number: rows of short numbers are none.
const PARTS_MAX: usize = 3;
const LONGEST_PART: usize = 5;

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
    with_one_changed(digits)
        .filter(|digits| is_valid(digits))
        .collect()
}

/// What is left of a number, by which it meets others with as much in common: every row of ten of its digits, in their
/// order. Nothing of fewer digits.
pub(crate) fn remains(digits: &str) -> BTreeSet<String> {
    let mut rows = BTreeSet::from([digits.to_owned()]);
    for _ in LEFT..digits.len() {
        let shorter = |row: &String| {
            let without = |at| format!("{}{}", &row[..at], &row[at + 1..]);
            (0..row.len()).map(without).collect::<Vec<_>>()
        };
        rows = rows.iter().flat_map(shorter).collect();
    }
    rows.retain(|row| row.len() == LEFT);
    rows
}

/// What is left of a personal number that begins at a piece: ten digits and more in a few parts, behind `CNP` or where
/// recognition was not sure. Letters that look like no digit are lost ones.
pub(super) fn damaged_at(pieces: &[Piece], first: usize) -> Option<Found> {
    let context = context(pieces, first);
    let mut digits = String::new();
    let mut parts = 0;
    for piece in pieces[first..].iter().take(PARTS_MAX) {
        let signs = piece.signs().filter(|signs| signs.len() <= 1 && *signs != "/");
        let figures = piece.text.bytes().filter(u8::is_ascii_digit).count();
        let continues = (parts == 0 || signs.is_some()) && 2 * figures > piece.text.chars().count();
        if !continues {
            break;
        }
        let read: String = piece.text.chars().filter_map(digit_like).collect();
        if digits.len() + read.len() > DIGITS {
            break;
        }
        digits.push_str(&read);
        parts += 1;
    }
    let parts = &pieces[first..first + parts];
    let is_doubtful = parts.iter().any(|part| part.is_doubtful);
    let is_row = parts.iter().all(|part| part.text.len() < LONGEST_PART);
    let is_believed = context < first || (is_doubtful && !is_row);
    (digits.len() >= LEFT && is_believed).then(|| Found {
        context,
        first,
        last: first + parts.len() - 1,
        is_doubtful: true,
        identifier: Identifier::Damaged(digits),
    })
}

/// The personal number that begins at a piece; several where one digit was lost.
pub(super) fn at(pieces: &[Piece], first: usize) -> Vec<Found> {
    match whole(pieces, first) {
        Some(found) => vec![found],
        None => one_digit_lost(pieces, first),
    }
}

/// Behind `CNP`, or where recognition was not sure: twelve digits, or as many in two groups with a sign read for the one
/// between them, as all the numbers that they may be.
fn one_digit_lost(pieces: &[Piece], first: usize) -> Vec<Found> {
    let context = context(pieces, first);
    let read = |at: usize| {
        let piece = pieces.get(at);
        piece.filter(|piece| piece.is_number() && (piece.is_doubtful || context < first))
    };
    let Some(begin) = read(first) else {
        return Vec::new();
    };
    let left = DIGITS - 1;
    let seam = begin.text.len();
    let rest = read(first + 1)
        .filter(|rest| seam + rest.text.len() == left && rest.gap.len() <= 2 && rest.signs().is_some());
    let (last, digits, places) = match rest {
        _ if seam == left => (first, begin.text.clone(), 0..DIGITS),
        Some(rest) => (first + 1, format!("{}{}", begin.text, rest.text), seam..seam + 1),
        None => return Vec::new(),
    };
    let found = |digits| Found {
        context,
        first,
        last,
        is_doubtful: true,
        identifier: Identifier::Cnp(digits),
    };
    let candidates = with_one_more(&digits, places).into_iter();
    candidates.filter(|digits| is_valid(digits)).map(found).collect()
}

fn whole(pieces: &[Piece], first: usize) -> Option<Found> {
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
            let is_one_sign = at == first + 1 && pieces[at].gap.len() == 1;
            let is_usual = !has_signs
                || is_one_sign
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

    /// Of any thirteen digits: two changed, two lost, or one of each.
    #[test]
    fn what_is_left_of_a_number_meets_it() {
        let right = completed("278051212345");
        let changed = |digits: &str, at: usize| {
            let mut digits = digits.to_owned().into_bytes();
            digits[at] = b'0' + (digits[at] - b'0' + 3) % 10;
            String::from_utf8(digits).unwrap()
        };
        let meet = |read: &str| !remains(read).is_disjoint(&remains(&right));
        for one in 0..DIGITS {
            for other in one + 1..DIGITS {
                let mut lost = changed(&right, one);
                assert!(meet(&changed(&lost, other)), "{one} {other}");
                lost.remove(other);
                assert!(meet(&lost), "{one} {other}");
                lost.remove(one);
                assert!(meet(&lost), "{one} {other}");
            }
        }
        let three = changed(&changed(&changed(&right, 1), 5), 9);
        assert!(meet(&three) && !meet(&changed(&three, 11)));
        assert!(remains("123456789").is_empty());
        assert!((200..=286).contains(&remains(&right).len()));
    }
}
