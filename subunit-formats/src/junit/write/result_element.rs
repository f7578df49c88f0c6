//! What the result of an attempt is in the words of a report: its element, message, type and text.

use std::borrow::Cow;

use subunit_core::{
    Status,
    conventions::{REASON, STDERR, STDOUT},
    run::{
        Mark, NO_TEST_ID,
        cause::{self, is_text},
    },
    sink::{Attachment, TestRecord},
};

use super::printed::end_line;

/// A message is one line, and no longer than this many bytes.
pub(super) const LONGEST_MESSAGE: usize = 1024;

/// The result of an attempt in the words of a report.
pub(super) struct ResultElement<'a> {
    pub(super) element: &'static str,
    pub(super) kind: Option<&'a [u8]>,
    pub(super) message: Cow<'a, [u8]>,
    pub(super) text: Vec<u8>,
    /// The files that the above have taken up.
    pub(super) used: Vec<&'a str>,
}

impl<'a> ResultElement<'a> {
    /// Puts `new: ` in front of the message of a new failure. Jenkins, Azure, CircleCI, Buildkite and the actions of
    /// GitHub show messages, and tell tests apart by names: nothing is taken for another test. Properties, which say
    /// the same for programs, are shown by none of them unless somebody asks for it.
    pub(super) fn mark(&mut self, mark: Option<Mark>) {
        if mark == Some(Mark::New) {
            let message = if self.message.is_empty() { b"failure" } else { &self.message[..] };
            self.message = [b"new: ", message].concat().into();
        }
    }

    pub(super) fn of(record: &'a TestRecord) -> Option<Self> {
        let element = element_of(record)?;
        let fixed: &[u8] = match record.status {
            Some(Status::ExpectedFailure) => b"xfail",
            Some(Status::UnexpectedSuccess) => b"UnexpectedSuccess",
            Some(Status::Fail | Status::Skip) => b"",
            _ => b"unfinished",
        };
        let is_skip = element == "skipped";
        let cause = if is_skip { reason_of(record) } else { cause_of(record) };
        let message = record.attachment(if is_skip { REASON } else { "message" });
        let mut used: Vec<&str> =
            cause.iter().chain(&message).map(|file| file.name.as_str()).collect();
        let mut kind = (!fixed.is_empty()).then_some(fixed);
        if let Some(file) = record.attachment("type") {
            used.push("type");
            kind = kind.or(Some(&file.bytes));
        }
        let mut text = cause.map(|file| file.bytes.clone()).unwrap_or_default();
        let line = match message.filter(|_| is_skip).or(cause) {
            Some(file) if is_skip => first_line(&file.bytes).into(),
            None if is_skip => Cow::Borrowed(&b""[..]),
            _ => Cow::Owned(cause::message(record).into_bytes()),
        };
        if let Some(message) = message
            && message.bytes.trim_ascii().len() > line.len().min(LONGEST_MESSAGE)
            && cause.is_none_or(|cause| cause.name != message.name)
        {
            text = [&message.bytes[..], b"\n", &text].concat();
        } else if is_skip && text.trim_ascii() == &*line {
            text.clear();
        }
        // What a failure that stands for a suite says is mostly in the output of the suite.
        if !is_skip && !record.runnable && cause.is_some_and(|cause| cause.name == REASON) {
            let is_printed =
                |file: &&Attachment| file.name.ends_with(STDOUT) || file.name.ends_with(STDERR);
            for file in record.attachments.iter().filter(is_printed) {
                end_line(&mut text);
                text.extend_from_slice(&file.bytes);
                used.push(&file.name);
            }
        }
        let is_nameless = line.is_empty() && record.test_id == NO_TEST_ID;
        let line = if is_nameless { b"a failure without a test id"[..].into() } else { line };
        // GitLab shows the text and never the message.
        if !is_skip && memchr::memmem::find(&text, line.trim_ascii()).is_none() {
            let newline = if text.is_empty() { "" } else { "\n" };
            text = [&line[..], newline.as_bytes(), &text].concat();
        }
        Some(Self { element, kind, message: line, text, used })
    }
}

/// The element of an attempt's result; none where it passed.
pub(super) fn element_of(record: &TestRecord) -> Option<&'static str> {
    match record.status {
        Some(Status::Success) => None,
        Some(Status::Skip | Status::ExpectedFailure) => Some("skipped"),
        Some(Status::Fail) if has_error(record) => Some("error"),
        Some(Status::Fail | Status::UnexpectedSuccess) => Some("failure"),
        _ => Some("error"),
    }
}

/// Whether the reporter told errors from failures, and this is an error.
fn has_error(record: &TestRecord) -> bool {
    record.attachment("failure").is_none() && record.attachment("error").is_some()
}

/// The file that says why an attempt did not pass.
fn cause_of(record: &TestRecord) -> Option<&Attachment> {
    /// The best first.
    const CAUSES: [&str; 6] = ["failure", "error", "traceback", "reason", "details", "message"];
    let named = CAUSES.iter().filter_map(|name| record.attachment(name));
    // Diagnostics of a format whose name is not ours to choose.
    let is_diagnostic = |file: &&Attachment| {
        let mime_type = file.mime_type.as_deref().unwrap_or_default();
        mime_type.contains("yaml") || file.name == "comments"
    };
    let others = record.attachments.iter().filter(is_diagnostic);
    named.chain(others).find(|file| is_text(file) && !file.bytes.is_empty())
}

/// The file that says why a test was skipped.
fn reason_of(record: &TestRecord) -> Option<&Attachment> {
    ["details", REASON].iter().find_map(|name| record.attachment(name)).filter(|file| is_text(file))
}

/// The first line that is not empty.
fn first_line(text: &[u8]) -> &[u8] {
    let mut lines = text.split(|byte| matches!(byte, b'\n' | b'\r')).map(<[u8]>::trim_ascii);
    lines.find(|line| !line.is_empty()).unwrap_or_default()
}
