//! `/`: the runs that go on, and all series.

use std::path::Path;

use axum::{extract::State, http::HeaderMap, response::Response};
use subunit_history::{History, query::LiveRun};
use tokio::task;

use crate::web::{
    app::WebApp,
    page_error::PageError,
    stamped::{self, KnownTag},
};

pub(super) async fn page(
    State(app): State<WebApp>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let folder = app.pool.place().files().map(Path::to_owned);
    let live = move || folder.map(|folder| LiveRun::all(&folder).unwrap_or_default());
    let live = task::spawn_blocking(move || live().unwrap_or_default()).await;
    let live = live.unwrap_or_default();
    // A run that begins changes nothing in the index.
    let names: Vec<&str> = live.iter().map(|run| run.uuid.as_str()).collect();
    let known = KnownTag::of(&headers).beside(&names.join(" "));
    let project = app.project().map(str::to_owned);
    let make =
        move |history: &History| Ok(Some(history.served().index(&live, project.as_deref())?));
    stamped::page(&app, known, "", make).await
}
