//! `subunit slowest`: which tests took longest.

use subunit_filters::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
};
use subunit_history::query::SlowTest;

use super::{
    json::{self, JsonTest, JsonTests},
    place::error,
    sources::{QueryArgs, find_in, last},
    table,
};

/// Show the tests that took longest in a run
#[derive(Clone, Debug, Default, clap::Args)]
pub(in crate::commands) struct SlowestVerb {
    /// Show this number of tests
    #[arg(long, short = 'n', value_name = "N", default_value = "10")]
    count: usize,
    /// The run, as `subunit history list` names it [default: the last one]
    #[arg(value_name = "RUN")]
    run: Option<String>,
    #[command(flatten)]
    query: QueryArgs,
}

impl Command for SlowestVerb {
    const NAME: &'static str = "slowest";
    const WRITES: Writes = Writes::Text;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit slowest
  $ subunit slowest -n 100 @last-green

Exit status: 0; 2 there is no such run.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.query.pager.page(console, |console| self.show_all(console))
    }
}

impl SlowestVerb {
    fn show_all(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let sources = self.query.sources()?;
        let (history, run) = match &self.run {
            Some(meant) => find_in(sources, meant)?,
            None => last(sources, &self.query.series)?,
        };
        let slowest = history.slowest(&run, self.count).map_err(error)?;
        if self.query.form.json {
            json::write(
                &JsonTests { tests: slowest.iter().map(JsonTest::slow).collect() },
                console,
            )?;
            return Ok(Exit::Passed);
        }
        let look = console.stdout_look;
        let row =
            |one: &SlowTest| vec![table::seconds(one.time.get()), table::test(look, &one.test)];
        let rows: Vec<_> = slowest.iter().map(row).collect();
        table::write(&rows, &mut *console.stdout)?;
        Ok(Exit::Passed)
    }
}
