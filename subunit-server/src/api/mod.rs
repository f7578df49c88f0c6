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
pub(crate) mod api_error;
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
pub(crate) mod upload_state;
mod views;
mod writes;

use axum::{
    http::{HeaderValue, StatusCode, header::ALLOW},
    response::{IntoResponse as _, Response},
    routing::{any, get},
};

pub(crate) use self::request::ApiRequest;
use self::{api_error::ApiError, route::ApiAnswer, table::ROUTES};
use crate::access::{routes::ScopedRoutes, scope::AccessScope};

/// All addresses for programs.
pub(crate) fn routes() -> ScopedRoutes {
    let mut routes = ScopedRoutes::default();
    for route in ROUTES {
        let answer = move |request: ApiRequest| answer::answer(route, request);
        // A name is matched up to the end: it may have slashes.
        let path = route.path.replace("{series}.svg", "{*series}");
        let allowed = writes::allowed(route.path);
        let methods = get(answer).fallback(move || async move { not_allowed(allowed) });
        routes = routes.needs(AccessScope::Read, &path, methods);
    }
    routes.needs(AccessScope::Read, "/api", any(not_found)).needs(
        AccessScope::Read,
        "/api/{*rest}",
        any(not_found),
    )
}

/// The stream of a run that is kept.
pub(crate) async fn stream(request: ApiRequest) -> Result<Response, ApiError> {
    let mut routes = ROUTES.iter();
    match routes.find(|route| matches!(route.answer, ApiAnswer::Stream)) {
        Some(route) => answer::answer(route, request).await,
        None => Err(not_found().await),
    }
}

async fn not_found() -> ApiError {
    let error = ApiError::missing("no_route", "nothing has this address");
    error.with_hint("/api/v1/openapi.json says which addresses there are")
}

fn not_allowed(allowed: &'static str) -> Response {
    let message = "this address has no such method";
    let error = ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "not_allowed", message);
    let mut response = error.with_hint(format!("use {allowed}")).into_response();
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}
