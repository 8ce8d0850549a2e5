//! The files of a batch: each with its state, why, and when.

use std::fmt::Write as _;

use hrisov_catalog::{BatchFile, Copies};
use hrisov_model::FileState;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::plain_table;
use crate::{output::Output, speech::Speech};

/// A file with where else its bytes lie.
#[derive(Debug, Serialize)]
pub struct ListedFile {
    /// The file.
    #[serde(flatten)]
    pub file: BatchFile,
    /// Where else.
    #[serde(flatten)]
    pub copies: Copies,
}

/// A table for people; times where they stand.
pub fn table(files: &[ListedFile], output: &Output) -> String {
    if files.is_empty() {
        return output.speech.pick("Niciun fișier.\n", "No file.\n").to_owned();
    }
    let mut table = plain_table();
    for ListedFile { file, copies } in files {
        let at = file.at.to_zoned(TimeZone::system());
        table.add_row([
            state(file, output.speech).to_owned(),
            file.source_path.clone(),
            at.strftime("%d.%m.%Y %H:%M").to_string(),
            why(&file.state, copies, output.speech),
        ]);
    }
    format!("{table}\n")
}

/// The same for spreadsheets and programs: UTF-8, commas, a header line that is never translated, times in UTC.
pub fn csv(files: &[ListedFile]) -> String {
    let header = "path,state,reason,detail,at,file,dossier,duplicate_of,elsewhere,for_instance";
    let mut text = format!("{header}\r\n");
    for ListedFile { file, copies } in files {
        let (reason, detail) = match &file.state {
            FileState::Stored => (String::new(), String::new()),
            FileState::Duplicate { of } => (of.to_string(), String::new()),
            FileState::Ignored { rule } => (rule.to_string(), String::new()),
            FileState::Quarantined { reason, detail } => (reason.to_string(), detail.clone()),
        };
        let named = |id: Option<String>| id.unwrap_or_default();
        let cells = [
            file.source_path.clone(),
            file.state.name().to_owned(),
            reason,
            detail,
            file.at.to_string(),
            named(file.file.map(|id| id.to_string())),
            named(file.dossier.map(|id| id.to_string())),
            named(copies.duplicate_of.clone()),
            copies.elsewhere.to_string(),
            named(copies.for_instance.clone()),
        ];
        let line: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        // Writing to a text cannot fail.
        let _whole = write!(text, "{}\r\n", line.join(","));
    }
    text
}

/// RFC 4180; what a spreadsheet would take for a formula begins with an apostrophe.
fn quoted(cell: &str) -> String {
    let guarded = match cell.starts_with(['=', '+', '-', '@', '\t']) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    };
    match guarded.contains(['"', ',', '\r', '\n']) {
        true => format!("\"{}\"", guarded.replace('"', "\"\"")),
        false => guarded,
    }
}

const fn state(file: &BatchFile, speech: Speech) -> &'static str {
    let (romanian, english) = match file.state {
        FileState::Stored => ("păstrat", "stored"),
        FileState::Duplicate { .. } => ("duplicat", "duplicate"),
        FileState::Ignored { .. } => ("ignorat", "ignored"),
        FileState::Quarantined { .. } => ("carantină", "quarantined"),
    };
    speech.pick(romanian, english)
}

fn why(state: &FileState, copies: &Copies, speech: Speech) -> String {
    let elsewhere = || match (&copies.for_instance, copies.elsewhere) {
        (None, _) => String::new(),
        (Some(place), 1) => format!("{} {place}", speech.pick("și în", "also in")),
        (Some(place), more) => {
            let files = speech.count(more, ("loc", "locuri"), ("place", "places"));
            format!("{} {files}: {place}, …", speech.pick("și în alte", "also in"))
        }
    };
    match state {
        FileState::Stored => elsewhere(),
        FileState::Duplicate { .. } => {
            let original = copies.duplicate_of.as_deref().unwrap_or_default();
            format!("= {original}")
        }
        FileState::Ignored { rule } => rule.to_string(),
        FileState::Quarantined { reason, detail } => format!("{reason}: {detail}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_safe_in_a_spreadsheet() {
        for (cell, written) in [
            ("1/002.tif", "1/002.tif"),
            ("a, \"b\".tif", "\"a, \"\"b\"\".tif\""),
            ("=1+1.tif", "'=1+1.tif"),
            ("două\nrânduri", "\"două\nrânduri\""),
        ] {
            assert_eq!(quoted(cell), written);
        }
    }
}
