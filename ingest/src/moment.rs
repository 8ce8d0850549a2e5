//! Time and chance: the two things of a load that are not a function of its input.

use hrisov_model::Salt;
use jiff::{Timestamp, Unit};

use crate::IngestError;

/// Now, in whole milliseconds, the precision in which every stored format keeps it.
pub fn now() -> Timestamp {
    Timestamp::now()
        .round(Unit::Millisecond)
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A fresh salt from the system's random source.
///
/// # Errors
/// [`IngestError::Random`].
pub fn salt() -> Result<Salt, IngestError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(IngestError::Random)?;
    Ok(Salt::new(bytes))
}
