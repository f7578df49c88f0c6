//! `subunit run`: tests in parallel, and what a person looks at meanwhile.

use subunit_filters::{
    cli::command::Command,
    commands::view::{OutputArgs, Shown, ViewArgs},
    console::Console,
    exit::{Error, Exit},
    pipeline::{CommandArgs, JudgeArgs, Judged, ReportArgs},
};

/// Run tests in parallel, and watch them
///
/// A command after `--` is one runner: it is run, and its output is read in any format. The run also fails if
/// the command's exit status is not 0.
///
/// The reports of `subunit report` can be written as well, each to its file.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(args_override_self = false)] // two paths are two reports
pub(crate) struct Run {
    #[command(flatten)]
    view: ViewArgs,
    /// Exit with 0 if there was no test at all
    #[arg(long)]
    allow_empty: bool,
    #[command(flatten)]
    judge: JudgeArgs,
    #[command(flatten)]
    command: CommandArgs,
    #[command(flatten, next_help_heading = "Reports")]
    outputs: OutputArgs,
}

impl Command for Run {
    const NAME: &'static str = "run";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit run -- cat run.subunit
  $ subunit run --junit run.xml -- cat run.subunit

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never finished, or the
command failed; 2 the tests could not be run; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let Self { view, allow_empty, judge, command, outputs } = self;
        let report = ReportArgs { allow_empty, judge, ..ReportArgs::default() };
        let judged = Judged::Command(&command);
        view.show(Shown { outputs, before: &mut [], report: &report, judged }, console)
    }
}
