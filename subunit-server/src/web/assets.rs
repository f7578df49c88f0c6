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

/// A file that is part of the program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asset {
    kind: &'static str,
    content: &'static str,
}

/// All of them, by their addresses.
pub(super) const ALL: [(&str, Asset); 2] = [
    ("/style.css", Asset { kind: "text/css; charset=utf-8", content: SERVED_STYLE }),
    ("/script.js", Asset { kind: "text/javascript; charset=utf-8", content: SERVED_SCRIPT }),
];

pub(super) fn routes() -> ScopedRoutes {
    ALL.into_iter().fold(ScopedRoutes::default(), |routes, (path, asset)| {
        routes.open(path, get(async move |headers: HeaderMap| asset.answer(&headers)))
    })
}

impl Asset {
    pub(super) fn answer(self, headers: &HeaderMap) -> Response {
        let tag = format!("\"{:016x}\"", sum(self.content.as_bytes()));
        let is_known =
            headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
        let mut response = match is_known {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => self.content.into_response(),
        };
        for (name, value) in [(CONTENT_TYPE, self.kind), (ETAG, &tag), (CACHE_CONTROL, "no-cache")]
        {
            if let Ok(value) = HeaderValue::from_str(value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}
