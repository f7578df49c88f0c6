//! By which variables do processes of a runner that run side by side know which one they are?

use std::env;

/// Which of several workers a process is of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct WorkerNumber {
    /// From 0.
    pub(crate) worker: usize,
    pub(crate) workers: usize,
}

impl WorkerNumber {
    /// Of this process; none where its worker is the only one.
    fn of_environment() -> Option<Self> {
        let number = |name: &str| env::var(name).ok()?.parse::<usize>().ok();
        let workers = number("SUBUNIT_WORKERS").filter(|workers| *workers > 1)?;
        Some(Self { worker: number("SUBUNIT_WORKER")?, workers })
    }
}

/// Says by its own variables which of several processes this is, as a runner does for its own workers: suites name databases and ports by
/// them.
pub(crate) type ToldApart = fn(WorkerNumber) -> Vec<(&'static str, String)>;

/// The variables for a process of this worker. What the user has set stays.
pub(super) fn variables(told_apart: ToldApart) -> Vec<(&'static str, String)> {
    let mut variables = WorkerNumber::of_environment().map(told_apart).unwrap_or_default();
    variables.retain(|(name, _)| env::var_os(name).is_none());
    variables
}
