//! Which scope does each address need?

use axum::{
    Router,
    extract::Request,
    handler::Handler,
    http::{
        HeaderMap, HeaderName,
        header::{CONTENT_LENGTH, HOST, ORIGIN, TRANSFER_ENCODING},
    },
    middleware::{self, Next},
    response::Response,
    routing::MethodRouter,
};

use super::{
    caller::{Caller, Ungranted},
    refusal,
    scope::AccessScope,
};
use crate::web::app::WebApp;

/// What a browser says of the page for which it sends a request.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// How many bytes may come with a request that only asks. They are not looked at.
const CONTENT: u64 = 16 << 10;

/// Addresses, each of which has said which scope it needs.
#[derive(Clone, Debug, Default)]
pub(crate) struct ScopedRoutes {
    router: Router<WebApp>,
}

impl ScopedRoutes {
    /// Adds an address that anybody may ask for, wherever they are: it says nothing about tests.
    pub(crate) fn open(self, path: &str, methods: MethodRouter<WebApp>) -> Self {
        Self { router: self.router.route(path, methods) }
    }

    /// Adds methods of an address, all of which need this scope. Methods of the same address that need another one are
    /// added by another call.
    pub(crate) fn needs(
        self,
        scope: AccessScope,
        path: &str,
        methods: MethodRouter<WebApp>,
    ) -> Self {
        Self { router: self.router.route(path, checked(scope, methods)) }
    }

    /// Adds the addresses of another table.
    pub(crate) fn merge(self, other: Self) -> Self {
        Self { router: self.router.merge(other.router) }
    }

    /// All addresses. What has none of them is answered by `missing`, to those who may read.
    pub(crate) fn into_router<T: 'static>(
        self,
        missing: impl Handler<T, WebApp>,
    ) -> Router<WebApp> {
        let check = middleware::from_fn(|request: Request, next: Next| {
            check(AccessScope::Read, request, next)
        });
        self.router.fallback(missing.layer(check))
    }
}

/// Methods that answer only who has this scope. That a method does not exist is told only to them, too.
fn checked(scope: AccessScope, methods: MethodRouter<WebApp>) -> MethodRouter<WebApp> {
    methods
        .layer(middleware::from_fn(move |request: Request, next: Next| check(scope, request, next)))
}

async fn check(scope: AccessScope, request: Request, next: Next) -> Response {
    let granted = match request.extensions().get::<Caller>() {
        Some(caller) => caller.granted,
        None => Err(Ungranted::NoToken),
    };
    match refusal(scope, granted, request.headers(), request.uri().path()) {
        Some(refusal) => refusal,
        None => next.run(request).await,
    }
}

/// What to answer to somebody who may not have what they ask for.
fn refusal(
    scope: AccessScope,
    granted: Result<AccessScope, Ungranted>,
    headers: &HeaderMap,
    path: &str,
) -> Option<Response> {
    match granted {
        Err(why) => Some(refusal::ungranted(path, why)),
        Ok(granted) if granted < scope => Some(refusal::too_narrow(path)),
        Ok(_) if scope > AccessScope::Read && is_from_elsewhere(headers) => {
            Some(refusal::from_elsewhere(path))
        }
        Ok(_) if scope == AccessScope::Read && has_content(headers) => {
            Some(refusal::too_large(path))
        }
        Ok(_) => None,
    }
}

/// Whether a browser sends this for a page of another server. Programs say nothing of this.
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let text =
        |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let is_cross = text(&FETCH_SITE).is_some_and(|site| site != "same-origin" && site != "none");
    let host = text(&HOST).unwrap_or_default();
    let is_other = text(&ORIGIN).is_some_and(|origin| {
        origin.split_once("://").is_none_or(|(_, of)| !of.eq_ignore_ascii_case(host))
    });
    is_cross || is_other
}

/// Whether a request has more content than one that only asks may have.
fn has_content(headers: &HeaderMap) -> bool {
    let length = headers.get(CONTENT_LENGTH).map(|length| length.to_str().unwrap_or_default());
    let is_long =
        length.is_some_and(|length| length.parse().is_ok_and(|length: u64| length > CONTENT));
    is_long || headers.contains_key(TRANSFER_ENCODING)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn status(
        scope: AccessScope,
        granted: Result<AccessScope, Ungranted>,
        headers: &[(&'static str, &'static str)],
    ) -> u16 {
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            all.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        refusal(scope, granted, &all, "/api/v1/runs").map_or(200, |said| said.status().as_u16())
    }

    #[test]
    fn a_scope_holds_those_before_it() {
        use AccessScope::{Admin, Read, Write};
        for (needed, granted, wanted) in [
            (Read, Ok(Read), 200),
            (Read, Ok(Write), 200),
            (Write, Ok(Read), 403),
            (Write, Ok(Write), 200),
            (Admin, Ok(Write), 403),
            (Admin, Ok(Admin), 200),
            (Read, Err(Ungranted::NoToken), 401),
            (Write, Err(Ungranted::WrongToken), 401),
            (Read, Err(Ungranted::NoTokens), 503),
            (Read, Err(Ungranted::NoProxy), 403),
        ] {
            assert_eq!(status(needed, granted, &[]), wanted, "{needed:?} {granted:?}");
        }
    }

    #[test]
    fn a_page_elsewhere_cannot_write() {
        use AccessScope::{Admin, Read, Write};
        for (headers, wanted) in [
            (&[("host", "tests.example"), ("origin", "https://tests.example")][..], 200),
            (&[("host", "tests.example"), ("origin", "https://other.example")], 403),
            (&[("host", "tests.example"), ("origin", "null")], 403),
            (&[("sec-fetch-site", "same-origin")], 200),
            (&[("sec-fetch-site", "cross-site")], 403),
            (&[("sec-fetch-site", "same-site")], 403),
        ] {
            assert_eq!(status(Write, Ok(Admin), headers), wanted, "{headers:?}");
            assert_eq!(status(Read, Ok(Admin), headers), 200, "{headers:?}");
        }
    }

    #[test]
    fn what_only_asks_brings_nothing() {
        use AccessScope::{Read, Write};
        for (headers, wanted) in [
            (&[("content-length", "16384")][..], 200),
            (&[("content-length", "16385")], 413),
            (&[("transfer-encoding", "chunked")], 413),
        ] {
            assert_eq!(status(Read, Ok(Write), headers), wanted, "{headers:?}");
            assert_eq!(status(Write, Ok(Write), headers), 200, "{headers:?}");
        }
    }
}
