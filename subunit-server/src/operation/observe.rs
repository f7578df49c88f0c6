//! What is noted of each request?

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};

use super::{metrics::RequestMetrics, request_log::RequestLog};

/// Who notes the requests of a history.
#[derive(Debug, Default)]
pub(crate) struct Observer {
    /// What stands before all addresses of the history.
    pub(crate) base: String,
    pub(crate) metrics: RequestMetrics,
    /// Where a line goes for each request.
    pub(crate) log: Option<Arc<RequestLog>>,
}

/// Counts a request, and writes a line of it: without what stands after the `?`, without headers, and so without secrets.
pub(crate) async fn observe(
    State(observer): State<Arc<Observer>>,
    request: Request,
    next: Next,
) -> Response {
    let begun = Instant::now();
    let method = known(request.method());
    // What has no address of the table is counted as one, whatever is asked for.
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or_else(|| "other".to_owned(), |route| route.as_str().to_owned());
    let path = observer.log.as_ref().map(|_| request.uri().path().to_owned());
    let response = next.run(request).await;
    let (status, time) = (response.status().as_u16(), begun.elapsed());
    observer.metrics.add(&route, method, status, time);
    if let (Some(log), Some(path)) = (&observer.log, path) {
        let (base, path, millis) = (&observer.base, path.escape_debug(), time.as_millis());
        log.write(format!("{method} {base}{path} {status} {millis} ms"));
    }
    response
}

/// A method by its name, if it is one that people use.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "PUT" => "PUT",
        "POST" => "POST",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        "PATCH" => "PATCH",
        _ => "other",
    }
}
