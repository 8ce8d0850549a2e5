//! Whether a text is in a language that nobody expected, told by its small words.

use std::collections::BTreeMap;

use crate::{Languages, PageText};

/// Small words that make up an eighth and more of any text of their language, and next to none of Romanian; by the
/// codes of the models that read them.
const SMALL_WORDS: [(&str, &[&str]); 7] = [
    (
        "ron",
        &[
            "și", "în", "din", "cu", "pe", "pentru", "prin", "sau", "este", "sunt", "către", "între", "care",
            "fost", "iar", "ce", "sa", "că", "să", "nu", "la", "a",
        ],
    ),
    (
        "eng",
        &[
            "the", "of", "and", "to", "is", "for", "that", "with", "by", "was", "this", "from", "are", "be",
        ],
    ),
    (
        "fra",
        &[
            "le", "les", "et", "du", "des", "une", "est", "que", "dans", "pour", "par", "sur", "au", "qui",
            "avec", "vous", "nous", "la", "à", "ne", "il",
        ],
    ),
    (
        "deu",
        &[
            "und", "der", "die", "das", "von", "den", "ist", "mit", "für", "auf", "im", "zu", "dem", "ein",
            "nicht", "des", "eine", "sich",
        ],
    ),
    (
        "ita",
        &[
            "il", "di", "che", "per", "del", "della", "gli", "con", "sono", "alla", "nel", "non", "più",
            "dei", "al", "una", "la", "è",
        ],
    ),
    (
        "spa",
        &[
            "el", "los", "las", "por", "del", "que", "y", "en", "una", "su", "para", "como", "con", "se",
            "la", "no",
        ],
    ),
    (
        "hun",
        &[
            "és", "az", "hogy", "nem", "egy", "van", "volt", "meg", "mint", "csak", "is", "ez", "hogyan",
            "vagy", "a",
        ],
    ),
];
/// A word that may belong to a sentence: lists of names and figures tell no language.
const LEAST_WORDS: usize = 20;

/// Percent of a text's words that are small words of a language beside the expected ones, less those of the expected
/// language that has most: 0 where it is in an expected language or in none that is known, 8 and more in another.
/// `None` where the text is too short to tell.
#[must_use]
pub fn foreign_percent(text: &PageText, expected: &Languages) -> Option<u8> {
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let words: Vec<String> = text
        .words()
        .map(|word| bare(&word.text))
        .filter(|word| word.chars().all(char::is_alphabetic) && !word.is_empty())
        .collect();
    if words.len() < LEAST_WORDS {
        return None;
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (code, small) in SMALL_WORDS {
        counts.insert(
            code,
            words.iter().filter(|word| small.contains(&word.as_str())).count(),
        );
    }
    let is_expected = |code: &str| expected.codes().iter().any(|expected| expected == code);
    let most = |wanted: bool| {
        let of = counts.iter().filter(|(code, _)| is_expected(code) == wanted);
        of.map(|(_, count)| *count).max().unwrap_or(0)
    };
    let more = most(false).saturating_sub(most(true));
    // At most all of them, so the percentage fits.
    Some((more * 100 / words.len()) as u8)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{Block, BlockKind, Line, Processing, Rect, Rotation, Word};

    fn page(text: &str) -> PageText {
        let rect = Rect::default();
        let word = |text: &str| Word {
            text: text.to_owned(),
            rect,
            confidence: 0.9,
            ..Word::default()
        };
        PageText {
            width_px: 10,
            height_px: 10,
            blocks: vec![Block {
                rect,
                kind: BlockKind::Text,
                lines: vec![Line {
                    rect,
                    words: text.split_whitespace().map(word).collect(),
                }],
            }],
            processing: Processing {
                engine: "none".to_owned(),
                engine_version: "1".to_owned(),
                languages: Languages::default(),
                recipe: "none".to_owned(),
                rotation: Rotation::None,
                read_at: Timestamp::UNIX_EPOCH,
            },
        }
    }

    const ROMANIAN: &str = "Subsemnatul Popescu Ion, domiciliat în comuna Coșeiu, vă rog să binevoiți a-mi aproba cererea \
        pentru acordarea ajutorului social prevăzut de lege, deoarece nu am venituri și locuiesc cu părinții în aceeași \
        gospodărie din anul 1957.";
    const FRENCH: &str = "Nous avons l'honneur de vous informer que la commission a examiné dans sa séance du 12 mai la \
        demande qui lui a été soumise par les habitants de la commune et que les travaux seront entrepris sur le chemin.";
    const ENGLISH: &str = "This is to certify that the person named above was registered with the office of the mayor on \
        the day of the marriage and that the entry is kept in the register of the parish for the year 1911.";
    const NAMES: &str = "Popescu Ion, Ionescu Maria, Mureșan Vasile, Rus Ana, Pop Gavril, Moldovan Ioan, Todoran Elena, \
        Chiș Traian, Câmpan Iuliu, Săbău Rodica, Szabó István, Nagy Erzsébet, Müller Hans";

    #[test]
    fn another_language_is_told_by_its_small_words() {
        for (text, expected, is_foreign) in [
            (ROMANIAN, "ron+eng", false),
            (ENGLISH, "ron+eng", false),
            (ENGLISH, "ron", true),
            (FRENCH, "ron+eng", true),
            (FRENCH, "ron+fra", false),
            (ROMANIAN, "hun+deu", true),
            (NAMES, "ron+eng", false),
        ] {
            let percent = foreign_percent(&page(text), &expected.parse().unwrap()).unwrap();
            assert_eq!(percent > 4, is_foreign, "{expected}: {percent} % of {text}");
        }
        assert_eq!(foreign_percent(&page("le maire"), &Languages::default()), None);
    }
}
