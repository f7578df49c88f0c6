//! `/test/NAME?id=ID`: one test in one series.

use axum::{
    extract::{Path, Query, State},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;
use subunit_history::{History, query::TestIdentity};

use crate::web::{
    app::WebApp,
    page_error::PageError,
    stamped::{self, KnownTag},
};

/// Which test is meant.
#[derive(Debug, Deserialize)]
pub(super) struct TestQuery {
    id: String,
    #[serde(default)]
    scope: String,
    /// `1` for what cannot be run by itself, such as a class.
    #[serde(default)]
    group: u8,
}

impl TestQuery {
    pub(super) fn identity(self) -> TestIdentity {
        TestIdentity { scope: self.scope, id: self.id, runnable: self.group == 0 }
    }
}

pub(super) async fn page(
    State(app): State<WebApp>,
    Path(slug): Path<String>,
    Query(test): Query<TestQuery>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let test = test.identity();
    let make = move |history: &History| Ok(history.served().test(&slug, &test)?);
    let missing = "none of the last runs of this series has this test";
    stamped::page(&app, KnownTag::of(&headers), missing, make).await
}
