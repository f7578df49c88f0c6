//! What a configuration says about a suite: how to list it, how to run it, how many at once. All dialects
//! become one [`Suite`].

pub mod command;
mod dialects;
pub mod find;
pub mod regex;
mod settings;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
pub use subunit_filters::cli::mistake::Mistake;
use tempfile::TempDir;

pub(crate) use self::dialects::python;
use self::dialects::tree;
pub use self::{
    dialects::{ini, stestr, testr, toml, user},
    settings::{COVERAGE, CoverageSettings, amount, in_force, keys, overrides, show},
};

/// A suite as its configuration describes it.
#[derive(Clone, Debug, Default)]
pub struct Suite {
    /// The folder of the configuration.
    pub folder: PathBuf,
    /// Whose tests these are: a runner that has an adapter, which then sets how they are listed and run.
    pub runner: Option<String>,
    /// What the adapter of the runner has set, once it has.
    pub adapted: Option<Adapted>,
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
    /// Whether the command writes for people on its standard output, and results on `$SUBUNIT_RESULT_FD`.
    pub console: bool,
    /// How many workers there are.
    pub concurrency: Option<Concurrency>,
    /// How many tests a process gets whose command takes a list.
    pub batch: Batch,
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
    /// Prints, in `$INSTANCE_ID`, who that is.
    pub instance_identity: Option<String>,
    /// Where workers run. They count instead of what `instance_provision` provides.
    pub instances: Vec<InstanceSettings>,
    /// A test that runs longer is stopped.
    pub test_timeout: Limit,
    /// A worker that says nothing for longer is stopped.
    pub no_output_timeout: Limit,
    /// A run that takes longer is stopped.
    pub max_duration: Limit,
    /// A worker that writes a line like this waits for a person, at a debugger's prompt.
    pub debug_prompt: Option<String>,
    /// Which tests begin first.
    pub order: Order,
    /// How many times a test that failed runs again.
    pub retries: u32,
    /// Prints ids or regexes of the tests that belong to what changed.
    pub changed_tests: Option<String>,
    /// The list of tests that are known to fail, for `run --quarantined`; a path from the folder.
    pub quarantine: Option<String>,
    /// Set in the environment of each worker.
    pub environment: BTreeMap<String, String>,
    /// Variables whose values are kept with each run.
    pub record_environment: Vec<String>,
    /// Limits for tests that share something.
    pub groups: Vec<TestGroup>,
    /// What is different for some tests. Later ones win.
    pub overrides: Vec<Override>,
    /// Executables that are tests. They are there instead of a command and of a runner.
    pub scripts: Vec<ScriptSettings>,
    /// Runs before the tests are listed. If it fails, nothing else runs.
    pub setup: Option<String>,
    /// Runs when nothing else does any more.
    pub teardown: Option<String>,
    /// How what the workers have covered is joined.
    pub coverage: CoverageSettings,
    /// When tests count as failing. Later ones win.
    pub policies: Vec<PolicySettings>,
    /// What tests depend on.
    pub inputs: Vec<InputSettings>,
    /// Which runs of the history stay.
    pub history: HistorySettings,
    /// Where each value is from, by key.
    pub origins: BTreeMap<String, Origin>,
}

/// When some tests count as failing, for `subunit failing --policy`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PolicySettings {
    /// A regex of Python that is found in their ids; all if there is none.
    pub tests: Option<String>,
    /// At least this number of results are bad.
    pub bad: u32,
    /// Of this number of last ones.
    pub of: u32,
    /// After this number of good ones they do not fail any more.
    pub clear: Option<u32>,
    /// Where it is from.
    pub origin: Origin,
}

/// What some tests depend on: `[[test]]`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct InputSettings {
    /// A regex of Python that is found in their ids.
    pub tests: String,
    /// The files: see [`regex::of_glob`].
    pub files: Vec<String>,
    /// Regexes of Python that are found in the ids of tests that they need.
    pub needs: Vec<String>,
    /// Where it is from.
    pub origin: Origin,
}

/// What is done when a run was added to a history: which runs stay, and where the others go. The last run of each series and its last
/// one that passed always stay.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct HistorySettings {
    /// At most this number of runs of each series.
    pub keep: Option<u64>,
    /// Those that began no longer ago than this: as it is written, and what it means.
    pub older_than: Option<(String, Duration)>,
    /// As many as have this size: as it is written, and in bytes.
    pub max_size: Option<(String, u64)>,
    /// The folder of the history that the others move to; they are removed if there is none.
    pub move_to: Option<String>,
    /// A command that is told which tests begin and cease to fail with a run.
    pub on_change: Option<String>,
}

impl HistorySettings {
    /// Whether some runs go.
    #[must_use]
    pub fn is_limited(&self) -> bool {
        self.keep.is_some() || self.older_than.is_some() || self.max_size.is_some()
    }
}

/// A place where workers run: a machine that ssh reaches, or a folder of this one.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct InstanceSettings {
    /// What it is called.
    pub name: String,
    /// Where ssh goes; this machine if there is none.
    pub host: Option<String>,
    /// How many workers run there at the same time; 1 if it is not given.
    pub slots: Option<usize>,
    /// Runs here, once before the first test there; `$INSTANCE_ID`.
    pub sync: Option<String>,
    /// The folder there in which commands run.
    pub directory: Option<String>,
    /// A line for `sh` there, before each command.
    pub activate: Option<String>,
    /// Where it is from.
    pub origin: Origin,
    /// Where each value is from, by key.
    pub origins: BTreeMap<String, Origin>,
}

/// What an adapter says of a suite beside how it is listed and run.
#[derive(Clone, Debug)]
pub struct Adapted {
    /// The runner.
    pub runner: &'static str,
    /// Why it is this one, as a clause such as "there is pytest.ini".
    pub because: String,
    /// Its command as people type it.
    pub command: String,
    /// After so many failures the runner's command asks to stop.
    pub fail_fast: Option<u64>,
    /// Whether its processes start while the tests are listed.
    pub starts_early: bool,
    /// Whether a worker that finds `SUBUNIT_LISTS` lists the tests before it runs them, so that no other process has to.
    pub lists_first: bool,
    /// Whether its tests are listed only for what needs that, such as a FILTER: a listing takes about as long as to load them all.
    pub lists_if_needed: bool,
    /// What people want to know of how it runs.
    pub note: Option<String>,
    /// Why it cannot be run, where its program is not there.
    pub missing: Option<String>,
    /// The files that the commands need. They are removed with the last copy.
    pub files: Option<Arc<TempDir>>,
}

/// In which order tests begin.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Order {
    /// As listed.
    #[default]
    Discovery,
    /// By id.
    Alphabetical,
    /// Those that failed last time.
    FailingFirst,
    /// Those that took longest.
    SlowestFirst,
    /// Those that took shortest.
    FastestFirst,
    /// Those that never ran.
    NewFirst,
    /// At random, with this seed if there is one.
    Shuffle(Option<u64>),
    /// One of each group in turn.
    Spread,
}

/// A limit for tests that share something: a database, a port, the memory of the machine.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TestGroup {
    /// Which tests: a regex, searched in the id.
    pub tests: String,
    /// How many of them run at the same time.
    pub max: Option<usize>,
    /// How many workers' worth one of them counts.
    pub weight: Option<usize>,
    /// Nothing else runs meanwhile.
    pub exclusive: bool,
    /// Where it is from.
    pub origin: Origin,
}

/// What is different for some tests. A test is meant if all that is given applies.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Override {
    /// A regex, searched in the id.
    pub tests: Option<String>,
    /// A tag of the test.
    pub tag: Option<String>,
    /// The series of the run.
    pub series: Option<String>,
    /// The variant of the run.
    pub variant: Option<String>,
    /// A test that runs longer is stopped.
    pub test_timeout: Option<Limit>,
    /// A worker that says nothing for longer is stopped.
    pub no_output_timeout: Option<Limit>,
    /// A run that takes longer is stopped. Only for a series or a variant.
    pub max_duration: Option<Limit>,
    /// How many times a test that failed runs again.
    pub retries: Option<u32>,
    /// Set in the environment, beside that of the suite.
    pub environment: BTreeMap<String, String>,
    /// How many of them run at the same time.
    pub max: Option<usize>,
    /// How many workers' worth one of them counts.
    pub weight: Option<usize>,
    /// Nothing else runs meanwhile.
    pub exclusive: Option<bool>,
    /// Those with a higher number begin first; 0 if it is not given.
    pub priority: Option<i64>,
    /// In which order tests begin. Only for a series or a variant.
    pub test_order: Option<Order>,
    /// Where it is from.
    pub origin: Origin,
    /// Where each value is from, by key.
    pub origins: BTreeMap<String, Origin>,
}

/// Executables that are tests, and what is different for these.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ScriptSettings {
    /// Which they are.
    pub tests: ScriptTests,
    /// One that runs longer is stopped.
    pub test_timeout: Option<Limit>,
    /// How many times one that failed runs again.
    pub retries: Option<u32>,
    /// Set in the environment, beside that of the suite.
    pub environment: BTreeMap<String, String>,
    /// Where it is from.
    pub origin: Origin,
    /// Where each value is from, by key.
    pub origins: BTreeMap<String, Origin>,
}

impl ScriptSettings {
    /// What is wrong with the table.
    pub(in crate::config) fn mistake(&self, what: impl Into<String>) -> Mistake {
        let Origin { place, line, .. } = self.origin.clone();
        Mistake { file: place, line, key: "script".to_owned(), what: what.into() }
    }
}

/// Which executables are tests.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum ScriptTests {
    /// A line for `sh -c` is one test.
    Command {
        /// What the test is called.
        name: String,
        /// The line.
        line: String,
    },
    /// Each file is a test, which is called by its path.
    Files {
        /// Which files: see [`regex::of_glob`].
        globs: Vec<String>,
        /// Runs each of them, whose path is its last word; without it they are executable.
        line: Option<String>,
    },
}

/// Where a value is from.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Origin {
    /// The file, the option of the command line, or the tool that always does it so.
    pub place: String,
    /// The line, counted from 1.
    pub line: Option<usize>,
    /// The command that printed the value, if one did.
    pub command: Option<String>,
}

impl Origin {
    /// A line of a file.
    #[must_use]
    pub fn line(place: &str, line: usize) -> Self {
        Self { place: place.to_owned(), line: Some(line), command: None }
    }

    /// An option of the command line.
    #[must_use]
    pub fn option(name: &str) -> Self {
        Self { place: name.to_owned(), line: None, command: None }
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.place)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(command) = &self.command {
            write!(f, " (printed by `{command}`)")?;
        }
        Ok(())
    }
}

/// How many workers there are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Concurrency {
    /// So many.
    Workers(usize),
    /// This command, for `sh -c`, prints the number.
    Command(String),
}

/// How many tests a process gets whose command takes a list. Towards the end of a run it is fewer.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Batch {
    /// All of its worker: one list each, as testr deals them out.
    #[default]
    List,
    /// As many as take 10 s, and so much longer that a start is a tenth of it.
    Auto,
    /// As many as take this long.
    Length(Duration),
    /// So many.
    Tests(usize),
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
