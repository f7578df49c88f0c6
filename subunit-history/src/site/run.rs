//! One run: what it is, what failed in it first, what is fixed, what took longest.

use std::fmt::Write as _;

use serde_json::Value;

use super::{
    frame::{Page, SiteFrame, Text, facts, name, run_link, seconds, table, time, verdict},
    links::SiteLinks,
    view::{SeriesView, SiteTest},
};
use crate::{
    Error, OutcomeCode,
    query::{History, RunRow},
};

/// How many rows a table has.
const MOST: usize = 1000;

/// The name of the page of a run of the view, and the page.
pub(super) fn page(
    history: &History,
    view: &SeriesView,
    nth: usize,
    frame: &SiteFrame,
) -> Result<Option<(String, String)>, Error> {
    let Some(run) = view.runs.get(nth) else { return Ok(None) };
    let before = view.runs.get(nth + 1);
    let (class, word) = verdict(run);
    let title = format!("Run @{} of {}", run.id, view.name);
    let mut body = format!("<p class=\"verdict {class}\">{word}: {}</p>\n", counted(run));
    body.push_str(&about(view, run, before));
    let bad = |at: usize, test: &SiteTest| outcome(test, at).is_bad();
    let failed = || view.tests.iter().filter(move |test| bad(nth, test));
    let is_old = |test: &&SiteTest| before.is_some() && last_telling(test, nth + 1).is_bad();
    let new: Vec<String> =
        failed().filter(|test| !is_old(test)).map(|test| row(view, test, nth)).collect();
    let old: Vec<String> = failed().filter(is_old).map(|test| row(view, test, nth)).collect();
    let (new_heading, columns) = ("Newly failing", &["Test", "Result", "Message"][..]);
    body.push_str(&table(new_heading, columns, &new, MOST));
    body.push_str(&table("Failing as before", columns, &old, MOST));
    let flaky = view.tests.iter().filter(|test| outcome(test, nth) == OutcomeCode::FLAKY);
    let flaky: Vec<String> = flaky.map(|test| format!("<td>{}</td>", link(view, test))).collect();
    body.push_str(&table("Flaky: passed after they had failed", &["Test"], &flaky, MOST));
    let fixed = view.tests.iter().filter(|test| {
        before.is_some() && outcome(test, nth).is_good() && last_telling(test, nth + 1).is_bad()
    });
    let fixed: Vec<String> = fixed.map(|test| format!("<td>{}</td>", link(view, test))).collect();
    body.push_str(&table("Fixed", &["Test"], &fixed, MOST));
    let slowest = history.slowest(run, 10)?;
    let slow = slowest.iter().map(|one| {
        format!(
            "<td class=\"number\">{}</td><td>{}</td>",
            seconds(one.time.get()),
            view.link(&one.test)
        )
    });
    body.push_str(&table("Slowest", &["Time", "Test"], &slow.collect::<Vec<_>>(), 10));
    let above = [
        ("All series", format!("../{}", view.links.index())),
        (view.name.as_str(), format!("../{}", view.links.series(&view.slug))),
    ];
    let page = frame.page(&Page { title: &title, above: &above, depth: 1 }, &body);
    Ok(Some((format!("run/{}.html", run.uuid), page)))
}

/// What it came to, in words.
pub(super) fn counted(run: &RunRow) -> String {
    let counts = &run.counts;
    let mut said = subunit_core::run::counted(counts.tests(), "test");
    for (count, word) in [
        (counts.fail + counts.uxsuccess, "failed"),
        (counts.unfinished, "never ended"),
        (counts.skip, "skipped"),
        (counts.flaky, "flaky"),
        (counts.damage, "damaged"),
        (run.broke, "newly broken"),
        (run.fixed, "fixed"),
    ] {
        if count > 0 {
            let _ = write!(said, ", {count} {word}");
        }
    }
    said
}

fn about(view: &SeriesView, run: &RunRow, before: Option<&RunRow>) -> String {
    let elapsed = run.elapsed.and_then(|micros| u64::try_from(micros).ok());
    let revision = run.revision.as_deref().unwrap_or_default();
    let dirty = if run.is_dirty == Some(true) { ", with changes" } else { "" };
    let revision =
        if revision.is_empty() { String::new() } else { format!("{}{dirty}", Text(revision)) };
    let mut told = vec![
        ("began", time(run.started)),
        ("took", elapsed.map(seconds).unwrap_or_default()),
        ("revision", revision),
        ("name", Text(&run.uuid).to_string()),
        ("before it", before.map(|run| run_link(run, view.links)).unwrap_or_default()),
    ];
    for key in ["command", "host", "branch", "author", "variant"] {
        let value = match run.meta.get(key) {
            Some(Value::String(text)) => Text(text).to_string(),
            Some(Value::Array(words)) => {
                let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
                Text(&words.join(" ")).to_string()
            }
            _ => String::new(),
        };
        told.push((key, value));
    }
    facts(&told)
}

fn row(view: &SeriesView, test: &SiteTest, nth: usize) -> String {
    let cell = test.cells.get(nth).cloned().unwrap_or_default();
    let message = cell.message.as_deref().unwrap_or_default();
    format!(
        "<td id=\"{}\">{}</td><td>{}</td><td><code>{}</code></td>",
        test.anchor,
        link(view, test),
        word(view, test, nth, cell.outcome),
        Text(message)
    )
}

/// How it ended: on a server a link to all that the run says of it.
fn word(view: &SeriesView, test: &SiteTest, nth: usize, outcome: OutcomeCode) -> String {
    let word = format!("<b class=\"bad\">{}</b>", outcome.word());
    match view.runs.get(nth).filter(|_| view.links == SiteLinks::Served) {
        Some(run) => {
            let address = view.links.result(run, &test.test, &test.anchor);
            format!("<a href=\"../{}\">{word}</a>", Text(&address))
        }
        None => word,
    }
}

fn link(view: &SeriesView, test: &SiteTest) -> String {
    let name = name(&test.test);
    format!("<a href=\"../{}\">{}</a>", Text(&view.address(test)), Text(&name))
}

fn outcome(test: &SiteTest, nth: usize) -> OutcomeCode {
    test.cells.get(nth).map_or(OutcomeCode::ABSENT, |cell| cell.outcome)
}

/// The last result at this run or before that says whether the test is good.
fn last_telling(test: &SiteTest, nth: usize) -> OutcomeCode {
    let outcomes = test.cells.iter().skip(nth).map(|cell| cell.outcome);
    let mut telling = outcomes.filter(|outcome| outcome.is_telling());
    telling.next().unwrap_or_default()
}
