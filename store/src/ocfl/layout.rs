//! Names fixed by OCFL 1.1, and the layout extension 0003-hash-and-id-n-tuple-storage-layout
//! (<https://ocfl.github.io/extensions/0003-hash-and-id-n-tuple-storage-layout.html>).
//!
//! 0003 and not 0004: an object's folder bears its identifier, so that a person finds a dossier's files with
//! `ls`, and ocfl-py, which auditors use beside rocfl, walks no root of 0004.

use std::fmt::Write as _;

use hrisov_model::Digest;
use serde_json::{Value, json};

use crate::Key;

/// The folder of the storage root in a store.
pub(super) const STORAGE_ROOT: &str = "ocfl";
/// Declaration of the storage root and the text in it (section 4.1).
pub(super) const ROOT_DECLARATION: (&str, &str) = ("0=ocfl_1.1", "ocfl_1.1\n");
/// Declaration of an object and the text in it (section 3.3).
pub(super) const OBJECT_DECLARATION: (&str, &str) = ("0=ocfl_object_1.1", "ocfl_object_1.1\n");
/// The file that names the layout.
pub(super) const LAYOUT_FILE: &str = "ocfl_layout.json";
/// The file with the layout's parameters.
pub(super) const LAYOUT_CONFIG: &str = "extensions/0003-hash-and-id-n-tuple-storage-layout/config.json";
/// The inventory of an object or version.
pub(super) const INVENTORY: &str = "inventory.json";
/// The inventory's digest.
pub(super) const SIDECAR: &str = "inventory.json.sha256";
/// The folder of a version's content.
pub(super) const CONTENT: &str = "content";

const LAYOUT: &str = "0003-hash-and-id-n-tuple-storage-layout";
const TUPLE_SIZE: usize = 3;
const NUMBER_OF_TUPLES: usize = 3;
/// Longest name made of an identifier alone; a longer one is cut there and ends with the digest.
const ENCODED_MAX_CHARS: usize = 100;

/// What `ocfl_layout.json` says.
pub(super) fn layout_file() -> Value {
    json!({
        "extension": LAYOUT,
        "description": "Object roots lie at the SHA-256 of their identifier: three folders of three digits each, \
                        then a folder named by the identifier, percent-encoded",
    })
}

/// What the layout's `config.json` says.
pub(super) fn layout_config() -> Value {
    json!({
        "extensionName": LAYOUT,
        "digestAlgorithm": "sha256",
        "tupleSize": TUPLE_SIZE,
        "numberOfTuples": NUMBER_OF_TUPLES,
    })
}

/// Where an object lies below the storage root.
pub(super) fn object_path(object_id: &str) -> Key {
    let digits = Digest::of(object_id.as_bytes()).to_string();
    let mut name = encoded(object_id);
    // An empty identifier is refused by whoever plans a version; asking for its place is no reason to fail.
    if name.is_empty() || name.len() > ENCODED_MAX_CHARS {
        name.truncate(ENCODED_MAX_CHARS);
        name.push('-');
        name.push_str(&digits);
    }
    let tuples = tuples(&digits).chain([name.as_str()]).collect::<Vec<_>>();
    tuples
        .join("/")
        .parse()
        .expect("hexadecimal digits and an encoded name make a key")
}

/// The part of a path below the storage root that can be an object's root: the tuples of a digest, then the
/// encoded identifier that has this digest, or a cut one that ends with it.
pub(super) fn object_part(path: &Key) -> Option<Key> {
    let parts: Vec<_> = path.parts().take(NUMBER_OF_TUPLES + 1).collect();
    let (name, folders) = parts.split_last()?;
    let digits = match name
        .get(ENCODED_MAX_CHARS..)
        .and_then(|end| end.strip_prefix('-'))
    {
        Some(digits) => digits.to_owned(),
        None => Digest::of(decoded(name)?.as_bytes()).to_string(),
    };
    let fits = digits.len() == 64 && tuples(&digits).eq(folders.iter().copied());
    fits.then(|| parts.join("/").parse().expect("parts of a key make a key"))
}

fn tuples(digits: &str) -> impl Iterator<Item = &str> {
    (0..NUMBER_OF_TUPLES).filter_map(|n| digits.get(n * TUPLE_SIZE..(n + 1) * TUPLE_SIZE))
}

/// An identifier as a folder's name: every byte but ASCII letters, digits, `-` and `_` as `%` and two
/// lower-case digits.
fn encoded(object_id: &str) -> String {
    let mut name = String::with_capacity(object_id.len() + 8);
    for byte in object_id.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            name.push(char::from(byte));
        } else {
            write!(name, "%{byte:02x}").expect("writing to a string cannot fail");
        }
    }
    name
}

/// The identifier of a folder's name; `None` where the name encodes none.
fn decoded(name: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    let object_id = String::from_utf8(bytes).ok()?;
    (encoded(&object_id) == name).then_some(object_id)
}

/// The name of a version's folder.
pub(super) fn version_name(version: u32) -> String {
    format!("v{version}")
}

/// The number of a version's folder: `v` and a decimal number from 1 without leading zeros, which is the
/// form this program writes.
pub(super) fn version_number(name: &str) -> Option<u32> {
    let number = name.strip_prefix('v')?.parse().ok()?;
    (number > 0 && version_name(number) == name).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn object_roots_lie_where_the_extension_says() {
        // Examples 1 and 4 of the extension's text, with its default parameters.
        let long = "abcdefghij".repeat(26);
        for (id, path) in [
            ("object-01", "3c0/ff4/240/object-01"),
            ("..hor/rib:le-$id", "487/326/d8c/%2e%2ehor%2frib%3ale-%24id"),
            (
                long.as_str(),
                "55b/432/806/abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij\
                 abcdefghij-55b432806f4e270da0cf23815ed338742179002153cd8d896f23b3e2d8a14359",
            ),
        ] {
            assert_eq!(object_path(id).as_str(), path);
            let inside = object_path(id).child("v1/content/a").unwrap();
            assert_eq!(object_part(&inside), Some(object_path(id)));
        }
        for other in [
            "0=ocfl_1.1",
            "3c0/ff4/240",
            "3c0/ff4/240/object-02",
            "3c0/ff4/240/inventory.json",
            "3c0/ff4/240/object-0%31",
            "a/b/c/d",
        ] {
            assert_eq!(object_part(&Key::literal(other)), None, "{other}");
        }
    }

    #[test]
    fn only_plain_numbers_are_versions() {
        assert_eq!(version_number("v12"), Some(12));
        for bad in ["v0", "v01", "v", "1", "v-1", "v+1", "v99999999999"] {
            assert_eq!(version_number(bad), None, "{bad}");
        }
    }
}
