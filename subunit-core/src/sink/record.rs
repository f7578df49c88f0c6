//! Everything known about one test.

use crate::{RouteCodeBuf, Status, TagsBuf, Timestamp, run::Mark};

/// Everything known about one attempt at one test.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TestRecord {
    /// The test's id.
    pub test_id: String,
    /// Where it ran.
    pub route_code: Option<RouteCodeBuf>,
    /// Its final status, or `exists` for a test that was listed. `inprogress` for one that started and
    /// never ended; `None` for one of which there were only files or tags.
    pub status: Option<Status>,
    /// The last set of tags it was given.
    pub tags: TagsBuf,
    /// Whether the test id can be asked to run on its own.
    pub runnable: bool,
    /// The first time that any of its events had; the final one's only where there was no other event.
    pub start: Option<Timestamp>,
    /// The time of the final event.
    pub stop: Option<Timestamp>,
    /// Its files, in the order of their beginning. Two files of one name are two: the second one began
    /// after the first one's eof.
    pub attachments: Vec<Attachment>,
    /// How many bytes of its files were not kept, for want of room.
    pub omitted: u64,
    /// Of a failure, whether it is new, where [`Results`](crate::run::Results) compare the run with an earlier one.
    pub mark: Option<Mark>,
}

impl TestRecord {
    /// Whether the test came to an end, or was listed only.
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
    /// Its content, as far as there was room for it.
    pub bytes: Vec<u8>,
    /// Whether its last piece has come.
    pub eof: bool,
    /// How many bytes of its content were not kept, for want of room.
    pub omitted: u64,
}
