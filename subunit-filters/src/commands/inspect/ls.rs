//! `subunit ls`: the ids of tests.

use std::io;

use subunit_core::{
    Event, Packet, Status, Timestamp,
    sink::{OpenTests, Summary, Verdict},
};

use super::listed::{Listed, ListedTests, seconds};
use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    pipeline::{Filter, Out, ReportArgs, run_report},
    style::write_escaped,
};

/// List the ids of tests as they finish
///
/// Tests that never finished come last. Text outside packets goes to standard error.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Ls {
    /// Show the seconds that each test took after its id; `-` if unknown
    #[arg(long)]
    times: bool,
    /// List also tests that were listed and did not run
    #[arg(long)]
    exists: bool,
    /// Write a JSON object a line for each test: its id, status, route, tags, attempt, times
    ///
    /// Each attempt at a test is an object. A test that never finished has the status `inprogress`. Unknown
    /// values are `null`. With --baseline, failures say whether they are new. docs/schemas/ls.json describes
    /// the keys.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for Ls {
    const NAME: &'static str = "ls";
    const WRITES: Writes = Writes::Text;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit ls --times run.subunit | sort -k 2 -g
  $ subunit ls --json run.subunit | grep '\"status\":\"fail\"'

Exit status: 0 all passed (with --exists, also if tests were only listed); 1 a test failed,
passed unexpectedly or never finished, or the stream was damaged; 2 a stream cannot be read;
4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let Self { times, exists, json, report } = self;
        let json = match json {
            true => {
                Some(ListedTests::beside(report.judge.judge(&report.inputs, console)?.baseline))
            }
            false => None,
        };
        let open = (times || json.is_some()).then(OpenTests::default);
        run_report(Lister { exists, open, json }, &report, console)
    }
}

struct Lister {
    exists: bool,
    /// When the tests that end had started, where times are asked for.
    open: Option<OpenTests>,
    /// What else is known of tests, where that is asked for.
    json: Option<ListedTests>,
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
        let listed = self.json.as_mut().and_then(|json| json.note(event, times?));
        let (Some(test_id), Some(status)) = (event.test_id, event.status) else { return Ok(()) };
        let is_asked_for = status.is_final() || status == Status::Exists && self.exists;
        match listed {
            _ if !is_asked_for => Ok(()),
            Some(listed) => write_json(&listed, out),
            None => write_line(test_id, times, out),
        }
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        if let (Some(json), Some(open)) = (&mut self.json, &self.open) {
            let tags = json.take_tags();
            return open
                .in_order()
                .zip(&tags)
                .try_for_each(|(test, tags)| write_json(&Listed::unfinished(&test, tags), out));
        }
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
    match times.map(|(start, stop)| seconds(start, stop)) {
        None => report.write_all(b"\n"),
        Some(Some(seconds)) => writeln!(report, " {seconds:.3}"),
        Some(None) => report.write_all(b" -\n"),
    }
}

fn write_json(listed: &Listed<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
    let report = out.report();
    serde_json::to_writer(&mut *report, listed)?;
    report.write_all(b"\n")
}
