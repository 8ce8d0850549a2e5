//! The program `hrisov`.

fn main() {}
