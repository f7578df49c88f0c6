//! How is a page made from the history, and not again while nothing has changed?

use axum::{
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH},
    },
    response::{Html, IntoResponse, Response},
};
use subunit_history::{History, query::StoreStamp};

use super::{app::WebApp, page_error::PageError};
use crate::history_pool::NoAnswer;

/// What the browser has said of the page that it has.
pub(crate) struct KnownTag {
    said: Option<String>,
    /// What a page follows from besides the history.
    beside: String,
}

impl KnownTag {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let said = headers.get(IF_NONE_MATCH).and_then(|said| said.to_str().ok());
        Self { said: said.map(str::to_owned), beside: String::new() }
    }

    /// Of a page that follows from this, too.
    pub(crate) fn beside(self, beside: &str) -> Self {
        Self { beside: beside.to_owned(), ..self }
    }

    fn is(&self, tag: &str) -> bool {
        self.said.iter().flat_map(|said| said.split(',')).any(|known| known.trim() == tag)
    }
}

/// A page that follows from the history alone. `missing` is what to say if there is no such page.
pub(crate) async fn page(
    app: &WebApp,
    known: KnownTag,
    missing: &str,
    make: impl FnOnce(&History) -> Result<Option<String>, NoAnswer> + Send + 'static,
) -> Result<Response, PageError> {
    let made = app.pool.ask(move |history| {
        // Before the questions: what is written meanwhile makes the page old.
        let tag = history.stamp()?.map(|stamp| tag(stamp, &known.beside));
        if tag.as_ref().is_some_and(|tag| known.is(tag)) {
            return Ok((tag, Made::Before));
        }
        Ok((tag, make(history)?.map_or(Made::Missing, Made::Now)))
    });
    let (tag, made) = made.await?;
    let mut response = match made {
        Made::Before => StatusCode::NOT_MODIFIED.into_response(),
        Made::Now(page) => Html(page).into_response(),
        Made::Missing => return Err(PageError::missing(missing)),
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Some(tag) = tag.and_then(|tag| HeaderValue::from_str(&tag).ok()) {
        headers.insert(ETAG, tag);
    }
    Ok(response)
}

enum Made {
    Before,
    Now(String),
    Missing,
}

/// Pages of another version of this program are other pages.
fn tag(stamp: StoreStamp, beside: &str) -> String {
    let (version, beside) = (env!("CARGO_PKG_VERSION"), sum(beside.as_bytes()));
    format!("W/\"{version}-{:016x}-{:016x}-{beside:016x}\"", stamp.file, stamp.change)
}

/// FNV-1a: tells two versions of a page or a file of ours apart.
pub(super) fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
