//! Rows to values and back: the one place that knows how states and identifiers lie in columns.

use std::str::FromStr;

use hrisov_model::{Event, FileRecord, Holding, PageFigures, PageHash, PagePlace, PageRecord, WordSketch};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use sqlx::{Row as _, sqlite::SqliteRow};

use crate::{BoxName, CatalogError};

/// Fonds and box of a dossier or batch.
pub(crate) fn box_name(row: &SqliteRow) -> Result<BoxName, CatalogError> {
    Ok(BoxName {
        fonds: row.try_get("fonds")?,
        name: row.try_get("box_name")?,
    })
}

/// A state enum as three columns. `reason` is the reason, the rule, or the file of which it is a duplicate.
pub(crate) struct StateColumns {
    pub(crate) state: String,
    pub(crate) reason: Option<String>,
    pub(crate) detail: Option<String>,
}

const REASON_KEYS: [&str; 3] = ["reason", "rule", "of"];

impl StateColumns {
    pub(crate) fn of(state: &impl Serialize) -> Self {
        let value = serde_json::to_value(state).expect("states are plain data");
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        Self {
            state: text("state").expect("states are tagged"),
            reason: REASON_KEYS.into_iter().find_map(text),
            detail: text("detail"),
        }
    }

    pub(crate) fn read<T: DeserializeOwned>(row: &SqliteRow) -> Result<T, CatalogError> {
        let mut map = Map::new();
        map.insert("state".to_owned(), Value::String(row.try_get("state")?));
        if let Some(reason) = row.try_get::<Option<String>, _>("reason")? {
            for key in REASON_KEYS {
                map.insert(key.to_owned(), Value::String(reason.clone()));
            }
        }
        if let Some(detail) = row.try_get::<Option<String>, _>("detail")? {
            map.insert("detail".to_owned(), Value::String(detail));
        }
        serde_json::from_value(Value::Object(map)).map_err(|_| CatalogError::Invalid { what: "state" })
    }
}

/// A column that holds the text form of a value.
pub(crate) fn parsed<T: FromStr>(row: &SqliteRow, column: &'static str) -> Result<T, CatalogError> {
    let text: String = row.try_get(column)?;
    text.parse().map_err(|_| CatalogError::Invalid { what: column })
}

/// The same, where there may be none.
pub(crate) fn parsed_option<T: FromStr>(
    row: &SqliteRow,
    column: &'static str,
) -> Result<Option<T>, CatalogError> {
    let text: Option<String> = row.try_get(column)?;
    text.map(|text| text.parse().map_err(|_| CatalogError::Invalid { what: column }))
        .transpose()
}

/// A whole number that fits the type asked for.
pub(crate) fn number<T: TryFrom<i64>>(row: &SqliteRow, column: &'static str) -> Result<T, CatalogError> {
    T::try_from(row.try_get::<i64, _>(column)?).map_err(|_| CatalogError::Invalid { what: column })
}

/// The same, where there may be none.
pub(crate) fn number_option<T: TryFrom<i64>>(
    row: &SqliteRow,
    column: &'static str,
) -> Result<Option<T>, CatalogError> {
    let value: Option<i64> = row.try_get(column)?;
    value
        .map(|value| T::try_from(value).map_err(|_| CatalogError::Invalid { what: column }))
        .transpose()
}

/// An enum's wire name in a column.
pub(crate) fn named<T: DeserializeOwned>(row: &SqliteRow, column: &'static str) -> Result<T, CatalogError> {
    let text: String = row.try_get(column)?;
    serde_json::from_value(Value::String(text)).map_err(|_| CatalogError::Invalid { what: column })
}

/// The wire name of an enum without fields.
pub(crate) fn name_of(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(name)) => name,
        _ => unreachable!("only enums without fields are named"),
    }
}

/// Plain data in a column of its own.
pub(crate) fn json_of(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain data always becomes JSON")
}

/// What [`json_of`] wrote, where there is any.
pub(crate) fn from_json<T: DeserializeOwned>(
    row: &SqliteRow,
    column: &'static str,
) -> Result<Option<T>, CatalogError> {
    let json: Option<String> = row.try_get(column)?;
    json.map(|json| serde_json::from_str(&json).map_err(|_| CatalogError::Invalid { what: column }))
        .transpose()
}

pub(crate) fn file_record(row: &SqliteRow) -> Result<FileRecord, CatalogError> {
    Ok(FileRecord {
        id: parsed(row, "id")?,
        source_path: row.try_get("source_path")?,
        logical_path: row.try_get("logical_path")?,
        digest: parsed(row, "digest")?,
        size_bytes: number(row, "size_bytes")?,
        media_type: row.try_get("media_type")?,
        state: StateColumns::read(row)?,
        received_at: parsed(row, "received_at")?,
        batch: parsed(row, "batch_id")?,
        replaced_by: parsed_option(row, "replaced_by")?,
        rescan_of: match parsed_option(row, "rescan_of")? {
            None => None,
            Some(file) => Some(PagePlace {
                file,
                index: number(row, "rescan_of_index")?,
            }),
        },
        held_in: match parsed_option(row, "held_file")? {
            None => None,
            Some(file) => Some(Holding {
                dossier: parsed(row, "held_dossier")?,
                file,
                path: row.try_get("held_path")?,
            }),
        },
    })
}

/// The figures of a page as three columns: those that doubts are named from stand apart from those that pages are
/// compared by, which are longer and seldom asked for.
#[derive(Default)]
pub(crate) struct FigureColumns {
    pub(crate) figures: Option<String>,
    pub(crate) page_hash: Option<String>,
    pub(crate) word_sketch: Option<String>,
}

impl FigureColumns {
    pub(crate) fn of(figures: Option<&PageFigures>) -> Self {
        let Some(figures) = figures else {
            return Self::default();
        };
        let mut rest = figures.clone();
        let page_hash = rest.condition.hash.take().map(String::from);
        let word_sketch = rest.words.take().map(String::from);
        Self {
            figures: Some(serde_json::to_string(&rest).expect("figures are plain data")),
            page_hash,
            word_sketch,
        }
    }

    fn read(row: &SqliteRow) -> Result<Option<PageFigures>, CatalogError> {
        const INVALID: CatalogError = CatalogError::Invalid { what: "figures" };
        let Some(json) = row.try_get::<Option<String>, _>("figures")? else {
            return Ok(None);
        };
        let mut figures: PageFigures = serde_json::from_str(&json).map_err(|_| INVALID)?;
        let hash: Option<String> = row.try_get("page_hash")?;
        let words: Option<String> = row.try_get("word_sketch")?;
        figures.condition.hash = hash.map(PageHash::try_from).transpose().map_err(|_| INVALID)?;
        figures.words = words.map(WordSketch::try_from).transpose().map_err(|_| INVALID)?;
        Ok(Some(figures))
    }
}

pub(crate) fn page_record(row: &SqliteRow) -> Result<PageRecord, CatalogError> {
    Ok(PageRecord {
        id: parsed(row, "id")?,
        file: parsed(row, "file_id")?,
        index: number(row, "page_index")?,
        width_px: number(row, "width_px")?,
        height_px: number(row, "height_px")?,
        dpi: number_option(row, "dpi")?,
        state: StateColumns::read(row)?,
        text_path: row.try_get("text_path")?,
        text_digest: parsed_option(row, "text_digest")?,
        words: number(row, "words")?,
        confidence_percent: number_option(row, "confidence_percent")?,
        figures: FigureColumns::read(row)?,
    })
}

pub(crate) fn event(row: &SqliteRow) -> Result<Event, CatalogError> {
    Ok(Event {
        id: parsed(row, "id")?,
        kind: named(row, "kind")?,
        at: parsed(row, "at")?,
        agent: hrisov_model::Agent {
            name: row.try_get("agent")?,
        },
        outcome: named(row, "outcome")?,
        detail: row.try_get("detail")?,
        file: parsed_option(row, "file_id")?,
        page: parsed_option(row, "page_id")?,
        digest: parsed_option(row, "digest")?,
        salt: named(row, "salt")?,
    })
}
