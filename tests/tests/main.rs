//! Whole-program tests in one binary: each module says what it holds the program to.

mod suite {
    mod architecture;
    mod schemas;
    mod tools;
}
