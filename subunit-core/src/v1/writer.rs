//! Writes events as lines of version 1.

use std::io::{self, Write};

use super::{
    mime,
    time::{LastSecond, to_microseconds},
};
use crate::{
    Damage, Event, FileChunk, PacketErrorKind, Status, Timestamp,
    conventions::is_aside,
    sink::{Attachment, Flow, Records, Sink, TestRecord},
    wire::contains_byte::contains_byte,
};

/// The longest chunk that content is cut into.
const CHUNK: usize = 65_535;

/// A sink that writes version 1.
///
/// Version 1 has one test at a time, so a test is written when it has ended, with all its files; the files of
/// open tests are kept until then. Tests that never end are written by [`Sink::finish`], as failures. Version
/// 1 has no place for `exists`, route codes, what is runnable, and statuses without a test id: these are left
/// out. Text and files of no test are written as they are. A newline in an id, a tag or a name becomes `\n`.
///
/// After an error of the output the writer asks to stop and writes nothing more. [`Writer::into_inner`]
/// returns the error.
#[derive(Debug)]
pub struct Writer<W> {
    output: W,
    records: Records,
    traditional: bool,
    /// Whether the last byte written was the end of a line.
    line_start: bool,
    second: LastSecond,
    error: Option<io::Error>,
    /// Buffer for lines.
    lines: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// A writer that loses nothing that version 1 can hold, such as nanoseconds and empty files. Its lines
    /// never continue a line of text.
    pub fn new(output: W) -> Self {
        let records = Records::with_limit(usize::MAX);
        let second = LastSecond::default();
        let lines = Vec::new();
        Self { output, records, traditional: false, line_start: true, second, error: None, lines }
    }

    /// A writer that writes the same bytes as `subunit-2to1` of python-subunit 1.4.6: times to the
    /// microsecond, no empty files, files sorted by name, lines that continue unfinished text, the unfinished
    /// tests last started first, and only the beginning of a packet that the end of the input cut off.
    pub fn traditional(output: W) -> Self {
        Self { traditional: true, ..Self::new(output) }
    }

    /// The output, for example to take what was written out of memory.
    pub fn output_mut(&mut self) -> &mut W {
        &mut self.output
    }

    /// Returns the output.
    ///
    /// # Errors
    ///
    /// The first error of the output, if there was one.
    pub fn into_inner(self) -> io::Result<W> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.output),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Flow {
        if let Some(last) = bytes.last()
            && self.error.is_none()
        {
            self.line_start = *last == b'\n';
            self.error = self.output.write_all(bytes).err();
        }
        if self.error.is_some() { Flow::Break } else { Flow::Continue }
    }

    fn test(&mut self, record: &TestRecord) -> Flow {
        if record.status == Some(Status::Exists) {
            return Flow::Continue;
        }
        let mut lines = std::mem::take(&mut self.lines);
        lines.clear();
        if !self.line_start && !self.traditional {
            lines.push(b'\n');
        }
        self.push_test(&mut lines, record);
        let flow = self.write(&lines);
        self.lines = lines;
        flow
    }

    fn push_test(&mut self, lines: &mut Vec<u8>, record: &TestRecord) {
        // Most tests have few tags, which need no memory of their own.
        let (mut few, mut many) = ([&b""[..]; 8], Vec::new());
        let set = record.tags.as_tags();
        let tags = match few.get_mut(..set.len()) {
            Some(tags) => tags,
            None => {
                many.resize(set.len(), &b""[..]);
                &mut many
            }
        };
        tags.iter_mut().zip(set.bytes()).for_each(|(to, tag)| *to = tag);
        tags.sort_unstable();
        self.push_time(lines, record.start);
        push_tags(lines, tags, b"");
        lines.extend_from_slice(b"test: ");
        let begin = lines.len();
        push_on_line(lines, record.test_id.as_bytes());
        let id = begin..lines.len();
        lines.push(b'\n');
        self.push_time(lines, record.stop);
        lines.extend_from_slice(word(record.status));
        lines.extend_from_within(id);
        lines.extend_from_slice(b" [ multipart\n");
        let mut files: Vec<&Attachment> = record.attachments.iter().collect();
        files.retain(|file| !(self.traditional && file.bytes.is_empty()));
        if self.traditional {
            files.sort_by(|a, b| a.name.cmp(&b.name));
        }
        for file in files {
            self.push_file(lines, file);
        }
        lines.extend_from_slice(b"]\n");
        push_tags(lines, tags, b"-");
    }

    fn push_time(&mut self, lines: &mut Vec<u8>, timestamp: Option<Timestamp>) {
        let Some(timestamp) = timestamp else {
            return;
        };
        lines.extend_from_slice(b"time: ");
        let rounded = self.traditional.then(|| to_microseconds(timestamp));
        self.second.push(lines, rounded.unwrap_or(timestamp));
        lines.push(b'\n');
    }

    fn push_file(&self, lines: &mut Vec<u8>, file: &Attachment) {
        let mime_type = mime::to_v1(file.mime_type.as_deref(), self.traditional);
        lines.extend_from_slice(b"Content-Type: ");
        for part in [&mime_type, &file.name] {
            push_on_line(lines, part.as_bytes());
            lines.push(b'\n');
        }
        for chunk in file.bytes.chunks(CHUNK) {
            let _ = write!(lines, "{:X}\r\n", chunk.len());
            lines.extend_from_slice(chunk);
        }
        lines.extend_from_slice(b"0\r\n");
    }
}

impl<W: Write> Sink for Writer<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        if event.test_id.is_none() {
            // What programs tell each other is no output, which version 1 has nothing else for.
            let file = event.file.filter(|_| self.traditional || !is_aside(event));
            return self.write(file.map_or(&[], |file| file.bytes));
        }
        match self.records.note(event) {
            Some(record) => {
                let flow = self.test(&record);
                self.records.reuse(record);
                flow
            }
            None => self.write(&[]),
        }
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.write(bytes)
    }

    /// Damage is a failing test `subunit.parser` with the bytes and the reason, as in the reference.
    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        let (data, message) = match reference_words(damage) {
            Some(words) if self.traditional => words,
            _ => (damage.bytes, damage.to_string()),
        };
        let event = Event {
            test_id: Some("subunit.parser"),
            file: Some(FileChunk { name: "Packet data", bytes: data }),
            mime_type: Some("application/octet-stream"),
            eof: true,
            ..Event::default()
        };
        self.event(&event);
        self.event(&Event {
            status: Some(Status::Fail),
            file: Some(FileChunk { name: "Parser Error", bytes: message.as_bytes() }),
            mime_type: Some("text/plain;charset=utf8"),
            ..event
        })
    }

    fn finish(&mut self) {
        let mut open = self.records.take_open();
        if self.traditional {
            open.reverse();
        }
        for record in &open {
            self.test(record);
        }
        if self.error.is_none() {
            self.error = self.output.flush().err();
        }
    }
}

/// What the reference keeps of damage and says about it, for the kinds that it has a message for.
fn reference_words<'a>(damage: &Damage<'a>) -> Option<(&'a [u8], String)> {
    /// It reads the signature, the flags, and the widest number that the length can be.
    const HEADER: usize = 6;
    match damage.reason.kind {
        PacketErrorKind::Checksum { stored, computed } => {
            let message =
                format!("Bad checksum - calculated (0x{computed:x}), stored (0x{stored:x})");
            Some((damage.bytes, message))
        }
        PacketErrorKind::Truncated => {
            let header = damage.bytes.get(..HEADER)?;
            let (length, _) = crate::wire::number::split(damage.bytes.get(3..)?)?;
            let wanted = (length as usize).checked_sub(HEADER)?;
            let got = damage.bytes.len() - HEADER;
            Some((header, format!("Short read - got {got} bytes, wanted {wanted} bytes")))
        }
        _ => None,
    }
}

/// The word for a status; a test that never ended has failed.
fn word(status: Option<Status>) -> &'static [u8] {
    match status {
        Some(Status::Success) => b"successful: ",
        Some(Status::UnexpectedSuccess) => b"uxsuccess: ",
        Some(Status::Skip) => b"skip: ",
        Some(Status::ExpectedFailure) => b"xfail: ",
        Some(Status::Fail | Status::InProgress | Status::Exists) | None => b"failure: ",
    }
}

fn push_tags(lines: &mut Vec<u8>, tags: &[&[u8]], sign: &[u8]) {
    if tags.is_empty() {
        return;
    }
    lines.extend_from_slice(b"tags:");
    for tag in tags {
        lines.push(b' ');
        lines.extend_from_slice(sign);
        push_on_line(lines, tag);
    }
    lines.push(b'\n');
}

/// Newlines become `\n`, so that nothing forges a line.
fn push_on_line(lines: &mut Vec<u8>, part: &[u8]) {
    if !contains_byte::<b'\n'>(part) {
        return lines.extend_from_slice(part);
    }
    let mut rest = part;
    while let Some(newline) = memchr::memchr(b'\n', rest) {
        lines.extend_from_slice(&rest[..newline]);
        lines.extend_from_slice(b"\\n");
        rest = &rest[newline + 1..];
    }
    lines.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(traditional: bool, push: impl FnOnce(&mut Writer<Vec<u8>>)) -> String {
        let mut writer =
            if traditional { Writer::traditional(Vec::new()) } else { Writer::new(Vec::new()) };
        push(&mut writer);
        writer.finish();
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    }

    #[test]
    fn a_line_continues_text_only_where_tradition_wants_it() {
        let push = |writer: &mut Writer<Vec<u8>>| {
            writer.text(b"...");
            writer.event(&Event::status("a", Status::Success));
        };
        let test = "test: a\nsuccessful: a [ multipart\n]\n";
        assert_eq!(written(true, push), format!("...{test}"));
        assert_eq!(written(false, push), format!("...\n{test}"));
    }

    #[test]
    fn nanoseconds_are_kept_or_rounded() {
        let push = |writer: &mut Writer<Vec<u8>>| {
            let timestamp = Some(Timestamp::new(0, 1500));
            writer.event(&Event { timestamp, ..Event::status("a", Status::InProgress) });
        };
        let test = "test: a\nfailure: a [ multipart\n]\n";
        assert_eq!(written(true, push), format!("time: 1970-01-01 00:00:00.000002Z\n{test}"));
        assert_eq!(written(false, push), format!("time: 1970-01-01 00:00:00.000001500Z\n{test}"));
    }

    #[test]
    fn tags_are_sorted_and_the_rest_where_tradition_wants_it() {
        let file = |name| Event {
            test_id: Some("b"),
            file: Some(FileChunk { name, bytes: b"1" }),
            ..Event::default()
        };
        let push = |writer: &mut Writer<Vec<u8>>| {
            let tags = ["y", "x"].into_iter().collect::<crate::TagsBuf>();
            let begins = Event::status("a", Status::InProgress);
            writer.event(&Event { tags: Some(tags.as_tags()), ..begins });
            writer.event(&file("g"));
            writer.event(&file("f"));
        };
        let a = "tags: x y\ntest: a\nfailure: a [ multipart\n]\ntags: -x -y\n";
        let part = |name| format!("Content-Type: application/octet-stream\n{name}\n1\r\n10\r\n");
        let b =
            |one, two| format!("test: b\nfailure: b [ multipart\n{}{}]\n", part(one), part(two));
        assert_eq!(written(true, push), b("f", "g") + a);
        assert_eq!(written(false, push), a.to_owned() + &b("g", "f"));
    }

    #[test]
    fn a_newline_in_an_id_forges_no_line() {
        let text = written(true, |writer| {
            writer.event(&Event::status("a\nsuccess: b", Status::Fail));
        });
        assert_eq!(text, "test: a\\nsuccess: b\nfailure: a\\nsuccess: b [ multipart\n]\n");
    }

    #[test]
    fn an_error_of_the_output_asks_to_stop_and_is_kept() {
        let mut room = [0; 4];
        let mut writer = Writer::new(&mut room[..]);
        assert!(writer.text(b"four").is_continue());
        assert!(writer.event(&Event::status("a", Status::Success)).is_break());
        writer.finish();
        assert_eq!(writer.into_inner().unwrap_err().kind(), io::ErrorKind::WriteZero);
    }
}
