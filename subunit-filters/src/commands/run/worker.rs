//! `subunit worker`: a test command as a leaf that takes tests while it runs.

use std::path::PathBuf;

#[cfg(unix)]
use subunit_core::run::counted;
use subunit_mux::worker::Notice;

use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    pipeline::FromArg,
};

/// Hand tests to a running command as they come
///
/// Ids arrive on standard input as packets with the status `exists`, as `subunit mux` sends them to this
/// worker. The command reads them one a line from the descriptor $SUBUNIT_TEST_FD, or from the path
/// $SUBUNIT_TEST_PATH, and writes its results to standard output, or to the descriptor $SUBUNIT_RESULT_FD, in any format. If `{}` is one of its
/// arguments, it is run once for each batch of ids instead; `{}` becomes the path of a file with the ids.
/// Text on standard input goes to the command, so you can talk to it.
///
/// A test that was sent and has not finished when the command ends is a failure, with the reason. A test
/// that never started has the tag `never-run`; `subunit mux` gives it to another worker if it has no route.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Worker {
    /// Also read ids from this file or descriptor, one a line, such as /dev/fd/3
    #[arg(long, value_name = "PATH")]
    ids: Option<PathBuf>,
    /// Standard output and standard error of the command are text, whatever they look like
    #[arg(long, conflicts_with = "from")]
    console: bool,
    /// The format of what the command says.
    #[command(flatten)]
    from: FromArg,
    /// The command and its arguments
    #[arg(value_name = "COMMAND", required = true, last = true)]
    command: Vec<String>,
}

impl Command for Worker {
    const NAME: &'static str = "worker";
    const WRITES: Writes = Writes::LiveStream(None);
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit worker --ids <(printf 'a\\nb\\n') -- sh -c 'for id in $(cat $0); do subunit output --success $id; done' {}
  $ subunit mux --allow-empty --run 'subunit worker -- sh -c \"./run-tests <&\\$SUBUNIT_TEST_FD\"'

Exit status: 0 the command succeeded; 1 it failed, or left tests; 2 it cannot be started.";

    #[cfg(unix)]
    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        use subunit_core::{InputReader, TextReader};
        use subunit_formats::auto::AutoReader;
        use subunit_mux::{
            Readers,
            process::{Output, is_nested},
            worker::{Worker, WorkerPlan},
        };

        use crate::console::closed_stdout;
        let (known, is_console) = (self.from.known(), self.console);
        let readers = Readers::new(move |_| -> Box<dyn InputReader> {
            if is_console { Box::new(TextReader::new()) } else { Box::new(AutoReader::new(known)) }
        });
        let readers = readers.with_results(|_| Box::new(AutoReader::new(None)));
        let plan = WorkerPlan { command: self.command, ids: self.ids, readers };
        let mut worker = Worker::start(plan, Output::standard(closed_stdout()))?;
        while !worker.is_done() {
            let turned = worker.turn();
            worker.notices().try_for_each(|notice| say(&notice, console))?;
            turned?;
        }
        let end = worker.finish();
        let has_left = end.never_run > 0;
        if has_left && !is_nested() {
            console.say(format_args!("never run: {}", counted(end.never_run, "test")))?;
        }
        console.stderr.flush()?;
        match end.not_written {
            Some(error) => Err(Error::Output(error)),
            None if end.has_failed || has_left => Ok(Exit::Failed),
            None => Ok(Exit::Passed),
        }
    }

    #[cfg(not(unix))]
    fn run(self, _console: &mut Console<'_>) -> Result<Exit, Error> {
        Err(Error::Usage("this works only on Unix".into()))
    }
}

/// What a person should know, on standard error.
#[cfg(unix)]
fn say(notice: &Notice, console: &mut Console<'_>) -> Result<(), Error> {
    match notice {
        Notice::CommandFailed { cause } => {
            console.say(format_args!("the command ended: {cause}"))?;
        }
        Notice::Refused(message) => console.say(message)?,
        Notice::Report(report) => console.say(&report.kind)?,
        _ => return Ok(()),
    }
    Ok(console.stderr.flush()?)
}
