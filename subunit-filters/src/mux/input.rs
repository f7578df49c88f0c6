//! One input of a hub: what it says, and what is to be said to it.

use std::time::Duration;

use subunit_core::{
    Damage, Decoder, Event, FileChunk, Item, Packet, RouteCodeBuf, Status,
    sink::{Sink, Summary},
};

use super::{
    Adornment, CAPABILITIES, Ending, Moment, Outbox, TAKES_TESTS,
    chatter::{Chatter, Post},
    ending::{Tail, broken, closed_tests, explained},
    inbox::Inbox,
    running::Running,
};

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
    pub adornment: Adornment,
    /// Keep note of when tests began, for [`Hub::hung`](super::Hub::hung) and its like.
    pub watch_tests: bool,
}

/// A stream that stands still for so long within a packet is looked through for intact packets.
const PATIENCE: Duration = Duration::from_millis(200);

/// An input and what is known of it.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) route: RouteCodeBuf,
    pub(super) decoder: Decoder,
    chatter: Chatter,
    pub(super) summary: Summary,
    pub(super) running: Running,
    tail: Tail,
    /// When it last said anything, until it has been looked through for that.
    heard: Option<Duration>,
    /// What was wrong since it was last asked for.
    pub(super) damage: Vec<String>,
    pub(super) inbox: Inbox,
}

impl Input {
    pub(super) fn new(route: RouteCodeBuf) -> Self {
        Self {
            route,
            decoder: Decoder::new(),
            chatter: Chatter::default(),
            summary: Summary::without_tags(),
            running: Running::default(),
            tail: Tail::default(),
            heard: None,
            damage: Vec::new(),
            inbox: Inbox::default(),
        }
    }

    /// Takes what has been put into the decoder's space.
    pub(super) fn filled(&mut self, length: usize, pass: &mut Pass<'_>) {
        self.decoder.filled(length);
        self.heard = Some(pass.now.elapsed);
        self.push_items(pass);
    }

    /// Takes bytes of the error output.
    pub(super) fn error_text(&mut self, bytes: &[u8], pass: &mut Pass<'_>) {
        self.tail.take(bytes);
        self.text(Stream::Stderr, bytes, pass);
    }

    /// What has to be done by now is done: text is sent, and silence in the middle of a packet settled.
    pub(super) fn tick(&mut self, pass: &mut Pass<'_>) {
        let now = pass.now.elapsed;
        if self.settles().is_some_and(|due| due <= now) {
            self.heard = None;
            self.decoder.settle();
            self.push_items(pass);
        }
        if self.chatter.due().is_some_and(|due| due <= now) {
            self.flush(pass);
        }
    }

    /// When [`Input::tick`] has something to do.
    pub(super) fn due(&self) -> Option<Duration> {
        [self.chatter.due(), self.settles(), self.inbox.due()].into_iter().flatten().min()
    }

    fn settles(&self) -> Option<Duration> {
        self.heard.filter(|_| self.decoder.pending() > 0).map(|heard| heard + PATIENCE)
    }

    /// The end of the input.
    pub(super) fn finish(&mut self, ending: Ending<'_>, pass: &mut Pass<'_>) {
        self.decoder.finish();
        self.push_items(pass);
        let route = self.route.as_route();
        self.chatter.finish(&mut Post { route, time: pass.text_time(), out: pass.out });
        if let Some(cause) = ending.cause() {
            self.close_tests(cause, pass);
        }
        if let Ending::Broken { cause, crashed } = ending {
            self.say_broken(cause, crashed, pass);
        }
    }

    /// Tests that have begun and can no longer end, end as failures.
    fn close_tests(&mut self, cause: &str, pass: &mut Pass<'_>) {
        for event in &closed_tests(self.summary.open(), cause, &self.tail) {
            self.say(&event.as_event(), pass);
        }
    }

    fn say_broken(&mut self, cause: &str, crashed: bool, pass: &mut Pass<'_>) {
        let told = explained(&self.summary.counts()) && !crashed;
        let event = broken(cause, told, &self.tail);
        self.say(&event.as_event(), pass);
    }

    /// Says something in the input's name.
    fn say(&mut self, event: &Event<'_>, pass: &mut Pass<'_>) {
        let timed = pass.adornment.timestamps || self.summary.start().is_some();
        let event = Event { timestamp: pass.now.time.filter(|_| timed), ..*event };
        let route = self.route.join(event.route_code);
        let _ = self.summary.event(&event);
        let routed = Event { route_code: Some(route.as_route()), ..event };
        // Its strings were read from packets, so there is nothing that could not be written.
        let _ = pass.out.push(&routed);
    }

    fn push_items(&mut self, pass: &mut Pass<'_>) {
        // The decoder lends its items; everything else is needed beside them.
        let mut decoder = std::mem::take(&mut self.decoder);
        while let Some(item) = &decoder.next_item() {
            match item {
                Item::Packet(packet) => self.packet(packet, pass),
                Item::Text(text) => self.text(Stream::Stdout, text, pass),
                Item::Damage(damage) => self.damage(damage, pass),
            }
        }
        self.decoder = decoder;
    }

    fn packet(&mut self, packet: &Packet<'_>, pass: &mut Pass<'_>) {
        self.flush(pass);
        let event = packet.event();
        self.note_capabilities(event);
        let open = self.summary.open().len();
        let _ = self.summary.event(event);
        if pass.watch_tests {
            self.running.note(event, pass.now.elapsed);
        }
        // Ended a test that was not open, or opened one.
        let ended = event.status.is_some_and(|status| status != Status::InProgress);
        let first = self.summary.open().len() + usize::from(ended) == open + 1;
        let added = pass.adornment.of(event, first, pass.now.time);
        let forwarded = match added {
            None => pass.out.forward(packet, self.route.as_route()),
            Some(added) => {
                let route = self.route.join(event.route_code);
                let event = Event { route_code: Some(route.as_route()), ..added.to(event) };
                pass.out.push(&event).or_else(|_| pass.out.forward(packet, self.route.as_route()))
            }
        };
        if let Err(error) = forwarded {
            self.remember(format!("a packet that cannot be passed on: {error}"));
            self.text(Stream::Stdout, packet.bytes(), pass);
        }
    }

    /// A leaf says what it takes; a leaf below another hub says so to that one.
    fn note_capabilities(&mut self, event: &Event<'_>) {
        if event.route_code.is_some() || event.test_id.is_some() {
            return;
        }
        if let Some(FileChunk { name: CAPABILITIES, bytes }) = event.file {
            let mut words = bytes.split(u8::is_ascii_whitespace);
            if words.any(|word| word == TAKES_TESTS.as_bytes()) {
                self.inbox.take_tests();
            }
        }
    }

    fn damage(&mut self, damage: &Damage<'_>, pass: &mut Pass<'_>) {
        let _ = self.summary.damage(damage);
        self.remember(damage.to_string());
        self.text(Stream::Stdout, damage.bytes, pass);
    }

    /// Keeps a report until it is asked for.
    fn remember(&mut self, report: String) {
        self.damage.push(report);
    }

    fn text(&mut self, stream: Stream, text: &[u8], pass: &mut Pass<'_>) {
        let route = self.route.as_route();
        let mut post = Post { route, time: pass.text_time(), out: pass.out };
        self.chatter.take(stream, text, pass.now.elapsed, &mut post);
    }

    fn flush(&mut self, pass: &mut Pass<'_>) {
        let route = self.route.as_route();
        self.chatter.flush(&mut Post { route, time: pass.text_time(), out: pass.out });
    }
}

/// What goes along with a call: when, where to, and how.
pub(super) struct Pass<'a> {
    pub(super) now: Moment,
    pub(super) out: &'a mut Outbox,
    pub(super) adornment: &'a Adornment,
    pub(super) watch_tests: bool,
}

impl Pass<'_> {
    /// Text gets a time only where all events do.
    fn text_time(&self) -> Option<subunit_core::Timestamp> {
        self.now.time.filter(|_| self.adornment.timestamps)
    }
}
