//! How is a request answered, and not again while nothing has changed?

use axum::{
    body::Body,
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LINK},
    },
    response::{IntoResponse as _, Response},
};
use subunit_history::{History, query::StoreStamp, run_file::RunStream};

use super::{
    api_error::{ApiError, Unanswered},
    asked::ApiQuestion,
    openapi,
    request::ApiRequest,
    route::{ApiAnswer, ApiRoute, JsonPage},
    runs, stream,
    upload_state::put_state,
};

/// Answers a request to a route.
pub(super) async fn answer(
    route: &'static ApiRoute,
    request: ApiRequest,
) -> Result<Response, ApiError> {
    let ApiRequest { app, path, query, address, host, known_tags } = request;
    // The name of a picture ends as its file does.
    let path = path.into_iter().map(|(name, value)| match route.path.ends_with("}.svg") {
        true => (name, value.strip_suffix(".svg").unwrap_or(&value).to_owned()),
        false => (name, value),
    });
    let asked = ApiQuestion::read(route.parameters, path, query)?.reached(host, app.base.clone());
    let made = app.pool.ask(move |history| {
        // Before the questions: what is written meanwhile makes the answer old.
        let tag = history.stamp()?.map(tag);
        if tag.as_ref().is_some_and(|tag| is_known(&known_tags, tag)) {
            return Ok(Ok((tag, Made::Before)));
        }
        match make(route, &asked, history) {
            Ok(made) => Ok(Ok((tag, made))),
            Err(Unanswered::Refused(error)) => Ok(Err(error)),
            Err(Unanswered::History(error)) => Err(error.into()),
        }
    });
    let (tag, made) = made.await??;
    let mut response = made.into_response(&address);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Some(tag) = tag {
        insert(&mut response, ETAG, &tag);
    }
    if response.status() == StatusCode::OK {
        insert(&mut response, CONTENT_TYPE, route.answer.mime_type());
    }
    Ok(response)
}

/// What was made for a request.
enum Made {
    /// The client has it.
    Before,
    Json(JsonPage),
    File(String),
    /// A stream of this length, and whether the run has ended with it.
    Stream(Box<RunStream>, u64, bool),
}

fn make(route: &ApiRoute, asked: &ApiQuestion, history: &History) -> Result<Made, Unanswered> {
    Ok(match route.answer {
        ApiAnswer::Json { make, .. } => Made::Json(make(asked, history)?),
        ApiAnswer::File { make, .. } => Made::File(make(asked, history)?),
        ApiAnswer::Document => Made::File(openapi::document(&asked.base)),
        ApiAnswer::Stream => {
            let run = runs::the_run(asked, history)?;
            Made::Stream(Box::new(history.stream(&run)?), run.raw_bytes, !run.is_interrupted)
        }
    })
}

impl Made {
    fn into_response(self, address: &str) -> Response {
        match self {
            Self::Before => StatusCode::NOT_MODIFIED.into_response(),
            Self::File(file) => file.into_response(),
            Self::Json(JsonPage { body, next }) => {
                let mut response = body.into_response();
                if let Some(next) = next {
                    insert(&mut response, LINK, &link(address, &next));
                }
                response
            }
            Self::Stream(stream, length, is_whole) => {
                let mut response = Body::from_stream(stream::pieces(stream)).into_response();
                insert(&mut response, CONTENT_LENGTH, &length.to_string());
                put_state(&mut response, length, is_whole);
                response
            }
        }
    }
}

/// The address of the next page, as RFC 8288 writes it.
fn link(address: &str, cursor: &str) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let kept = query.split('&').filter(|said| !said.is_empty() && !said.starts_with("cursor="));
    let query: String = kept.flat_map(|said| [said, "&"]).collect();
    format!("<{path}?{query}cursor={cursor}>; rel=\"next\"")
}

fn is_known(known: &str, tag: &str) -> bool {
    known.split(',').any(|known| known.trim() == tag)
}

/// Answers of another version of this program are other answers.
fn tag(stamp: StoreStamp) -> String {
    format!("W/\"{}-{:016x}-{:016x}\"", env!("CARGO_PKG_VERSION"), stamp.file, stamp.change)
}

/// Adds a header, if its value can be one.
fn insert(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_has_one_cursor() {
        for (address, wanted) in [
            ("/a", "/a?cursor=2"),
            ("/a?limit=1", "/a?limit=1&cursor=2"),
            ("/a?cursor=1&limit=1", "/a?limit=1&cursor=2"),
        ] {
            assert_eq!(link(address, "2"), format!("<{wanted}>; rel=\"next\""));
        }
    }
}
