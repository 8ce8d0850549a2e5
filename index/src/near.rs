//! Words that recognition may have made of a word: those of the index that look like it.
//!
//! A word is compared with the index's own words only, by an automaton that walks their transducer and
//! leaves every branch that has become too unlike. Costs are quarters of an edit: letters that look alike
//! cost half of one or three quarters, two letters that look like one (`rn`, `m`) as well. Marks do not
//! matter: both sides are folded.

mod alike;
mod remembered;

use std::{collections::HashMap, sync::Arc};

use rayon::prelude::*;
use tantivy::{TantivyError, Term, schema::Field};

use crate::{
    analyser,
    query::Unit,
    snapshot::{EXACT_COUNT_MAX, Segment, Snapshot},
};
use alike::{LooksLike, Reach};
use remembered::Remembered;

/// Forms taken over for one word.
const FORMS_MAX: usize = 24;

/// A form is recognition's work where it is at most one so-many-th as frequent as the word: more frequent
/// ones are words of their own.
const RARER: u64 = 4;

/// The same for a form that is less like the word: every way of misreading it so thoroughly is rare, and a neighbour that
/// stands beside both is no proof where both are names.
const FAR_RARER: u64 = 32;

/// So many documents do not make a form a word of its own beside a word that is rarer still: `Ördög` is read `Ordâg`.
const FEW: u64 = 16;

/// The same for forms that are hardly words: recognition that does not know a letter (`ü`, `ö`) misreads it every time, so
/// that the right form is the rare one.
const ODD_COMMONER: u64 = 16;

/// Digits of a number that is compared: one digit alone would be a word.
const DIGITS: std::ops::RangeInclusive<usize> = 2..=9;

/// The words of an index that look like words of one query.
pub(crate) struct Neighbours<'a> {
    snapshot: &'a Snapshot,
}

/// What looks like words asked before among the words of one state of the index.
pub(crate) type Alike = Remembered<(String, Reach), Form>;

/// The same among the words of a field of one segment.
pub(crate) type SegmentAlike = Remembered<(Field, String, Reach), SegmentForm>;

/// A word of a segment that looks like another.
pub(crate) struct SegmentForm {
    text: String,
    /// Quarters of an edit.
    cost: u8,
    /// Documents that have it, deleted ones included.
    doc_freq: u32,
}

/// A word of the index that looks like another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Form {
    text: String,
    /// Quarters of an edit.
    cost: u8,
    /// Documents that have it.
    count: u64,
}

impl<'a> Neighbours<'a> {
    /// Of one state of the index.
    pub(crate) const fn new(snapshot: &'a Snapshot) -> Self {
        Self { snapshot }
    }

    /// Adds to each word of the query the forms of the index that look like it.
    pub(crate) fn widen(&self, units: &mut [Unit]) -> Result<(), TantivyError> {
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
    pub(crate) fn meant(&self, word: &str) -> Result<Option<String>, TantivyError> {
        let alike = self.of(word, Reach::Unknown)?;
        let mut best: Option<(u64, &str)> = None;
        for Form { text, cost, count } in alike.iter() {
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
    fn forms(&self, exact: &[String], stems: &[String]) -> Result<Vec<String>, TantivyError> {
        let known = known(stems, self.snapshot)?;
        let reach = if known > 0 { Reach::Known } else { Reach::Unknown };
        self.rarer(exact, stems, known, reach)
    }

    /// The same, less like it: for places where the word's neighbour speaks for it.
    fn far_forms(&self, exact: &[String], stems: &[String]) -> Result<Vec<String>, TantivyError> {
        let known = known(stems, self.snapshot)?;
        self.rarer(exact, stems, known, Reach::Beside)
    }

    fn rarer(
        &self,
        exact: &[String],
        stems: &[String],
        known: u64,
        reach: Reach,
    ) -> Result<Vec<String>, TantivyError> {
        let rarer = if reach == Reach::Beside { FAR_RARER } else { RARER };
        let is_rare = |form: &&Form| {
            let most = match is_odd(&form.text) {
                true => known * ODD_COMMONER,
                false => (known / rarer).max((known * RARER).min(FEW)),
            };
            known == 0 || form.count <= most.max(2)
        };
        let alike = self.of(&exact[0], reach)?;
        let mut forms: Vec<&Form> = alike.iter().filter(is_rare).collect();
        forms.sort_unstable_by(|a, b| (a.cost, b.count, &a.text).cmp(&(b.cost, a.count, &b.text)));
        let is_own = |form: &str| {
            exact.iter().any(|own| own == form)
                || analyser::keys(form).stems.iter().any(|stem| stems.contains(stem))
        };
        let others = forms.into_iter().filter(|form| !is_own(&form.text));
        Ok(others.take(FORMS_MAX).map(|form| form.text.clone()).collect())
    }

    fn of(&self, word: &str, reach: Reach) -> Result<Arc<[Form]>, TantivyError> {
        let is_compared =
            reach.letters().contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase());
        if !is_compared {
            return Ok(Arc::default());
        }
        let asked = (word.to_owned(), reach);
        self.snapshot
            .look_alikes
            .forms(asked, |_| look_alikes(word, reach, self.snapshot))
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
    let fields = [snapshot.fields.body.exact, snapshot.fields.about.exact];
    let of_segment = |segment: &Segment| {
        let of_field = |field| {
            let asked = (field, word.to_owned(), reach);
            segment
                .look_alikes
                .forms(asked, |_| walk(segment, field, word, reach))
        };
        fields.into_iter().map(of_field).collect::<Result<Vec<_>, _>>()
    };
    let forms = snapshot.segments.par_iter().map(of_segment);
    let forms = forms.collect::<Result<Vec<_>, TantivyError>>()?;
    let mut found: HashMap<String, (u8, u64)> = HashMap::new();
    for (segment, of_fields) in snapshot.segments.iter().zip(forms) {
        for (field, forms) in fields.into_iter().zip(of_fields) {
            for form in forms.iter() {
                let count = living_of(segment, field, form)?;
                match found.get_mut(&form.text) {
                    Some((_, known)) => *known += count,
                    None => _ = found.insert(form.text.clone(), (form.cost, count)),
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

/// Words of a segment's field that look like a word.
fn walk(segment: &Segment, field: Field, word: &str, reach: Reach) -> Result<Vec<SegmentForm>, TantivyError> {
    let index = segment.reader.inverted_index(field)?;
    let alike = LooksLike::new(word, reach);
    let mut terms = index.terms().search(&alike).into_stream()?;
    let mut forms = Vec::new();
    while terms.advance() {
        if let Ok(form) = std::str::from_utf8(terms.key()) {
            forms.push(SegmentForm {
                text: form.to_owned(),
                cost: alike.cost(form),
                doc_freq: terms.value().doc_freq,
            });
        }
    }
    Ok(forms)
}

/// Documents of a segment with a form, as [`Snapshot::living_count`] has them.
fn living_of(segment: &Segment, field: Field, form: &SegmentForm) -> Result<u64, TantivyError> {
    match segment.reader.has_deletes() && form.doc_freq <= EXACT_COUNT_MAX {
        true => segment.living_count(&Term::from_field_text(field, &form.text)),
        false => Ok(form.doc_freq.into()),
    }
}
