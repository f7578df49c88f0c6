//! How is it said how far a stream has come?

use axum::{
    http::{HeaderName, HeaderValue},
    response::Response,
};

/// How much of the stream the disk has.
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
/// `?1` if the run has ended, else `?0`.
const UPLOAD_COMPLETE: HeaderName = HeaderName::from_static("upload-complete");

/// Says how far a stream has come, by the headers of the IETF's draft for uploads that can be resumed.
pub(crate) fn put_state(response: &mut Response, offset: u64, complete: bool) {
    let headers = response.headers_mut();
    headers.insert(UPLOAD_OFFSET, offset.into());
    let complete = if complete { "?1" } else { "?0" };
    headers.insert(UPLOAD_COMPLETE, HeaderValue::from_static(complete));
}
