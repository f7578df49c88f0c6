//! Bytes of any format in, packets and events out.
//!
//! Every input goes through subunit's decoder first: a packet is found wherever it stands, even in the
//! output of a runner that speaks another format. What the decoder takes for text is looked at line by
//! line until one tells its format; from there on the text is that format's. What is not the format's
//! may be of a second runner, in another format: it is looked through again, for lines that nothing but
//! a format begins with. Once a packet has named a test the stream is subunit, and its text is only text.

mod begun;
pub mod detect;
mod encoding;
mod nested;
mod prompts;
mod redetect;
mod sniffer;

use std::io::{self, ErrorKind, Read};

use subunit_core::{
    Decoder, InputReader, Item,
    sink::{Flow, Sink},
};

pub(crate) use self::{begun::Begun, nested::NestedReader, sniffer::Sniffer};
use self::{encoding::Encoding, prompts::Prompts};
use crate::{Format, reader::FormatReader};

/// So much is asked of an input at once.
const BLOCK: usize = 64 << 10;

/// Reads an input to its end, in the format that is named or found out, and pushes what it says into `sink`, which is
/// then finished. Whether there were results in it, of whatever format.
///
/// ```
/// use subunit_core::run::{Summary, Verdict};
///
/// let mut summary = Summary::new();
/// let input = b"1..2\nok 1 - parses\nnot ok 2 - prints\n";
/// assert!(subunit_formats::read(&input[..], None, &mut summary)?);
/// assert_eq!((summary.counts().tests(), summary.verdict()), (2, Verdict::Failed));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// Memory: see [`AutoReader`].
///
/// # Errors
///
/// Those of the input. What came before has been pushed then, and the sink is not finished.
pub fn read(mut input: impl Read, format: Option<Format>, sink: &mut dyn Sink) -> io::Result<bool> {
    let mut reader = AutoReader::new(format);
    loop {
        let room = &mut reader.space(BLOCK)[..BLOCK];
        match input.read(room) {
            Ok(0) => break,
            Ok(read) => reader.filled(read, sink),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let found = reader.finish(sink);
    sink.finish();
    Ok(found)
}

/// Reads a stream of any format.
///
/// Memory: a packet, a line of text while the format is looked for, and what the format's reader keeps of the tests
/// that are open.
pub struct AutoReader {
    decoder: Decoder,
    state: State,
    /// Whether there was a packet.
    packets: bool,
    /// What becomes of text before anybody looks at it.
    encoding: Encoding,
    /// Bytes of a format that was named beforehand, and that go round the decoder.
    direct: Vec<u8>,
    /// Where somebody may be asked something: what stands between the text and the reader of a format.
    prompts: Option<Prompts>,
}

enum State {
    /// No line has told the format.
    Open(Sniffer),
    /// Text is only text.
    Subunit,
    /// Text is a format's, and what is not its own may be another's.
    Format(NestedReader),
    /// All bytes are this format's.
    Direct(Box<dyn FormatReader>),
}

impl AutoReader {
    /// A reader that finds out the format, or is told.
    pub fn new(format: Option<Format>) -> Self {
        let state = match format.map(Format::reader) {
            None => State::Open(Sniffer::default()),
            Some(None) => State::Subunit,
            Some(Some(reader)) => State::Direct(reader),
        };
        let encoding = match &state {
            State::Open(_) => Encoding::of_text(),
            State::Direct(_) => Encoding::of_format(),
            State::Subunit | State::Format(_) => Encoding::plain(),
        };
        let decoder = Decoder::new();
        Self { decoder, state, packets: false, encoding, direct: Vec::new(), prompts: None }
    }

    /// For what is written to a terminal, whose reader may be asked something in the middle of it.
    pub fn with_prompts(mut self) -> Self {
        self.prompts = Some(Prompts::default());
        self
    }

    fn push(&mut self, sink: &mut dyn Sink) {
        // Items are looked at where they are: moving one costs a tenth of reading it.
        while let Some(item) = &self.decoder.next_item() {
            match item {
                Item::Packet(packet) => {
                    self.packets = true;
                    interrupt(&mut self.state, &mut self.prompts, sink);
                    // Output that was wrapped up may still be of a runner that speaks another format.
                    if matches!(self.state, State::Open(_)) && packet.event().test_id.is_some() {
                        self.state = State::Subunit;
                    }
                    sink.packet(packet);
                }
                Item::Text(bytes) => {
                    let bytes = self.encoding.feed(bytes);
                    text(&mut self.state, &mut self.prompts, &bytes, sink);
                }
                Item::Damage(damage) => {
                    interrupt(&mut self.state, &mut self.prompts, sink);
                    sink.damage(damage);
                }
            }
        }
    }
}

impl AutoReader {
    /// The format that a line has told first; `None` where none has, and where the stream is subunit or its format was
    /// named beforehand.
    pub fn told(&self) -> Option<Format> {
        match &self.state {
            State::Format(nested) => Some(nested.format()),
            State::Open(_) | State::Subunit | State::Direct(_) => None,
        }
    }

    /// Where the bytes begin that the decoder holds back, or has not decided on, if there are some.
    pub fn held(&self) -> Option<u64> {
        self.decoder.is_waiting().then(|| self.decoder.offset())
    }
}

impl InputReader for AutoReader {
    fn space(&mut self, length: usize) -> &mut [u8] {
        if matches!(self.state, State::Direct(_)) {
            self.direct.resize(length, 0);
            return &mut self.direct;
        }
        self.decoder.space(length)
    }

    fn filled(&mut self, length: usize, sink: &mut dyn Sink) {
        if let State::Direct(reader) = &mut self.state {
            let bytes = &self.direct[..length.min(self.direct.len())];
            let bytes = self.encoding.feed(bytes);
            feed(&mut self.prompts, &bytes, |bytes| reader.feed(bytes, sink));
            return;
        }
        self.decoder.filled(length);
        self.push(sink);
    }

    fn is_waiting(&self) -> bool {
        self.decoder.is_waiting()
            || match &self.state {
                State::Open(sniffer) => sniffer.is_waiting(),
                State::Subunit => false,
                State::Format(_) | State::Direct(_) => true,
            }
    }

    /// The beginning of a line, such as a prompt, is let go as well, unless the line may tell the format.
    fn pause(&mut self, sink: &mut dyn Sink) {
        let prompt = self.prompts.as_mut().and_then(Prompts::pause).unwrap_or_default();
        match &mut self.state {
            State::Open(sniffer) => {
                let begun = sniffer.pause(sink);
                if self.prompts.is_some() {
                    sniffer.begin_line();
                }
                begin(&mut self.state, &mut self.prompts, begun, sink);
                if let State::Format(nested) = &mut self.state {
                    nested.settle(sink);
                }
            }
            State::Subunit => {}
            State::Format(nested) => {
                nested.settle(sink);
                if !prompt.is_empty() {
                    nested.pass(&prompt, sink);
                }
            }
            State::Direct(reader) => {
                reader.settle(sink);
                if !prompt.is_empty() {
                    sink.text(&prompt);
                }
            }
        }
    }

    fn settle(&mut self, sink: &mut dyn Sink) {
        self.decoder.settle();
        self.push(sink);
    }

    fn give_up(&mut self, sink: &mut dyn Sink) {
        self.decoder.give_up();
        self.push(sink);
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> bool {
        self.decoder.finish();
        self.push(sink);
        let rest = self.encoding.finish();
        if !rest.is_empty() {
            text(&mut self.state, &mut self.prompts, &rest, sink);
        }
        if let Some(mut prompts) = self.prompts.take() {
            let last = prompts.finish();
            match &mut self.state {
                State::Format(nested) => nested.feed(&last, sink),
                State::Direct(reader) => reader.feed(&last, sink),
                State::Open(_) | State::Subunit => Flow::Continue,
            };
        }
        match &mut self.state {
            State::Open(sniffer) => {
                let begun = sniffer.last_line(sink);
                if let Some(mut nested) =
                    begun.and_then(|begun| NestedReader::begin(begun, &[], sink))
                {
                    nested.finish(sink);
                    return true;
                }
                self.packets || self.decoder.offset() == 0
            }
            State::Subunit => true,
            State::Format(nested) => {
                nested.finish(sink);
                true
            }
            State::Direct(reader) => {
                reader.finish(sink);
                true
            }
        }
    }
}

fn text(state: &mut State, prompts: &mut Option<Prompts>, bytes: &[u8], sink: &mut dyn Sink) {
    match state {
        State::Open(sniffer) => {
            let begun = sniffer.text(bytes, sink);
            begin(state, prompts, begun, sink);
        }
        State::Subunit => drop(sink.text(bytes)),
        State::Format(nested) => feed(prompts, bytes, |bytes| nested.feed(bytes, sink)),
        State::Direct(reader) => feed(prompts, bytes, |bytes| reader.feed(bytes, sink)),
    }
}

/// Reads what has begun, if something has.
fn begin(
    state: &mut State,
    prompts: &mut Option<Prompts>,
    begun: Option<Begun>,
    sink: &mut dyn Sink,
) {
    let Some(mut begun) = begun else { return };
    if let Some(prompts) = prompts {
        begun.bytes = prompts.lines(&begun.bytes);
    }
    if let Some(nested) = NestedReader::begin(begun, &[], sink) {
        *state = State::Format(nested);
    }
}

/// Something comes that is no text: what is held of the text came before.
fn interrupt(state: &mut State, prompts: &mut Option<Prompts>, sink: &mut dyn Sink) {
    if let State::Open(sniffer) = state {
        let begun = sniffer.interrupt(sink);
        begin(state, prompts, begun, sink);
    }
}

/// Hands text to a reader, a line at a time where there may be prompts.
fn feed(prompts: &mut Option<Prompts>, bytes: &[u8], mut reader: impl FnMut(&[u8]) -> Flow) {
    match prompts {
        Some(prompts) => reader(&prompts.lines(bytes)),
        None => reader(bytes),
    };
}

#[cfg(test)]
mod tests {
    use subunit_core::{Damage, Event, Packet, Status, sink::Summary};

    use super::*;

    /// Remembers what was read: `+id` for each success, `-id` for each other event, and the text.
    #[derive(Default)]
    struct Log {
        events: String,
        packets: usize,
        text: Vec<u8>,
        damage: usize,
    }

    impl Sink for Log {
        fn event(&mut self, event: &Event<'_>) -> Flow {
            let sign = if event.status == Some(Status::Success) { '+' } else { '-' };
            self.events.push(sign);
            self.events.push_str(event.test_id.unwrap_or_default());
            Flow::Continue
        }

        fn packet(&mut self, packet: &Packet<'_>) -> Flow {
            self.packets += 1;
            self.event(packet.event())
        }

        fn text(&mut self, bytes: &[u8]) -> Flow {
            self.text.extend_from_slice(bytes);
            Flow::Continue
        }

        fn damage(&mut self, _damage: &Damage<'_>) -> Flow {
            self.damage += 1;
            Flow::Continue
        }
    }

    fn read(input: &[u8], cut: usize, format: Option<Format>) -> (Log, bool) {
        let (mut reader, mut log) = (AutoReader::new(format), Log::default());
        for piece in input.chunks(cut) {
            reader.space(piece.len())[..piece.len()].copy_from_slice(piece);
            reader.filled(piece.len(), &mut log);
        }
        let recognised = reader.finish(&mut log);
        (log, recognised)
    }

    fn packet(test_id: &str) -> Vec<u8> {
        let mut packet = Vec::new();
        Event::status(test_id, Status::Success).encode(&mut packet).unwrap();
        packet
    }

    #[test]
    fn a_format_begins_where_a_line_tells_it() {
        let input = b"compiling...\n  warning: x\nok 1 - a\nok 2 - b\n1..2\n";
        for cut in 1..=input.len() {
            let (log, recognised) = read(input, cut, None);
            assert!(recognised);
            assert_eq!((&log.events[..], &log.text[..]), ("+a+b", &input[..26]), "cut at {cut}");
        }
    }

    #[test]
    fn lines_that_may_begin_a_run_are_text_if_they_do_not() {
        let rule = format!("{}\n", "=".repeat(78));
        for text in [rule.clone(), format!("{rule}compiling\n"), format!("{rule}{rule}")] {
            let input = format!("{text}1..1\nok 1 - a\n");
            for cut in 1..=input.len() {
                let (log, _) = read(input.as_bytes(), cut, None);
                let said = (log.events.as_str(), log.text.as_slice());
                assert_eq!(said, ("+a", text.as_bytes()), "cut at {cut}");
            }
        }
        let (mut reader, mut log) = (AutoReader::new(None), Log::default());
        let input = format!("{rule}Password: ");
        reader.space(input.len())[..input.len()].copy_from_slice(input.as_bytes());
        reader.filled(input.len(), &mut log);
        assert!(log.text.is_empty());
        reader.pause(&mut log);
        assert_eq!(log.text, input.as_bytes());
    }

    #[test]
    fn what_follows_a_prompt_begins_a_line_however_it_comes() {
        for pieces in [
            &["1..1\n(Pdb) ", "", "ok 1 - a\n"][..],
            &["1..1\n", "(Pdb) ", "", "ok 1 - a\n"],
            &["(Pdb) ", "", "ok 1 - a\n1..1\n"],
            &["1..1\n(Pdb) ", "", "(Pdb) ", "", "ok 1 - a\n"],
        ] {
            for format in [None, Some(Format::Tap)] {
                let mut reader = AutoReader::new(format).with_prompts();
                let mut log = Log::default();
                for piece in pieces {
                    if piece.is_empty() {
                        reader.pause(&mut log);
                        assert!(log.text.ends_with(b"(Pdb) "), "{pieces:?}, {format:?}");
                        continue;
                    }
                    reader.space(piece.len())[..piece.len()].copy_from_slice(piece.as_bytes());
                    reader.filled(piece.len(), &mut log);
                }
                reader.finish(&mut log);
                assert_eq!(log.events, "+a", "{pieces:?}, {format:?}");
            }
        }
    }

    #[test]
    fn packets_are_found_in_the_output_of_another_format() {
        let input = [b"ok 1 - a\n", &packet("p")[..], b"ok 2 - b\n1..2\n"].concat();
        for cut in 1..=input.len() {
            let (log, _) = read(&input, cut, None);
            assert_eq!((log.packets, log.damage), (1, 0));
            assert!(log.events.contains("+p") && log.events.contains("+b"), "{}", log.events);
        }
    }

    #[test]
    fn a_torn_packet_in_another_format_is_damage() {
        let torn = &packet("torn")[..8];
        let input = [b"1..1\nok 1 - a\n", &packet("p")[..], torn].concat();
        for cut in 1..=input.len() {
            assert_eq!(read(&input, cut, None).0.damage, 1, "cut at {cut}");
        }
        assert_eq!(read(&[b"1..1\nok 1 - a\n", torn].concat(), 5, None).0.damage, 1);
    }

    #[test]
    fn the_text_of_a_subunit_stream_is_only_text() {
        let input = [&packet("p")[..], b"not ok 1 - printed by a test\n"].concat();
        let (log, recognised) = read(&input, 7, None);
        assert!(recognised);
        assert_eq!((&log.events[..], &log.text[..]), ("+p", &input[input.len() - 29..]));
    }

    #[test]
    fn a_document_may_be_told_by_a_later_line_and_keeps_its_first() {
        let input = b"<?xml version=\"1.0\"?>\n<!-- made -->\n<testsuite><testcase name=\"a\"/></testsuite>\n";
        for cut in 1..=input.len() {
            let (log, _) = read(input, cut, None);
            assert_eq!(log.events, "-a+a", "cut at {cut}");
            assert!(!log.text.starts_with(b"<?xml"), "the reader has it");
        }
    }

    #[test]
    fn what_announces_a_program_goes_with_its_output() {
        let cargo = "     Running tests/a.rs (target/debug/deps/a-0123456789abcdef)\n\n";
        for (input, events) in [
            (format!("{cargo}running 1 test\ntest b ... ok\n"), "+a::b"),
            (format!("{cargo}{{\"type\":\"test\",\"event\":\"ok\",\"name\":\"b\"}}\n"), "+a::b"),
            ("t/a.t ..\n\nt/b.t ..\nok 1 - c\n1..1\n".to_owned(), "+t/b.t > c"),
            ("t/a.t .. skipped: d\nt/b.t ..\nok 1 - c\n1..1\n".to_owned(), "-t/a.t+t/b.t > c"),
            (format!("{cargo}nothing\nt/b.t ..\nmore\nok 1 - c\n1..1\n"), "+c"),
        ] {
            for cut in 1..=input.len() {
                let (log, recognised) = read(input.as_bytes(), cut, None);
                assert!(recognised && log.events.contains(events), "{}", log.events);
            }
        }
    }

    #[test]
    fn words_of_a_format_in_front_of_another_do_not_hide_it() {
        let document = "<testsuite><testcase name=\"a\"/></testsuite>\n";
        for words in [
            "ok 7 printed\n",
            "ok 1 fake\n",
            "ok\n",
            "ok\nok then\nmore\n",
            "ok 1 fake\n<html>\n{\n\ntest: words\n",
            "error: no such file\n",
            "tags: a\n",
            "skip: b\n\n",
        ] {
            let input = format!("{words}{document}");
            for cut in 1..=input.len() {
                let (log, _) = read(input.as_bytes(), cut, None);
                assert_eq!((&log.events[..], &log.text[..]), ("-a+a", words.as_bytes()));
            }
        }
    }

    #[test]
    fn points_of_which_the_first_are_lost_are_read() {
        for (input, events) in [
            ("ok 7 - a\nok 8 - b\n", "+a+b"),
            ("ok 7 - a\n1..7\n", "+a"),
            ("ok 7 - a\nnot ok 8 - b\n", "+a-b"),
            ("not ok 7 - a\n", "-a"),
            ("ok 7 - a\nwords\nok 8 - b\n", "+a+b"),
        ] {
            for cut in 1..=input.len() {
                let (log, recognised) = read(input.as_bytes(), cut, None);
                assert!(recognised && log.events.starts_with(events), "{}", log.events);
            }
        }
    }

    #[test]
    fn one_sign_among_words_is_no_tap() {
        for words in ["ok\n", "ok\nok\n", "ok then\nmore\nok 2nd\n", "ok 7 printed\nmore\n"] {
            for cut in 1..=words.len() {
                let (log, recognised) = read(words.as_bytes(), cut, None);
                assert_eq!((&log.events[..], &log.text[..]), ("", words.as_bytes()));
                assert!(!recognised);
            }
        }
        // Two signs are, and what stood between them belonged to the first.
        for input in [
            "ok 1 - a\nwords\nok 2 - b\n1..2\n",
            "ok\n{\nwords\nok 2 - b\n1..2\n",
            "ok - a\n  ---\n  x: y\n  ...\nok 2 - b\n1..2\n",
            "ok 1 - a\n# Subtest: b\nok 2 - b\n1..2\n",
            "{\nok 1 - a\nok 2 - b\n1..2\n",
        ] {
            for cut in 1..=input.len() {
                let events = read(input.as_bytes(), cut, None).0.events;
                assert!(events.ends_with("+b") && events.contains('+'), "{input}: {events}");
                assert_eq!(events.matches('+').count(), 2, "{input}: {events}");
            }
        }
        // One that could be the beginning of TAP that was cut is red.
        assert_eq!(read(b"ok 1 - a\nwords\n", 3, None).0.events, "+a-plan");
        let later = [&b"ok 1 - a\n"[..], &[b'x'; 70_000], b"\nok 2 - b\n1..2\n"].concat();
        assert_eq!(read(&later, 900, None).0.events, "+a+b");
    }

    #[test]
    fn a_document_is_read_from_its_first_line_whatever_words_stand_above_it() {
        let xml = "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n<!-- a -->\n\n<testsuite>";
        let xml = [xml.as_bytes(), b"<testcase name=\"\xe9\"/></testsuite>\n"].concat();
        let json = b"{\n  \"results\": {\n    \"tool\": {\"name\": \"t\"},\n    \"tests\": [{\"name\": \"\xc3\xa9\", \
            \"status\": \"passed\"}]\n  }\n}\n";
        for document in [&xml[..], json] {
            let input = [&b"ok 1 fake\nwords\n"[..], document].concat();
            for cut in 1..=input.len() {
                let (log, _) = read(&input, cut, None);
                assert!(log.events.ends_with("+\u{e9}"), "{}", log.events);
                assert!(log.text.starts_with(b"ok 1 fake\nwords\n"));
            }
        }
        let v1 = "ok 1 fake\ntest: a\nsuccess: a\n";
        assert_eq!(read(v1.as_bytes(), 3, None).0.events, "-a+a");
    }

    #[test]
    fn a_pause_ends_the_waiting_for_a_second_sign() {
        for (words, text, events) in [
            ("ok\n", "ok\n", ""),
            ("ok 7 printed\n(Pdb) ", "ok 7 printed\n(Pdb) ", ""),
            ("ok 1 - a\n", "", "+a"),
        ] {
            let (mut reader, mut log) = (AutoReader::new(None), Log::default());
            reader.space(words.len())[..words.len()].copy_from_slice(words.as_bytes());
            reader.filled(words.len(), &mut log);
            assert_eq!((&log.events[..], &log.text[..]), ("", &b""[..]));
            assert!(reader.is_waiting());
            reader.pause(&mut log);
            assert_eq!((&log.events[..], &log.text[..]), (events, text.as_bytes()));
        }
    }

    #[test]
    fn line_formats_are_read_in_the_encodings_of_windows() {
        let tap = "chatter\r\nTAP version 13\r\nok 1 - a\r\nok 2 - \u{e9}\r\n1..2\r\n";
        let lit = "FAIL: S :: a (1 of 2)\nPASS: S :: b (2 of 2)\n";
        let go = "{\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"c\"}\n";
        for (text, format, events) in [
            (tap, Format::Tap, "+a+\u{e9}"),
            (lit, Format::Lit, "-S :: a+S :: b"),
            (go, Format::Gojson, "+p.c"),
        ] {
            let units = || "\u{feff}".encode_utf16().chain(text.encode_utf16());
            let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
            let marked = format!("\u{feff}{text}").into_bytes();
            for input in [&little, &big, &marked] {
                for cut in 1..=input.len() {
                    for format in [None, Some(format)] {
                        let found = read(input, cut, format).0.events;
                        assert!(found.contains(events), "{format:?}: {found}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_second_runner_in_another_format_is_read_too() {
        let junit = "<?xml version=\"1.0\"?>\n<testsuite><testcase name=\"b\"/></testsuite>\n";
        let go = "{\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"c\"}\n";
        let input = format!("ok 1 - a\n1..1\nmake: done\n{junit}ok, next\n{go}(end");
        for cut in 1..=input.len() {
            let (log, _) = read(input.as_bytes(), cut, None);
            assert_eq!(log.events, "+a-b+b+p.c", "cut at {cut}");
            let text = "make: done\n<?xml version=\"1.0\"?>\nok, next\n(end";
            assert_eq!(String::from_utf8_lossy(&log.text), text, "cut at {cut}");
        }
    }

    #[test]
    fn a_report_in_utf16_after_another_runner_is_read_too() {
        let root = "<testsuite><testcase name=\"b\"/></testsuite>";
        let trx = "<TestRun><Results><UnitTestResult testName=\"b\" outcome=\"Passed\"/></Results></TestRun>";
        for (first, second) in [
            ("ok 1 - a\n1..1\n", format!("<?xml version=\"1.0\"?>\r\n{root}\r\n")),
            ("ok 1 - a\n1..1\n", root.to_owned()),
            ("<testsuite><testcase name=\"a\"/></testsuite>", root.to_owned()),
            (
                "<testsuite><testcase name=\"a\"/></testsuite>\n",
                format!("<?xml version=\"1.0\"?>\n{trx}"),
            ),
        ] {
            let marked = format!("\u{feff}{second}");
            for second in [
                marked.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
                marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            ] {
                let input = [first.as_bytes(), &second].concat();
                for cut in 1..=input.len() {
                    let (log, _) = read(&input, cut, None);
                    let events = log.events.trim_start_matches('-');
                    assert!(matches!(events, "+a-b+b" | "a+a-b+b"), "{events} cut at {cut}");
                }
            }
        }
    }

    #[test]
    fn a_report_in_utf8_after_one_in_utf16_is_read_too() {
        let first = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n<testsuite><testcase name=\"a\"/>\
            </testsuite>\r\n";
        let second = "<?xml version=\"1.0\"?>\n<testsuite><testcase name=\"b\"/></testsuite>\n";
        let first: Vec<u8> = first.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let input = [&first, second.as_bytes()].concat();
        for cut in 1..=input.len() {
            for format in [None, Some(Format::Junit)] {
                assert_eq!(read(&input, cut, format).0.events, "-a+a-b+b", "cut at {cut}");
            }
        }
    }

    #[test]
    fn output_that_looks_like_results_begins_no_second_format() {
        let input = "<testsuite><testcase name=\"a\"/></testsuite>\nnot ok 1 - printed\n1..7\n";
        assert_eq!(read(input.as_bytes(), 5, None).0.events, "-a+a");
        let named = read(b"ok 1 - a\n1..1\n<testsuite/>\n", 5, Some(Format::Tap)).0;
        assert_eq!((&named.events[..], &named.text[..]), ("+a", &b"<testsuite/>\n"[..]));
    }

    #[test]
    fn what_tells_too_far_behind_in_a_line_tells_nothing_however_it_arrives() {
        let input = [&[b'x'; 4500][..], b"##teamcity[testStarted name='a']\nmore\n"].concat();
        for cut in [1, 100, 4499, input.len()] {
            let (log, recognised) = read(&input, cut, None);
            assert!(!recognised, "cut at {cut}");
            assert_eq!((&log.events[..], &log.text[..]), ("", &input[..]));
        }
    }

    #[test]
    fn what_nothing_recognises_is_text() {
        for input in [
            &b"make: *** [all] Error 1\n"[..],
            b"<?xml version=\"1.0\"?>\n<html/>",
            b"no end",
            b"{\n}",
            b"t/a.t .. skipped: d\nt/b.t ..\nDubious, test returned 1\n",
        ] {
            for cut in 1..=input.len() {
                let (log, recognised) = read(input, cut, None);
                assert!(!recognised);
                assert_eq!((&log.events[..], &log.text[..]), ("", input));
            }
        }
        assert!(read(b"", 1, None).1, "nothing at all is no riddle");
    }

    #[test]
    fn packets_about_no_test_are_a_format_too() {
        let file = Some(subunit_core::FileChunk { name: "stdout", bytes: b"text" });
        let mut stream = Vec::new();
        Event { file, ..Event::default() }.encode(&mut stream).unwrap();
        assert!(read(&stream, 5, None).1);
    }

    #[test]
    fn a_format_that_is_named_is_not_looked_for() {
        let (log, _) = read(b"ok 1 - a\n1..1\n", 3, Some(Format::Subunit));
        assert_eq!((&log.events[..], &log.text[..]), ("", &b"ok 1 - a\n1..1\n"[..]));
        let mut summary = Summary::new();
        summary.text(&log.text);
        assert_eq!(summary.counts().text_bytes, 14);
    }

    /// A runner may be held up in the middle of a line; its first test must not be lost by that.
    #[test]
    fn a_pause_does_not_hide_the_beginning_of_a_format() {
        for input in [
            &b"not ok 1 - a\nok 2 - b\n1..2\n"[..],
            b"{\"type\":\"event\",\"test_id\":\"a\",\"status\":\"fail\"}\n",
            b"<?xml version=\"1.0\"?>\n<testsuite><testcase name=\"a\"/></testsuite>\n",
            b"{\n\"results\": {\"tool\": {\"name\": \"t\"}, \"tests\": []}}\n",
        ] {
            let (expected, _) = read(input, input.len(), None);
            let first_line = input.iter().position(|byte| *byte == b'\n').unwrap() + 1;
            for cut in 1..=first_line {
                let (mut reader, mut log) = (AutoReader::new(None), Log::default());
                for piece in [&input[..cut], &input[cut..]] {
                    reader.space(piece.len())[..piece.len()].copy_from_slice(piece);
                    reader.filled(piece.len(), &mut log);
                    if let State::Open(_) = reader.state {
                        reader.pause(&mut log);
                    }
                }
                assert!(reader.finish(&mut log), "cut at {cut}");
                assert_eq!((&log.events, &log.text), (&expected.events, &expected.text));
            }
        }
    }

    #[test]
    fn a_prompt_is_handed_over_when_the_input_falls_silent() {
        let (mut reader, mut log) = (AutoReader::new(None), Log::default());
        reader.space(6)[..6].copy_from_slice(b"(Pdb) ");
        reader.filled(6, &mut log);
        assert!(reader.is_waiting() && log.text.is_empty());
        reader.pause(&mut log);
        assert_eq!(log.text, b"(Pdb) ");
    }
}
