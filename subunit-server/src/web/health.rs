//! Is the server well, and which history does it show?

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

use super::app::WebApp;

/// What the server says of itself. It says nothing of tests, and where the history is.
#[derive(Serialize)]
pub(super) struct Health {
    status: &'static str,
    program: &'static str,
    version: &'static str,
    store: String,
}

/// 200 if the history can be read, else 503.
pub(super) async fn answer(State(app): State<WebApp>) -> Response {
    let (program, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let is_read = app.pool.ask(|history| Ok(history.uuid()?)).await.is_ok();
    let status = if is_read { "ok" } else { "the history cannot be read" };
    let mut response = Json(Health { status, program, version, store: app.store }).into_response();
    if !is_read {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}
