//! What is answered to who brings a run?

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header::LOCATION},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use subunit_history::query::RunRow;
use subunit_run::json::JsonRun;

use crate::{
    api::{api_error::ApiError, upload_state::put_state},
    history_pool::NoAnswer,
};

/// What was received.
#[derive(Debug)]
pub(super) struct Receipt {
    pub(super) uuid: String,
    /// How much of the stream the disk has.
    pub(super) offset: u64,
    pub(super) state: ReceiptState,
}

/// How far a run has come.
#[derive(Debug)]
pub(super) enum ReceiptState {
    /// More is awaited.
    Open,
    /// It has ended now.
    Added(Box<RunRow>),
    /// It had ended before.
    Known(Box<RunRow>),
}

#[derive(Serialize)]
struct Body<'r> {
    version: u32,
    uuid: &'r str,
    offset: u64,
    complete: bool,
    run: Option<JsonRun<'r>>,
}

impl Receipt {
    /// The answer. `base` stands before all addresses of the history.
    pub(super) fn into_response(self, base: &str) -> Response {
        let Self { uuid, offset, state } = &self;
        let (status, run) = match state {
            ReceiptState::Open => (StatusCode::OK, None),
            ReceiptState::Added(run) => (StatusCode::CREATED, Some(run)),
            ReceiptState::Known(run) => (StatusCode::OK, Some(run)),
        };
        let (offset, complete) = (*offset, run.is_some());
        let shown = run.map(|run| JsonRun::from(&**run));
        let body = Body { version: 1, uuid, offset, complete, run: shown };
        let mut response = (status, Json(body)).into_response();
        put_state(&mut response, offset, complete);
        if let (Some(run), StatusCode::CREATED) = (run, status)
            && let Ok(place) = HeaderValue::from_str(&format!("{base}/api/v1/runs/{}", run.uuid))
        {
            response.headers_mut().insert(LOCATION, place);
        }
        response
    }
}

/// Why a piece is not taken, and how much of the stream the disk has, where that is known.
#[derive(Debug)]
pub(crate) struct Refusal {
    error: Box<ApiError>,
    offset: Option<u64>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        ApiError::new(status, code, message).into()
    }

    /// The server ends, or a function of it has failed.
    pub(super) fn ended() -> Self {
        let message = "the server ends, or has failed";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "no_answer", message)
    }

    /// The body is longer than is taken. `what` is that which has this many bytes at most.
    pub(super) fn too_large(what: &str, most: u64) -> Self {
        let message =
            format!("{what} may have {most} bytes here: see --max-body of `subunit serve`");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
    }

    pub(super) fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { error: Box::new(self.error.with_hint(hint)), ..self }
    }

    /// The disk has this much.
    pub(super) fn at(self, offset: u64) -> Self {
        Self { offset: Some(offset), ..self }
    }
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self { error: Box::new(error), offset: None }
    }
}

impl From<NoAnswer> for Refusal {
    fn from(error: NoAnswer) -> Self {
        ApiError::from(error).into()
    }
}

/// The disk is full, the store is locked or gone: what was acknowledged is there, and the rest may come later.
impl From<subunit_history::Error> for Refusal {
    fn from(error: subunit_history::Error) -> Self {
        let (status, code) = (StatusCode::SERVICE_UNAVAILABLE, "not_written");
        Self::new(status, code, error.to_string())
            .with_hint("send it again, from the header Upload-Offset of a HEAD on")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.error.into_response();
        if let Some(offset) = self.offset {
            put_state(&mut response, offset, false);
        }
        response
    }
}
