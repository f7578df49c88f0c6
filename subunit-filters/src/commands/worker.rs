//! `subunit worker`: a test command as a leaf that takes tests while it runs.

use std::path::PathBuf;

use crate::{
    command::Command,
    console::Console,
    exit::{Error, Exit},
};

/// Hand tests to a running command as they come
///
/// Ids arrive on standard input as packets with the status `exists`, which is what `subunit mux` makes of
/// such packets for this worker's route. The command gets them one a line on the descriptor whose number
/// stands in $SUBUNIT_TEST_FD, and writes its results to standard output, as ever. Where `{}` is among
/// its arguments it is run once for each batch of ids in place of that, with the path of a file of them.
/// Text on standard input goes to the command's, so it can be talked to.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Worker {
    /// Read ids from this file or descriptor as well, one a line, such as /dev/fd/3
    #[arg(long, value_name = "PATH")]
    ids: Option<PathBuf>,
    /// The command and its arguments
    #[arg(value_name = "COMMAND", required = true, last = true)]
    command: Vec<String>,
}

impl Command for Worker {
    const NAME: &'static str = "worker";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit worker --ids <(printf 'a\\nb\\n') -- cat {}
  $ subunit mux --allow-empty --run 'subunit worker -- sh -c \"cat <&\\$SUBUNIT_TEST_FD\"'

Exit status: 0 the command ended well; 1 it failed, or left tests; 2 it cannot be started.";

    #[cfg(unix)]
    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        use crate::mux::drive::{WorkerPlan, run_worker};
        run_worker(&WorkerPlan { command: self.command, ids: self.ids }, console)
    }

    #[cfg(not(unix))]
    fn run(self, _console: &mut Console<'_>) -> Result<Exit, Error> {
        Err(Error::Usage("this takes a Unix system".into()))
    }
}
