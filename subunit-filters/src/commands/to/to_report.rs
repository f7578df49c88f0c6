//! `subunit to-NAME`: how the row of a report becomes a command. Reports that have flags of their own have files of their
//! own.

use clap::{ArgMatches, Args};
use subunit_formats::report::Row;

use super::writing::write_boxed;
use crate::{
    cli::command::{Entry, named, of_matches},
    console::Console,
    exit::{Error, Exit},
    pipeline::ReportArgs,
};

const EXIT: &str = "\
Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never finished, or the
stream was damaged; 2 a report cannot be written or a stream cannot be read; 4 there was no test at all.";

/// The verb of a report.
pub(in crate::commands) const fn entry(report: &'static Row) -> Entry {
    Entry::of_report(report, definition, run)
}

fn definition(report: &'static Row) -> clap::Command {
    let about = format!("Write {}", report.title);
    let examples: String =
        report.examples.iter().map(|example| format!("  $ {example}\n")).collect();
    ReportArgs::augment_args(named(report.verb))
        .long_about(format!("{about}\n\n{}", report.details))
        .about(about)
        .after_long_help(format!("Examples:\n{examples}\n{EXIT}"))
}

fn run(
    report: &'static Row,
    matches: &ArgMatches,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    let args: ReportArgs = of_matches(matches)?;
    write_boxed(&args, console, |out| (report.open)(Box::new(out)))
}
