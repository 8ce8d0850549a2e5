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
use alike::LooksLike;

/// Letters of a word that is compared.
const LETTERS: std::ops::RangeInclusive<usize> = 3..=24;

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

/// The words of an index that look like words of one query; each word is looked for once.
pub(crate) struct Neighbours<'a> {
    snapshot: &'a Snapshot,
    /// By word, and whether the index knows it.
    found: HashMap<(String, bool), Vec<Form>>,
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
            if let Unit::Word {
                exact, stems, near, ..
            } = unit
                && !stems.is_empty()
            {
                *near = self.forms(&exact[0], exact, stems)?;
            }
        }
        Ok(())
    }

    /// The word of the index that was perhaps meant by one that is not in it: the most frequent of the nearest.
    pub(crate) fn meant(&mut self, word: &str) -> Result<Option<String>, TantivyError> {
        let mut best: Option<(u64, &str)> = None;
        for Form { text, cost, count } in self.of(word, false)? {
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

    /// The words of the index that are nearest to a folded word, nearest and most frequent first.
    fn forms(&mut self, word: &str, exact: &[String], stems: &[String]) -> Result<Vec<String>, TantivyError> {
        let known = known(stems, self.snapshot)?;
        let is_rare = |form: &&Form| {
            let most = match is_odd(&form.text) {
                true => known * ODD_COMMONER,
                false => (known / RARER).max((known * RARER).min(FEW)),
            };
            known == 0 || form.count <= most.max(2)
        };
        let mut forms: Vec<&Form> = self.of(word, known > 0)?.iter().filter(is_rare).collect();
        forms.sort_unstable_by(|a, b| (a.cost, b.count, &a.text).cmp(&(b.cost, a.count, &b.text)));
        let is_own = |form: &str| {
            exact.iter().any(|own| own == form)
                || analyser::keys(form).stems.iter().any(|stem| stems.contains(stem))
        };
        let others = forms.into_iter().filter(|form| !is_own(&form.text));
        Ok(others.take(FORMS_MAX).map(|form| form.text.clone()).collect())
    }

    fn of(&mut self, word: &str, is_known: bool) -> Result<&[Form], TantivyError> {
        let key = (word.to_owned(), is_known);
        if !self.found.contains_key(&key) {
            let is_compared =
                LETTERS.contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase());
            let forms = match is_compared {
                true => look_alikes(word, is_known, self.snapshot)?,
                false => Vec::new(),
            };
            self.found.insert(key.clone(), forms);
        }
        Ok(&self.found[&key])
    }
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
fn look_alikes(word: &str, is_known: bool, snapshot: &Snapshot) -> Result<Vec<Form>, TantivyError> {
    let alike = LooksLike::new(word, is_known);
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
