//! Events become packets.
//!
//! A writer is strict (rule R8): numbers are as short as they can be, a tag stands once, an empty set
//! of tags and an empty MIME type are left out, nothing follows the last field.

use crate::{
    EncodeError, Event, EventBuf, Field, Tags, crc,
    cursor::Cursor,
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
        let plan = Plan::of(self)?;
        let start = out.len();
        out.resize(start + plan.header.packet_length(), 0);
        self.write(&plan, &mut out[start..]);
        Ok(())
    }

    /// Writes the event to the front of `out`, as one packet. Gives back how long it is; `None`, with
    /// nothing written, where it is longer than `out`. Allocates nothing, unless there are more than 16
    /// tags.
    ///
    /// # Errors
    ///
    /// As [`Event::encode`].
    pub fn encode_into(&self, out: &mut [u8]) -> Result<Option<usize>, EncodeError> {
        let plan = Plan::of(self)?;
        let length = plan.header.packet_length();
        let Some(packet) = out.get_mut(..length) else { return Ok(None) };
        self.write(&plan, packet);
        Ok(Some(length))
    }

    /// How many bytes the event has as one packet.
    ///
    /// # Errors
    ///
    /// As [`Event::encode`].
    pub fn encoded_length(&self) -> Result<usize, EncodeError> {
        Ok(Plan::of(self)?.header.packet_length())
    }

    fn flags(&self) -> Flags {
        Flags::new(self.status)
            .with(Flags::TEST_ID, self.test_id.is_some())
            .with(Flags::ROUTE_CODE, self.route_code.is_some())
            .with(Flags::TIMESTAMP, self.timestamp.is_some())
            .with(Flags::RUNNABLE, self.runnable)
            .with(Flags::TAGS, self.written_tags().is_some())
            .with(Flags::MIME_TYPE, self.written_mime_type().is_some())
            .with(Flags::EOF, self.eof)
            .with(Flags::FILE, self.file.is_some())
    }

    fn written_mime_type(&self) -> Option<&str> {
        self.mime_type.filter(|mime_type| !mime_type.is_empty())
    }

    fn written_tags(&self) -> Option<Tags<'_>> {
        self.tags.filter(|tags| !tags.is_empty())
    }

    /// Writes the packet to all of `packet`, as it was planned.
    #[inline(always)]
    fn write(&self, plan: &Plan, packet: &mut [u8]) {
        let Some((summed, checksum)) = packet.split_last_chunk_mut() else { return };
        let mut out = Cursor::new(summed);
        plan.header.write(&mut out);
        if let Some((seconds, nanoseconds)) = plan.time {
            out.push(&seconds.to_be_bytes());
            out.number(nanoseconds);
        }
        if let Some(test_id) = self.test_id {
            out.sized(test_id.as_bytes());
        }
        if let Some(tags) = self.written_tags() {
            plan.tags.write(tags, &mut out);
        }
        if let Some(mime_type) = self.written_mime_type() {
            out.sized(mime_type.as_bytes());
        }
        if let Some(file) = self.file {
            out.sized(file.name.as_bytes());
            out.sized(file.bytes);
        }
        if let Some(route_code) = self.route_code {
            out.sized(route_code.as_str().as_bytes());
        }
        debug_assert!(out.is_full());
        *checksum = crc::checksum(summed).to_be_bytes();
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

/// What the packet of an event takes. Where there is a plan, every field can be written.
struct Plan {
    header: NumberedHeader,
    /// Seconds and nanoseconds.
    time: Option<(u32, u32)>,
    tags: TagsPlan,
}

impl Plan {
    #[inline(always)]
    fn of(event: &Event<'_>) -> Result<Self, EncodeError> {
        let (mut length, mut time) = (0, None);
        if let Some(timestamp) = event.timestamp {
            let seconds = u32::try_from(timestamp.seconds());
            let seconds = seconds.map_err(|_| EncodeError::TimeRange)?;
            let nanoseconds = timestamp.nanoseconds();
            time = Some((seconds, nanoseconds));
            length += 4 + number::width(nanoseconds);
        }
        if let Some(test_id) = event.test_id {
            length += string_length(Field::TestId, test_id)?;
        }
        let tags = match event.written_tags() {
            Some(tags) => TagsPlan::of(tags)?,
            None => TagsPlan::default(),
        };
        length += tags.length;
        if let Some(mime_type) = event.written_mime_type() {
            length += string_length(Field::MimeType, mime_type)?;
        }
        if let Some(file) = event.file {
            length += string_length(Field::FileName, file.name)?;
            length += sized(file.bytes.len())?;
        }
        if let Some(route_code) = event.route_code {
            length += string_length(Field::RouteCode, route_code.as_str())?;
        }
        Ok(Self { header: NumberedHeader::for_body(event.flags(), length)?, time, tags })
    }
}

/// What a set of tags takes, which is not empty; all zero where there is none.
#[derive(Default)]
struct TagsPlan {
    /// Bytes, with the count in front.
    length: usize,
    /// Tags, each counted once.
    count: u32,
    /// Whether they can be written as they were read: no tag stands twice, no length is longer than it
    /// has to be.
    as_read: bool,
}

impl TagsPlan {
    #[inline(always)]
    fn of(tags: Tags<'_>) -> Result<Self, EncodeError> {
        // What has no NUL at all has none in a tag; else it may be the length of an empty tag.
        if has_nul(tags.wire()) && tags.iter().any(|tag| has_nul(tag.as_bytes())) {
            return Err(EncodeError::Nul(Field::Tags));
        }
        let Some(count) = tags.distinct_pair() else { return Ok(Self::of_many(tags)) };
        Ok(Self { length: 1 + tags.wire().len(), count, as_read: true })
    }

    #[inline(never)]
    fn of_many(tags: Tags<'_>) -> Self {
        let (mut length, mut count) = (0, 0);
        tags.each_once(|tag| {
            count += 1;
            length += number::width(tag.len() as u32) + tag.len();
        });
        let as_read = length == tags.wire().len();
        Self { length: number::width(count) + length, count, as_read }
    }

    fn write(&self, tags: Tags<'_>, out: &mut Cursor<'_>) {
        out.number(self.count);
        if self.as_read {
            return out.push(tags.wire());
        }
        tags.each_once(|tag| out.sized(tag));
    }
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

    #[inline(always)]
    pub(crate) fn write(&self, out: &mut Cursor<'_>) {
        let [high, low] = self.flags.to_bytes();
        let [_, a, b, c] = (self.length as u32).to_be_bytes();
        match number::width(self.length as u32) {
            1 => out.push(&[SIGNATURE, high, low, c]),
            2 => out.push(&[SIGNATURE, high, low, b | 0x40, c]),
            _ => out.push(&[SIGNATURE, high, low, a | 0x80, b, c]),
        }
    }

    pub(crate) fn push(&self, out: &mut Vec<u8>) {
        let [high, low] = self.flags.to_bytes();
        out.extend_from_slice(&[SIGNATURE, high, low]);
        number::push(out, self.length as u32);
    }
}

fn string_length(field: Field, string: &str) -> Result<usize, EncodeError> {
    if has_nul(string.as_bytes()) {
        return Err(EncodeError::Nul(field));
    }
    sized(string.len())
}

/// Whether one of the bytes is zero. Most strings are short, which [`memchr`] is not made for.
#[inline]
fn has_nul(bytes: &[u8]) -> bool {
    /// Whether one of eight bytes is zero: only then does taking 1 off each borrow from its top bit.
    const fn in_word(word: [u8; 8]) -> bool {
        let word = u64::from_ne_bytes(word);
        word.wrapping_sub(u64::MAX / 0xFF) & !word & ((u64::MAX / 0xFF) << 7) != 0
    }
    match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) if bytes.len() <= 16 => in_word(*first) || in_word(*last),
        (Some(_), _) => memchr::memchr(0, bytes).is_some(),
        (None, _) => bytes.contains(&0),
    }
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
    use crate::{FileChunk, Packet, Status, TagsBuf, Timestamp};

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
    fn a_nul_is_found_wherever_it_stands() {
        for length in 0..40 {
            let mut bytes = vec![0xFF; length];
            assert!(!has_nul(&bytes));
            for at in 0..length {
                bytes.fill(if at % 2 == 0 { 0x80 } else { 1 });
                assert!(!has_nul(&bytes));
                bytes[at] = 0;
                assert!(has_nul(&bytes), "{at} of {length}");
            }
        }
    }

    #[test]
    fn an_empty_tag_is_no_nul() {
        let tags: TagsBuf = ["", "a", &"x".repeat(256)].into_iter().collect();
        let written = encoded(&Event { tags: Some(tags.as_tags()), ..Event::default() });
        assert_eq!(Packet::parse(&written).unwrap().event().tags, Some(tags.as_tags()));
    }

    #[test]
    fn writes_into_what_is_long_enough() {
        let event = Event::status("a.test", Status::Success);
        let expected = encoded(&event);
        let mut room = vec![0xAA; expected.len() + 3];
        assert_eq!(event.encode_into(&mut room), Ok(Some(expected.len())));
        assert_eq!(room, [&expected[..], &[0xAA; 3]].concat());
        let mut short = vec![0xAA; expected.len() - 1];
        assert_eq!(event.encode_into(&mut short), Ok(None));
        assert!(short.iter().all(|byte| *byte == 0xAA));
    }

    #[test]
    fn a_tag_read_twice_is_written_once() {
        for (read, written) in [
            (&b"\x01a\x40\x01a\x01b"[..], &["a", "b"][..]),
            (b"\x01a\x01a", &["a"]),
            (b"\x40\x01a", &["a"]),
            (b"\x01b\x01a", &["b", "a"]),
        ] {
            let event = Event { tags: Some(Tags::from_checked(read)), ..Event::default() };
            let packet = encoded(&event);
            let tags = Packet::parse(&packet).unwrap().event().tags.unwrap();
            assert_eq!(tags.iter().collect::<Vec<_>>(), written);
            assert_eq!(tags.wire().len(), 2 * written.len(), "numbers are short");
        }
    }
}
