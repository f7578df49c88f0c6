//! Events become packets.
//!
//! A writer is strict (rule R8): numbers are as short as they can be, no tag is written twice, an empty set
//! of tags and an empty MIME type are left out, nothing follows the last field.

mod cursor;
mod header;
mod split;
mod tags;

pub(crate) use cursor::Cursor;
pub(crate) use header::NumberedHeader;
pub use split::split;
pub(crate) use tags::OwnTags;
pub use tags::TagList;
use tags::TagsPlan;

use crate::{
    EncodeError, Event, EventBuf, Field, Timestamp,
    wire::{
        contains_byte::contains_byte,
        flags::Flags,
        layout::{CRC_LENGTH, MAX_LENGTH},
        number,
    },
};

/// As [`Event::encode`], with these tags instead of the event's.
///
/// # Errors
///
/// As [`Event::encode`].
#[inline(always)]
pub(crate) fn append<T: TagList>(
    event: &Event<'_>,
    tags: T,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let plan = Plan::of(event, tags)?;
    let start = out.len();
    out.resize(start + plan.header.packet_length(), 0);
    let written = write(event, tags, &plan, &mut out[start..]);
    if written.is_err() {
        out.truncate(start);
    }
    written
}

/// As [`Event::encode_into`], with these tags instead of the event's.
///
/// # Errors
///
/// As [`Event::encode_into`].
#[inline(always)]
pub fn encode_into<T: TagList>(
    event: &Event<'_>,
    tags: T,
    out: &mut [u8],
) -> Result<Option<usize>, EncodeError> {
    let plan = Plan::of(event, tags)?;
    let length = plan.header.packet_length();
    let Some(packet) = out.get_mut(..length) else {
        return check_strings(event, tags).map(|()| None);
    };
    write(event, tags, &plan, packet)?;
    Ok(Some(length))
}

/// As [`Event::encoded_length`], with these tags instead of the event's, and without searching for NUL bytes.
///
/// # Errors
///
/// If the event does not fit into one packet, or its time is after 2106.
pub fn encoded_length<T: TagList>(event: &Event<'_>, tags: T) -> Result<usize, EncodeError> {
    Ok(Plan::of(event, tags)?.header.packet_length())
}

impl Event<'_> {
    /// Appends the event to `out`, as one packet.
    ///
    /// # Errors
    ///
    /// If the event does not fit into one packet ([`Writer`](crate::Writer) splits attachments), if a string
    /// holds a NUL byte, or if the time is after 2106. Nothing is appended then.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        append(self, OwnTags, out)
    }

    /// Writes the event to the front of `out`, as one packet. Returns its length; `None`, with nothing
    /// written, if it is longer than `out`. Allocates nothing, unless there are more than 16 tags.
    ///
    /// # Errors
    ///
    /// As [`Event::encode`]; `out` may have been written to then.
    pub fn encode_into(&self, out: &mut [u8]) -> Result<Option<usize>, EncodeError> {
        encode_into(self, OwnTags, out)
    }

    /// How many bytes the event has as one packet.
    ///
    /// # Errors
    ///
    /// As [`Event::encode`].
    pub fn encoded_length(&self) -> Result<usize, EncodeError> {
        check_strings(self, OwnTags)?;
        encoded_length(self, OwnTags)
    }

    fn written_mime_type(&self) -> Option<&str> {
        self.mime_type.filter(|mime_type| !mime_type.is_empty())
    }
}

/// Refuses the first string that holds a NUL byte.
#[inline(never)]
pub(crate) fn check_strings<T: TagList>(event: &Event<'_>, tags: T) -> Result<(), EncodeError> {
    if event.test_id.is_some_and(|test_id| contains_byte::<0>(test_id.as_bytes())) {
        return Err(EncodeError::Nul(Field::TestId));
    }
    if have_nul(event, tags) {
        return Err(EncodeError::Nul(Field::Tags));
    }
    if event.mime_type.is_some_and(|mime_type| contains_byte::<0>(mime_type.as_bytes())) {
        return Err(EncodeError::Nul(Field::MimeType));
    }
    if event.file.is_some_and(|file| contains_byte::<0>(file.name.as_bytes())) {
        return Err(EncodeError::Nul(Field::FileName));
    }
    if event.route_code.is_some_and(|route_code| contains_byte::<0>(route_code.as_str().as_bytes()))
    {
        return Err(EncodeError::Nul(Field::RouteCode));
    }
    Ok(())
}

fn have_nul<T: TagList>(event: &Event<'_>, tags: T) -> bool {
    if let Some(set) = tags.set(event) {
        // What has no NUL at all has none in a tag; else it may be the length of an empty tag.
        return contains_byte::<0>(set.wire()) && set.bytes().any(contains_byte::<0>);
    }
    let mut found = false;
    tags.each_once(event, |tag| found |= contains_byte::<0>(tag));
    found
}

/// Writes the packet to all of `packet`, as it was planned. Looks for NUL bytes in the result, which is one
/// search unless there is a file, whose bytes may be NUL.
#[inline(always)]
fn write<T: TagList>(
    event: &Event<'_>,
    tags: T,
    plan: &Plan,
    packet: &mut [u8],
) -> Result<(), EncodeError> {
    let mut out = Cursor::new(packet);
    plan.header.write(&mut out);
    if event.timestamp.is_some() {
        out.push_first(plan.time.bytes, plan.time.length);
    }
    let strings = plan.header.packet_length() - out.room();
    if let Some(test_id) = event.test_id {
        out.sized(test_id.as_bytes());
    }
    if !tags.is_empty(event) {
        out = plan.tags.write(event, tags, out);
    }
    if let Some(mime_type) = event.written_mime_type() {
        out.sized(mime_type.as_bytes());
    }
    if let Some(file) = event.file {
        out.sized(file.name.as_bytes());
        out.sized(file.bytes);
    }
    if let Some(route_code) = event.route_code {
        out.sized(route_code.as_str().as_bytes());
    }
    debug_assert_eq!(out.room(), CRC_LENGTH);
    let Some((summed, checksum)) = packet.split_last_chunk_mut() else { return Ok(()) };
    if event.file.is_some() || contains_byte::<0>(&summed[strings..]) {
        check_strings(event, tags)?;
    }
    *checksum = T::checksum(summed).to_be_bytes();
    Ok(())
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

/// The sizes of the parts of an event's packet. If there is a plan, every field can be written.
struct Plan {
    header: NumberedHeader,
    /// All zero if there are no tags.
    time: WrittenTime,
    tags: TagsPlan,
}

impl Plan {
    #[inline(always)]
    fn of<T: TagList>(event: &Event<'_>, listed: T) -> Result<Self, EncodeError> {
        let mut flags = Flags::new(event.status)
            .with(Flags::RUNNABLE, event.runnable)
            .with(Flags::EOF, event.eof);
        let mut length = 0;
        let mut time = WrittenTime::default();
        if let Some(timestamp) = event.timestamp {
            flags = flags.with(Flags::TIMESTAMP, true);
            time = WrittenTime::of(timestamp)?;
            length += time.length;
        }
        if let Some(test_id) = event.test_id {
            flags = flags.with(Flags::TEST_ID, true);
            length += sized(test_id.len())?;
        }
        let mut tags = TagsPlan::default();
        if !listed.is_empty(event) {
            flags = flags.with(Flags::TAGS, true);
            tags = TagsPlan::of(event, listed);
            length += tags.length;
        }
        if let Some(mime_type) = event.written_mime_type() {
            flags = flags.with(Flags::MIME_TYPE, true);
            length += sized(mime_type.len())?;
        }
        if let Some(file) = event.file {
            flags = flags.with(Flags::FILE, true);
            length += sized(file.name.len())? + sized(file.bytes.len())?;
        }
        if let Some(route_code) = event.route_code {
            flags = flags.with(Flags::ROUTE_CODE, true);
            length += sized(route_code.as_str().len())?;
        }
        Ok(Self { header: NumberedHeader::for_body(flags, length)?, time, tags })
    }
}

/// A time as it is written: seconds and nanoseconds.
#[derive(Default)]
struct WrittenTime {
    bytes: [u8; 8],
    length: usize,
}

impl WrittenTime {
    #[inline(always)]
    fn of(time: Timestamp) -> Result<Self, EncodeError> {
        let seconds = u32::try_from(time.seconds()).map_err(|_| EncodeError::TimeRange)?;
        let (nanoseconds, width) = number::written(time.nanoseconds());
        let bytes = u64::from(seconds) << 32 | u64::from(nanoseconds);
        Ok(Self { bytes: bytes.to_be_bytes(), length: 4 + width })
    }
}

/// The size of a field of `length` bytes, its length included.
fn sized(length: usize) -> Result<usize, EncodeError> {
    if length > MAX_LENGTH {
        return Err(EncodeError::TooLong { length });
    }
    Ok(number::width(length as u32) + length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FileChunk, Packet, RouteCode, Status, Tags, TagsBuf};

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
    fn finds_a_nul_in_any_string_and_appends_nothing() {
        let tags: TagsBuf = ["ok", "\0"].into_iter().collect();
        let all_well = Event {
            tags: Some(Tags::from_checked(b"\x00\x01a")),
            mime_type: Some("text/plain"),
            route_code: Some(RouteCode::new("0")),
            ..Event::status("a.test", Status::Success)
        };
        let file = Some(FileChunk { name: "f", bytes: b"\0" });
        for (field, event) in [
            (Field::TestId, Event { test_id: Some("a\0"), ..all_well }),
            (Field::Tags, Event { tags: Some(tags.as_tags()), ..all_well }),
            (Field::MimeType, Event { mime_type: Some("\0"), ..all_well }),
            (
                Field::FileName,
                Event { file: Some(FileChunk { name: "\0", bytes: b"" }), ..all_well },
            ),
            (Field::RouteCode, Event { route_code: Some(RouteCode::new("0/\0")), ..all_well }),
        ] {
            let mut out = b"before".to_vec();
            assert_eq!(event.encode(&mut out), Err(EncodeError::Nul(field)));
            assert_eq!(out, b"before");
            assert_eq!(event.encoded_length(), Err(EncodeError::Nul(field)));
            if event.file.is_none() {
                let with_file = Event { file, ..event };
                assert_eq!(with_file.encode(&mut out), Err(EncodeError::Nul(field)));
            }
        }
        assert_eq!(all_well.encode(&mut Vec::new()), Ok(()));
        assert_eq!(Event { file, ..all_well }.encode(&mut Vec::new()), Ok(()));
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
