//! How a command of a runner lists and runs tests.

use subunit_formats::report::shell;

use super::{
    words::{CommandWords, quoted},
    worker::{IDS, LIST, MERGE, WORKER},
};
use crate::config::{Batch, CoverageSettings};

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
    /// Whether it needs files of the private folder.
    pub(super) needs_files: bool,
    /// Whether a worker can list the tests before it runs them.
    pub(super) lists_first: bool,
    /// Whether its tests are listed only for what needs that.
    pub(super) lists_if_needed: bool,
    /// How many tests a process gets at once, unless told otherwise.
    pub(super) batch: Option<Batch>,
    /// A folder of programs of the project, which `PATH` gets.
    pub(super) programs: Option<&'static str>,
    /// How what its workers cover is joined, where its options ask for coverage.
    pub(super) coverage: CoverageSettings,
    /// What people want to know of how it runs.
    pub(super) note: Option<String>,
}

impl RunnerCommands {
    /// This program lists the tests of a runner, and runs them in batches.
    pub(super) fn batches(runner: &str, line: &CommandWords) -> Self {
        Self {
            command: worker(runner, line, "$LISTOPT $IDOPTION"),
            list_option: LIST.to_owned(),
            id_option: Some(format!("{IDS} $IDFILE")),
            console: true,
            needs_files: true,
            batch: Some(Batch::Auto),
            ..Self::default()
        }
    }

    /// This program lists them, and one process of the runner runs all: it has workers of its own, or must not be
    /// divided.
    pub(super) fn whole(runner: &str, line: &CommandWords) -> Self {
        Self { jobs: Some(1), batch: Some(Batch::List), ..Self::batches(runner, line) }
    }

    /// The same, where to list the tests takes about as long as to load them once more.
    pub(super) fn listed_if_needed(runner: &str, line: &CommandWords) -> Self {
        Self { lists_if_needed: true, ..Self::whole(runner, line) }
    }

    /// The same, where the tests cannot be listed.
    pub(super) fn unlisted(runner: &str, line: &CommandWords) -> Self {
        let command = worker(runner, line, "$IDOPTION");
        Self { command, list_option: String::new(), ..Self::whole(runner, line) }
    }

    /// This program lists them, and runs each in a process of its own.
    pub(super) fn one_by_one(runner: &str, line: &CommandWords) -> Self {
        Self {
            command: worker(runner, line, "$LISTOPT"),
            id_option: None,
            incremental: true,
            batch: None,
            ..Self::batches(runner, line)
        }
    }

    /// With coverage, which this program joins.
    pub(super) fn measured(self, runner: &str, line: &CommandWords) -> Self {
        let merge = Some(worker(runner, line, MERGE));
        Self { coverage: CoverageSettings { merge, ..CoverageSettings::default() }, ..self }
    }

    /// With a remark for people.
    pub(super) fn noted(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }
}

fn worker(runner: &str, line: &CommandWords, options: &str) -> String {
    let ours = std::env::current_exe().unwrap_or_else(|_| "subunit-run".into());
    let (words, of_runner) = line.all();
    let (start, length) = (of_runner.start.to_string(), of_runner.len().to_string());
    let ours = shell::quoted([ours.to_string_lossy().as_ref(), WORKER, runner, &start, &length]);
    format!("{ours} {options} -- {}", quoted(words))
}
