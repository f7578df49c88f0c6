//! How a command of a runner lists and runs tests.

/// How a command lists and runs tests.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct RunnerCommands {
    /// The command line, with the variables of a configuration.
    pub(super) command: String,
    /// What `$LISTOPT` stands for.
    pub(super) list_option: String,
    /// What `$IDOPTION` stands for.
    pub(super) id_option: Option<String>,
    /// Whether it takes ids one by one.
    pub(super) incremental: bool,
    /// Whether results come on `$SUBUNIT_RESULT_FD` alone, so that what it prints is for people.
    pub(super) console: bool,
    /// How many workers there are, unless told otherwise.
    pub(super) jobs: Option<usize>,
    /// After so many failures its command asks to stop.
    pub(super) fail_fast: Option<u64>,
    /// Whether it needs the workers in Python.
    pub(super) needs_python_path: bool,
    /// What people want to know of how it runs.
    pub(super) note: Option<String>,
}
