//! An input, what is known of it, and how something is said in its name.

use subunit_core::{
    EncodeError, Event, FileChunk, InputReader, RouteCodeBuf, Timestamp,
    conventions::{CLOCK, MIME_TYPE},
    sink::{Sink, Summary},
};

use super::{outputs::ReadOutput, stream::Stream};
use crate::{
    ending::Tail,
    hub::{
        annotate::Annotations,
        clock::{Clock, Finding, Now},
        coalesce::{Post, TextCoalescer},
        handed::Handed,
        inbox::Inbox,
        moment::Moment,
        outbox::Outbox,
        report::ReportKind,
        running::RunningTests,
        tried::Tried,
    },
};

/// An input and what is known of it.
#[derive(Debug)]
pub(in crate::hub) struct Input {
    pub(in crate::hub) route: RouteCodeBuf,
    /// The standard output.
    pub(in crate::hub) output: ReadOutput,
    /// A second output of results, beside it.
    pub(in crate::hub) results: Option<ReadOutput>,
    pub(super) coalescer: TextCoalescer,
    pub(in crate::hub) clock: Clock,
    pub(in crate::hub) summary: Summary,
    /// Attempts that may be repeated elsewhere.
    pub(in crate::hub) tried: Vec<Tried>,
    pub(in crate::hub) running: RunningTests,
    pub(super) tail: Tail,
    /// What was found out since this was last taken.
    pub(in crate::hub) found: Vec<ReportKind>,
    pub(in crate::hub) inbox: Inbox,
    pub(in crate::hub) handed: Handed,
    /// How many of its tests it never ran, reported at its end.
    pub(in crate::hub) never_run: u64,
}

impl Input {
    pub(in crate::hub) fn new(route: RouteCodeBuf, reader: Box<dyn InputReader>) -> Self {
        Self {
            route,
            output: ReadOutput::new(reader),
            results: None,
            coalescer: TextCoalescer::default(),
            clock: Clock::default(),
            summary: Summary::new().without_tags(),
            tried: Vec::new(),
            running: RunningTests::default(),
            tail: Tail::default(),
            found: Vec::new(),
            inbox: Inbox::default(),
            handed: Handed::default(),
            never_run: 0,
        }
    }

    /// Says something in the input's name.
    pub(super) fn say(&mut self, event: &Event<'_>, pass: &mut Pass<'_>) {
        let timed = pass.annotations.timestamps || self.summary.has_times();
        let event = Event { timestamp: pass.now.time.filter(|_| timed), ..*event };
        self.count(&event);
        self.handed.note(&event, pass.now.elapsed);
        // Its strings were read from packets, so they can be written.
        let _ = self.push(&event, pass);
    }

    /// Writes a file about the input that is for programs.
    pub(super) fn say_aside(
        &mut self,
        name: &str,
        bytes: &[u8],
        mime_type: &str,
        pass: &mut Pass<'_>,
    ) {
        let file = Some(FileChunk { name, bytes });
        let (mime_type, timestamp) = (Some(mime_type), pass.text_time());
        let event = Event { runnable: false, eof: true, ..Event::default() };
        // Its strings are ours, so they can be written.
        let _ = self.push(&Event { file, mime_type, timestamp, ..event }, pass);
    }

    /// Writes to the stream how the input's clock differs.
    pub(super) fn say_found(&mut self, found: Option<Finding>, pass: &mut Pass<'_>) {
        let Some(found) = found else { return };
        self.flush(pass);
        self.found.extend(found.report());
        self.say_aside(CLOCK, found.content().as_bytes(), MIME_TYPE, pass);
    }

    pub(super) fn text(&mut self, stream: Stream, text: &[u8], pass: &mut Pass<'_>) {
        let route = self.route.as_route();
        let mut post = Post { route, time: pass.text_time(), out: pass.out };
        self.coalescer.take(stream, text, pass.now.elapsed, &mut post);
    }

    pub(super) fn flush(&mut self, pass: &mut Pass<'_>) {
        let route = self.route.as_route();
        self.coalescer.flush(&mut Post { route, time: pass.text_time(), out: pass.out });
    }

    pub(super) fn push(&self, event: &Event<'_>, pass: &mut Pass<'_>) -> Result<(), EncodeError> {
        let route = self.route.join(event.route_code);
        pass.out.push(&Event { route_code: Some(route.as_route()), ..*event })
    }

    pub(super) fn count(&mut self, event: &Event<'_>) {
        self.summary.event(event);
        self.tried.extend(Tried::of(event, &self.route));
    }
}

/// What a call needs: when, where to, and how.
pub(in crate::hub) struct Pass<'a> {
    pub(in crate::hub) now: Moment,
    pub(in crate::hub) out: &'a mut Outbox,
    pub(in crate::hub) annotations: &'a Annotations,
    pub(in crate::hub) watch_tests: bool,
    /// Since when the hub has been running, by the calendar.
    pub(in crate::hub) begun: Option<Timestamp>,
}

impl Pass<'_> {
    pub(super) fn clock(&self) -> Option<Now> {
        self.now.time.map(|time| Now { time, begun: self.begun })
    }

    /// Text gets a time only if all events do.
    pub(super) fn text_time(&self) -> Option<Timestamp> {
        self.now.time.filter(|_| self.annotations.timestamps)
    }
}
