//! Spelling taken out of a text, so that two ways of writing the same thing become equal.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Lower case without diacritics; everything but letters and digits is one space between words.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkd().filter(|letter| !is_combining_mark(*letter)) {
        if letter.is_alphanumeric() {
            folded.extend(letter.to_lowercase());
        } else if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// Whether the words stand in the folded text side by side.
pub(crate) fn has_words(folded: &str, words: &str) -> bool {
    folded.match_indices(words).any(|(start, found)| {
        let before = folded[..start].chars().next_back();
        let after = folded[start + found.len()..].chars().next();
        before.is_none_or(|letter| letter == ' ') && after.is_none_or(|letter| letter == ' ')
    })
}

/// A whole number written in digits alone, perhaps with leading zeros.
pub(crate) fn whole_number(text: &str) -> Option<u32> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_meet() {
        for (text, folded) in [
            ("Nr. crt.", "nr crt"),
            ("  CONŢINUTUL\u{a0}pe scurt ", "continutul pe scurt"),
            ("Dosar_12-1978.TIF", "dosar 12 1978 tif"),
            ("№ 5", "no 5"),
            ("---", ""),
        ] {
            assert_eq!(fold(text), folded);
        }
        assert!(has_words("nr file", "file") && !has_words("profile", "file"));
        assert!(has_words("profile file", "file"));
    }
}
