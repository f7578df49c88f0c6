//! The style and the scripts of pages. They are part of the program.

use axum::{
    Router,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use subunit_history::site::{SCRIPT, STYLE};

use super::app::WebApp;

pub(super) fn routes() -> Router<WebApp> {
    Router::new()
        .route(
            "/style.css",
            get(|headers: HeaderMap| async move { asset(&headers, "text/css", STYLE) }),
        )
        .route(
            "/script.js",
            get(|headers: HeaderMap| async move { asset(&headers, "text/javascript", SCRIPT) }),
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

/// FNV-1a: tells two versions of a file of ours apart.
fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
