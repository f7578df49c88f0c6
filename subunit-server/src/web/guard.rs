//! Which requests are allowed, and which headers has every answer?

use axum::{
    extract::Request,
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
        },
    },
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::page_error::PageError;
use crate::api::{self, ApiError};

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
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let mut response = if is_for_us(request.headers()) {
        next.run(request).await
    } else {
        misdirected(request.uri().path())
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn misdirected(path: &str) -> Response {
    let status = StatusCode::MISDIRECTED_REQUEST;
    let message = "the name in the address is not this machine's: open the address that `subunit serve` has printed";
    if api::is_for_programs(path) {
        return ApiError::new(status, "misdirected", message).into_response();
    }
    PageError::new(status, message).into_response()
}

/// Whether the browser was sent here by a name of this machine. A page elsewhere whose name leads to 127.0.0.1 could
/// read the history otherwise (DNS rebinding).
fn is_for_us(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    host.to_str().is_ok_and(is_loopback)
}

fn is_loopback(host: &str) -> bool {
    let without_port = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    if without_port.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let bare = without_port.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    match bare {
        Some(v6) => v6.parse::<std::net::Ipv6Addr>().is_ok_and(|address| address.is_loopback()),
        None => {
            without_port.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_ours() {
        for (host, is_ours) in [
            ("127.0.0.1:7357", true),
            ("127.0.0.1", true),
            ("localhost:1", true),
            ("LOCALHOST", true),
            ("[::1]:7357", true),
            ("[::1]", true),
            ("example.org", false),
            ("127.0.0.1.example.org:7357", false),
            ("localhost.example.org", false),
            ("[::2]:7357", false),
            ("192.168.0.1:7357", false),
            ("", false),
        ] {
            assert_eq!(is_loopback(host), is_ours, "{host}");
        }
    }
}
