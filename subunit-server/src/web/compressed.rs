//! Which answers are sent compressed, to those who take that?

use axum::{
    Router,
    http::{Extensions, HeaderMap, StatusCode, Version, header::CONTENT_TYPE},
};
use tower_http::{
    CompressionLevel,
    compression::{CompressionLayer, Predicate, predicate::SizeAbove},
};

/// Shorter answers are a packet or two either way.
const SHORTEST: u16 = 1024;

/// Compresses what is text. Events are not, as each has to arrive at once; nor are streams and attachments, whose length is told.
pub(super) fn compressed(router: Router) -> Router {
    // The grid of a large series: at this level 30 times smaller in 10 ms; more would take longer than it saves.
    let layer = CompressionLayer::new().quality(CompressionLevel::Fastest);
    router.layer(layer.compress_when(SizeAbove::new(SHORTEST).and(is_text)))
}

fn is_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    matches!(
        kind,
        "text/html"
            | "text/css"
            | "text/javascript"
            | "text/plain"
            | "application/json"
            | "application/atom+xml"
            | "image/svg+xml"
    )
}
