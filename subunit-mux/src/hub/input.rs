//! One input of a hub: what it says, and what is to be said to it.

mod said;

use std::{fmt, time::Duration};

use subunit_core::{
    Damage, EncodeError, Event, FileChunk, InputReader, Packet, RouteCodeBuf, Status, Timestamp,
    conventions::{
        BYTES_MIME_TYPE, CLOCK, Capabilities, DAMAGE, DAMAGED_BYTES, MIME_TYPE, ToldDamage,
    },
    sink::{Sink, Summary},
};

use self::said::Said;
use super::{
    Annotations, Moment, Outbox, ReportKind,
    annotate::Added,
    clock::{Clock, Finding, Now},
    coalesce::{Post, TextCoalescer},
    handed::{Handed, Test},
    inbox::Inbox,
    running::RunningTests,
    silence::Silence,
    tried::Tried,
};
use crate::ending::{Ending, Tail, broken, closed_tests, explained, failure};

/// Which of its outputs an input's bytes come from.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Stream {
    /// Packets and text.
    #[default]
    Stdout = 0,
    /// Text only: what looks like a packet is text as well.
    Stderr = 1,
}

impl Stream {
    /// The name of the files that its text becomes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }
}

/// How a hub treats its inputs.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What events get as they pass.
    pub annotations: Annotations,
    /// Keep note of when tests began, for [`Hub::overdue`](super::Hub::overdue) and its like.
    pub watch_tests: bool,
}

/// An input and what is known of it.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) route: RouteCodeBuf,
    pub(super) reader: Reader,
    coalescer: TextCoalescer,
    pub(super) clock: Clock,
    pub(super) summary: Summary,
    /// Attempts that others may have followed.
    pub(super) tried: Vec<Tried>,
    pub(super) running: RunningTests,
    tail: Tail,
    /// When it last said anything, until its silence has been seen to.
    heard: Option<Duration>,
    /// What its reader knows of its silence since.
    silence: Silence,
    /// What was found out since it was last asked for.
    pub(super) found: Vec<ReportKind>,
    pub(super) inbox: Inbox,
    pub(super) handed: Handed,
    /// How many tests it was handed and never ran, said at its end.
    pub(super) never_run: u64,
}

impl Input {
    pub(super) fn new(route: RouteCodeBuf, reader: Box<dyn InputReader>) -> Self {
        Self {
            route,
            reader: Reader(Some(reader)),
            coalescer: TextCoalescer::default(),
            clock: Clock::default(),
            summary: Summary::new().without_tags(),
            tried: Vec::new(),
            running: RunningTests::default(),
            tail: Tail::default(),
            heard: None,
            silence: Silence::default(),
            found: Vec::new(),
            inbox: Inbox::default(),
            handed: Handed::default(),
            never_run: 0,
        }
    }

    /// Takes what has been put into the reader's space.
    pub(super) fn filled(&mut self, length: usize, pass: &mut Pass<'_>) {
        self.heard = Some(pass.now.elapsed);
        self.silence = Silence::default();
        self.read(pass, |reader, said| reader.filled(length, said));
        if !self.reader.is_waiting() {
            let found = pass.clock().and_then(|now| self.clock.paused(now));
            self.say_found(found, pass);
        }
    }

    /// Takes bytes of the error output.
    pub(super) fn error_text(&mut self, bytes: &[u8], pass: &mut Pass<'_>) {
        self.tail.take(bytes);
        self.text(Stream::Stderr, bytes, pass);
    }

    /// What has to be done by now is done: text is sent, and silence in the middle of a packet settled.
    pub(super) fn tick(&mut self, pass: &mut Pass<'_>) {
        let now = pass.now.elapsed;
        while self.silence_due().is_some_and(|due| due <= now) {
            let mut silence = self.silence;
            self.silence = silence.next();
            self.read(pass, |reader, said| silence.tell(reader, said));
        }
        if self.coalescer.due().is_some_and(|due| due <= now) {
            self.flush(pass);
        }
    }

    /// When [`Input::tick`] has something to do.
    pub(super) fn due(&self) -> Option<Duration> {
        [self.coalescer.due(), self.silence_due(), self.handed.due()].into_iter().flatten().min()
    }

    /// When the reader has to be told that nothing more has come.
    fn silence_due(&self) -> Option<Duration> {
        let heard = self.heard.filter(|_| self.reader.is_waiting())?;
        Some(heard + self.silence.due()?)
    }

    /// The end of the input.
    pub(super) fn finish(&mut self, ending: Ending<'_>, pass: &mut Pass<'_>) {
        self.read(pass, |reader, said| _ = reader.finish(said));
        let route = self.route.as_route();
        self.coalescer.finish(&mut Post { route, time: pass.text_time(), out: pass.out });
        let blamed = ending.cause().is_some_and(|cause| self.close_tests(cause, pass));
        for test in self.handed.leave(matches!(ending, Ending::Broken { .. })) {
            self.say_never_run(&test, ending.cause().unwrap_or("the input has ended"), pass);
        }
        if let Ending::Broken { cause, crashed } = ending {
            self.say_broken(cause, crashed && !blamed, pass);
        }
    }

    /// A test that was addressed to this input, and that it did not run.
    fn say_never_run(&mut self, test: &Test, cause: &str, pass: &mut Pass<'_>) {
        let tags = pass.annotations.never_run();
        let reason = format!("never run: {cause}\n");
        let route_code = test.below.as_ref().map(RouteCodeBuf::as_route);
        let event = failure(&test.id, reason.as_bytes());
        self.say(&Event { tags: Some(tags.as_tags()), route_code, ..event }, pass);
        self.never_run += 1;
    }

    /// Tests that have begun and can no longer end, end as failures; whether there were any.
    fn close_tests(&mut self, cause: &str, pass: &mut Pass<'_>) -> bool {
        let events = closed_tests(self.summary.open(), cause, &self.tail);
        for event in &events {
            self.say(&event.as_event(), pass);
        }
        !events.is_empty()
    }

    fn say_broken(&mut self, cause: &str, crashed: bool, pass: &mut Pass<'_>) {
        // Tests that it gave back are accounted for by who runs them.
        let explained = explained(&self.summary.counts()) || self.handed.gave_back();
        let event = broken(cause, explained && !crashed, &self.tail);
        self.say(&event.as_event(), pass);
    }

    /// Says something in the input's name.
    fn say(&mut self, event: &Event<'_>, pass: &mut Pass<'_>) {
        let timed = pass.annotations.timestamps || self.summary.has_times();
        let event = Event { timestamp: pass.now.time.filter(|_| timed), ..*event };
        self.count(&event);
        self.handed.note(&event, pass.now.elapsed);
        // Its strings were read from packets, so there is nothing that could not be written.
        let _ = self.push(&event, pass);
    }

    fn count(&mut self, event: &Event<'_>) {
        self.summary.event(event);
        self.tried.extend(Tried::of(event, &self.route));
    }

    /// Lets the reader push what it has read: the input says it.
    fn read(&mut self, pass: &mut Pass<'_>, act: impl FnOnce(&mut dyn InputReader, &mut dyn Sink)) {
        let Some(mut reader) = self.reader.0.take() else { return };
        act(&mut *reader, &mut Said { input: self, pass });
        self.reader.0 = Some(reader);
    }

    /// An event on its way out: counts it, and finds out what it gets.
    fn note(&mut self, event: &Event<'_>, pass: &mut Pass<'_>) -> Option<Added> {
        self.flush(pass);
        // Damage below another multiplexer: where that is a file, nobody has heard of it yet.
        if let Some(told) = ToldDamage::of(event) {
            self.found.push(ReportKind::Damaged(told.to_string()));
        }
        let open = self.summary.open().len();
        self.count(event);
        if pass.watch_tests {
            self.running.note(event, pass.now.elapsed);
        }
        // Ended a test that was not open, or opened one.
        let ended = event.status.is_some_and(|status| status != Status::InProgress);
        let first = self.summary.open().len() + usize::from(ended) == open + 1;
        pass.annotations.of(event, first, pass.now.time)
    }

    fn packet(&mut self, packet: &Packet<'_>, pass: &mut Pass<'_>) {
        if self.handed.note(packet.event(), pass.now.elapsed) {
            // It was given back: another input says what comes of it.
            return;
        }
        let (event, is_moved) = self.place(packet.event(), pass);
        let forwarded = match self.note(&event, pass) {
            None if !is_moved => pass.out.forward(packet, self.route.as_route()),
            added => self
                .push(&added.as_ref().map_or(event, |added| added.to(&event)), pass)
                .or_else(|_| pass.out.forward(packet, self.route.as_route())),
        };
        self.note_capabilities(packet.event());
        if let Err(error) = forwarded {
            self.text(Stream::Stdout, packet.bytes(), pass);
            self.say_lost(&format!("a packet cannot be passed on: {error}"), pass);
        }
    }

    /// An event of another format becomes a packet.
    fn event(&mut self, event: &Event<'_>, pass: &mut Pass<'_>) {
        self.handed.note(event, pass.now.elapsed);
        let (event, _) = self.place(event, pass);
        let pushed = match self.note(&event, pass) {
            None => self.push(&event, pass),
            Some(added) => self.push(&added.to(&event), pass),
        };
        if let Err(error) = pushed {
            self.say_lost(&format!("what was read cannot be a packet: {error}"), pass);
        }
    }

    /// The event with its time by our clock; whether that is another one.
    fn place<'e>(&mut self, event: &Event<'e>, pass: &mut Pass<'_>) -> (Event<'e>, bool) {
        let Some(now) = pass.clock() else { return (*event, false) };
        let (time, found) = self.clock.place(event, now);
        self.say_found(found, pass);
        (Event { timestamp: time.or(event.timestamp), ..*event }, time.is_some())
    }

    /// Keeps on the stream how the input's clock differs.
    fn say_found(&mut self, found: Option<Finding>, pass: &mut Pass<'_>) {
        let Some(found) = found else { return };
        self.flush(pass);
        self.found.extend(found.report());
        self.say_aside(CLOCK, found.content().as_bytes(), MIME_TYPE, pass);
    }

    /// Says something about the input that is for programs.
    fn say_aside(&mut self, name: &str, bytes: &[u8], mime_type: &str, pass: &mut Pass<'_>) {
        let file = Some(FileChunk { name, bytes });
        let (mime_type, timestamp) = (Some(mime_type), pass.text_time());
        let event = Event { runnable: false, eof: true, ..Event::default() };
        // Its strings are ours, so there is nothing that could not be written.
        let _ = self.push(&Event { file, mime_type, timestamp, ..event }, pass);
    }

    /// What the input has said does not go on, so nothing it says can be green.
    fn say_lost(&mut self, cause: &str, pass: &mut Pass<'_>) {
        self.found.push(ReportKind::Lost(cause.to_owned()));
        self.say(&broken(cause, false, &self.tail).as_event(), pass);
    }

    fn push(&self, event: &Event<'_>, pass: &mut Pass<'_>) -> Result<(), EncodeError> {
        let route = self.route.join(event.route_code);
        pass.out.push(&Event { route_code: Some(route.as_route()), ..*event })
    }

    /// A leaf says what it takes; a leaf below another hub says so to that one.
    fn note_capabilities(&mut self, event: &Event<'_>) {
        let Some(capabilities) = Capabilities::of(event) else { return };
        if event.route_code.is_some() {
            if capabilities.takes_tests {
                self.handed.note_below();
            }
            return;
        }
        if capabilities.takes_tests {
            self.handed.take_tests();
        }
        if let Some(clock) = capabilities.clock {
            self.clock.said(clock);
        }
    }

    fn damage(&mut self, damage: &Damage<'_>, pass: &mut Pass<'_>) {
        self.summary.damage(damage);
        self.found.push(ReportKind::Damaged(damage.to_string()));
        self.flush(pass);
        if !damage.bytes.is_empty() {
            self.say_aside(DAMAGED_BYTES, damage.bytes, BYTES_MIME_TYPE, pass);
        }
        self.say_aside(DAMAGE, ToldDamage::content(damage).as_bytes(), MIME_TYPE, pass);
        if let Some(failure) = damage.failure() {
            self.say(&failure.as_event(), pass);
        }
    }

    fn text(&mut self, stream: Stream, text: &[u8], pass: &mut Pass<'_>) {
        let route = self.route.as_route();
        let mut post = Post { route, time: pass.text_time(), out: pass.out };
        self.coalescer.take(stream, text, pass.now.elapsed, &mut post);
    }

    fn flush(&mut self, pass: &mut Pass<'_>) {
        let route = self.route.as_route();
        self.coalescer.flush(&mut Post { route, time: pass.text_time(), out: pass.out });
    }
}

/// The reader of an input; away while it reads.
pub(super) struct Reader(Option<Box<dyn InputReader>>);

impl Reader {
    pub(super) fn space(&mut self, length: usize) -> Option<&mut [u8]> {
        Some(self.0.as_mut()?.space(length))
    }

    fn is_waiting(&self) -> bool {
        self.0.as_ref().is_some_and(|reader| reader.is_waiting())
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("is_waiting", &self.is_waiting()).finish()
    }
}

/// What goes along with a call: when, where to, and how.
pub(super) struct Pass<'a> {
    pub(super) now: Moment,
    pub(super) out: &'a mut Outbox,
    pub(super) annotations: &'a Annotations,
    pub(super) watch_tests: bool,
    /// Since when the hub has been running, by the calendar.
    pub(super) begun: Option<Timestamp>,
}

impl Pass<'_> {
    fn clock(&self) -> Option<Now> {
        self.now.time.map(|time| Now { time, begun: self.begun })
    }

    /// Text gets a time only where all events do.
    fn text_time(&self) -> Option<Timestamp> {
        self.now.time.filter(|_| self.annotations.timestamps)
    }
}
