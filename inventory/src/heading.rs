//! Lines that say something of all dossiers below them: department, retention term.

use hrisov_model::RetentionTerm;

use crate::{
    fold::{fold, has_words},
    values,
};

/// Words before the name of a department that are not part of it.
const LABELS: [&str; 5] = [
    "compartiment",
    "compartimentul",
    "compartimentului",
    "departament",
    "departamentul",
];
/// Words that are part of its name unless a colon follows.
const NAMES: [&str; 5] = ["serviciul", "serviciu", "biroul", "birou", "sectia"];
/// Words that end the name of a department on the same line.
const ENDS: [&str; 8] = [
    "termen",
    "termenul",
    "anul",
    "an",
    "pe",
    "inventar",
    "inventarul",
    "fond",
];

/// Whether a line between the rows is about the rows below it.
pub(crate) fn is_section(folded: &str) -> bool {
    let says = |words: &&str| has_words(folded, words);
    LABELS.iter().chain(&NAMES).any(says)
        || ["termen de pastrare", "termen", "anul", "anii", "fond", "fondul"]
            .iter()
            .any(|word| folded.starts_with(word))
        || has_words(folded, "se pastreaza")
}

/// The department that a line names: `Compartimentul: Secretariat`, `Serviciul: Buget`.
pub(crate) fn department(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let place = words.iter().position(|word| {
        let folded = fold(word);
        let is_label = LABELS.contains(&folded.as_str());
        // The offices of the National Archives stand in headings too: only a colon makes a label of a name.
        is_label || (NAMES.contains(&folded.as_str()) && word.ends_with(':'))
    })?;
    let name: Vec<&str> = words[place + 1..]
        .iter()
        .take_while(|word| !ENDS.contains(&fold(word).as_str()))
        .copied()
        .collect();
    let name = name.join(" ");
    let name = name.trim_matches([':', '-', '–', '.', '_', ' ', ',', ';']);
    (!name.is_empty()).then(|| name.to_owned())
}

/// The retention term that a line names: `Termen de păstrare: 10 ani`, `documentele care se păstrează permanent`.
pub(crate) fn retention(text: &str) -> Option<RetentionTerm> {
    let folded = fold(text);
    let (_, after) = ["pastrare", "pastreaza", "termen"]
        .iter()
        .find_map(|word| folded.split_once(word))?;
    let term: Vec<&str> = after
        .split(' ')
        .take_while(|word| !matches!(*word, "anul" | "pe" | "compartiment" | "compartimentul"))
        .collect();
    values::retention(&term.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn departments() {
        for (text, name) in [
            ("Compartimentul: Secretariat", Some("Secretariat")),
            ("COMPARTIMENTUL  Stare civilă", Some("Stare civilă")),
            (
                "Compartiment: Agricol   Termen de păstrare: 10 ani",
                Some("Agricol"),
            ),
            ("Serviciul: Buget-contabilitate", Some("Buget-contabilitate")),
            ("Serviciul Județean al Arhivelor Naționale", None),
            ("Compartimentul ........", None),
            ("Primăria comunei", None),
        ] {
            assert_eq!(department(text).as_deref(), name, "{text}");
        }
    }

    #[test]
    fn terms() {
        use RetentionTerm::{Permanent, Years};
        for (text, term) in [
            ("Termen de păstrare: permanent", Some(Permanent)),
            (
                "INVENTAR pe anul 1978 pentru documentele care se păstrează permanent",
                Some(Permanent),
            ),
            (
                "INVENTAR pentru dosarele cu termen de păstrare 10 ani pe anul 1978",
                Some(Years(10)),
            ),
            ("Termen: 5 ani", Some(Years(5))),
            ("Anul 1978", None),
            ("Termen de păstrare", None),
        ] {
            assert_eq!(retention(text), term, "{text}");
        }
    }
}
