//! Page text to search index to hits.
