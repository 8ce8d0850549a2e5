//! How many different terms an index has.

use std::{
    collections::HashSet,
    error::Error,
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher},
    path::Path,
};

use tantivy::{Index, schema::FieldType};

/// Fields of text with their different terms over all segments, most first.
pub fn count(index: &Path) -> Result<Vec<(String, usize)>, Box<dyn Error>> {
    let index = Index::open_in_dir(index)?;
    let searcher = index.reader()?.searcher();
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    let mut counts = Vec::new();
    for (field, entry) in index.schema().fields() {
        if !matches!(entry.field_type(), FieldType::Str(_)) || !entry.is_indexed() {
            continue;
        }
        let mut different = HashSet::new();
        for segment in searcher.segment_readers() {
            let words = segment.inverted_index(field)?;
            let mut terms = words.terms().stream()?;
            while terms.advance() {
                different.insert(hasher.hash_one(terms.key()));
            }
        }
        counts.push((entry.name().to_owned(), different.len()));
    }
    counts.sort_unstable_by_key(|&(_, count)| std::cmp::Reverse(count));
    Ok(counts)
}
