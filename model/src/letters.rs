//! The one change ever made to recognised text: letter forms.
//!
//! Tesseract's Romanian model emits both comma letters (ș, ț: right) and cedilla letters (ş, ţ: what
//! older systems typed), even inside one page. Kept text and queries both pass through [`normalise`].

use unicode_normalization::UnicodeNormalization as _;

/// Unicode NFC with the Romanian cedilla letters replaced by their comma forms.
#[must_use]
pub fn normalise(text: &str) -> String {
    text.nfc().map(comma_letter).collect()
}

/// ş, ţ and their capitals with a comma below; every other letter as it is.
#[must_use]
pub const fn comma_letter(letter: char) -> char {
    match letter {
        'ş' => 'ș',
        'ţ' => 'ț',
        'Ş' => 'Ș',
        'Ţ' => 'Ț',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cedilla_becomes_comma_and_everything_else_stays() {
        for (read, kept) in [
            ("ADMINISTRAŢIE și ţară", "ADMINISTRAȚIE și țară"),
            ("s\u{327}i t\u{326}ară", "și țară"),
            ("hotărîre â Î őß", "hotărîre â Î őß"),
        ] {
            assert_eq!(normalise(read), kept);
        }
    }
}
