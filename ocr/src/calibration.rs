//! What a stated confidence is worth: words are told with the chance that they are right.

use hrisov_model::{Languages, Line, PageText, Word};

use crate::tesseract::letter_count;

/// What Tesseract says of a word, and how often it is right then: 21,000 words of 150 generated pages, clean, degraded and
/// at 72 dpi (seeds 3301 to 3304), between which it is a straight line.
const RIGHT: [(f32, f32); 10] = [
    (0.0, 0.05),
    (0.3, 0.14),
    (0.5, 0.28),
    (0.6, 0.36),
    (0.7, 0.48),
    (0.8, 0.64),
    (0.87, 0.71),
    (0.92, 0.87),
    (0.96, 0.983),
    (1.0, 1.0),
];
/// Its bounds as a chance, for the logarithm of odds.
const ODDS_BOUNDS: (f32, f32) = (0.001, 0.999);
/// Nothing is certain.
const BOUNDS: (f32, f32) = (0.01, 0.99);
/// Steps of 0.01, as ALTO has them.
const STEPS: f32 = 100.0;
/// Fragments that are right with less than this chance are grain and edges: of 4,703 such words of the
/// pages below 74 were right, and they are 12 % of all wrong ones. Longer ones stay, for what was misread may still be found.
const NOISE: f32 = 0.06;

/// What else tells whether a word is right, beside what Tesseract says of it: how much each adds to the logarithm of its
/// odds. A logistic regression on 258,000 words of 1,900 generated pages of 72 to 600 dpi (seeds 7101 to 7106, 7203, 7204, 7207
/// to 7209): of every tenth of the chances told the share of right words differs by 0.02 at most.
const NOTHING_KNOWN: f32 = -3.3;
/// Of [`RIGHT`], as the logarithm of odds.
const STATED: f32 = 0.8;
/// Of the mean that Tesseract states of the words of its line: noise comes in lines.
const OF_ITS_LINE: f32 = 3.18;
/// Of the natural logarithm of how many letters and figures it has.
const LONG: f32 = 1.1;
/// One or two letters and figures; and these are a fragment: no small word of the language, no initial, no capitals, but what
/// is left of a longer word, or grain.
const SHORT: f32 = 1.34;
const FRAGMENT: f32 = -2.37;
const SHORT_LETTERS: u32 = 2;
const ROMAN: &str = "IVXLC";
/// Another reading saw it differently.
const DISPUTED: f32 = -1.29;
/// Signs that only noise has, a capital behind a small letter, letters and figures in one. The first two hardly ever stand
/// in generated text: their weight is bounded, for they may in other ones.
const ODD_SIGNS: [char; 15] = [
    '|', '~', '{', '}', '\\', '_', '^', '<', '>', '`', '´', '¬', '¦', '¥', '¨',
];
const ODD_SIGN: f32 = -3.0;
const CAPITAL_INSIDE: f32 = -3.0;
const MIXED: f32 = -2.27;
/// The page had to be read twice, and once more.
const READ_TWICE: f32 = -0.47;
const READ_THRICE: f32 = -0.52;

/// Words of one letter and two, by the codes of the models that read them; in other languages no word is a fragment.
const SMALL_WORDS: [(&str, &str); 7] = [
    (
        "ron",
        "a ai al ap bl ca că ce cu da de dl ea ei el et in în la nr nu o pe sa să sc se si și un va",
    ),
    (
        "eng",
        "a am an as at be by do he i if in is it me mr my no of on or so to up us we",
    ),
    (
        "fra",
        "a à au ce de du en et il je la le ma me ne ni on ou où sa se si un y",
    ),
    ("deu", "ab am an da du er es im in ja nr ob so um wo zu"),
    (
        "ita",
        "a ad ai al da di e è ed ha i il in la le lo ma mi ne no o se si su un",
    ),
    (
        "spa",
        "a al de e el en es ha la le lo me mi no o se si su un y ya",
    ),
    ("hun", "a az be de és ez ha ki le ne s se"),
];

/// Gives each word the chance, 0 to 1, that it was read right, in the place of what Tesseract said, and takes out what is
/// noise. `readings` is how many times the page was read.
///
/// Expected calibration error of words and pages: see docs/ocr.md.
pub(crate) fn calibrate(text: &mut PageText, readings: u32) {
    let small = small_words(&text.processing.languages);
    let of_page = NOTHING_KNOWN + when(readings > 1, READ_TWICE) + when(readings > 2, READ_THRICE);
    for block in &mut text.blocks {
        for line in &mut block.lines {
            let of_line = of_page + OF_ITS_LINE * stated(line);
            for word in &mut line.words {
                let odds = of_line + STATED * log_odds(right(word.confidence)) + by_its_letters(word, &small);
                let told = 1.0 / (1.0 + (-odds).exp());
                word.confidence = (told.clamp(BOUNDS.0, BOUNDS.1) * STEPS).round() / STEPS;
            }
            line.words.retain(|word| !is_noise(word));
        }
        block.lines.retain(|line| !line.words.is_empty());
    }
    text.blocks.retain(|block| !block.lines.is_empty());
}

/// The mean that Tesseract states of the words of a line.
fn stated(line: &Line) -> f32 {
    let sum: f32 = line.words.iter().map(|word| word.confidence).sum();
    sum / line.words.len().max(1) as f32
}

fn is_noise(word: &Word) -> bool {
    word.confidence < NOISE
        && letter_count(&word.text) <= SHORT_LETTERS
        && !word.text.chars().any(char::is_numeric)
}

/// What the letters and figures of a word add to the logarithm of its odds.
fn by_its_letters(word: &Word, small: &[&str]) -> f32 {
    let text = word.text.as_str();
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    let count = letter_count(text);
    let has_figures = bare.chars().any(char::is_numeric);
    let has_letters = bare.chars().any(char::is_alphabetic);
    let mut behind_small = text.chars().zip(text.chars().skip(1));
    LONG * (count.max(1) as f32).ln()
        + when(count <= SHORT_LETTERS, SHORT)
        + when(is_fragment(text, bare, small), FRAGMENT)
        + when(!word.alternatives.is_empty(), DISPUTED)
        + when(text.contains(ODD_SIGNS), ODD_SIGN)
        + when(
            behind_small.any(|(one, next)| one.is_lowercase() && next.is_uppercase()),
            CAPITAL_INSIDE,
        )
        + when(has_figures && has_letters, MIXED)
}

/// Whether one or two letters are no word.
fn is_fragment(text: &str, bare: &str, small: &[&str]) -> bool {
    let letters = bare.chars().filter(|c| c.is_alphabetic()).count();
    let is_short = (1..=SHORT_LETTERS as usize).contains(&letters) && !bare.chars().any(char::is_numeric);
    let is_numeral = bare.chars().all(|c| ROMAN.contains(c));
    let is_abbreviation =
        bare.chars().all(char::is_uppercase) && (letters == 2 || text.contains('.') || is_numeral);
    is_short && !is_abbreviation && !small.is_empty() && !small.contains(&bare.to_lowercase().as_str())
}

/// The small words of all of some languages; none where those of one of them are not known.
fn small_words(languages: &Languages) -> Vec<&'static str> {
    let of = |code: &String| SMALL_WORDS.iter().find(|(known, _)| known == code);
    let known = languages.codes().iter().map(of).collect::<Option<Vec<_>>>();
    let known = known.into_iter().flatten();
    known.flat_map(|(_, words)| words.split(' ')).collect()
}

const fn when(holds: bool, weight: f32) -> f32 {
    if holds { weight } else { 0.0 }
}

fn log_odds(chance: f32) -> f32 {
    let chance = chance.clamp(ODDS_BOUNDS.0, ODDS_BOUNDS.1);
    (chance / (1.0 - chance)).ln()
}

fn right(stated: f32) -> f32 {
    let stated = stated.clamp(0.0, 1.0);
    let between = |pair: &[(f32, f32)]| {
        let ((low, from), (high, to)) = (pair[0], pair[1]);
        (stated <= high).then(|| from + (to - from) * (stated - low) / (high - low))
    };
    RIGHT.windows(2).find_map(between).unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use hrisov_model::{Block, BlockKind, Processing, Rect, Rotation};
    use jiff::Timestamp;

    use super::*;

    fn word(text: &str, confidence: f32) -> Word {
        Word {
            text: text.to_owned(),
            rect: Rect::default(),
            confidence,
            ..Word::default()
        }
    }

    /// One line of text.
    fn page(words: &[Word]) -> PageText {
        PageText {
            width_px: 100,
            height_px: 100,
            blocks: vec![Block {
                rect: Rect::default(),
                kind: BlockKind::Text,
                lines: vec![Line {
                    rect: Rect::default(),
                    words: words.to_vec(),
                }],
            }],
            processing: Processing {
                engine: "tesseract".to_owned(),
                engine_version: "5".to_owned(),
                recipe: "grey".to_owned(),
                languages: "ron".parse().unwrap(),
                rotation: Rotation::None,
                read_at: Timestamp::UNIX_EPOCH,
            },
        }
    }

    fn told(words: &[Word]) -> Vec<(String, f32)> {
        let mut page = page(words);
        calibrate(&mut page, 1);
        page.words()
            .map(|word| (word.text.clone(), word.confidence))
            .collect()
    }

    fn chances(confidences: &[f32]) -> Vec<f32> {
        let words: Vec<Word> = confidences.iter().map(|&stated| word("casa", stated)).collect();
        told(&words).into_iter().map(|(_, chance)| chance).collect()
    }

    #[test]
    fn surer_words_stay_surer_and_poor_lines_make_all_less_sure() {
        let rising: Vec<f32> = (0..=20_u8).map(|step| f32::from(step) / 20.0).collect();
        let one_page = chances(&rising);
        assert!(one_page.windows(2).all(|pair| pair[0] <= pair[1]), "{one_page:?}");
        assert!(
            one_page.iter().all(|share| (0.0..=1.0).contains(share)),
            "{one_page:?}"
        );
        let (clean, poor) = (chances(&[0.96, 0.96, 0.9]), chances(&[0.5, 0.6, 0.9]));
        assert!(clean[2] > poor[2] + 0.08, "{clean:?} {poor:?}");
        assert!(clean[0] > 0.95 && poor[0] < 0.5, "{clean:?} {poor:?}");
        assert!(chances(&[]).is_empty());
        let odd = chances(&[f32::NAN, -3.0, 7.0]);
        assert!(
            odd.iter()
                .all(|share| share.is_nan() || (0.0..=1.0).contains(share))
        );
    }

    #[test]
    fn letters_tell_what_is_a_word() {
        let beside = |other: Word| {
            let stated = other.confidence;
            told(&[word("casa", stated), other])[1].1
        };
        let plain = |text: &str| beside(word(text, 0.8));
        for (less, more) in [
            ("rn", "la"),
            ("l", "I."),
            ("casa", "autorizație"),
            ("ca|a", "casa"),
            ("caSa", "Casa"),
            ("c4sa", "casa"),
            ("tm", "HG"),
            ("mn", "IX"),
        ] {
            assert!(
                plain(less) < plain(more),
                "{less} {} {more} {}",
                plain(less),
                plain(more)
            );
        }
        let disputed = Word {
            alternatives: vec!["casă".to_owned()],
            ..word("casa", 0.8)
        };
        assert!(beside(disputed) < plain("casa"));
    }

    #[test]
    fn grain_goes_and_what_may_be_a_word_or_a_figure_stays() {
        let words = ["l", "-", "mţ", "7", "adever", "autorizație"].map(|text| word(text, 0.1));
        let left: Vec<String> = told(&words).into_iter().map(|(text, _)| text).collect();
        assert_eq!(left, ["7", "adever", "autorizație"]);
        let mut grain = page(&[word("l", 0.1), word("|", 0.2)]);
        calibrate(&mut grain, 2);
        assert!(grain.blocks.is_empty());
    }

    #[test]
    fn in_a_language_whose_small_words_are_unknown_no_word_is_a_fragment() {
        assert!(small_words(&"ron+pol".parse().unwrap()).is_empty());
        let small = small_words(&"ron+eng".parse().unwrap());
        assert!(small.contains(&"și") && small.contains(&"of"));
        assert!(is_fragment("rn", "rn", &small) && !is_fragment("rn", "rn", &[]));
    }
}
