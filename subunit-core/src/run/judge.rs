//! What a run is judged by.

use super::Baseline;

/// Whether flaky tests, which passed after they had failed, pass or fail.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum FlakyTests {
    /// A flaky test has passed.
    #[default]
    Pass,
    /// A flaky test fails the run.
    Fail,
}

/// What a run is judged by.
#[derive(Clone, Debug, Default)]
pub struct Judge {
    /// Whether flaky tests pass or fail.
    pub flaky_tests: FlakyTests,
    /// The run to compare with.
    pub baseline: Option<Baseline>,
}
