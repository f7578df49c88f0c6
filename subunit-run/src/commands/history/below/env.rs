//! `subunit history env`: what a run knows of itself, and what has changed between two runs.

use std::{collections::BTreeMap, io::Write};

use serde::Serialize;
use serde_json::{Map, Value};
use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
    style::escaped,
};
use subunit_history::{History, query::RunRow};

use crate::commands::{
    history::{
        json::{self, JsonArg},
        place::error,
        runs_arg::RunsArg,
        table,
    },
    pager::PagerArg,
};

/// Show what a run knows of itself: its command, revision, host, system; or what has changed since
///
/// What was installed is counted, and named with `--json` and where it is different: by dpkg, in the Python that `python3` is,
/// and the lock files of the project. Exit status: 0; 2 there is no such run, or the test is not known to fail.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct EnvArgs {
    /// The run
    #[arg(value_name = "RUN", default_value = "@last")]
    run: String,
    /// Show what is different between the last run in which this test passed and the first one in which it failed
    #[arg(long, value_name = "TEST", conflicts_with = "run")]
    since_pass: Option<String>,
    /// Show what is different between this run and RUN
    #[arg(long, value_name = "RUN", conflicts_with = "since_pass")]
    since: Option<String>,
    #[command(flatten)]
    form: JsonArg,
    #[command(flatten)]
    among: RunsArg,
    #[command(flatten)]
    pub(super) pager: PagerArg,
}

/// What `history env` writes with `--json`.
#[derive(Serialize)]
struct Found<'f> {
    #[serde(skip_serializing_if = "Option::is_none")]
    last_good: Option<i64>,
    first_bad: i64,
    facts: Vec<NamedFact<'f>>,
}

#[derive(Serialize)]
struct NamedFact<'f> {
    name: &'f str,
    #[serde(flatten)]
    fact: Fact<'f>,
}

/// What something was in the run before, and is in this one.
#[derive(Clone, Copy, Serialize)]
struct Fact<'f> {
    #[serde(skip_serializing_if = "Option::is_none")]
    was: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is: Option<&'f str>,
}

impl EnvArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let history = self.among.read()?;
        let (before, run) = match (&self.since_pass, &self.since) {
            (Some(test), _) => {
                let (before, run) = self.since_pass(&history, test)?;
                (Some(before), run)
            }
            (None, Some(before)) => {
                let before = self.among.find(&history, before)?;
                (Some(before), self.among.find(&history, &self.run)?)
            }
            (None, None) => (None, self.among.find(&history, &self.run)?),
        };
        let are_counted = before.is_none() && !self.form.json;
        let facts = |run: &RunRow| facts(&history, run, are_counted);
        let was = before.as_ref().map(&facts).transpose()?;
        let is = facts(&run)?;
        let none = BTreeMap::new();
        let old = was.as_ref().unwrap_or(&none);
        let mut shown: BTreeMap<&str, Fact<'_>> = BTreeMap::new();
        for key in old.keys().chain(is.keys()) {
            let (was, is) = (old.get(key).map(String::as_str), is.get(key).map(String::as_str));
            if before.is_none() || was != is {
                shown.insert(key, Fact { was, is });
            }
        }
        if self.form.json {
            let last_good = before.as_ref().map(|run| run.id);
            let facts = shown.iter().map(|(name, fact)| NamedFact { name, fact: *fact }).collect();
            json::write(&Found { last_good, first_bad: run.id, facts }, console)?;
            return Ok(Exit::Passed);
        }
        let look = console.stdout_look;
        let text = |text: Option<&str>| escaped(look, text.unwrap_or("-")).to_string();
        let row = |(key, fact): (&&str, &Fact<'_>)| {
            let mut row = vec![escaped(look, key).to_string()];
            if before.is_some() {
                row.push(format!("{} ->", text(fact.was)));
            }
            row.push(text(fact.is));
            row
        };
        if let Some(before) = &before {
            let (was, is) = (before.id, run.id);
            let line = match self.since {
                None => format!("passed in @{was}, failed in @{is}"),
                Some(_) => format!("@{was} to @{is}"),
            };
            writeln!(console.stdout, "{line}")?;
        }
        let rows: Vec<_> = shown.iter().map(row).collect();
        table::write(&rows, &mut *console.stdout)?;
        if rows.is_empty() {
            console.say("nothing is known to be different")?;
        }
        Ok(Exit::Passed)
    }

    /// The last run in which a test passed, and the first one in which it failed.
    fn since_pass(&self, history: &History, test: &str) -> Result<(RunRow, RunRow), Error> {
        let said = test.escape_debug();
        let Some(found) = self.among.turned_bad(history, test)? else {
            return Err(Error::Usage(format!("the history does not know that {said} has failed")));
        };
        match (found.last_good, found.first_bad) {
            (Some(good), Some(bad)) => Ok((good, bad)),
            _ => {
                let what = format!("the history knows no run in which {said} passed before");
                Err(Error::Usage(what))
            }
        }
    }
}

/// What a run knows of itself, by name. What is installed is named, or only counted.
fn facts(
    history: &History,
    run: &RunRow,
    are_counted: bool,
) -> Result<BTreeMap<String, String>, Error> {
    let snapshot = history.snapshot(run).map_err(error)?;
    let mut facts = BTreeMap::new();
    // These are new in each run.
    let said = run.meta.iter().filter(|(key, _)| !matches!(&***key, "uuid" | "started"));
    said.for_each(|(key, value)| put(&mut facts, key, value));
    put_all(&mut facts, "environment", &snapshot.environment);
    for (by, versions) in &snapshot.installed {
        if are_counted {
            let count = versions.keys().filter(|name| !name.starts_with('(')).count();
            facts.insert(format!("installed.{by}"), count.to_string());
            continue;
        }
        let named = |(name, version): (&String, &String)| {
            (format!("installed.{by}.{name}"), version.clone())
        };
        facts.extend(versions.iter().map(named));
    }
    if let Some(configuration) = &snapshot.configuration {
        for line in configuration.lines() {
            // Where a value is from is said after it.
            let setting = line.split("  # ").next().unwrap_or(line);
            if let Some((key, value)) = setting.split_once(" = ") {
                facts.insert(format!("configuration.{}", key.trim()), value.trim().to_owned());
            }
        }
    }
    Ok(facts)
}

fn put_all(facts: &mut BTreeMap<String, String>, name: &str, all: &Map<String, Value>) {
    all.iter().for_each(|(key, value)| put(facts, &format!("{name}.{key}"), value));
}

fn put(facts: &mut BTreeMap<String, String>, name: &str, value: &Value) {
    match value {
        Value::Object(all) => put_all(facts, name, all),
        Value::String(text) => drop(facts.insert(name.to_owned(), text.clone())),
        other => drop(facts.insert(name.to_owned(), other.to_string())),
    }
}
