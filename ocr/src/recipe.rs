//! Everything that determines the result of recognition, as a stable text.

use std::{env, fmt};

use hrisov_model::Digest;

use crate::{
    RecogniseOptions,
    languages::{LATIN, has_second_reader},
    scripted::TEST_ENGINE_VARIABLE,
    tesseract::Recogniser,
};

/// To be raised with every change of preparation, planning or choice that can change a page's text.
const PREPARATION_VERSION: u32 = 12;

/// What determines the result of recognition beside the page itself: engine, version, languages, models at hand,
/// preparation. Results are staged by (digest of the master, page, digest of the recipe).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Recipe(String);

impl Recipe {
    /// The recipe that a worker started now would follow.
    #[must_use]
    pub fn current(options: &RecogniseOptions) -> Self {
        let engine = match env::var(TEST_ENGINE_VARIABLE) {
            Ok(script) => format!("scripted:{script}"),
            Err(_) => format!("tesseract-{}", Recogniser::version()),
        };
        let again = match has_second_reader() {
            true => format!(" again-{LATIN}"),
            false => String::new(),
        };
        Self(format!(
            "{engine} {}{again} preparation-{PREPARATION_VERSION}",
            options.languages
        ))
    }

    /// The recipe as text, such as `tesseract-5.3.0 ron+eng again-Latin preparation-12`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// SHA-256 of the text, for names of staged results.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_languages_are_another_recipe() {
        let recipe = |languages: &str| {
            Recipe::current(&RecogniseOptions {
                languages: languages.parse().unwrap(),
            })
        };
        assert_eq!(recipe("ron+eng"), recipe("ron+eng"));
        assert_ne!(recipe("ron+eng").digest(), recipe("eng+ron").digest());
        assert!(
            recipe("ron").as_str().starts_with("tesseract-5."),
            "{}",
            recipe("ron")
        );
    }
}
