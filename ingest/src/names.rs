//! Names of files as received, written so that every system can show and store them.
//!
//! A name is bytes; on disk it need not be UTF-8. Control characters, `%`, `\` and bytes that are not UTF-8 are
//! percent-encoded (RFC 3986 section 2.1), everything else stays, so the encoding can be undone exactly.

use std::{cmp::Ordering, fmt::Write as _, os::unix::ffi::OsStrExt as _, path::Path};

use hrisov_model::Digest;

/// Longest part of a logical path in bytes: file systems allow 255, and tools append suffixes.
const PART_MAX_BYTES: usize = 200;

/// A path with each part encoded, joined by `/`.
pub fn encode_path(path: &Path) -> String {
    let parts = path.components().filter_map(|part| match part {
        std::path::Component::Normal(name) => Some(encode_name(name.as_bytes())),
        _ => None,
    });
    let joined = parts.collect::<Vec<_>>().join("/");
    if path.is_absolute() {
        format!("/{joined}")
    } else {
        joined
    }
}

/// One name, encoded.
pub fn encode_name(name: &[u8]) -> String {
    let mut encoded = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        for letter in chunk.valid().chars() {
            match letter {
                '%' | '\\' => push_percent(&mut encoded, letter as u8),
                control if control.is_control() => {
                    control
                        .encode_utf8(&mut [0; 4])
                        .bytes()
                        .for_each(|byte| push_percent(&mut encoded, byte));
                }
                other => encoded.push(other),
            }
        }
        chunk
            .invalid()
            .iter()
            .for_each(|byte| push_percent(&mut encoded, *byte));
    }
    encoded
}

fn push_percent(text: &mut String, byte: u8) {
    write!(text, "%{byte:02X}").expect("writing to a string does not fail");
}

/// The logical path of a master: its encoded source path, over-long parts cut and told apart by a digest. Quotes are
/// encoded as well: rocfl 1.7 refuses inventories in which a path needs an escape of JSON.
pub fn master_path(source_path: &str) -> String {
    let source_path = source_path.replace('"', "%22");
    let part = |part: &str| {
        if part.len() <= PART_MAX_BYTES {
            return part.to_owned();
        }
        let cut = part.floor_char_boundary(PART_MAX_BYTES - 20);
        format!(
            "{}~{}",
            &part[..cut],
            &Digest::of(part.as_bytes()).to_string()[..16]
        )
    };
    let parts = source_path.split('/').map(part).collect::<Vec<_>>();
    format!("masters/{}", parts.join("/"))
}

/// The order in which people number things: digits by value, letters without regard to case, folders
/// part by part; equal names in the order of their bytes.
pub fn natural_order(a: &str, b: &str) -> Ordering {
    let mut parts = a.split('/').zip(b.split('/')).map(|(a, b)| natural_part(a, b));
    parts
        .find(|order| order.is_ne())
        .unwrap_or_else(|| a.split('/').count().cmp(&b.split('/').count()))
        .then_with(|| a.cmp(b))
}

fn natural_part(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let (a_digits, b_digits) = (digits(a), digits(b));
        let order = match (a_digits.is_empty(), b_digits.is_empty()) {
            (false, false) => by_value(a_digits, b_digits),
            _ => match (a.chars().next(), b.chars().next()) {
                (None, None) => return Ordering::Equal,
                (x, y) => x.map(fold).cmp(&y.map(fold)),
            },
        };
        if order.is_ne() {
            return order;
        }
        a = rest(a, a_digits);
        b = rest(b, b_digits);
    }
}

fn digits(text: &str) -> &str {
    &text[..text.bytes().take_while(u8::is_ascii_digit).count()]
}

fn by_value(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn rest<'a>(text: &'a str, digits: &str) -> &'a str {
    let letter = text.chars().next().map_or(0, char::len_utf8);
    &text[digits.len().max(if digits.is_empty() { letter } else { 0 })..]
}

fn fold(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn names_are_encoded_where_they_cannot_be_shown() {
        for (name, encoded) in [
            (&b"dosar 17 - Pe\xc8\x99tera.tif"[..], "dosar 17 - Peștera.tif"),
            (b"Pe\xbatera.tif", "Pe%BAtera.tif"),
            (b"100%\n.tif", "100%25%0A.tif"),
        ] {
            assert_eq!(encode_name(name), encoded);
            assert_eq!(encode_path(Path::new(OsStr::from_bytes(name))), encoded);
        }
        assert_eq!(encode_path(Path::new("/a/./b c")), "/a/b c");
    }

    #[test]
    fn over_long_names_stay_distinct() {
        let long = "ă".repeat(150);
        let (a, b) = (
            master_path(&format!("{long}1.tif")),
            master_path(&format!("{long}2.tif")),
        );
        assert!(a != b && a.len() < 255 && a.starts_with("masters/ăă"));
        assert_eq!(master_path("a/b.tif"), "masters/a/b.tif");
    }

    #[test]
    fn numbers_sort_by_value_and_folders_part_by_part() {
        let sorted = [
            "1.tif", "2.tif", "010.tif", "10.tif", "10a.tif", "2/1.tif", "10/1.tif", "A2.tif", "a10.tif",
            "b.tif", "ș.tif",
        ];
        let mut shuffled = sorted;
        shuffled.reverse();
        shuffled.sort_by(|a, b| natural_order(a, b));
        // A folder "2" comes by its own number, before the files of larger ones.
        let expected = [
            "1.tif", "2/1.tif", "2.tif", "10/1.tif", "010.tif", "10.tif", "10a.tif", "A2.tif", "a10.tif",
            "b.tif", "ș.tif",
        ];
        assert_eq!(shuffled, expected);
        assert_eq!(natural_order("a", "a"), Ordering::Equal);
    }
}
