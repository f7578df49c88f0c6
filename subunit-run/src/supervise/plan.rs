//! What a supervisor is to run, and how.

use std::{path::PathBuf, time::Duration};

use subunit_filters::asides::{Environment, Run};
use subunit_history::query::TestInputs;
use subunit_mux::process::Limits;

use super::PromptPatterns;
use crate::{
    config::{Suite, overrides::Overrides, regex::GroupKey},
    installed::Installed,
    memory::Times,
    schedule::{BatchSize, Sample, Shard, Worker},
    selection::{Choice, KnownTags},
};

/// What a supervisor is to run, and how.
#[derive(Debug)]
pub struct Plan {
    /// What this is a run of.
    pub run: Run,
    /// Where it takes place, if that and the configuration are told in the stream.
    pub environment: Option<Environment>,
    /// What is installed there.
    pub(crate) installed: Vec<Installed>,
    /// What its tests depend on, as far as the configuration says it.
    pub inputs: Vec<TestInputs>,
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
    pub tests: Candidates,
    /// How many tests have ended in a run before, with which this one goes on.
    pub earlier: u64,
    /// Which of them.
    pub choice: Choice,
    /// Which part of these.
    pub shard: Option<Shard>,
    /// Which of them there is time for.
    pub sample: Option<Sample>,
    /// Whether the parts of all machines take equally long by known times.
    pub shards_by_time: bool,
    /// Whether nothing runs: the stream says which tests would.
    pub only_lists: bool,
    /// When a test or a worker takes too long, and what stops it.
    pub limits: TimeLimits,
    /// What is different for some tests.
    pub overrides: Overrides,
    /// The tags that tests are known to have.
    pub tags: KnownTags,
    /// Whether each test runs in a process of its own.
    pub alone: bool,
    /// How many tests of the queue a process gets at once whose command takes a list; without it each worker
    /// has one list, as testr deals them out.
    pub batch: Option<BatchSize>,
    /// Whether a list of tests is in the order of the queue, and not as they were dealt out.
    pub sorts_lists: bool,
    /// Whether each worker of this machine has a terminal of its own.
    pub pty: bool,
    /// Whether the standard input of workers stays open, for a person who answers a debugger.
    pub keeps_stdin: bool,
    /// Whether our standard input is written by a supervisor or a multiplexer above.
    pub has_upstream: bool,
    /// What a worker prints that waits for a person.
    pub prompts: PromptPatterns,
    /// After so many failures no more tests are handed out.
    pub fail_fast: Option<u64>,
}

/// Which tests there are.
#[derive(Clone, Debug)]
pub enum Candidates {
    /// Those that the suite lists.
    Listed,
    /// All that the command runs: nobody knows which these are before they run.
    Unlisted,
    /// These.
    These(Vec<String>),
}

/// How long things may take, beside tests.
#[derive(Clone, Copy, Debug, Default)]
pub struct TimeLimits {
    /// The run.
    pub run: Option<Duration>,
    /// The end of a process after it was told to stop, and outputs that stay open.
    pub processes: Limits,
}
