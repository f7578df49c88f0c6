//! Everything known about one test.

use crate::{RouteCodeBuf, Status, TagsBuf, Timestamp, run::Mark};

/// Everything known about one attempt at one test.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TestRecord {
    /// The test's id.
    pub test_id: String,
    /// Where it ran.
    pub route_code: Option<RouteCodeBuf>,
    /// Its final status, or `exists` for a test that was listed. `inprogress` for one that started and never
    /// ended; `None` for one that had only files or tags.
    pub status: Option<Status>,
    /// The last set of tags it was given.
    pub tags: TagsBuf,
    /// Whether the test id can be asked to run on its own.
    pub runnable: bool,
    /// The first time of any of its events; that of the final event only if there was no other event.
    pub start: Option<Timestamp>,
    /// The time of the final event.
    pub stop: Option<Timestamp>,
    /// Its files, in the order in which they began. Two files may have one name, if the second one began
    /// after the eof of the first.
    pub attachments: Vec<Attachment>,
    /// How many bytes of its files were not kept, because of the limit.
    pub omitted: u64,
    /// Whether a failure is new, if [`Results`](crate::run::Results) compares the run with an earlier one.
    pub mark: Option<Mark>,
}

impl TestRecord {
    /// Whether the test ended, or was only listed.
    pub fn is_complete(&self) -> bool {
        self.status.is_some_and(|status| status != Status::InProgress)
    }

    /// The first file of this name.
    pub fn attachment(&self, name: &str) -> Option<&Attachment> {
        self.attachments.iter().find(|attachment| attachment.name == name)
    }
}

/// A whole file of a test, put together from its pieces.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Attachment {
    /// The file's name.
    pub name: String,
    /// The first type that any of its pieces had.
    pub mime_type: Option<String>,
    /// Its content, up to the limit.
    pub bytes: Vec<u8>,
    /// Whether its last piece has come.
    pub eof: bool,
    /// How many bytes of its content were not kept, because of the limit.
    pub omitted: u64,
}
