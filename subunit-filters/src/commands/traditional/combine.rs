//! `subunit-combine`.

use std::io;

use subunit_core::{Event, Packet};

use super::reading::{Tool, run_on};
use crate::{
    cli::command::Command,
    commands::run::combine::{Combine, Prefixer, Way},
    console::{Console, Source},
    exit::{Error, Exit},
    pipeline::{Filter, Out},
};

/// Run commands and join their streams
///
/// As python-subunit's subunit-combine: text becomes packets, damage a failed test.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct CombineTool {
    #[command(flatten)]
    combine: Combine,
}

impl Command for CombineTool {
    const NAME: &'static str = "subunit-combine";
    const EXAMPLES: &'static str = "\
Examples:
  $ echo 'commands: [{prefix: \"a/\", argv: [cat, run.subunit]}]' > c.yaml && subunit-combine c.yaml | subunit-ls
  $ echo 'commands: [{argv: [cat, run.subunit]}]' > c.yaml && subunit-combine c.yaml > all.subunit

Exit status: 0; 1 where a command failed; 2 where one cannot be started.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.combine.run(console, &Traditional)
    }
}

/// It says nothing of how commands end, and passes over keys that it does not know.
struct Traditional;

impl<'c> Way<'c> for Traditional {
    const TELLS: bool = false;

    fn read(
        &self,
        prefixer: Prefixer,
        input: &mut dyn Source,
        name: &str,
        console: &mut Console<'c>,
    ) -> Result<Prefixer, Error> {
        run_on(prefixer, input, name, console)
    }
}

impl Tool for Prefixer {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        Filter::event(self, event, packet, out)
    }
}
