//! `/diff?run=UUID&run=UUID`: two runs side by side, the earlier one first.

use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
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
    Query(values): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let mut runs = values.into_iter().filter(|(name, _)| name == "run").map(|(_, value)| value);
    let (Some(one), Some(other), None) = (runs.next(), runs.next(), runs.next()) else {
        let message = "two runs can be compared: go back and mark two of them";
        return Err(PageError::new(StatusCode::BAD_REQUEST, message));
    };
    let make = move |history: &History| Ok(history.served().diff(&one, &other)?);
    let missing = "one of these runs is not in the history";
    stamped::page(&app, KnownTag::of(&headers), missing, make).await
}
