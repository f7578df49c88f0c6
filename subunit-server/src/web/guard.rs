//! Which requests are allowed, and which headers has every answer?

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
        },
    },
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::page_error::{self, PageError};
use crate::{
    access::rules::AccessRules,
    api::api_error::{ApiError, is_for_programs},
};

/// Nothing is loaded but from this server, nothing of a page is run that is not a file of ours, and no other page may
/// show ours inside itself.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Headers that every answer has.
const HEADERS: [(HeaderName, &str); 4] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Refuses what is not for this server, and adds the headers.
pub(super) async fn guard(
    State(rules): State<Arc<AccessRules>>,
    request: Request,
    next: Next,
) -> Response {
    let depth = request.uri().path().matches('/').count().saturating_sub(1);
    let response = if is_for_us(&rules, request.headers()) {
        next.run(request).await
    } else {
        misdirected(request.uri().path())
    };
    let mut response = page_error::below(response, depth);
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn misdirected(path: &str) -> Response {
    let status = StatusCode::MISDIRECTED_REQUEST;
    let message = "the name in the address is not this server's: open the address that `subunit serve` has printed, or start it with --name";
    if is_for_programs(path) {
        return ApiError::new(status, "misdirected", message).into_response();
    }
    PageError::new(status, message).into_response()
}

/// Whether the request is for a name of ours.
fn is_for_us(rules: &AccessRules, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    host.to_str().is_ok_and(|host| rules.has_name(host))
}
