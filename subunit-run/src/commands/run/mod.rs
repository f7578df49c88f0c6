//! `subunit run`: tests in parallel, and what a person looks at meanwhile.

mod changed;
mod configured;
mod forward;
mod kept;
mod known;
mod over;
mod prepare;
mod record;
mod repeat;
mod resume;
mod select;

use std::{num::NonZeroU64, time::Duration};

use subunit_filters::{
    cli::{command::Command, duration},
    commands::view::{Again, Answers, OutputArgs, Shown, ViewArgs},
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    pipeline::{CommandArgs, Filter, JudgeArgs, Judged, Producer, ReportArgs},
};

pub(super) use self::select::SelectArgs;
use self::{forward::Forward, prepare::prepare, record::Recorder, resume::Resumed};
use crate::{
    memory::Times,
    schedule::Order,
    supervise::{Supervisor, Tests},
};

/// Run tests in parallel, and watch them
///
/// The suite is described by the configuration of the current folder: subunit.toml, .testr.conf, .stestr.conf
/// or another. Its tests are listed, and run in one worker per processor. Tests that match one of the FILTERs
/// run: regexes as Python's, found anywhere in the id.
///
/// A command after `--` is one runner: it is run, and its output is read in any format; no configuration is
/// needed. The run also fails if the command's exit status is not 0.
///
/// On a terminal keys ask for more while tests run: `?` names them. SIGUSR1 prints which tests run now, on
/// standard error.
///
/// ^C stops what runs, and the report covers the run so far. A second ^C kills it. The reports of `subunit
/// report` can be written as well, each to its file.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(args_override_self = false)] // two paths are two reports
pub(crate) struct Run {
    #[command(flatten)]
    select: SelectArgs,
    /// Use this profile of the configuration
    #[arg(long, value_name = "NAME", conflicts_with = "command")]
    profile: Option<String>,
    /// Run so many workers [default: as configured, or one per processor]
    #[arg(long, short, value_name = "N", value_parser = parse_jobs, conflicts_with = "command", help_heading = HOW)]
    jobs: Option<usize>,
    /// Which tests begin first [default: the slowest, where times are known]
    #[arg(long, value_name = "ORDER", conflicts_with = "command", help_heading = HOW)]
    order: Option<Order>,
    /// Run a test that failed up to N times again
    #[arg(long, value_name = "N", value_parser = parse_retries, conflicts_with = "command", help_heading = HOW)]
    retries: Option<u32>,
    /// Go on with the last run, which was stopped: run the tests that have not ended
    ///
    /// What was said of the others counts as well.
    #[arg(
        long,
        conflicts_with_all = ["command", "repeat", "until_failure"],
        help_heading = HOW
    )]
    resume: bool,
    /// Run the tests N times, each time as a run of its own
    #[arg(long, value_name = "N", value_parser = parse_count, conflicts_with = "command", help_heading = HOW)]
    repeat: Option<NonZeroU64>,
    /// Run the tests again and again, until one fails
    #[arg(long, conflicts_with = "command", help_heading = HOW)]
    until_failure: bool,
    /// Run each test in a process of its own
    #[arg(long, conflicts_with = "command", help_heading = HOW, hide_short_help = true)]
    isolated: bool,
    /// Hand out no more tests after N failures
    #[arg(
        long,
        value_name = "N",
        value_parser = parse_count,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "1",
        conflicts_with = "command",
        help_heading = HOW
    )]
    fail_fast: Option<NonZeroU64>,
    /// Stop a test that runs longer than this, such as 30s, 5m or 1.5h
    #[arg(long, value_name = "TIME", value_parser = parse_limit, conflicts_with = "command", help_heading = HOW)]
    test_timeout: Option<Duration>,
    /// Stop a worker that runs a test and says nothing for this long
    #[arg(long, value_name = "TIME", value_parser = parse_limit, conflicts_with = "command", help_heading = HOW, hide_short_help = true)]
    no_output_timeout: Option<Duration>,
    /// Stop the run after this long
    #[arg(long, value_name = "TIME", value_parser = parse_limit, conflicts_with = "command", help_heading = HOW, hide_short_help = true)]
    max_duration: Option<Duration>,
    /// Keep the standard input of workers open, to answer debuggers with `subunit attach`; always so on a
    /// terminal
    #[arg(long, conflicts_with = "command", help_heading = HOW, hide_short_help = true)]
    debug: bool,
    /// Show the configuration and where each value is from, or what counts for one test, and run nothing
    #[arg(
        long,
        value_name = "TEST",
        num_args = 0..=1,
        require_equals = true,
        conflicts_with = "command"
    )]
    show_config: Option<Option<String>>,
    /// Write the stream to standard output instead of showing it
    #[arg(
        long,
        conflicts_with_all = ["show", "slowest", "plain", "brief"],
        help_heading = SHOWN
    )]
    subunit: bool,
    #[command(flatten, next_help_heading = SHOWN)]
    view: ViewArgs,
    /// Exit with 0 if there was no test at all
    #[arg(long, help_heading = VERDICT)]
    allow_empty: bool,
    #[command(flatten, next_help_heading = VERDICT)]
    judge: JudgeArgs,
    #[command(flatten, next_help_heading = "A command instead of a suite")]
    command: CommandArgs,
    #[command(flatten, next_help_heading = "Reports")]
    outputs: OutputArgs,
    /// The tests that were chosen in the first of several runs.
    #[arg(skip)]
    tests: Option<Tests>,
}

const HOW: &str = "How they run";
const SHOWN: &str = "What is shown";
const VERDICT: &str = "Verdict";

/// What is told of a run besides its stream.
#[derive(Default)]
struct Told<'a> {
    /// How long tests usually take.
    times: Times,
    /// How to run again what failed.
    again: Option<&'a Again<'a>>,
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

/// The listing of the suite of the current folder.
pub(super) fn listing(
    select: SelectArgs,
    profile: Option<String>,
    console: &mut Console<'_>,
) -> Result<Supervisor, Error> {
    let run = Run { select, profile, ..Run::default() };
    Ok(prepare(&run, true, console)?.supervisor)
}

/// How many tests this machine runs at once.
fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

impl Command for Run {
    const NAME: &'static str = "run";
    const WRITES: Writes = Writes::Nothing;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit run -- cat run.subunit
  $ subunit run --junit run.xml -- cat run.subunit

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never finished, or a
command failed; 2 the tests could not be run; 4 there was no test at all.";

    fn run(mut self, console: &mut Console<'_>) -> Result<Exit, Error> {
        if let Some(test_id) = &self.show_config {
            if let Some(option) = self.select.given() {
                let message = format!(
                    "{option} does not go with --show-config; for one test write --show-config=TEST"
                );
                return Err(Error::Usage(message));
            }
            return configured::show(&self, test_id.as_deref(), console);
        }
        if self.command.is_given() {
            return self.run_command(console);
        }
        if let Some(option) = self.select.given().filter(|_| self.resume) {
            let message = format!("{option} does not go with --resume, which runs what is left");
            return Err(Error::Usage(message));
        }
        if self.repeats() { self.run_repeatedly(console) } else { self.run_once(console) }
    }
}

impl Run {
    /// One runner.
    fn run_command(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        if let Some(option) = self.select.given() {
            let message =
                format!("{option} does not go with a command after `--`, which has its own tests");
            return Err(Error::Usage(message));
        }
        let folder =
            std::env::current_dir().map_err(|source| Error::File { name: ".".into(), source })?;
        let mut memory = crate::memory::LastRun::open(&folder);
        let mut recorder = Recorder::begin(&mut memory, false, console)?;
        let command = self.command.clone();
        self.watch(&mut recorder, Judged::Command(&command), Told::default(), console)
    }

    /// The suite of a configuration.
    fn run_once(&mut self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let mut prepared = prepare(self, false, console)?;
        self.tests = Some(prepared.tests);
        let mut recorder = Recorder::begin(&mut *prepared.memory, prepared.partial, console)?;
        let mut resumed;
        let mut run: &mut dyn Producer = &mut prepared.supervisor;
        if let Some(said) = prepared.said {
            resumed = Resumed::new(said, run);
            run = &mut resumed;
        }
        let again = self.again();
        let again = move |_: &[&str]| Some(again.clone());
        let told = Told { times: prepared.times, again: Some(&again) };
        let exit = self.clone().watch(&mut recorder, Judged::Run(run), told, console);
        drop(recorder);
        kept::warn(&mut *prepared.memory, console)?;
        exit
    }

    /// A command that runs those of the tests again that failed.
    fn again(&self) -> Vec<String> {
        let mut words: Vec<String> =
            ["subunit", "run", "--failing"].into_iter().map(str::to_owned).collect();
        words.extend(self.profile.iter().map(|profile| format!("--profile={profile}")));
        words.extend(self.select.words());
        words
    }

    /// Shows what is run, or writes its stream.
    fn watch(
        self,
        recorder: &mut Recorder<'_>,
        judged: Judged<'_>,
        told: Told<'_>,
        console: &mut Console<'_>,
    ) -> Result<Exit, Error> {
        let Self { view, allow_empty, judge, outputs, .. } = self;
        let report = ReportArgs { allow_empty, judge, ..ReportArgs::default() };
        if self.subunit {
            let failed = |source| Error::System { name: "signals".into(), source };
            let mut answers = Answers::new(console).map_err(failed)?;
            let mut views: [&mut dyn Filter; 3] = [recorder, &mut answers, &mut Forward];
            return outputs.write(&mut views, &report, judged, console);
        }
        let mut before: [&mut dyn Filter; 1] = [recorder];
        let (before, Told { times, again }) = (&mut before, told);
        view.show(Shown { outputs, before, report: &report, judged, times, again }, console)
    }
}
