//! What all readers do when they push into a sink: files, tags, attempts, unfinished tests.

use subunit_core::{
    Event, FileChunk, RouteCode, Status, Tags, TagsBuf, Timestamp,
    conventions::{INCOMPLETE, attempt_tag},
    sink::{Flow, Sink},
};

use super::emit::{Outcome, TEXT, attachment, fit};

/// How many tags a test gets at most: a set of them is searched for each that is added.
pub(crate) const MOST_TAGS: usize = 1000;

/// So many attempts that a source only counts are told one by one.
const MOST_ATTEMPTS: u32 = 16;

const TRIED_AGAIN: &[u8] = b"it was tried again: no more is known of this attempt";

/// Pushes into a sink, and remembers whether the sink has asked for a stop.
pub(crate) struct Push<'s> {
    sink: &'s mut (dyn Sink + 's),
    flow: Flow,
}

impl<'s> Push<'s> {
    pub(crate) fn new(sink: &'s mut dyn Sink) -> Self {
        Self { sink, flow: Flow::Continue }
    }

    /// What the sink has asked for so far.
    pub(crate) fn flow(&self) -> Flow {
        self.flow
    }

    pub(crate) fn event(&mut self, event: &Event<'_>) {
        let flow = self.sink.event(event);
        self.note(flow);
    }

    pub(crate) fn text(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            let flow = self.sink.text(bytes);
            self.note(flow);
        }
    }

    /// Where it pushes: for what is neither an event nor text.
    pub(crate) fn sink(&mut self) -> &mut (dyn Sink + 's) {
        self.sink
    }

    /// Takes note of what the sink asked for.
    pub(crate) fn note(&mut self, flow: Flow) {
        if flow.is_break() {
            self.flow = flow;
        }
    }

    /// The status of a test.
    pub(crate) fn status(&mut self, id: &str, status: Status, at: Option<Timestamp>) {
        self.event(&Event { timestamp: at, ..Event::status(id, status) });
    }

    /// When a test started that is open: of sources that say it, or how long the test took, only at its end.
    pub(crate) fn start_time(&mut self, id: &str, at: Timestamp) {
        self.event(&Event { test_id: Some(id), timestamp: Some(at), ..Event::default() });
    }

    /// The attempts before the one of this number, of which is known only that they failed: an attempt that
    /// passed has none after it.
    pub(crate) fn earlier_attempts(&mut self, id: &str, route: Option<&str>, number: u32) {
        for earlier in 1..number.min(MOST_ATTEMPTS) {
            let tags: TagsBuf = [&*attempt_tag(earlier)].into_iter().collect();
            let (reason, tags) = (Some(TRIED_AGAIN), Some(tags.as_tags()));
            let failed = Outcome { reason, tags, ..Outcome::new(id, Status::Fail) };
            self.event(&Event { route_code: route.map(RouteCode::new), ..failed.event() });
        }
    }

    /// A piece of a text file; `eof` with the last one.
    pub(crate) fn file(&mut self, id: Option<&str>, name: &str, bytes: &[u8], eof: bool) {
        self.typed_file(id, name, bytes, TEXT, eof);
    }

    /// As [`Push::file`], of another type.
    pub(crate) fn typed_file(
        &mut self,
        id: Option<&str>,
        name: &str,
        bytes: &[u8],
        mime_type: &str,
        eof: bool,
    ) {
        self.event(&attachment(id, FileChunk { name, bytes }, mime_type, eof));
    }

    /// Adds a tag to those of a test. What does not fit in becomes a line of its file `tags`.
    pub(crate) fn tag(&mut self, id: &str, tags: &mut TagsBuf, tag: &str) {
        if tags.as_tags().len() < MOST_TAGS {
            tags.insert(&fit(tag));
        } else {
            self.file(Some(id), "tags", format!("{tag}\n").as_bytes(), true);
        }
    }

    /// A program, or a suite, says more of itself than was read of it.
    pub(crate) fn shortfall(&mut self, id: &str, reason: &str) {
        let tags: TagsBuf = [INCOMPLETE].into_iter().collect();
        self.group_failure(id, reason, Some(tags.as_tags()), None);
    }

    /// A failure of something that is no test: a package, a suite, the plan.
    pub(crate) fn group_failure(
        &mut self,
        id: &str,
        reason: &str,
        tags: Option<Tags<'_>>,
        at: Option<Timestamp>,
    ) {
        let reason = Some(reason.as_bytes());
        let failed = Outcome::new(id, Status::Fail);
        let failed = Outcome { reason, timestamp: at, tags, runnable: false, ..failed };
        self.event(&failed.event());
    }

    /// The end of a test that started and got no result.
    pub(crate) fn incomplete(
        &mut self,
        id: &str,
        reason: &str,
        mut tags: TagsBuf,
        at: Option<Timestamp>,
    ) {
        tags.insert(INCOMPLETE);
        let (reason, tags) = (Some(reason.as_bytes()), Some(tags.as_tags()));
        let failed = Outcome { reason, timestamp: at, tags, ..Outcome::new(id, Status::Fail) };
        self.event(&failed.event());
    }

    /// The end of a group that began and got no result.
    pub(crate) fn incomplete_group(&mut self, id: &str, reason: &str, at: Option<Timestamp>) {
        let tags: TagsBuf = [INCOMPLETE].into_iter().collect();
        self.group_failure(id, reason, Some(tags.as_tags()), at);
    }
}

/// The tags, if there are any: an empty set would clear those said before.
pub(crate) fn some_tags(tags: &TagsBuf) -> Option<Tags<'_>> {
    let tags = tags.as_tags();
    (!tags.is_empty()).then_some(tags)
}
