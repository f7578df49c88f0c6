//! `subunit 2to1`: version 1 of the protocol.

use std::io;

use subunit_core::{Damage, Event, Packet, Status, conventions::is_aside, sink::Sink, v1};

use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    pipeline::{Filter, Inputs, Out, TextArgs, broken_input, run_filter},
};

/// Convert a stream from version 2 to version 1
///
/// Version 1 knows one test at a time, so tests are written as they finish, with their attachments. It
/// cannot express listed tests, route codes, or that a test is not runnable. Damage becomes a failed test.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct TwoToOne {
    #[command(flatten)]
    text: TextArgs,
    #[command(flatten)]
    inputs: Inputs,
}

impl Command for TwoToOne {
    const NAME: &'static str = "2to1";
    const WRITES: Writes = Writes::Text;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit 2to1 run.subunit
  $ subunit 2to1 run.subunit | subunit 1to2 | subunit stats

Exit status: 0, or 2 if a stream cannot be read or written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let no_loose = self.text.no_text;
        run_filter(OldWriter::new(false, no_loose), &self.inputs, self.text, console)
    }
}

/// Writes version 1.
pub(in crate::commands) struct OldWriter {
    /// Writes to where its lines are taken from.
    writer: v1::Writer<Vec<u8>>,
    /// Whether what belongs to no test is dropped.
    no_loose: bool,
    traditional: bool,
    lost: Lost,
}

/// What version 1 has no place for.
#[derive(Debug, Default)]
struct Lost {
    listed: u64,
    routed: u64,
    not_runnable: u64,
}

impl Lost {
    fn note(&mut self, event: &Event<'_>) {
        self.listed += u64::from(event.status == Some(Status::Exists));
        self.routed += u64::from(event.route_code.is_some() && !is_aside(event));
        self.not_runnable += u64::from(event.test_id.is_some() && !event.runnable);
    }

    /// It in words; none where nothing is lost.
    fn told(&self) -> Option<String> {
        let all = [
            (self.listed, "that a test exists"),
            (self.routed, "what route an event has"),
            (self.not_runnable, "that a test cannot be run by itself"),
        ];
        let lost = all.iter().filter(|(count, _)| *count > 0);
        let lost: Vec<String> = lost.map(|(count, what)| format!("{what} ({count})")).collect();
        (!lost.is_empty()).then(|| format!("version 1 does not say {}", lost.join(", ")))
    }
}

impl OldWriter {
    /// With `traditional`, byte for byte what subunit-2to1 writes. With `no_loose`, without what
    /// belongs to no test.
    pub(in crate::commands) fn new(traditional: bool, no_loose: bool) -> Self {
        let lines = Vec::new();
        let writer =
            if traditional { v1::Writer::traditional(lines) } else { v1::Writer::new(lines) };
        Self { writer, no_loose, traditional, lost: Lost::default() }
    }

    fn write(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        let lines = self.writer.output_mut();
        if lines.is_empty() {
            return Ok(());
        }
        out.report().write_all(lines)?;
        lines.clear();
        Ok(())
    }
}

impl Filter for OldWriter {
    fn event(
        &mut self,
        event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        self.lost.note(event);
        if event.test_id.is_some() || !self.no_loose {
            self.writer.event(event);
        }
        self.write(out)
    }

    fn text(&mut self, bytes: &[u8], out: &mut Out<'_, '_>) -> io::Result<()> {
        if !self.no_loose {
            self.writer.text(bytes);
        }
        self.write(out)
    }

    fn damage(&mut self, damage: &Damage<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.writer.damage(damage);
        self.write(out)
    }

    /// Version 1 has no other word for it.
    fn told_damage(
        &mut self,
        damage: &Damage<'_>,
        _event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        self.damage(damage, out)
    }

    fn broken(&mut self, reason: &str, out: &mut Out<'_, '_>) -> io::Result<()> {
        if self.traditional {
            return Ok(());
        }
        self.writer.event(&broken_input(reason));
        self.finish(out)
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.writer.finish();
        if let Some(lost) = self.lost.told().filter(|_| !self.traditional) {
            out.console.say(lost)?;
        }
        self.write(out)
    }
}
