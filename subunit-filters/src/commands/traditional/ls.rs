//! `subunit-ls`.

use std::io::{self, Write};

use subunit_core::{
    Event, Packet, Status, Timestamp,
    sink::{OpenTests, Sink, Summary},
};

use super::reading::{Input, Tool, pass_raw, run};
use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    pipeline::Out,
    style::escaped,
};

/// List the ids of tests as they end
///
/// As python-subunit's subunit-ls. With --times, a test that never ended took until the last event of any test,
/// and one that has no times 0.000.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Ls {
    /// Put the seconds that a test took behind its id
    #[arg(long)]
    times: bool,
    /// List tests that were only listed, too
    #[arg(long)]
    exists: bool,
    /// Drop what belongs to no test, in place of passing it on
    #[arg(long)]
    no_passthrough: bool,
    #[command(flatten)]
    input: Input,
}

impl Command for Ls {
    const NAME: &'static str = "subunit-ls";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit-ls run.subunit
  $ subunit-ls --times --no-passthrough < run.subunit | sort -k 2 -g

Exit status: 0; 1 where a test failed or never ended, or the stream was damaged; 2 where the
stream cannot be read.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let input = self.input.clone();
        let lister = Lister {
            open: self.times.then(OpenTests::default),
            options: self,
            last: None,
            summary: Summary::new().as_recorded(),
            lines: Vec::new(),
        };
        let counts = run(lister, &input, console)?.summary.counts();
        Ok(if counts.fail + counts.unfinished > 0 { Exit::Failed } else { Exit::Passed })
    }
}

struct Lister {
    options: Ls,
    /// When the tests that end had started, where times are asked for.
    open: Option<OpenTests>,
    /// The time of the last event of a test.
    last: Option<Timestamp>,
    summary: Summary,
    /// Lines to be written. The reference writes lines in pieces of this size, unless to a terminal, and
    /// text at once, so that short text comes before the lines.
    lines: Vec<u8>,
}

const PIECE: usize = 8192;

impl Tool for Lister {
    fn event(
        &mut self,
        event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        self.summary.event(event);
        let ended = self.open.as_mut().and_then(|open| open.note(event));
        let start = ended.and_then(|test| test.start);
        let Some(test_id) = event.test_id else {
            return if self.options.no_passthrough { Ok(()) } else { pass_raw(event, out) };
        };
        if !test_id.is_empty() {
            self.last = event.timestamp.or(self.last);
        }
        let exists = self.options.exists;
        match event.status {
            Some(Status::Exists) if !exists => Ok(()),
            Some(Status::InProgress) | None => Ok(()),
            Some(_) => self.write(test_id, start, event.timestamp, out),
        }
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        let summary = std::mem::take(&mut self.summary);
        for test in summary.open().in_order() {
            self.write(test.test_id, test.start, self.last, out)?;
        }
        self.summary = summary;
        out.report().write_all(&self.lines)
    }
}

impl Lister {
    fn write(
        &mut self,
        test_id: &str,
        start: Option<Timestamp>,
        stop: Option<Timestamp>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        if test_id.is_empty() {
            return Ok(());
        }
        let look = out.console.stdout_look;
        write!(self.lines, "{}", escaped(look, test_id))?;
        if self.options.times {
            write!(self.lines, " {:.3}", seconds(start, stop))?;
        }
        self.lines.push(b'\n');
        if look.terminal || self.lines.len() > PIECE {
            out.report().write_all(&self.lines)?;
            self.lines.clear();
        }
        Ok(())
    }
}

/// How long a test took; a clock that was set back makes it less than no time.
fn seconds(start: Option<Timestamp>, stop: Option<Timestamp>) -> f64 {
    let Some((start, stop)) = start.zip(stop) else { return 0.0 };
    match stop.since(start) {
        Some(time) => time.as_secs_f64(),
        None => -start.since(stop).unwrap_or_default().as_secs_f64(),
    }
}
