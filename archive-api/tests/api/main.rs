//! The API as programs meet it: status, headers and body of every route, held against the OpenAPI document.

// Marked as test code, so that clippy allows `unwrap` in its functions too.
#[cfg(test)]
mod archive;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod delivery;
#[cfg(test)]
mod iiif;
#[cfg(test)]
mod pictures;
#[cfg(test)]
mod routes;
#[cfg(test)]
mod server;
#[cfg(test)]
mod web;
