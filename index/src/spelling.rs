//! Words typed without diacritics whose right form the archive itself knows.
//!
//! `hotarare` and `hotarire` are both `hotărâre` without its marks, but no rule turns one into the other
//! (`mare` is not `mire`). Pages that have the marks say so: the `spelling` field links the folded forms
//! of each such word to the word. A query word is looked up there, and the stems of what is found are
//! sought with its own.

use tantivy::{TantivyError, Term};

use crate::{analyser, query::Unit, snapshot::Snapshot, tokens::SPELLING_SEPARATOR};

/// Full forms taken over for one query word: more are recognition noise.
const FORMS_MAX: usize = 8;

/// Adds to each word of the query the stems of the full forms that its folded form stands for.
pub(crate) fn widen(units: &mut [Unit], snapshot: &Snapshot) -> Result<(), TantivyError> {
    for unit in units {
        let Unit::Word { part, stems, .. } = unit else {
            continue;
        };
        let keys = analyser::keys(part);
        let ([folded], false) = (keys.exact.as_slice(), stems.is_empty()) else {
            continue;
        };
        for full in full_forms(snapshot, folded)? {
            for stem in analyser::keys(&full).stems {
                if !stems.contains(&stem) {
                    stems.push(stem);
                }
            }
        }
    }
    Ok(())
}

/// The full forms of a folded word, sorted, so that they do not depend on segments.
fn full_forms(snapshot: &Snapshot, folded: &str) -> Result<Vec<String>, TantivyError> {
    // U+0020 comes right after the separator.
    let (from, to) = (format!("{folded}{SPELLING_SEPARATOR}"), format!("{folded} "));
    let mut forms = Vec::new();
    for segment in &snapshot.segments {
        let index = segment.reader.inverted_index(snapshot.fields.spelling)?;
        let mut terms = index.terms().range().ge(&from).lt(&to).into_stream()?;
        while terms.advance() {
            let full = terms
                .key()
                .strip_prefix(from.as_bytes())
                .and_then(|full| std::str::from_utf8(full).ok());
            forms.extend(full.map(str::to_owned));
        }
    }
    forms.sort_unstable();
    forms.dedup();
    let mut living = Vec::new();
    for form in forms {
        // A word that only deleted pages had is gone: a rebuilt index would not know it either.
        let term = Term::from_field_text(snapshot.fields.spelling, &format!("{from}{form}"));
        if living.len() < FORMS_MAX && snapshot.holds(&term)? {
            living.push(form);
        }
    }
    Ok(living)
}
