//! Immutable objects on a local folder or S3, with the OCFL 1.1 layout on top.
