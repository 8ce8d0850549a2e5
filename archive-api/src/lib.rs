//! The HTTP API of the archive.
