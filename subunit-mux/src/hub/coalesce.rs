//! Text of an input becomes few packets, without delay.
//!
//! A packet for each write would cost more than the text. A packet for each line would hold back a prompt.
//! So text is sent when nothing more has come for a moment, or when a packet is full.

use std::time::Duration;

use subunit_core::{Event, FileChunk, RouteCode, Timestamp};

use super::{Outbox, Stream};

/// How long text waits for more.
const QUIET: Duration = Duration::from_millis(5);

/// How long text waits at most while more keeps coming.
const OLDEST: Duration = Duration::from_millis(50);

/// The longest packet that pipes never tear.
const PACKET: usize = 4096;

/// Text of one input that has not been sent.
#[derive(Debug, Default)]
pub(super) struct TextCoalescer {
    bytes: Vec<u8>,
    stream: Stream,
    first: Duration,
    last: Duration,
    /// Which streams have had text, so that their ends are sent.
    said: [bool; 2],
}

impl TextCoalescer {
    /// Takes text. What is longer than a packet is sent without being copied here first.
    pub(super) fn take(
        &mut self,
        stream: Stream,
        mut text: &[u8],
        now: Duration,
        post: &mut Post<'_>,
    ) {
        if text.is_empty() {
            return;
        }
        if stream != self.stream {
            self.flush(post);
            self.stream = stream;
        }
        let room = post.room(stream);
        if self.bytes.is_empty() {
            self.first = now;
        }
        self.last = now;
        while !text.is_empty() {
            let (piece, rest) = text.split_at(text.len().min(room - self.bytes.len()));
            text = rest;
            if piece.len() == room {
                self.said[stream as usize] = true;
                post.send(stream, piece, false);
                continue;
            }
            self.bytes.extend_from_slice(piece);
            if self.bytes.len() == room {
                self.flush(post);
            }
        }
    }

    /// Sends what waits.
    pub(super) fn flush(&mut self, post: &mut Post<'_>) {
        if self.bytes.is_empty() {
            return;
        }
        self.said[self.stream as usize] = true;
        post.send(self.stream, &self.bytes, false);
        self.bytes.clear();
    }

    /// When what waits should be sent.
    pub(super) fn due(&self) -> Option<Duration> {
        (!self.bytes.is_empty()).then(|| (self.last + QUIET).min(self.first + OLDEST))
    }

    /// Sends what waits, and the ends of the streams that have had text.
    pub(super) fn finish(&mut self, post: &mut Post<'_>) {
        self.flush(post);
        for stream in [Stream::Stdout, Stream::Stderr] {
            if std::mem::take(&mut self.said[stream as usize]) {
                post.send(stream, b"", true);
            }
        }
    }
}

/// Where text goes: the outbox, under a route, at a time.
pub(super) struct Post<'a> {
    pub(super) route: RouteCode<'a>,
    pub(super) time: Option<Timestamp>,
    pub(super) out: &'a mut Outbox,
}

impl Post<'_> {
    /// How much text a packet holds; some even if the route takes all of the pipe's limit.
    fn room(&self, stream: Stream) -> usize {
        // Both lengths take one more byte than in an empty packet.
        let empty = text_event(self.route, self.time, stream, b"", false);
        let frame = empty.encoded_length().unwrap_or(PACKET) + 2;
        PACKET.saturating_sub(frame).max(256)
    }

    fn send(&mut self, stream: Stream, bytes: &[u8], eof: bool) {
        let event = text_event(self.route, self.time, stream, bytes, eof);
        // The names of inputs were checked, so there is nothing that could not be written.
        let _ = self.out.push(&event);
    }
}

fn text_event<'a>(
    route: RouteCode<'a>,
    timestamp: Option<Timestamp>,
    stream: Stream,
    bytes: &'a [u8],
    eof: bool,
) -> Event<'a> {
    let file = Some(FileChunk { name: stream.name(), bytes });
    Event { file, eof, timestamp, route_code: Some(route), ..Event::default() }
}
