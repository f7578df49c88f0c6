//! `subunit 1to2`: version 1 as a stream of version 2.

use std::path::PathBuf;

use subunit_formats::Format;

use crate::{
    cli::command::Command,
    commands::stream::cat::Forward,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    pipeline::{Inputs, TextArgs, run_filter},
};

/// Convert a stream from version 1 to version 2
///
/// Anything that is not a line of version 1 is passed through, including packets of version 2. Events keep
/// the times that the input states and get no others.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct OneToTwo {
    #[command(flatten)]
    text: TextArgs,
    /// Files to read, in order; reads standard input if none is given, or for `-`
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Command for OneToTwo {
    const NAME: &'static str = "1to2";
    const WRITES: Writes = Writes::Stream;
    const EXAMPLES: &'static str = "\
Examples:
  $ printf 'test: a\\nsuccess: a\\n' | subunit 1to2 | subunit ls
  $ subunit 2to1 run.subunit | subunit 1to2 | subunit stats

Exit status: 0, or 2 if an input cannot be read or the stream cannot be written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        run_filter(Forward, &Inputs::of(Format::SubunitV1, self.files), self.text, console)
    }
}
