//! `subunit rename`: other ids.

use std::io;

use subunit_core::{Event, Packet};

use super::pattern;
use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    pipeline::{Filter, Inputs, Out, TextArgs, run_filter},
};

/// Change the ids of tests
///
/// Replaces every match of the expression in every id, whatever the status of the event. Packets that do not
/// change are written unchanged, and so is text.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Rename {
    /// Regular expression to look for in ids
    #[arg(id = "pattern", value_name = "FROM")]
    from: String,
    /// Replacement; `\1` stands for the first group, `\g<name>` for a named one
    #[arg(value_name = "TO")]
    to: String,
    #[command(flatten)]
    text: TextArgs,
    #[command(flatten)]
    inputs: Inputs,
}

impl Command for Rename {
    const NAME: &'static str = "rename";
    const WRITES: Writes = Writes::Stream;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit rename '^' 'linux/' run.subunit > linux.subunit
  $ subunit rename '^(\\w+)\\.(\\w+)' '\\2.\\1' run.subunit | subunit ls

Exit status: 0, or 2 if the arguments are wrong or a stream cannot be read or written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let rename = pattern::Rename::new(&self.from, &self.to)?;
        run_filter(Renamer { rename, id: String::new() }, &self.inputs, self.text, console)
    }
}

struct Renamer {
    rename: pattern::Rename,
    /// Reused for changing ids.
    id: String,
}

impl Filter for Renamer {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        let Some(old) = event.test_id else { return out.forward(event, packet) };
        self.id.clear();
        self.id.push_str(old);
        self.rename.apply(&mut self.id);
        if self.id == old {
            return out.forward(event, packet);
        }
        out.emit(&Event { test_id: Some(&self.id), ..*event })
    }
}
