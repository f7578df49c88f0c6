//! `subunit cat`: streams in, one stream out.

use std::io;

use subunit_core::{Event, Packet};

use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    pipeline::{Filter, Inputs, Out, TextArgs, run_filter},
};

/// Join streams and write them unchanged
///
/// Packets are written byte for byte. Damage is reported on standard error, and its bytes are passed through
/// with the text, so nothing is lost.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Cat {
    #[command(flatten)]
    text: TextArgs,
    #[command(flatten)]
    inputs: Inputs,
}

impl Command for Cat {
    const NAME: &'static str = "cat";
    const WRITES: Writes = Writes::Stream;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit cat worker-0.subunit worker-1.subunit > run.subunit
  $ subunit cat --no-text run.subunit | subunit stats

Exit status: 0, or 2 if a stream cannot be read or written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        run_filter(Forward, &self.inputs, self.text, console)
    }
}

/// Writes a stream as it is.
pub(in crate::commands) struct Forward;

impl Filter for Forward {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        out.forward(event, packet)
    }
}
