//! What does a page say that cannot be shown?

use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_LENGTH, REFRESH, RETRY_AFTER},
    },
    response::{Html, IntoResponse, Response},
};
use subunit_history::site::{Page, SiteFrame, Text};

use crate::history_pool::NoAnswer;

/// After how many seconds a page may be there again.
const PAUSE: &str = "5";

/// Why there is no page: one line for people.
#[derive(Clone, Debug)]
pub(crate) struct PageError {
    status: StatusCode,
    message: String,
    frame: SiteFrame,
}

impl PageError {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), frame: SiteFrame::served() }
    }

    /// The same, before one has chosen a history.
    pub(super) fn before(self) -> Self {
        Self { frame: SiteFrame::before(), ..self }
    }

    fn page(&self, depth: usize) -> String {
        let title = self.status.canonical_reason().unwrap_or("Error");
        let body = format!("<p>{}</p>\n", Text(&self.message));
        self.frame.page(&Page { title, above: &[], depth }, &body)
    }

    /// There is no such thing.
    pub(crate) fn missing(what: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, what)
    }
}

impl From<NoAnswer> for PageError {
    fn from(error: NoAnswer) -> Self {
        match error {
            NoAnswer::NoHistory => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "there is no history any more: `subunit run` and `subunit load` make one",
            ),
            NoAnswer::Unreachable(said) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                format!(
                    "the database of this history does not answer, this page asks again in {PAUSE} seconds: {said}"
                ),
            ),
            NoAnswer::History(error @ subunit_history::Error::NoFiles { .. }) => {
                Self::missing(error.to_string())
            }
            NoAnswer::History(error) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
            }
            NoAnswer::Ended => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the page could not be made: reload it, and report it if that does not help",
            ),
        }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Html(self.page(0))).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            let pause = HeaderValue::from_static(PAUSE);
            response.headers_mut().insert(RETRY_AFTER, pause.clone());
            response.headers_mut().insert(REFRESH, pause);
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Makes the page of an error once more, if it stands so many folders below the first page: its links are relative.
pub(super) fn below(mut response: Response, depth: usize) -> Response {
    if let Some(error) = response.extensions_mut().remove::<PageError>() {
        response.headers_mut().remove(CONTENT_LENGTH);
        *response.body_mut() = error.page(depth).into();
    }
    response
}

/// No page has this address.
pub(super) async fn not_found() -> PageError {
    PageError::missing("no page has this address: the first page leads to all others")
}
