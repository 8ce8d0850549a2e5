//! Names fixed by OCFL 1.1, and the layout extension 0004-hashed-n-tuple-storage-layout
//! (<https://ocfl.github.io/extensions/0004-hashed-n-tuple-storage-layout.html>).

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
pub(super) const LAYOUT_CONFIG: &str = "extensions/0004-hashed-n-tuple-storage-layout/config.json";
/// The inventory of an object or version.
pub(super) const INVENTORY: &str = "inventory.json";
/// The inventory's digest.
pub(super) const SIDECAR: &str = "inventory.json.sha256";
/// The folder of a version's content.
pub(super) const CONTENT: &str = "content";

const LAYOUT: &str = "0004-hashed-n-tuple-storage-layout";
const TUPLE_SIZE: usize = 3;
const NUMBER_OF_TUPLES: usize = 3;

/// What `ocfl_layout.json` says.
pub(super) fn layout_file() -> Value {
    json!({
        "extension": LAYOUT,
        "description": "Object roots lie at the SHA-256 of their identifier: three folders of three digits each, \
                        then a folder of all 64 digits",
    })
}

/// What the layout's `config.json` says.
pub(super) fn layout_config() -> Value {
    json!({
        "extensionName": LAYOUT,
        "digestAlgorithm": "sha256",
        "tupleSize": TUPLE_SIZE,
        "numberOfTuples": NUMBER_OF_TUPLES,
        "shortObjectRoot": false,
    })
}

/// Where an object lies below the storage root.
pub(super) fn object_path(object_id: &str) -> Key {
    let digits = Digest::of(object_id.as_bytes()).to_string();
    let tuples = (0..NUMBER_OF_TUPLES).map(|n| &digits[n * TUPLE_SIZE..(n + 1) * TUPLE_SIZE]);
    let path = tuples.chain([digits.as_str()]).collect::<Vec<_>>().join("/");
    path.parse().expect("hexadecimal digits make a key")
}

/// The part of a path below the storage root that can be an object's root: three tuples and 64 digits.
pub(super) fn object_part(path: &Key) -> Option<Key> {
    let parts: Vec<_> = path.parts().take(NUMBER_OF_TUPLES + 1).collect();
    let (digits, tuples) = parts.split_last()?;
    let is_digits = |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let fits = tuples.len() == NUMBER_OF_TUPLES && digits.len() == 64 && is_digits(digits);
    let begins = fits && tuples.concat() == digits[..NUMBER_OF_TUPLES * TUPLE_SIZE];
    begins.then(|| parts.join("/").parse().expect("parts of a key make a key"))
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
        // Example 1 of the extension's text.
        for (id, path) in [
            (
                "object-01",
                "3c0/ff4/240/3c0ff4240c1e116dba14c7627f2319b58aa3d77606d0d90dfc6161608ac987d4",
            ),
            (
                "..hor/rib:le-$id",
                "487/326/d8c/487326d8c2a3c0b885e23da1469b4d6671fd4e76978924b4443e9e3c316cda6d",
            ),
        ] {
            assert_eq!(object_path(id).as_str(), path);
            let inside = object_path(id).child("v1/content/a").unwrap();
            assert_eq!(object_part(&inside), Some(object_path(id)));
        }
        for other in [
            "0=ocfl_1.1",
            "3c0/ff4/240",
            "3c0/ff4/240/inventory.json",
            "a/b/c/d",
        ] {
            assert_eq!(object_part(&Key::literal(other)), None);
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
