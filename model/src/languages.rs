//! Which language models recognition uses.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Tesseract language codes in order of preference, written `ron+eng`. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Languages(Vec<String>);

/// A text that names no languages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a list of languages: write Tesseract codes joined by +, such as ron+eng")]
pub struct ParseLanguagesError {
    text: String,
}

impl Languages {
    /// The codes in order of preference; at least one.
    #[must_use]
    pub fn codes(&self) -> &[String] {
        &self.0
    }
}

impl Default for Languages {
    fn default() -> Self {
        Self(vec!["ron".to_owned(), "eng".to_owned()])
    }
}

impl fmt::Display for Languages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("+"))
    }
}

impl FromStr for Languages {
    type Err = ParseLanguagesError;

    fn from_str(text: &str) -> Result<Self, ParseLanguagesError> {
        let is_code = |code: &str| {
            !code.is_empty()
                && code
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
        };
        let codes: Vec<String> = text.split('+').map(|code| code.trim().to_owned()).collect();
        match codes.iter().all(|code| is_code(code)) {
            true => Ok(Self(codes)),
            false => Err(ParseLanguagesError {
                text: text.to_owned(),
            }),
        }
    }
}

impl TryFrom<String> for Languages {
    type Error = ParseLanguagesError;

    fn try_from(text: String) -> Result<Self, ParseLanguagesError> {
        text.parse()
    }
}

impl From<Languages> for String {
    fn from(languages: Languages) -> Self {
        languages.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_joined_by_plus_and_nothing_else_is_a_code() {
        assert_eq!("ron+eng".parse::<Languages>().unwrap(), Languages::default());
        for bad in ["", "ron+", "../ron", "ron eng"] {
            assert!(bad.parse::<Languages>().is_err(), "{bad:?}");
        }
    }
}
