//! `subunit ls`: the ids of tests.

use std::io;

use subunit_core::{
    Event, Packet, Status, Timestamp,
    sink::{OpenTests, Summary, Verdict},
};

use crate::{
    command::Command,
    console::Console,
    exit::{Error, Exit},
    pipeline::{Filter, Out, ReportArgs, run_report},
    style::write_escaped,
};

/// List the ids of tests as they end
///
/// Tests that never ended come last. Text outside packets is passed on to standard error.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Ls {
    /// Put the seconds that a test took behind its id; `-` where they are not known
    #[arg(long)]
    times: bool,
    /// List tests that were only listed, too
    #[arg(long)]
    exists: bool,
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for Ls {
    const NAME: &'static str = "ls";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit ls run.subunit
  $ subunit ls --times run.subunit | sort -k 2 -g

Exit status: 0 all passed (with --exists, also where tests were only listed); 1 a test failed,
passed unexpectedly or never ended, or the stream was damaged; 2 a stream cannot be read;
4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let Self { times, exists, report } = self;
        let open = times.then(OpenTests::default);
        run_report(Lister { exists, open }, &report, console)
    }
}

struct Lister {
    exists: bool,
    /// When the tests that end had started, where times are asked for.
    open: Option<OpenTests>,
}

impl Filter for Lister {
    fn event(
        &mut self,
        event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        let times = self.open.as_mut().map(|open| {
            let start = open.note(event).and_then(|test| test.start);
            (start, event.timestamp)
        });
        let (Some(test_id), Some(status)) = (event.test_id, event.status) else { return Ok(()) };
        if status.is_final() || status == Status::Exists && self.exists {
            write_line(test_id, times, out)?;
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        let summary = out.summary.take().unwrap_or_default();
        let times = self.open.as_ref().map(|_| (None, None));
        for test in summary.open().in_order() {
            write_line(test.test_id, times, out)?;
        }
        out.summary = Some(summary);
        Ok(())
    }

    fn verdict(&self, summary: &Summary) -> Verdict {
        match summary.verdict() {
            Verdict::NoTests if self.exists && summary.counts().exists > 0 => Verdict::Passed,
            verdict => verdict,
        }
    }
}

/// Start and stop of a test, as far as they are known.
type Times = (Option<Timestamp>, Option<Timestamp>);

fn write_line(test_id: &str, times: Option<Times>, out: &mut Out<'_, '_>) -> io::Result<()> {
    let look = out.console.stdout_look;
    let report = out.report();
    write_escaped(look, test_id, report)?;
    match times {
        None => report.write_all(b"\n"),
        Some((Some(start), Some(stop))) => {
            // A clock that was set back makes a test take less than no time.
            let seconds = match stop.since(start) {
                Some(time) => time.as_secs_f64(),
                None => -start.since(stop).unwrap_or_default().as_secs_f64(),
            };
            writeln!(report, " {seconds:.3}")
        }
        Some(_) => report.write_all(b" -\n"),
    }
}
