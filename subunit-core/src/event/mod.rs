//! What a packet says.

mod file;
mod route;
mod status;
mod tags;

pub use file::{FileChunk, FileChunkBuf};
pub use route::{RouteCode, RouteCodeBuf};
pub use status::{Status, UnknownStatus};
pub use tags::{Tags, TagsBuf, TagsIter};

use crate::Timestamp;

/// One thing that a stream reports: a test's status, a piece of a file, or both, with time and place.
///
/// Every field may be absent, in any combination. Events borrow from the packet they were read from
/// and are `Copy`; [`EventBuf`] owns.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Event<'a> {
    /// What happened to the test. The wire allows a status without a test id.
    pub status: Option<Status>,
    /// Which test; `None` if the event is about no test.
    pub test_id: Option<&'a str>,
    /// When it happened.
    pub timestamp: Option<Timestamp>,
    /// The tags of the test; `None` leaves what was said before, an empty set clears it.
    pub tags: Option<Tags<'a>>,
    /// Whether the test id can be asked to run on its own. True for almost everything.
    pub runnable: bool,
    /// A piece of a file that belongs to the test, or to the run if there is no test id.
    pub file: Option<FileChunk<'a>>,
    /// The type of the file's content, such as `text/plain;charset=utf8`.
    pub mime_type: Option<&'a str>,
    /// Whether this is the file's last piece.
    pub eof: bool,
    /// The multiplexers the event came through, outermost first.
    pub route_code: Option<RouteCode<'a>>,
}

impl Default for Event<'_> {
    /// An event that says nothing, about something runnable.
    fn default() -> Self {
        Self {
            status: None,
            test_id: None,
            timestamp: None,
            tags: None,
            runnable: true,
            file: None,
            mime_type: None,
            eof: false,
            route_code: None,
        }
    }
}

impl<'a> Event<'a> {
    /// The status of a test, with all other fields absent.
    pub fn status(test_id: &'a str, status: Status) -> Self {
        Self { test_id: Some(test_id), status: Some(status), ..Self::default() }
    }

    /// The same event with these tags.
    ///
    /// ```
    /// use subunit_core::{Event, Status, TagsBuf};
    ///
    /// let slow = TagsBuf::from(["slow"]);
    /// let event = Event::status("parser.empty", Status::Success).with_tags(&slow);
    /// assert!(event.tags.unwrap().contains("slow"));
    /// ```
    #[must_use]
    pub fn with_tags(self, tags: &'a TagsBuf) -> Self {
        Self { tags: Some(tags.as_tags()), ..self }
    }

    /// A copy that owns its data.
    pub fn to_buf(&self) -> EventBuf {
        EventBuf {
            status: self.status,
            test_id: self.test_id.map(str::to_owned),
            timestamp: self.timestamp,
            tags: self.tags.map(Tags::to_buf),
            runnable: self.runnable,
            file: self.file.map(FileChunk::to_buf),
            mime_type: self.mime_type.map(str::to_owned),
            eof: self.eof,
            route_code: self.route_code.map(RouteCode::to_buf),
        }
    }
}

/// An [`Event`] that owns its data.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EventBuf {
    /// See [`Event::status`].
    pub status: Option<Status>,
    /// See [`Event::test_id`].
    pub test_id: Option<String>,
    /// See [`Event::timestamp`].
    pub timestamp: Option<Timestamp>,
    /// See [`Event::tags`].
    pub tags: Option<TagsBuf>,
    /// See [`Event::runnable`].
    pub runnable: bool,
    /// See [`Event::file`].
    pub file: Option<FileChunkBuf>,
    /// See [`Event::mime_type`].
    pub mime_type: Option<String>,
    /// See [`Event::eof`].
    pub eof: bool,
    /// See [`Event::route_code`].
    pub route_code: Option<RouteCodeBuf>,
}

impl Default for EventBuf {
    fn default() -> Self {
        Event::default().to_buf()
    }
}

impl EventBuf {
    /// The same event, borrowed.
    pub fn as_event(&self) -> Event<'_> {
        Event {
            status: self.status,
            test_id: self.test_id.as_deref(),
            timestamp: self.timestamp,
            tags: self.tags.as_ref().map(TagsBuf::as_tags),
            runnable: self.runnable,
            file: self.file.as_ref().map(FileChunkBuf::as_chunk),
            mime_type: self.mime_type.as_deref(),
            eof: self.eof,
            route_code: self.route_code.as_ref().map(RouteCodeBuf::as_route),
        }
    }
}
