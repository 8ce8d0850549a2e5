//! Exit codes: what scripts may rely on.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// All is well.
    Done,
    /// Done, but some files are quarantined.
    Quarantined,
    /// A proof is consistent, but nobody knows who signed it.
    SignerUnknown,
    /// Integrity findings, or a proof that is refused.
    Findings,
    /// Wrong usage.
    Usage,
    /// It could not be done.
    Failed,
}

impl Exit {
    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Quarantined => 3,
            Self::Findings => 4,
            Self::SignerUnknown => 5,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_documented() {
        let codes = [
            (Exit::Done, 0),
            (Exit::Failed, 1),
            (Exit::Usage, 2),
            (Exit::Quarantined, 3),
            (Exit::Findings, 4),
            (Exit::SignerUnknown, 5),
        ];
        for (exit, code) in codes {
            assert_eq!(exit.code(), code);
        }
        assert_eq!(
            [Exit::Done, Exit::Failed, Exit::Quarantined].into_iter().max(),
            Some(Exit::Failed)
        );
    }
}
