//! What does a row say of how this program lists and runs the tests of its runner?

use std::path::PathBuf;

use subunit_formats::Format;

use super::{invoked::Invoked, listing::Listing};

/// How this program lists and runs the tests of a runner.
pub(crate) struct RunnerWorker {
    /// Lists tests, where that is cheap.
    pub(crate) list: Option<Lists>,
    /// The processes that run these tests, one after the other; without ids all tests.
    pub(crate) processes: Processes,
    /// The files of its tests, for a run that ended before its end and whose tests nobody has listed.
    pub(crate) files: Option<Files>,
}

type Lists = fn(&Invoked) -> Result<Listing, String>;
type Files = fn(&Invoked) -> Result<Vec<String>, String>;
type Processes = fn(&Invoked, Option<&[String]>) -> Result<Vec<RunnerProcess>, String>;

impl RunnerWorker {
    /// With this listing, if there is one.
    pub(crate) const fn new(list: Option<Lists>, processes: Processes) -> Self {
        Self { list, processes, files: None }
    }
}

/// A process that runs tests.
#[derive(Debug)]
pub(crate) struct RunnerProcess {
    pub(crate) words: Vec<String>,
    pub(crate) folder: Option<PathBuf>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) source: Source,
    /// Its tests, as the source and as the run call them; none where nobody knows them beforehand.
    pub(crate) tests: Option<Vec<(String, String)>>,
    /// What stands after the name of a test in those of its parts.
    pub(crate) parts: Option<&'static str>,
    /// Makes the names of tests out of those that the source has for them.
    pub(crate) renames: Option<fn(&str) -> String>,
    /// Whether it decides what runs: what it leaves out is not tried again.
    pub(crate) is_whole: bool,
}

/// Where results are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Source {
    /// In what it prints.
    Output(Format),
    /// In a pipe of its own, whose path stands for [`RESULTS`] in its words and is in its environment.
    Pipe(Format),
    /// It is one test, whose result is its exit status. Results in its output are parts of it.
    Status,
}

/// Stands for the path of a [`Source::Pipe`], and is the variable that holds it.
pub(crate) const RESULTS: &str = "SUBUNIT_RESULTS";

impl RunnerProcess {
    /// A process of these words.
    pub(crate) fn new(words: Vec<String>, source: Source) -> Self {
        Self {
            words,
            folder: None,
            environment: Vec::new(),
            source,
            tests: None,
            parts: None,
            renames: None,
            is_whole: false,
        }
    }

    /// With these tests, which the source calls as the run does.
    pub(crate) fn with_ids(self, ids: Option<&[String]>) -> Self {
        let tests = ids.map(|ids| ids.iter().map(|id| (id.clone(), id.clone())).collect());
        Self { tests, ..self }
    }

    /// One that decides what runs.
    pub(crate) fn whole(self) -> Self {
        Self { is_whole: true, ..self }
    }

    /// With a variable.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }
}
