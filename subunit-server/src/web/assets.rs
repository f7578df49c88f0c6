//! The style and the scripts of pages. They are part of the program.

use axum::{
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use subunit_history::site::{SERVED_SCRIPT, SERVED_STYLE};

use super::stamped::sum;
use crate::access::routes::ScopedRoutes;

pub(super) fn routes() -> ScopedRoutes {
    ScopedRoutes::default()
        .open(
            "/style.css",
            get(|headers: HeaderMap| async move { asset(&headers, "text/css", SERVED_STYLE) }),
        )
        .open(
            "/script.js",
            get(|headers: HeaderMap| async move { asset(&headers, "text/javascript", SERVED_SCRIPT) }),
        )
}

fn asset(headers: &HeaderMap, kind: &str, content: &'static str) -> Response {
    let tag = format!("\"{:016x}\"", sum(content.as_bytes()));
    let is_known =
        headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response =
        if is_known { StatusCode::NOT_MODIFIED.into_response() } else { content.into_response() };
    let kind = format!("{kind}; charset=utf-8");
    for (name, value) in [(CONTENT_TYPE, &*kind), (ETAG, &*tag), (CACHE_CONTROL, "no-cache")] {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
