//! `subunit attach`: a person's end of a tree of multiplexers.

use std::path::PathBuf;

use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    pipeline::FromArg,
};

/// Join a run from another terminal, and type at its workers
///
/// Without arguments it joins the only run of this user that goes on; RUN is the name of one, and
/// `ssh:HOST` or `ssh:HOST/RUN` one on another machine.
///
/// With a command it watches a tree of multiplexers: it runs the command, which writes a stream, or results
/// in any format, such as `subunit mux` here or over ssh.
///
/// The text of each worker is shown with its route. A typed line goes to the leaf that has the focus when its
/// first character is typed, whatever others print before it ends. The focus follows prompts: unfinished
/// lines that wait for an answer. `/route 0/1` gives the focus to one leaf until you choose another one, the
/// leaf ends, or you type `/auto`.
///
/// More lines that begin with a slash: `/list` shows the leaves and their running tests, `/eof` ends the
/// input of the leaf with the focus, `/quit` ends all input. To send a line that begins with a slash, type
/// two.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Attach {
    /// Save the stream in a file
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    from: FromArg,
    /// The run to join
    #[arg(value_name = "RUN", conflicts_with = "command")]
    run: Option<String>,
    /// Copy standard input to the run, and its stream to standard output
    #[arg(long, hide = true, conflicts_with = "command")]
    bridge: bool,
    /// The command and its arguments
    #[arg(value_name = "COMMAND", last = true)]
    command: Vec<String>,
}

impl Command for Attach {
    const NAME: &'static str = "attach";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit attach -- subunit mux --run 'cat worker-0.subunit' --run 'cat worker-1.subunit'
  $ subunit attach --output all.subunit -- subunit mux --file run.subunit

Exit status: 0; 1 a test or the command failed; 2 the command cannot be started.";

    #[cfg(unix)]
    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        use subunit_formats::auto::AutoReader;
        use subunit_mux::Readers;

        use crate::attach::{AttachPlan, run_attach};
        if self.bridge {
            return crate::attach::bridge(self.run.as_deref());
        }
        let command = match self.command.is_empty() {
            true => crate::attach::command_of_run(self.run.as_deref())?,
            false => self.command,
        };
        let readers = Readers::new(move |_| Box::new(AutoReader::new(self.from.known())));
        run_attach(&AttachPlan { command, output: self.output, readers }, console)
    }

    #[cfg(not(unix))]
    fn run(self, _console: &mut Console<'_>) -> Result<Exit, Error> {
        Err(Error::Usage("this works only on Unix".into()))
    }
}
