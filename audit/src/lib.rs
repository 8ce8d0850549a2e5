//! Reading the archive back against itself: verify and rebuild.
