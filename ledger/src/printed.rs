//! A checkpoint on paper: printed in groups, signed by hand, typed in again years later.
//!
//! The hash is written in hexadecimal, which every tool prints and in which no two digits are mistaken for a
//! word; each of its four lines has two control digits, the whole has eight.

use std::fmt::Write as _;

use hrisov_model::Digest;

use crate::{Checkpoint, FormatError, SignedCheckpoint};

/// Words before the values, Romanian first; a typed text may have either, in any case, with or without colon
/// and diacritics.
const LABELS: [(Field, &[&str]); 4] = [
    (Field::Origin, &["registru", "log"]),
    (Field::Size, &["intrari", "entries"]),
    (Field::Root, &["amprenta", "root"]),
    (Field::Control, &["control", "check"]),
];
/// Hexadecimal digits of the root in one line.
const LINE_DIGITS: usize = 16;
/// Control digits after each line.
const LINE_CONTROL: usize = 2;
/// Control digits of the whole.
const CONTROL_DIGITS: usize = 8;
/// A page of typing is shorter.
const MAX_TYPED_BYTES: usize = 1 << 14;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Origin,
    Size,
    Root,
    Control,
}

/// What a person typed, put together again.
#[derive(Default)]
struct Typed {
    origin: String,
    size: String,
    root: String,
    control: String,
}

/// The checkpoint as it is printed, seven short lines in Romanian and English. Extension lines are left out:
/// they are no part of what is compared.
#[must_use]
pub fn print(checkpoint: &Checkpoint) -> String {
    let plain = plain(checkpoint);
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "registru / log       {}", plain.origin);
    let _ = writeln!(
        text,
        "intrări / entries    {}",
        grouped(&plain.size.to_string(), 3, Side::Right)
    );
    let root = plain.root.to_string();
    for (place, line) in lines_of(&root).enumerate() {
        let label = if place == 0 { "amprentă / root" } else { "" };
        let _ = writeln!(
            text,
            "{label:<20} {}   {}",
            grouped(line, 4, Side::Left),
            line_control(line)
        );
    }
    let _ = writeln!(
        text,
        "control / check      {}",
        grouped(&control(&plain), 4, Side::Left)
    );
    text
}

/// What a QR code beside it holds: the note as the log signed it, so that a photograph of the page is a
/// checkpoint that any tlog verifier takes. Witnesses' signatures are left out, to keep the code coarse.
#[must_use]
pub fn qr_payload(checkpoint: &SignedCheckpoint) -> String {
    let origin = &checkpoint.checkpoint().origin;
    let own = checkpoint
        .note()
        .signatures()
        .iter()
        .filter(|signature| signature.name() == origin);
    checkpoint
        .note()
        .with_signatures(own.cloned().collect())
        .to_string()
}

/// Reads a checkpoint from a file, from a QR code or as a person typed it: a signed note, its text alone, or
/// the printed form with whatever spaces, line breaks and case, `O` for `0` and `l` for `1`.
///
/// # Errors
/// [`FormatError`] that names the line in which a digit is wrong.
pub fn read(text: &str) -> Result<Checkpoint, FormatError> {
    if text.len() > MAX_TYPED_BYTES {
        return Err(fault("the whole", "longer than a page"));
    }
    let text = text.trim_start_matches('\u{feff}').trim().replace("\r\n", "\n") + "\n";
    if let Ok(signed) = SignedCheckpoint::parse(text.as_bytes()) {
        return Ok(signed.checkpoint().clone());
    }
    match text.parse() {
        Ok(checkpoint) => Ok(checkpoint),
        Err(_) => from_typed(&sort(&text)),
    }
}

/// Puts every word under the label before it.
fn sort(text: &str) -> Typed {
    let mut typed = Typed::default();
    let mut field = None;
    for word in text.split_whitespace().filter(|word| *word != "/") {
        if let Some(label) = label(word) {
            // The two words of one label follow each other.
            field = Some(label);
            continue;
        }
        match field {
            Some(Field::Origin) => typed.origin.push_str(word),
            Some(Field::Size) => typed.size.push_str(word),
            Some(Field::Root) => typed.root.push_str(word),
            // A page goes on after it.
            Some(Field::Control) if digits(&typed.control).len() >= CONTROL_DIGITS => {}
            Some(Field::Control) => typed.control.push_str(word),
            None => {}
        }
    }
    typed
}

fn from_typed(typed: &Typed) -> Result<Checkpoint, FormatError> {
    if typed.origin.is_empty() {
        return Err(fault("registru / log", "it is missing"));
    }
    let size = digits(&typed.size)
        .parse::<u64>()
        .ok()
        .filter(|size| *size <= i64::MAX as u64);
    let size = size.ok_or_else(|| fault("intrări / entries", "not a number"))?;
    let root = read_root(&digits(&typed.root))?;
    let read = |origin: &str| Checkpoint::new(origin.to_owned(), size, root);
    let wanted = digits(&typed.control);
    if wanted.len() != CONTROL_DIGITS {
        return Err(fault("control / check", "not eight digits"));
    }
    // Origins are usually in lower case, typing often in upper.
    [read(&typed.origin), read(&typed.origin.to_lowercase())]
        .into_iter()
        .find(|checkpoint| control(checkpoint) == wanted)
        .ok_or_else(|| {
            fault(
                "control / check",
                "it does not fit: the log's name, the number or the control is mistyped",
            )
        })
}

/// Root with or without the control digits of its lines.
fn read_root(digits: &str) -> Result<Digest, FormatError> {
    let places = [
        "amprentă / root, line 1",
        "amprentă / root, line 2",
        "amprentă / root, line 3",
        "amprentă / root, line 4",
    ];
    let with_controls = places.len() * (LINE_DIGITS + LINE_CONTROL);
    let mut root = digits.to_owned();
    if digits.len() == with_controls && digits.is_ascii() {
        root.clear();
        for (place, line) in places.iter().enumerate() {
            let start = place * (LINE_DIGITS + LINE_CONTROL);
            let (hash, control) = digits[start..start + LINE_DIGITS + LINE_CONTROL].split_at(LINE_DIGITS);
            if line_control(hash) != control {
                return Err(fault(line, "a digit is mistyped"));
            }
            root.push_str(hash);
        }
    }
    root.parse().map_err(|_| {
        fault(
            "amprentă / root",
            "not 64 hexadecimal digits, nor 72 with the control digits of its lines",
        )
    })
}

fn plain(checkpoint: &Checkpoint) -> Checkpoint {
    Checkpoint::new(checkpoint.origin.clone(), checkpoint.size, checkpoint.root)
}

/// The first eight digits of the SHA-256 of the checkpoint's three lines.
fn control(checkpoint: &Checkpoint) -> String {
    let digest = Digest::of(plain(checkpoint).to_string().as_bytes()).to_string();
    digest[..CONTROL_DIGITS].to_owned()
}

/// The first two digits of the SHA-256 of the line's sixteen digits.
fn line_control(line: &str) -> String {
    Digest::of(line.as_bytes()).to_string()[..LINE_CONTROL].to_owned()
}

fn lines_of(root: &str) -> impl Iterator<Item = &str> {
    (0..root.len() / LINE_DIGITS).map(|place| &root[place * LINE_DIGITS..(place + 1) * LINE_DIGITS])
}

/// From which side a number is cut into groups.
#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

fn grouped(digits: &str, group: usize, side: Side) -> String {
    let before = |place: usize| match side {
        Side::Left => place,
        Side::Right => digits.len() - place,
    };
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && before(place) % group == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// Digits without what people put between them, and with the letters that stand for digits made digits.
fn digits(text: &str) -> String {
    let letters = text
        .chars()
        .filter(|c| !matches!(c, '-' | '.' | ',' | ':' | '\'' | '_' | '|' | '/'));
    letters
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'o' => '0',
            'l' | 'i' => '1',
            other => other,
        })
        .collect()
}

/// The field that a word announces.
fn label(word: &str) -> Option<Field> {
    let word: String = word
        .trim_matches(|c| c == ':' || c == '/')
        .to_lowercase()
        .chars()
        .map(|c| match c {
            'ă' | 'â' => 'a',
            'î' => 'i',
            other => other,
        })
        .collect();
    let found = LABELS.iter().find(|(_, names)| names.contains(&word.as_str()));
    found.map(|(field, _)| *field)
}

fn fault(place: &str, reason: &'static str) -> FormatError {
    FormatError::new("printed checkpoint", place, reason)
}
