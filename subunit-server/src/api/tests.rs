//! Tests: which fail, are flaky, broken or slow, and one test in all runs.

use subunit_history::{History, query::TestIdentity};
use subunit_run::{
    json::{JsonTest, JsonTests},
    suspects::SuspectRevisions,
};

use super::{
    api_error::{ApiError, Unanswered},
    asked::ApiQuestion,
    list::{ListPage, wanted},
    parameters::ID,
    route::JsonPage,
    runs::{find, series, the_run, written},
};

/// The tests that fail now.
pub(super) fn failing(asked: &ApiQuestion, history: &History) -> Result<JsonPage, Unanswered> {
    let all = history.failing(series(asked, history)?)?;
    let page = ListPage::of(asked, all, |one| key(&one.test))?;
    let tests = page.entries.iter().map(|one| JsonTest::failing(one, None)).collect();
    written(&JsonTests { tests }, page.next)
}

/// The flaky tests, the most costly ones first.
pub(super) fn flaky(asked: &ApiQuestion, history: &History) -> Result<JsonPage, Unanswered> {
    let mut all = history.flaky(series(asked, history)?)?;
    all.sort_by(|one, other| other.cost.total_cmp(&one.cost));
    let page = ListPage::of(asked, all, |one| key(&one.test))?;
    let tests = page.entries.iter().map(JsonTest::flaky).collect();
    written(&JsonTests { tests }, page.next)
}

/// The tests that are broken, and by which revisions.
pub(super) fn broken(asked: &ApiQuestion, history: &History) -> Result<JsonPage, Unanswered> {
    let all = history.broken(series(asked, history)?)?;
    let page = ListPage::of(asked, all, |one| key(&one.test))?;
    let mut known = SuspectRevisions::default();
    let suspects: Vec<Vec<String>> = page.entries.iter().map(|one| known.of(one)).collect();
    let tests = page.entries.iter().zip(&suspects);
    let tests = tests.map(|(one, suspects)| JsonTest::broken(one, suspects)).collect();
    written(&JsonTests { tests }, page.next)
}

/// The slowest tests of the last run.
pub(super) fn slowest(asked: &ApiQuestion, history: &History) -> Result<JsonPage, Unanswered> {
    let run = find(asked, history, "@last")?;
    slowest_of(asked, history, &run)
}

/// The slowest tests of a run.
pub(super) fn slowest_in(asked: &ApiQuestion, history: &History) -> Result<JsonPage, Unanswered> {
    let run = the_run(asked, history)?;
    slowest_of(asked, history, &run)
}

fn slowest_of(
    asked: &ApiQuestion,
    history: &History,
    run: &subunit_history::query::RunRow,
) -> Result<JsonPage, Unanswered> {
    let all = history.slowest(run, wanted(asked))?;
    let page = ListPage::of(asked, all, |one| key(&one.test))?;
    written(&JsonTests { tests: page.entries.iter().map(JsonTest::slow).collect() }, page.next)
}

/// One test in all runs.
pub(super) fn one_test(asked: &ApiQuestion, history: &History) -> Result<JsonPage, Unanswered> {
    let id = asked.needed(&ID);
    let found = history.test(id, series(asked, history)?)?;
    if found.is_empty() {
        let message = format!("no run has the test {}", id.escape_debug());
        let missing = ApiError::missing("no_test", message);
        let near = history.search(id, 3)?;
        let near: Vec<_> = near.iter().map(|test| test.id.escape_debug().to_string()).collect();
        return Err(match &near[..] {
            [] => missing,
            near => missing.with_hint(format!("there is {}", near.join(", "))),
        }
        .into());
    }
    written(&JsonTests { tests: found.iter().map(JsonTest::in_runs).collect() }, None)
}

/// What tells a test from all others.
pub(super) fn key(test: &TestIdentity) -> String {
    format!("{}\0{}\0{}", test.scope, test.id, test.runnable)
}
