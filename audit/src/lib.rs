//! Reading the archive back against itself.
//!
//! [`verify`] re-hashes every object, checks OCFL, and holds store, catalog and index against each other; it
//! returns findings, and an error only where it could not look. [`rebuild`] makes the catalog again from
//! nothing but the store.

mod error;
mod finding;
mod rebuild;
mod verify;

pub use error::AuditError;
pub use finding::{Checked, Finding, FindingKind, Report};
pub use rebuild::{Rebuilt, rebuild};
pub use verify::{Scope, Verification, verify};
