//! Search as you type: references, names and streets that begin with what is typed so far.

use std::collections::HashMap;

use serde::Serialize;
use tantivy::Term;

use crate::{
    IndexError,
    analyser::{self, Offer, Offered},
    snapshot::Snapshot,
};

/// Letters typed from which on anything is offered.
const LETTERS_MIN: usize = 2;

/// Letters of a completion that is kept.
const LETTERS_MAX: usize = 60;

/// Terms that are looked at per kind and segment: some milliseconds.
const TERMS_MAX: usize = 20_000;

/// Between the folded and the shown form.
const SEPARATOR: char = '\u{1f}';

/// Something that begins with what was typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Completion {
    /// The text to put into the search box.
    pub text: String,
    /// What it is.
    pub kind: CompletionKind,
    /// Pages (for references: dossiers) that have it.
    pub count: u64,
}

/// What a completion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CompletionKind {
    /// Reference of a dossier.
    Reference,
    /// A person's name as some page has it.
    Name,
    /// A street.
    Street,
}

const KINDS: [(CompletionKind, char); 3] = [
    (CompletionKind::Reference, 'r'),
    (CompletionKind::Name, 'n'),
    (CompletionKind::Street, 's'),
];

/// The terms of completions; each once.
pub(crate) fn terms(offered: Vec<Offered>) -> Vec<String> {
    let term = |offered: Offered| {
        let kind = match offered.offer {
            Offer::Reference => 'r',
            Offer::Name => 'n',
            Offer::Street => 's',
        };
        format!("{kind}{}{SEPARATOR}{}", offered.folded, offered.shown)
    };
    let mut terms: Vec<String> = offered
        .into_iter()
        .filter(|offered| offered.shown.chars().count() <= LETTERS_MAX)
        .map(term)
        .collect();
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// The completions of a text, at most `limit` of each kind, the most frequent first.
pub(crate) fn complete(snapshot: &Snapshot, text: &str, limit: usize) -> Result<Vec<Completion>, IndexError> {
    let short: String = text.chars().take(LETTERS_MAX).collect();
    let folded = analyser::folded(&short);
    let mut completions = Vec::new();
    if folded.chars().count() < LETTERS_MIN {
        return Ok(completions);
    }
    for (kind, mark) in KINDS {
        let prefix = match kind {
            CompletionKind::Street => analyser::without_street_word(&folded),
            _ => folded.as_str(),
        };
        let mut counts = beginning(snapshot, &format!("{mark}{prefix}"))?
            .into_iter()
            .collect::<Vec<_>>();
        counts.sort_by(|a, b| b.1.0.cmp(&a.1.0).then_with(|| a.0.cmp(&b.0)));
        let mut taken = 0;
        for (shown, (_, term)) in counts {
            if taken == limit {
                break;
            }
            let count = snapshot.living_count(&Term::from_field_text(snapshot.fields.complete, &term))?;
            if count > 0 {
                completions.push(Completion {
                    text: shown,
                    kind,
                    count,
                });
                taken += 1;
            }
        }
    }
    Ok(completions)
}

/// Shown forms with the number of their documents and a term, of all terms with a prefix.
fn beginning(snapshot: &Snapshot, prefix: &str) -> Result<HashMap<String, (u64, String)>, IndexError> {
    let mut counts: HashMap<String, (u64, String)> = HashMap::new();
    for segment in &snapshot.segments {
        let index = segment.reader.inverted_index(snapshot.fields.complete)?;
        let mut terms = index
            .terms()
            .range()
            .ge(prefix)
            .into_stream()
            .map_err(tantivy::TantivyError::from)?;
        let mut left = TERMS_MAX;
        while left > 0 && terms.advance() && terms.key().starts_with(prefix.as_bytes()) {
            left -= 1;
            let Ok(term) = std::str::from_utf8(terms.key()) else {
                continue;
            };
            if let Some((_, shown)) = term.split_once(SEPARATOR) {
                let entry = counts
                    .entry(shown.to_owned())
                    .or_insert_with(|| (0, term.to_owned()));
                entry.0 += u64::from(terms.value().doc_freq);
            }
        }
    }
    Ok(counts)
}
