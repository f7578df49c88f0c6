//! A second reader of bodies, written by hand and without nom, for tests to compare the first with.
//!
//! It shares nothing with the first but the types: no text found ahead, no prefixes, no offsets of errors.
//! A body that it refuses must be refused by the first, and the other way round.

use crate::{Event, FileChunk, RouteCode, Tags, Timestamp, wire::flags::Flags};

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(taken)
    }

    fn number(&mut self) -> Option<usize> {
        let first = usize::from(self.take(1)?[0]);
        let mut value = first & 0x3F;
        for byte in self.take(first >> 6)? {
            value = value * 256 + usize::from(*byte);
        }
        Some(value)
    }

    fn string(&mut self) -> Option<&'a str> {
        let length = self.number()?;
        let string = std::str::from_utf8(self.take(length)?).ok()?;
        (!string.contains('\0')).then_some(string)
    }
}

/// The event of a body, or nothing.
pub(crate) fn decode(flags: Flags, body: &[u8]) -> Option<Event<'_>> {
    let mut cursor = Cursor { bytes: body, at: 0 };
    let mut event = Event {
        status: flags.status(),
        runnable: flags.has(Flags::RUNNABLE),
        eof: flags.has(Flags::EOF),
        ..Event::default()
    };
    if flags.has(Flags::TIMESTAMP) {
        let seconds = u32::from_be_bytes(cursor.take(4)?.try_into().ok()?);
        event.timestamp = Some(Timestamp::new(seconds, cursor.number()? as u32));
    }
    if flags.has(Flags::TEST_ID) {
        event.test_id = Some(cursor.string()?);
    }
    if flags.has(Flags::TAGS) {
        let count = cursor.number()?;
        let start = cursor.at;
        for _ in 0..count {
            cursor.string()?;
        }
        event.tags = Some(Tags::from_checked(&body[start..cursor.at]));
    }
    if flags.has(Flags::MIME_TYPE) {
        event.mime_type = Some(cursor.string()?);
    }
    if flags.has(Flags::FILE) {
        let name = cursor.string()?;
        let length = cursor.number()?;
        event.file = Some(FileChunk { name, bytes: cursor.take(length)? });
    }
    if flags.has(Flags::ROUTE_CODE) {
        event.route_code = Some(RouteCode::new(cursor.string()?));
    }
    Some(event)
}
