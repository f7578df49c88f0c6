//! What is answered to a program if there is no answer?

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::{history_pool::NoAnswer, project::PROJECTS};

/// Whether this is an address for programs, also below a project.
pub(crate) fn is_for_programs(path: &str) -> bool {
    let of_project = path.strip_prefix(PROJECTS).and_then(|rest| rest.split_once('/'));
    let path = of_project.map_or_else(|| path.trim_start_matches('/'), |(_, rest)| rest);
    path == "api" || path.starts_with("api/")
}

/// Why there is no answer: a word for programs, a sentence for people, and what to do about it.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    hint: Option<String>,
}

/// Why a question has no answer.
pub(super) enum Unanswered {
    /// The request asks for what is not there.
    Refused(ApiError),
    /// The history cannot be read.
    History(subunit_history::Error),
}

impl From<ApiError> for Unanswered {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

impl From<subunit_history::Error> for Unanswered {
    fn from(error: subunit_history::Error) -> Self {
        Self::History(error)
    }
}

#[derive(Serialize)]
struct Body<'e> {
    error: Said<'e>,
}

#[derive(Serialize)]
struct Said<'e> {
    code: &'e str,
    message: &'e str,
    hint: Option<&'e str>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), hint: None }
    }

    /// There is no such thing.
    pub(crate) fn missing(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    /// With what to do about it.
    pub(crate) fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl From<NoAnswer> for ApiError {
    fn from(error: NoAnswer) -> Self {
        match error {
            NoAnswer::NoHistory => {
                let message = "there is no history any more";
                let hint = "`subunit run` and `subunit load` make one";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "no_history", message).with_hint(hint)
            }
            NoAnswer::Unreachable(said) => {
                let message = format!("the database does not answer: {said}");
                let hint = "ask again after the seconds that `Retry-After` says";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "database_gone", message).with_hint(hint)
            }
            NoAnswer::History(error @ subunit_history::Error::NoFiles { .. }) => {
                Self::missing("no_files", error.to_string())
            }
            NoAnswer::History(error) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "history_unreadable", error.to_string())
            }
            NoAnswer::Ended => {
                let message = "the answer could not be made";
                let hint = "ask again, and report it if that does not help";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "no_answer", message).with_hint(hint)
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (code, message, hint) = (self.code, &*self.message, self.hint.as_deref());
        let body = Body { error: Said { code, message, hint } };
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_for_programs_are_those_of_the_server_and_of_projects() {
        for (path, is_one) in [
            ("/api", true),
            ("/api/v1/runs", true),
            ("/p/app/api", true),
            ("/p/app/api/v1/runs", true),
            ("/", false),
            ("/apis", false),
            ("/p/api", false),
            ("/p/api/", false),
            ("/run/1/api/", false),
            ("/p/app/run/api/", false),
        ] {
            assert_eq!(is_for_programs(path), is_one, "{path}");
        }
    }
}
