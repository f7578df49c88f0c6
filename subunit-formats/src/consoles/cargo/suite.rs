//! What is counted of a program that runs, or of several.

/// A program that runs, or the sums of several.
#[derive(Clone, Debug, Default)]
pub(super) struct Suite {
    pub(super) announced: u64,
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) all: u64,
    /// Tests that passed or were ignored, as far as dots tell it.
    pub(super) dots: (u64, u64),
}

impl Suite {
    /// The sums of all.
    pub(super) fn sum(suites: &[Self]) -> Self {
        suites.iter().fold(Self::default(), |sum, suite| Self {
            announced: sum.announced.saturating_add(suite.announced),
            passed: sum.passed.saturating_add(suite.passed),
            failed: sum.failed.saturating_add(suite.failed),
            all: sum.all.saturating_add(suite.all),
            dots: (
                sum.dots.0.saturating_add(suite.dots.0),
                sum.dots.1.saturating_add(suite.dots.1),
            ),
        })
    }
}
