//! The types of the tamper-evident log.
