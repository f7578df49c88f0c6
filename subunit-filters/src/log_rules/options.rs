//! How is a log read?

use jiff::civil::Date;

/// How a log is read.
#[derive(Clone, Debug)]
pub(crate) struct LogOptions {
    /// In front of the ids of rules and tests, with a slash; nothing if it is empty.
    pub(crate) prefix: String,
    /// The test that the rules are attachments of, if there is one.
    pub(crate) as_test: Option<String>,
    /// The day on which waivers are looked at.
    pub(crate) today: Date,
    /// Whether the log itself stays in the stream, as text.
    pub(crate) passes_text: bool,
}
