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
    style::escaped,
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
        run_report(Lister { times, exists, open: OpenTests::default() }, &report, console)
    }
}

struct Lister {
    times: bool,
    exists: bool,
    /// When the tests that end had started.
    open: OpenTests,
}

impl Filter for Lister {
    fn event(
        &mut self,
        event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        let start = self.open.note(event).and_then(|test| test.start);
        let (Some(test_id), Some(status)) = (event.test_id, event.status) else { return Ok(()) };
        if status.is_final() || status == Status::Exists && self.exists {
            write_line(test_id, self.times.then_some((start, event.timestamp)), out)?;
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.open
            .in_order()
            .iter()
            .try_for_each(|test| write_line(test.test_id, self.times.then_some((None, None)), out))
    }

    fn verdict(&self, summary: &Summary) -> Verdict {
        match summary.counts().verdict() {
            Verdict::NoTests if self.exists && summary.counts().exists > 0 => Verdict::Passed,
            verdict => verdict,
        }
    }
}

/// Start and stop of a test, as far as they are known.
type Times = (Option<Timestamp>, Option<Timestamp>);

fn write_line(test_id: &str, times: Option<Times>, out: &mut Out<'_, '_>) -> io::Result<()> {
    let test_id = escaped(out.console.stdout_look, test_id);
    let report = out.report();
    match times {
        None => writeln!(report, "{test_id}"),
        Some((Some(start), Some(stop))) => {
            // A clock that was set back makes a test take less than no time.
            let seconds = match stop.since(start) {
                Some(time) => time.as_secs_f64(),
                None => -start.since(stop).unwrap_or_default().as_secs_f64(),
            };
            writeln!(report, "{test_id} {seconds:.3}")
        }
        Some(_) => writeln!(report, "{test_id} -"),
    }
}
