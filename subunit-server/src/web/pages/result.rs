//! `/run/UUID/test?id=ID`: one test in one run, with its log.

use axum::{
    extract::{Path, Query, State},
    http::HeaderMap,
    response::Response,
};
use subunit_history::History;

use super::test::TestQuery;
use crate::web::{
    app::WebApp,
    page_error::PageError,
    stamped::{self, KnownTag},
};

pub(super) async fn page(
    State(app): State<WebApp>,
    Path(uuid): Path<String>,
    Query(test): Query<TestQuery>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let test = test.identity();
    let make = move |history: &History| Ok(history.served().result(&uuid, &test)?);
    let missing = "this run has no result of this test, or its stream is not kept any more";
    stamped::page(&app, KnownTag::of(&headers), missing, make).await
}
