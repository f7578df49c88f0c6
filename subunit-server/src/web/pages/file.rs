//! `/run/UUID/file?id=ID&n=N`: a file that a test has attached.

use axum::{
    extract::{Path, Query, State},
    http::{
        HeaderName, HeaderValue,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use subunit_history::site::{Encoded, image_type, is_text};

use super::test::TestQuery;
use crate::web::{app::WebApp, page_error::PageError};

/// Which file of the test.
#[derive(Debug, Deserialize)]
pub(super) struct FileQuery {
    n: usize,
}

/// Pictures and text are shown; all else is for the disk. What a file says that it is does not count: a page in it would
/// be one of this server.
pub(super) async fn file(
    State(app): State<WebApp>,
    Path(uuid): Path<String>,
    Query(test): Query<TestQuery>,
    Query(FileQuery { n }): Query<FileQuery>,
) -> Result<Response, PageError> {
    let test = test.identity();
    let found = app.pool.ask(move |history| Ok(history.served().file(&uuid, &test, n)?)).await?;
    let file = found.ok_or_else(|| PageError::missing("this result has no such file"))?;
    let kind = image_type(&file.bytes);
    let kind = kind.or_else(|| is_text(&file).then_some("text/plain; charset=utf-8"));
    let name = format!("filename*=UTF-8''{}", Encoded(&file.name));
    let shown = if kind.is_some() { "inline" } else { "attachment" };
    let mut response = file.bytes.into_response();
    let set = |response: &mut Response, name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    set(&mut response, CONTENT_TYPE, kind.unwrap_or("application/octet-stream"));
    set(&mut response, CONTENT_DISPOSITION, &format!("{shown}; {name}"));
    Ok(response)
}
