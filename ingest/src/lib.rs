//! The batch pipeline: survey, deposit, recognise, commit.
