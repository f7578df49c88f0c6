//! What does a listing say, and how is a runner asked for one?

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use serde::{Deserialize, Serialize};
use subunit_mux::ending::described;

use super::results::without_own;

/// What a runner has listed.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct TestListing {
    pub(crate) tests: Vec<ListedTest>,
    /// The programs that hold them, where there are several.
    pub(crate) programs: Vec<TestProgram>,
    /// What could not be listed, and why.
    pub(crate) broken: Vec<(String, String)>,
}

/// A test.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct ListedTest {
    pub(crate) id: String,
    /// What its runner, or its program, calls it.
    pub(crate) name: String,
    /// The number of its program.
    pub(crate) program: usize,
    pub(crate) tags: Vec<String>,
    /// Whether it is marked so that its runner leaves it out.
    pub(crate) is_left_out: bool,
}

/// A program that holds tests.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct TestProgram {
    pub(crate) name: String,
    /// What starts it.
    pub(crate) words: Vec<String>,
    /// Where it runs, if not in the folder of the run.
    pub(crate) folder: Option<PathBuf>,
    pub(crate) environment: Vec<(String, String)>,
    /// Whether it is a test as a whole.
    pub(crate) is_test: bool,
}

impl TestListing {
    /// Adds a test whose runner calls it by its id.
    pub(crate) fn add(&mut self, id: impl Into<String>) {
        let id = id.into();
        self.tests.push(ListedTest { name: id.clone(), id, ..ListedTest::default() });
    }

    /// The tests of these ids, by their programs in order. What is not known is left out.
    pub(crate) fn by_program<'l>(&'l self, ids: &[String]) -> Vec<(usize, Vec<&'l ListedTest>)> {
        let known: HashMap<&str, &ListedTest> =
            self.tests.iter().map(|test| (test.id.as_str(), test)).collect();
        let mut parts: Vec<(usize, Vec<&ListedTest>)> = Vec::new();
        for test in ids.iter().filter_map(|id| known.get(id.as_str())) {
            match parts.iter_mut().find(|(program, _)| *program == test.program) {
                Some((_, part)) => part.push(test),
                None => parts.push((test.program, vec![test])),
            }
        }
        parts
    }

    /// Whether these ids are all that was listed.
    pub(crate) fn is_all(&self, ids: &[String]) -> bool {
        ids.len() >= self.tests.len()
    }

    /// These ids without the tests that the runner leaves out, and those.
    pub(crate) fn without_left_out(&self, ids: &[String]) -> (Vec<String>, Vec<String>) {
        let left_out = self.tests.iter().filter(|test| test.is_left_out);
        let left_out: HashSet<&str> = left_out.map(|test| test.id.as_str()).collect();
        ids.iter().cloned().partition(|id| !left_out.contains(id.as_str()))
    }
}

/// What a command writes that lists.
///
/// # Errors
///
/// How it failed, with the end of what it wrote.
pub(crate) fn asked(command: &mut Command) -> Result<String, String> {
    let output = output(command)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(failed(command, &output))
}

/// The output of a command that lists, however it ended.
///
/// # Errors
///
/// If it cannot be started.
pub(crate) fn output(command: &mut Command) -> Result<Output, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    without_own(command)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{program}: {error}"))
}

/// How a command failed, after the end of what it wrote.
pub(crate) fn failed(command: &Command, output: &Output) -> String {
    const LINES: usize = 20;
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(command.get_args().map(|word| word.to_string_lossy()));
    let is_silent = output.stderr.trim_ascii().is_empty();
    let text = String::from_utf8_lossy(if is_silent { &output.stdout } else { &output.stderr });
    let lines: Vec<&str> = text.lines().collect();
    let last = lines[lines.len().saturating_sub(LINES)..].join("\n");
    format!("{last}\n`{}`: {}\n", words.join(" "), described(output.status))
}

/// A command of these words.
pub(crate) fn command(words: &[String]) -> Command {
    let (program, arguments) =
        words.split_first().map_or(("", &[][..]), |(first, rest)| (first, rest));
    let mut command = Command::new(program);
    command.args(arguments);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_taken_by_their_programs() {
        let mut listing = TestListing::default();
        for (id, program) in [("a", 0), ("b", 1), ("c", 0)] {
            listing.add(id);
            listing.tests.last_mut().unwrap().program = program;
        }
        let ids = ["c", "b", "gone", "a"].map(str::to_owned);
        let parts = listing.by_program(&ids);
        let parts: Vec<(usize, Vec<&str>)> = parts
            .into_iter()
            .map(|(program, tests)| (program, tests.iter().map(|test| test.id.as_str()).collect()))
            .collect();
        assert_eq!(parts, [(0, vec!["c", "a"]), (1, vec!["b"])]);
    }

    #[test]
    fn a_listing_that_fails_is_told_with_its_last_lines() {
        let words = ["sh", "-c", "echo no such file >&2; exit 3"].map(str::to_owned);
        let said = asked(&mut command(&words)).unwrap_err();
        assert!(
            said.starts_with("no such file\n`sh -c ") && said.ends_with(": exit status 3\n"),
            "{said}"
        );
        let said = asked(&mut command(&["/nowhere/x".to_owned()])).unwrap_err();
        assert!(said.starts_with("/nowhere/x: "), "{said}");
    }
}
