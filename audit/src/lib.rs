//! Reading the archive back against itself.
//!
//! [`verify`] re-hashes every object, checks OCFL, and holds store, catalog, log and index against each other; it
//! returns findings, and an error only where it could not look; [`verify_due`] comes to everything in its turn, and
//! [`record_fixity`] logs what came of it. [`restore`] puts back damaged files from a second store,
//! those of dossiers ([`examine`]) and those of log and journal ([`examine_log`]). [`prove`] writes what shows to strangers that a
//! master is as it was deposited, [`check_bundle`] checks it. [`rebuild`] makes the catalog again from nothing but
//! the store, [`record_review`] writes there what people decided of doubtful pages. What all of them say in English, [`in_romanian`] says in Romanian.

mod bundle;
mod error;
mod finding;
mod index;
mod journal;
mod keeping;
mod log;
mod log_repair;
mod rebuild;
mod record;
mod repair;
mod review;
mod romanian;
mod schedule;
mod times;
mod verify;

pub use bundle::{BundleReport, BundleTrust, BundleVerdict, CheckedLeaf, Proven, check_bundle, prove};
pub use error::AuditError;
pub use finding::{Checked, Finding, FindingKind, Report, Resumed};
pub use log::LogTrust;
pub use log_repair::{LogDamage, examine_log};
pub use rebuild::{Rebuilt, rebuild};
pub use repair::{Damage, DamagedFiles, Examined, SecondStore, Unrestored, examine, restore};
pub use review::{Judgement, record_review};
pub use romanian::in_romanian;
pub use schedule::{
    FIXITY_RECORD_FORMAT, FixityRecord, LogRepair, Schedule, VerifiedDossier, is_record_due, record_fixity,
    record_log_repair, verify_due,
};
pub use verify::{Beginning, Scope, Verification, verify};
