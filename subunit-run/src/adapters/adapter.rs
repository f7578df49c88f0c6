//! What a row of the table of runners says.

use super::{
    project::Project, runner_commands::RunnerCommands, words::CommandWords, worker::RunnerWorker,
};

/// How the tests of one runner are found, listed and run.
pub(crate) struct Adapter {
    /// What people call the runner.
    pub(crate) name: &'static str,
    /// What says that a folder has tests of it, for people.
    pub(super) looks_for: &'static str,
    /// Whether a folder has tests of it.
    pub(super) detect: fn(&Project) -> Option<RunnerSign>,
    /// How many words at the start of a command are the runner, if it runs tests.
    pub(super) recognise: fn(&[&str]) -> Option<usize>,
    /// How a command of it lists and runs tests.
    pub(super) commands: fn(&CommandWords, &Project) -> RunnerCommands,
    /// How this program is its worker, where it is.
    pub(super) worker: Option<&'static RunnerWorker>,
}

/// What says that a folder has tests of a runner.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct RunnerSign {
    /// Whether a file names the runner; others are only made for it.
    pub(super) is_certain: bool,
    /// What was found, for people: a file, or a line in one.
    pub(super) found: String,
    /// The command that runs the tests.
    pub(super) words: Vec<String>,
}
