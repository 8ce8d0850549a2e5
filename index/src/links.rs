//! Which words follow each other in a text, so that a phrase of common words is looked for where it may stand, not on
//! every page that has these words somewhere.
//!
//! A pair of exact forms is a number of 16 bits: 250 words of a page lead to 250 lists of a fixed 65,536, so that a list
//! has one page in 260 by chance and otherwise those that have the pair. What a single list leads to is always looked at.
//! Two pairs that stand where three words one after the other would are believed: by chance some do on one page of 17
//! million (250 places, two numbers of 16 bits).

use tantivy::tokenizer::Token;

/// The term of two exact forms, the second at the position after the first's.
pub(crate) fn link(first: &str, second: &str) -> String {
    let mut sum = crc32fast::Hasher::new();
    sum.update(first.as_bytes());
    sum.update(&[0]);
    sum.update(second.as_bytes());
    let sum = sum.finalize();
    format!("{:04x}", (sum >> 16) ^ (sum & 0xffff))
}

/// The terms of every form with every form at the next position, each with the position of the first.
///
/// A word broken at a line end stands at two positions and is followed by what stands behind the second: from the first
/// one as well.
pub(crate) fn links(exact: &[Token]) -> Vec<(String, usize)> {
    let places: Vec<&[Token]> = exact.chunk_by(|a, b| a.position == b.position).collect();
    let behind = |at: usize| {
        let next = places.get(at + 1);
        next.filter(|next| next[0].position == places[at][0].position + 1)
    };
    let mut links = Vec::with_capacity(exact.len());
    for (at, place) in places.iter().enumerate() {
        let Some(second) = behind(at) else { continue };
        for first in *place {
            let is_broken = second.iter().any(|form| form.text == first.text);
            let third = behind(at + 1).filter(|_| is_broken);
            let followers = second.iter().chain(third.into_iter().copied().flatten());
            links.extend(followers.map(|next| (link(&first.text, &next.text), first.position)));
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str, position: usize) -> Token {
        Token {
            text: text.to_owned(),
            position,
            ..Token::default()
        }
    }

    fn linked((first, second, position): (&str, &str, usize)) -> (String, usize) {
        (link(first, second), position)
    }

    #[test]
    fn every_form_is_linked_to_those_at_the_next_position() {
        let exact = [
            token("de", 0),
            token("la", 1),
            token("sau", 1),
            token("de", 2),
            token("la", 3),
            token("care", 12),
        ];
        let expected = [
            ("de", "la", 0),
            ("de", "sau", 0),
            ("la", "de", 1),
            ("sau", "de", 1),
            ("de", "la", 2),
        ];
        assert_eq!(links(&exact), expected.map(linked));
        assert!(expected.map(linked).iter().all(|(link, _)| link.len() == 4));
    }

    #[test]
    fn a_broken_word_is_linked_from_both_its_halves() {
        let exact = [
            token("autorizatie", 4),
            token("autorizatie", 5),
            token("de", 6),
            token("la", 7),
        ];
        let expected = [
            ("autorizatie", "autorizatie", 4),
            ("autorizatie", "de", 4),
            ("autorizatie", "de", 5),
            ("de", "la", 6),
        ];
        assert_eq!(links(&exact), expected.map(linked));
    }
}
