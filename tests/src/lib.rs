//! Whole-program tests, fault injection and conformance with outside validators.
