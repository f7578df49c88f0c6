//! `subunit broken`: which tests are broken, since when, and by what.

use std::process::{Command as Process, Stdio};

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
        let mut known = Suspects::default();
        let suspects: Vec<Vec<String>> = broken.iter().map(|(_, one)| known.of(one)).collect();
        let exit = if broken.is_empty() { Exit::Passed } else { Exit::Failed };
        if self.query.form.json {
            let tests = broken
                .iter()
                .zip(&suspects)
                .map(|((source, one), suspects)| source.json(test(one, suspects)));
            json::write(&JsonTests { tests: tests.collect() }, console)?;
            return Ok(exit);
        }
        let look = console.stdout_look;
        let number = |run: &Option<RunRow>| {
            run.as_ref().map_or_else(|| "never".into(), |run| format!("@{}", run.id))
        };
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

/// One revision in short, or how many there are.
fn shown(suspects: &[String]) -> String {
    match suspects {
        [] => "-".to_owned(),
        [only] => only.chars().take(10).collect(),
        many if many.len() > MOST => format!("more than {MOST} revisions"),
        many => format!("{} revisions", many.len()),
    }
}

fn test<'t>(one: &'t BrokenTest, suspects: &'t [String]) -> JsonTest<'t> {
    let number = |run: &Option<RunRow>| run.as_ref().map(|run| run.id);
    JsonTest {
        since: number(&one.first_bad),
        last_good: number(&one.last_good),
        born_broken: Some(one.last_good.is_none()),
        suspects: Some(suspects),
        ..JsonTest::of(&one.test, one.outcome)
    }
}

/// How many suspects are named.
const MOST: usize = 100;

/// The revisions between two, which are asked for once.
#[derive(Default)]
struct Suspects(std::collections::HashMap<(String, String), Vec<String>>);

impl Suspects {
    /// The revisions that may have broken a test; one more than [`MOST`] if there are more.
    fn of(&mut self, one: &BrokenTest) -> Vec<String> {
        let revision = |run: &Option<RunRow>| run.as_ref().and_then(|run| run.revision.clone());
        let Some(bad) = revision(&one.first_bad).filter(|bad| is_hash(bad)) else {
            return Vec::new();
        };
        let Some(good) = revision(&one.last_good).filter(|good| is_hash(good)) else {
            return Vec::new();
        };
        self.0.entry((good, bad)).or_insert_with_key(|(good, bad)| between(good, bad)).clone()
    }
}

fn is_hash(text: &str) -> bool {
    text.len() >= 7 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn between(good: &str, bad: &str) -> Vec<String> {
    let mut git = Process::new("git");
    git.args(["rev-list", &format!("--max-count={}", MOST + 1), &format!("{good}..{bad}")]);
    let listed = git.stdin(Stdio::null()).stderr(Stdio::null()).output();
    let listed = listed.ok().filter(|listed| listed.status.success());
    let text = listed.map(|listed| String::from_utf8_lossy(&listed.stdout).into_owned());
    // What Git does not know is one suspect: the revision of the first bad run.
    text.map_or_else(|| vec![bad.to_owned()], |text| text.lines().map(str::to_owned).collect())
}
