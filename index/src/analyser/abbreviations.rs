//! Short forms that archives write for frequent words; each is also found by the long one.

/// Short form and its word, both as keys are made of them.
const ABBREVIATIONS: [(&str, &str); 22] = [
    ("str", "stradă"),
    ("bd", "bulevard"),
    ("bdul", "bulevard"),
    ("blvd", "bulevard"),
    ("sos", "șosea"),
    ("jud", "județ"),
    ("com", "comună"),
    ("mun", "municipiu"),
    ("nr", "număr"),
    ("art", "articol"),
    ("alin", "alineat"),
    ("lit", "literă"),
    ("pct", "punct"),
    ("ap", "apartament"),
    ("bl", "bloc"),
    ("et", "etaj"),
    ("dl", "domn"),
    ("dlui", "domn"),
    ("dna", "doamnă"),
    ("gh", "gheorghe"),
    ("ghe", "gheorghe"),
    ("alex", "alexandru"),
];

/// The word that a folded part stands for.
pub(super) fn full(part: &str) -> Option<&'static str> {
    ABBREVIATIONS
        .iter()
        .find(|(short, _)| *short == part)
        .map(|(_, word)| *word)
}
