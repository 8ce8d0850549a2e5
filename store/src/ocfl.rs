//! The Oxford Common File Layout 1.1 (<https://ocfl.io/1.1/spec/>) on any store of objects.
//!
//! One dossier is one OCFL object. A tool that never heard of this program can read and validate the
//! whole storage root.
//!
//! A version is written in one order: its content, its inventory and sidecar (*the commit point*), the
//! object's declaration, then the root's inventory and sidecar. The inventory is a pure function of the
//! one before and of the [`VersionPlan`], so that repeating a plan, or two writers with the same plan,
//! can only write the same bytes. The root's two files cannot be replaced at once: the object's state is
//! the highest version whose own pair agrees, whatever the root says, and recovery rewrites the root.

mod commit;
mod expected;
mod inventory;
mod layout;
mod path;
mod plan;
mod read;
mod recovery;
mod root;
mod validate;

pub use commit::CommittedVersion;
pub use expected::ExpectedFile;
pub use inventory::{Inventory, User, Version};
pub use path::LogicalPath;
pub use plan::{NewContent, VersionPlan};
pub use read::ObjectRoot;
pub use recovery::{Recovery, RootState};
pub use root::StorageRoot;
pub use validate::{FaultyContent, Finding, Fixity, OcflCode, validate_object};
