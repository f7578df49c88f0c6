//! `subunit stats`: the verdict and its numbers.

use std::io::{self, Write};

use serde::Serialize;
use subunit_core::{
    Event, Packet,
    sink::{OpenTests, Summary, Verdict},
};

use crate::{
    command::Command,
    console::{Console, Look},
    exit::{Error, Exit},
    formats::time::Rfc3339,
    pipeline::{Filter, Out, ReportArgs, run_report},
    style::{Tone, escaped, toned},
};

/// Count results and tell the verdict
///
/// Counts final statuses: a test that ended twice counts twice. A test that started and never ended is
/// `unfinished` and fails the run, as do damage to the stream and unexpected successes. Text outside
/// packets is passed on to standard error.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Stats {
    /// Write one JSON object in place of text
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for Stats {
    const NAME: &'static str = "stats";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit stats run.subunit
  $ cat run.subunit | subunit stats --json

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never ended, or the
stream was damaged; 2 a stream cannot be read; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        console.interrupts.catch()?;
        run_report(Counter { json: self.json }, &self.report, console)
    }
}

struct Counter {
    json: bool,
}

impl Filter for Counter {
    /// There is nothing to do: the summary counts.
    fn event(
        &mut self,
        _event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        _out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        let summary = out.summary.take().unwrap_or_default();
        let report = &mut out.console.stdout;
        if self.json {
            write_json(&summary, report)?;
        } else {
            let look = out.console.stdout_look;
            write_counts(&summary, look, report)?;
            write_unfinished(summary.open(), look, report)?;
        }
        out.summary = Some(summary);
        Ok(())
    }

    fn summary(&self) -> Summary {
        Summary::new()
    }
}

/// What `--json` writes; other programs rely on the names. Times are RFC 3339.
#[derive(Serialize)]
struct Object<'a> {
    tests: u64,
    success: u64,
    fail: u64,
    skip: u64,
    xfail: u64,
    uxsuccess: u64,
    unfinished: u64,
    exists: u64,
    events: u64,
    text_bytes: u64,
    damage: u64,
    tags: Vec<&'a str>,
    start: Option<String>,
    stop: Option<String>,
}

fn write_json(summary: &Summary, report: &mut dyn Write) -> io::Result<()> {
    let counts = summary.counts();
    let time = |time: Option<_>| time.map(|time| Rfc3339(time).to_string());
    let object = Object {
        tests: counts.tests(),
        success: counts.success,
        fail: counts.fail,
        skip: counts.skip,
        xfail: counts.xfail,
        uxsuccess: counts.uxsuccess,
        unfinished: counts.unfinished,
        exists: counts.exists,
        events: counts.events,
        text_bytes: counts.text_bytes,
        damage: counts.damage,
        tags: summary.tags().collect(),
        start: time(summary.start()),
        stop: time(summary.stop()),
    };
    serde_json::to_writer(&mut *report, &object)?;
    writeln!(report)
}

/// Writes the verdict on a line, and its numbers.
///
/// # Errors
///
/// Those of the output.
pub(super) fn write_counts(
    summary: &Summary,
    look: Look,
    report: &mut dyn Write,
) -> io::Result<()> {
    let counts = summary.counts();
    let (word, tone) = match counts.verdict() {
        Verdict::Passed => ("PASSED", Tone::Good),
        Verdict::Failed => ("FAILED", Tone::Bad),
        Verdict::NoTests => ("NO TESTS", Tone::Dim),
    };
    write!(report, "{}", toned(look, tone, word))?;
    match counts.tests() {
        0 => {}
        1 => write!(report, "  1 test")?,
        tests => write!(report, "  {tests} tests")?,
    }
    if let (Some(start), Some(stop)) = (summary.start(), summary.stop()) {
        let seconds = stop.since(start).unwrap_or_default().as_secs_f64();
        write!(report, " in {seconds:.3} s")?;
    }
    writeln!(report)?;
    let lines = [
        ("success", counts.success, Tone::Good),
        ("fail", counts.fail, Tone::Bad),
        ("skip", counts.skip, Tone::Dim),
        ("xfail", counts.xfail, Tone::Dim),
        ("uxsuccess", counts.uxsuccess, Tone::Bad),
        ("unfinished", counts.unfinished, Tone::Bad),
        ("damage", counts.damage, Tone::Bad),
        ("exists", counts.exists, Tone::Dim),
    ];
    for (name, count, tone) in lines.into_iter().filter(|(_, count, _)| *count > 0) {
        writeln!(report, "{} {name}", toned(look, tone, format_args!("{count:>8}")))?;
    }
    if summary.tags().len() > 0 {
        write!(report, "tags:")?;
        for tag in summary.tags() {
            write!(report, " {}", escaped(look, tag))?;
        }
        writeln!(report)?;
    }
    Ok(())
}

/// Names the tests that never ended: they are what to look into first.
fn write_unfinished(open: &OpenTests, look: Look, report: &mut dyn Write) -> io::Result<()> {
    const SHOWN: usize = 10;
    for test in open.in_order().take(SHOWN) {
        let test_id = escaped(look, test.test_id);
        match test.route_code {
            Some(route) => {
                let route = escaped(look, route.as_str());
                writeln!(report, "unfinished: {test_id} (route {route})")?;
            }
            None => writeln!(report, "unfinished: {test_id}")?,
        }
    }
    if open.len() > SHOWN {
        writeln!(report, "unfinished: and {} more", open.len() - SHOWN)?;
    }
    Ok(())
}
