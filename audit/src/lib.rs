//! Reading the archive back against itself.
//!
//! [`verify`] re-hashes every object, checks OCFL, and holds store, catalog, log and index against each other; it
//! returns findings, and an error only where it could not look. [`prove`] writes what shows to strangers that a
//! master is as it was deposited, [`check_bundle`] checks it. [`rebuild`] makes the catalog again from nothing but
//! the store.

mod bundle;
mod error;
mod finding;
mod log;
mod rebuild;
mod verify;

pub use bundle::{BundleReport, BundleTrust, BundleVerdict, CheckedLeaf, Proven, check_bundle, prove};
pub use error::AuditError;
pub use finding::{Checked, Finding, FindingKind, Report};
pub use log::LogTrust;
pub use rebuild::{Rebuilt, rebuild};
pub use verify::{Scope, Verification, verify};
