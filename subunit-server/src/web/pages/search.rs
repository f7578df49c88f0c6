//! `/search?q=TEXT`: tests and messages that have a text in them.

use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;
use subunit_history::History;

use crate::web::{
    app::WebApp,
    page_error::PageError,
    stamped::{self, KnownTag},
};

/// What to look for.
#[derive(Debug, Deserialize)]
pub(super) struct SearchQuery {
    #[serde(default)]
    q: String,
}

pub(super) async fn page(
    State(app): State<WebApp>,
    Query(SearchQuery { q }): Query<SearchQuery>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let make = move |history: &History| Ok(Some(history.served().search(q.trim())?));
    stamped::page(&app, KnownTag::of(&headers), "", make).await
}
