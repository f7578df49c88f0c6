//! The same packet with other tags. Nothing else is encoded again.
//!
//! What is written is what [`Event::encode`] makes of the event, byte for byte. So a packet that no strict
//! writer made (rule R8), or one with very many tags, is encoded.

use crate::{
    EncodeError, Event, Packet, TagsBuf, Timestamp,
    encode::{Cursor, NumberedHeader},
    wire::{
        contains_byte::contains_byte, crc, flags::Flags, layout::CRC_LENGTH, number,
        packet::split_checksum,
    },
};

impl Packet<'_> {
    /// Writes the packet to the front of `out`, with `tags` instead of its own. Returns its length; `None` if
    /// it is longer than `out`, whose content is unspecified then.
    ///
    /// # Errors
    ///
    /// As [`Event::encode`].
    pub fn retag_into(&self, tags: &TagsBuf, out: &mut [u8]) -> Result<Option<usize>, EncodeError> {
        let tags = tags.as_tags();
        let parts = Parts::of(self).filter(|_| !contains_byte::<0>(tags.wire()));
        let Some(Parts { front, tail }) = parts else {
            return Event { tags: Some(tags), ..*self.event() }.encode_into(out);
        };
        let flags = self.flags().with(Flags::TAGS, !tags.is_empty());
        let count = tags.len() as u32;
        let field_length = if count == 0 { 0 } else { number::width(count) + tags.wire().len() };
        let header = NumberedHeader::for_body(flags, front.len() + field_length + tail.len())?;

        let length = header.packet_length();
        let Some(packet) = out.get_mut(..length) else { return Ok(None) };
        let Some((summed, checksum)) = packet.split_last_chunk_mut::<CRC_LENGTH>() else {
            return Ok(None);
        };
        let mut cursor = Cursor::new(summed);
        header.write(&mut cursor);
        cursor.push(front);
        if count > 0 {
            cursor.number(count);
            cursor.push(tags.wire());
        }
        cursor.push(tail);
        *checksum = crc::checksum(summed).to_be_bytes();
        Ok(Some(length))
    }
}

/// The fields before the tags of a packet, and those after them.
struct Parts<'a> {
    front: &'a [u8],
    tail: &'a [u8],
}

impl<'a> Parts<'a> {
    /// `None` if a strict writer would have written anything but the tags differently.
    #[inline(always)]
    fn of(packet: &Packet<'a>) -> Option<Self> {
        let event = packet.event();
        let (summed, _) = split_checksum(packet.bytes());
        let (header, body) = summed.split_at_checked(packet.body())?;
        let front = event.timestamp.map_or(0, time_length)
            + event.test_id.map_or(0, |test_id| sized(test_id.len()));
        // The count of tags takes a byte at the least.
        let tags = event.tags.map_or(0, |tags| 1 + tags.wire().len());
        let tail = event.mime_type.map_or(0, |mime_type| sized(mime_type.len()))
            + event.file.map_or(0, |file| sized(file.name.len()) + sized(file.bytes.len()))
            + event.route_code.map_or(0, |route_code| sized(route_code.as_str().len()));
        // No field takes less than that, so where all of them take no more, each one is where it
        // should be, and nothing follows the last one.
        let is_short = front + tags + tail == body.len()
            && NumberedHeader::for_body(packet.flags(), body.len())
                .is_ok_and(|short| short.packet_length() == packet.bytes().len());
        let is_strict = is_short
            && event.mime_type != Some("")
            && event.timestamp.is_none_or(|time| body.starts_with(&seconds(time)));
        debug_assert!(!is_strict || header.len() >= 4);
        is_strict.then(|| Self { front: &body[..front], tail: &body[front + tags..] })
    }
}

/// What a strict writer takes for a time.
fn time_length(time: Timestamp) -> usize {
    4 + number::width(time.nanoseconds())
}

/// The seconds as they stand on the wire; other ones stand there where nanoseconds were carried over.
fn seconds(time: Timestamp) -> [u8; 4] {
    (time.seconds() as u32).to_be_bytes()
}

/// The bytes of a field of `length` bytes with its length in front.
fn sized(length: usize) -> usize {
    number::width(length as u32) + length
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FileChunk, RouteCode, Status, Tags};

    fn encoded(event: &Event<'_>) -> Vec<u8> {
        let mut packet = Vec::new();
        event.encode(&mut packet).unwrap();
        packet
    }

    /// A packet of these flags and this body, which need not be what a strict writer makes.
    fn packet(flags: u16, body: &[u8]) -> Vec<u8> {
        let flags = Flags::from_bytes((0x2000 | flags).to_be_bytes());
        let mut packet = Vec::new();
        NumberedHeader::for_body(flags, body.len()).unwrap().push(&mut packet);
        packet.extend_from_slice(body);
        packet.extend_from_slice(&crc::checksum(&packet).to_be_bytes());
        packet
    }

    /// Retags, and compares with what the encoder makes of the event. Returns whether no field was read again.
    fn check(bytes: &[u8], tags: &TagsBuf) -> bool {
        let packet = Packet::parse(bytes).unwrap();
        let expected = encoded(&Event { tags: Some(tags.as_tags()), ..*packet.event() });
        let mut out = vec![0xAA; expected.len() + 3];
        assert_eq!(packet.retag_into(tags, &mut out), Ok(Some(expected.len())));
        assert_eq!(out, [&expected[..], &[0xAA; 3]].concat());
        assert_eq!(packet.retag_into(tags, &mut out[..expected.len() - 1]), Ok(None));
        Parts::of(&packet).is_some()
    }

    fn sets() -> [TagsBuf; 4] {
        let many: Vec<String> = (0..70).map(|nth| format!("tag-{nth}")).collect();
        [
            TagsBuf::new(),
            ["x"].into_iter().collect(),
            ["worker-0", "", "b"].into_iter().collect(),
            many.iter().map(String::as_str).collect(),
        ]
    }

    #[test]
    fn every_field_stays_whatever_tags_there_were() {
        let all = Event {
            timestamp: Some(Timestamp::new(7, 123_456_789)),
            file: Some(FileChunk { name: "log", bytes: &[9; 100] }),
            mime_type: Some("text/plain"),
            eof: true,
            route_code: Some(RouteCode::new("0/1")),
            ..Event::status("a.test", Status::Fail)
        };
        let none = Event { runnable: false, ..Event::default() };
        for event in [all, none, Event::status("", Status::Success)] {
            for (nth, before) in sets().iter().enumerate() {
                let bytes = encoded(&Event { tags: Some(before.as_tags()), ..event });
                for after in sets() {
                    assert_eq!(check(&bytes, &after), nth < 3);
                }
            }
        }
    }

    #[test]
    fn what_no_strict_writer_wrote_is_written_as_one_does() {
        let late = [&[0, 0, 0, 7][..], &(3_u32 << 30 | 1_050_000_000).to_be_bytes()].concat();
        for (flags, body) in [
            (Flags::TEST_ID, &b"\x40\x01a"[..]),
            (Flags::TEST_ID, b"\x01abehind"),
            (Flags::TEST_ID | Flags::TAGS, b"\x01a\x40\x01\x01t"),
            (Flags::TEST_ID | Flags::MIME_TYPE, b"\x01a\x00"),
            (Flags::FILE, b"\x01f\x80\x00\x01x"),
            (Flags::ROUTE_CODE, b"\x40\x010"),
            (Flags::TIMESTAMP, b"\0\0\0\x07\x40\x01"),
            (Flags::TIMESTAMP, &late),
        ] {
            let bytes = packet(flags, body);
            for tags in sets() {
                assert!(!check(&bytes, &tags), "{}", body.escape_ascii());
            }
        }
    }

    /// One of 64 bytes is none of a strict writer's, though its length takes two bytes.
    #[test]
    fn a_length_that_is_longer_than_it_has_to_be_is_written_anew() {
        for length in [1, 54] {
            let mut long =
                packet(Flags::TEST_ID, &[&[length][..], &vec![b'a'; length.into()]].concat());
            long.splice(3..4, [0x40, long[3] + 1]);
            let end = long.len() - CRC_LENGTH;
            let checksum = crc::checksum(&long[..end]).to_be_bytes();
            long[end..].copy_from_slice(&checksum);
            assert!(!check(&long, &sets()[1]));
        }
    }

    #[test]
    fn tags_of_a_packet_may_stand_there_twice() {
        let bytes = packet(Flags::TEST_ID | Flags::TAGS, b"\x01a\x02\x01t\x01t");
        let tags = Packet::parse(&bytes).unwrap().event().tags.map(Tags::to_buf).unwrap();
        assert!(check(&bytes, &tags));
    }

    #[test]
    fn what_cannot_be_written_is_an_error() {
        let bytes = encoded(&Event::status("a", Status::Success));
        let packet = Packet::parse(&bytes).unwrap();
        for tag in ["\0", &"x".repeat(crate::MAX_LENGTH - 10)] {
            assert!(packet.retag_into(&[tag].into_iter().collect(), &mut []).is_err());
        }
    }
}
