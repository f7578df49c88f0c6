//! `subunit bisect`: which revision broke a test.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command as Process, Stdio},
};

use subunit_core::{
    Status,
    run::Results,
    sink::{Flow, Sink, TestRecord},
};
use subunit_filters::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
};
use subunit_history::query::BrokenTest;

use super::runs_arg::RunsArg;

/// Find the revision that broke a test
///
/// Git checks revisions out into a folder for temporary files, one at a time, from the last good one to the first bad one,
/// and `subunit run` runs the test there; the current folder stays as it is. Unless they are named, the two revisions are
/// those of the history. Where the test comes to no result, as if the revision does not build, others are tried.
#[derive(Clone, Debug, Default, clap::Args)]
pub(in crate::commands) struct BisectVerb {
    /// The id of the test
    #[arg(value_name = "TEST")]
    test: String,
    /// A revision on which it passes [default: that of the last good run]
    #[arg(long, value_name = "REV", value_parser = parse_revision)]
    good: Option<String>,
    /// A revision on which it fails [default: that of the first bad run]
    #[arg(long, value_name = "REV", value_parser = parse_revision)]
    bad: Option<String>,
    /// Use this profile of the configuration
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    #[command(flatten)]
    among: RunsArg,
}

fn parse_revision(text: &str) -> Result<String, &'static str> {
    if text.starts_with('-') { Err("this is no revision") } else { Ok(text.to_owned()) }
}

impl Command for BisectVerb {
    const NAME: &'static str = "bisect";
    const WRITES: Writes = Writes::Text;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit bisect tests.test_a.Test.test_b
  $ subunit bisect a.b --good v1.0 --bad HEAD

Exit status: 0 the revision is found; 1 several are left, as no result was to be had on them; 2 there is nothing to
search, or Git or the tests could not be run.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let (good, bad) = self.range()?;
        let mut bisection = Bisection::begin(&good, &bad)?;
        let list = bisection.folder.path().join("test.list");
        fs::write(&list, format!("{}\n", self.test)).map_err(of_git)?;
        let mut steps = 0_u32;
        let mut without = 0_u32;
        let found = loop {
            if let Some(found) = bisection.found()? {
                break found;
            }
            let revision = bisection.git(&["rev-parse", "HEAD"])?;
            let verdict = self.verdict(&bisection.checkout(), &list)?;
            if console.interrupts.heard().is_some() {
                return Ok(Exit::Failed);
            }
            steps += 1;
            without += u32::from(verdict == Verdict::Unknown);
            let subject = bisection.git(&["log", "-1", "--format=%s"])?;
            writeln!(console.stdout, "{} {} {subject}", short(&revision), verdict.said())?;
            console.flush()?;
            bisection.mark(verdict)?;
        };
        self.tell(&bisection, &found, (steps, without), console)
    }
}

/// What a test came to on a revision.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Verdict {
    Good,
    Bad,
    /// It came to no result.
    Unknown,
}

impl Verdict {
    /// The verb of `git bisect`.
    fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Unknown => "skip",
        }
    }

    fn said(self) -> &'static str {
        match self {
            Self::Good => "passed   ",
            Self::Bad => "failed   ",
            Self::Unknown => "no result",
        }
    }
}

impl BisectVerb {
    /// The last good and the first bad revision.
    fn range(&self) -> Result<(String, String), Error> {
        if let (Some(good), Some(bad)) = (&self.good, &self.bad) {
            return Ok((good.clone(), bad.clone()));
        }
        let change = self.among.turned_bad(&self.among.read()?, &self.test)?;
        let Some(BrokenTest { first_bad, last_good, .. }) = change else {
            let test = self.test.escape_debug();
            return Err(Error::Usage(format!(
                "the history does not know that {test} fails: name both revisions, --good REV --bad REV"
            )));
        };
        let of_run = |run: Option<subunit_history::query::RunRow>, option: &str| {
            run.and_then(|run| run.revision).ok_or_else(|| {
                Error::Usage(format!("the history knows no such revision: name one, {option} REV"))
            })
        };
        let good = self.good.clone().map_or_else(|| of_run(last_good, "--good"), Ok)?;
        let bad = self.bad.clone().map_or_else(|| of_run(first_bad, "--bad"), Ok)?;
        Ok((good, bad))
    }

    /// Runs the test in a folder.
    fn verdict(&self, folder: &Path, list: &Path) -> Result<Verdict, Error> {
        let program = std::env::current_exe().map_err(of_git)?;
        let mut run = Process::new(program);
        run.args(["run", "--subunit", "--no-history", "--load-list"]).arg(list);
        run.args(self.profile.iter().flat_map(|profile| ["--profile", profile]));
        run.current_dir(folder).env_remove("SUBUNIT_HISTORY");
        let output = run.stdin(Stdio::null()).stderr(Stdio::null()).output().map_err(of_git)?;
        let mut last = LastStatus { test: &self.test, results: Results::default(), found: None };
        subunit_core::read(&output.stdout[..], &mut last).map_err(of_git)?;
        Ok(match last.found {
            Some(Status::Success | Status::ExpectedFailure) => Verdict::Good,
            Some(Status::Fail | Status::UnexpectedSuccess) => Verdict::Bad,
            _ => Verdict::Unknown,
        })
    }

    fn tell(
        &self,
        bisection: &Bisection,
        found: &[String],
        (steps, without): (u32, u32),
        console: &mut Console<'_>,
    ) -> Result<Exit, Error> {
        let tried = format!("{steps} steps, {without} without a result");
        match found {
            [only] => {
                let about = bisection.git(&["log", "-1", "--format=%H %an, %as: %s", only])?;
                writeln!(console.stdout, "first bad revision: {about}\n{tried}")?;
                Ok(Exit::Passed)
            }
            several => {
                writeln!(console.stdout, "one of these is the first bad revision:")?;
                for revision in several {
                    let about =
                        bisection.git(&["log", "-1", "--format=%H %an, %as: %s", revision])?;
                    writeln!(console.stdout, "  {about}")?;
                }
                writeln!(console.stdout, "{tried}")?;
                Ok(Exit::Failed)
            }
        }
    }
}

/// How a test ended, of a stream.
struct LastStatus<'t> {
    test: &'t str,
    results: Results,
    found: Option<Status>,
}

impl LastStatus<'_> {
    /// What the supervisor says of a test that no worker has run has no route.
    fn note(&mut self, record: &TestRecord) {
        if record.test_id == self.test && record.route_code.is_some() {
            self.found = record.status;
        }
    }
}

impl Sink for LastStatus<'_> {
    fn event(&mut self, event: &subunit_core::Event<'_>) -> Flow {
        let mut results = std::mem::take(&mut self.results);
        if let Some(result) = results.note(event) {
            self.note(result.last);
        }
        self.results = results;
        Flow::Continue
    }

    fn finish(&mut self) {
        for result in std::mem::take(&mut self.results).finish() {
            self.note(&result.last);
        }
    }
}

/// A search by Git, in a checkout of its own.
struct Bisection {
    folder: tempfile::TempDir,
    /// What Git said last.
    said: String,
}

impl Bisection {
    fn begin(good: &str, bad: &str) -> Result<Self, Error> {
        let folder = tempfile::tempdir().map_err(of_git)?;
        let mut bisection = Self { folder, said: String::new() };
        let checkout = bisection.checkout();
        let mut add = git(Path::new("."));
        add.args(["worktree", "add", "--quiet", "--detach"]).arg(&checkout).arg(bad);
        run(&mut add)?;
        bisection.said = bisection.git(&["bisect", "start", bad, good])?;
        Ok(bisection)
    }

    fn checkout(&self) -> PathBuf {
        self.folder.path().join("checkout")
    }

    fn git(&self, words: &[&str]) -> Result<String, Error> {
        run(git(&self.checkout()).args(words))
    }

    fn mark(&mut self, verdict: Verdict) -> Result<(), Error> {
        // Where only revisions without a result are left its exit status is 2.
        let output = git(&self.checkout()).args(["bisect", verdict.word()]).output();
        self.said = String::from_utf8_lossy(&output.map_err(of_git)?.stdout).into_owned();
        Ok(())
    }

    /// The first bad revision; several if it is one of these; none while the search goes on.
    fn found(&self) -> Result<Option<Vec<String>>, Error> {
        let first =
            self.said.lines().find_map(|line| line.strip_suffix(" is the first bad commit"));
        if let Some(revision) = first {
            return Ok(Some(vec![revision.to_owned()]));
        }
        let is_revision =
            |line: &&str| line.len() >= 40 && line.bytes().all(|b| b.is_ascii_hexdigit());
        let left: Vec<String> = self.said.lines().filter(is_revision).map(str::to_owned).collect();
        if !left.is_empty() {
            return Ok(Some(left));
        }
        match self.said.contains("Bisecting: ") {
            true => Ok(None),
            false => Err(Error::Usage(format!(
                "git bisect: {}",
                self.said.lines().next().unwrap_or("it says nothing")
            ))),
        }
    }
}

impl Drop for Bisection {
    fn drop(&mut self) {
        // Best effort: `git worktree prune` forgets what is left.
        let mut remove = git(Path::new("."));
        remove.args(["worktree", "remove", "--force"]).arg(self.checkout());
        let _ = remove.output();
    }
}

fn git(folder: &Path) -> Process {
    let mut git = Process::new("git");
    git.current_dir(folder).stdin(Stdio::null()).env("LC_ALL", "C");
    git
}

/// What Git prints; an error with what it says is wrong.
fn run(git: &mut Process) -> Result<String, Error> {
    let output = git.output().map_err(of_git)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let said = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("it failed");
    Err(Error::Usage(format!("git: {}", said.trim_start_matches("fatal: "))))
}

fn of_git(source: io::Error) -> Error {
    Error::File { name: "git".into(), source }
}

/// A revision in short.
fn short(revision: &str) -> &str {
    revision.get(..10).unwrap_or(revision)
}
