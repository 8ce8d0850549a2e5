//! Letters with full stops as one word: `C.A.P.`, `B. I.` and `S.P.C.L.E.P.` meet `CAP`, `BI` and `SPCLEP`.

use std::ops::Range;

use super::pieces::{Piece, Pieces};

/// Letters of an acronym; longer rows of single letters are drawn lines and noise.
const LETTERS: std::ops::RangeInclusive<usize> = 2..=8;

/// The rows of single letters with a full stop between each two, and the word that they make.
pub(crate) fn acronyms(pieces: &[Piece]) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let mut first = 0;
    while first < pieces.len() {
        let goes_on = |&at: &usize| pieces[at].letter().is_some() && pieces[at].signs() == Some(".");
        let end = match pieces[first].letter() {
            Some(_) => (first + 1..pieces.len())
                .take_while(goes_on)
                .last()
                .map_or(first + 1, |last| last + 1),
            None => first + 1,
        };
        if LETTERS.contains(&(end - first)) {
            let letters = pieces[first..end].iter().map(|piece| piece.text.as_str());
            found.push((first..end, letters.collect()));
        }
        first = end;
    }
    found
}

/// The word that a single word such as `C.A.P.` makes; `None` where it is anything else.
pub(crate) fn acronym(word: &str) -> Option<String> {
    let pieces = Pieces::of(word);
    let (of, letters) = acronyms(pieces.as_slice()).pop()?;
    (of == (0..pieces.as_slice().len())).then_some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_letters_with_full_stops_make_a_word() {
        for (text, expected) in [
            ("legitimat cu B.I. seria", &["BI"][..]),
            ("C. A. P. Ulmet și S.P.C.L.E.P", &["CAP", "SPCLEP"]),
            ("POPESCU D. ION", &[]),
            ("a b c", &[]),
            ("lit. a) și b)", &[]),
            ("A.B.C.D.E.F.G.H.I.J", &[]),
            ("12.03.1978", &[]),
        ] {
            let pieces = Pieces::of(text);
            let found = acronyms(pieces.as_slice()).into_iter();
            assert_eq!(
                found.map(|(_, word)| word).collect::<Vec<_>>(),
                expected,
                "{text}"
            );
        }
        assert_eq!(acronym("H.C.M.").as_deref(), Some("HCM"));
        for word in ["HCM", "d-na", "I.", "A.1", "str.M.N."] {
            assert_eq!(acronym(word), None, "{word}");
        }
    }
}
