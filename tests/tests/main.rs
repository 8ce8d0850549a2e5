//! Whole-program tests in one binary: each module says what it holds the program to.

// Marked as test code, so that clippy allows `unwrap` and printing in its helper functions too.
#[cfg(test)]
mod suite {
    mod architecture;
    mod attestation;
    mod boxes;
    mod browser;
    mod contract;
    mod doubtful;
    mod durability;
    mod faults;
    mod fixity;
    mod integrity;
    mod inventory;
    mod ledger;
    mod load;
    mod names;
    mod outside;
    mod power;
    mod program;
    mod proofs;
    mod repair;
    mod sample;
    mod schemas;
    /// One SeaweedFS for these tests and for those of the store.
    #[path = "../../../store/tests/store/seaweed.rs"]
    mod seaweed;
    mod serve;
    mod stacks;
    mod state;
    mod tampering;
    mod tools;
}
