//! `subunit failing`: what fails now.

use std::{io::Write, path::Path};

use subunit_filters::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    style::{escaped, write_escaped},
};
use subunit_history::query::FailingTest;

use super::{
    json::{self, JsonTest, JsonTests},
    place::error,
    policies::Policies,
    show::refuse_terminal,
    sources::{QueryArgs, SeriesSource},
    staleness::{mark, marks, shown},
    table,
};

/// Show which tests fail now, and since when
///
/// These are the tests whose last result is a failure, whichever run that was in. A test that none of the last three
/// whole runs has is gone.
#[derive(Clone, Debug, Default, clap::Args)]
pub(in crate::commands) struct FailingVerb {
    /// Write only ids, of tests that can be run by themselves
    #[arg(long, conflicts_with_all = ["json", "subunit"])]
    list: bool,
    /// Write all that was said about them, as a stream
    #[arg(long, conflicts_with = "json")]
    subunit: bool,
    /// Show the tests that fail by `[[policy]]` of subunit.toml: fail = "9 of 10", clear = 3, tests = "REGEX"
    #[arg(long, conflicts_with = "subunit")]
    policy: bool,
    #[command(flatten)]
    query: QueryArgs,
}

impl Command for FailingVerb {
    const NAME: &'static str = "failing";
    const WRITES: Writes = Writes::Text;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit failing
  $ subunit failing --list > again.list

Exit status: 0 no test fails; 1 some do; 2 there is no history.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.query.pager.page(console, |console| self.show_all(console))
    }
}

impl FailingVerb {
    fn show_all(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let sources = self.query.sources()?;
        if self.subunit {
            refuse_terminal(console)?;
            let mut count = 0;
            for source in &sources {
                let output = &mut *console.stdout;
                count += source.history.write_failing(source.series(), output).map_err(error)?;
            }
            return Ok(if count == 0 { Exit::Passed } else { Exit::Failed });
        }
        let mut failing: Vec<Failing<'_>> = Vec::new();
        let policies = if self.policy { Some(Policies::of(Path::new("."))?) } else { None };
        for source in &sources {
            let (history, series) = (&source.history, source.series());
            let found = match &policies {
                Some(policies) => history.failing_by(series, |test| policies.of_test(&test.id)),
                None => history.failing(series),
            };
            let found = found.map_err(error)?;
            let stale = if self.list { Vec::new() } else { marks(history, series, console)? };
            failing.extend(found.into_iter().map(|test| {
                let stale = mark(&stale, &test.test, test.run);
                Failing { source, test, stale }
            }));
        }
        if self.query.form.json {
            let tests = failing.iter().map(Failing::json).collect();
            json::write(&JsonTests { tests }, console)?;
        } else if self.list {
            let look = console.stdout_look;
            for one in failing.iter().filter(|one| one.test.test.runnable) {
                write_escaped(look, &one.test.test.id, &mut *console.stdout)?;
                console.stdout.write_all(b"\n")?;
            }
        } else {
            self.show(&failing, console)?;
        }
        Ok(if failing.is_empty() { Exit::Passed } else { Exit::Failed })
    }
}

/// A test that fails, of which history, and why that result is stale.
struct Failing<'s> {
    source: &'s SeriesSource,
    test: FailingTest,
    stale: Option<String>,
}

impl Failing<'_> {
    fn json(&self) -> JsonTest<'_> {
        self.source.json(JsonTest::failing(&self.test, self.stale.clone()))
    }
}

impl FailingVerb {
    fn show(&self, failing: &[Failing<'_>], console: &mut Console<'_>) -> Result<(), Error> {
        let look = console.stdout_look;
        let since = |one: &FailingTest| match one.since {
            Some(run) if one.is_born_broken => format!("@{run} (new)"),
            Some(run) => format!("@{run}"),
            None => "-".to_owned(),
        };
        let has_stale = failing.iter().any(|one| one.stale.is_some());
        let row = |Failing { source, test: one, stale }: &Failing<'_>| {
            let message = escaped(look, &one.message).to_string();
            let test = table::test(look, &one.test);
            let mut row = vec![one.outcome.word().to_owned(), since(one), test, message];
            if has_stale {
                let stale = stale.as_deref().map(|why| format!("stale: {}", shown(look, why)));
                row.insert(2, stale.unwrap_or_default());
            }
            source.row(row)
        };
        let rows: Vec<_> = failing.iter().map(row).collect();
        table::write(&rows, &mut *console.stdout)?;
        if failing.is_empty() {
            console.say("no test fails")?;
        }
        Ok(())
    }
}
