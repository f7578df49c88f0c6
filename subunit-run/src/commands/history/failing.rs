//! `subunit failing`: what fails now.

use std::{
    collections::{BTreeMap, HashMap},
    io::Write,
    path::Path,
};

use subunit_filters::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    style::{escaped, write_escaped},
};
use subunit_history::{History, query::FailingTest};

use super::{
    json::{self, JsonTest, JsonTests},
    place::error,
    policies::Policies,
    show::{BYTES_READ, refuse_terminal},
    sources::{QueryArgs, SeriesSource},
    staleness::{mark, marks, shown},
    table,
};
use crate::commands::run::no_test;

/// Show which tests fail now, and since when
///
/// These are the tests whose last result is a failure, whichever run that was in. A test that none of the last three
/// whole runs has is gone.
#[derive(Clone, Debug, Default, clap::Args)]
pub(in crate::commands) struct FailingVerb {
    /// Write only ids, of tests that can be run by themselves; a line names what else fails
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
        let is_text = !self.list && !self.query.form.json;
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
            let texts = if is_text { Texts::of(history, &found)?.0 } else { Vec::new() };
            let mut texts = texts.into_iter();
            failing.extend(found.into_iter().map(|test| {
                let stale = mark(&stale, &test.test, test.run);
                let (since, message) = texts.next().unwrap_or_default();
                Failing { source, test, stale, since, message }
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
            let others = failing.iter().map(|one| &one.test.test).filter(|test| !test.runnable);
            let others: Vec<String> = others.map(|test| test.id.clone()).collect();
            if !others.is_empty() {
                console.say(format_args!("not listed: {}", no_test(&others)))?;
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
    /// The run since which it fails; empty unless it is shown.
    since: String,
    /// Why; empty unless it is shown.
    message: String,
}

impl Failing<'_> {
    fn json(&self) -> JsonTest<'_> {
        self.source.json(JsonTest::failing(&self.test, self.stale.clone()))
    }
}

impl FailingVerb {
    fn show(&self, failing: &[Failing<'_>], console: &mut Console<'_>) -> Result<(), Error> {
        let look = console.stdout_look;
        let has_stale = failing.iter().any(|one| one.stale.is_some());
        let mut rows = Vec::new();
        for one in failing {
            let Failing { source, test, stale, since, message } = one;
            let message = escaped(look, message).to_string();
            let name = table::test(look, &test.test);
            let mut row = vec![test.outcome.word().to_owned(), since.clone(), name, message];
            if has_stale {
                let stale = stale.as_deref().map(|why| format!("stale: {}", shown(look, why)));
                row.insert(2, stale.unwrap_or_default());
            }
            rows.push(source.row(row));
        }
        table::write(&rows, &mut *console.stdout)?;
        if failing.is_empty() {
            console.say("no test fails")?;
        }
        Ok(())
    }
}

/// What is shown of tests of one history that fail: since when, and why.
struct Texts(Vec<(String, String)>);

impl Texts {
    fn of(history: &History, failing: &[FailingTest]) -> Result<Self, Error> {
        let mut named: HashMap<i64, String> = HashMap::new();
        let mut texts = Vec::new();
        for test in failing {
            let since = match test.since {
                Some(run) => match named.get(&run) {
                    Some(name) => name.clone(),
                    None => {
                        let row = history.run(run).map_err(error)?;
                        let name = row.map_or_else(|| format!("@{run}"), |row| table::named(&row));
                        named.entry(run).or_insert(name).clone()
                    }
                },
                None => "-".to_owned(),
            };
            let since = if test.is_born_broken { format!("{since} (new)") } else { since };
            texts.push((since, test.message.clone()));
        }
        let mut texts = Self(texts);
        texts.say_all(history, failing)?;
        Ok(texts)
    }

    /// Puts messages as they were said in place of those of the index, of the last runs first.
    fn say_all(&mut self, history: &History, failing: &[FailingTest]) -> Result<(), Error> {
        let mut by_run: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        for (place, test) in failing.iter().enumerate() {
            by_run.entry(test.run).or_default().push(place);
        }
        let mut budget = BYTES_READ;
        for (run, places) in by_run.into_iter().rev() {
            let Some(run) = history.run(run).map_err(error)? else { continue };
            let tests = places.iter().filter_map(|place| failing.get(*place));
            let tests: Vec<_> = tests.map(|test| &test.test).collect();
            let said = history.said(&run, &tests, &mut budget).map_err(error)?;
            for (place, said) in places.into_iter().zip(said) {
                if let (Some((_, message)), Some(said)) = (self.0.get_mut(place), said) {
                    *message = said;
                }
            }
        }
        Ok(())
    }
}
