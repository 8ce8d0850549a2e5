//! Which letters recognition takes for each other, and what it costs to make one word of another: in quarters of an edit.

/// An edit that has nothing to do with how letters look.
pub(crate) const EDIT: u8 = 4;

/// More than any word is worth.
pub(crate) const FAR: u8 = 100;

/// Letters and digits, and all the rest as one.
pub(crate) const CLASSES: usize = 37;

/// Letters that are easily taken for each other: half an edit.
const ALIKE: [&str; 18] = [
    "ce", "nu", "il", "1l", "1i", "1t", "lt", "0o", "6o", "6e", "oc", "uv", "ij", "5s", "8b", "gq", "2z",
    "fl",
];
/// Letters that are sometimes taken for each other: three quarters.
const SIMILAR: [&str; 22] = [
    "hb", "ft", "eo", "ao", "ae", "mn", "rn", "rt", "hn", "hk", "vy", "uy", "6b", "9g", "6g", "ld", "cg",
    "pn", "kx", "it", "sz", "ti",
];
/// Two letters that look like one: half an edit.
pub(crate) const PAIRS: [(&[u8; 2], u8); 14] = [
    (b"rn", b'm'),
    (b"nn", b'm'),
    (b"in", b'm'),
    (b"ni", b'm'),
    (b"ri", b'n'),
    (b"ii", b'u'),
    (b"ii", b'n'),
    (b"li", b'h'),
    (b"vv", b'w'),
    (b"cl", b'd'),
    (b"ol", b'd'),
    (b"lc", b'k'),
    (b"ci", b'a'),
    (b"li", b'b'),
];

/// What it costs to make a word of what was read for it, both folded.
pub(crate) fn distance(word: &str, read: &str) -> u8 {
    let (word, read) = (word.as_bytes(), read.as_bytes());
    let edits = |count: usize| u8::try_from(count).unwrap_or(FAR).saturating_mul(EDIT);
    // Per letter of what was read, a row with what each beginning of the word costs.
    let mut rows: Vec<Vec<u8>> = vec![(0..=word.len()).map(edits).collect()];
    for (at, &byte) in read.iter().enumerate() {
        let mut row = vec![edits(at + 1)];
        for to in 1..=word.len() {
            let letter = word[to - 1];
            let mut cost = rows[at][to - 1].saturating_add(unlike(letter, byte).min(EDIT));
            cost = cost
                .min(rows[at][to].saturating_add(EDIT))
                .min(row[to - 1].saturating_add(EDIT));
            if let Some(before) = at.checked_sub(1) {
                cost = cost.min(rows[before][to - 1].saturating_add(pair_cost([read[before], byte], letter)));
            }
            if let Some(before) = to.checked_sub(2) {
                let pair = [word[before], letter];
                cost = cost.min(rows[at][before].saturating_add(pair_cost(pair, byte)));
                if let Some(last) = at.checked_sub(1).filter(|&last| pair == [byte, read[last]]) {
                    cost = cost.min(rows[last][before].saturating_add(EDIT));
                }
            }
            row.push(cost);
        }
        rows.push(row);
    }
    rows[read.len()][word.len()]
}

/// What it costs to take one letter for another.
pub(crate) fn unlike(a: u8, b: u8) -> u8 {
    match a == b {
        true => 0,
        false => UNLIKE[usize::from(class(a))][usize::from(class(b))],
    }
}

/// What it costs to take two letters for one.
pub(crate) fn pair_cost(pair: [u8; 2], one: u8) -> u8 {
    match PAIRS
        .iter()
        .any(|(letters, letter)| *letter == one && **letters == pair)
    {
        true => 2,
        false => FAR,
    }
}

/// Letters and digits from 1 on; everything else is 0.
pub(crate) const fn class(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => byte - b'a' + 1,
        b'0'..=b'9' => byte - b'0' + 27,
        _ => 0,
    }
}

/// By class.
static UNLIKE: [[u8; CLASSES]; CLASSES] = {
    let mut table = [[FAR; CLASSES]; CLASSES];
    let mut at = 0;
    while at < SIMILAR.len() {
        table = with(table, SIMILAR[at].as_bytes(), 3);
        at += 1;
    }
    let mut at = 0;
    while at < ALIKE.len() {
        table = with(table, ALIKE[at].as_bytes(), 2);
        at += 1;
    }
    table
};

const fn with(mut table: [[u8; CLASSES]; CLASSES], pair: &[u8], cost: u8) -> [[u8; CLASSES]; CLASSES] {
    let (a, b) = (class(pair[0]) as usize, class(pair[1]) as usize);
    table[a][b] = cost;
    table[b][a] = cost;
    table
}
