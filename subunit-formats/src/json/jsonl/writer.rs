//! Writes JSON Lines: see [`jsonl`](crate::json::jsonl).

use std::io::{self, Write};

use base64::{Engine, engine::general_purpose::STANDARD};
use subunit_core::{
    Damage, Event, Status,
    sink::{Flow, Sink},
};

use crate::{
    report::{Row, output::Output, report},
    text::{fixed_buffer::FixedBuffer, time::Rfc3339, verbatim::Verbatim},
};

/// The report.
pub(crate) const REPORT: Row =
    Row::new("to-jsonl", "Write JSON Lines, without loss", |out| Box::new(JsonlWriter::new(out)));

report! { JsonlWriter: true }

/// Writes a line for each event, text and damage, in one write.
#[derive(Debug)]
pub struct JsonlWriter<W> {
    out: Output<W>,
    lines: Lines,
}

impl<W: Write> JsonlWriter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out: Output::new(out), lines: Lines::default() }
    }

    /// The output, or the first error there was with it. Nothing is written after an error.
    pub fn into_result(self) -> io::Result<W> {
        self.out.into_result()
    }

    fn write(&mut self, put: impl Fn(&mut [u8]) -> Option<usize>) -> Flow {
        self.lines.clear();
        self.lines.put(put);
        self.out.write(self.lines.bytes());
        self.out.flow()
    }
}

impl<W: Write> Sink for JsonlWriter<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.write(|room| put_event(room, event))
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.write(|room| put_text(room, bytes))
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.write(|room| put_damage(room, damage))
    }
}

/// Lines, put together in room that is there, initialised all over.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    room: Vec<u8>,
    filled: usize,
}

impl Lines {
    /// No line, and room for this many bytes of lines.
    pub fn with_room(length: usize) -> Self {
        Self { room: vec![0; length], filled: 0 }
    }

    /// The lines.
    pub fn bytes(&self) -> &[u8] {
        &self.room[..self.filled]
    }

    /// Takes all lines out; the room stays.
    pub fn clear(&mut self) {
        self.filled = 0;
    }

    /// Puts a line after the others: `put` fills the front of the room that is left, and gives back how much is left
    /// then, as [`put_event`] does. False where there is no room after the others; room for a first line is made.
    pub fn put(&mut self, put: impl Fn(&mut [u8]) -> Option<usize>) -> bool {
        loop {
            if let Some(left) = put(&mut self.room[self.filled..]) {
                self.filled = self.room.len() - left;
                return true;
            }
            if self.filled > 0 {
                return false;
            }
            let length = (2 * self.room.len()).max(LINE);
            self.room.resize(length, 0);
        }
    }
}

/// Nearly all lines are shorter.
const LINE: usize = 512;

/// Appends the line of an event.
pub fn push_event(line: &mut Vec<u8>, event: &Event<'_>) {
    push(line, |room| put_event(room, event));
}

/// Appends the line of bytes that belong to no packet.
pub fn push_text(line: &mut Vec<u8>, bytes: &[u8]) {
    push(line, |room| put_text(room, bytes));
}

/// Appends the line of a place of damage.
pub fn push_damage(line: &mut Vec<u8>, damage: &Damage<'_>) {
    push(line, |room| put_damage(room, damage));
}

fn push(line: &mut Vec<u8>, put: impl Fn(&mut [u8]) -> Option<usize>) {
    let mut lines = Lines::with_room(LINE);
    lines.put(put);
    line.extend_from_slice(lines.bytes());
}

/// Puts the line of an event to the front of `room`. How much is left of it; `None` where it is too small.
pub fn put_event(room: &mut [u8], event: &Event<'_>) -> Option<usize> {
    let mut room = FixedBuffer::new(room);
    room.push(b"{\"type\":\"event\"");
    if let Some(test_id) = event.test_id {
        room.push(b",\"test_id\":");
        room = string(room, test_id.as_bytes());
    }
    if let Some(status) = event.status {
        let (field, length) = &STATUSES[status as usize];
        room.push_first(field, *length);
    }
    if let Some(tags) = event.tags {
        room.push(b",\"tags\":[");
        for (nth, tag) in tags.bytes().enumerate() {
            if nth > 0 {
                room.push(b",");
            }
            room = string(room, tag);
        }
        room.push(b"]");
    }
    room.push(b",\"runnable\":");
    flag(&mut room, event.runnable);
    if let Some(timestamp) = event.timestamp {
        room.push(b",\"timestamp\":\"");
        if let Some(text) = room.next() {
            Rfc3339(timestamp).fill(text);
        }
        room.push(b"\"");
    }
    if let Some(file) = event.file {
        room.push(b",\"file_name\":");
        room = string(room, file.name.as_bytes());
        room = bytes(room, b",\"file_bytes\":", b",\"file_base64\":", file.bytes);
    }
    room.push(b",\"eof\":");
    flag(&mut room, event.eof);
    if let Some(mime_type) = event.mime_type {
        room.push(b",\"mime_type\":");
        room = string(room, mime_type.as_bytes());
    }
    if let Some(route_code) = event.route_code {
        room.push(b",\"route_code\":");
        room = string(room, route_code.as_str().as_bytes());
    }
    room.end(b"}\n")
}

/// As [`put_event`], the line of bytes that belong to no packet.
pub fn put_text(room: &mut [u8], text: &[u8]) -> Option<usize> {
    let mut room = FixedBuffer::new(room);
    room.push(b"{\"type\":\"text\"");
    bytes(room, BYTES, BASE64, text).end(b"}\n")
}

/// As [`put_event`], the line of a place of damage.
pub fn put_damage(room: &mut [u8], damage: &Damage<'_>) -> Option<usize> {
    let mut room = FixedBuffer::new(room);
    let (offset, length) = (damage.offset, damage.length);
    let head = format!("{{\"type\":\"damage\",\"offset\":{offset},\"length\":{length}");
    room.push_slice(head.as_bytes());
    room.push(b",\"reason\":");
    room = string(room, damage.reason.kind.brief().to_string().as_bytes());
    bytes(room, BYTES, BASE64, damage.bytes).end(b"}\n")
}

/// The names of text and damage, as they stand in their lines.
const BYTES: &[u8; 9] = b",\"bytes\":";
const BASE64: &[u8; 10] = b",\"base64\":";

/// The field of each status, by its code, and how long it is.
const STATUSES: [([u8; 24], usize); 8] = {
    const NAME: &[u8] = b",\"status\":\"";
    let (mut fields, mut nth) = ([([b'"'; 24], 0); 8], 0);
    while nth < Status::ALL.len() {
        let word = Status::ALL[nth].name().as_bytes();
        let (field, length) = &mut fields[Status::ALL[nth] as usize];
        let (name, behind) = field.split_at_mut(NAME.len());
        name.copy_from_slice(NAME);
        behind.split_at_mut(word.len()).0.copy_from_slice(word);
        *length = NAME.len() + word.len() + 1;
        nth += 1;
    }
    fields
};

#[inline(always)]
fn flag(room: &mut FixedBuffer<'_>, value: bool) {
    if value { room.push(b"true") } else { room.push(b"false") }
}

/// `value` is UTF-8.
#[inline]
fn string<'r>(mut room: FixedBuffer<'r>, value: &[u8]) -> FixedBuffer<'r> {
    const PLAIN: Verbatim<2> = Verbatim { from: b' ', to: 0xff, but: *b"\"\\" };
    room.push(b"\"");
    if room.push_plain(value, PLAIN) {
        room.push(b"\"");
        return room;
    }
    escaped(room, value)
}

/// The rest of a string after its first quote.
#[inline(never)]
fn escaped<'r>(mut room: FixedBuffer<'r>, value: &[u8]) -> FixedBuffer<'r> {
    // Writing a string into memory does not fail.
    let json = serde_json::to_vec(&String::from_utf8_lossy(value)).unwrap_or_default();
    room.push_slice(json.get(1..).unwrap_or_default());
    room
}

fn bytes<'r, const T: usize, const B: usize>(
    mut room: FixedBuffer<'r>,
    name: &[u8; T],
    base64_name: &[u8; B],
    bytes: &[u8],
) -> FixedBuffer<'r> {
    if std::str::from_utf8(bytes).is_ok() {
        room.push(name);
        return string(room, bytes);
    }
    room.push(base64_name);
    string(room, STANDARD.encode(bytes).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_for_a_long_line_is_made_once_the_others_are_taken_out() {
        let (short, long) = ([b'a'; 5], [b'"'; 3 * LINE]);
        let mut lines = Lines::with_room(LINE);
        assert!(lines.put(|room| put_text(room, &short)));
        assert!(lines.put(|room| put_text(room, &short)));
        assert!(!lines.put(|room| put_text(room, &long)));
        assert_eq!(lines.bytes(), b"{\"type\":\"text\",\"bytes\":\"aaaaa\"}\n".repeat(2));
        lines.clear();
        assert!(lines.put(|room| put_text(room, &long)));
        assert_eq!(lines.bytes().len(), 2 * long.len() + 27);
    }

    #[test]
    fn a_line_is_the_same_however_much_room_there_was() {
        let tags =
            ["a", "\"", "w\u{e9}rker-3", "network"].into_iter().collect::<subunit_core::TagsBuf>();
        let event = Event { tags: Some(tags.as_tags()), ..Event::status("a\nb", Status::Skip) };
        let mut line = Vec::new();
        push_event(&mut line, &event);
        for length in 0..2 * line.len() {
            let mut room = vec![b'x'; length];
            let left = put_event(&mut room, &event);
            assert_eq!(left, length.checked_sub(line.len()));
            assert!(left.is_none() || room.starts_with(&line));
        }
    }
}
