//! Immutable objects on a local folder or S3, with the OCFL 1.1 layout on top.
//!
//! The store is the archive: everything else can be made again from it. [`Blobs`] is what a place of
//! objects can do; only [`Blobs::put_immutable`] makes a [`StoredObject`], so that nothing can be
//! recorded before it is durable. This crate alone knows the S3 client.

mod ability;
mod blobs;
pub mod dossier;
mod error;
mod faulty;
mod key;
mod local;
mod memory;
pub mod ocfl;
mod s3;
mod spool;
mod store_url;
mod throttled;

pub use ability::{Ability, Holds, probe};
pub use blobs::{Blobs, ByteStream, ObjectMeta, Source, StoredObject};
pub use dossier::DossierError;
pub use error::StoreError;
pub use faulty::{After, Effect, Fault, FaultyBlobs, TEST_FAULT_VARIABLE};
pub use key::Key;
pub use local::LocalBlobs;
pub use memory::MemoryBlobs;
pub use s3::S3Blobs;
pub use spool::{LocalMaster, Spool};
pub use store_url::{Addressing, S3Address, StoreUrl, create, open};
pub use throttled::ThrottledBlobs;
