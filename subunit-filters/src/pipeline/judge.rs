//! What changes the verdict on a stream, and its reports: what counts as passed, and whose tests these are.

use std::{
    cell::OnceCell,
    path::{Path, PathBuf},
};

use subunit_core::run::{Baseline, FlakyTests, Judge, KnownFailures, counted, is_place};

use super::{
    Inputs, baseline,
    edit::{Edit, Word},
};
use crate::{console::Console, exit::Error};

/// What the flags say that change a verdict.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct JudgeArgs {
    /// Whether a flaky test (one that failed, then passed) passes or fails
    #[arg(
        long,
        value_name = "pass|fail",
        default_value = "pass",
        hide_possible_values = true,
        hide_default_value = true
    )]
    flaky: Word,
    /// Whether a test that was expected to fail but passed passes or fails [default: as its runner says]
    #[arg(long, value_name = "pass|fail", hide_possible_values = true, hide_short_help = true)]
    uxsuccess: Option<Word>,
    /// Tell the tests of files apart by this name: give it once for each file, in order, or `auto` to use
    /// the names of the files
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    label: Vec<String>,
    /// Show which failures are new compared to this earlier run
    ///
    /// A file of any format. Give it once, or once for each file that is read, in the same order.
    #[arg(long, value_name = "RUN")]
    pub(crate) baseline: Vec<PathBuf>,
    /// Which failures fail the run: `any`, or only `new` ones
    #[arg(
        long,
        value_name = "any|new",
        default_value = "any",
        hide_possible_values = true,
        hide_default_value = true
    )]
    fail_on: FailOn,
    /// What was read of the baseline, or is taken for it.
    #[arg(skip)]
    read: OnceCell<Baseline>,
}

/// Which failures fail a run.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
enum FailOn {
    #[default]
    Any,
    New,
}

impl JudgeArgs {
    /// What becomes of flaky tests.
    pub fn flaky(&self) -> FlakyTests {
        match self.flaky {
            Word::Pass => FlakyTests::Pass,
            Word::Fail => FlakyTests::Fail,
        }
    }

    /// Takes this for what failures are compared with.
    pub fn set_baseline(&mut self, baseline: Baseline) {
        self.read = OnceCell::from(baseline);
    }

    /// What the run is judged by. The baseline is read when this is asked for first.
    ///
    /// # Errors
    ///
    /// If there should be a baseline and is none, or it cannot be read.
    pub(crate) fn judge(&self, inputs: &Inputs, console: &mut Console<'_>) -> Result<Judge, Error> {
        let flaky_tests = self.flaky();
        if let Some(baseline) = self.read.get() {
            return Ok(Judge { flaky_tests, baseline: Some(baseline.clone()) });
        }
        if self.baseline.is_empty() {
            if self.fail_on == FailOn::New {
                let message =
                    "--fail-on new: new compared to what? Name an earlier run: --baseline RUN";
                return Err(Error::Usage(message.into()));
            }
            return Ok(Judge { flaky_tests, baseline: None });
        }
        let read = self.read_baseline(inputs, console)?;
        let baseline = self.read.get_or_init(|| read).clone();
        Ok(Judge { flaky_tests, baseline: Some(baseline) })
    }

    fn read_baseline(&self, inputs: &Inputs, console: &mut Console<'_>) -> Result<Baseline, Error> {
        let is_standard = |path: &Path| path.as_os_str() == "-";
        let mut read = inputs.or_standard();
        read.retain(|path| is_standard(path));
        if self.baseline.iter().any(|path| is_standard(path)) && !read.is_empty() {
            let message = "--baseline -: standard input is the run itself: name a file";
            return Err(Error::Usage(message.into()));
        }
        let count = inputs.files.len().max(1);
        if ![1, count].contains(&self.baseline.len()) {
            return Err(Error::Usage(format!(
                "--baseline: {} for {}: give it once, or once for each file, in their order",
                counted(self.baseline.len(), "run"),
                counted(count, "input"),
            )));
        }
        // One run for all inputs has the names of them in it.
        let labels = match self.baseline.len() == count {
            true => self.labels(&inputs.files, false)?,
            false => vec![None],
        };
        let runs = self.baseline.iter().zip(labels);
        let runs = runs.map(|(path, label)| baseline::Earlier { path, label }).collect();
        let format = inputs.format.known();
        let baseline = baseline::read(runs, self.flaky(), &self.edit(), format, console)?;
        Ok(baseline.with_known_failures(match self.fail_on {
            FailOn::Any => KnownFailures::Fail,
            FailOn::New => KnownFailures::Pass,
        }))
    }

    /// The name of each file. Of several files without names all but the first are `input-2`, `input-3` and so on,
    /// so that tests of one id in two of them are two, unless `as_they_are`.
    ///
    /// # Errors
    ///
    /// If there are not as many names as files, or one is no name.
    pub(super) fn labels(
        &self,
        files: &[PathBuf],
        as_they_are: bool,
    ) -> Result<Vec<Option<String>>, Error> {
        let inputs = files.len().max(1);
        if self.label.is_empty() {
            let named = |nth| (nth > 1 && !as_they_are).then(|| format!("input-{nth}"));
            return Ok((1..=inputs).map(named).collect());
        }
        if self.label == ["auto"] {
            return Ok(names_of(files).into_iter().map(Some).collect());
        }
        if self.label.len() != inputs {
            return Err(Error::Usage(format!(
                "--label: {} for {}: give it once for each file, in their order, or `--label auto`",
                counted(self.label.len(), "name"),
                counted(inputs, "input"),
            )));
        }
        if let Some(label) = self.label.iter().find(|label| is_no_name(label)) {
            return Err(Error::Usage(format!(
                "--label {label}: a name cannot be empty or a number: numbers are places, such as workers"
            )));
        }
        Ok(self.label.iter().cloned().map(Some).collect())
    }

    /// Whether files are given names.
    pub(super) fn has_labels(&self) -> bool {
        !self.label.is_empty()
    }

    /// What changes events before they are judged.
    pub(super) fn edit(&self) -> Edit {
        Edit::new(self.uxsuccess)
    }
}

fn is_no_name(label: &str) -> bool {
    label.split('/').any(|hop| hop.is_empty() || is_place(hop))
}

/// What the names of the files do not share.
fn names_of(files: &[PathBuf]) -> Vec<String> {
    let stem = |path: &PathBuf| {
        let stem = path.file_stem().unwrap_or(path.as_os_str());
        stem.to_string_lossy().into_owned()
    };
    if let [file] = files {
        return vec![usable(&stem(file))];
    }
    let paths: Vec<String> = files.iter().map(|path| in_words(path)).collect();
    let words: Vec<Vec<&str>> = paths.iter().map(|path| path.split('\0').collect()).collect();
    let shortest = words.iter().map(Vec::len).min().unwrap_or_default();
    let alike = |at: &dyn Fn(&Vec<&str>) -> Option<String>| {
        let mut all = words.iter().map(at);
        let first = all.next().flatten();
        first.is_some() && all.all(|other| other == first)
    };
    let before = (0..shortest)
        .take_while(|nth| {
            alike(&|words: &Vec<&str>| words.get(*nth).map(|word| (*word).to_owned()))
        })
        .count();
    let after = (0..shortest.saturating_sub(before))
        .take_while(|nth| {
            alike(&|words: &Vec<&str>| words.iter().rev().nth(*nth).map(|word| (*word).to_owned()))
        })
        .count();
    let own = |words: &Vec<&str>| {
        let end = words.len().saturating_sub(after);
        words.get(before..end).unwrap_or_default().join("-")
    };
    words.iter().map(|words| usable(&own(words))).collect()
}

/// A path's words with a NUL between them.
fn in_words(path: &Path) -> String {
    let separates = |c: char| matches!(c, '/' | '\\' | '.' | '-' | '_' | ' ');
    path.to_string_lossy().split(separates).collect::<Vec<_>>().join("\0")
}

/// A name out of what a file's name says: numbers are places.
fn usable(name: &str) -> String {
    if is_no_name(name) { format!("input-{name}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(label: &[&str], files: &[&str]) -> Result<Vec<String>, String> {
        let label = label.iter().map(|label| (*label).to_owned()).collect();
        let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
        let args = JudgeArgs { label, ..JudgeArgs::default() };
        let labels = args.labels(&files, false).map_err(|error| error.to_string())?;
        Ok(labels.into_iter().map(Option::unwrap_or_default).collect())
    }

    #[test]
    fn each_file_has_a_name_or_a_number() {
        assert_eq!(labels(&[], &[]).unwrap(), [""]);
        assert_eq!(labels(&[], &["a", "b", "c"]).unwrap(), ["", "input-2", "input-3"]);
        assert_eq!(labels(&["x", "y"], &["a", "b"]).unwrap(), ["x", "y"]);
        for (label, files) in [
            (&["x"][..], &["a", "b"][..]),
            (&["x", "y"], &["a"]),
            (&["7"], &["a"]),
            (&[""], &["a"]),
            (&["a/1"], &["a"]),
        ] {
            assert!(labels(label, files).unwrap_err().contains("--label"), "{label:?}");
        }
    }

    #[test]
    fn names_are_what_the_files_do_not_share() {
        for (files, names) in [
            (&["linux.xml", "windows.xml"][..], &["linux", "windows"][..]),
            (&["out/a/junit.xml", "out/b/junit.xml"], &["a", "b"]),
            (&["report-linux-arm.xml", "report-linux-x86.xml"], &["arm", "x86"]),
            (&["run-1.xml", "run-2.xml"], &["input-1", "input-2"]),
            (&["a.xml", "a.xml"], &["input-", "input-"]),
            (&["out/junit.xml"], &["junit"]),
            (&["a.xml", "b.tap"], &["a-xml", "b-tap"]),
        ] {
            assert_eq!(labels(&["auto"], files).unwrap(), names, "{files:?}");
        }
    }
}
