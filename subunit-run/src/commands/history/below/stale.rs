//! `subunit history stale`: which results would not be the same again.

use std::io::Write;

use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
    style::write_escaped,
};
use subunit_history::query::StaleTest;

use crate::commands::history::{
    json::{self, JsonTest, JsonTests},
    sources::{QueryArgs, SeriesSource},
    staleness::{Declared, said, shown},
    table,
};

/// Show which results are stale: what their tests depend on has changed since
///
/// `[[test]]` in the subunit.toml of the current folder says what tests depend on: `match` which tests, by a regex that is
/// found in the id; `inputs` their files, by globs; `needs` other tests, by regexes. A result is stale if one of the files,
/// or the configuration, is not what it was when the run of that result began, or if a test that is needed is stale or has
/// come to something else since. `subunit rerun --stale` runs them. Exit status: 0 no result is stale; 1 some are; 2
/// there is no history, or no `[[test]]`.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct StaleArgs {
    /// Write only ids, of tests that can be run by themselves
    #[arg(long, conflicts_with = "json")]
    list: bool,
    /// Use this profile of the configuration
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    #[command(flatten)]
    pub(super) query: QueryArgs,
}

impl StaleArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let sources = self.query.sources()?;
        let declared = Declared::of(self.profile.clone(), console)?;
        let mut stale: Vec<(&SeriesSource, StaleTest)> = Vec::new();
        for source in &sources {
            let found = declared.stale(&source.history, source.series())?;
            stale.extend(found.into_iter().map(|one| (source, one)));
        }
        let exit = if stale.is_empty() { Exit::Passed } else { Exit::Failed };
        let look = console.stdout_look;
        if self.query.form.json {
            let tests = stale.iter().map(|(source, one)| source.json(test(one))).collect();
            json::write(&JsonTests { tests }, console)?;
            return Ok(exit);
        }
        if self.list {
            for (_, one) in stale.iter().filter(|(_, one)| one.test.runnable) {
                write_escaped(look, &one.test.id, &mut *console.stdout)?;
                console.stdout.write_all(b"\n")?;
            }
            return Ok(exit);
        }
        let row = |(source, one): &(&SeriesSource, StaleTest)| {
            let run = format!("@{}", one.run);
            let (test, why) = (table::test(look, &one.test), shown(look, &said(&one.reason)));
            source.row(vec![one.outcome.word().to_owned(), run, test, why])
        };
        let rows: Vec<_> = stale.iter().map(row).collect();
        table::write(&rows, &mut *console.stdout)?;
        if stale.is_empty() {
            console.say("no result is stale")?;
        }
        Ok(exit)
    }
}

fn test(one: &StaleTest) -> JsonTest<'_> {
    JsonTest {
        run: Some(one.run),
        stale: Some(said(&one.reason)),
        ..JsonTest::of(&one.test, one.outcome)
    }
}
