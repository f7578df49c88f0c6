//! `/help`: what keys, signs and words mean.

use axum::{extract::State, http::HeaderMap, response::Response};
use subunit_history::History;

use crate::web::{
    app::WebApp,
    page_error::PageError,
    stamped::{self, KnownTag},
};

pub(super) async fn page(
    State(app): State<WebApp>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let make = |history: &History| Ok(Some(history.served().help()));
    stamped::page(&app, KnownTag::of(&headers), "", make).await
}
