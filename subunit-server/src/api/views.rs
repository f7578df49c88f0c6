//! Many tests in many runs: the grid, messages, weeks.

use subunit_history::History;
use subunit_run::json::{JsonClusters, JsonGrid, JsonTrends};

use super::{
    api_error::Unanswered,
    asked::ApiQuestion,
    list::{ListPage, wanted},
    parameters::{COUNT, Parameter, RUNS, TEXT, WEEKS_OF_CLUSTERS, WEEKS_OF_TRENDS},
    route::JsonPage,
    runs::{series, the_run, written},
    tests::key,
};

/// Tests by runs.
pub(super) fn grid(asked: &ApiQuestion, history: &History) -> Result<JsonPage, Unanswered> {
    let series = series(asked, history)?;
    let grid = history.grid(series, asked.count(&RUNS), asked.text(&TEXT))?;
    let page = ListPage::of(asked, grid.rows, |row| key(&row.test))?;
    written(&JsonGrid::of(&grid.runs, &page.entries), page.next)
}

/// The messages of the last weeks.
pub(super) fn clusters(asked: &ApiQuestion, history: &History) -> Result<JsonPage, Unanswered> {
    let weeks = weeks(asked, &WEEKS_OF_CLUSTERS);
    let all = history.clusters(series(asked, history)?, weeks, wanted(asked))?;
    let page = ListPage::of(asked, all, |one| one.message.clone())?;
    written(&JsonClusters::of(&page.entries), page.next)
}

/// The messages of a run.
pub(super) fn clusters_in(asked: &ApiQuestion, history: &History) -> Result<JsonPage, Unanswered> {
    let all = history.clusters_of(&the_run(asked, history)?, wanted(asked))?;
    let page = ListPage::of(asked, all, |one| one.message.clone())?;
    written(&JsonClusters::of(&page.entries), page.next)
}

/// What becomes of a series over weeks.
pub(super) fn trends(asked: &ApiQuestion, history: &History) -> Result<JsonPage, Unanswered> {
    let (weeks, count) = (weeks(asked, &WEEKS_OF_TRENDS), asked.count(&COUNT));
    let trends = history.trends(series(asked, history)?, weeks, count)?;
    written(&JsonTrends::from(&trends), None)
}

fn weeks(asked: &ApiQuestion, parameter: &Parameter) -> u32 {
    u32::try_from(asked.count(parameter)).unwrap_or(u32::MAX)
}
