//! The name of a person who answers for something.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Letters of the longest name that is taken.
const LETTERS_MAX: usize = 100;

/// A person's name as they gave it: one line, at most 100 letters, not empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

impl PersonName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name is one line of 1 to {LETTERS_MAX} letters")]
pub struct ParsePersonNameError;

impl FromStr for PersonName {
    type Err = ParsePersonNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.trim();
        let is_name =
            !name.is_empty() && name.chars().count() <= LETTERS_MAX && !name.chars().any(char::is_control);
        is_name.then(|| Self(name.to_owned())).ok_or(ParsePersonNameError)
    }
}

impl TryFrom<String> for PersonName {
    type Error = ParsePersonNameError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<PersonName> for String {
    fn from(name: PersonName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_and_not_empty() {
        let long = "ă".repeat(101);
        for (text, name) in [
            ("  Ana Pop ", Some("Ana Pop")),
            ("Șerban Țurcanu-Ionescu", Some("Șerban Țurcanu-Ionescu")),
            (" \t", None),
            ("Ana\nPop", None),
            (&long, None),
        ] {
            let parsed = text.parse::<PersonName>();
            assert_eq!(parsed.as_ref().ok().map(PersonName::as_str), name, "{text:?}");
        }
    }
}
