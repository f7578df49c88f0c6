//! `subunit-stats` and `subunit-notify`.

use std::{
    fs::File,
    io::{self, Write},
};

use subunit_core::{
    Event, Packet,
    sink::{Counts, Sink, Summary},
};

use super::reading::{ReportArgs, Tool, pass_raw, run};
use crate::{
    cli::command::Command,
    commands::inspect::notify::notify,
    console::Console,
    exit::{Error, Exit},
    pipeline::Out,
};

/// Count results
///
/// As python-subunit's subunit-stats: expected failures and unexpected successes have passed. With
/// --output-to, the counts go to the file and to standard output.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Stats {
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for Stats {
    const NAME: &'static str = "subunit-stats";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit-stats run.subunit
  $ subunit-stats --no-passthrough < run.subunit

Exit status: 0; 1 where a test failed or never ended, or the stream was damaged; 2 where the
stream cannot be read.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let summary = read(&self.report, console)?;
        let text = table(&summary);
        console.stdout.write_all(text.as_bytes())?;
        console.flush()?;
        if let Some(path) = &self.report.output_to {
            let name = path.display().to_string();
            File::create(path)
                .and_then(|mut file| file.write_all(text.as_bytes()))
                .map_err(|source| Error::File { name, source })?;
        }
        Ok(status(&summary.counts()))
    }
}

/// Show the result of a run on the desktop
///
/// Runs `notify-send`, if it is there, with the counts of subunit-stats.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Notify {
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for Notify {
    const NAME: &'static str = "subunit-notify";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit-notify run.subunit
  $ subunit-notify -f run.subunit > copy.subunit

Exit status: 0; 1 where a test failed or never ended, or the stream was damaged; 2 where the
stream cannot be read.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let summary = read(&self.report, console)?;
        console.flush()?;
        let exit = status(&summary.counts());
        let word = if exit == Exit::Passed { "Tests passed" } else { "Tests failed" };
        notify(word, &table(&summary));
        Ok(exit)
    }
}

fn read(report: &ReportArgs, console: &mut Console<'_>) -> Result<Summary, Error> {
    let ReportArgs { no_passthrough, forward, .. } = *report;
    let counter = Counter { no_passthrough, forward, summary: Summary::new().as_recorded() };
    Ok(run(counter, &report.input, console)?.summary)
}

fn failed(counts: &Counts) -> u64 {
    counts.fail + counts.unfinished
}

fn status(counts: &Counts) -> Exit {
    if failed(counts) > 0 { Exit::Failed } else { Exit::Passed }
}

fn table(summary: &Summary) -> String {
    let counts = summary.counts();
    let (total, failed) = (counts.tests() + counts.unfinished, failed(&counts));
    let passed = total - failed - counts.skip;
    let tags = summary.tags().collect::<Vec<_>>().join(", ");
    format!(
        "Total tests:   {total:5}\nPassed tests:  {passed:5}\nFailed tests:  {failed:5}\n\
         Skipped tests: {:5}\nSeen tags: {tags}\n",
        counts.skip
    )
}

struct Counter {
    no_passthrough: bool,
    forward: bool,
    summary: Summary,
}

impl Tool for Counter {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        self.summary.event(event);
        if event.test_id.is_none() && self.no_passthrough {
            return Ok(());
        }
        match event.test_id {
            _ if self.forward => out.forward(event, packet),
            None => pass_raw(event, out),
            Some(_) => Ok(()),
        }
    }
}
