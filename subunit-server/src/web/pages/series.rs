//! `/series/NAME`: one series.

use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use subunit_history::History;

use crate::web::{
    app::WebApp,
    page_error::PageError,
    stamped::{self, KnownTag},
};

pub(super) async fn page(
    State(app): State<WebApp>,
    Path(slug): Path<String>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let make = move |history: &History| Ok(history.served().series(&slug)?);
    stamped::page(&app, KnownTag::of(&headers), "there is no series of this name", make).await
}
