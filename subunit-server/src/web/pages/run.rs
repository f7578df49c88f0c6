//! `/run/UUID`: one run.

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
    Path(uuid): Path<String>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let make = move |history: &History| Ok(history.served().run(&uuid)?);
    stamped::page(&app, KnownTag::of(&headers), "there is no run of this name", make).await
}
