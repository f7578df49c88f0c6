//! `subunit 2to1`: version 1 of the protocol.

use std::io;

use subunit_core::{Damage, Event, Packet, sink::Sink, v1};

use crate::{
    command::Command,
    console::Console,
    exit::{Error, Exit},
    pipeline::{Filter, Inputs, Out, TextArgs, run_filter},
};

/// Write a stream in version 1 of the protocol
///
/// Version 1 knows one test at a time, so tests are written as they end, with their attachments. It has
/// no place for listed tests, route codes, and what is not runnable. Damage becomes a failed test.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct TwoToOne {
    #[command(flatten)]
    text: TextArgs,
    #[command(flatten)]
    inputs: Inputs,
}

impl Command for TwoToOne {
    const NAME: &'static str = "2to1";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit 2to1 run.subunit
  $ subunit 2to1 run.subunit | subunit 1to2 | subunit stats

Exit status: 0, or 2 where a stream cannot be read or written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let no_loose = self.text.no_text;
        run_filter(OldWriter::new(false, no_loose), &self.inputs, self.text, console)
    }
}

/// Writes version 1.
pub(super) struct OldWriter {
    /// Writes to where its lines are taken from.
    writer: v1::Writer<Vec<u8>>,
    /// Whether what belongs to no test is dropped.
    no_loose: bool,
}

impl OldWriter {
    /// With `traditional`, byte for byte what subunit-2to1 writes. With `no_loose`, without what
    /// belongs to no test.
    pub(super) fn new(traditional: bool, no_loose: bool) -> Self {
        let lines = Vec::new();
        let writer =
            if traditional { v1::Writer::traditional(lines) } else { v1::Writer::new(lines) };
        Self { writer, no_loose }
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
        if event.test_id.is_some() || !self.no_loose {
            let _ = self.writer.event(event);
        }
        self.write(out)
    }

    fn text(&mut self, bytes: &[u8], out: &mut Out<'_, '_>) -> io::Result<()> {
        if !self.no_loose {
            let _ = self.writer.text(bytes);
        }
        self.write(out)
    }

    fn damage(&mut self, damage: &Damage<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
        let _ = self.writer.damage(damage);
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

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.writer.finish();
        self.write(out)
    }
}
