//! The log from outside: what it stores, proves, survives and refuses.

mod consistency;
mod crash;
mod formats;
mod go;
mod log;
mod proofs;
mod support;
mod tamper;
mod tree;
mod witness;
