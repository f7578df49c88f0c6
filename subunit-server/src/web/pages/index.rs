//! `/`: all series.

use axum::{extract::State, http::HeaderMap, response::Response};

use crate::web::{
    app::WebApp,
    page_error::PageError,
    stamped::{self, KnownTag},
};

pub(super) async fn page(
    State(app): State<WebApp>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let make = |history: &subunit_history::History| Ok(Some(history.served().index()?));
    stamped::page(&app, KnownTag::of(&headers), "", make).await
}
