//! `subunit tags`: tags added and taken off.

use std::io;

use subunit_core::{Event, Packet, TagsBuf};

use crate::{
    cli::command::Command,
    commands::stream::{filter::refuse_attempt, tagging::Tagging},
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    pipeline::{Filter, Inputs, Out, TextArgs, run_filter},
};

/// Add tags to all events, and remove tags
///
/// Tags are added first, then others removed. Packets that do not change are written unchanged, and so is
/// text.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Tags {
    /// Add a tag; may be given several times
    #[arg(long, short, value_name = "TAG")]
    add: Vec<String>,
    /// Remove a tag; may be given several times
    #[arg(long, short, value_name = "TAG")]
    remove: Vec<String>,
    #[command(flatten)]
    text: TextArgs,
    #[command(flatten)]
    inputs: Inputs,
}

impl Command for Tags {
    const NAME: &'static str = "tags";
    const WRITES: Writes = Writes::Stream;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit tags --add worker-0 run.subunit > tagged.subunit
  $ subunit tags --add quick --remove slow run.subunit | subunit stats

Exit status: 0, or 2 if a stream cannot be read or written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.remove.iter().try_for_each(|tag| refuse_attempt(tag))?;
        let set = |tags: &[String]| -> TagsBuf { tags.iter().map(String::as_str).collect() };
        let tagger = Tagger(Tagging::new(set(&self.add), set(&self.remove)));
        run_filter(tagger, &self.inputs, self.text, console)
    }
}

struct Tagger(Tagging);

impl Filter for Tagger {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        match self.0.change(event) {
            None => out.forward(event, packet),
            Some(tags) => out.retag(event, packet, tags),
        }
    }
}
