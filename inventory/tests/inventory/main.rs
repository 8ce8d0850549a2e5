//! The crate from outside: files as offices send them, boxes as people name them, pages as printed.

mod printing;
mod reading;
mod reconciling;
mod workbooks;
