//! Runs: the list, one run, what differs between two.

use subunit_history::{History, query::RunRow};
use subunit_run::json::{self, JsonDiff, JsonRuns, JsonShownRun};

use super::{
    api_error::{ApiError, Unanswered},
    asked::ApiQuestion,
    list::ListPage,
    parameters::{NEW, OLD, RUN, SERIES},
    route::JsonPage,
};

/// The runs, the last one first.
pub(super) fn list(asked: &ApiQuestion, history: &History) -> Result<JsonPage, Unanswered> {
    let all = history.runs(series(asked, history)?)?;
    let page = ListPage::of(asked, all, |run| run.uuid.clone())?;
    written(&JsonRuns::of(&page.entries), page.next)
}

/// A run, and what failed in it.
pub(super) fn show(asked: &ApiQuestion, history: &History) -> Result<JsonPage, Unanswered> {
    let run = the_run(asked, history)?;
    let failures = history.failures(&run)?;
    // The configuration of the project says what is stale, and the server does not read it.
    written(&JsonShownRun::of(&run, &failures, |_| None), None)
}

/// What is different between two runs.
pub(super) fn diff(asked: &ApiQuestion, history: &History) -> Result<JsonPage, Unanswered> {
    let old = find(asked, history, asked.needed(&OLD))?;
    let new = find(asked, history, asked.text(&NEW).unwrap_or("@last"))?;
    written(&JsonDiff::of(&old, &new, &history.diff(&old, &new)?), None)
}

/// The run that stands in the path.
pub(super) fn the_run(asked: &ApiQuestion, history: &History) -> Result<RunRow, Unanswered> {
    find(asked, history, asked.needed(&RUN))
}

/// The run that is meant, of the series that is meant if one is.
pub(super) fn find(
    asked: &ApiQuestion,
    history: &History,
    meant: &str,
) -> Result<RunRow, Unanswered> {
    let series = series(asked, history)?;
    let found = history.find(meant, |run| series.is_none_or(|series| run.series == series))?;
    let found = found.ok_or_else(|| {
        let message = format!("there is no run {}", meant.escape_debug());
        ApiError::missing("no_run", message).with_hint("/api/v1/runs lists them")
    });
    Ok(found?)
}

/// The series that is asked about, if one is named.
pub(super) fn series<'a>(
    asked: &'a ApiQuestion,
    history: &History,
) -> Result<Option<&'a str>, Unanswered> {
    let Some(name) = asked.text(&SERIES) else { return Ok(None) };
    let known = history.series_names()?;
    if known.iter().any(|known| known == name) {
        return Ok(Some(name));
    }
    let message = format!("no series is called {}", name.escape_debug());
    let some: Vec<_> = known.iter().take(10).map(String::as_str).collect();
    Err(ApiError::missing("no_series", message)
        .with_hint(format!("there is {}", some.join(", ")))
        .into())
}

/// An object as the verbs write it.
pub(super) fn written(
    content: &impl serde::Serialize,
    next: Option<String>,
) -> Result<JsonPage, Unanswered> {
    let mut body = Vec::new();
    json::write_to(content, &mut body).map_err(subunit_history::Error::Output)?;
    Ok(JsonPage { body, next })
}
