//! Words that recognition may have made of a word: those of the index that look like it.
//!
//! A word is compared with the index's own words only, by an automaton that walks their transducer and
//! leaves every branch that has become too unlike. Costs are quarters of an edit: letters that look alike
//! cost half of one or three quarters, two letters that look like one (`rn`, `m`) as well. Marks do not
//! matter: both sides are folded.

mod alike;

use std::collections::HashMap;

use tantivy::{TantivyError, Term, postings::TermInfo, schema::Field};

use crate::{
    analyser,
    query::Unit,
    snapshot::{EXACT_COUNT_MAX, Segment, Snapshot},
};
use alike::{LooksLike, Reach};

/// Forms taken over for one word.
const FORMS_MAX: usize = 24;

/// A form is recognition's work where it is at most one so-many-th as frequent as the word: more frequent
/// ones are words of their own.
const RARER: u64 = 4;

/// So many documents do not make a form a word of its own beside a word that is rarer still: `Ördög` is read `Ordâg`.
const FEW: u64 = 16;

/// The same for forms that are hardly words: recognition that does not know a letter (`ü`, `ö`) misreads it every time, so
/// that the right form is the rare one.
const ODD_COMMONER: u64 = 16;

/// Digits of a number that is compared: one digit alone would be a word.
const DIGITS: std::ops::RangeInclusive<usize> = 2..=9;

/// The words of an index that look like words of one query; each word is looked for once.
pub(crate) struct Neighbours<'a> {
    snapshot: &'a Snapshot,
    found: HashMap<(String, Reach), Vec<Form>>,
}

/// A word of the index that looks like another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Form {
    text: String,
    /// Quarters of an edit.
    cost: u8,
    /// Documents that have it.
    count: u64,
}

impl<'a> Neighbours<'a> {
    /// None looked for yet.
    pub(crate) fn new(snapshot: &'a Snapshot) -> Self {
        Self {
            snapshot,
            found: HashMap::new(),
        }
    }

    /// Adds to each word of the query the forms of the index that look like it.
    pub(crate) fn widen(&mut self, units: &mut [Unit]) -> Result<(), TantivyError> {
        for unit in units {
            match unit {
                Unit::Word {
                    exact,
                    stems,
                    near,
                    neighbours,
                    far,
                    ..
                } if !stems.is_empty() => {
                    *near = self.forms(exact, stems)?;
                    if !neighbours.is_empty() {
                        *far = self.far_forms(exact, stems)?;
                        far.retain(|form| !near.contains(form));
                    }
                }
                Unit::Word { exact, near, .. } => *near = misread_number(&exact[0]),
                // A word alone in quotes means just itself.
                Unit::Phrase { parts, .. } if parts.len() > 1 => {
                    for part in parts.iter_mut().filter(|part| !part.stems.is_empty()) {
                        part.near = self.forms(&part.exact, &part.stems)?;
                        let mut far = self.far_forms(&part.exact, &part.stems)?;
                        far.retain(|form| !part.near.contains(form));
                        part.near.extend(far);
                        // In quotes another form of a word is another word.
                        part.near
                            .retain(|form| !analyser::are_inflected(&part.exact[0], form));
                        part.near.truncate(FORMS_MAX);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The word of the index that was perhaps meant by one that is not in it: the most frequent of the nearest.
    pub(crate) fn meant(&mut self, word: &str) -> Result<Option<String>, TantivyError> {
        let mut best: Option<(u64, &str)> = None;
        for Form { text, cost, count } in self.of(word, Reach::Unknown)? {
            if text == word || text.bytes().any(|byte| byte.is_ascii_digit()) {
                continue;
            }
            // A frequent word is the likelier one, an edit further off must be far more frequent.
            let weight = (count * 1_000) >> (2 * u32::from(*cost)).min(20);
            let is_better = best.is_none_or(|(most, known)| (weight, known) > (most, text));
            if weight > 0 && is_better {
                best = Some((weight, text));
            }
        }
        Ok(best.map(|(_, form)| form.to_owned()))
    }

    /// The words of the index that are nearest to a word, nearest and most frequent first.
    fn forms(&mut self, exact: &[String], stems: &[String]) -> Result<Vec<String>, TantivyError> {
        let known = known(stems, self.snapshot)?;
        let reach = if known > 0 { Reach::Known } else { Reach::Unknown };
        self.rarer(exact, stems, known, reach)
    }

    /// The same, less like it: for places where the word's neighbour speaks for it.
    fn far_forms(&mut self, exact: &[String], stems: &[String]) -> Result<Vec<String>, TantivyError> {
        let known = known(stems, self.snapshot)?;
        self.rarer(exact, stems, known, Reach::Beside)
    }

    fn rarer(
        &mut self,
        exact: &[String],
        stems: &[String],
        known: u64,
        reach: Reach,
    ) -> Result<Vec<String>, TantivyError> {
        let is_rare = |form: &&Form| {
            let most = match is_odd(&form.text) {
                true => known * ODD_COMMONER,
                false => (known / RARER).max((known * RARER).min(FEW)),
            };
            known == 0 || form.count <= most.max(2)
        };
        let mut forms: Vec<&Form> = self.of(&exact[0], reach)?.iter().filter(is_rare).collect();
        forms.sort_unstable_by(|a, b| (a.cost, b.count, &a.text).cmp(&(b.cost, a.count, &b.text)));
        let is_own = |form: &str| {
            exact.iter().any(|own| own == form)
                || analyser::keys(form).stems.iter().any(|stem| stems.contains(stem))
        };
        let others = forms.into_iter().filter(|form| !is_own(&form.text));
        Ok(others.take(FORMS_MAX).map(|form| form.text.clone()).collect())
    }

    fn of(&mut self, word: &str, reach: Reach) -> Result<&[Form], TantivyError> {
        let key = (word.to_owned(), reach);
        if !self.found.contains_key(&key) {
            let is_compared =
                reach.letters().contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase());
            let forms = match is_compared {
                true => look_alikes(word, reach, self.snapshot)?,
                false => Vec::new(),
            };
            self.found.insert(key.clone(), forms);
        }
        Ok(&self.found[&key])
    }
}

/// What recognition may have made of a number of some digits: one of them read for a letter.
fn misread_number(number: &str) -> Vec<String> {
    if !DIGITS.contains(&number.len()) || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    let with = |at: usize, letter: char| format!("{}{letter}{}", &number[..at], &number[at + 1..]);
    let places = number.chars().enumerate();
    places
        .flat_map(|(at, digit)| {
            analyser::letters_like(digit)
                .chars()
                .map(move |letter| with(at, letter))
        })
        .collect()
}

/// Whether a form is hardly a word: a digit stands in it, or `ii` before its ending.
fn is_odd(form: &str) -> bool {
    let stem = form.get(..form.len().saturating_sub(2)).unwrap_or_default();
    form.bytes().any(|byte| byte.is_ascii_digit()) || stem.contains("ii")
}

/// Whether any form of a word stands anywhere.
pub(crate) fn is_known(
    exact: &[String],
    stems: &[String],
    snapshot: &Snapshot,
) -> Result<bool, TantivyError> {
    let place = snapshot.fields.place.exact;
    for form in exact {
        if snapshot.living_count(&Term::from_field_text(place, form))? > 0 {
            return Ok(true);
        }
    }
    Ok(known(stems, snapshot)? > 0)
}

/// Documents with any form of a word: of its commonest stem.
fn known(stems: &[String], snapshot: &Snapshot) -> Result<u64, TantivyError> {
    let mut known = 0;
    for stem in stems {
        for field in [snapshot.fields.body.stem, snapshot.fields.about.stem] {
            known = snapshot
                .living_count(&Term::from_field_text(field, stem))?
                .max(known);
        }
    }
    Ok(known)
}

/// Words of all segments that look like a word and stand in a living document.
fn look_alikes(word: &str, reach: Reach, snapshot: &Snapshot) -> Result<Vec<Form>, TantivyError> {
    let alike = LooksLike::new(word, reach);
    let mut found: HashMap<String, (u8, u64)> = HashMap::new();
    for segment in &snapshot.segments {
        for field in [snapshot.fields.body.exact, snapshot.fields.about.exact] {
            let index = segment.reader.inverted_index(field)?;
            alike.begin_walk();
            let mut terms = index.terms().search(&alike).into_stream()?;
            while terms.advance() {
                let Ok(form) = std::str::from_utf8(terms.key()) else {
                    continue;
                };
                let count = living_of(segment, field, form, terms.value())?;
                match found.get_mut(form) {
                    Some((_, known)) => *known += count,
                    None => _ = found.insert(form.to_owned(), (alike.cost(form), count)),
                }
            }
        }
    }
    let forms = found.into_iter().filter(|(_, (_, count))| *count > 0);
    let mut forms: Vec<Form> = forms
        .map(|(text, (cost, count))| Form { text, cost, count })
        .collect();
    forms.sort_unstable();
    Ok(forms)
}

/// Documents of a segment with a term, as [`Snapshot::living_count`] has them.
fn living_of(segment: &Segment, field: Field, form: &str, term: &TermInfo) -> Result<u64, TantivyError> {
    match segment.reader.has_deletes() && term.doc_freq <= EXACT_COUNT_MAX {
        true => segment.living_count(&Term::from_field_text(field, form)),
        false => Ok(term.doc_freq.into()),
    }
}
