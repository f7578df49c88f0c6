//! The shapes of events that readers push, and strings made fit for the wire.

use std::borrow::Cow;

pub use subunit_core::conventions::{REASON, TEXT};
use subunit_core::{
    Event, FileChunk, Status, Tags, Timestamp,
    sink::{Flow, Sink},
};

use crate::text::verbatim::lossy;

/// The id of what stands for damage in a report of tests.
pub const DAMAGED: &str = "(damaged stream)";

/// The type of files that name paths or addresses of others.
pub(crate) const URI_LIST: &str = "text/uri-list";

/// A string that the wire can carry: NUL, which the protocol forbids, becomes U+2400, its picture.
pub(crate) fn fit(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{2400}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// A test id out of any bytes: what is not UTF-8 becomes U+FFFD, and the rest is [`fit`].
pub(crate) fn id(bytes: &[u8]) -> Cow<'_, str> {
    match lossy(bytes) {
        Cow::Borrowed(text) => fit(text),
        Cow::Owned(text) => Cow::Owned(fit(&text).into_owned()),
    }
}

/// A piece of an attachment; of the run's, where there is no test id.
pub(crate) fn attachment<'a>(
    test_id: Option<&'a str>,
    file: FileChunk<'a>,
    mime_type: &'a str,
    eof: bool,
) -> Event<'a> {
    Event { test_id, file: Some(file), mime_type: Some(mime_type), eof, ..Event::default() }
}

/// How a test, or something that is not one, ended.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<'a> {
    /// What ended.
    pub test_id: &'a str,
    /// How.
    pub status: Status,
    /// Why; an attachment named [`REASON`] on the same event.
    pub reason: Option<&'a [u8]>,
    /// When.
    pub timestamp: Option<Timestamp>,
    /// The test's tags.
    pub tags: Option<Tags<'a>>,
    /// Whether it is a test; a group, a plan or a set-up is none.
    pub runnable: bool,
}

impl<'a> Outcome<'a> {
    /// The end of a test, of which nothing more is known.
    pub fn new(test_id: &'a str, status: Status) -> Self {
        Self { test_id, status, reason: None, timestamp: None, tags: None, runnable: true }
    }

    /// The failure of something that is not a test.
    pub fn failure(test_id: &'a str, reason: &'a str) -> Self {
        let reason = Some(reason.as_bytes()).filter(|reason| !reason.is_empty());
        Self { reason, runnable: false, ..Self::new(test_id, Status::Fail) }
    }

    /// Pushes it as one event.
    pub fn push(&self, sink: &mut dyn Sink) -> Flow {
        sink.event(&self.event())
    }

    /// The event that says it.
    pub fn event(&self) -> Event<'a> {
        Event {
            test_id: Some(self.test_id),
            status: Some(self.status),
            timestamp: self.timestamp,
            tags: self.tags,
            runnable: self.runnable,
            file: self.reason.map(|bytes| FileChunk { name: REASON, bytes }),
            mime_type: self.reason.map(|_| TEXT),
            eof: self.reason.is_some(),
            route_code: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_utf8_without_nul() {
        assert_eq!(id(b"a\xff\0b"), "a\u{fffd}\u{2400}b");
        assert!(matches!(id(b"plain"), Cow::Borrowed("plain")));
    }
}
