//! Whether a worker waits for a person.

mod below;
mod note;
mod patterns;

use serde::Serialize;

pub(super) use self::patterns::OpenLine;
pub use self::patterns::PromptPatterns;

/// A worker waits for a person, or does no longer.
#[derive(Debug, Serialize)]
pub(super) struct Prompt<'a> {
    pub(super) open: bool,
    pub(super) text: &'a str,
}
