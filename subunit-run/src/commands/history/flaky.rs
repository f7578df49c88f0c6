//! `subunit flaky`: which tests pass and fail without a reason.

use subunit_filters::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
};
use subunit_history::query::{FlakyProof, FlakyTest};

use super::{
    json::{self, JsonTest, JsonTests},
    place::error,
    sources::{QueryArgs, SeriesSource},
    table,
};

/// Show the flaky tests, the most costly ones first
///
/// Proved: within two weeks the test passed after it had failed in the same run, or it passed and failed on one
/// revision. Suspected: at least 4 of its last 100 results, and one of ten, differ from the one before. A test that
/// has passed 20 times since is not flaky any more; one that has failed 5 times since is broken.
#[derive(Clone, Debug, Default, clap::Args)]
pub(in crate::commands) struct FlakyVerb {
    #[command(flatten)]
    query: QueryArgs,
}

impl Command for FlakyVerb {
    const NAME: &'static str = "flaky";
    const WRITES: Writes = Writes::Text;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit flaky
  $ subunit flaky --json | grep '\"proved\":true'

Exit status: 0; 2 there is no history.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.query.pager.page(console, |console| self.show_all(console))
    }
}

impl FlakyVerb {
    fn show_all(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let sources = self.query.sources()?;
        let mut flaky: Vec<(&SeriesSource, FlakyTest)> = Vec::new();
        for source in &sources {
            let found = source.history.flaky(source.series()).map_err(error)?;
            flaky.extend(found.into_iter().map(|one| (source, one)));
        }
        flaky.sort_by(|(_, one), (_, other)| other.cost.total_cmp(&one.cost));
        if self.query.form.json {
            let tests =
                flaky.iter().map(|(source, one)| source.json(JsonTest::flaky(one))).collect();
            json::write(&JsonTests { tests }, console)?;
            return Ok(Exit::Passed);
        }
        let look = console.stdout_look;
        let row = |(source, one): &(&SeriesSource, FlakyTest)| {
            let proof = if one.proof == FlakyProof::Proved { "proved" } else { "suspected" };
            let rate = format!("{:.0}%", one.rate * 100.0);
            let failures = format!("{} failed", one.failures);
            let retried = format!("{} retried", one.retried);
            let test = table::test(look, &one.test);
            source.row(vec![proof.to_owned(), rate, failures, retried, test])
        };
        let rows: Vec<_> = flaky.iter().map(row).collect();
        table::write(&rows, &mut *console.stdout)?;
        if flaky.is_empty() {
            console.say("no test is flaky")?;
        }
        Ok(Exit::Passed)
    }
}
