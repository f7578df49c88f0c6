//! `/api/v1`: what the verbs of kept runs show, for programs. And the badge of a series, and its breakages as a feed.
//!
//! ```text
//! table.rs     which addresses there are ----> openapi.rs: the document that says so
//!    |
//! answer.rs    request --> asked.rs: what is asked? --> runs.rs tests.rs views.rs badge.rs feed.rs --> answer
//! ```
//!
//! To add an address, write its function and add it to the table.

mod answer;
mod api_error;
mod asked;
mod badge;
mod feed;
mod list;
mod openapi;
mod parameters;
mod request;
mod route;
mod runs;
mod stream;
mod table;
mod tests;
mod views;

use axum::{
    Router,
    http::{HeaderValue, StatusCode, header::ALLOW},
    response::{IntoResponse as _, Response},
    routing::{any, get},
};

pub(crate) use self::api_error::ApiError;
use self::{request::ApiRequest, table::ROUTES};
use crate::web::app::WebApp;

/// Whether this is an address for programs.
pub(crate) fn is_for_programs(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// All addresses for programs.
pub(crate) fn routes() -> Router<WebApp> {
    let mut router = Router::new();
    for route in ROUTES {
        let answer = move |request: ApiRequest| answer::answer(route, request);
        // A name is matched up to the end: it may have slashes.
        let path = route.path.replace("{series}.svg", "{*series}");
        router = router.route(&path, get(answer).fallback(not_allowed));
    }
    router.route("/api", any(not_found)).route("/api/{*rest}", any(not_found))
}

async fn not_found() -> ApiError {
    let error = ApiError::missing("no_route", "nothing has this address");
    error.with_hint("/api/v1/openapi.json says which addresses there are")
}

async fn not_allowed() -> Response {
    let message = "this address is only read";
    let error = ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "not_allowed", message);
    let mut response = error.with_hint("use GET or HEAD").into_response();
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}
