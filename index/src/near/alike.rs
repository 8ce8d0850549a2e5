//! An automaton that accepts what looks like a word.
//!
//! A state is a row of the edit distance's table, and the row before: a word has some hundred different ones. Each is
//! worked out when it is first reached and has a number from then on, so that walking a transducer of millions of words
//! is a look into a table at each step.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
};

use tantivy_fst::Automaton;

/// An edit that has nothing to do with how letters look.
const EDIT: u8 = 4;
/// The same for words that the index has: out of reach of all but long words.
const EDIT_OF_KNOWN: u8 = 6;

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
const PAIRS: [(&[u8; 2], u8); 14] = [
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

/// Steps through the transducer of one segment for one word: some ten milliseconds.
const STEPS_MAX: u32 = 200_000;

/// Letters of the longest word, and one more.
const WIDTH: usize = 25;
const FAR: u8 = 100;

/// Letters and digits, and all the rest as one.
const CLASSES: usize = 37;

/// A step that was not taken yet.
const UNKNOWN: u32 = u32::MAX;

/// Accepts what looks like a word.
pub(super) struct LooksLike {
    word: Vec<u8>,
    edit: u8,
    budget: u8,
    steps: Cell<u32>,
    table: RefCell<Table>,
}

/// The states reached so far, by number; the first is where every walk begins.
#[derive(Default)]
struct Table {
    states: Vec<State>,
    numbers: HashMap<State, u32>,
    next: Vec<[u32; CLASSES]>,
    /// Whether anything accepted can be reached.
    leads: Vec<bool>,
}

/// Per number of letters of the word, what it costs to make of them what was read so far, [`FAR`] where it is out of
/// reach; and the same one letter before.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct State {
    now: [u8; WIDTH],
    before: [u8; WIDTH],
    /// The letter read last, where it may be the first of two that belong together.
    last: u8,
}

impl LooksLike {
    /// For a word of at most 24 small ASCII letters; `is_known` where the index has it.
    pub(super) fn new(word: &str, is_known: bool) -> Self {
        let alike = Self {
            word: word.as_bytes().to_vec(),
            edit: if is_known { EDIT_OF_KNOWN } else { EDIT },
            budget: match word.len() {
                ..=4 => 2,
                5 => 3,
                6..=9 => 4,
                _ => 6,
            },
            steps: Cell::new(0),
            table: RefCell::default(),
        };
        alike.number(alike.first());
        alike
    }

    /// Another transducer is walked: steps count from 0.
    pub(super) fn begin_walk(&self) {
        self.steps.set(0);
    }

    /// What it costs, in quarters of an edit, to make a form of the word; more than the budget where it is not accepted.
    pub(super) fn cost(&self, form: &str) -> u8 {
        let last = form
            .bytes()
            .fold(self.start(), |state, byte| self.accept(&state, byte));
        self.table.borrow().states[last as usize].now[self.word.len()]
    }

    /// The number of a state, a new one where it was never reached.
    fn number(&self, state: State) -> u32 {
        let mut table = self.table.borrow_mut();
        if let Some(&number) = table.numbers.get(&state) {
            return number;
        }
        let number = table.states.len() as u32;
        table.states.push(state);
        table.numbers.insert(state, number);
        table.next.push([UNKNOWN; CLASSES]);
        let is_near = state.now.iter().any(|&cost| cost <= self.budget);
        table.leads.push(is_near || self.may_be_pair(&state));
        number
    }

    /// What remains possible where the last byte may be the first of two that stand for one letter.
    fn may_be_pair(&self, state: &State) -> bool {
        let begins = |letter: u8| {
            PAIRS
                .iter()
                .any(|(pair, one)| *one == letter && pair[0] == state.last)
        };
        let letters = self.word.iter().enumerate();
        letters
            .filter(|&(_, &letter)| begins(letter))
            .any(|(at, _)| state.before[at] + 2 <= self.budget)
    }

    fn first(&self) -> State {
        let mut now = [FAR; WIDTH];
        for (at, cost) in now.iter_mut().take(self.word.len() + 1).enumerate() {
            *cost = self.edit.saturating_mul(at as u8);
        }
        self.within_reach(State {
            now,
            before: [FAR; WIDTH],
            last: 0,
        })
    }

    fn after(&self, state: &State, byte: u8) -> State {
        let mut next = [FAR; WIDTH];
        next[0] = state.now[0] + self.edit;
        for at in 1..=self.word.len() {
            let letter = self.word[at - 1];
            let mut cost = state.now[at - 1] + self.unlike(letter, byte);
            cost = cost.min(state.now[at] + self.edit).min(next[at - 1] + self.edit);
            cost = cost.min(state.before[at - 1] + pair_cost([state.last, byte], letter));
            if let Some(before) = at.checked_sub(2) {
                let pair = [self.word[before], letter];
                cost = cost.min(state.now[before] + pair_cost(pair, byte));
                if pair == [byte, state.last] {
                    cost = cost.min(state.before[before] + self.edit);
                }
            }
            next[at] = cost.min(FAR);
        }
        self.within_reach(State {
            now: next,
            before: state.now,
            last: byte,
        })
    }

    /// Without what can no longer matter, so that states are few: every further step costs more.
    fn within_reach(&self, mut state: State) -> State {
        for cost in state.now.iter_mut().chain(&mut state.before) {
            if *cost > self.budget {
                *cost = FAR;
            }
        }
        if state.before.iter().all(|&cost| cost + 2 > self.budget) {
            state.before = [FAR; WIDTH];
            state.last = 0;
        }
        state
    }

    fn unlike(&self, a: u8, b: u8) -> u8 {
        if a == b {
            return 0;
        }
        UNLIKE[usize::from(class(a))][usize::from(class(b))].min(self.edit)
    }
}

impl Automaton for LooksLike {
    type State = u32;

    fn start(&self) -> u32 {
        0
    }

    fn is_match(&self, &state: &u32) -> bool {
        self.table.borrow().states[state as usize].now[self.word.len()] <= self.budget
    }

    fn can_match(&self, &state: &u32) -> bool {
        self.steps.get() < STEPS_MAX && self.table.borrow().leads[state as usize]
    }

    fn accept(&self, &state: &u32, byte: u8) -> u32 {
        self.steps.set(self.steps.get() + 1);
        let class = usize::from(class(byte));
        let known = self.table.borrow().next[state as usize][class];
        if known != UNKNOWN {
            return known;
        }
        let from = self.table.borrow().states[state as usize];
        let next = self.number(self.after(&from, byte));
        self.table.borrow_mut().next[state as usize][class] = next;
        next
    }
}

fn pair_cost(pair: [u8; 2], one: u8) -> u8 {
    match PAIRS
        .iter()
        .any(|(letters, letter)| *letter == one && **letters == pair)
    {
        true => 2,
        false => FAR,
    }
}

/// Letters and digits from 1 on; everything else is 0.
const fn class(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => byte - b'a' + 1,
        b'0'..=b'9' => byte - b'0' + 27,
        _ => 0,
    }
}

/// What it costs to take one letter for another.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike_is_near_and_other_words_are_not() {
        for (word, form, is_known, expected) in [
            ("balcescu", "balcescn", true, true),
            ("balcescu", "ba1cescu", true, true),
            ("balcescu", "baicescu", true, true),
            ("balcescu", "basescu", true, false),
            ("morii", "rnorii", true, true),
            ("morii", "morli", true, true),
            ("morii", "morari", true, false),
            ("cornel", "comel", true, true),
            ("dumitru", "clumitru", true, true),
            ("popescu", "popovici", false, false),
            ("popescu", "poppescu", false, true),
            ("popescu", "poepscu", false, true),
            ("popescu", "poppescu", true, false),
            ("strada", "strado", true, true),
            ("casa", "masa", true, false),
        ] {
            let alike = LooksLike::new(word, is_known);
            let mut state = alike.start();
            let mut can = alike.can_match(&state);
            for byte in form.bytes() {
                state = alike.accept(&state, byte);
                can &= alike.can_match(&state) || !expected;
            }
            assert_eq!(alike.is_match(&state) && can, expected, "{word} {form}");
        }
    }
}
