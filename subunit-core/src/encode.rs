//! Events become packets.
//!
//! A writer is strict (rule R8): numbers are as short as they can be, a tag stands once, an empty set
//! of tags and an empty MIME type are left out, nothing follows the last field.

use crate::{
    EncodeError, Event, EventBuf, Field, Timestamp, crc,
    flags::Flags,
    number,
    packet::{BEFORE_LENGTH, CRC_LENGTH, MAX_LENGTH, SIGNATURE},
};

impl Event<'_> {
    /// Appends the event to `out`, as one packet.
    ///
    /// # Errors
    ///
    /// Nothing is appended where the event does not fit into one packet ([`Writer`](crate::Writer)
    /// splits attachments), where a string holds a NUL byte, or where the time is after 2106.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let checked = self.check()?;
        let header = NumberedHeader::for_body(self.flags(), checked.length)?;
        let start = out.len();
        out.reserve(header.packet_length());
        header.push(out);
        self.push_body(&checked, out);
        debug_assert_eq!(out.len() + CRC_LENGTH, start + header.packet_length());
        let checksum = crc::checksum(&out[start..]);
        out.extend_from_slice(&checksum.to_be_bytes());
        Ok(())
    }

    /// How many bytes the event has as one packet.
    ///
    /// # Errors
    ///
    /// As [`Event::encode`].
    pub fn encoded_length(&self) -> Result<usize, EncodeError> {
        Ok(NumberedHeader::for_body(self.flags(), self.check()?.length)?.packet_length())
    }

    fn flags(&self) -> Flags {
        Flags::new(self.status)
            .with(Flags::TEST_ID, self.test_id.is_some())
            .with(Flags::ROUTE_CODE, self.route_code.is_some())
            .with(Flags::TIMESTAMP, self.timestamp.is_some())
            .with(Flags::RUNNABLE, self.runnable)
            .with(Flags::TAGS, self.tags.is_some_and(|tags| !tags.is_empty()))
            .with(Flags::MIME_TYPE, self.written_mime_type().is_some())
            .with(Flags::EOF, self.eof)
            .with(Flags::FILE, self.file.is_some())
    }

    fn written_mime_type(&self) -> Option<&str> {
        self.mime_type.filter(|mime_type| !mime_type.is_empty())
    }

    /// Whether every field can be written, and what that takes.
    fn check(&self) -> Result<Checked, EncodeError> {
        let (mut length, mut tags) = (0, 0);
        if let Some(timestamp) = self.timestamp {
            let seconds = u32::try_from(timestamp.seconds());
            seconds.map_err(|_| EncodeError::TimeRange)?;
            length += 4 + number::width(timestamp.nanoseconds());
        }
        if let Some(test_id) = self.test_id {
            length += string_length(Field::TestId, test_id.as_bytes())?;
        }
        if let Some(set) = self.tags.filter(|tags| !tags.is_empty()) {
            let mut result = Ok(());
            set.each_once(|tag| {
                tags += 1;
                match string_length(Field::Tags, tag) {
                    Ok(tag_length) => length += tag_length,
                    Err(error) => result = Err(error),
                }
            });
            result?;
            length += number::width(tags);
        }
        if let Some(mime_type) = self.written_mime_type() {
            length += string_length(Field::MimeType, mime_type.as_bytes())?;
        }
        if let Some(file) = self.file {
            length += string_length(Field::FileName, file.name.as_bytes())?;
            length += sized(file.bytes.len())?;
        }
        if let Some(route_code) = self.route_code {
            length += string_length(Field::RouteCode, route_code.as_str().as_bytes())?;
        }
        Ok(Checked { length, tags })
    }

    /// Appends the fields, which [`Event::check`] found fit to be written.
    fn push_body(&self, checked: &Checked, out: &mut Vec<u8>) {
        if let Some(timestamp) = self.timestamp {
            push_timestamp(out, timestamp);
        }
        if let Some(test_id) = self.test_id {
            push_string(out, test_id.as_bytes());
        }
        if let Some(tags) = self.tags.filter(|tags| !tags.is_empty()) {
            number::push(out, checked.tags);
            tags.each_once(|tag| push_string(out, tag));
        }
        if let Some(mime_type) = self.written_mime_type() {
            push_string(out, mime_type.as_bytes());
        }
        if let Some(file) = self.file {
            push_string(out, file.name.as_bytes());
            number::push(out, file.bytes.len() as u32);
            out.extend_from_slice(file.bytes);
        }
        if let Some(route_code) = self.route_code {
            push_string(out, route_code.as_str().as_bytes());
        }
    }
}

impl EventBuf {
    /// See [`Event::encode`].
    ///
    /// # Errors
    ///
    /// As [`Event::encode`].
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.as_event().encode(out)
    }
}

/// What the fields of an event take.
struct Checked {
    /// Bytes of the body.
    length: usize,
    /// Tags, each counted once.
    tags: u32,
}

/// A header whose length is known and fits.
pub(crate) struct NumberedHeader {
    flags: Flags,
    length: usize,
}

impl NumberedHeader {
    /// The header in front of `body_length` bytes.
    ///
    /// The length counts its own bytes, so there are lengths that no packet can have: 62 bytes
    /// without the length are 63 with it, and 63 bytes are 65, never 64.
    pub(crate) fn for_body(flags: Flags, body_length: usize) -> Result<Self, EncodeError> {
        let base = BEFORE_LENGTH + body_length + CRC_LENGTH;
        let width = match base {
            0..=62 => 1,
            63..=16_381 => 2,
            _ => 3,
        };
        let length = base + width;
        if length > MAX_LENGTH {
            return Err(EncodeError::TooLong { length });
        }
        Ok(Self { flags, length })
    }

    pub(crate) fn packet_length(&self) -> usize {
        self.length
    }

    pub(crate) fn push(&self, out: &mut Vec<u8>) {
        let [high, low] = self.flags.to_bytes();
        out.extend_from_slice(&[SIGNATURE, high, low]);
        number::push(out, self.length as u32);
    }
}

/// Appends a string, which is UTF-8, with its length in front.
pub(crate) fn push_string(out: &mut Vec<u8>, string: &[u8]) {
    number::push(out, string.len() as u32);
    out.extend_from_slice(string);
}

fn push_timestamp(out: &mut Vec<u8>, timestamp: Timestamp) {
    out.extend_from_slice(&(timestamp.seconds() as u32).to_be_bytes());
    number::push(out, timestamp.nanoseconds());
}

fn string_length(field: Field, string: &[u8]) -> Result<usize, EncodeError> {
    if memchr::memchr(0, string).is_some() {
        return Err(EncodeError::Nul(field));
    }
    sized(string.len())
}

/// The bytes of a field of `length` bytes with its length in front.
fn sized(length: usize) -> Result<usize, EncodeError> {
    if length > MAX_LENGTH {
        return Err(EncodeError::TooLong { length });
    }
    Ok(number::width(length as u32) + length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FileChunk, Packet, Status, TagsBuf};

    fn with_content(bytes: &[u8]) -> Event<'_> {
        Event { file: Some(FileChunk { name: "f", bytes }), ..Event::default() }
    }

    fn encoded(event: &Event<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        event.encode(&mut out).unwrap();
        out
    }

    #[test]
    fn no_packet_has_64_or_16384_bytes() {
        let content = vec![b'x'; 20_000];
        let mut lengths: Vec<usize> =
            (0..20_000).map(|n| encoded(&with_content(&content[..n])).len()).collect();
        assert!(lengths.contains(&63) && lengths.contains(&65));
        assert!(lengths.contains(&16_383) && lengths.contains(&16_385));
        assert!(!lengths.contains(&64) && !lengths.contains(&16_384));
        lengths.dedup();
        assert_eq!(lengths.len(), 20_000);
    }

    #[test]
    fn the_longest_packet_and_one_byte_more() {
        // 3 header + 3 length + 2 name + 3 content length + 4 checksum
        let content = vec![0; MAX_LENGTH - 15 + 1];
        let longest = encoded(&with_content(&content[1..]));
        assert_eq!(longest.len(), MAX_LENGTH);
        assert!(Packet::parse(&longest).is_ok());
        let mut out = Vec::new();
        let error = with_content(&content).encode(&mut out).unwrap_err();
        assert_eq!(error, EncodeError::TooLong { length: MAX_LENGTH + 1 });
        assert!(out.is_empty());
    }

    #[test]
    fn refuses_what_no_reader_would_take() {
        let nul = Event::status("a\0b", Status::Success);
        assert_eq!(nul.encode(&mut Vec::new()), Err(EncodeError::Nul(Field::TestId)));
        let tags: TagsBuf = ["ok", "\0"].into_iter().collect();
        let nul = Event { tags: Some(tags.as_tags()), ..Event::default() };
        assert_eq!(nul.encode(&mut Vec::new()), Err(EncodeError::Nul(Field::Tags)));
        let late = Timestamp::new(u32::MAX, 1_000_000_000);
        let late = Event { timestamp: Some(late), ..Event::default() };
        assert_eq!(late.encode(&mut Vec::new()), Err(EncodeError::TimeRange));
    }

    #[test]
    fn a_tag_read_twice_is_written_once() {
        let read = crate::Tags::from_checked(b"\x01a\x40\x01a\x01b");
        let event = Event { tags: Some(read), ..Event::default() };
        let written = encoded(&event);
        let tags = Packet::parse(&written).unwrap().event().tags.unwrap();
        assert_eq!(tags.iter().collect::<Vec<_>>(), ["a", "b"]);
    }
}
