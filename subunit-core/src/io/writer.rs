//! Writes events to a [`Write`], as packets.

use std::io::{self, ErrorKind, Write};

use crate::{
    Damage, Event, EventBuf, FileChunk, Item, MAX_LENGTH, Packet, Status, Timestamp,
    encode::{OwnTags, append, split},
    sink::{Flow, Sink},
};

/// Writes a stream to a [`Write`]: one `write` per packet, and attachments split into packets.
///
/// A pipe takes 4096 bytes at once without mixing them with what other processes write to it, so
/// that is the longest packet unless told otherwise.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use subunit_core::{Status, Writer};
///
/// let mut stream = Writer::new(Vec::new());
/// stream.start("parser.empty")?;
/// stream.attach("parser.empty", "traceback", "text/plain;charset=utf8", "expected 0, got 1")?;
/// stream.end("parser.empty", Status::Fail)?;
/// let bytes = stream.close()?;
/// # Ok(())
/// # }
/// ```
///
/// It is a [`Sink`] as well, so that everything that pushes into sinks can be written. A sink cannot return
/// errors: after the first one the writer asks to stop and writes nothing more, and [`Writer::close`] returns
/// the error.
#[derive(Debug)]
pub struct Writer<W> {
    output: W,
    limit: usize,
    packet: Vec<u8>,
    /// The tags and the route code of events that have none.
    defaults: Option<Box<EventBuf>>,
    /// The first error as a sink.
    failed: Option<io::Error>,
}

impl<W: Write> Writer<W> {
    /// The longest packet that pipes never tear: PIPE_BUF of Linux.
    pub const PIPE_LIMIT: usize = 4096;

    /// A writer whose packets are at most [`Writer::PIPE_LIMIT`] bytes long.
    pub fn new(output: W) -> Self {
        Self::with_limit(output, Self::PIPE_LIMIT)
    }

    /// A writer whose packets are at most `limit` bytes long, for outputs that are not shared.
    ///
    /// At most [`MAX_LENGTH`]. Only content is split: packets are longer if the other fields leave no room
    /// for it.
    pub fn with_limit(output: W, limit: usize) -> Self {
        let limit = limit.min(MAX_LENGTH);
        Self { output, limit, packet: Vec::new(), defaults: None, failed: None }
    }

    /// Gives tags and a route code to events that have none: the route code to all of them, the tags to those
    /// with a status. The other fields of `event` are not used.
    ///
    /// ```
    /// use subunit_core::{Event, RouteCode, TagsBuf, Writer};
    ///
    /// let tags = TagsBuf::from(["worker-1"]);
    /// let route_code = Some(RouteCode::new("linux"));
    /// let defaults = Event { route_code, ..Event::default() }.with_tags(&tags);
    /// let stream = Writer::new(Vec::new()).defaults(defaults);
    /// ```
    #[must_use]
    pub fn defaults(self, event: Event<'_>) -> Self {
        let Event { tags, route_code, .. } = event;
        let event = Event { tags, route_code, ..Event::default() };
        Self { defaults: Some(Box::new(event.to_buf())), ..self }
    }

    /// Writes that a test starts now.
    ///
    /// # Errors
    ///
    /// As [`Writer::event`].
    pub fn start(&mut self, test_id: &str) -> io::Result<()> {
        let timestamp = Timestamp::now();
        self.event(&Event { timestamp, ..Event::status(test_id, Status::InProgress) })
    }

    /// Attaches a whole file to a test, or to the run if `test_id` is `None`. An empty MIME type means that
    /// it is not known.
    ///
    /// # Errors
    ///
    /// As [`Writer::event`].
    pub fn attach<'i>(
        &mut self,
        test_id: impl Into<Option<&'i str>>,
        name: &str,
        mime_type: &str,
        bytes: impl AsRef<[u8]>,
    ) -> io::Result<()> {
        self.event(&Event {
            test_id: test_id.into(),
            timestamp: Timestamp::now(),
            file: Some(FileChunk { name, bytes: bytes.as_ref() }),
            mime_type: Some(mime_type),
            eof: true,
            ..Event::default()
        })
    }

    /// Writes that a test ends now.
    ///
    /// # Errors
    ///
    /// As [`Writer::event`]; [`ErrorKind::InvalidInput`] if `status` does not end a test.
    pub fn end(&mut self, test_id: &str, status: Status) -> io::Result<()> {
        if !status.is_final() {
            let message = format!("the status {status} does not end a test: {test_id}");
            return Err(io::Error::new(ErrorKind::InvalidInput, message));
        }
        let timestamp = Timestamp::now();
        self.event(&Event { timestamp, ..Event::status(test_id, status) })
    }

    /// Writes an event. If the content of its file makes it longer than the limit, it becomes several
    /// packets: all of them have the id, the route code and the time; status, tags and eof are on the last.
    ///
    /// # Errors
    ///
    /// Those of the output; [`ErrorKind::InvalidInput`] around an [`EncodeError`](crate::EncodeError) if the
    /// event cannot be written; nothing is written then.
    #[inline]
    pub fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        let Some(defaults) = self.defaults.take() else { return self.split(event) };
        let Event { tags, route_code, .. } = defaults.as_event();
        let tags = event.tags.or_else(|| tags.filter(|_| event.status.is_some()));
        let route_code = event.route_code.or(route_code);
        let written = self.split(&Event { tags, route_code, ..*event });
        self.defaults = Some(defaults);
        written
    }

    fn split(&mut self, event: &Event<'_>) -> io::Result<()> {
        let Self { output, limit, packet, .. } = self;
        split(event, OwnTags, *limit, |piece, tags| {
            packet.clear();
            append(piece, tags, packet)?;
            output.write_all(packet)
        })
    }

    /// Writes a packet unchanged.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn packet(&mut self, packet: &Packet<'_>) -> io::Result<()> {
        self.output.write_all(packet.bytes())
    }

    /// Writes bytes that belong to no packet.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn text(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.output.write_all(bytes)
    }

    /// Flushes the output.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }

    /// Flushes the output and returns it.
    ///
    /// # Errors
    ///
    /// The first one of the writer as a [`Sink`]; those of the output.
    pub fn close(mut self) -> io::Result<W> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.output.flush()?;
        Ok(self.output)
    }

    /// Returns the output as it is, whatever failed.
    pub fn into_inner(self) -> W {
        self.output
    }

    /// As a sink: writes unless something failed before, and keeps the failure.
    fn push(&mut self, write: impl FnOnce(&mut Self) -> io::Result<()>) -> Flow {
        if self.failed.is_none() {
            self.failed = write(self).err();
        }
        match self.failed {
            None => Flow::Continue,
            Some(_) => Flow::Break,
        }
    }
}

/// Writes packets, text and damage unchanged, and events as packets.
impl<W: Write> Sink for Writer<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.push(|writer| writer.event(event))
    }

    fn packet(&mut self, packet: &Packet<'_>) -> Flow {
        self.push(|writer| writer.packet(packet))
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.push(|writer| writer.text(bytes))
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.push(|writer| writer.text(damage.bytes))
    }

    fn finish(&mut self) {
        self.push(Self::flush);
    }

    /// Adds nothing: a reader of the damage will find what it was.
    fn item(&mut self, item: &Item<'_>) -> Flow {
        self.push(|writer| writer.text(item.bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RouteCode, TagsBuf, items, read};

    /// Remembers every write.
    #[derive(Default)]
    struct Writes(Vec<Vec<u8>>);

    impl Write for Writes {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(limit: usize, event: &Event<'_>) -> Vec<Vec<u8>> {
        let mut writer = Writer::with_limit(Writes::default(), limit);
        writer.event(event).unwrap();
        writer.into_inner().0
    }

    #[test]
    fn an_attachment_is_split_and_the_status_is_on_its_last_piece() {
        let content: Vec<u8> = (0..10_000u32).map(|n| n as u8).collect();
        let event = Event {
            file: Some(FileChunk { name: "log", bytes: &content }),
            mime_type: Some("text/plain"),
            eof: true,
            ..Event::status("t", Status::Fail)
        };
        let writes = written(4096, &event);
        assert_eq!(writes.len(), 3);
        assert!(writes.iter().all(|write| write.len() <= 4096));
        let mut joined = Vec::new();
        for (nth, write) in writes.iter().enumerate() {
            let packet = Packet::parse(write).unwrap();
            let piece = packet.event();
            joined.extend_from_slice(piece.file.unwrap().bytes);
            let last = nth == 2;
            assert_eq!((piece.status, piece.eof), (last.then_some(Status::Fail), last));
            assert_eq!((piece.test_id, piece.mime_type), (Some("t"), Some("text/plain")));
        }
        assert_eq!(joined, content);
    }

    #[test]
    fn content_beyond_the_protocols_limit_is_split_too() {
        let content = vec![7; 2 * MAX_LENGTH];
        let event =
            Event { file: Some(FileChunk { name: "f", bytes: &content }), ..Event::default() };
        let writes = written(usize::MAX, &event);
        let stream = writes.concat();
        let total: usize = items(&stream)
            .map(|item| match item {
                Item::Packet(packet) => packet.event().file.unwrap().bytes.len(),
                _ => panic!("only packets were written"),
            })
            .sum();
        assert_eq!((writes.len(), total), (3, content.len()));
    }

    #[test]
    fn a_long_id_and_short_content_together_are_within_the_limit() {
        let id = "i".repeat(3000);
        for length in [1000, 1090, 1100, 2000, 2048] {
            let event = Event {
                file: Some(FileChunk { name: "f", bytes: &vec![1; length] }),
                ..Event::status(&id, Status::Success)
            };
            let longest = written(4096, &event).iter().map(Vec::len).max();
            assert!(longest <= Some(4096), "{length} bytes of content: {longest:?}");
        }
    }

    #[test]
    fn content_just_below_the_longest_packet_is_split() {
        let content = vec![7; MAX_LENGTH - 1];
        let event =
            Event { file: Some(FileChunk { name: "f", bytes: &content }), ..Event::default() };
        assert_eq!(written(MAX_LENGTH, &event).len(), 2);
    }

    #[test]
    fn an_id_above_the_limit_still_leaves_room_for_content() {
        let id = "i".repeat(5000);
        let event = Event {
            file: Some(FileChunk { name: "f", bytes: &[1; 1000] }),
            ..Event::status(&id, Status::Success)
        };
        let writes = written(4096, &event);
        let pieces: Vec<usize> = writes
            .iter()
            .map(|write| Packet::parse(write).unwrap().event().file.unwrap().bytes.len())
            .collect();
        assert_eq!(pieces, [1000]);
    }

    #[test]
    fn nothing_is_written_of_an_event_that_cannot_be() {
        let mut writer = Writer::new(Writes::default());
        let error = writer.event(&Event::status("a\0b", Status::Success)).unwrap_err();
        assert_eq!(error.to_string(), "test id holds a NUL byte");
        assert!(writer.into_inner().0.is_empty());
    }

    #[test]
    fn start_attach_and_end_are_a_test() {
        let mut stream = Writer::new(Vec::new());
        stream.start("a").unwrap();
        stream.attach("a", "log", "text/plain", "it broke").unwrap();
        stream.attach(None, "notes", "", b"\xff").unwrap();
        stream.end("a", Status::Fail).unwrap();
        let stream = stream.close().unwrap();
        let mut seen = Vec::new();
        for item in items(&stream) {
            let Item::Packet(packet) = item else { panic!("{item:?}") };
            let event = *packet.event();
            assert!(event.timestamp.is_some());
            seen.push(Event { timestamp: None, ..event }.to_buf());
        }
        let file = |name, bytes| Event {
            file: Some(FileChunk { name, bytes }),
            eof: true,
            ..Event::default()
        };
        let log =
            Event { test_id: Some("a"), mime_type: Some("text/plain"), ..file("log", b"it broke") };
        let expected = [
            Event::status("a", Status::InProgress),
            log,
            file("notes", b"\xff"),
            Event::status("a", Status::Fail),
        ];
        assert_eq!(seen, expected.map(|event| event.to_buf()));
    }

    #[test]
    fn a_status_that_ends_nothing_is_refused_by_name() {
        let mut stream = Writer::new(Writes::default());
        let error = stream.end("a", Status::InProgress).unwrap_err();
        assert_eq!(error.to_string(), "the status inprogress does not end a test: a");
        assert!(stream.into_inner().0.is_empty());
    }

    #[test]
    fn defaults_are_for_events_that_have_none() {
        let (worker, own) = (TagsBuf::from(["worker-1"]), TagsBuf::from(["slow"]));
        let route = |route| Event { route_code: Some(RouteCode::new(route)), ..Event::default() };
        let mut stream = Writer::new(Vec::new()).defaults(route("linux").with_tags(&worker));
        let event = Event::status("a", Status::Success);
        stream.event(&event).unwrap();
        stream
            .event(&Event { route_code: route("0").route_code, ..event.with_tags(&own) })
            .unwrap();
        stream.event(&Event { test_id: Some("a"), ..Event::default() }).unwrap();
        let stream = stream.into_inner();
        let seen: Vec<_> = items(&stream)
            .map(|item| match item {
                Item::Packet(packet) => {
                    let event = packet.event();
                    let tags = event.tags.map(|tags| tags.iter().collect::<Vec<_>>().join(","));
                    (event.route_code.map(RouteCode::as_str).unwrap().to_owned(), tags)
                }
                _ => panic!("{item:?}"),
            })
            .collect();
        let expected = [("linux", Some("worker-1")), ("0", Some("slow")), ("linux", None)];
        let expected = expected.map(|(route, tags)| (route.to_owned(), tags.map(str::to_owned)));
        assert_eq!(seen, expected);
    }

    /// Damage that is proved to have been a failure is one item and one event more; a copy has neither twice.
    #[test]
    fn what_is_read_into_a_writer_is_written_as_it_came() {
        let mut stream = b"text\n".to_vec();
        Event::status("some.test.id", Status::Fail).encode(&mut stream).unwrap();
        let damaged = stream.len() + 6;
        Event::status("other.test.id", Status::Fail).encode(&mut stream).unwrap();
        stream[damaged] ^= 0x01;
        assert!(
            items(&stream)
                .any(|item| matches!(item, Item::Damage(damage) if damage.mended.is_some()))
        );
        let mut copy = Writer::new(Vec::new());
        read(&stream[..], &mut &mut copy).unwrap();
        assert_eq!(copy.close().unwrap(), stream);
    }

    #[test]
    fn an_error_met_as_a_sink_asks_to_stop_and_is_given_back_at_the_close() {
        let mut stream = Writer::new(Writes::default());
        let sink: &mut dyn Sink = &mut stream;
        assert!(sink.event(&Event::status("a\0b", Status::Success)).is_break());
        assert!(sink.text(b"more").is_break());
        assert_eq!(stream.output.0.len(), 0);
        assert_eq!(stream.close().err().unwrap().to_string(), "test id holds a NUL byte");
    }
}
