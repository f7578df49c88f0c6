//! What is a route: its address, what may be asked, and what it answers?

use subunit_history::History;

use super::{api_error::Unanswered, asked::ApiQuestion, parameters::Parameter};

/// An address, with what the OpenAPI document says of it.
pub(super) struct ApiRoute {
    /// As OpenAPI writes it.
    pub(super) path: &'static str,
    /// What it answers, in a sentence.
    pub(super) summary: &'static str,
    pub(super) parameters: &'static [&'static Parameter],
    pub(super) answer: ApiAnswer,
}

/// What is answered.
pub(super) enum ApiAnswer {
    /// An object with these keys, and `version`.
    Json {
        keys: &'static [&'static str],
        make: fn(&ApiQuestion, &History) -> Result<JsonPage, Unanswered>,
    },
    /// A file of this type.
    File { mime_type: &'static str, make: fn(&ApiQuestion, &History) -> Result<String, Unanswered> },
    /// The stream of the run that the parameter `run` names.
    Stream,
    /// The OpenAPI document.
    Document,
}

impl ApiAnswer {
    /// The type of what is answered.
    pub(super) fn mime_type(&self) -> &'static str {
        match self {
            Self::Json { .. } | Self::Document => "application/json",
            Self::File { mime_type, .. } => mime_type,
            Self::Stream => "application/vnd.subunit.v2",
        }
    }
}

/// A page of a list, or the whole.
pub(super) struct JsonPage {
    pub(super) body: Vec<u8>,
    /// Where the next page begins, if there is more.
    pub(super) next: Option<String>,
}
