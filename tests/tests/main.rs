//! Whole-program tests in one binary: each module says what it holds the program to.

// Marked as test code, so that clippy allows `unwrap` and printing in its helper functions too.
#[cfg(test)]
mod suite {
    mod architecture;
    mod attestation;
    mod browser;
    mod doubtful;
    mod faults;
    mod integrity;
    mod inventory;
    mod ledger;
    mod load;
    mod outside;
    mod program;
    mod proofs;
    mod sample;
    mod schemas;
    /// One SeaweedFS for these tests and for those of the store.
    #[path = "../../../store/tests/store/seaweed.rs"]
    mod seaweed;
    mod serve;
    mod state;
    mod tampering;
    mod tools;
}
