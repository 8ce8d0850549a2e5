//! What people are told, in Romanian or English by locale. JSON is never translated.

use std::borrow::Cow;

use hrisov_audit::in_romanian;
use hrisov_model::takes_de;

/// The language of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speech {
    /// Romanian.
    Romanian,
    /// English.
    English,
}

impl Speech {
    /// By the system's locale (`LC_ALL`, `LC_MESSAGES`, `LANG`): Romanian where it is Romanian.
    pub fn of_system() -> Self {
        let named = ["LC_ALL", "LC_MESSAGES", "LANG"];
        let locale = named
            .into_iter()
            .filter_map(|name| std::env::var(name).ok())
            .find(|value| !value.is_empty());
        match locale {
            Some(locale) if locale.starts_with("ro") => Self::Romanian,
            _ => Self::English,
        }
    }

    /// One of two wordings.
    pub const fn pick<'a>(self, romanian: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::Romanian => romanian,
            Self::English => english,
        }
    }

    /// What a part of the archive said in English.
    pub fn translated(self, english: &str) -> Cow<'_, str> {
        match self {
            Self::Romanian => Cow::Owned(in_romanian(english)),
            Self::English => Cow::Borrowed(english),
        }
    }

    /// A count with its noun, in Romanian with `de` where it takes it.
    pub fn count(self, count: u64, romanian: (&str, &str), english: (&str, &str)) -> String {
        let number = self.number(count);
        match (self, count) {
            (Self::English, 1) => format!("1 {}", english.0),
            (Self::English, _) => format!("{number} {}", english.1),
            (Self::Romanian, 1) => format!("1 {}", romanian.0),
            (Self::Romanian, _) if takes_de(count) => format!("{number} de {}", romanian.1),
            (Self::Romanian, _) => format!("{number} {}", romanian.1),
        }
    }

    /// A number with its thousands grouped: 1.234 in Romanian, 1,234 in English.
    pub fn number(self, number: u64) -> String {
        let digits = number.to_string();
        let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                grouped.push(match self {
                    Self::Romanian => '.',
                    Self::English => ',',
                });
            }
            grouped.push(digit);
        }
        grouped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn romanian_plurals_follow_the_grammar() {
        let dossiers = |count| Speech::Romanian.count(count, ("dosar", "dosare"), ("dossier", "dossiers"));
        for (count, said) in [
            (0, "0 dosare"),
            (1, "1 dosar"),
            (2, "2 dosare"),
            (19, "19 dosare"),
            (20, "20 de dosare"),
            (101, "101 dosare"),
            (120, "120 de dosare"),
            (1234, "1.234 de dosare"),
        ] {
            assert_eq!(dossiers(count), said);
        }
        assert_eq!(
            Speech::English.count(1_234_567, ("", ""), ("page", "pages")),
            "1,234,567 pages"
        );
    }
}
