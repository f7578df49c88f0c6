//! `subunit-tags`.

use std::io;

use subunit_core::{Event, Packet, TagsBuf};

use super::reading::{Input, Tool, run};
use crate::{
    cli::command::Command,
    commands::stream::tagging::Tagging,
    console::Console,
    exit::{Error, Exit},
    pipeline::Out,
};

/// Add tags to all events, and take tags off
///
/// As python-subunit's subunit-tags: tags are added, then those with a minus in front are taken off.
/// Text becomes packets, which are tagged too.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(disable_help_flag = true)]
pub(super) struct Tags {
    /// A tag to add, or, with a minus in front, to take off
    #[arg(value_name = "[-]TAG", allow_hyphen_values = true, trailing_var_arg = true)]
    tags: Vec<String>,
    /// Print help
    #[arg(long, action = clap::ArgAction::HelpLong)]
    help: Option<bool>,
}

impl Command for Tags {
    const NAME: &'static str = "subunit-tags";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit-tags worker-0 < run.subunit > tagged.subunit
  $ subunit-tags quick -slow < run.subunit | subunit-stats

Exit status: 0, or 2 where the stream cannot be read or written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let removed = |tag: &&String| tag.starts_with('-');
        let discard = self.tags.iter().filter(removed).map(|tag| &tag[1..]).collect();
        let add: TagsBuf =
            self.tags.iter().filter(|tag| !removed(tag)).map(String::as_str).collect();
        run(Tagger(Tagging::new(add, discard)), &Input::default(), console)?;
        Ok(Exit::Passed)
    }
}

struct Tagger(Tagging);

impl Tool for Tagger {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        let Some(tags) = self.0.change(event) else { return out.forward(event, packet) };
        out.retag(event, packet, tags)
    }
}
