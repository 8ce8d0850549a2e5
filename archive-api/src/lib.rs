//! The HTTP API of the archive, and pages for people; and the one route of a witness of other archives' logs.
//!
//! ```text
//! request --guard--> route --handler--> view (JSON) | bytes of the store | page (HTML) | PDF
//!                               \-----> ApiError --> problem details (RFC 9457), in one place
//! ```
//!
//! Invariants:
//!
//! - nothing here writes to the archive: every route reads;
//! - untrusted bytes are never decoded in this process: pictures come from the worker pool;
//! - originals leave as they were received, always as a download, and the last bytes of a damaged one are
//!   withheld, so that nobody takes it for whole;
//! - `ETag`s follow from digests, so that a picture seen before costs neither decoding nor bytes;
//! - the OpenAPI document is made from the handlers that answer: a route without a description cannot be added;
//! - only loopback, and only under a name of loopback: a page of the web that resolves its own name to this
//!   machine is refused.

mod about;
mod batches;
mod conditional;
mod dossiers;
mod doubtful;
mod error;
mod export;
mod extract;
mod files;
mod guard;
mod hits;
mod iiif;
mod images;
mod links;
mod metrics;
mod openapi;
mod pages;
mod proofs;
mod range;
mod refusal;
mod renditions;
mod routes;
mod search;
mod server;
mod state;
mod status;
mod texts;
mod views;
mod web;
mod witness;

pub use openapi::document;
pub use routes::router;
pub use server::{ServeError, check_loopback, serve};
pub use state::ApiState;
pub use witness::serve_witness;
