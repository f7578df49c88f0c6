//! What a supervisor is to run, and how.

use std::{path::PathBuf, time::Duration};

use subunit_filters::asides::Run;
use subunit_mux::process::Limits;

use super::Prompts;
use crate::{
    config::{Suite, regex::GroupKey},
    memory::Times,
    schedule::Worker,
    selection::Selection,
};

/// What a supervisor is to run, and how.
#[derive(Debug)]
pub struct Plan {
    /// What this is a run of.
    pub run: Run,
    /// How tests are listed and run.
    pub suite: Suite,
    /// Words that are appended to the commands.
    pub arguments: Vec<String>,
    /// Where commands run: the caller's folder.
    pub folder: PathBuf,
    /// Where tests run, one worker each.
    pub places: Vec<Worker>,
    /// Which tests run in one worker.
    pub groups: Option<GroupKey>,
    /// How long tests took.
    pub times: Times,
    /// Which tests there are.
    pub tests: Tests,
    /// Which of those that are listed.
    pub selection: Selection,
    /// When a test or a worker takes too long, and what stops it.
    pub limits: TimeLimits,
    /// How many times a test that failed runs again, unless an override says otherwise.
    pub retries: u32,
    /// Whether the standard input of workers stays open, for a person who answers a debugger.
    pub keeps_stdin: bool,
    /// Whether our standard input is written by a supervisor or a multiplexer above.
    pub has_upstream: bool,
    /// What a worker prints that waits for a person.
    pub prompts: Prompts,
    /// After so many failures no more tests are handed out.
    pub fail_fast: Option<u64>,
}

/// Which tests there are.
#[derive(Clone, Debug)]
pub enum Tests {
    /// Those that the suite lists.
    Listed,
    /// These.
    These(Vec<String>),
}

/// How long things may take.
#[derive(Clone, Copy, Debug, Default)]
pub struct TimeLimits {
    /// A test.
    pub test: Option<Duration>,
    /// The silence of a worker that runs a test.
    pub no_output: Option<Duration>,
    /// The run.
    pub run: Option<Duration>,
    /// The end of a process after it was told to stop, and outputs that stay open.
    pub processes: Limits,
}
