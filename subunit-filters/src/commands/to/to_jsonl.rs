//! `subunit to-jsonl`: a stream as JSON Lines.

use std::io;

use subunit_core::{Damage, Event, Packet};
use subunit_formats::json::jsonl::writer::{Lines, put_damage, put_event, put_text};

use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    pipeline::{Filter, Out, ReportArgs, run_report},
};

/// Write a stream as JSON Lines, one object a packet
///
/// Lossless: `subunit from-jsonl` restores the same stream. Text and damage are objects too.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ToJsonl {
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for ToJsonl {
    const NAME: &'static str = "to-jsonl";
    const WRITES: Writes = Writes::Text;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit to-jsonl run.subunit
  $ subunit to-jsonl run.subunit | grep '\"status\":\"fail\"'

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never finished, or the
stream was damaged; 2 a stream cannot be read; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let no_text = self.report.text.no_text;
        run_report(Writing { no_text, lines: Lines::with_room(BLOCK) }, &self.report, console)
    }
}

/// So many bytes of lines are gathered at most; it is more than standard output has a buffer for, so they are not
/// copied once more.
const BLOCK: usize = 128 * 1024;

struct Writing {
    no_text: bool,
    /// Lines that have not been written.
    lines: Lines,
}

impl Writing {
    fn write(
        &mut self,
        out: &mut Out<'_, '_>,
        put: impl Fn(&mut [u8]) -> Option<usize>,
    ) -> io::Result<()> {
        while !self.lines.put(&put) {
            self.tick(out)?;
        }
        Ok(())
    }
}

impl Filter for Writing {
    fn event(
        &mut self,
        event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        self.write(out, |room| put_event(room, event))
    }

    fn is_lossless(&self) -> bool {
        true
    }

    fn text(&mut self, bytes: &[u8], out: &mut Out<'_, '_>) -> io::Result<()> {
        if self.no_text {
            return Ok(());
        }
        self.write(out, |room| put_text(room, bytes))
    }

    fn damage(&mut self, damage: &Damage<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.write(out, |room| put_damage(room, damage))
    }

    /// The lines are a stream, too.
    fn told_damage(
        &mut self,
        _damage: &Damage<'_>,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        self.event(event, packet, out)
    }

    fn tick(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        let written = out.report().write_all(self.lines.bytes());
        self.lines.clear();
        written
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.tick(out)
    }
}
