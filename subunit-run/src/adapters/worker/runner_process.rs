//! Which process of a runner runs which tests, and where are their results?

use std::{
    fs,
    path::{Path, PathBuf},
};

use subunit_formats::Format;

use super::told_apart::{ToldApart, variables};

use super::report_files::ReportFiles;

/// A process that runs tests.
#[derive(Debug)]
pub(crate) struct RunnerProcess {
    pub(crate) words: Vec<String>,
    pub(crate) folder: Option<PathBuf>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) source: ResultSource,
    /// Where the files of [`ResultSource::Files`] are.
    pub(crate) reports: Option<ReportFiles>,
    /// Its tests, as the source and as the run call them; none where nobody knows them beforehand.
    pub(crate) tests: Option<Vec<(String, String)>>,
    /// What stands after the name of a test in those of its parts.
    pub(crate) parts: Option<&'static str>,
    /// Makes the names of tests out of those that the source has for them.
    pub(crate) renames: Option<fn(&str) -> String>,
    /// Tests that were asked for, and that the runner leaves out by itself: it runs nothing of them.
    pub(crate) left_out: Vec<String>,
    /// One that stays and forks such ones, for tests that are processes.
    pub(crate) forker: Option<Box<Self>>,
    /// Which names are of what runs around the tests, such as set-ups: a failure of theirs is told.
    pub(crate) around: Option<fn(&str) -> bool>,
    /// Its source repeats its console, and names the output of a test by the address of a file, which is attached so.
    pub(crate) output: Option<&'static str>,
    /// Whether it runs one test after the other, and its source has no times.
    pub(crate) is_serial: bool,
    /// Whether its tests run one after another as they stand here, where the source says only how they end.
    pub(crate) in_order: bool,
    /// Whether it decides what runs: what it leaves out is not tried again.
    pub(crate) is_whole: bool,
}

/// Where results are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ResultSource {
    /// In what it prints.
    Output(Format),
    /// In a pipe of its own, whose path stands for [`RESULTS`] in its words and is in its environment.
    Pipe(Format),
    /// In files that it writes for people as well.
    Files,
    /// It is one test, whose result is its exit status. ResultWriter in its output are parts of it.
    Status,
}

/// Stands for the path of a [`ResultSource::Pipe`], and is the variable that holds it.
pub(crate) const RESULTS: &str = "SUBUNIT_RESULTS";

impl RunnerProcess {
    /// A process of these words.
    pub(crate) fn new(words: Vec<String>, source: ResultSource) -> Self {
        Self {
            words,
            folder: None,
            environment: Vec::new(),
            source,
            reports: None,
            tests: None,
            parts: None,
            renames: None,
            left_out: Vec::new(),
            forker: None,
            around: None,
            output: None,
            is_serial: false,
            in_order: false,
            is_whole: false,
        }
    }

    /// One that decides what runs, and writes its results into files.
    pub(crate) fn reporting(words: Vec<String>, reports: ReportFiles) -> Self {
        let process = Self::new(words, ResultSource::Files).whole();
        Self { reports: Some(reports), ..process }
    }

    /// With these tests, which the source calls as the run does.
    pub(crate) fn with_ids(self, ids: Option<&[String]>) -> Self {
        let tests = ids.map(|ids| ids.iter().map(|id| (id.clone(), id.clone())).collect());
        Self { tests, ..self }
    }

    /// With these tests, which the runner is told by this file, which is new: their ids, one a line. `$SUBUNIT_IDS` names it.
    pub(crate) fn with_id_file(self, ids: Option<&[String]>, file: &Path) -> Result<Self, String> {
        let Some(ids) = ids else { return Ok(self.with_ids(None)) };
        fs::write(file, ids.join("\n"))
            .map_err(|error| format!("{}: {error}\n", file.display()))?;
        Ok(self.with_ids(Some(ids)).with("SUBUNIT_IDS", file.display().to_string()))
    }

    /// One that runs one test after the other: where the source has no times, a test began when the one before it ended.
    pub(crate) fn serial(self) -> Self {
        Self { is_serial: true, ..self }
    }

    /// With what runs around its tests.
    pub(crate) fn around(self, around: fn(&str) -> bool) -> Self {
        Self { around: Some(around), ..self }
    }

    /// One that decides what runs.
    pub(crate) fn whole(self) -> Self {
        Self { is_whole: true, ..self }
    }

    /// With one that stays and forks such ones.
    pub(crate) fn forked_by(self, forker: Self) -> Self {
        Self { forker: Some(Box::new(forker)), ..self }
    }

    /// With the variables that tell it apart from those beside it, where there are several.
    pub(crate) fn told_apart(self, told_apart: ToldApart) -> Self {
        self.with_all(variables(told_apart))
    }

    /// With these variables.
    pub(crate) fn with_all<'n>(
        self,
        variables: impl IntoIterator<Item = (&'n str, String)>,
    ) -> Self {
        variables.into_iter().fold(self, |process, (name, value)| process.with(name, value))
    }

    /// With a variable.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }
}
