//! The options of `subunit run`.

use std::{
    collections::HashSet,
    env,
    num::{NonZeroU64, NonZeroUsize},
    path::PathBuf,
    time::Duration,
};

use subunit_filters::{
    cli::duration,
    commands::view::{OutputArgs, ViewArgs},
    exit::Error,
    pipeline::{CommandArgs, JudgeArgs},
};

use super::{changes::Changes, quarantine::Quarantined, select::SelectArgs};
use crate::{commands::history::HistoryArg, schedule::Order, supervise::Candidates};

const HOW: &str = "How they run";
const SHOWN: &str = "What is shown";
const VERDICT: &str = "Verdict";
const COMMAND: &str = "A command instead of a suite";

/// Run tests in parallel, and watch them
///
/// The suite is described by the configuration of the current folder: subunit.toml, .testr.conf, .stestr.conf or
/// another. Without one, the runner of the folder is found by its files: pytest, unittest, cargo test, nextest, go
/// test, jest, vitest, mocha, node --test, Playwright, CTest, Meson, Maven, Gradle, Bazel, dotnet, RSpec, Minitest,
/// test-unit, PHPUnit, ExUnit, bats, prove, Robot Framework, behave or cucumber-js; several run one after another, each
/// below a route with its name. Tests are listed, and run in one worker per processor. Tests that match one of the
/// FILTERs run: regexes as Python's, found anywhere in the id.
///
/// Folders after `--` are scripts: each executable in them is a test. It passes with the exit status 0, is
/// skipped with 77, and fails with any other. Its output is read in any format. Where neither a configuration nor a
/// runner is found, FILTERs that are folders with executables mean the same without `--`; further ones choose among
/// their tests. `[[script]]` in subunit.toml names scripts one by one; `setup` and `teardown` there are commands before
/// and after all tests.
///
/// Any other command after `--` is one runner. If it is one of those above or a program of GoogleTest, Catch2, doctest,
/// Boost.Test, QtTest or JUnit's console launcher, also below `npm test` or `bundle exec`, its tests are listed and run
/// as those of the folder are, with its options. A runner that has workers of its own keeps them: jest, vitest, node
/// --test, Meson, nextest, Maven, Gradle, Bazel, dotnet. `--as-is` runs a command as it stands. So does any other
/// command: its output is read in any format, and the run also fails if its exit status is not 0.
///
/// On a terminal keys ask for more while tests run: `?` names them. SIGUSR1 prints which tests run now, on
/// standard error.
///
/// ^C stops what runs, and the report covers the run so far. A second ^C kills it. The reports of `subunit
/// report` can be written as well, each to its file. Where one of them goes to standard output, such as `--github`,
/// the run is not shown, and the verdict is a line on standard error.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(args_override_self = false)] // two paths are two reports
pub(in crate::commands) struct Run {
    #[command(flatten)]
    pub(super) select: SelectArgs,
    /// Run the tests of this runner only, which has some in the current folder
    #[arg(long, value_name = "NAME", conflicts_with_all = ["command", "profile"], hide_short_help = true)]
    pub(super) runner: Option<String>,
    /// Write a subunit.toml that says what was found in the current folder, and run nothing
    #[arg(long, conflicts_with_all = ["command", "show_config"], hide_short_help = true)]
    pub(super) init: bool,
    /// Write the modules for workers in Python into this folder, and run nothing
    ///
    /// `subunit_unittest` has `work`, which lists the tests of any suite of unittest or testtools and runs them as their
    /// ids arrive, and `PacketResult`, a TestResult that writes packets. docs/workers.md has an example.
    #[arg(long, value_name = "DIR", conflicts_with = "init", hide_short_help = true)]
    pub(super) python_worker: Option<PathBuf>,
    /// Use this profile of the configuration
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// Which other runs this one may be compared with [default: those of the branch and the variant]
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub(super) series: Option<String>,
    /// Which variant of what is tested this is, such as a build with other options
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub(super) variant: Option<String>,
    /// Run so many workers [default: as configured, or one per processor]
    #[arg(long, short, value_name = "N", value_parser = parse_jobs, help_heading = HOW)]
    pub(super) jobs: Option<usize>,
    /// Which tests begin first [default: the slowest, where times are known]
    #[arg(long, value_name = "ORDER", help_heading = HOW)]
    pub(super) order: Option<Order>,
    /// Run a test that failed up to N times again
    #[arg(long, value_name = "N", value_parser = parse_retries, help_heading = HOW)]
    pub(super) retries: Option<u32>,
    /// Go on with the last run, which was stopped: run the tests that have not ended
    ///
    /// What was said of the others counts as well.
    #[arg(
        long,
        conflicts_with_all = ["repeat", "until_failure"],
        help_heading = HOW
    )]
    pub(super) resume: bool,
    /// Run the tests N times, each time as a run of its own
    #[arg(long, value_name = "N", value_parser = parse_count, help_heading = HOW)]
    pub(super) repeat: Option<NonZeroU64>,
    /// Run the tests again and again, until one fails
    #[arg(long, help_heading = HOW)]
    pub(super) until_failure: bool,
    /// Find the earlier tests that make tests fail, which failed in the last run: run each alone, and
    /// after what ran before it
    #[arg(
        long,
        conflicts_with_all = ["subunit", "repeat", "until_failure", "resume"],
        help_heading = HOW,
        hide_short_help = true
    )]
    pub(super) analyze_isolation: bool,
    /// Run again whenever a file changes: first what failed, then what belongs to the change, then all
    #[arg(
        long,
        conflicts_with_all =
            ["subunit", "repeat", "until_failure", "resume", "analyze_isolation", "detach"],
        help_heading = HOW
    )]
    pub(super) watch: bool,
    /// Run the tests that are known to fail after the others, with a verdict of their own, or only these, or none of them
    ///
    /// The list is `quarantine` in subunit.toml, as `subunit known-failures` reads it. An entry whose last day is over
    /// is red, and its test runs with the others.
    #[arg(
        long,
        value_name = "HOW",
        conflicts_with_all = ["resume", "analyze_isolation"],
        help_heading = HOW,
        hide_short_help = true
    )]
    pub(super) quarantined: Option<Quarantined>,
    /// Run each test in a process of its own
    #[arg(long, help_heading = HOW, hide_short_help = true)]
    pub(super) isolated: bool,
    /// Hand out no more tests after N failures
    #[arg(
        long,
        value_name = "N",
        value_parser = parse_count,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "1",
        help_heading = HOW
    )]
    pub(super) fail_fast: Option<NonZeroU64>,
    /// Stop a test that runs longer than this, such as 30s, 5m or 1.5h
    #[arg(long, value_name = "TIME", value_parser = parse_limit, help_heading = HOW)]
    pub(super) test_timeout: Option<Duration>,
    /// Stop a worker that runs a test and says nothing for this long
    #[arg(long, value_name = "TIME", value_parser = parse_limit, help_heading = HOW, hide_short_help = true)]
    pub(super) no_output_timeout: Option<Duration>,
    /// Stop the run after this long
    #[arg(long, value_name = "TIME", value_parser = parse_limit, help_heading = HOW, hide_short_help = true)]
    pub(super) max_duration: Option<Duration>,
    /// Run in the background: `subunit running` shows the run, and `subunit attach` joins it
    #[arg(
        long,
        conflicts_with_all =
            ["subunit", "repeat", "until_failure", "resume", "analyze_isolation"],
        help_heading = HOW,
        hide_short_help = true
    )]
    pub(super) detach: bool,
    /// Write the name of the run into this file once it goes on, and leave the terminal
    #[arg(long, value_name = "FILE", hide = true)]
    pub(super) detached: Option<PathBuf>,
    /// Where the run is kept.
    #[command(flatten, next_help_heading = HOW)]
    pub(super) history: HistoryArg,
    /// Do not keep the run
    #[arg(long, conflicts_with = "history", help_heading = HOW, hide_short_help = true)]
    pub(super) no_history: bool,
    /// Send the run to this server while it goes on, such as https://tests.example.org/
    ///
    /// `$SUBUNIT_TOKEN` is the token that the server wants. The verdict is the same whether the server answers or not: what could
    /// not be sent a minute after the end is kept in a file, and a line says how to send it.
    #[arg(long, value_name = "URL", help_heading = HOW, hide_short_help = true)]
    pub(super) report_to: Option<String>,
    /// Give each worker a terminal of its own
    #[arg(long, help_heading = HOW, hide_short_help = true)]
    pub(super) pty: bool,
    /// Keep the standard input of workers open, to answer debuggers with `subunit attach`; always so on a
    /// terminal
    #[arg(long, help_heading = HOW, hide_short_help = true)]
    pub(super) debug: bool,
    /// Show the configuration and where each value is from, or what counts for one test, and run nothing
    #[arg(
        long,
        value_name = "TEST",
        num_args = 0..=1,
        require_equals = true
    )]
    pub(super) show_config: Option<Option<String>>,
    /// Write the stream to standard output instead of showing it
    #[arg(
        long,
        conflicts_with_all = ["show", "no_capture", "slowest", "plain", "brief"],
        help_heading = SHOWN
    )]
    pub(super) subunit: bool,
    #[command(flatten, next_help_heading = SHOWN)]
    pub(super) view: ViewArgs,
    /// Exit with 0 if there was no test at all
    #[arg(long, help_heading = VERDICT)]
    pub(super) allow_empty: bool,
    /// Let failures pass that are not enough by the `[[policy]]` of subunit.toml, such as fail = "9 of 10"
    ///
    /// The earlier runs of the series count, as for `subunit failing --policy`. Tests without a policy fail as always.
    #[arg(
        long,
        conflicts_with_all = ["baseline", "fail_on", "no_history"],
        help_heading = VERDICT,
        hide_short_help = true
    )]
    pub(super) policy: bool,
    #[command(flatten, next_help_heading = VERDICT)]
    pub(super) judge: JudgeArgs,
    /// Run the command as it stands, whatever runner it is
    #[arg(long, requires = "command", help_heading = COMMAND)]
    pub(super) as_is: bool,
    #[command(flatten, next_help_heading = COMMAND)]
    pub(super) command: CommandArgs,
    #[command(flatten, next_help_heading = "Reports")]
    pub(super) outputs: OutputArgs,
    /// The tests that were chosen before, as in the first of several runs; none if they were not.
    #[arg(skip)]
    pub(super) tests: Vec<ChosenTests>,
    /// Changes that end the run.
    #[arg(skip)]
    pub(super) changes: Option<Changes>,
}

/// Tests that were chosen before a run.
#[derive(Clone, Debug)]
pub(in crate::commands) struct ChosenTests {
    /// The hop in front of their routes, where several runners have tests.
    pub(in crate::commands) route: Option<String>,
    /// Which these are.
    pub(in crate::commands) tests: Candidates,
}

impl Run {
    /// The folder in which everything runs.
    pub(in crate::commands) fn folder() -> Result<PathBuf, Error> {
        env::current_dir().map_err(|source| Error::File { name: ".".into(), source })
    }

    /// A run of these tests and no others.
    pub(in crate::commands) fn of_tests(
        tests: Vec<ChosenTests>,
        profile: Option<String>,
        jobs: Option<NonZeroUsize>,
        history: HistoryArg,
    ) -> Self {
        let jobs = jobs.map(NonZeroUsize::get);
        Self { tests, profile, jobs, history, ..Self::default() }
    }

    /// The tests that were chosen before of the suite with this route. A suite without a route has all tests, and tests
    /// without a route may be of any suite.
    pub(super) fn chosen(&self, route: Option<&str>) -> Option<Candidates> {
        let [first, rest @ ..] = &*self.tests else { return None };
        let Some(route) = route else {
            let mut ids = match &first.tests {
                Candidates::These(ids) => ids.clone(),
                all => return Some(all.clone()),
            };
            for chosen in rest {
                match &chosen.tests {
                    Candidates::These(others) => ids.extend(others.iter().cloned()),
                    all => return Some(all.clone()),
                }
            }
            let mut known = HashSet::new();
            ids.retain(|id| known.insert(id.clone()));
            return Some(Candidates::These(ids));
        };
        let of = |route: Option<&str>| {
            self.tests.iter().find(move |chosen| chosen.route.as_deref() == route)
        };
        let chosen = of(Some(route)).or_else(|| of(None));
        Some(chosen.map_or(Candidates::These(Vec::new()), |chosen| chosen.tests.clone()))
    }
}

fn parse_jobs(text: &str) -> Result<usize, &'static str> {
    match text {
        "auto" => Ok(processors()),
        text => text.parse().ok().filter(|jobs| *jobs > 0).ok_or("use a number from 1, or auto"),
    }
}

fn parse_count(text: &str) -> Result<NonZeroU64, &'static str> {
    text.parse().map_err(|_| "use a number from 1")
}

fn parse_retries(text: &str) -> Result<u32, &'static str> {
    text.parse().map_err(|_| "use a number, or 0 for none")
}

fn parse_limit(text: &str) -> Result<Duration, &'static str> {
    let limit = duration::parse(text)?;
    if limit.is_zero() { Err("use a time more than 0, such as 30s or 5m") } else { Ok(limit) }
}

/// How many tests this machine runs at once.
pub(super) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
