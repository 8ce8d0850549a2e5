//! Whole-program tests in one binary: each module says what it holds the program to.

// Marked as test code, so that clippy allows `unwrap` and printing in its helper functions too.
#[cfg(test)]
mod suite {
    mod architecture;
    mod integrity;
    mod load;
    mod program;
    mod schemas;
    mod tools;
}
