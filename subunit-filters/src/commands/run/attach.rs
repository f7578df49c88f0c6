//! `subunit attach`: a person's end of a tree of multiplexers.

use std::path::PathBuf;

use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    pipeline::FromArg,
};

/// Watch a tree of multiplexers, and type at its leaves
///
/// Runs a command that writes a stream, or results in any format, such as `subunit mux` here or over ssh,
/// and shows the text of each leaf with its route. A typed line goes to the leaf that has the focus when its
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
    /// The command and its arguments
    #[arg(value_name = "COMMAND", required = true, last = true)]
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
        let readers = Readers::new(move |_| Box::new(AutoReader::new(self.from.known())));
        run_attach(&AttachPlan { command: self.command, output: self.output, readers }, console)
    }

    #[cfg(not(unix))]
    fn run(self, _console: &mut Console<'_>) -> Result<Exit, Error> {
        Err(Error::Usage("this works only on Unix".into()))
    }
}
