//! `subunit broken`: which tests are broken, since when, and by what.

use subunit_filters::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
};
use subunit_history::query::{BrokenTest, RunRow};

use super::{
    json::{self, JsonTest, JsonTests},
    place::error,
    sources::{QueryArgs, SeriesSource},
    table,
};
use crate::suspects::SuspectRevisions;

/// Show the tests that are broken: since which run, and by which revisions
///
/// A test is broken if it fails and is not flaky. The suspects are the revisions after the last good run, up to the first
/// bad one, as `git rev-list` knows them in the current folder.
#[derive(Clone, Debug, Default, clap::Args)]
pub(in crate::commands) struct BrokenVerb {
    #[command(flatten)]
    query: QueryArgs,
}

impl Command for BrokenVerb {
    const NAME: &'static str = "broken";
    const WRITES: Writes = Writes::Text;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit broken
  $ subunit broken --series main

Exit status: 0 no test is broken; 1 some are; 2 there is no history.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.query.pager.page(console, |console| self.show_all(console))
    }
}

impl BrokenVerb {
    fn show_all(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let sources = self.query.sources()?;
        let mut broken: Vec<(&SeriesSource, BrokenTest)> = Vec::new();
        for source in &sources {
            let found = source.history.broken(source.series()).map_err(error)?;
            broken.extend(found.into_iter().map(|one| (source, one)));
        }
        let mut known = SuspectRevisions::default();
        let suspects: Vec<Vec<String>> = broken.iter().map(|(_, one)| known.of(one)).collect();
        let exit = if broken.is_empty() { Exit::Passed } else { Exit::Failed };
        if self.query.form.json {
            let tests = broken
                .iter()
                .zip(&suspects)
                .map(|((source, one), suspects)| source.json(JsonTest::broken(one, suspects)));
            json::write(&JsonTests { tests: tests.collect() }, console)?;
            return Ok(exit);
        }
        let look = console.stdout_look;
        let number =
            |run: &Option<RunRow>| run.as_ref().map_or_else(|| "never".into(), table::named);
        let row = |((source, one), suspects): (&(&SeriesSource, BrokenTest), &Vec<String>)| {
            let since = format!("since {}", number(&one.first_bad));
            let good = format!("good {}", number(&one.last_good));
            source.row(vec![since, good, shown(suspects), table::test(look, &one.test)])
        };
        let rows: Vec<_> = broken.iter().zip(&suspects).map(row).collect();
        table::write(&rows, &mut *console.stdout)?;
        if broken.is_empty() {
            console.say("no test is broken")?;
        }
        Ok(exit)
    }
}

/// How many suspects are named.
const MOST: usize = SuspectRevisions::MOST;

/// One revision in short, or how many there are.
fn shown(suspects: &[String]) -> String {
    match suspects {
        [] => "-".to_owned(),
        [only] => only.chars().take(10).collect(),
        many if many.len() > MOST => format!("more than {MOST} revisions"),
        many => format!("{} revisions", many.len()),
    }
}
