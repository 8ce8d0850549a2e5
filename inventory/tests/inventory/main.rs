//! The crate from outside: files as offices send them, boxes as people name them, pages as printed.

// Marked as test code, so that clippy allows `unwrap` in its functions too.
#[cfg(test)]
mod printing;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod reconciling;
#[cfg(test)]
mod workbooks;
