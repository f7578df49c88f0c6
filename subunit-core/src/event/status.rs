//! The statuses of a test.

use std::{fmt, str::FromStr};

/// What happened to a test. The discriminants are the wire's codes; 0 means no status.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum Status {
    /// The test exists; it was listed, not run.
    Exists = 1,
    /// The test has started.
    InProgress = 2,
    /// The test passed.
    Success = 3,
    /// The test passed although it was expected to fail.
    UnexpectedSuccess = 4,
    /// The test was not run, on purpose.
    Skip = 5,
    /// The test failed.
    Fail = 6,
    /// The test failed, as was expected.
    ExpectedFailure = 7,
}

impl Status {
    /// All statuses, in the order of their codes.
    pub const ALL: [Self; 7] = [
        Self::Exists,
        Self::InProgress,
        Self::Success,
        Self::UnexpectedSuccess,
        Self::Skip,
        Self::Fail,
        Self::ExpectedFailure,
    ];

    /// The word that all of subunit uses: `exists`, `inprogress`, `success`, `uxsuccess`, `skip`,
    /// `fail`, `xfail`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exists => "exists",
            Self::InProgress => "inprogress",
            Self::Success => "success",
            Self::UnexpectedSuccess => "uxsuccess",
            Self::Skip => "skip",
            Self::Fail => "fail",
            Self::ExpectedFailure => "xfail",
        }
    }

    /// Whether the test has ended with this status. `exists` and `inprogress` do not end a test.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Exists | Self::InProgress)
    }

    /// Whether a run that holds this status has failed: `fail` and `uxsuccess`.
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::Fail | Self::UnexpectedSuccess)
    }

    pub(crate) const fn code(self) -> u16 {
        self as u16
    }

    /// The status of a wire code from 0 to 7.
    #[inline(always)]
    pub(crate) const fn from_code(code: u16) -> Option<Self> {
        match code {
            1 => Some(Self::Exists),
            2 => Some(Self::InProgress),
            3 => Some(Self::Success),
            4 => Some(Self::UnexpectedSuccess),
            5 => Some(Self::Skip),
            6 => Some(Self::Fail),
            7 => Some(Self::ExpectedFailure),
            _ => None,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that names no status.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a status: it is one of exists, inprogress, success, uxsuccess, skip, fail, xfail")]
pub struct UnknownStatus;

impl FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|status| status.name() == word).ok_or(UnknownStatus)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_go_both_ways() {
        for status in Status::ALL {
            assert_eq!(Status::from_code(status.code()), Some(status));
            assert_eq!(status.name().parse(), Ok(status));
        }
        assert_eq!(Status::from_code(0), None);
        assert_eq!("failed".parse::<Status>(), Err(UnknownStatus));
    }
}
