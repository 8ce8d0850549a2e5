//! An automaton that accepts what looks like a word.
//!
//! A state is a row of the edit distance's table, and the row before: a word has some hundred different ones. Each is
//! worked out when it is first reached and has a number from then on, so that walking a transducer of millions of words
//! is a look into a table at each step.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    ops::RangeInclusive,
};

use tantivy_fst::Automaton;

use crate::analyser::likeness::{CLASSES, EDIT, FAR, PAIRS, class, pair_cost, unlike};

/// What an edit that has nothing to do with how letters look costs for words that the index has: out of reach of all but
/// long words.
const EDIT_OF_KNOWN: u8 = 6;

/// Steps through the transducer of one segment for one word: some ten milliseconds.
const STEPS_MAX: u32 = 200_000;

/// Letters of the longest word, and one more.
const WIDTH: usize = 25;

/// A step that was not taken yet.
const UNKNOWN: u32 = u32::MAX;

/// How unlike a form may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Reach {
    /// The index does not have the word.
    Unknown,
    /// It does: another word is hardly the same.
    Known,
    /// A word of the query stands beside the form and speaks for it. It begins alike at least, which also leaves most of
    /// the transducer out.
    Beside,
}

/// Accepts what looks like a word.
pub(super) struct LooksLike {
    word: Vec<u8>,
    reach: Reach,
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

impl State {
    /// Nothing can be reached any more.
    const NOWHERE: Self = Self {
        now: [FAR; WIDTH],
        before: [FAR; WIDTH],
        last: 0,
    };
}

impl Reach {
    /// Letters of a word that is compared.
    pub(super) const fn letters(self) -> RangeInclusive<usize> {
        match self {
            Self::Unknown | Self::Known => 3..=24,
            Self::Beside => 5..=24,
        }
    }
}

impl LooksLike {
    /// For a word of small ASCII letters, as many as [`Reach::letters`] has.
    pub(super) fn new(word: &str, reach: Reach) -> Self {
        let alike = Self {
            word: word.as_bytes().to_vec(),
            reach,
            edit: match reach {
                Reach::Known => EDIT_OF_KNOWN,
                Reach::Unknown | Reach::Beside => EDIT,
            },
            budget: match (reach, word.len()) {
                (Reach::Beside, ..=4) => 2,
                (Reach::Beside, 5) => 4,
                (Reach::Beside, 6..=7) => 6,
                (Reach::Beside, _) => 8,
                (_, ..=4) => 2,
                (_, 5) => 3,
                (_, 6..=9) => 4,
                _ => 6,
            },
            steps: Cell::new(0),
            table: RefCell::default(),
        };
        alike.number(alike.first());
        alike
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
        unlike(a, b).min(self.edit)
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
        let begins_otherwise = state == self.start()
            && self.reach == Reach::Beside
            && self.unlike(self.word[0], byte) >= self.edit;
        let next = match begins_otherwise {
            true => self.number(State::NOWHERE),
            false => self.number(self.after(&from, byte)),
        };
        self.table.borrow_mut().next[state as usize][class] = next;
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyser::likeness;

    #[test]
    fn what_looks_alike_is_near_and_other_words_are_not() {
        for (word, form, reach, expected) in [
            ("balcescu", "balcescn", Reach::Known, true),
            ("balcescu", "ba1cescu", Reach::Known, true),
            ("balcescu", "baicescu", Reach::Known, true),
            ("balcescu", "basescu", Reach::Known, false),
            ("morii", "rnorii", Reach::Known, true),
            ("morii", "morli", Reach::Known, true),
            ("morii", "morari", Reach::Known, false),
            ("cornel", "comel", Reach::Known, true),
            ("dumitru", "clumitru", Reach::Known, true),
            ("popescu", "popovici", Reach::Unknown, false),
            ("popescu", "poppescu", Reach::Unknown, true),
            ("popescu", "poepscu", Reach::Unknown, true),
            ("popescu", "poppescu", Reach::Known, false),
            ("strada", "strado", Reach::Known, true),
            ("casa", "masa", Reach::Known, false),
            ("popescu", "poppescu", Reach::Beside, true),
            ("dobrescu", "dabvescu", Reach::Beside, true),
            ("dobrescu", "dabvestu", Reach::Beside, false),
            ("dobrescu", "tobrescu", Reach::Beside, false),
            ("popescu", "popovici", Reach::Beside, false),
        ] {
            let alike = LooksLike::new(word, reach);
            let mut state = alike.start();
            let mut can = alike.can_match(&state);
            for byte in form.bytes() {
                state = alike.accept(&state, byte);
                can &= alike.can_match(&state) || !expected;
            }
            assert_eq!(alike.is_match(&state) && can, expected, "{word} {form}");
            if expected && reach != Reach::Known {
                assert_eq!(alike.cost(form), likeness::distance(word, form), "{word} {form}");
            }
        }
    }
}
