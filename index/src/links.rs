//! Which words follow each other in a text, so that a phrase of common words is looked for where it may stand, not on
//! every page that has these words somewhere.
//!
//! A pair of exact forms is a number of 16 bits: 250 words of a page lead to 250 lists of a fixed 65,536, so that a list
//! has one page in 260 by chance and otherwise those that have the pair. What a list leads to is always looked at.

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

/// The terms of every form with every form at the next position, each once; `exact` stands in the order of positions.
pub(crate) fn links(exact: &[Token]) -> Vec<String> {
    let places: Vec<&[Token]> = exact.chunk_by(|a, b| a.position == b.position).collect();
    let mut links = Vec::with_capacity(exact.len());
    for (first, second) in places.iter().zip(places.iter().skip(1)) {
        if first[0].position + 1 == second[0].position {
            let of = |a: &Token| second.iter().map(|b| link(&a.text, &b.text)).collect::<Vec<_>>();
            links.extend(first.iter().flat_map(of));
        }
    }
    links.sort_unstable();
    links.dedup();
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
        let mut expected =
            [("de", "la"), ("de", "sau"), ("la", "de"), ("sau", "de")].map(|(a, b)| link(a, b));
        expected.sort_unstable();
        assert_eq!(links(&exact), expected);
        assert!(expected.iter().all(|link| link.len() == 4));
    }
}
