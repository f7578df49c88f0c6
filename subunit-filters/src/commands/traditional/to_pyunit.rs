//! `subunit2pyunit`.

use std::io;

use subunit_core::{Event, Packet};

use super::reading::{Input, Tool, pass_raw, run};
use crate::{
    cli::command::Command,
    commands::to::to_pyunit::Runner,
    console::Console,
    exit::{Error, Exit},
    pipeline::Out,
};

/// Show tests as Python's unittest does
///
/// As python-subunit's subunit2pyunit: the report goes to standard error, what belongs to no test to
/// standard output.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct ToPyunit {
    /// Drop what belongs to no test, in place of passing it on
    #[arg(long)]
    no_passthrough: bool,
    /// Accepted, and ignored
    #[arg(long)]
    progress: bool,
    #[command(flatten)]
    input: Input,
}

impl Command for ToPyunit {
    const NAME: &'static str = "subunit2pyunit";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit2pyunit run.subunit
  $ subunit2pyunit --no-passthrough < run.subunit

Exit status: 0; 1 where a test failed, passed unexpectedly or never ended, or the stream was
damaged; 2 where the stream cannot be read.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let show = Show { no_passthrough: self.no_passthrough, runner: Runner::new() };
        let show = run(show, &self.input, console)?;
        Ok(if show.runner.passed() { Exit::Passed } else { Exit::Failed })
    }
}

struct Show {
    no_passthrough: bool,
    runner: Runner,
}

impl Tool for Show {
    fn event(
        &mut self,
        event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        if event.test_id.is_none() && !self.no_passthrough {
            return pass_raw(event, out);
        }
        self.runner.event(event, out.console.stderr_look, &mut out.console.stderr)
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.runner.finish(out.console.stderr_look, &mut out.console.stderr)
    }
}
