//! What a configuration says about a suite: how to list it, how to run it, how many at once. All dialects
//! become one [`Suite`].

use std::{path::PathBuf, time::Duration};

/// A suite as its configuration describes it.
#[derive(Clone, Debug, Default)]
pub struct Suite {
    /// The folder of the configuration.
    pub folder: PathBuf,
    /// The command line for `sh -c`, with `$LISTOPT`, `$IDOPTION`, `$IDFILE` and `$IDLIST`.
    pub test_command: String,
    /// What `$LISTOPT` stands for in a listing.
    pub test_list_option: Option<String>,
    /// What `$IDOPTION` stands for if ids are given.
    pub test_id_option: Option<String>,
    /// What `$IDLIST` stands for if no ids are given.
    pub test_id_list_default: Option<String>,
    /// Whether the command takes ids one by one, on `$SUBUNIT_TEST_FD`.
    pub incremental: bool,
    /// How many workers there are.
    pub concurrency: Option<Concurrency>,
    /// Tests whose ids match alike run in one worker. Matched at the start of the id, as Python's `match`.
    pub group_regex: Option<String>,
    /// Tests with one of these tags are not counted, unless they fail.
    pub filter_tags: Vec<String>,
    /// Prints names of instances; `$INSTANCE_COUNT`.
    pub instance_provision: Option<String>,
    /// Runs `$COMMAND` in `$INSTANCE_ID` with `$FILES`.
    pub instance_execute: Option<String>,
    /// Ends `$INSTANCE_IDS`.
    pub instance_dispose: Option<String>,
    /// Fails if `$INSTANCE_ID` cannot be used.
    pub instance_check: Option<String>,
    /// A test that runs longer is stopped.
    pub test_timeout: Limit,
    /// A worker that says nothing for longer is stopped.
    pub no_output_timeout: Limit,
    /// A run that takes longer is stopped.
    pub max_duration: Limit,
}

/// How many workers there are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Concurrency {
    /// So many.
    Workers(usize),
    /// This command, for `sh -c`, prints the number.
    Command(String),
}

/// A limit of time.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Limit {
    /// There is none.
    #[default]
    Disabled,
    /// By the times of earlier runs.
    Auto,
    /// This long.
    After(Duration),
}
