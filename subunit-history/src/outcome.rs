//! What a test came to in a run, as the index keeps it.

use subunit_core::Status;

/// What a test came to: the code of its status on the wire, or [`OutcomeCode::FLAKY`]. 0 is absent.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct OutcomeCode(u8);

impl OutcomeCode {
    /// The test is not in the run.
    pub const ABSENT: Self = Self(0);
    /// It was listed, and did not run.
    pub const EXISTS: Self = Self(1);
    /// It began and never ended.
    pub const UNFINISHED: Self = Self(2);
    /// It passed.
    pub const SUCCESS: Self = Self(3);
    /// It passed unexpectedly.
    pub const UXSUCCESS: Self = Self(4);
    /// It was skipped.
    pub const SKIP: Self = Self(5);
    /// It failed.
    pub const FAIL: Self = Self(6);
    /// It failed as expected.
    pub const XFAIL: Self = Self(7);
    /// It failed, and then passed in the same run.
    pub const FLAKY: Self = Self(8);

    /// What a result came to.
    pub(crate) fn of(status: Option<Status>, is_flaky: bool) -> Self {
        match status {
            _ if is_flaky => Self::FLAKY,
            None => Self::UNFINISHED,
            Some(Status::Exists) => Self::EXISTS,
            Some(Status::InProgress) => Self::UNFINISHED,
            Some(Status::Success) => Self::SUCCESS,
            Some(Status::UnexpectedSuccess) => Self::UXSUCCESS,
            Some(Status::Skip) => Self::SKIP,
            Some(Status::Fail) => Self::FAIL,
            Some(Status::ExpectedFailure) => Self::XFAIL,
        }
    }

    /// The outcome of a code; absent for what is none.
    pub(crate) fn from_code(code: u8) -> Self {
        if code <= Self::FLAKY.0 { Self(code) } else { Self::ABSENT }
    }

    /// The code.
    pub fn code(self) -> u8 {
        self.0
    }

    /// Whether it passed, in whatever way, or failed as expected.
    pub fn is_good(self) -> bool {
        matches!(self, Self::SUCCESS | Self::XFAIL | Self::FLAKY)
    }

    /// Whether it failed, passed unexpectedly or never ended.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::FAIL | Self::UXSUCCESS | Self::UNFINISHED)
    }

    /// Whether it says something about the test: it is good or bad.
    pub(crate) fn is_telling(self) -> bool {
        self.is_good() || self.is_bad()
    }

    /// Those of these that say something about the test.
    pub(crate) fn telling(outcomes: &[Self]) -> impl Iterator<Item = Self> {
        outcomes.iter().copied().filter(|outcome| outcome.is_telling())
    }

    /// The worse one, which stands for both: failed is worse than never ended, and not run is better than passed.
    pub(crate) fn worse(self, other: Self) -> Self {
        if other.badness() > self.badness() { other } else { self }
    }

    fn badness(self) -> u8 {
        match self {
            Self::EXISTS => 1,
            Self::SKIP => 2,
            Self::XFAIL => 3,
            Self::SUCCESS => 4,
            Self::FLAKY => 5,
            Self::UXSUCCESS => 6,
            Self::UNFINISHED => 7,
            Self::FAIL => 8,
            _ => 0,
        }
    }

    /// The word for it: that of its status, `unfinished`, or `flaky`.
    pub fn word(self) -> &'static str {
        match self {
            Self::EXISTS => "exists",
            Self::UNFINISHED => "unfinished",
            Self::SUCCESS => "success",
            Self::UXSUCCESS => "uxsuccess",
            Self::SKIP => "skip",
            Self::FAIL => "fail",
            Self::XFAIL => "xfail",
            Self::FLAKY => "flaky",
            _ => "absent",
        }
    }
}

/// How long a test took, in 16 bits: microseconds below 2048, above that 11 bits of mantissa. The error is at most
/// 0.1 %; the longest is 50 days.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Micros(u16);

impl Micros {
    /// So many microseconds.
    pub fn new(micros: u128) -> Self {
        /// The greatest that has a code: the mantissa 2047 with the exponent 62.
        const MOST: u64 = 2047 << 21;
        let micros = u64::try_from(micros).unwrap_or(MOST).min(MOST);
        let exponent = (64 - micros.leading_zeros()).saturating_sub(11);
        // The top bit of the mantissa adds 1 to the exponent.
        let packed = (u64::from(exponent) << 10) + (micros >> exponent);
        Self(u16::try_from(packed).unwrap_or(u16::MAX))
    }

    /// The time in microseconds.
    pub fn get(self) -> u64 {
        let packed = u64::from(self.0);
        if packed < 2048 {
            return packed;
        }
        ((packed & 1023) + 1024) << ((packed >> 10) - 1).min(53)
    }

    pub(crate) fn to_le_bytes(self) -> [u8; 2] {
        self.0.to_le_bytes()
    }

    pub(crate) fn from_le_bytes(bytes: [u8; 2]) -> Self {
        Self(u16::from_le_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_kept_to_a_thousandth_and_in_their_order() {
        let mut last = Micros::default();
        let powers = (0..32).flat_map(|shift| [(1_u128 << shift) - 1, 1 << shift, 3 << shift]);
        let mut all: Vec<u128> =
            (0..5000).chain(powers).filter(|micros| *micros < 1 << 32).collect();
        all.sort_unstable();
        for micros in all {
            let packed = Micros::new(micros);
            let error = micros - u128::from(packed.get());
            assert!(error * 1000 <= micros, "{micros} became {}", packed.get());
            assert!(packed >= last, "{micros}");
            last = packed;
        }
        assert_eq!(Micros::new(2047).get(), 2047);
        assert!(Micros::new(u128::MAX) >= last);
    }

    #[test]
    fn every_code_can_be_read() {
        for packed in 0..=u16::MAX {
            Micros(packed).get();
        }
        for code in 0..=u8::MAX {
            let outcome = OutcomeCode::from_code(code);
            assert!(!(outcome.is_good() && outcome.is_bad()));
            assert!(!outcome.word().is_empty());
        }
    }
}
