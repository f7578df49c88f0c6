//! Bytes of any format in, packets and events out.
//!
//! Every input goes through subunit's decoder first: a packet is found wherever it stands, even in the
//! output of a runner that speaks another format. What the decoder takes for text is looked at line by
//! line until one tells its format; from there on the text is that format's. Once a packet has named a
//! test the stream is subunit, and its text is only text.

use subunit_core::{Damage, Decoder, Item, Packet, sink::Sink};

use crate::formats::{
    Format, FormatReader,
    detect::{self, Clue},
};

/// Where a [`Front`] pushes what it reads.
pub trait Reading: Sink {
    /// A packet, as it came.
    fn packet(&mut self, packet: &Packet<'_>);
}

/// Reads a stream of any format.
pub struct Front {
    decoder: Decoder,
    state: State,
    /// Whether there was a packet: then a damaged one is no coincidence, whatever the format.
    packets: bool,
    /// Bytes of a format that was named beforehand, and that go round the decoder.
    direct: Vec<u8>,
}

enum State {
    /// No line has told the format.
    Open(Sniffer),
    /// Text is only text.
    Subunit,
    /// Text is this format's.
    Format(Box<dyn FormatReader>),
    /// All bytes are this format's.
    Direct(Box<dyn FormatReader>),
}

impl Front {
    /// A front that finds out the format, or is told.
    pub fn new(format: Option<Format>) -> Self {
        let state = match format.map(Format::reader) {
            None => State::Open(Sniffer::default()),
            Some(None) => State::Subunit,
            Some(Some(reader)) => State::Direct(reader),
        };
        Self { decoder: Decoder::new(), state, packets: false, direct: Vec::new() }
    }

    /// Room for at least `length` more bytes; see [`Decoder::space`].
    pub fn space(&mut self, length: usize) -> &mut [u8] {
        if matches!(self.state, State::Direct(_)) {
            self.direct.resize(length, 0);
            return &mut self.direct;
        }
        self.decoder.space(length)
    }

    /// The first `length` bytes of [`Front::space`] are the next bytes: pushes what they say.
    pub fn filled(&mut self, length: usize, reading: &mut dyn Reading) {
        if let State::Direct(reader) = &mut self.state {
            let _ = reader.feed(&self.direct[..length.min(self.direct.len())], reading);
            return;
        }
        self.decoder.filled(length);
        self.push(reading);
    }

    /// Whether something is held back until more bytes come.
    pub fn is_waiting(&self) -> bool {
        self.decoder.pending() > 0
            || match &self.state {
                State::Open(sniffer) => !sniffer.held.is_empty(),
                State::Subunit => false,
                State::Format(_) | State::Direct(_) => true,
            }
    }

    /// The input has paused: pushes what was held back because the next line might have belonged to it,
    /// and the beginning of a line, such as a prompt, unless the line may tell the format.
    pub fn pause(&mut self, reading: &mut dyn Reading) {
        match &mut self.state {
            State::Open(sniffer) => sniffer.pause(reading),
            State::Subunit => {}
            State::Format(reader) | State::Direct(reader) => drop(reader.settle(reading)),
        }
    }

    /// The input has fallen silent: gives up waiting for a packet's end; see [`Decoder::settle`].
    pub fn settle(&mut self, reading: &mut dyn Reading) {
        self.decoder.settle();
        self.push(reading);
    }

    /// The input has ended. Whether its format is known, or there was nothing in it.
    pub fn finish(&mut self, reading: &mut dyn Reading) -> bool {
        self.decoder.finish();
        self.push(reading);
        match &mut self.state {
            State::Open(sniffer) => {
                if let Some((mut reader, bytes)) = sniffer.last_line(reading) {
                    let _ = reader.feed(&bytes, reading);
                    let _ = reader.finish(reading);
                    return true;
                }
                self.packets || self.decoder.offset() == 0
            }
            State::Subunit => true,
            State::Format(reader) | State::Direct(reader) => {
                let _ = reader.finish(reading);
                true
            }
        }
    }

    fn push(&mut self, reading: &mut dyn Reading) {
        while let Some(item) = self.decoder.next_item() {
            match item {
                Item::Packet(packet) => {
                    self.packets = true;
                    if let State::Open(sniffer) = &mut self.state {
                        sniffer.release(reading);
                        // Output that was wrapped up may still be of a runner that speaks another format.
                        if packet.event().test_id.is_some() {
                            self.state = State::Subunit;
                        }
                    }
                    reading.packet(&packet);
                }
                Item::Text(bytes) => text(&mut self.state, bytes, reading),
                Item::Damage(damage) if self.packets => {
                    if let State::Open(sniffer) = &mut self.state {
                        sniffer.release(reading);
                    }
                    let _ = reading.damage(&damage);
                }
                Item::Damage(damage) => damaged(&mut self.state, &damage, reading),
            }
        }
    }
}

fn text(state: &mut State, bytes: &[u8], reading: &mut dyn Reading) {
    match state {
        State::Open(sniffer) => {
            if let Some((mut reader, begun)) = sniffer.text(bytes, reading) {
                let _ = reader.feed(&begun, reading);
                *state = State::Format(reader);
            }
        }
        State::Subunit => drop(reading.text(bytes)),
        State::Format(reader) | State::Direct(reader) => drop(reader.feed(bytes, reading)),
    }
}

/// In another format, what looks like the beginning of the first packet is that format's.
fn damaged(state: &mut State, damage: &Damage<'_>, reading: &mut dyn Reading) {
    match state {
        State::Open(sniffer) => {
            sniffer.release(reading);
            let _ = reading.damage(damage);
        }
        State::Subunit => drop(reading.damage(damage)),
        State::Format(reader) | State::Direct(reader) => {
            let _ = reader.feed(damage.bytes, reading);
        }
    }
}

/// A format's reader, and the first bytes for it.
type Begun = (Box<dyn FormatReader>, Vec<u8>);

/// Looks for the line that tells the format.
#[derive(Default)]
struct Sniffer {
    /// Whole lines that may be the format's beginning, and the beginning of a line.
    held: Vec<u8>,
    /// Where in `held` the line begins that is not whole.
    line: usize,
    /// The rest of this line is text: its beginning was handed out.
    spoilt: bool,
    /// The whole lines that are held are [`Clue::Header`]s, or empty: the next line tells.
    headers: bool,
}

impl Sniffer {
    /// So much of a line tells what it can tell.
    const ENOUGH: usize = 4096;
    /// So many bytes are held while they may be a beginning.
    const MOST: usize = 64 * 1024;

    /// Takes text. Gives the reader of the format back, if a line has told it.
    fn text(&mut self, bytes: &[u8], reading: &mut dyn Reading) -> Option<Begun> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |newline| newline + 1);
            let (piece, later) = rest.split_at(end);
            rest = later;
            let whole = piece.ends_with(b"\n");
            if self.spoilt {
                self.spoilt = !whole;
                let _ = reading.text(piece);
                continue;
            }
            self.held.extend_from_slice(piece);
            if !whole && self.held.len() - self.line < Self::ENOUGH {
                continue;
            }
            if let Some(reader) = self.decide(whole, reading) {
                let mut begun = std::mem::take(&mut self.held);
                begun.extend_from_slice(rest);
                return Some((reader, begun));
            }
        }
        None
    }

    /// Looks at the line in hand.
    fn decide(&mut self, whole: bool, reading: &mut dyn Reading) -> Option<Box<dyn FormatReader>> {
        let line = &self.held[self.line..];
        // However much of it has come at once.
        let line = line[..line.len().min(Self::ENOUGH)].trim_ascii_end();
        // A document may be spread over lines; what tells may stand in any of them.
        let clue = match detect::of_line(line) {
            Clue::Header if self.headers && detect::are_points(&self.held[..self.line], line) => {
                Clue::Is(Format::Tap)
            }
            Clue::Header if self.line > 0 && !self.headers => Clue::Maybe,
            Clue::None if self.headers && line.is_empty() => Clue::Header,
            Clue::None if self.line > 0 && !self.headers => {
                match detect::of_line(self.held.trim_ascii_end()) {
                    Clue::None => Clue::Maybe,
                    clue => clue,
                }
            }
            clue => clue,
        };
        match clue {
            Clue::Is(format) => return format.reader(),
            clue @ (Clue::Header | Clue::Maybe) if self.held.len() < Self::MOST => {
                self.headers = clue == Clue::Header;
                self.line = if whole { self.held.len() } else { self.line };
            }
            Clue::Header | Clue::Maybe | Clue::None => {
                self.release(reading);
                self.spoilt = !whole;
            }
        }
        None
    }

    /// What does not look like the beginning of a format is handed over though its line is not whole.
    fn pause(&mut self, reading: &mut dyn Reading) {
        if (self.line == 0 || self.headers) && !detect::may_tell(&self.held[self.line..]) {
            self.release(reading);
        }
    }

    /// What was held is text after all.
    fn release(&mut self, reading: &mut dyn Reading) {
        if self.held.is_empty() {
            return;
        }
        self.spoilt = !self.held.ends_with(b"\n");
        let _ = reading.text(&self.held);
        self.held.clear();
        self.line = 0;
        self.headers = false;
    }

    /// The input has ended: the line in hand is whole.
    fn last_line(&mut self, reading: &mut dyn Reading) -> Option<Begun> {
        if self.held.is_empty() {
            return None;
        }
        match self.decide(true, reading) {
            Some(reader) => Some((reader, std::mem::take(&mut self.held))),
            None => {
                self.release(reading);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use subunit_core::{
        Event, Status,
        sink::{Flow, Summary},
    };

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
            Flow::Continue(())
        }

        fn text(&mut self, bytes: &[u8]) -> Flow {
            self.text.extend_from_slice(bytes);
            Flow::Continue(())
        }

        fn damage(&mut self, _damage: &Damage<'_>) -> Flow {
            self.damage += 1;
            Flow::Continue(())
        }
    }

    impl Reading for Log {
        fn packet(&mut self, packet: &Packet<'_>) {
            self.packets += 1;
            let _ = self.event(packet.event());
        }
    }

    fn read(input: &[u8], cut: usize, format: Option<Format>) -> (Log, bool) {
        let (mut front, mut log) = (Front::new(format), Log::default());
        for piece in input.chunks(cut) {
            front.space(piece.len())[..piece.len()].copy_from_slice(piece);
            front.filled(piece.len(), &mut log);
        }
        let recognised = front.finish(&mut log);
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
    fn packets_are_found_in_the_output_of_another_format() {
        let input = [b"ok 1 - a\n", &packet("p")[..], b"ok 2 - b\n1..2\n"].concat();
        for cut in 1..=input.len() {
            let (log, _) = read(&input, cut, None);
            assert_eq!((log.packets, log.damage), (1, 0));
            assert!(log.events.contains("+p") && log.events.contains("+b"), "{}", log.events);
        }
    }

    #[test]
    fn a_torn_packet_in_another_format_is_damage_where_packets_are_known() {
        let torn = &packet("torn")[..8];
        let input = [b"1..1\nok 1 - a\n", &packet("p")[..], torn].concat();
        for cut in 1..=input.len() {
            assert_eq!(read(&input, cut, None).0.damage, 1, "cut at {cut}");
        }
        assert_eq!(read(&[b"1..1\nok 1 - a\n", torn].concat(), 5, None).0.damage, 0);
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
        for words in ["ok 7 printed\n", "error: no such file\n", "tags: a\n", "skip: b\n\n"] {
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
        ] {
            for cut in 1..=input.len() {
                let (log, recognised) = read(input.as_bytes(), cut, None);
                assert!(recognised && log.events.starts_with(events), "{}", log.events);
            }
        }
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
        let _ = summary.text(&log.text);
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
                let (mut front, mut log) = (Front::new(None), Log::default());
                for piece in [&input[..cut], &input[cut..]] {
                    front.space(piece.len())[..piece.len()].copy_from_slice(piece);
                    front.filled(piece.len(), &mut log);
                    if let State::Open(_) = front.state {
                        front.pause(&mut log);
                    }
                }
                assert!(front.finish(&mut log), "cut at {cut}");
                assert_eq!((&log.events, &log.text), (&expected.events, &expected.text));
            }
        }
    }

    #[test]
    fn a_prompt_is_handed_over_when_the_input_falls_silent() {
        let (mut front, mut log) = (Front::new(None), Log::default());
        front.space(6)[..6].copy_from_slice(b"(Pdb) ");
        front.filled(6, &mut log);
        assert!(front.is_waiting() && log.text.is_empty());
        front.pause(&mut log);
        assert_eq!(log.text, b"(Pdb) ");
    }
}
