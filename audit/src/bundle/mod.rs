//! Proof bundles: everything that shows, without archive and network, that masters and events are in the log.
//!
//! ```text
//! LEGE-READ-ME.txt   what it is and how to check it by hand, in Romanian and English
//! check.sh           that check as a script of sha256sum and openssl, for any POSIX shell
//! manifest.json      what lies in which folder
//! checkpoint         the log's signed size and root, with the signatures of witnesses
//! stamp.tsr          a time stamp over the checkpoint's text (RFC 3161), where there is one
//! log.pub, key.pem   the log's public key: not to be trusted because it is here
//! events.xml         the events (PREMIS 3), each with its salt
//! 1/                 one folder for each leaf
//!   leaf.json        the leaf, to the byte
//!   page.tlog-proof  that it is under the checkpoint (C2SP tlog-proof)
//!   salt             what blinds the leaf's commitment, 64 hexadecimal digits
//!   sha256           the digest that the leaf commits to, 64 hexadecimal digits
//!   master.*         the bytes themselves, where the leaf is that of a master's deposit
//! ```

mod check;
mod files;
mod write;

pub use check::{BundleReport, BundleTrust, BundleVerdict, CheckedLeaf, check_bundle};
pub use write::{Proven, prove};

use hrisov_model::{Digest, DossierId, EventId};
use serde::{Deserialize, Serialize};

/// The value of `format` in every manifest of this version.
const BUNDLE_FORMAT: &str = "hrisov-proof/1";

const README: &str = "LEGE-READ-ME.txt";
const SCRIPT: &str = "check.sh";
const MANIFEST: &str = "manifest.json";
const CHECKPOINT: &str = "checkpoint";
const STAMP: &str = "stamp.tsr";
const PUBLIC_KEY: &str = "log.pub";
const PUBLIC_KEY_PEM: &str = "key.pem";
const EVENTS: &str = "events.xml";
const LEAF: &str = "leaf.json";
const PROOF: &str = "page.tlog-proof";
const SALT: &str = "salt";
const DIGEST: &str = "sha256";

const README_TEXT: &str = include_str!("LEGE-READ-ME.txt");
const SCRIPT_TEXT: &str = include_str!("check.sh");

/// What a bundle holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    /// [`BUNDLE_FORMAT`].
    format: String,
    /// Whose events.
    dossier: DossierId,
    /// One for each folder, in their order.
    leaves: Vec<ManifestLeaf>,
}

/// What one folder holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ManifestLeaf {
    /// The event whose leaf it is.
    event: EventId,
    /// The dossier that the leaf speaks of, where that is not this one but the stack which keeps its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stack: Option<DossierId>,
    /// The digest that the leaf commits to.
    sha256: Digest,
    /// The master in the folder, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    master: Option<ManifestMaster>,
}

/// A master in a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ManifestMaster {
    /// Its name in the folder.
    file: String,
    /// Its path in the box, as it was received.
    source_path: String,
    /// Its size.
    size_bytes: u64,
    /// The pages of the dossier that it holds, from 1.
    pages: Vec<u32>,
}

/// Path of a file in the folder of a leaf; the first folder is 1.
fn in_folder(place: usize, name: &str) -> String {
    format!("{}/{name}", place + 1)
}

/// A name that every system takes: letters and digits only.
fn master_name(source_path: &str) -> String {
    let ending = source_path
        .rsplit('/')
        .next()
        .and_then(|name| name.rsplit_once('.'));
    let ending = ending.map(|(_, ending)| ending.to_ascii_lowercase());
    let ending = ending.filter(|ending| {
        (1..=5).contains(&ending.len()) && ending.chars().all(|c| c.is_ascii_alphanumeric())
    });
    format!("master.{}", ending.as_deref().unwrap_or("bin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_masters_are_tame() {
        for (source, expected) in [
            ("1/scan.TIF", "master.tif"),
            ("cerere.pdf", "master.pdf"),
            ("fără", "master.bin"),
            ("a.b/c", "master.bin"),
            ("x.înv", "master.bin"),
            ("x.", "master.bin"),
            ("x.jpeg2000", "master.bin"),
        ] {
            assert_eq!(master_name(source), expected);
        }
    }
}
