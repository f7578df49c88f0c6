//! `subunit to-csv`: one row a test.

use std::io;

use subunit_core::{Damage, Event, Packet, Status, run::Results};
use subunit_formats::{pages::csv::Row, report::taken_back};

use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    pipeline::{Filter, Out, ReportArgs, run_report},
};

/// Write a table of tests as CSV
///
/// A row has test, status, start, stop, seconds, tags (separated by spaces) and route code. A test with
/// several attempts has one row, for the last one. Tests that never finished come last, as `inprogress`.
/// Ids, tags and routes that a spreadsheet would take for a formula begin with a `'`. A damaged stream has a
/// last row `(damaged stream)`. Text outside packets goes to standard error.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ToCsv {
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for ToCsv {
    const NAME: &'static str = "to-csv";
    const WRITES: Writes = Writes::Text;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit to-csv run.subunit > run.csv
  $ subunit to-csv run.subunit | grep ,fail,

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never finished, or the
stream was damaged; 2 a stream cannot be read; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        console.interrupts.catch()?;
        self.report.inputs.refuse_output()?;
        let judge = self.report.judge.judge(&self.report.inputs, console)?;
        let mut row = Row::with_marks(judge.baseline.is_some());
        console.stdout.write_all(row.of_columns())?;
        // The content of files has no place in the table.
        let results = Results::with_limit(0).with_judge(&judge);
        let table = Table { results, unfinished: 0, taken_back: 0, damaged: false, row };
        run_report(table, &self.report, console)
    }
}

struct Table {
    results: Results,
    /// How many tests never ended.
    unfinished: u64,
    /// How many rows of failures were taken back by later ones.
    taken_back: u64,
    damaged: bool,
    row: Row,
}

impl Filter for Table {
    fn event(
        &mut self,
        event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        let Some(result) = self.results.note(event) else { return Ok(()) };
        self.taken_back += u64::from(result.takes_back);
        out.report().write_all(self.row.of_record(result.last))
    }

    fn damage(&mut self, damage: &Damage<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.damaged = true;
        out.text(damage.bytes)
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        for result in self.results.finish() {
            let is_final = result.last.status.is_some_and(Status::is_final);
            self.unfinished += u64::from(!is_final);
            self.taken_back += u64::from(result.takes_back);
            out.report().write_all(self.row.of_record(&result.last))?;
        }
        if let Some(remark) = taken_back(self.taken_back) {
            out.console.say(remark)?;
        }
        if self.damaged { out.report().write_all(self.row.of_damage()) } else { Ok(()) }
    }

    fn unfinished(&self) -> Option<u64> {
        Some(self.unfinished)
    }
}
