//! `/grid/NAME`: the tests of a series by its runs.

use axum::{
    extract::{Path, Query, State},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;
use subunit_history::{History, site::GridQuestion};

use crate::web::{
    app::WebApp,
    page_error::PageError,
    stamped::{self, KnownTag},
};

/// Which part of the grid is wanted.
#[derive(Debug, Deserialize)]
pub(super) struct GridQuery {
    /// Words of the filter.
    #[serde(default)]
    q: String,
    /// The run of the first column.
    from: Option<String>,
    columns: Option<usize>,
}

pub(super) async fn page(
    State(app): State<WebApp>,
    Path(slug): Path<String>,
    Query(GridQuery { q, from, columns }): Query<GridQuery>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let question = GridQuestion { filter: q, from, columns };
    let make = move |history: &History| Ok(history.served().grid(&slug, &question)?);
    let missing = "there is no series of this name, or no such run in it";
    stamped::page(&app, KnownTag::of(&headers), missing, make).await
}
