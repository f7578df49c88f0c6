//! Two runs side by side: what broke, what was fixed, what came and went, and where they ran.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::Value;
use subunit_core::run::counted;

use crate::site::{
    frame::{Page, SiteFrame, Text, facts, name, table, time, verdict},
    links::{SiteLinks, slug},
};
use crate::{
    Error, OutcomeCode,
    query::{History, RunRow, RunSnapshot, TestIdentity},
};

/// How many rows a table has.
const MOST: usize = 1000;

pub(super) fn page(
    history: &History,
    frame: &SiteFrame,
    old: &RunRow,
    new: &RunRow,
) -> Result<String, Error> {
    let links = SiteLinks::Served;
    let title = format!("@{} and @{}", old.id, new.id);
    let mut body = String::new();
    for (which, run) in [("before", old), ("after", new)] {
        let (class, word) = verdict(run);
        let _ = writeln!(
            body,
            "<p>{which}: <a href=\"{}\">@{}</a> of {}, {}, <b class=\"{class}\">{word}</b>, {} <code>{}</code></p>",
            links.run(run),
            run.id,
            Text(&run.series),
            time(run.started),
            counted(run.counts.tests(), "test"),
            Text(run.revision.as_deref().unwrap_or_default())
        );
    }
    let diff = history.diff(old, new)?;
    let row = |run: &RunRow, (test, outcome): &(TestIdentity, OutcomeCode)| {
        format!(
            "<td><a href=\"{}\">{}</a></td><td>{}</td>",
            Text(&links.result(run, test, "")),
            Text(&name(test)),
            outcome.word()
        )
    };
    let is_empty =
        [&diff.newly_failing, &diff.fixed, &diff.still_failing, &diff.added, &diff.removed]
            .iter()
            .all(|tests| tests.is_empty());
    if is_empty {
        body.push_str("<p>The tests came to the same.</p>\n");
    }
    for (heading, run, tests) in [
        ("Newly failing", new, &diff.newly_failing),
        ("Fixed", new, &diff.fixed),
        ("Failing in both", new, &diff.still_failing),
        ("Only after", new, &diff.added),
        ("Only before", old, &diff.removed),
    ] {
        let rows: Vec<String> = tests.iter().map(|test| row(run, test)).collect();
        body.push_str(&table(heading, &["Test", "Result"], &rows, MOST));
    }
    body.push_str(&environment(history, old, new)?);
    let series = slug(&new.series);
    let above = [("All series", "./".to_owned()), (new.series.as_str(), links.series(&series))];
    Ok(frame.page(&Page { title: &title, above: &above, depth: 0 }, &body))
}

/// What is different in what the runs know of themselves.
fn environment(history: &History, old: &RunRow, new: &RunRow) -> Result<String, Error> {
    let (was, is) = match (history.snapshot(old), history.snapshot(new)) {
        (Ok(was), Ok(is)) => (told(&was), told(&is)),
        // An older program wrote the index: nothing is known.
        (Err(Error::Older { .. }), _) | (_, Err(Error::Older { .. })) => return Ok(String::new()),
        (Err(error), _) | (_, Err(error)) => return Err(error),
    };
    let mut names: Vec<&String> = was.keys().chain(is.keys()).collect();
    names.sort();
    names.dedup();
    let of = |known: &BTreeMap<String, String>, name: &String| {
        known.get(name).map(|value| Text(value).to_string()).unwrap_or_default()
    };
    let different = names.into_iter().filter(|name| was.get(*name) != is.get(*name));
    let rows: Vec<String> = different
        .map(|name| {
            format!("<td>{}</td><td>{}</td><td>{}</td>", Text(name), of(&was, name), of(&is, name))
        })
        .collect();
    if rows.is_empty() && !is.is_empty() {
        return Ok(facts(&[("environment", "the same".to_owned())]));
    }
    Ok(table("Environment", &["What", "Before", "After"], &rows, MOST))
}

/// All that a run knows of itself, by name.
fn told(snapshot: &RunSnapshot) -> BTreeMap<String, String> {
    let mut told = BTreeMap::new();
    for (name, value) in &snapshot.environment {
        flatten(name, value, &mut told);
    }
    for (kind, versions) in &snapshot.installed {
        told.extend(
            versions.iter().map(|(name, version)| (format!("{kind}: {name}"), version.clone())),
        );
    }
    told.extend(snapshot.configuration.clone().map(|text| ("configuration".to_owned(), text)));
    told
}

fn flatten(name: &str, value: &Value, told: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(parts) => {
            for (part, value) in parts {
                flatten(&format!("{name}.{part}"), value, told);
            }
        }
        Value::String(text) => drop(told.insert(name.to_owned(), text.clone())),
        other => drop(told.insert(name.to_owned(), other.to_string())),
    }
}
