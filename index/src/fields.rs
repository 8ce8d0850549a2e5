//! The fields of the index. Their names and options, with the name of the tokenizer, are its version: an index that
//! differs belongs to another version and is made again from the store.

use tantivy::{
    schema::{
        BytesOptions, Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
    },
    tokenizer::{RawTokenizer, TokenizerManager},
};

use crate::IndexKey;

/// Names the analyser's version inside the stored schema: raise it with every change of keys, positions or
/// stored values.
const ANALYSER: &str = "hrisov-romanian-10";

/// A text indexed four times at the same positions: by exact forms, by stems, by what identifiers and names it holds, and
/// by which words follow each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TextPair {
    pub(crate) exact: Field,
    pub(crate) stem: Field,
    pub(crate) ids: Field,
    /// Pairs of exact forms, one after the other: see [`crate::links`].
    pub(crate) links: Field,
}

/// Every field. A page and a description are separate documents that share only `dossier`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    /// What the entry is: `p` and the page's UUID, or `d` and the dossier's.
    pub(crate) key: Field,
    /// The dossier's UUID, also as a column: results are grouped by it.
    pub(crate) dossier: Field,
    /// The page's number.
    pub(crate) number: Field,
    /// A page's words.
    pub(crate) body: TextPair,
    /// Reference and title of a dossier.
    pub(crate) about: TextPair,
    /// Box and fonds of a dossier.
    pub(crate) place: TextPair,
    /// Folded form, separator, full form of each word that the reforms touched.
    pub(crate) spelling: Field,
    /// Column: days in a text (year, month, day in one number; month and day 0 where unknown).
    pub(crate) days: Field,
    /// Column of pages: mean confidence in percent.
    pub(crate) quality: Field,
    /// Column of descriptions: pages that could not be read.
    pub(crate) unreadable: Field,
    /// Columns of strings that are counted.
    pub(crate) fonds_facet: Field,
    pub(crate) department_facet: Field,
    pub(crate) box_facet: Field,
    pub(crate) kind_facet: Field,
    /// Completions: a mark, the folded form, a separator, the form that is shown.
    pub(crate) complete: Field,
    /// What comes back with a hit: see [`crate::stored_page`] and the description as JSON.
    pub(crate) stored: Field,
}

impl Fields {
    /// The schema of this version under a key: an index of another key is another's.
    pub(crate) fn schema(key: &IndexKey) -> (Schema, Self) {
        let analyser = analyser(key);
        let mut schema = Schema::builder();
        let bytes = BytesOptions::default;
        let text = |name: &str, record| {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer(&analyser)
                .set_index_option(record)
                .set_fieldnorms(record != IndexRecordOption::Basic);
            (
                name.to_owned(),
                TextOptions::default().set_indexing_options(indexing),
            )
        };
        let mut add = |name: &str, record| {
            let (name, options) = text(name, record);
            schema.add_text_field(&name, options)
        };
        let positions = IndexRecordOption::WithFreqsAndPositions;
        let mut pair = |name: &str| TextPair {
            exact: add(name, positions),
            stem: add(&format!("{name}_stem"), positions),
            ids: add(&format!("{name}_ids"), positions),
            links: add(&format!("{name}_links"), positions),
        };
        let (body, about, place) = (pair("body"), pair("about"), pair("place"));
        let spelling = add("spelling", IndexRecordOption::Basic);
        let complete = add("complete", IndexRecordOption::Basic);
        let column = NumericOptions::default().set_fast();
        let facet = || TextOptions::default().set_fast("raw");
        let fields = Self {
            days: schema.add_u64_field("days", column.clone()),
            quality: schema.add_u64_field("quality", column.clone()),
            unreadable: schema.add_u64_field("unreadable", column.clone()),
            fonds_facet: schema.add_text_field("fonds_facet", facet()),
            department_facet: schema.add_text_field("department_facet", facet()),
            box_facet: schema.add_text_field("box_facet", facet()),
            kind_facet: schema.add_text_field("kind_facet", facet()),
            body,
            about,
            place,
            spelling,
            complete,
            key: schema.add_bytes_field("key", bytes().set_indexed()),
            dossier: schema.add_bytes_field("dossier", bytes().set_indexed().set_fast()),
            number: schema.add_u64_field("number", column),
            stored: schema.add_bytes_field("stored", bytes().set_stored()),
        };
        (schema.build(), fields)
    }

    /// The tokenizers that the schema names. Texts come with their tokens; this one is only asked for.
    pub(crate) fn tokenizers(key: &IndexKey) -> TokenizerManager {
        let tokenizers = TokenizerManager::default();
        tokenizers.register(&analyser(key), RawTokenizer::default());
        tokenizers
    }
}

/// The analyser's name in the schema.
fn analyser(key: &IndexKey) -> String {
    format!("{ANALYSER}-{}", key.check())
}
