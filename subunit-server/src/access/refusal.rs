//! What is answered to somebody who may not have what they ask for?

use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse as _, Response},
};

use super::caller::Ungranted;
use crate::{
    api::api_error::{ApiError, is_for_programs},
    web::page_error::PageError,
};

/// What a browser and a program may send: the token as the password, or as it is.
const CHALLENGES: [&str; 2] = [
    "Basic realm=\"subunit: the token is the password\", charset=\"UTF-8\"",
    "Bearer realm=\"subunit\"",
];

/// The answer to somebody of whom nothing is known.
pub(crate) fn ungranted(path: &str, why: Ungranted) -> Response {
    let (status, code, message) = match why {
        Ungranted::NoToken => (
            StatusCode::UNAUTHORIZED,
            "no_token",
            "this server wants a token, which whoever runs it adds",
        ),
        Ungranted::WrongToken => (
            StatusCode::UNAUTHORIZED,
            "wrong_token",
            "this is no token of this server: it was removed, has expired, or never was one",
        ),
        Ungranted::NoTokens => (
            StatusCode::SERVICE_UNAVAILABLE,
            "tokens_unreadable",
            "the server cannot read its tokens: whoever runs it can see why by `subunit serve token list`",
        ),
        Ungranted::NoProxy => (
            StatusCode::FORBIDDEN,
            "no_proxy",
            "this server is reached through its proxy: use the address of that",
        ),
    };
    let mut response = said(path, status, code, message);
    if status == StatusCode::UNAUTHORIZED {
        for challenge in CHALLENGES {
            let challenge = HeaderValue::from_static(challenge);
            response.headers_mut().append(WWW_AUTHENTICATE, challenge);
        }
    }
    response
}

/// The answer to somebody who may do less.
pub(super) fn too_narrow(path: &str) -> Response {
    let message =
        "this is not for you: it takes a token with a wider scope, sent as `Authorization: Bearer`";
    said(path, StatusCode::FORBIDDEN, "narrow_scope", message)
}

/// The answer to a browser that writes for a page of somebody else.
pub(super) fn from_elsewhere(path: &str) -> Response {
    let message = "a page of another server cannot write here";
    said(path, StatusCode::FORBIDDEN, "other_origin", message)
}

/// The answer to somebody who sends more than an address takes.
pub(super) fn too_large(path: &str) -> Response {
    let message = "this address takes no content";
    said(path, StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
}

/// The answer to somebody who asks too often.
pub(crate) fn too_many(path: &str, seconds: u64) -> Response {
    let message = "you ask too often: the header Retry-After says how many seconds to wait";
    let mut response = said(path, StatusCode::TOO_MANY_REQUESTS, "too_many", message);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// An error for a program or for people, as the address is for.
fn said(path: &str, status: StatusCode, code: &'static str, message: &str) -> Response {
    if is_for_programs(path) {
        return ApiError::new(status, code, message).into_response();
    }
    PageError::new(status, message).into_response()
}
