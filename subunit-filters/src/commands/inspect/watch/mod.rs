//! `subunit watch`: what a person looks at while tests run.

pub mod view;

use std::collections::HashMap;

use self::view::{OutputArgs, Shown, ViewArgs};
use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    pipeline::{CommandArgs, Judged, ReportArgs},
};

/// Watch tests while they run, with a report at the end
///
/// On a terminal, failures scroll by above a live view of the progress and the running tests. Elsewhere each
/// result is a line, and after 60 s without a result a line shows the progress. The report at the end names
/// each failure with its cause, the slowest and the flaky tests, and the verdict. The beginning and the end
/// of each attachment are kept, at least 24 KiB; at most 32 MiB for all running tests, and 16 MiB for the
/// first 1000 failures. Text outside packets goes to standard error. ^C ends the run: the report covers it
/// so far, and the run has failed.
///
/// A command after `--` is run and its output is read. The run also fails if the command's exit status is
/// not 0; the last line shows it. On a terminal the command gets a terminal, so each line arrives at once,
/// and it reads what you type.
///
/// The reports of `subunit report` can be written as well, each to its file. Where one of them goes to standard
/// output, such as `--github`, the run is not shown, and the verdict is a line on standard error.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(args_override_self = false)] // two paths are two reports
pub(crate) struct Watch {
    #[command(flatten)]
    view: ViewArgs,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    command: CommandArgs,
    #[command(flatten, next_help_heading = "Reports")]
    outputs: OutputArgs,
}

impl Command for Watch {
    const NAME: &'static str = "watch";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit watch --brief --budget 2000 run.subunit
  $ subunit watch -- cat run.subunit

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never finished, the
stream was damaged, or the command failed; 2 a stream cannot be read or the command
cannot be started; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let Self { view, report, command, outputs } = self;
        let judged = Judged::Command(&command);
        let (before, times) = (&mut [][..], HashMap::new());
        view.show(Shown { outputs, before, report: &report, judged, times, again: None }, console)
    }
}
