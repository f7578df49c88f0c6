//! `subunit to-jsonl`: a stream as JSON Lines.

use std::io;

use subunit_core::{Damage, Event, Packet};

use crate::{
    command::Command,
    console::Console,
    exit::{Error, Exit},
    formats::jsonl,
    pipeline::{Filter, Out, ReportArgs, run_report},
};

/// Write a stream as JSON Lines, one object a packet
///
/// Lossless: `subunit from-jsonl` makes the same stream of it again. Text and damage are objects too.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ToJsonl {
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for ToJsonl {
    const NAME: &'static str = "to-jsonl";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit to-jsonl run.subunit
  $ subunit to-jsonl run.subunit | grep '\"status\":\"fail\"'

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never ended, or the
stream was damaged; 2 a stream cannot be read; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let no_text = self.report.text.no_text;
        run_report(Lines { no_text, line: Vec::new() }, &self.report, console)
    }
}

struct Lines {
    no_text: bool,
    line: Vec<u8>,
}

impl Lines {
    fn write(&mut self, out: &mut Out<'_, '_>, push: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        self.line.clear();
        push(&mut self.line);
        out.report().write_all(&self.line)
    }
}

impl Filter for Lines {
    fn event(
        &mut self,
        event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        self.write(out, |line| jsonl::push_event(line, event))
    }

    fn text(&mut self, bytes: &[u8], out: &mut Out<'_, '_>) -> io::Result<()> {
        if self.no_text {
            return Ok(());
        }
        self.write(out, |line| jsonl::push_text(line, bytes))
    }

    fn damage(&mut self, damage: &Damage<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.write(out, |line| jsonl::push_damage(line, damage))
    }
}
